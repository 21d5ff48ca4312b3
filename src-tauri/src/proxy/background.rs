//! Calls that go on at the provider after their answer has come: responses asked to be made in the background. Each
//! stays held while its client asks for it, streams it on, calls it off or deletes it, and is settled with what it reports
//! then.
//!
//! One that nobody asks for any more through here, or that ends without a report, is settled at all that it was held for.
//! Deliberately not here: which answers go on so (`providers`), and the hold, which outlives a crash in the journal.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::ending::{End, settlement};
use crate::meter::{Held, Settlement, Spent};
use crate::providers::Seen;

/// How many are kept; any further one is settled at once.
const KEPT_MAX: usize = 1_000;

/// How many ends are remembered of responses that nobody has kept: of those whose own answer is not over yet, and of
/// stored ones that are fetched for other reasons.
const EARLY_MAX: usize = 100;

/// How long one is kept after it was last asked for. Who waits for a response asks every two seconds, by OpenAI's guide to
/// background mode; one that nobody waits for must not stay held.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a stream may be followed: longer than any lasts.
const FOLLOWED_FOR: Duration = Duration::from_secs(24 * 3_600);

/// A provider and the id of a response of its own.
type Key = (String, String);

#[derive(Default)]
pub struct Background(Mutex<Calls>);

#[derive(Default)]
struct Calls {
    kept: HashMap<Key, Kept>,
    early: VecDeque<(Key, Settlement)>,
}

struct Kept {
    held: Held,
    /// How it ends if nobody tells what it has cost.
    untold: Settlement,
    /// When nobody waits for it any more, unless it is asked for before.
    until: Instant,
    /// Of the task that settles it then.
    patience: AbortHandle,
}

impl Background {
    /// Keeps a call whose response goes on under this id; `so_far` is how it would have ended with its answer.
    pub fn keep(self: &Arc<Self>, id: String, mut held: Held, so_far: Settlement) {
        held.goes_on();
        let untold = Settlement { spent: Spent::AtMost, ..so_far };
        let key = (held.provider().to_owned(), id);
        let mut calls = self.calls();
        if let Some(early) = calls.early.iter().position(|(known, _)| *known == key)
            && let Some((_, settlement)) = calls.early.remove(early)
        {
            drop(calls);
            return held.settle(settlement);
        }
        if calls.kept.len() >= KEPT_MAX {
            drop(calls);
            return held.settle(untold);
        }
        let until = Instant::now() + PATIENCE;
        let patience = tokio::spawn(wait(Arc::downgrade(self), key.clone(), until)).abort_handle();
        let other = calls.kept.insert(key, Kept { held, untold, until, patience });
        drop(calls);
        if let Some(other) = other {
            other.settle_untold();
        }
    }

    /// Keeps the call of a response that is being streamed on, until that is over and [`Background::asked`].
    pub fn follows(&self, provider: &str, id: &str) {
        if let Some(kept) = self.calls().kept.get_mut(&(provider.to_owned(), id.to_owned())) {
            kept.until = Instant::now() + FOLLOWED_FOR;
        }
    }

    /// Settles the call of a response that is over, by what was seen of it; keeps one that is not.
    pub fn asked(&self, provider: &str, id: &str, seen: &Seen, status: u16) {
        let key = (provider.to_owned(), id.to_owned());
        if seen.ended.as_deref() != Some(id) {
            if let Some(kept) = self.calls().kept.get_mut(&key) {
                kept.until = Instant::now() + PATIENCE;
            }
            return;
        }
        let mut settlement = settlement(seen.clone(), status, End::Whole);
        if seen.reported.is_none() {
            settlement.spent = Spent::AtMost;
        }
        let mut calls = self.calls();
        let Some(kept) = calls.kept.remove(&key) else {
            calls.early.retain(|(known, _)| *known != key);
            calls.early.push_back((key, settlement));
            if calls.early.len() > EARLY_MAX {
                calls.early.pop_front();
            }
            return;
        };
        drop(calls);
        kept.settle(settlement);
    }

    /// Settles a call that nobody waits for any more; else tells until when somebody does.
    fn waited(&self, key: &Key) -> Option<Instant> {
        let mut calls = self.calls();
        let until = calls.kept.get(key)?.until;
        if until > Instant::now() {
            return Some(until);
        }
        let kept = calls.kept.remove(key);
        drop(calls);
        if let Some(kept) = kept {
            kept.held.settle(kept.untold);
        }
        None
    }

    /// Settles the call of a response that is not there any more.
    pub fn gone(&self, provider: &str, id: &str) {
        let kept = self.calls().kept.remove(&(provider.to_owned(), id.to_owned()));
        if let Some(kept) = kept {
            kept.settle_untold();
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for as long as somebody else does for a call.
async fn wait(background: Weak<Background>, key: Key, until: Instant) {
    let mut until = until;
    loop {
        tokio::time::sleep_until(until).await;
        match background.upgrade().and_then(|background| background.waited(&key)) {
            // It may be less by then: a stream that is followed can end at any time.
            Some(later) => until = later.min(Instant::now() + PATIENCE),
            None => return,
        }
    }
}

impl Kept {
    fn settle(self, settlement: Settlement) {
        self.patience.abort();
        self.held.settle(settlement);
    }

    fn settle_untold(self) {
        self.patience.abort();
        self.held.settle(self.untold);
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        for (_, kept) in self.calls().kept.drain() {
            kept.settle_untold();
        }
    }
}
