//! Calls that have been passed on and wait to be written down. Nobody waits for them, so they gather here, and the committer
//! is woken by the first of them alone.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::draft::Draft;
use crate::ledger::Slot;

/// A call that is over, or denied.
#[derive(Debug)]
pub struct Settled {
    pub draft: Draft,
    /// Its place in the journal.
    pub slot: Option<Slot>,
    /// Whether its ceiling was held, in the journal or, where that could not be written, in memory alone.
    pub held: bool,
}

#[derive(Debug, Default)]
pub struct Settling(Mutex<Vec<Settled>>);

impl Settling {
    /// Adds a call. True when it is the first, and the committer is to be told.
    pub fn add(&self, settled: Settled) -> bool {
        let mut waiting = self.waiting();
        waiting.push(settled);
        waiting.len() == 1
    }

    pub fn take(&self) -> Vec<Settled> {
        std::mem::take(&mut *self.waiting())
    }

    /// Puts calls back that the ledger did not take, before those that came since. They go with whatever is asked next.
    pub fn put_back(&self, settled: Vec<Settled>) {
        let mut waiting = self.waiting();
        let since = std::mem::replace(&mut *waiting, settled);
        waiting.extend(since);
        if waiting.len() > WAITING_MAX {
            // What counts nowhere is the first to be forgotten. What is held stays in the journal beyond that, and the next
            // start settles it.
            waiting.retain(|settled| settled.draft.entry.counted);
            waiting.truncate(WAITING_MAX);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Settled>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many calls that could not be written down are kept for the next try.
const WAITING_MAX: usize = 65_536;
