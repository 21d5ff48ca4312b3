//! Past calls of a scope, as a backtest reads them: summed up by hour or day, or one by one as they were made.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Result;
use super::gone::{gone, spent_by_gone};
use super::rollups::Grain;
use super::spent::{conditions, per_entry, per_rollup};
use super::text::time;
use crate::domain::budget::Scope;
use crate::domain::quantity::Unit;

/// The calls of one scope that count, in one unit.
pub struct Past<'a> {
    conn: &'a Connection,
    condition: String,
    values: Vec<Value>,
    unit: Unit,
    summed: bool,
    /// Whose calls they are, for what is known of those that are gone.
    scope: Scope,
}

/// What the calls of an hour or a day came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub start: DateTime<Utc>,
    pub calls: i64,
    pub sum: i64,
}

impl<'a> Past<'a> {
    pub fn new(conn: &'a Connection, scope: &Scope, unit: Unit) -> Past<'a> {
        let (condition, values) = conditions(scope);
        // Users and keys do not stand in the rollups beside providers.
        let summed = scope.user.is_none() && scope.key.is_none();
        Past { conn, condition, values, unit, summed, scope: scope.clone() }
    }

    /// The hours or days within `[from, to)` that have calls, in time's order; none where only the calls themselves tell.
    pub fn stretches(&self, grain: Grain, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Option<Vec<Stretch>>> {
        if !self.summed {
            return Ok(None);
        }
        let sql = format!(
            "SELECT start_ms, sum(calls), sum({}) FROM rollups
             WHERE {} AND grain = ? AND start_ms >= ? AND start_ms < ? GROUP BY start_ms ORDER BY start_ms",
            per_rollup(self.unit),
            self.condition
        );
        let mut values = self.values.clone();
        values.extend([grain.column(), from.timestamp_millis(), to.timestamp_millis()].map(Value::from));
        let mut select = self.conn.prepare_cached(&sql)?;
        let rows = select.query_map(params_from_iter(values), |row| {
            Ok(Stretch { start: time(row.get(0)?), calls: row.get(1)?, sum: row.get(2)? })
        })?;
        Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// Until when single calls are gone, and what those of the scope had spent by then; none where none is gone.
    pub fn gone(&self) -> Result<Option<(DateTime<Utc>, i64)>> {
        let Some(until) = gone(self.conn)?.until else { return Ok(None) };
        Ok(Some((until, spent_by_gone(self.conn, &self.scope, self.unit)?)))
    }

    /// Every call within `[from, to)` that spent at most `at_most`, in time's order: when it was, and what it spent.
    pub fn each(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        at_most: i64,
        mut call: impl FnMut(i64, i64),
    ) -> Result<()> {
        let spent = per_entry(self.unit);
        let sql = format!(
            "SELECT at_ms, {spent} FROM entries
             WHERE counted AND ({spent}) <= ? AND {} AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, id",
            self.condition
        );
        let mut values = vec![Value::from(at_most)];
        values.extend(self.values.iter().cloned());
        values.extend([from.timestamp_millis(), to.timestamp_millis()].map(Value::from));
        let mut select = self.conn.prepare_cached(&sql)?;
        let mut rows = select.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            call(row.get(0)?, row.get(1)?);
        }
        Ok(())
    }
}
