//! The ledger as a file: what it holds, its backups, and the backup that the next start takes in its place.
//!
//! One such job goes on at a time. Each has threads and connections of its own, so that no record waits for it, and goes
//! on to its end whoever stops waiting for it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Meter, MeterError};
use crate::ledger::{self, BackedUp, Backups, Candidate, Facts, LedgerError, NotBackedUp, Restored, Size};
use crate::paths;

/// What goes on with the ledger's file, and how it came out.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Held by the job that goes on.
    turn: Arc<Mutex<()>>,
    /// How much of a backup is done, in thousandths; more than all where none is being made.
    permille: AtomicU32,
    backups: std::sync::Mutex<Backups>,
    /// Why the backup that lay ready was not taken in at the start.
    not_restored: Option<String>,
}

const NO_BACKUP: u32 = u32::MAX;

impl Jobs {
    pub fn new(backups: Backups, not_restored: Option<String>) -> Jobs {
        Jobs { permille: AtomicU32::new(NO_BACKUP), backups: backups.into(), not_restored, ..Jobs::default() }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of one")]
    fn has_done(&self, share: f64) {
        self.permille.store((share.clamp(0.0, 1.0) * 1_000.0) as u32, Ordering::Relaxed);
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

    /// Where backups are kept.
    pub fn backups_folder(&self) -> PathBuf {
        paths::backups_folder(&self.data_folder)
    }

    /// How the last backups came out.
    pub fn backups(&self) -> Backups {
        self.jobs.backups.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much of the backup is done that is being made, from 0 to 1.
    pub fn backup_progress(&self) -> Option<f64> {
        let permille = self.jobs.permille.load(Ordering::Relaxed);
        (permille != NO_BACKUP).then(|| f64::from(permille) / 1_000.0)
    }

    /// Why the backup that lay ready was not taken in at the start.
    pub fn not_restored(&self) -> Option<&str> {
        self.jobs.not_restored.as_deref()
    }

    /// Makes a backup: into `to` where that names a file or a folder, else where backups are kept. It is made to its end
    /// whoever stops waiting for it.
    ///
    /// # Errors
    /// [`MeterError::Conflict`] while another job goes on, [`MeterError::Backup`] for one that could not be made.
    pub async fn back_up(self: &Arc<Meter>, to: Option<PathBuf>) -> Result<BackedUp, MeterError> {
        let now = self.now();
        let file = match to {
            Some(to) => named(to, now)?,
            None => self.backups_folder().join(ledger::backup_name(now)),
        };
        let turn = self.turn_for_a_job()?;
        let meter = Arc::clone(self);
        let made = tokio::spawn(async move {
            let _turn = turn;
            let made = meter.write_backup(file, now).await;
            meter.remember(&made, now).await;
            made
        });
        made.await.map_err(ended)?
    }

    async fn write_backup(self: &Arc<Meter>, file: PathBuf, now: DateTime<Utc>) -> Result<BackedUp, MeterError> {
        let meter = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || {
            meter.jobs.has_done(0.0);
            let own = meter.backups_folder();
            ledger::remove_parts(&own);
            let folder = if file.starts_with(&own) { paths::private_folder(&own) } else { Ok(()) };
            let made = folder
                .map_err(LedgerError::from)
                .and_then(|()| ledger::back_up(meter.readers.path(), &file, now, |share| meter.jobs.has_done(share)));
            meter.jobs.permille.store(NO_BACKUP, Ordering::Relaxed);
            made.map_err(|e| {
                MeterError::Backup(format!("The ledger was not backed up to {}: {}.", file.display(), e.cause()))
            })
        });
        written.await.map_err(ended)?
    }

    /// Keeps how a backup came out, as far as the ledger can be written.
    async fn remember(&self, made: &Result<BackedUp, MeterError>, at: DateTime<Utc>) {
        let backups = {
            let mut backups = self.jobs.backups.lock().unwrap_or_else(PoisonError::into_inner);
            match made {
                Ok(made) => *backups = Backups { last: Some(made.clone()), failed: None },
                Err(e) => backups.failed = Some(NotBackedUp { at, why: e.to_string() }),
            }
            backups.clone()
        };
        match made {
            Ok(made) => tracing::info!("the ledger has been backed up to {}", made.file.display()),
            Err(e) => tracing::warn!("{e}"),
        }
        if let Err(e) = self.edit(move |writer, _, _| Ok(writer.put_backups(&backups)?)).await {
            tracing::warn!("how the backup came out cannot be written down: {e}");
        }
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

    fn turn_for_a_job(&self) -> Result<OwnedMutexGuard<()>, MeterError> {
        let busy = |_| MeterError::Conflict("a backup is being made or checked; try again in a moment".to_owned());
        Arc::clone(&self.jobs.turn).try_lock_owned().map_err(busy)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as an error is handed over")]
fn ended(e: tokio::task::JoinError) -> MeterError {
    MeterError::Unwritable(format!("a job with the ledger's file ended early: {e}"))
}

/// The file that a backup is to be: `to`, or one in the folder that it is. What is there is not written over.
fn named(to: PathBuf, now: DateTime<Utc>) -> Result<PathBuf, MeterError> {
    let file = if to.is_dir() { to.join(ledger::backup_name(now)) } else { to };
    if !file.is_absolute() {
        return Err(MeterError::invalid("file", "must be a whole path, from the root on"));
    }
    if !file.parent().is_some_and(Path::is_dir) {
        return Err(MeterError::invalid("file", "is in a folder that is not there"));
    }
    if std::fs::exists(&file).unwrap_or(true) {
        return Err(MeterError::invalid("file", "is there already, and is not written over"));
    }
    Ok(file)
}

fn unfit(e: LedgerError) -> MeterError {
    match e {
        LedgerError::Unfit(problem) => MeterError::invalid("file", problem),
        LedgerError::File(e) => MeterError::Backup(format!("The file was not restored: {e}.")),
        LedgerError::Sqlite(e) => MeterError::Backup(format!("The file was not restored: {e}.")),
        other => other.into(),
    }
}
