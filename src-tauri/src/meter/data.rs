//! The ledger as a file: what it holds, and the backup that the next start takes in its place. Backups are made in
//! backups.rs.
//!
//! One such job goes on at a time. Each has threads and connections of its own, so that no record waits for it, and goes
//! on to its end whoever stops waiting for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Meter, MeterError};
use crate::ledger::{self, Backups, Candidate, Facts, LedgerError, Restored, Size};

/// What goes on with the ledger's file, and how it came out.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Held by the job that goes on.
    turn: Arc<Mutex<()>>,
    /// How much of a backup is done, in thousandths; more than all where none is being made.
    permille: AtomicU32,
    pub(super) backups: std::sync::Mutex<Backups>,
    /// When a backup by schedule that failed is tried again.
    pub(super) again_at: std::sync::Mutex<Option<DateTime<Utc>>>,
    /// Held by whoever takes out calls that are older than they are kept.
    pub(super) taking_out: Mutex<()>,
    /// Why the backup that lay ready was not taken in at the start.
    not_restored: Option<String>,
}

const NO_BACKUP: u32 = u32::MAX;

impl Jobs {
    pub fn new(backups: Backups, not_restored: Option<String>) -> Jobs {
        Jobs { permille: AtomicU32::new(NO_BACKUP), backups: backups.into(), not_restored, ..Jobs::default() }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of one")]
    pub(super) fn has_done(&self, share: f64) {
        self.permille.store((share.clamp(0.0, 1.0) * 1_000.0) as u32, Ordering::Relaxed);
    }

    /// No backup is being made any more.
    pub(super) fn is_done(&self) {
        self.permille.store(NO_BACKUP, Ordering::Relaxed);
    }

    pub(super) fn progress(&self) -> Option<f64> {
        let permille = self.permille.load(Ordering::Relaxed);
        (permille != NO_BACKUP).then(|| f64::from(permille) / 1_000.0)
    }
}

/// The ledger's file.
#[derive(Debug, Clone)]
pub struct LedgerFile {
    pub path: PathBuf,
    pub size: Size,
    pub facts: Facts,
    /// The backup it was, if it was one.
    pub restored: Option<Restored>,
}

impl Meter {
    pub async fn ledger_file(&self) -> Result<LedgerFile, MeterError> {
        let path = self.readers.path().to_owned();
        self.read(move |conn| {
            let (facts, size) = (ledger::facts(conn)?, ledger::size(conn, &path)?);
            Ok(LedgerFile { path, size, facts, restored: ledger::restored(conn)? })
        })
        .await
    }

    /// Why the backup that lay ready was not taken in at the start.
    pub fn not_restored(&self) -> Option<&str> {
        self.jobs.not_restored.as_deref()
    }

    /// Looks whether a file can be restored.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] says what is wrong with it.
    pub async fn examine(self: &Arc<Meter>, file: PathBuf) -> Result<Candidate, MeterError> {
        let folder = self.data_folder.clone();
        self.job(move || ledger::examine(&folder, &file).map_err(unfit)).await?
    }

    /// Lays a file ready, to be the ledger from the next start on.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] says what is wrong with it.
    pub async fn restore(self: &Arc<Meter>, file: PathBuf) -> Result<Candidate, MeterError> {
        let (folder, now) = (self.data_folder.clone(), self.now());
        self.job(move || ledger::stage(&folder, &file, now).map_err(unfit)).await?
    }

    /// What lies ready for the next start.
    pub async fn to_restore(&self) -> Result<Option<Restored>, MeterError> {
        let folder = self.data_folder.clone();
        self.read(move |_| ledger::staged(&folder)).await
    }

    /// Keeps the ledger after all. False when nothing lay ready.
    pub async fn do_not_restore(&self) -> Result<bool, MeterError> {
        let folder = self.data_folder.clone();
        self.read(move |_| ledger::unstage(&folder)).await
    }

    /// Does one job with the ledger's file, to its end.
    async fn job<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, MeterError> {
        let turn = self.turn_for_a_job()?;
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(ended)
    }

    pub(super) fn turn_for_a_job(&self) -> Result<OwnedMutexGuard<()>, MeterError> {
        let busy = |_| MeterError::Conflict("a backup is being made or checked; try again in a moment".to_owned());
        Arc::clone(&self.jobs.turn).try_lock_owned().map_err(busy)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as an error is handed over")]
pub(super) fn ended(e: tokio::task::JoinError) -> MeterError {
    MeterError::Unwritable(format!("a job with the ledger's file ended early: {e}"))
}

fn unfit(e: LedgerError) -> MeterError {
    match e {
        LedgerError::Unfit(problem) => MeterError::invalid("file", problem),
        LedgerError::File(e) => MeterError::Backup(format!("The file was not restored: {e}.")),
        LedgerError::Sqlite(e) => MeterError::Backup(format!("The file was not restored: {e}.")),
        other => other.into(),
    }
}
