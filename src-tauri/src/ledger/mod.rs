//! The ledger: what is remembered. The only room with SQL.
//!
//! One SQLite file in WAL mode. One [`Writer`] commits with `synchronous=FULL`, so that what it has acknowledged
//! survives a power cut; [`Readers`] and the [`checkpoint`] have connections of their own, so that neither a long query nor a
//! checkpoint makes a commit wait. Entries are immutable and a call is resolved once: the database itself refuses
//! anything else. Rollups by hour and day are kept in the transaction of the entries they sum up.
//!
//! Deliberately not here: what a budget or a price is, and who may write. The meter decides that.

mod alerts;
mod backup;
mod budgets;
pub mod checkpoint;
mod copy;
mod denials;
mod entries;
mod facts;
mod gone;
mod journal;
mod keys;
mod lease;
mod listing;
mod owner;
mod past;
mod readers;
mod reservations;
mod restore;
mod rollups;
mod settings;
mod spent;
mod text;
pub mod usage;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

pub use alerts::{
    AlertFilter, alert, any_returns as any_alert_returns, count_new as count_new_alerts, list as alerts,
    pending as pending_alerts,
};
pub use backup::{
    BackedUp, BackupSchedule, Backups, Every, NotBackedUp, back_up, backup_name, backups_in, prune_backups,
    remove_parts, scheduled_backup_name,
};
pub use entries::{UnknownModel, entry, recent_outputs, unknown_models};
pub use facts::{Facts, Size, facts, size};
pub use gone::{Gone, KeepCalls, Outdated, any_outdated, gone, is_gone, outdated};
pub use journal::{Journal, Passing, Slot};
pub use lease::{Lease, abandoned as abandoned_runs, others_go_on as other_runs_go_on};
pub use listing::{
    Cursor, EntryFilter, Extent, Page, SpanSum, chunk as entries_chunk, extent, page as entries_page, span_sum,
};
pub use owner::{Owner, OwnerError};
pub use past::{Past, Stretch};
pub use readers::Readers;
pub use reservations::{Reservation, Resolution};
pub use restore::{Candidate, Restored, examine, restored, stage, staged, take_in, unstage};
pub use settings::{ASK_SECONDS, NotificationSettings, Settings, Theme, UnknownPrice, price_overrides, prices_set};
pub use writer::{Inserted, Writer};

/// The ledger's file within the data folder.
pub const FILE: &str = "ledger.sqlite3";

/// How long a connection waits for another's lock. Only a stranger's program can hold one that long.
const BUSY: Duration = Duration::from_secs(5);

/// Why the ledger could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("the ledger {} was written by a newer Spendlight; update Spendlight to open it", .0.display())]
    FromTheFuture(PathBuf),
    #[error("the ledger {} cannot be opened: {reason}", path.display())]
    Unopenable { path: PathBuf, reason: String },
    #[error("the ledger cannot be read or written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the ledger holds something unreadable: {0}")]
    Unreadable(String),
    #[error("a file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    /// What keeps a file from being restored, to be said after its name.
    #[error("the file {0}")]
    Unfit(String),
}

impl LedgerError {
    /// What is wrong, without the sentence around it: "its disk is full".
    pub fn cause(&self) -> String {
        match self {
            LedgerError::Sqlite(e) => match e.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => "its disk is full".to_owned(),
                Some(ErrorCode::ReadOnly) => "its file may not be written to".to_owned(),
                _ => e.to_string(),
            },
            LedgerError::File(e) if e.kind() == std::io::ErrorKind::StorageFull => "its disk is full".to_owned(),
            LedgerError::File(e) => e.to_string(),
            LedgerError::Unfit(what) => what.clone(),
            other => other.to_string(),
        }
    }

    /// Whether it is the file itself that is of no use, and will be at the next try too.
    fn is_of_the_file(&self) -> bool {
        match self {
            LedgerError::FromTheFuture(_) | LedgerError::Unopenable { .. } => true,
            LedgerError::Sqlite(e) => {
                matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            }
            _ => false,
        }
    }
}

pub type Result<T> = std::result::Result<T, LedgerError>;

/// What makes a ledger of an empty file, in order. A file's `user_version` says how many of them it has seen.
const MIGRATIONS: [&str; 10] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_keys.sql"),
    include_str!("migrations/0003_ask.sql"),
    include_str!("migrations/0004_counted.sql"),
    include_str!("migrations/0005_by_time.sql"),
    include_str!("migrations/0006_waiting.sql"),
    include_str!("migrations/0007_snooze.sql"),
    include_str!("migrations/0008_gone.sql"),
    include_str!("migrations/0009_prices_since.sql"),
    include_str!("migrations/0010_denials.sql"),
];

fn migrations() -> Migrations<'static> {
    Migrations::new(MIGRATIONS.map(M::up).to_vec())
}

/// Opens the ledger at `path`, making or migrating it as needed.
///
/// # Errors
/// [`LedgerError::FromTheFuture`] for a file of a newer schema; the file is left as it is.
pub fn open(path: &Path) -> Result<Writer> {
    let unopenable =
        |reason: &dyn std::fmt::Display| LedgerError::Unopenable { path: path.to_owned(), reason: reason.to_string() };
    // SQLite would make it readable by everyone; its log and index take after it.
    crate::paths::private_file(path).map_err(|e| unopenable(&e))?;
    let mut conn = Connection::open(path).map_err(|e| unopenable(&e))?;
    // Before anything is in it: then what is empty can be given back to the disk in small steps.
    conn.pragma_update(None, "auto_vacuum", "incremental").map_err(|e| unopenable(&e))?;
    prepare(&conn).map_err(|e| unopenable(&e))?;
    match migrations().to_latest(&mut conn) {
        Ok(()) => {}
        Err(rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        )) => return Err(LedgerError::FromTheFuture(path.to_owned())),
        Err(e) => return Err(unopenable(&e)),
    }
    if let Err(e) = make_giving(&conn) {
        tracing::warn!("what is empty in the ledger's file is not given back to the disk: {e}");
    }
    Writer::new(conn, path)
}

/// Has a ledger that was made before it could give space back in small steps give all of it back at once, and learn how,
/// where that is worth the wait.
fn make_giving(conn: &Connection) -> rusqlite::Result<()> {
    let number = |pragma: &str| conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
    let is_giving = number("auto_vacuum")? != 0;
    if is_giving || number("freelist_count")? < number("page_count")? / 4 {
        return Ok(());
    }
    conn.execute_batch("VACUUM")?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// What every connection is told.
fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    // Checkpoints run on a connection of their own: inside a commit they would stall it.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "foreign_keys", "on")?;
    // Without this, INSERT OR REPLACE would take an entry's place past the triggers that keep it.
    conn.pragma_update(None, "recursive_triggers", "on")?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// A connection that can only read.
fn open_reader(path: &Path) -> Result<Connection> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    prepare(&conn)?;
    conn.pragma_update(None, "query_only", "on")?;
    spent::teach(&conn)?;
    Ok(conn)
}

#[cfg(test)]
mod tests;
