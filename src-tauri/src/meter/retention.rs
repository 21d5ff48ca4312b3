//! How long single calls are kept: which are older than that, and taking them out.
//!
//! It is counted in whole days of the user's zone. Each batch is an edit of its own, and after each the ledger is left to
//! whoever records for several times as long as the batch took. What is taken out is never asked for again: windows that
//! go on and backtests reach back for less than the shortest span there is.

use std::time::{Duration, Instant};

use chrono::{DateTime, Months, Utc};

use super::{Meter, MeterError};
use crate::domain::window::{day_of, start_of_day};
use crate::ledger::{self, KeepCalls, Outdated};

/// Entries that are taken out in one transaction.
const BATCH: usize = 150;

/// Pages that are given back to the disk in one transaction: a megabyte.
const PAGES: i64 = 256;

/// So many empty pages are kept: what is recorded next fills them.
const PAGES_KEPT: i64 = 128;

/// How much longer than a batch the pause after it is, and how long it is at least.
const PAUSE_TIMES: u32 = 4;
const PAUSE_LEAST: Duration = Duration::from_millis(10);

impl Meter {
    /// The moment before which single calls are not kept; none where all are.
    pub fn kept_from(&self, keep: KeepCalls) -> Option<DateTime<Utc>> {
        let zone = self.zone();
        let first = day_of(self.now(), zone).checked_sub_months(Months::new(keep.months()?))?;
        Some(start_of_day(first, zone))
    }

    /// The calls that would be taken out if single calls were kept for so long.
    ///
    /// # Errors
    /// That the ledger could not be read.
    pub async fn outdated(&self, keep: KeepCalls) -> Result<Outdated, MeterError> {
        match self.kept_from(keep) {
            Some(before) => self.read(move |conn| ledger::outdated(conn, before)).await,
            None => Ok(Outdated { entries: 0, oldest: None, newest: None }),
        }
    }

    /// Takes out the calls that are older than single calls are kept, and gives the space they took back to the disk. Says
    /// how many they were. Ends early where it is decided meanwhile to keep them.
    ///
    /// # Errors
    /// That the ledger could not be written; what was taken out until then is.
    pub async fn take_out_outdated(&self) -> Result<usize, MeterError> {
        let _turn = self.jobs.taking_out.lock().await;
        let mut gone = 0;
        while let Some(before) = self.kept_from(self.settings().keep_calls)
            && self.read(move |conn| ledger::any_outdated(conn, before)).await?
        {
            let begun = Instant::now();
            gone += self.take_out(before).await?;
            rest(begun).await;
        }
        if gone > 0 {
            tracing::info!("{gone} calls are no longer kept one by one; what they add up to is");
            self.give_back().await?;
        }
        Ok(gone)
    }

    async fn take_out(&self, before: DateTime<Utc>) -> Result<usize, MeterError> {
        let (told, taken) = std::sync::mpsc::sync_channel(1);
        self.edit(move |writer, _, _| {
            // Whoever asked may be gone.
            let _ = told.send(writer.take_out(before, BATCH)?);
            Ok(())
        })
        .await?;
        Ok(taken.try_recv().unwrap_or(0))
    }

    /// Gives what is empty in the ledger's file back to the disk, as far as it can.
    async fn give_back(&self) -> Result<(), MeterError> {
        let mut empty = i64::MAX;
        while empty > PAGES_KEPT {
            let begun = Instant::now();
            let (told, left) = std::sync::mpsc::sync_channel(1);
            self.edit(move |writer, _, _| {
                // As above.
                let _ = told.send(writer.give_back(PAGES)?);
                Ok(())
            })
            .await?;
            let left = left.try_recv().unwrap_or(0);
            if left >= empty {
                // A ledger of an earlier version learns it at the next start.
                break;
            }
            empty = left;
            rest(begun).await;
        }
        Ok(())
    }
}

/// Leaves the ledger to others for a while.
async fn rest(begun: Instant) {
    tokio::time::sleep((begun.elapsed() * PAUSE_TIMES).max(PAUSE_LEAST)).await;
}
