//! Copies of a ledger, whole and on the disk: what a backup and a restore are made of.
//!
//! SQLite's own backup is taken from one snapshot that a reading transaction holds: it never begins anew however much is
//! written meanwhile, and no writer waits for it. `VACUUM INTO` would do that too, but in one piece that cannot be parted
//! into steps or told of while it goes. The copy is one plain file that needs no log beside it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::{BUSY, Result};
use crate::paths;

/// Pages in one step: a megabyte.
const STEP_PAGES: i32 = 256;

/// Between two steps, so that whoever records has the disk in between.
const PAUSE: Duration = Duration::from_millis(1);

/// After so many steps what was written is brought to the disk: written at the end in one piece, it would make commits
/// wait for it.
const STEPS_SYNCED: usize = 16;

/// Where a file is made before it is whole.
pub fn part_of(file: &Path) -> PathBuf {
    with_ending(file, ".part")
}

pub fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Copies what `source` sees into the new file `to`, which only its user can read. `told` hears how much of it is done,
/// from 0 to 1. The copy is not on the disk before [`keep`].
pub fn copy(source: &Connection, to: &Path, told: impl Fn(f64)) -> Result<()> {
    remove(to)?;
    paths::private_file(to)?;
    let written = File::open(to)?;
    // Reading something begins the snapshot, which lasts until the transaction ends.
    source.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1")?;
    let mut copy = Connection::open(to)?;
    copy.execute_batch("PRAGMA journal_mode=off; PRAGMA synchronous=off")?;
    let outcome = steps(source, &mut copy, &written, told);
    let ended = source.execute_batch("COMMIT");
    outcome?;
    ended?;
    drop(copy);
    // It says of itself that it has a log, as its source does.
    Connection::open(to)?.pragma_update(None, "journal_mode", "delete")?;
    Ok(())
}

fn steps(source: &Connection, copy: &mut Connection, written: &File, told: impl Fn(f64)) -> Result<()> {
    let backup = Backup::new(source, copy)?;
    for step in 1.. {
        match backup.step(STEP_PAGES)? {
            StepResult::Done => break,
            // No lock is waited for in a snapshot, but that is SQLite's to know.
            _ => std::thread::sleep(PAUSE),
        }
        if step % STEPS_SYNCED == 0 {
            written.sync_data()?;
        }
        let progress = backup.progress();
        told(1.0 - f64::from(progress.remaining) / f64::from(progress.pagecount.max(1)));
    }
    Ok(())
}

/// Opens a ledger's file to look at it.
pub fn look_at(file: &Path) -> Result<Connection> {
    use rusqlite::OpenFlags as Flags;
    let conn = Connection::open_with_flags(file, Flags::SQLITE_OPEN_READ_ONLY | Flags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    Ok(conn)
}

/// Brings a finished `part` to the disk and gives it its name, so that under that name there is never half a file.
pub fn keep(part: &Path, file: &Path) -> io::Result<()> {
    // Windows brings only a file to the disk that could be written.
    fs::OpenOptions::new().write(true).open(part)?.sync_all()?;
    fs::rename(part, file)?;
    paths::sync_folder_of(file)
}

/// Removes a file, if it is there.
pub fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
