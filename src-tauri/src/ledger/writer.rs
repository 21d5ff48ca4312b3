//! The one writing connection: transactions that hold everything that was waiting, durable when a record is among it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rusqlite::Connection;

use super::rollups::{self, Rollups};
use super::{Readers, Result};
use crate::domain::entry::Entry;

/// The writer. Its methods are spread over the files of this room, each beside the table it writes.
#[derive(Debug)]
pub struct Writer {
    conn: Connection,
    path: PathBuf,
    rollups: Rollups,
    /// Whether commits wait for the disk (`synchronous=FULL`) or only for the operating system.
    durable: bool,
    /// Whether there are calls whose entries are gone: only then is it asked for each new one whether it is one of them.
    has_gone_calls: bool,
}

/// What became of an entry that was offered.
#[derive(Debug)]
pub enum Inserted {
    New,
    /// Its call had been written down before, like this.
    Already(Box<Entry>),
    /// Its call had been written down before, and is no longer kept by itself.
    Gone,
}

/// The setting that remembers which zone the rollups are of.
const ROLLUP_ZONE: &str = "rollup_zone";

impl Writer {
    pub(super) fn new(conn: Connection, path: &Path) -> Result<Writer> {
        super::spent::teach(&conn)?;
        super::gone::teach(&conn)?;
        let has_gone_calls = super::gone(&conn)?.calls > 0;
        let rollups = Rollups::new(Tz::UTC);
        let mut writer = Writer { conn, path: path.to_owned(), rollups, durable: true, has_gone_calls };
        if let Some(zone) = writer.setting::<Tz>(ROLLUP_ZONE)? {
            writer.rollups = Rollups::new(zone);
        } else {
            writer.put_setting(ROLLUP_ZONE, &Tz::UTC)?;
        }
        Ok(writer)
    }

    pub(super) fn conn(&self) -> &Connection {
        &self.conn
    }

    pub(super) fn rollups_mut(&mut self) -> &mut Rollups {
        &mut self.rollups
    }

    pub(super) fn has_gone_calls(&self) -> bool {
        self.has_gone_calls
    }

    /// From now on there are calls whose entries are gone.
    pub(super) fn forgets_calls(&mut self) {
        self.has_gone_calls = true;
    }

    pub fn readers(&self) -> Readers {
        Readers::new(&self.path)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a transaction. A `durable` one is on disk when [`Writer::commit`] returns; another is at least in the
    /// operating system's hands, and on disk with the next durable one.
    pub fn begin(&mut self, durable: bool) -> Result<()> {
        if durable != self.durable {
            self.conn.execute_batch(if durable { "PRAGMA synchronous=FULL" } else { "PRAGMA synchronous=NORMAL" })?;
            self.durable = durable;
        }
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    /// Writes the gathered rollups, so that what reads them within this transaction sees all of it.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.rollups.flush(&self.conn)?)
    }

    /// Writes the gathered rollups and commits.
    pub fn commit(&mut self) -> Result<()> {
        self.flush()?;
        self.conn.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// Undoes the open transaction, if there is one.
    pub fn rollback(&mut self) {
        self.rollups.clear();
        if !self.conn.is_autocommit() {
            // After some errors SQLite has rolled back by itself; either way nothing of it remains.
            let _ = self.conn.execute_batch("ROLLBACK");
        }
    }

    /// Runs `work` in a durable transaction of its own.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        self.begin(true)?;
        match work(self).and_then(|value| self.commit().map(|()| value)) {
            Ok(value) => Ok(value),
            Err(e) => {
                self.rollback();
                Err(e)
            }
        }
    }

    /// The zone whose hours and days the rollups are of.
    pub fn rollup_zone(&self) -> Tz {
        self.rollups.zone()
    }

    /// Makes the rollups those of `zone`, in the open transaction.
    pub fn rebuild_rollups(&mut self, zone: Tz) -> Result<()> {
        self.rollups.clear();
        rollups::rebuild(&self.conn, zone)?;
        self.put_setting(ROLLUP_ZONE, &zone)?;
        self.rollups = Rollups::new(zone);
        Ok(())
    }

    /// The smallest write there is, in the open transaction: whether it can be committed tells whether others can.
    pub fn put_probe(&self, now: DateTime<Utc>) -> Result<()> {
        self.put_setting("probed_at", &now)
    }
}
