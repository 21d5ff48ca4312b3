//! Calls that go on at the provider after their answer has come: responses asked to be made in the background. Each
//! stays held until its client fetches it, streams it on, calls it off or deletes it, and is settled with what it reports
//! then.
//!
//! One that nobody asks for again through here, or that ends without a report, is settled at all that it was held for.
//! Deliberately not here: which answers go on so (`providers`), and the hold, which outlives a crash in the journal.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::ending::{End, settlement};
use crate::meter::{Held, Settlement, Spent};
use crate::providers::Seen;

/// How many are kept; any further one is settled at once.
const KEPT_MAX: usize = 1_000;

/// How many ends are remembered of responses that nobody has kept: of those whose own answer is not over yet, and of
/// stored ones that are fetched for other reasons.
const EARLY_MAX: usize = 100;

/// How long one is kept. Source: OpenAI keeps such a response for some ten minutes, a stored one for 30 days; the longest
/// research takes hours.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3_600);

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
    /// Of the task that settles it in the end.
    patience: AbortHandle,
}

impl Background {
    /// Keeps a call whose response goes on under this id.
    pub fn keep(self: &Arc<Self>, id: String, mut held: Held) {
        held.goes_on();
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
            return held.settle(untold(true));
        }
        let (background, forgotten) = (Arc::downgrade(self), key.clone());
        let patience = tokio::spawn(async move {
            tokio::time::sleep(KEPT_FOR).await;
            let kept = background.upgrade().and_then(|background| background.calls().kept.remove(&forgotten));
            if let Some(kept) = kept {
                kept.held.settle(untold(true));
            }
        });
        let other = calls.kept.insert(key, Kept { held, patience: patience.abort_handle() });
        drop(calls);
        if let Some(other) = other {
            other.settle(untold(true));
        }
    }

    /// Settles the call of a response that is over, by its own last word; whether it was kept.
    pub fn over(&self, provider: &str, id: &str, seen: &Seen, status: u16) -> bool {
        if seen.ended.as_deref() != Some(id) {
            return false;
        }
        let settlement = match seen.reported {
            Some(_) => settlement(seen.clone(), status, End::Whole),
            None => Settlement { model: seen.model.clone(), error: seen.error_type.clone(), ..untold(!seen.failed) },
        };
        let key = (provider.to_owned(), id.to_owned());
        let mut calls = self.calls();
        let Some(kept) = calls.kept.remove(&key) else {
            calls.early.retain(|(known, _)| *known != key);
            calls.early.push_back((key, settlement));
            if calls.early.len() > EARLY_MAX {
                calls.early.pop_front();
            }
            return false;
        };
        drop(calls);
        kept.settle(settlement);
        true
    }

    /// Settles the call of a response that is not there any more.
    pub fn gone(&self, provider: &str, id: &str) {
        let kept = self.calls().kept.remove(&(provider.to_owned(), id.to_owned()));
        if let Some(kept) = kept {
            kept.settle(untold(true));
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn settle(self, settlement: Settlement) {
        self.patience.abort();
        self.held.settle(settlement);
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        for (_, kept) in self.calls().kept.drain() {
            kept.settle(untold(true));
        }
    }
}

/// What is written down of a response whose cost nobody has told.
fn untold(ok: bool) -> Settlement {
    Settlement { spent: Spent::AtMost, model: None, service_tier: None, ok, status: None, error: None }
}
