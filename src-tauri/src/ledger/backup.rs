//! Backups: copies of the running ledger that are whole, checked and on the disk before they have their name.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::copy::{self, copy, keep, look_at, part_of};
use super::facts::{Facts, facts};
use super::{LedgerError, Result, Writer, open_reader};

/// How often the ledger is backed up without being asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    #[default]
    Never,
    Daily,
    Weekly,
}

impl Every {
    pub fn period(self) -> Option<TimeDelta> {
        match self {
            Every::Never => None,
            Every::Daily => Some(TimeDelta::days(1)),
            Every::Weekly => Some(TimeDelta::days(7)),
        }
    }
}

/// Backups without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BackupSchedule {
    pub every: Every,
    /// How many of them are kept, 1 to 99. Backups that were asked for are not counted, and stay.
    pub keep: u64,
}

impl BackupSchedule {
    /// How many may be kept.
    pub const KEEP: std::ops::RangeInclusive<u64> = 1..=99;
}

impl Default for BackupSchedule {
    fn default() -> Self {
        BackupSchedule { every: Every::default(), keep: 7 }
    }
}

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
    /// When the last one was made that lies where backups are kept, asked for or not: a schedule counts from it.
    pub kept_at: Option<DateTime<Utc>>,
}

/// How backups are called in their folder: by their moment, so that their names are in its order.
const BEGINNING: &str = "spendlight-";
const ENDING: &str = ".sqlite3";

/// What the name of one that nobody asked for ends with, too: only such a one is removed for a newer one.
const SCHEDULED: &str = "-scheduled";

pub fn backup_name(at: DateTime<Utc>) -> String {
    format!("{BEGINNING}{}{ENDING}", moment(at))
}

pub fn scheduled_backup_name(at: DateTime<Utc>) -> String {
    format!("{BEGINNING}{}{SCHEDULED}{ENDING}", moment(at))
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H%M%S%.3fZ").to_string()
}

/// What stands between beginning and ending in the name of a file that is called as a backup is.
fn named_between(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?.strip_prefix(BEGINNING)?.strip_suffix(ENDING)?;
    let is_moment = name.strip_suffix(SCHEDULED).unwrap_or(name).len() == moment(DateTime::UNIX_EPOCH).len();
    is_moment.then_some(name)
}

/// Whether a file is called as a backup is.
fn is_backup(file: &Path) -> bool {
    named_between(file).is_some()
}

fn is_scheduled(file: &Path) -> bool {
    named_between(file).is_some_and(|name| name.ends_with(SCHEDULED))
}

/// The backups in a folder, the newest first.
pub fn backups_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path: &PathBuf| is_backup(path)).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}

/// Removes the oldest of the backups that nobody asked for, but for the `keep` newest.
///
/// # Errors
/// One could not be removed.
pub fn prune_backups(folder: &Path, keep: u64) -> Result<()> {
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    for file in backups_in(folder).iter().filter(|file| is_scheduled(file)).skip(keep) {
        copy::remove(file)?;
    }
    Ok(())
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
