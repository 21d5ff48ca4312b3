//! Backups: copies of the running ledger that are whole, checked and on the disk before they have their name.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::copy::{self, copy, keep, look_at, part_of};
use super::facts::{Facts, facts};
use super::{LedgerError, Result, Writer, open_reader};

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    pub at: DateTime<Utc>,
    pub file: PathBuf,
    pub bytes: u64,
    pub entries: i64,
}

/// A backup that was not made, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotBackedUp {
    pub at: DateTime<Utc>,
    /// A sentence.
    pub why: String,
}

/// How the last backups came out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Backups {
    pub last: Option<BackedUp>,
    /// Only while no backup has been made since.
    pub failed: Option<NotBackedUp>,
}

/// How backups are called in their folder: by their moment, so that their names are in its order.
const BEGINNING: &str = "spendlight-";
const ENDING: &str = ".sqlite3";

pub fn backup_name(at: DateTime<Utc>) -> String {
    format!("{BEGINNING}{}{ENDING}", at.format("%Y-%m-%dT%H%M%S%.3fZ"))
}

/// Whether a file is called as a backup is.
fn is_backup(file: &Path) -> bool {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else { return false };
    name.starts_with(BEGINNING) && name.ends_with(ENDING) && name.len() == backup_name(DateTime::UNIX_EPOCH).len()
}

/// The backups in a folder, the newest first.
pub fn backups_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path: &PathBuf| is_backup(path)).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

/// Removes what backups left in their folder that were cut off.
pub fn remove_parts(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let whole = path.with_extension("");
        if path == part_of(&whole) && is_backup(&whole) {
            // Whether it goes or not, it is never taken for a backup.
            let _ = copy::remove(&path);
        }
    }
}

/// Writes a backup of the running ledger at `ledger` to `file`. Blocks as long as that takes; no writer waits for it.
///
/// # Errors
/// It could not be written, or what was written is no sound ledger. Then there is no such file.
pub fn back_up(ledger: &Path, file: &Path, at: DateTime<Utc>, told: impl Fn(f64)) -> Result<BackedUp> {
    let part = part_of(file);
    let made = write(ledger, &part, told).and_then(|facts| {
        let bytes = std::fs::metadata(&part)?.len();
        keep(&part, file)?;
        Ok(BackedUp { at, file: file.to_owned(), bytes, entries: facts.entries })
    });
    if made.is_err() {
        // What is left of it is in nobody's way but the disk's.
        let _ = copy::remove(&part);
    }
    made
}

fn write(ledger: &Path, part: &Path, told: impl Fn(f64)) -> Result<Facts> {
    copy(&open_reader(ledger)?, part, told)?;
    let conn = look_at(part)?;
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(LedgerError::Unreadable(format!("the copy is not sound: {found}")));
    }
    facts(&conn)
}

const BACKUPS: &str = "backups";

impl Writer {
    pub fn backups(&self) -> Result<Backups> {
        Ok(self.setting(BACKUPS)?.unwrap_or_default())
    }

    pub fn put_backups(&self, backups: &Backups) -> Result<()> {
        self.put_setting(BACKUPS, backups)
    }
}
