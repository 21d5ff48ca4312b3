//! Reservations: ceilings held before a call. A resolved one stays, so that it cannot be resolved again.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::text::{time, word};
use super::{Result, Writer};
use crate::domain::budget::Attribution;
use crate::domain::money::{Nusd, nanos};
use crate::domain::priced::Priced;
use crate::domain::quantity::Unit;

/// A ceiling held for a call until it is resolved or its deadline passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    pub call_id: String,
    #[serde(with = "chrono::serde::ts_nanoseconds")]
    pub at: DateTime<Utc>,
    #[serde(with = "chrono::serde::ts_nanoseconds")]
    pub deadline: DateTime<Utc>,
    pub provider: String,
    pub model: String,
    pub project: Option<String>,
    pub user: Option<String>,
    pub key: Option<String>,
    #[serde(with = "nanos")]
    pub ceiling: Nusd,
    pub ceiling_input_tokens: u64,
    pub ceiling_output_tokens: u64,
    pub priced: Priced,
    /// Whether its entry will be of the moment it was held, as that of a call that is passed on. It then weighs on the
    /// windows of that moment alone; any other weighs on those that go on, since nobody knows when it will be recorded.
    pub dated: bool,
}

impl Reservation {
    pub fn attribution(&self) -> Attribution<'_> {
        Attribution {
            provider: &self.provider,
            model: &self.model,
            project: self.project.as_deref(),
            user: self.user.as_deref(),
            key: self.key.as_deref(),
        }
    }

    /// What the reservation holds of a budget of `unit`.
    pub fn quantity(&self, unit: Unit) -> i64 {
        match unit {
            Unit::Usd => self.ceiling.0,
            Unit::Tokens => {
                i64::try_from(self.ceiling_input_tokens.saturating_add(self.ceiling_output_tokens)).unwrap_or(i64::MAX)
            }
            Unit::Requests => 1,
        }
    }
}

/// How a reservation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    Settled,
    Released,
    Lapsed,
}

impl Resolution {
    fn as_str(self) -> &'static str {
        match self {
            Resolution::Settled => "settled",
            Resolution::Released => "released",
            Resolution::Lapsed => "lapsed",
        }
    }
}

impl Writer {
    /// Writes a reservation down. False when its call has been recorded, reserved or resolved before.
    pub fn insert_reservation(&self, r: &Reservation) -> Result<bool> {
        if self.has_entry(&r.call_id)? {
            return Ok(false);
        }
        let mut insert = self.conn().prepare_cached(
            "INSERT INTO reservations
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NULL, NULL)
             ON CONFLICT DO NOTHING",
        )?;
        let inserted = insert.execute(params![
            r.call_id,
            r.at.timestamp_millis(),
            r.deadline.timestamp_millis(),
            r.provider,
            r.model,
            r.project,
            r.user,
            r.key,
            r.ceiling.0,
            i64::try_from(r.ceiling_input_tokens).unwrap_or(i64::MAX),
            i64::try_from(r.ceiling_output_tokens).unwrap_or(i64::MAX),
            r.priced.as_str(),
        ])?;
        Ok(inserted == 1)
    }

    /// Ends an open reservation. False when there is none under this call.
    pub fn resolve_reservation(&self, call_id: &str, resolution: Resolution, now: DateTime<Utc>) -> Result<bool> {
        let mut update = self.conn().prepare_cached(
            "UPDATE reservations SET resolution = ?2, resolved_ms = ?3 WHERE call_id = ?1 AND resolution IS NULL",
        )?;
        Ok(update.execute(params![call_id, resolution.as_str(), now.timestamp_millis()])? == 1)
    }

    /// How the reservation of a call ended; `Some(None)` while it is open.
    pub fn reservation_resolution(&self, call_id: &str) -> Result<Option<Option<String>>> {
        let mut select = self.conn().prepare_cached("SELECT resolution FROM reservations WHERE call_id = ?1")?;
        Ok(select.query_row([call_id], |row| row.get(0)).optional()?)
    }

    pub fn open_reservations(&self) -> Result<Vec<Reservation>> {
        open(self.conn())
    }

    /// Forgets reservations that were resolved before `before`: nobody will ask about them again.
    pub fn forget_resolved(&self, before: DateTime<Utc>) -> Result<()> {
        self.conn().execute(
            "DELETE FROM reservations WHERE resolution IS NOT NULL AND resolved_ms < ?1",
            [before.timestamp_millis()],
        )?;
        Ok(())
    }
}

fn open(conn: &Connection) -> Result<Vec<Reservation>> {
    let mut select = conn.prepare(
        "SELECT call_id, at_ms, deadline_ms, provider, model, project, user, key, ceiling_nusd, ceiling_input_tokens,
           ceiling_output_tokens, priced FROM reservations WHERE resolution IS NULL ORDER BY at_ms, call_id",
    )?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    while let Some(row) = rows.next()? {
        found.push(Reservation {
            call_id: row.get(0)?,
            at: time(row.get(1)?),
            deadline: time(row.get(2)?),
            provider: row.get(3)?,
            model: row.get(4)?,
            project: row.get(5)?,
            user: row.get(6)?,
            key: row.get(7)?,
            ceiling: Nusd(row.get(8)?),
            ceiling_input_tokens: count(row.get(9)?),
            ceiling_output_tokens: count(row.get(10)?),
            priced: word(&row.get::<_, String>(11)?)?,
            dated: false,
        });
    }
    Ok(found)
}
