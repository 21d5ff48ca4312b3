//! Calls that go on at the provider after their answer has come: responses asked to be made in the background. Each
//! stays held until its client fetches it, streams it on or calls it off, and is settled with what it reports then.
//!
//! One that nobody asks for again through here is settled at all that it was held for. Deliberately not here: which
//! answers go on so (`providers`), and the hold, which outlives a crash in the journal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::meter::{Held, Settlement, Spent};
use crate::providers::Seen;

/// How many are kept; any further one is settled at once.
const KEPT_MAX: usize = 1_000;

/// How long one is kept. Source: OpenAI keeps such a response for some ten minutes, a stored one for 30 days; the longest
/// research takes hours.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3_600);

/// The calls, by their providers and the ids of their responses.
#[derive(Default)]
pub struct Background {
    kept: Mutex<HashMap<(String, String), Held>>,
}

impl Background {
    /// Keeps a call whose response goes on under this id.
    pub fn keep(self: &Arc<Self>, id: String, mut held: Held) {
        held.goes_on();
        let key = (held.provider().to_owned(), id);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let unkept = if kept.len() < KEPT_MAX { kept.insert(key.clone(), held) } else { Some(held) };
        drop(kept);
        if let Some(held) = unkept {
            held.settle(unfetched());
        }
        let background = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(KEPT_FOR).await;
            if let Some(held) = background.upgrade().and_then(|background| background.take(&key)) {
                held.settle(unfetched());
            }
        });
    }

    /// The call whose response has this id, if it is over by what was seen of it.
    pub fn over(&self, provider: &str, id: &str, seen: &Seen) -> Option<Held> {
        let over = seen.complete && seen.background.is_none();
        if over { self.take(&(provider.to_owned(), id.to_owned())) } else { None }
    }

    fn take(&self, key: &(String, String)) -> Option<Held> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(key)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        for held in self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).drain() {
            held.1.settle(unfetched());
        }
    }
}

/// What is written down of a response that was not seen to its end.
fn unfetched() -> Settlement {
    Settlement { spent: Spent::AtMost, model: None, service_tier: None, ok: true, status: None, error: None }
}
