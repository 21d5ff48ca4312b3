//! Keys: who may ask at all, looked up in memory by the hash of what was sent. Comparing hashes tells a guesser nothing
//! about the key: two texts that are alike have hashes that are not.
//!
//! They stand beside the tallies and are published with them, so that a key is good once it is on disk and not before,
//! and refused from the moment its revocation is acknowledged. That it was used is written down behind the answer, at
//! most once an hour.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::oneshot;

use super::committer::Request;
use super::tallies::Tallies;
use super::{Meter, MeterError};
use crate::domain::key::{Key, KeyHash, KeyRefused};
use crate::domain::run;
use crate::ledger::{Result, Writer};

/// How many keys may be in use: each is held in memory.
const KEYS_MAX: usize = 1_000;

/// How long a use of a key stands for those after it.
const USED_EVERY: TimeDelta = TimeDelta::hours(1);

/// A key to be issued. Its texts are checked by the meter.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// Made from the name where it is not given.
    pub id: Option<String>,
    pub name: String,
    pub project: Option<String>,
    pub models: Vec<String>,
}

/// A key, and when its last use was written down, or is about to be.
#[derive(Debug, Clone)]
struct Known {
    key: Arc<Key>,
    /// Milliseconds since 1970; [`NEVER`] before the first use.
    used_ms: Arc<AtomicI64>,
}

const NEVER: i64 = i64::MIN;

/// All keys, in the order they were issued.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    all: Vec<Known>,
    by_hash: HashMap<KeyHash, usize>,
}

impl Keys {
    pub fn read(ledger: &Writer) -> Result<Keys> {
        let mut keys = Keys::default();
        for (hash, key) in ledger.keys()? {
            // Nobody has the key of a run that is over, and there will be more of them than of all others.
            if key.revoked_at.is_none() || !run::is_id(&key.id) {
                keys.add(hash, key);
            }
        }
        Ok(keys)
    }

    fn add(&mut self, hash: KeyHash, key: Key) {
        let used_ms = key.last_used_at.map_or(NEVER, |at| at.timestamp_millis());
        self.by_hash.insert(hash, self.all.len());
        self.all.push(Known { key: Arc::new(key), used_ms: Arc::new(AtomicI64::new(used_ms)) });
    }

    fn has(&self, id: &str) -> bool {
        self.all.iter().any(|known| known.key.id == id)
    }

    fn find(&self, presented: &str) -> Option<&Known> {
        self.by_hash.get(&Key::hash(presented)).and_then(|&at| self.all.get(at))
    }
}

impl Known {
    /// Whether this use is to be written down; true for one caller of many.
    fn is_used(&self, now: DateTime<Utc>) -> bool {
        let (before, now_ms) = (self.used_ms.load(Ordering::Relaxed), now.timestamp_millis());
        let due = before == NEVER || now_ms.saturating_sub(before) >= USED_EVERY.num_milliseconds();
        due && self.used_ms.compare_exchange(before, now_ms, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn key(&self) -> Key {
        let used_ms = self.used_ms.load(Ordering::Relaxed);
        Key { last_used_at: DateTime::from_timestamp_millis(used_ms), ..(*self.key).clone() }
    }
}

impl Meter {
    /// The key whose text somebody has sent. Reads memory alone.
    ///
    /// # Errors
    /// [`KeyRefused::Unknown`], [`KeyRefused::Revoked`] or [`KeyRefused::Over`].
    pub fn key_of(&self, presented: &str) -> std::result::Result<Arc<Key>, KeyRefused> {
        let keys = Arc::clone(&self.shared.state().tallies.keys);
        let known = keys.find(presented).ok_or(KeyRefused::Unknown)?;
        if known.key.revoked_at.is_some() {
            let name = known.key.name.clone();
            return Err(if run::is_id(&known.key.id) {
                KeyRefused::Over { name }
            } else {
                KeyRefused::Revoked { name }
            });
        }
        let now = self.now();
        if known.is_used(now) {
            let id = known.key.id.clone();
            let edit = move |writer: &mut Writer, _: &mut Tallies, _| Ok(writer.put_key_used(&id, now)?);
            // Nobody waits for it: a use that is not written down is written down an hour later.
            let _ = self.requests.send(Request::Edit(Box::new(edit), oneshot::channel().0));
        }
        Ok(Arc::clone(&known.key))
    }

    /// Whether a call without a key is refused. The owner's is not.
    pub fn requires_key(&self) -> bool {
        self.shared.state().tallies.settings.require_key
    }

    /// Whether the kill switch is thrown.
    pub fn is_paused(&self) -> bool {
        self.shared.state().tallies.settings.paused
    }

    /// Whether a stream is asked to report its usage where its client did not ask for that.
    pub fn adds_usage(&self) -> bool {
        self.shared.state().tallies.settings.add_usage
    }

    /// Every key ever issued, in that order, but for those of runs that are over.
    pub fn keys(&self) -> Vec<Key> {
        let keys = Arc::clone(&self.shared.state().tallies.keys);
        keys.all.iter().map(Known::key).filter(|key| key.revoked_at.is_none() || !run::is_id(&key.id)).collect()
    }

    /// A key, and how many calls with it are under way: their entries are still to come.
    ///
    /// # Errors
    /// [`MeterError::NotFound`] for an id that no key has.
    pub fn key(&self, id: &str) -> std::result::Result<(Key, usize), MeterError> {
        let state = self.shared.state();
        let known = state.tallies.keys.all.iter().find(|known| known.key.id == id).ok_or_else(|| no_key(id))?;
        Ok((known.key(), state.holds.with_key(id)))
    }

    /// Issues a key; its text is in the second place, and nowhere else from then on.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] for one that is not sound, [`MeterError::Conflict`] when its id is taken.
    pub async fn issue_key(&self, new: NewKey) -> std::result::Result<(Key, String), MeterError> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|e| MeterError::Unwritable(format!("the system has no random bytes: {e}")))?;
        let text = Key::text(&random);
        let hash = Key::hash(&text);
        let chosen = new.id.is_some();
        let mut key = Key {
            id: new.id.unwrap_or_else(|| made_id(&new.name)),
            name: new.name,
            project: new.project,
            models: new.models,
            created_at: self.now(),
            last_used_at: None,
            revoked_at: None,
        };
        key.check().map_err(|e| MeterError::invalid(e.field, e.problem))?;
        let (tell, told) = oneshot::channel();
        self.edit(move |writer, tallies, _| {
            let keys = &tallies.keys;
            if keys.all.iter().filter(|known| known.key.revoked_at.is_none()).count() >= KEYS_MAX {
                return Err(MeterError::Conflict(format!("there are {KEYS_MAX} keys in use, which is the most")));
            }
            // Those of runs that were over before this start are on the disk alone.
            if chosen && (keys.has(&key.id) || writer.has_key(&key.id)?) {
                return Err(MeterError::Conflict(format!("a key with the id {:?} exists or has existed", key.id)));
            }
            let (base, mut number) = (key.id.clone(), 2);
            while keys.has(&key.id) {
                key.id = format!("{base}-{number}");
                number += 1;
            }
            writer.insert_key(&hash, &key)?;
            let mut keys = (**keys).clone();
            keys.add(hash, key.clone());
            tallies.keys = Arc::new(keys);
            // Whoever asked may have left.
            let _ = tell.send(key);
            Ok(())
        })
        .await?;
        let key = told.await.map_err(|_| MeterError::Unwritable("the key was lost".to_owned()))?;
        Ok((key, text))
    }

    /// Refuses a key from now on. Twice is as good as once.
    ///
    /// # Errors
    /// [`MeterError::NotFound`] for an id that no key has.
    pub async fn revoke_key(&self, id: &str) -> std::result::Result<(), MeterError> {
        let id = id.to_owned();
        self.edit(move |writer, tallies, now| {
            let mut keys = (*tallies.keys).clone();
            let Some(known) = keys.all.iter_mut().find(|known| known.key.id == id) else {
                return Err(no_key(&id));
            };
            if known.key.revoked_at.is_none() {
                writer.revoke_key(&id, now)?;
                known.key = Arc::new(Key { revoked_at: Some(now), ..(*known.key).clone() });
                tallies.keys = Arc::new(keys);
            }
            Ok(())
        })
        .await
    }
}

fn no_key(id: &str) -> MeterError {
    MeterError::NotFound(format!("no key has the id {id:?}"))
}

/// `Nightly eval` becomes `nightly-eval`.
fn made_id(name: &str) -> String {
    let letters = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let words: String = letters.collect();
    let id = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    if id.is_empty() { "key".to_owned() } else { id.chars().take(60).collect() }
}
