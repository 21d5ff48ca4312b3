//! What a call did cost, unrounded: overrides, then the price list, then the dearest model that the list knows of the
//! provider.

use chrono::{DateTime, Utc};
use genai_prices::UsageKey;

use super::convert::{Amount, plain_to_library, to_dollars, to_library};
use super::list::Miss;
use super::tier::{self, Processing, STANDARD};
use super::{Override, Pricing, Query, UnknownProvider, overrides, units};
use crate::domain::priced::Priced;
use crate::domain::usage::Usage;

/// What a call did cost before it is rounded, and by whose price.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub amount: Amount,
    pub priced: Priced,
    pub by: By<'a>,
}

/// Whose price it is.
#[derive(Debug)]
pub(super) enum By<'a> {
    /// The user's own.
    Own(&'a Override),
    /// The list's for the model that it was asked for, processed in this way.
    List { asked: String, matched: String, way: Processing<'a> },
}

impl By<'_> {
    /// The model of the price list, or the pattern of the override.
    pub fn matched(&self) -> &str {
        match self {
            By::Own(price) => &price.model,
            By::List { matched, .. } => matched,
        }
    }
}

impl Pricing {
    pub(super) fn amount<'a>(&'a self, query: &Query<'a>) -> Result<Found<'a>, UnknownProvider> {
        let Query { provider, model, usage, .. } = *query;
        if let Some(own) = overrides::find(&self.overrides, provider, model) {
            return Ok(Found { amount: own.amount(usage), priced: Priced::Override, by: By::Own(own) });
        }
        if let Some(found) = self.listed(query)
            && !(found.amount.is_nothing() && self.is_untold(query))
        {
            return Ok(found);
        }
        if let Some(found) = self.guessed(query) {
            return Ok(found);
        }
        let (amount, own) =
            overrides::dearest(&self.overrides, provider, usage).ok_or_else(|| UnknownProvider(provider.to_owned()))?;
        Ok(Found { amount, priced: Priced::Unknown, by: By::Own(own) })
    }

    /// The list's price of a model that it knows.
    pub(super) fn listed<'a>(&self, query: &Query<'a>) -> Option<Found<'a>> {
        let (ways, priced) =
            self.ways(query.provider, query.model, query.at, tier::read(query.service_tier, query.batch));
        let mut best: Option<Found<'a>> = None;
        for way in ways {
            let (usd, plain, matched) = self.usd(query.provider, query.model, query.at, way, query.usage)?;
            let amount = Amount::dollars(usd);
            if best.as_ref().is_none_or(|known| amount.exceeds(&known.amount)) {
                let priced = if plain { priced } else { Priced::Unknown };
                best = Some(Found { amount, priced, by: By::List { asked: query.model.to_owned(), matched, way } });
            }
        }
        best
    }

    /// The dearest model of the provider for this usage, in US dollars.
    fn guessed<'a>(&self, query: &Query<'a>) -> Option<Found<'a>> {
        let processing = tier::read(query.service_tier, query.batch);
        let mut best: Option<Found<'a>> = None;
        for candidate in self.dearest.candidates(&self.list, query.provider, query.at, processing).iter() {
            for way in processing.guesses(query.provider) {
                let Some((usd, _, matched)) = self.usd(query.provider, candidate, query.at, way, query.usage) else {
                    continue;
                };
                let amount = Amount::dollars(usd);
                if best.as_ref().is_none_or(|known| amount.exceeds(&known.amount)) {
                    let by = By::List { asked: candidate.clone(), matched, way };
                    best = Some(Found { amount, priced: Priced::Unknown, by });
                }
            }
        }
        best
    }

    /// The ways of processing whose dearest price is this call's, and whether that price is known. A tier without a
    /// price of its own for the model at that time is not taken for the standard in silence. Of flex and batch, which
    /// are cheaper everywhere, the standard price is already a high guess, and is what the library says too; any other
    /// may be dearer, so the model's dearest known tier stands in where it is more.
    pub(super) fn ways<'a>(
        &self,
        provider: &str,
        model: &str,
        at: DateTime<Utc>,
        processing: Processing<'a>,
    ) -> (Vec<Processing<'a>>, Priced) {
        if processing.each().all(|one| self.has_rate(provider, model, at, one)) {
            (vec![processing], Priced::Catalog)
        } else {
            (processing.guesses(provider), Priced::Unknown)
        }
    }

    /// Whether the list has prices of its own for this way of processing: they show in the price of some usage, in a
    /// short context or in a long one.
    fn has_rate(&self, provider: &str, model: &str, at: DateTime<Utc>, processing: Processing<'_>) -> bool {
        [1_000, 1_000_000].iter().any(|&size| {
            let probe = Usage { cache_read_tokens: size / 5, cache_write_tokens: size / 5, ..Usage::plain(size, size) };
            let mut probe = to_library(&probe);
            probe.extend(units::of_each());
            let price = |way| self.list.own_price(provider, model, at, way, &probe).map(|price| price.total_price);
            price(processing) != price(STANDARD)
        })
    }

    /// US dollars for this usage, whether every class of it was priced, and the model matched.
    pub(super) fn usd(
        &self,
        provider: &str,
        model: &str,
        at: DateTime<Utc>,
        way: Processing<'_>,
        usage: &Usage,
    ) -> Option<(f64, bool, String)> {
        let price = |told: &genai_prices::Usage| self.list.price(provider, model, at, way, told);
        let mut told = to_library(usage);
        let found = match price(&told) {
            Err(Miss::Usage) => {
                // A class and a cache are known, their overlap is not: none of the class came from the cache.
                for overlap in [
                    UsageKey::CACHE_AUDIO_READ_TOKENS,
                    UsageKey::CACHE_IMAGE_READ_TOKENS,
                    UsageKey::CACHE_VIDEO_READ_TOKENS,
                ] {
                    if !told.contains_key(&overlap) {
                        told.insert(overlap, 0.0);
                    }
                }
                price(&told)
            }
            other => other,
        };
        let (found, plain) = match found {
            // The classes contradict each other. Without them and without a cache's discount, the guess is a high one.
            Err(Miss::Usage) => (price(&plain_to_library(usage.input_tokens, usage.output_tokens)), false),
            other => (other, true),
        };
        let found = found.ok()?;
        // Classes that contradict each other are not told apart.
        let counted = usage.details.iter().filter(|(_, count)| plain && **count > 0);
        let apart: u128 = counted
            .filter_map(|(class, count)| {
                let (_, above) = self.apart(provider, model, at, way, class)?;
                Some(u128::from(above) * u128::from(*count))
            })
            .sum();
        Some((found.total_price + to_dollars(apart), plain && apart == 0, found.model_id))
    }
}
