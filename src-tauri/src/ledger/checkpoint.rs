//! Checkpoints: moving what is committed from the write-ahead log into the ledger's file, on a connection and a thread
//! of their own, small and often, so that no commit waits for one.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

use super::{Result, prepare};

/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(250);

/// A log shorter than this is left to grow: about a hundred records.
const WORTH_BYTES: u64 = 400 * 1024;

/// A log longer than this is also cut back, when nobody reads.
const CUT_BACK_BYTES: u64 = 64 * 1024 * 1024;

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
    let mut failing = false;
    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(EVERY) {
        let bytes = std::fs::metadata(&log).map_or(0, |m| m.len());
        if bytes < WORTH_BYTES {
            continue;
        }
        // Cutting back keeps writers out while it lasts, so everything that can be moved is moved before.
        let moved = checkpoint(&conn, "PASSIVE");
        match moved.and_then(|()| if bytes > CUT_BACK_BYTES { checkpoint(&conn, "TRUNCATE") } else { Ok(()) }) {
            Ok(()) => failing = false,
            Err(e) if !failing => {
                tracing::warn!("a checkpoint failed, the log will grow until one succeeds: {e}");
                failing = true;
            }
            Err(_) => {}
        }
    }
    if let Err(e) = checkpoint(&conn, "TRUNCATE") {
        tracing::warn!("the last checkpoint failed; the next start reads the log: {e}");
    }
}

fn checkpoint(conn: &Connection, mode: &str) -> Result<()> {
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))?;
    Ok(())
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
