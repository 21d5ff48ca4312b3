//! Checkpoints: moving what is committed from the write-ahead log into the ledger's file, on a connection and a thread
//! of their own, so that no commit waits for one.
//!
//! A checkpoint costs the disk about the same whether the log is short or long, since the same pages are written over
//! and over; so they are seldom rather than small. Then the log begins anew over its own blocks: a log that grows makes
//! the file system write down its new length with every commit, so it is cut back only when nobody writes.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

use super::{Result, prepare};

/// How often the log is emptied, where something was committed.
const EVERY: Duration = Duration::from_secs(2);

/// A log longer than this is cut back, once nobody writes: its blocks are given back to the disk.
const CUT_BACK_BYTES: u64 = 16 * 1024 * 1024;

/// How long the end of a checkpoint may keep a commit waiting for a reader that still needs the log.
const BUSY: Duration = Duration::from_millis(5);

/// Keeps the log of the ledger at `path` short until `stop` hangs up, and empties it then.
pub fn run(path: &Path, stop: &Receiver<()>) {
    let log = log_of(path);
    let conn = match Connection::open(path).and_then(|conn| prepare(&conn).map(|()| conn)) {
        Ok(conn) => conn,
        Err(e) => {
            tracing::warn!("checkpoints cannot run, the log will grow: {e}");
            return;
        }
    };
    let (mut emptied, mut failing) = (0, false);
    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(EVERY) {
        match empty(&conn, &log, &mut emptied) {
            Ok(()) => failing = false,
            Err(e) if !failing => {
                tracing::warn!("a checkpoint failed, the log will grow until one succeeds: {e}");
                failing = true;
            }
            Err(_) => {}
        }
    }
    if let Err(e) = conn.busy_timeout(super::BUSY).map_err(Into::into).and_then(|()| checkpoint(&conn, "TRUNCATE")) {
        tracing::warn!("the last checkpoint failed; the next start reads the log: {e}");
    }
}

/// Empties the log; where nothing has been committed since the version that was `emptied` last, it is cut back.
fn empty(conn: &Connection, log: &Path, emptied: &mut i64) -> Result<()> {
    let version = conn.query_row("PRAGMA data_version", [], |row| row.get(0))?;
    conn.busy_timeout(BUSY)?;
    if version == *emptied {
        if std::fs::metadata(log).is_ok_and(|m| m.len() > CUT_BACK_BYTES) {
            checkpoint(conn, "TRUNCATE")?;
        }
        return Ok(());
    }
    // Beginning anew keeps writers out while it lasts, so everything that can be moved is moved before.
    checkpoint(conn, "PASSIVE")?;
    if checkpoint(conn, "RESTART")? {
        *emptied = version;
    }
    Ok(())
}

/// Whether it went all the way, which a busy reader or writer can prevent.
fn checkpoint(conn: &Connection, mode: &str) -> Result<bool> {
    Ok(conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get::<_, i64>(0))? == 0)
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
