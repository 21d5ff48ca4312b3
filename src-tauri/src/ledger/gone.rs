//! Calls that are no longer kept one by one: their entries are taken out, and everything they add up to stays.
//!
//! An entry's sums stand in the rollups already. What those cannot tell is put beside them first, in the same transaction:
//! sums by quarter of an hour, of which the hours and days of any zone are made; sums by user and key; and a mark for the
//! call's id, so that no call is ever counted again. Entries are taken out in small batches, the oldest first, so that no
//! record waits long, and the space they took is given back in steps as small.

use chrono::{DateTime, Utc};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rollups::{ADD_UP, ADD_UP_LATENCY, SUMS, latency_class};
use super::spent::{conditions, per_rollup};
use super::text::time;
use super::{Result, Writer};
use crate::domain::budget::Scope;
use crate::domain::quantity::Unit;

/// How long single calls are kept. None of it is shorter than what a backtest looks back on, or a window that goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum KeepCalls {
    #[default]
    #[serde(rename = "forever")]
    Forever,
    #[serde(rename = "24_months")]
    Months24,
    #[serde(rename = "12_months")]
    Months12,
    #[serde(rename = "6_months")]
    Months6,
    #[serde(rename = "3_months")]
    Months3,
}

impl KeepCalls {
    pub fn months(self) -> Option<u32> {
        match self {
            KeepCalls::Forever => None,
            KeepCalls::Months24 => Some(24),
            KeepCalls::Months12 => Some(12),
            KeepCalls::Months6 => Some(6),
            KeepCalls::Months3 => Some(3),
        }
    }
}

/// What is known of the calls that are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gone {
    pub calls: i64,
    /// When the last of them was made.
    pub until: Option<DateTime<Utc>>,
}

/// Entries that are older than single calls are to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outdated {
    pub entries: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub newest: Option<DateTime<Utc>>,
}

/// The entry that was written last stays whatever its age: its number must not be given to another one, by which a list
/// is read as of a moment.
/// The sign keeps SQLite from going through the table in the order of writing instead of by time.
const MAY_GO: &str = "+id < (SELECT max(id) FROM entries)";

/// The length of a quarter of an hour.
const QUARTER_MS: i64 = 900_000;

impl Writer {
    /// Takes out the oldest entries made before `before`, about `limit` of them, in the open transaction. Says how many.
    pub fn take_out(&mut self, before: DateTime<Utc>, limit: usize) -> Result<usize> {
        let before_ms = before.timestamp_millis();
        let conn = self.conn();
        let last: Option<(i64, i64)> = conn
            .prepare_cached(&format!(
                "SELECT at_ms, id FROM (SELECT at_ms, id FROM entries WHERE at_ms < ?1 AND {MAY_GO} ORDER BY at_ms, id LIMIT ?2)
                 ORDER BY at_ms DESC, id DESC LIMIT 1"
            ))?
            .query_row(params![before_ms, i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((at_ms, id)) = last else { return Ok(0) };
        let batch = format!("(at_ms, id) <= (?1, ?2) AND {MAY_GO}");
        let bounds = params![at_ms, id];
        for keep in what_stays(&batch) {
            conn.prepare_cached(&keep)?.execute(bounds)?;
        }
        conn.prepare_cached("UPDATE gone SET may_go_before_ms = ?1")?.execute([before_ms])?;
        let gone = conn.prepare_cached(&format!("DELETE FROM entries WHERE {batch}"))?.execute(bounds)?;
        conn.prepare_cached(
            "UPDATE gone SET may_go_before_ms = NULL, calls = calls + ?1, until_ms = max(coalesce(until_ms, ?2), ?2)",
        )?
        .execute(params![i64::try_from(gone).unwrap_or(i64::MAX), at_ms])?;
        self.forgets_calls();
        Ok(gone)
    }

    /// Gives about `pages` of what is empty in the ledger's file back to the disk. Says how many are left.
    pub fn give_back(&self, pages: i64) -> Result<i64> {
        // A row for each page: all of them must be asked for.
        let mut give = self.conn().prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = give.query([])?;
        while rows.next()?.is_some() {}
        Ok(self.conn().query_row("PRAGMA freelist_count", [], |row| row.get(0))?)
    }
}

/// The statements that keep what the rollups do not tell of a batch of entries.
fn what_stays(batch: &str) -> Vec<String> {
    // Rounded down before 1970, too.
    let quarter = format!("at_ms - ((at_ms % {QUARTER_MS}) + {QUARTER_MS}) % {QUARTER_MS}");
    let mut all = vec![
        format!("INSERT OR IGNORE INTO gone_calls SELECT call_hash(call_id) FROM entries WHERE {batch}"),
        format!(
            "INSERT INTO gone_quarters SELECT {quarter} AS start_ms, provider, model, coalesce(project, ''), {SUMS}
             FROM entries WHERE counted AND {batch} GROUP BY start_ms, provider, model, coalesce(project, '') {ADD_UP}"
        ),
        format!(
            "INSERT INTO gone_latencies SELECT {quarter} AS start_ms, latency_class(latency_ms) AS class, count(*)
             FROM entries WHERE counted AND latency_ms IS NOT NULL AND {batch} GROUP BY start_ms, class {ADD_UP_LATENCY}"
        ),
        format!(
            "INSERT INTO gone_whose SELECT provider, model, coalesce(project, ''), coalesce(user, ''), coalesce(key, ''),
               count(*), sum(input_tokens), sum(output_tokens), sum(cost_nusd)
             FROM entries WHERE counted AND {batch}
             GROUP BY provider, model, coalesce(project, ''), coalesce(user, ''), coalesce(key, '')
             ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, input_tokens = input_tokens + excluded.input_tokens,
               output_tokens = output_tokens + excluded.output_tokens, cost_nusd = cost_nusd + excluded.cost_nusd"
        ),
    ];
    for (dimension, name) in [(0, "session"), (1, "user"), (2, "operation")] {
        all.push(format!(
            "INSERT INTO gone_quarters_by SELECT {quarter} AS start_ms, {dimension}, {name}, {SUMS}
             FROM entries WHERE counted AND {name} IS NOT NULL AND {batch} GROUP BY start_ms, {name} {ADD_UP}"
        ));
    }
    all
}

/// The entries made before `before`.
pub fn outdated(conn: &Connection, before: DateTime<Utc>) -> Result<Outdated> {
    let sql = format!("SELECT count(*), min(at_ms), max(at_ms) FROM entries WHERE at_ms < ?1 AND {MAY_GO}");
    Ok(conn.prepare_cached(&sql)?.query_row([before.timestamp_millis()], |row| {
        let [oldest, newest] = [row.get::<_, Option<i64>>(1)?, row.get(2)?].map(|ms| ms.map(time));
        Ok(Outdated { entries: row.get(0)?, oldest, newest })
    })?)
}

/// Whether there are any.
pub fn any_outdated(conn: &Connection, before: DateTime<Utc>) -> Result<bool> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM entries WHERE at_ms < ?1 AND {MAY_GO})");
    Ok(conn.prepare_cached(&sql)?.query_row([before.timestamp_millis()], |row| row.get(0))?)
}

pub fn gone(conn: &Connection) -> Result<Gone> {
    Ok(conn
        .prepare_cached("SELECT calls, until_ms FROM gone")?
        .query_row([], |row| Ok(Gone { calls: row.get(0)?, until: row.get::<_, Option<i64>>(1)?.map(time) }))?)
}

/// Whether a call has been recorded whose entry is gone.
pub fn is_gone(conn: &Connection, call_id: &str) -> Result<bool> {
    let mut select = conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM gone_calls WHERE hash = ?1)")?;
    Ok(select.query_row([call_hash(call_id)], |row| row.get(0))?)
}

/// What calls that are gone have spent within a scope.
pub(super) fn spent_by_gone(conn: &Connection, scope: &Scope, unit: Unit) -> Result<i64> {
    let (condition, values) = conditions(scope);
    let sql = format!("SELECT coalesce(sum({}), 0) FROM gone_whose WHERE {condition}", per_rollup(unit));
    Ok(conn.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?)
}

/// The mark of a call's id.
fn call_hash(call_id: &str) -> i64 {
    let digest = Sha256::digest(call_id.as_bytes());
    digest.iter().take(8).fold(0_i64, |hash, byte| hash << 8 | i64::from(*byte))
}

/// Gives this connection's SQL what taking entries out takes.
pub(super) fn teach(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("call_hash", 1, flags, |call| Ok(call_hash(call.get_raw(0).as_str()?)))?;
    conn.create_scalar_function("latency_class", 1, flags, |call| {
        Ok(latency_class(u64::try_from(call.get::<i64>(0)?).unwrap_or(0)))
    })
}
