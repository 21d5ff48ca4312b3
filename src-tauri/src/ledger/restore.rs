//! Restoring a backup: checked on a copy, laid beside the ledger, and put in its place when the next start opens it.
//!
//! A running Spendlight has the ledger open in many places and knows by heart what stands in it, so nothing is replaced
//! under it. The copy is whole before it has the name that the next start looks for; from then on every start finishes
//! the work, wherever the last one ended. The ledger before it is kept beside, whole, and nothing of it is thrown away.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::copy::{copy, keep, look_at, part_of, remove, with_ending};
use super::facts::{Facts, facts};
use super::journal::Journal;
use super::text::{from_json, json};
use super::{FILE, LedgerError, MIGRATIONS, Result, migrations};
use crate::paths;

/// The ledger that the next start takes in, within the data folder.
const STAGED: &str = "ledger-to-restore.sqlite3";

/// The setting by which a ledger tells what backup it was.
const RESTORED: &str = "restored";

/// What a backup holds, and what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub facts: Facts,
    /// How many entries of the ledger are not in it; none where the ledger cannot be read.
    pub lacks: Option<i64>,
}

/// That a ledger was a backup, or is to be one at the next start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    pub from: PathBuf,
    pub at: DateTime<Utc>,
    /// The name that the ledger before it is kept by, in the data folder.
    pub kept: String,
    /// How many entries of that one are not in it.
    pub lacks: Option<i64>,
}

/// Looks whether `file` can be restored, and changes nothing.
///
/// # Errors
/// [`LedgerError::Unfit`] says what is wrong with the file.
pub fn examine(folder: &Path, file: &Path) -> Result<Candidate> {
    let part = part_of(&folder.join(STAGED));
    let candidate = check_copy(folder, file, &part);
    remove(&part)?;
    candidate
}

/// Checks `file` and lays it ready for the next start. What lay ready before gives way.
///
/// # Errors
/// [`LedgerError::Unfit`] says what is wrong with the file.
pub fn stage(folder: &Path, file: &Path, at: DateTime<Utc>) -> Result<Candidate> {
    let staged = folder.join(STAGED);
    let part = part_of(&staged);
    let checked = check_copy(folder, file, &part).and_then(|candidate| {
        let kept = format!("ledger-before-{}.sqlite3", at.format("%Y-%m-%dT%H%M%S%.3fZ"));
        let restored = Restored { from: file.to_owned(), at, kept, lacks: candidate.lacks };
        put_restored(&Connection::open(&part)?, &restored)?;
        keep(&part, &staged)?;
        Ok(candidate)
    });
    if checked.is_err() {
        remove(&part)?;
    }
    checked
}

/// What the next start takes in.
pub fn staged(folder: &Path) -> Result<Option<Restored>> {
    let staged = folder.join(STAGED);
    if !fs::exists(&staged)? {
        return Ok(None);
    }
    restored(&look_at(&staged)?)
}

/// Leaves the ledger as it is. False when nothing lay ready.
pub fn unstage(folder: &Path) -> Result<bool> {
    let staged = folder.join(STAGED);
    let was = fs::exists(&staged)?;
    remove(&staged)?;
    paths::sync_folder_of(&staged)?;
    Ok(was)
}

/// The backup that a ledger was.
pub fn restored(conn: &Connection) -> Result<Option<Restored>> {
    let text: Option<String> =
        conn.query_row("SELECT value FROM settings WHERE name = ?1", [RESTORED], |row| row.get(0)).optional()?;
    text.map(|text| from_json(&text)).transpose()
}

fn put_restored(conn: &Connection, restored: &Restored) -> Result<()> {
    conn.execute("INSERT OR REPLACE INTO settings VALUES (?1, ?2)", params![RESTORED, json(restored)?])?;
    Ok(())
}

/// Copies `file` to `part`, and makes of the copy a ledger that could be opened.
fn check_copy(folder: &Path, file: &Path, part: &Path) -> Result<Candidate> {
    let ledger = folder.join(FILE);
    let same = |a: &Path, b: &Path| fs::canonicalize(a).is_ok_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b));
    if same(file, &ledger) {
        return Err(LedgerError::Unfit("is the ledger in use".to_owned()));
    }
    let unfit = |e: &dyn std::fmt::Display| LedgerError::Unfit(format!("cannot be read as a ledger: {e}"));
    let source = look_at(file).map_err(|e| unfit(&e.cause()))?;
    let version: i64 =
        source.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(|e: rusqlite::Error| unfit(&e))?;
    if version == 0 {
        return Err(LedgerError::Unfit("is no ledger of Spendlight".to_owned()));
    }
    if usize::try_from(version).is_ok_and(|version| version > MIGRATIONS.len()) {
        return Err(LedgerError::Unfit(
            "was written by a newer Spendlight; update Spendlight to restore it".to_owned(),
        ));
    }
    copy(&source, part, |_| ())?;
    let mut conn = Connection::open(part)?;
    let found: String = conn
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|e| LedgerError::Unfit(format!("is damaged: {e}")))?;
    if found != "ok" {
        return Err(LedgerError::Unfit(format!("is damaged: {found}")));
    }
    migrations().to_latest(&mut conn).map_err(|e| unfit(&e))?;
    let mut fresh = Connection::open_in_memory()?;
    migrations().to_latest(&mut fresh).map_err(|e| unfit(&e))?;
    if schema(&conn)? != schema(&fresh)? {
        return Err(LedgerError::Unfit("is no ledger of Spendlight: its tables are others".to_owned()));
    }
    if !adds_up(&conn)? {
        return Err(LedgerError::Unfit("is damaged: its totals are not those of its entries".to_owned()));
    }
    // What was about to be said when it was made is not to be said now.
    conn.execute("UPDATE deliveries SET state = 'off' WHERE state = 'pending'", [])?;
    Ok(Candidate { facts: facts(&conn)?, lacks: lacks(&conn, &ledger).ok() })
}

fn schema(conn: &Connection) -> Result<Vec<(String, String, Option<String>)>> {
    let mut select = conn.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY type, name",
    )?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn adds_up(conn: &Connection) -> Result<bool> {
    let sum = |sql: &str| conn.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    let entries = sum("SELECT count(*) + (SELECT coalesce(sum(calls), 0) FROM gone_whose),
           coalesce(sum(cost_nusd), 0) + (SELECT coalesce(sum(cost_nusd), 0) FROM gone_whose)
         FROM entries WHERE counted")?;
    for grain in 0..2 {
        let rollups = sum(&format!(
            "SELECT coalesce(sum(calls), 0), coalesce(sum(cost_nusd), 0) FROM rollups WHERE grain = {grain}"
        ))?;
        if rollups != entries {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many entries of the ledger in the file `other` are not in this one.
fn lacks(conn: &Connection, other: &Path) -> Result<i64> {
    beside(conn, other, |conn| {
        conn.query_row(
            "SELECT count(*) FROM other.entries AS theirs
             WHERE NOT EXISTS (SELECT 1 FROM main.entries AS ours WHERE ours.call_id = theirs.call_id)",
            [],
            |row| row.get(0),
        )
    })
}

/// Does something while the ledger in another file is there as `other`.
fn beside<T>(conn: &Connection, other: &Path, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
    if !fs::exists(other)? {
        return Err(LedgerError::Unreadable(format!("{} is gone", other.display())));
    }
    conn.execute("ATTACH DATABASE ?1 AS other", [other.to_string_lossy()])?;
    let outcome = work(conn);
    conn.execute_batch("DETACH DATABASE other")?;
    Ok(outcome?)
}

/// Puts what lies ready in the ledger's place, before anybody opens it. Nothing happens where nothing lies ready.
///
/// # Errors
/// It could not be done. The ledger is the old one then, and the next start tries again.
pub fn take_in(folder: &Path) -> Result<()> {
    let (staged, ledger) = (folder.join(STAGED), folder.join(FILE));
    if !fs::exists(&staged)? {
        return Ok(());
    }
    let conn = Connection::open(&staged)?;
    let Some(mut restored) = restored(&conn)? else {
        return Err(LedgerError::Unreadable(format!("{} does not tell where it comes from", staged.display())));
    };
    if fs::exists(&ledger)? {
        restored.lacks = match fold(folder, &ledger).and_then(|()| carry_over(&conn, &ledger)) {
            Ok(lacks) => Some(lacks),
            // Nobody could use it as it is either.
            Err(e) if e.is_of_the_file() => None,
            Err(e) => return Err(e),
        };
        put_restored(&conn, &restored)?;
        drop(conn);
        put_aside(&ledger, &folder.join(&restored.kept))?;
    }
    fs::rename(&staged, &ledger)?;
    paths::sync_folder_of(&ledger)?;
    tracing::info!("{} has been restored; the ledger before it is {}", restored.from.display(), restored.kept);
    Ok(())
}

/// Makes one file of the ledger and its log. What is held for calls that stand in it is forgotten: the ledger that comes
/// does not know them, and would settle them again.
fn fold(folder: &Path, ledger: &Path) -> Result<()> {
    let writer = super::open(ledger)?;
    let (journal, passing) = Journal::open(folder)?;
    for (slot, passing) in passing {
        if writer.has_entry(&passing.hold.call_id)? {
            journal.blank(slot)?;
        }
    }
    writer.conn().pragma_update(None, "journal_mode", "delete")?;
    Ok(())
}

/// Takes over what must not be undone by going back: revoked keys stay revoked, and what is held for scripts now stays
/// held. Says how many entries of the ledger are not in the backup.
fn carry_over(conn: &Connection, ledger: &Path) -> Result<i64> {
    beside(conn, ledger, |conn| {
        conn.execute_batch(
            "BEGIN;
             UPDATE keys SET revoked_ms = (SELECT revoked_ms FROM other.keys AS theirs WHERE theirs.id = keys.id)
             WHERE revoked_ms IS NULL;
             UPDATE reservations SET (resolution, resolved_ms) = (SELECT resolution, resolved_ms
               FROM other.reservations AS theirs WHERE theirs.call_id = reservations.call_id)
             WHERE resolution IS NULL;
             INSERT INTO reservations SELECT * FROM other.reservations WHERE resolution IS NULL ON CONFLICT DO NOTHING;
             COMMIT;",
        )
    })?;
    lacks(conn, ledger)
}

/// Keeps the ledger by another name too, and takes its log out of the way, if it still has one.
fn put_aside(ledger: &Path, kept: &Path) -> Result<()> {
    match fs::hard_link(ledger, kept) {
        // An earlier start has come that far.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        Err(_) => {
            let part = part_of(kept);
            fs::copy(ledger, &part)?;
            keep(&part, kept)?;
        }
        Ok(()) => {}
    }
    let log = with_ending(ledger, "-wal");
    if fs::exists(&log)? {
        fs::rename(log, with_ending(kept, "-wal"))?;
    }
    remove(&with_ending(ledger, "-shm"))?;
    paths::sync_folder_of(kept)?;
    Ok(())
}
