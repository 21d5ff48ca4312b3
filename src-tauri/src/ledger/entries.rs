//! Entries: written once, and read by call. Lists of them are in listing.rs.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::gone::is_gone;
use super::text::{from_json, json, time, word};
use super::{Inserted, Result, Writer};
use crate::domain::entry::Entry;
use crate::domain::money::Nusd;
use crate::domain::usage::Usage;

pub(super) const COLUMNS: &str = "call_id, at_ms, provider, model, input_tokens, output_tokens, cache_read_tokens,
    cache_write_tokens, reasoning_tokens, details, cost_nusd, priced, usage_source, source, latency_ms, ok, status,
    error, service_tier, batch, project, session, user, operation, key, tags, counted, id";

const INSERT: &str = "
    INSERT INTO entries (call_id, at_ms, provider, model, input_tokens, output_tokens, cache_read_tokens,
      cache_write_tokens, reasoning_tokens, details, cost_nusd, priced, usage_source, source, latency_ms, ok, status,
      error, service_tier, batch, project, session, user, operation, key, tags, counted, recorded_ms)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
      ?24, ?25, ?26, ?27, ?28)
    ON CONFLICT (call_id) DO NOTHING";

impl Writer {
    /// A call as it is written down.
    pub fn call(&self, call_id: &str) -> Result<Option<Entry>> {
        entry(self.conn(), call_id)
    }

    /// Whether a call has been written down.
    pub fn has_entry(&self, call_id: &str) -> Result<bool> {
        if self.has_gone_calls() && is_gone(self.conn(), call_id)? {
            return Ok(true);
        }
        let mut select = self.conn().prepare_cached("SELECT EXISTS (SELECT 1 FROM entries WHERE call_id = ?1)")?;
        Ok(select.query_row([call_id], |row| row.get(0))?)
    }

    /// Writes an entry down, unless its call has been already.
    pub fn insert_entry(&mut self, e: &Entry, now: DateTime<Utc>) -> Result<Inserted> {
        if self.has_gone_calls() && is_gone(self.conn(), &e.call_id)? {
            return Ok(Inserted::Gone);
        }
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let details = if e.usage.details.is_empty() { None } else { Some(json(&e.usage.details)?) };
        let tags = if e.tags.is_empty() { None } else { Some(json(&e.tags)?) };
        let inserted = self.conn().prepare_cached(INSERT)?.execute(params![
            e.call_id,
            e.at.timestamp_millis(),
            e.provider,
            e.model,
            count(e.usage.input_tokens),
            count(e.usage.output_tokens),
            count(e.usage.cache_read_tokens),
            count(e.usage.cache_write_tokens),
            count(e.usage.reasoning_tokens),
            details,
            e.cost.0,
            e.priced.as_str(),
            e.usage_source.as_str(),
            e.source.as_str(),
            e.latency_ms.map(count),
            e.ok,
            e.status,
            e.error,
            e.service_tier,
            e.batch,
            e.project,
            e.session,
            e.user,
            e.operation,
            e.key,
            tags,
            e.counted,
            now.timestamp_millis(),
        ])?;
        if inserted == 1 {
            self.rollups_mut().add(e);
            return Ok(Inserted::New);
        }
        match entry(self.conn(), &e.call_id)? {
            Some(stored) => Ok(Inserted::Already(Box::new(stored))),
            None => Err(super::LedgerError::Unreadable(format!("the entry of call {:?} is gone", e.call_id))),
        }
    }
}

/// The entry of a call.
pub fn entry(conn: &Connection, call_id: &str) -> Result<Option<Entry>> {
    let mut select = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM entries WHERE call_id = ?1"))?;
    select.query_row([call_id], |row| Ok(read(row))).optional()?.transpose().map(|found| found.map(|(entry, _)| entry))
}

/// What the last `limit` calls produced that reported it: provider, model, output tokens; the newest first.
pub fn recent_outputs(conn: &Connection, limit: usize) -> Result<Vec<(String, String, u64)>> {
    let mut select = conn.prepare_cached(
        "SELECT provider, model, output_tokens FROM entries
         WHERE ok AND counted AND usage_source = 'reported' AND output_tokens > 0 ORDER BY at_ms DESC LIMIT ?1",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = select
        .query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A model that was recorded without a known price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownModel {
    pub provider: String,
    pub model: String,
    pub calls: i64,
    pub since: DateTime<Utc>,
    pub cost: Nusd,
}

/// The models that were recorded without a known price, the dearest first.
pub fn unknown_models(conn: &Connection) -> Result<Vec<UnknownModel>> {
    let mut select = conn.prepare_cached(
        "SELECT provider, model, count(*), min(at_ms), sum(cost_nusd) AS cost FROM entries WHERE priced = 'unknown' AND counted
         GROUP BY provider, model ORDER BY cost DESC LIMIT 200",
    )?;
    let rows = select.query_map([], |row| {
        Ok(UnknownModel {
            provider: row.get(0)?,
            model: row.get(1)?,
            calls: row.get(2)?,
            since: time(row.get(3)?),
            cost: Nusd(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An entry and its place in the order in which entries were written.
pub(super) fn read(row: &Row<'_>) -> Result<(Entry, i64)> {
    let count = |index: usize| -> rusqlite::Result<u64> { Ok(u64::try_from(row.get::<_, i64>(index)?).unwrap_or(0)) };
    let details = row.get::<_, Option<String>>(9)?.map(|text| from_json(&text)).transpose()?.unwrap_or_default();
    let entry = Entry {
        call_id: row.get(0)?,
        at: time(row.get(1)?),
        provider: row.get(2)?,
        model: row.get(3)?,
        usage: Usage {
            input_tokens: count(4)?,
            output_tokens: count(5)?,
            cache_read_tokens: count(6)?,
            cache_write_tokens: count(7)?,
            reasoning_tokens: count(8)?,
            details,
        },
        cost: Nusd(row.get(10)?),
        priced: word(row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?)?,
        usage_source: word(row.get_ref(12)?.as_str().map_err(rusqlite::Error::from)?)?,
        source: word(row.get_ref(13)?.as_str().map_err(rusqlite::Error::from)?)?,
        latency_ms: row.get::<_, Option<i64>>(14)?.and_then(|n| u64::try_from(n).ok()),
        ok: row.get(15)?,
        status: row.get(16)?,
        error: row.get(17)?,
        service_tier: row.get(18)?,
        batch: row.get(19)?,
        project: row.get(20)?,
        session: row.get(21)?,
        user: row.get(22)?,
        operation: row.get(23)?,
        key: row.get(24)?,
        tags: row.get::<_, Option<String>>(25)?.map(|text| from_json(&text)).transpose()?.unwrap_or_default(),
        counted: row.get(26)?,
    };
    Ok((entry, row.get(27)?))
}
