//! Calls that have been passed on and wait to be written down. Nobody waits for them, so they gather here, and the committer
//! is woken by the first of them alone.

use std::sync::atomic::{AtomicUsize, Ordering};
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

/// How many calls are over whose ceilings are still held, because what they have spent is being counted. That takes a moment,
/// which their clients do not wait for; whoever would be denied meanwhile does.
#[derive(Debug, Default)]
pub struct Counting(AtomicUsize);

/// How often others have their turn before a denial stands, however many calls end meanwhile.
const TURNS_MAX: usize = 64;

impl Counting {
    pub fn begin(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub fn end(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }

    pub fn is_under_way(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// Lets others have their turn until everything that is over is counted.
    pub async fn done(&self) {
        for _ in 0..TURNS_MAX {
            if !self.is_under_way() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// How many calls that could not be written down are kept for the next try.
const WAITING_MAX: usize = 65_536;
