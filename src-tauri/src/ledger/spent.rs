//! What has been spent within a scope and a span of time, exact to the nano-dollar, without scanning more entries than
//! the hours at its two ends hold: whole days come from the daily rollups, whole hours beside them from the hourly ones.
//!
//! Users and keys do not stand in the rollups beside providers, so their budgets are summed up from their own entries,
//! by an index of their own.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::gone::spent_by_gone;
use super::rollups::Grain;
use super::{Result, Writer};
use crate::domain::budget::{Scope, is_version};
use crate::domain::quantity::Unit;
use crate::domain::window::{Window, WindowKind};

impl Writer {
    /// What calls within `scope` spent of `unit` in `window`.
    pub fn spent(&self, scope: &Scope, unit: Unit, window: &Window) -> Result<i64> {
        if scope.user.is_some() || scope.key.is_some() {
            let single = from_entries(self.conn(), scope, unit, window.start, window.end)?;
            // No other window reaches back to calls that are gone.
            let is_all = window.kind == WindowKind::Total;
            let gone = if is_all { spent_by_gone(self.conn(), scope, unit)? } else { 0 };
            return Ok(single.saturating_add(gone));
        }
        let mut total = 0_i64;
        for (grain, start, end) in split(window, self.rollup_zone()) {
            if start < end {
                let part = match grain {
                    None => from_entries(self.conn(), scope, unit, start, end)?,
                    Some(grain) => from_rollups(self.conn(), scope, unit, grain, start, end)?,
                };
                total = total.saturating_add(part);
            }
        }
        Ok(total)
    }

    /// Each call within `scope` from `start` on: when it was, and what it spent of `unit`.
    pub fn spent_since(&self, scope: &Scope, unit: Unit, start: DateTime<Utc>) -> Result<Vec<(DateTime<Utc>, i64)>> {
        let (condition, mut values) = conditions(scope);
        values.push(Value::from(start.timestamp_millis()));
        let sql =
            format!("SELECT at_ms, {} FROM entries WHERE {condition} AND counted AND at_ms >= ?", per_entry(unit));
        let mut select = self.conn().prepare(&sql)?;
        let rows = select
            .query_map(params_from_iter(values), |row| Ok((super::text::time(row.get(0)?), row.get::<_, i64>(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

type Piece = (Option<Grain>, DateTime<Utc>, DateTime<Utc>);

/// Cuts a window into entries, hours, days, hours, entries.
fn split(window: &Window, zone: Tz) -> [Piece; 5] {
    let (start, end) = (window.start, window.end);
    if window.kind == WindowKind::Total {
        let none = (None, start, start);
        return [(Some(Grain::Day), start, end), none, none, none, none];
    }
    let up = |kind, at: DateTime<Utc>| {
        let holding = Window::holding(kind, at, zone);
        if holding.start == at { at } else { holding.end }
    };
    let down = |kind, at| Window::holding(kind, at, zone).start;
    let first_hour = up(WindowKind::Hour, start).min(end);
    let last_hour = down(WindowKind::Hour, end).max(first_hour);
    let first_day = up(WindowKind::Day, first_hour).min(last_hour);
    let last_day = down(WindowKind::Day, last_hour).max(first_day);
    [
        (None, start, first_hour),
        (Some(Grain::Hour), first_hour, first_day),
        (Some(Grain::Day), first_day, last_day),
        (Some(Grain::Hour), last_day, last_hour),
        (None, last_hour, end),
    ]
}

pub(super) fn per_entry(unit: Unit) -> &'static str {
    match unit {
        Unit::Usd => "cost_nusd",
        Unit::Tokens => "input_tokens + output_tokens",
        Unit::Requests => "1",
    }
}

pub(super) fn per_rollup(unit: Unit) -> &'static str {
    match unit {
        Unit::Usd => "cost_nusd",
        Unit::Tokens => "input_tokens + output_tokens",
        Unit::Requests => "calls",
    }
}

/// Gives this connection's SQL the function that tells versions of a model.
pub fn teach(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("is_version", 2, flags, |call| {
        Ok(is_version(call.get_raw(0).as_str()?, call.get_raw(1).as_str()?))
    })
}

pub(super) fn conditions(scope: &Scope) -> (String, Vec<Value>) {
    let (mut sql, mut values) = ("1".to_owned(), Vec::new());
    let parts =
        [("provider", &scope.provider), ("project", &scope.project), ("user", &scope.user), ("key", &scope.key)];
    for (column, wanted) in parts {
        if let Some(wanted) = wanted {
            sql.push_str(&format!(" AND {column} = ?"));
            values.push(Value::from(wanted.clone()));
        }
    }
    if let Some(pattern) = &scope.model {
        match pattern.strip_suffix('*') {
            Some(beginning) => {
                sql.push_str(" AND substr(model, 1, length(?)) = ?");
                values.extend([Value::from(beginning.to_owned()), Value::from(beginning.to_owned())]);
            }
            None => {
                sql.push_str(" AND is_version(?, model)");
                values.push(Value::from(pattern.clone()));
            }
        }
    }
    (sql, values)
}

fn from_entries(conn: &Connection, scope: &Scope, unit: Unit, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<i64> {
    let (condition, mut values) = conditions(scope);
    values.extend([Value::from(start.timestamp_millis()), Value::from(end.timestamp_millis())]);
    let sql = format!(
        "SELECT coalesce(sum({}), 0) FROM entries WHERE {condition} AND counted AND at_ms >= ? AND at_ms < ?",
        per_entry(unit)
    );
    Ok(conn.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?)
}

fn from_rollups(
    conn: &Connection,
    scope: &Scope,
    unit: Unit,
    grain: Grain,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Result<i64> {
    let sum = per_rollup(unit);
    let (condition, mut values) = conditions(scope);
    values.extend([
        Value::from(grain.column()),
        Value::from(start.timestamp_millis()),
        Value::from(end.timestamp_millis()),
    ]);
    let sql = format!(
        "SELECT coalesce(sum({sum}), 0) FROM rollups
         WHERE {condition} AND grain = ? AND start_ms >= ? AND start_ms < ?"
    );
    Ok(conn.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?)
}
