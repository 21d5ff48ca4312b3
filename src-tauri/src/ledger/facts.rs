//! What a ledger holds and how large it is, told of the running one and of a backup alike.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Result;
use super::copy::with_ending;
use super::gone::{Gone, gone};
use super::text::time;
use crate::domain::money::Nusd;

/// What a ledger holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub entries: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub newest: Option<DateTime<Utc>>,
    /// Of every call there ever was.
    pub cost: Nusd,
    /// The calls before those that are kept as totals alone.
    #[serde(skip)]
    pub gone: Gone,
}

pub fn facts(conn: &Connection) -> Result<Facts> {
    // Each of the three is one question that an index answers.
    let (entries, oldest, newest): (_, Option<i64>, Option<i64>) = conn.query_row(
        "SELECT (SELECT count(*) FROM entries), (SELECT min(at_ms) FROM entries), (SELECT max(at_ms) FROM entries)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let cost = conn
        .query_row("SELECT coalesce(sum(cost_nusd), 0) FROM rollups WHERE grain = 1", [], |row| row.get(0))
        .map(Nusd)?;
    Ok(Facts { entries, oldest: oldest.map(time), newest: newest.map(time), cost, gone: gone(conn)? })
}

/// How much of the disk a ledger takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// With its log.
    pub bytes: u64,
    /// The part of it that is empty, which new entries fill first.
    pub free_bytes: u64,
}

pub fn size(conn: &Connection, path: &Path) -> Result<Size> {
    let number = |pragma: &str| conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
    let free = number("freelist_count")?.saturating_mul(number("page_size")?);
    let file = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
    let bytes = file(path).saturating_add(file(&with_ending(path, "-wal")));
    Ok(Size { bytes, free_bytes: u64::try_from(free).unwrap_or(0) })
}
