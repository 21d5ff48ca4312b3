//! Reading connections, made as they are needed and kept for the next reader.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;

use super::{Result, open_reader};

/// Connections kept open between readers. More may exist for a moment.
const KEPT_MAX: usize = 4;

#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn new(path: &Path) -> Readers {
        Readers { path: path.to_owned(), idle: Mutex::new(Vec::new()) }
    }

    /// Runs `read` on a connection, within one snapshot of the ledger. Blocks: call it where blocking is allowed.
    ///
    /// # Errors
    /// What `read` says, or that no connection could be opened.
    pub fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let taken = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let conn = match taken {
            Some(conn) => conn,
            None => open_reader(&self.path)?,
        };
        conn.execute_batch("BEGIN")?;
        let outcome = read(&conn);
        // Ends a snapshot; there is nothing to lose, so its outcome changes nothing.
        let ended = conn.execute_batch("COMMIT");
        if ended.is_ok()
            && let Ok(mut idle) = self.idle.lock()
            && idle.len() < KEPT_MAX
        {
            idle.push(conn);
        }
        outcome
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}
