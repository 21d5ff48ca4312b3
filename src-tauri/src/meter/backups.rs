//! Backups: those that are asked for, and those that are due by schedule.
//!
//! A schedule counts from the last backup that lies where backups are kept, so that what was missed while nothing ran is
//! made up for once, at the next start.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::data::ended;
use super::{Meter, MeterError};
use crate::ledger::{self, BackedUp, Backups, LedgerError, NotBackedUp};
use crate::paths;

/// How long after a failure a backup by schedule is tried again.
const AGAIN: TimeDelta = TimeDelta::hours(1);

impl Meter {
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
        self.jobs.progress()
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
        self.make(file, now).await
    }

    /// When the next backup by schedule is due; none where there is no schedule.
    pub fn next_backup(&self) -> Option<DateTime<Utc>> {
        let period = self.settings().backup_schedule.every.period()?;
        let now = self.now();
        // A clock that has been set back keeps no backup away.
        let last = self.backups().kept_at.filter(|last| *last <= now);
        let due = last.map_or(now, |last| last + period);
        Some(self.again_at().map_or(due, |again| again.max(due)))
    }

    /// Makes the backup that is due, and removes the oldest ones that are too many. None when none was due, or another
    /// job with the ledger's file goes on.
    ///
    /// # Errors
    /// [`MeterError::Backup`] for one that could not be made; it is tried again after [`AGAIN`].
    pub async fn back_up_if_due(self: &Arc<Meter>) -> Result<Option<BackedUp>, MeterError> {
        let now = self.now();
        if self.next_backup().is_none_or(|due| due > now) {
            return Ok(None);
        }
        let made = self.make(self.backups_folder().join(ledger::scheduled_backup_name(now)), now).await;
        if matches!(made, Err(MeterError::Conflict(_))) {
            return Ok(None);
        }
        *self.jobs.again_at.lock().unwrap_or_else(PoisonError::into_inner) = made.is_err().then(|| now + AGAIN);
        if made.is_ok() {
            self.prune().await;
        }
        made.map(Some)
    }

    /// Removes the backups by schedule that are too many. One that stays is in nobody's way but the disk's.
    async fn prune(&self) {
        let (folder, keep) = (self.backups_folder(), self.settings().backup_schedule.keep);
        let pruned = tokio::task::spawn_blocking(move || ledger::prune_backups(&folder, keep)).await;
        if let Err(e) = pruned.map_err(ended).and_then(|pruned| Ok(pruned?)) {
            tracing::warn!("an old backup cannot be removed: {e}");
        }
    }

    fn again_at(&self) -> Option<DateTime<Utc>> {
        *self.jobs.again_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a backup to its end, whoever stops waiting for it.
    async fn make(self: &Arc<Meter>, file: PathBuf, now: DateTime<Utc>) -> Result<BackedUp, MeterError> {
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
            meter.jobs.is_done();
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
                Ok(made) => {
                    let kept_here = made.file.starts_with(self.backups_folder()).then_some(made.at);
                    let kept_at = kept_here.or(backups.kept_at);
                    *backups = Backups { last: Some(made.clone()), failed: None, kept_at };
                }
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
