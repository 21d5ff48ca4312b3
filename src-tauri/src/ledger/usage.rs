//! Sums for charts, summaries and `GET /v1/usage`: from the rollups alone, whatever the size of the ledger.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::rollups::{Grain, latency_of_class};
use super::text::time;
use super::{Result, Writer};
use crate::domain::money::Nusd;

/// By what calls are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    Provider,
    Model,
    Project,
    Session,
    User,
    Operation,
}

/// Sums over calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Totals {
    pub calls: i64,
    pub failed: i64,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub cache_read_tokens: i64,
    pub cache_write_tokens: i64,
    pub reasoning_tokens: i64,
    #[serde(rename = "cost_usd")]
    #[schema(value_type = f64)]
    pub cost: Nusd,
}

impl Totals {
    pub fn add(&mut self, other: &Totals) {
        self.combine(other, i64::saturating_add);
    }

    fn subtract(&mut self, other: &Totals) {
        self.combine(other, i64::saturating_sub);
    }

    fn combine(&mut self, other: &Totals, with: fn(i64, i64) -> i64) {
        self.calls = with(self.calls, other.calls);
        self.failed = with(self.failed, other.failed);
        self.input_tokens = with(self.input_tokens, other.input_tokens);
        self.output_tokens = with(self.output_tokens, other.output_tokens);
        self.cache_read_tokens = with(self.cache_read_tokens, other.cache_read_tokens);
        self.cache_write_tokens = with(self.cache_write_tokens, other.cache_write_tokens);
        self.reasoning_tokens = with(self.reasoning_tokens, other.reasoning_tokens);
        self.cost = Nusd(with(self.cost.0, other.cost.0));
    }

    pub fn tokens(&self) -> i64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

impl Writer {
    /// The sum over the days that start within `[from, to)`.
    pub fn total(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Totals> {
        total(self.conn(), Grain::Day, from, to)
    }

    /// The sums of the days from `from` on.
    pub fn days_from(&self, from: DateTime<Utc>) -> Result<Vec<(DateTime<Utc>, Totals)>> {
        let days = sums(self.conn(), Grain::Day, By::Provider, from, DateTime::<Utc>::MAX_UTC)?;
        Ok(days.into_iter().map(|day| (day.start, day.totals)).collect())
    }
}

/// The sums of one key in one hour or day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    pub start: DateTime<Utc>,
    /// None: calls that have no such attribute.
    pub key: Option<String>,
    /// The provider the key belongs to, where it is a provider or a model.
    pub provider: Option<String>,
    pub totals: Totals,
}

/// The sums of one key over a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySum {
    /// None: calls that have no such attribute.
    pub key: Option<String>,
    /// The provider the key belongs to, where it is a provider or a model.
    pub provider: Option<String>,
    pub totals: Totals,
}

const SUMS: &str = "sum(calls), sum(failed), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),
    sum(cache_write_tokens), sum(reasoning_tokens), sum(cost_nusd)";

fn totals(row: &Row<'_>, first: usize) -> rusqlite::Result<Totals> {
    let at = |i: usize| row.get::<_, Option<i64>>(first + i).map(Option::unwrap_or_default);
    Ok(Totals {
        calls: at(0)?,
        failed: at(1)?,
        input_tokens: at(2)?,
        output_tokens: at(3)?,
        cache_read_tokens: at(4)?,
        cache_write_tokens: at(5)?,
        reasoning_tokens: at(6)?,
        cost: Nusd(at(7)?),
    })
}

/// Sums by hour or day and key, for the buckets that start within `[from, to)`, in time's order.
pub fn sums(conn: &Connection, grain: Grain, by: By, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Sum>> {
    let (from, to) = (from.timestamp_millis(), to.timestamp_millis());
    match by {
        By::Provider => direct(conn, "provider", "provider", grain, from, to),
        By::Model => direct(conn, "model", "provider", grain, from, to),
        By::Project => direct(conn, "project", "NULL", grain, from, to),
        By::Session => beside(conn, 0, grain, from, to),
        By::User => beside(conn, 1, grain, from, to),
        By::Operation => beside(conn, 2, grain, from, to),
    }
}

fn direct(conn: &Connection, key: &str, provider: &str, grain: Grain, from: i64, to: i64) -> Result<Vec<Sum>> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT start_ms, nullif({key}, ''), {provider}, {SUMS} FROM rollups
         WHERE grain = ?1 AND start_ms >= ?2 AND start_ms < ?3 GROUP BY start_ms, {key}, {provider} ORDER BY start_ms"
    ))?;
    let rows = select.query_map(params![grain.column(), from, to], |row| {
        Ok(Sum { start: time(row.get(0)?), key: row.get(1)?, provider: row.get(2)?, totals: totals(row, 3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keys that stand beside the rollups; what is left of a bucket's total is the calls without one.
fn beside(conn: &Connection, dimension: i64, grain: Grain, from: i64, to: i64) -> Result<Vec<Sum>> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT start_ms, key, {SUMS} FROM rollups_by
         WHERE grain = ?1 AND dimension = ?2 AND start_ms >= ?3 AND start_ms < ?4 GROUP BY start_ms, key
         ORDER BY start_ms"
    ))?;
    let rows = select.query_map(params![grain.column(), dimension, from, to], |row| {
        Ok(Sum { start: time(row.get(0)?), key: row.get(1)?, provider: None, totals: totals(row, 2)? })
    })?;
    let mut found: Vec<Sum> = rows.collect::<rusqlite::Result<_>>()?;
    let mut select = conn.prepare_cached(&format!(
        "SELECT start_ms, {SUMS} FROM rollups WHERE grain = ?1 AND start_ms >= ?2 AND start_ms < ?3 GROUP BY start_ms"
    ))?;
    let mut rows = select.query(params![grain.column(), from, to])?;
    while let Some(row) = rows.next()? {
        let mut rest = Sum { start: time(row.get(0)?), key: None, provider: None, totals: totals(row, 1)? };
        for sum in found.iter().filter(|sum| sum.start == rest.start) {
            rest.totals.subtract(&sum.totals);
        }
        if rest.totals.calls > 0 {
            found.push(rest);
        }
    }
    found.sort_by_key(|sum| sum.start);
    Ok(found)
}

/// Sums by key over the days that start within `[from, to)`, in no order.
pub fn by_key(conn: &Connection, by: By, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<KeySum>> {
    let (key, provider, dimension) = match by {
        By::Provider => ("provider", "provider", None),
        By::Model => ("model", "provider", None),
        By::Project => ("project", "NULL", None),
        By::Session => ("key", "NULL", Some(0)),
        By::User => ("key", "NULL", Some(1)),
        By::Operation => ("key", "NULL", Some(2)),
    };
    let table = if dimension.is_some() { "rollups_by" } else { "rollups" };
    // Only what stands beside the rollups has a dimension.
    let within = dimension.map_or(String::new(), |dimension: i64| format!("AND dimension = {dimension}"));
    let mut select = conn.prepare_cached(&format!(
        "SELECT nullif({key}, ''), {provider}, {SUMS} FROM {table}
         WHERE grain = 1 {within} AND start_ms >= ?1 AND start_ms < ?2 GROUP BY {key}, {provider}"
    ))?;
    let rows = select.query_map(params![from.timestamp_millis(), to.timestamp_millis()], |row| {
        Ok(KeySum { key: row.get(0)?, provider: row.get(1)?, totals: totals(row, 2)? })
    })?;
    let mut found: Vec<KeySum> = rows.collect::<rusqlite::Result<_>>()?;
    if dimension.is_some() {
        let mut rest = KeySum { key: None, provider: None, totals: total(conn, Grain::Day, from, to)? };
        for sum in &found {
            rest.totals.subtract(&sum.totals);
        }
        if rest.totals.calls > 0 {
            found.push(rest);
        }
    }
    Ok(found)
}

/// The sum over the days that start within `[from, to)`.
pub fn total(conn: &Connection, grain: Grain, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Totals> {
    let mut select = conn
        .prepare_cached(&format!("SELECT {SUMS} FROM rollups WHERE grain = ?1 AND start_ms >= ?2 AND start_ms < ?3"))?;
    Ok(select
        .query_row(params![grain.column(), from.timestamp_millis(), to.timestamp_millis()], |row| totals(row, 0))?)
}

/// The bucket of a grain with the highest cost among those that start within `[from, to)`.
pub fn peak(
    conn: &Connection,
    grain: Grain,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Option<(DateTime<Utc>, Nusd)>> {
    let mut select = conn.prepare_cached(
        "SELECT start_ms, sum(cost_nusd) AS cost FROM rollups WHERE grain = ?1 AND start_ms >= ?2 AND start_ms < ?3
         GROUP BY start_ms ORDER BY cost DESC, start_ms LIMIT 1",
    )?;
    let mut rows = select.query(params![grain.column(), from.timestamp_millis(), to.timestamp_millis()])?;
    Ok(match rows.next()? {
        Some(row) => Some((time(row.get(0)?), Nusd(row.get(1)?))),
        None => None,
    })
}

/// The first day that has an entry.
pub fn since(conn: &Connection) -> Result<Option<DateTime<Utc>>> {
    let first: Option<i64> =
        conn.query_row("SELECT min(start_ms) FROM rollups WHERE grain = 1", [], |row| row.get(0))?;
    Ok(first.map(time))
}

/// Latencies at the given percentiles, over the days that start within `[from, to)`, within about 4 %.
pub fn latency_percentiles<const N: usize>(
    conn: &Connection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    percentiles: [i64; N],
) -> Result<Option<[u64; N]>> {
    let mut select = conn.prepare_cached(
        "SELECT class, sum(calls) FROM latencies WHERE start_ms >= ?1 AND start_ms < ?2 GROUP BY class ORDER BY class",
    )?;
    let rows = select
        .query_map(params![from.timestamp_millis(), to.timestamp_millis()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let classes: Vec<(i64, i64)> = rows.collect::<rusqlite::Result<_>>()?;
    let calls: i64 = classes.iter().map(|(_, calls)| calls).sum();
    if calls == 0 {
        return Ok(None);
    }
    Ok(Some(percentiles.map(|percentile| {
        let mut left = calls.saturating_mul(percentile).div_euclid(100).max(1);
        let class = classes.iter().find(|(_, calls)| {
            left -= calls;
            left <= 0
        });
        class.map_or(0, |(class, _)| latency_of_class(*class))
    })))
}

pub use super::rollups::Grain as RollupGrain;
