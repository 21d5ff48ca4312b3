//! Rate cards, kept: made on the first question about a model and found again without an allocation.
//!
//! A card holds for the quarter of an hour it was made in, since prices have times of day (DeepSeek's begin at half
//! past). If the quarter's ends disagree, a price changes within, and a card holds for its second only.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};

use super::card::{Card, Subject};
use super::tier::{self, Processing};
use super::{Ask, Pricing};
use crate::domain::priced::Priced;

/// Offsets from UTC are whole quarters, and so are the times at which prices change.
const QUARTER_S: i64 = 900;

/// Some 50 models for a day, one MB; then everything is dropped and made again.
const CARDS_MAX: usize = 4096;

#[derive(Debug, Default)]
pub struct Cards {
    hasher: RandomState,
    /// By the hash of the question, so that looking up needs no owned key. A collision costs a card its place.
    kept: RwLock<HashMap<u64, Kept, BuildHasherDefault<Hashed>>>,
}

/// The keys are hashes already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// Never called for a `u64`; folded all the same, as any hasher must take bytes.
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| hash.rotate_left(8) ^ u64::from(byte));
    }
}

#[derive(Debug)]
struct Kept {
    provider: String,
    model: String,
    tier: Option<String>,
    batch: bool,
    /// Seconds since 1970: from the first to before the second.
    holds: (i64, i64),
    card: Card,
}

impl Kept {
    fn answers(&self, ask: &Ask<'_>, processing: Processing<'_>, second: i64) -> bool {
        self.holds.0 <= second
            && second < self.holds.1
            && self.model == ask.model
            && self.provider == ask.provider
            && self.tier.as_deref() == processing.tier
            && self.batch == processing.batch
    }
}

impl Cards {
    /// What `read` reads from the card kept for this question, or from the one that `make` makes for it, with the
    /// seconds it holds for.
    pub fn read<T>(
        &self,
        ask: &Ask<'_>,
        read: impl FnOnce(&Card) -> T,
        make: impl FnOnce() -> Option<(Card, (i64, i64))>,
    ) -> Option<T> {
        let processing = tier::read(ask.service_tier, ask.batch);
        let second = ask.at.timestamp();
        let question = (ask.provider, ask.model, processing, second.div_euclid(QUARTER_S));
        let hash = self.hasher.hash_one(question);
        if let Some(kept) = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&hash)
            && kept.answers(ask, processing, second)
        {
            return Some(read(&kept.card));
        }
        let (card, holds) = make()?;
        let answer = read(&card);
        let kept = Kept {
            provider: ask.provider.to_owned(),
            model: ask.model.to_owned(),
            tier: processing.tier.map(str::to_owned),
            batch: processing.batch,
            holds,
            card,
        };
        let mut cards = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if cards.len() >= CARDS_MAX {
            cards.clear();
        }
        cards.insert(hash, kept);
        Some(answer)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Pricing {
    /// A card for the question and the seconds it holds for; `None` if the list knows nothing of the provider.
    pub(super) fn card(&self, ask: &Ask<'_>) -> Option<(Card, (i64, i64))> {
        let processing = tier::read(ask.service_tier, ask.batch);
        let (ways, priced) = self.ways(ask.provider, ask.model, ask.at, processing);
        let list = &self.list;
        let of_model = Subject { list, provider: ask.provider, models: vec![ask.model], ways, priced };
        let known = of_model.card(ask.at);
        // A card is made of prices by tokens: where they come to nothing, it is free or it is priced otherwise.
        let nothing = known.as_ref().is_some_and(Card::is_nothing);
        let by_units = |at| self.is_by_units(ask.provider, ask.model, at, processing);
        let untold = nothing && by_units(ask.at);
        let stays = |edge| !nothing || by_units(edge) == untold;
        if let Some(card) = known.filter(|_| !untold) {
            let holds = self.holds(&of_model, &card, ask, processing, stays);
            return Some((card, holds));
        }
        let candidates = self.dearest.candidates(list, ask.provider, ask.at, processing);
        let models = candidates.iter().map(String::as_str).collect();
        let (ways, priced) = (processing.guesses(ask.provider), Priced::Unknown);
        let of_dearest = Subject { list, provider: ask.provider, models, ways, priced };
        let card = of_dearest.card(ask.at)?;
        let holds = self.holds(&of_dearest, &card, ask, processing, stays);
        Some((card, holds))
    }

    fn holds(
        &self,
        subject: &Subject<'_>,
        card: &Card,
        ask: &Ask<'_>,
        processing: Processing<'_>,
        stays: impl Fn(DateTime<Utc>) -> bool,
    ) -> (i64, i64) {
        let second = ask.at.timestamp();
        let start = second - second.rem_euclid(QUARTER_S);
        let whole = [start, start + QUARTER_S - 1].into_iter().all(|edge| {
            DateTime::<Utc>::from_timestamp(edge, 0).is_some_and(|edge| {
                let known_alike = subject.priced == Priced::Unknown && subject.models.len() != 1
                    || self.ways(ask.provider, ask.model, edge, processing).1 == subject.priced;
                known_alike && subject.holds(card, edge) && stays(edge)
            })
        });
        if whole { (start, start + QUARTER_S) } else { (second, second + 1) }
    }
}
