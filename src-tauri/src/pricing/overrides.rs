//! The user's own prices, which win over the price list. They are flat: no tiers, no batch discount, no fee for a
//! search; what a user sets is what a token costs.

use super::compare::Rates;
use super::convert::Amount;
use super::list::catalog_id;
use crate::domain::money::Nusd;
use crate::domain::usage::Usage;

/// A user's price for a model. Rates are nano-dollars for a million tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    pub provider: String,
    /// The model's name, or its beginning followed by `*`.
    pub model: String,
    pub input: u64,
    pub output: u64,
    /// For cache reads; the input's rate where it is not set.
    pub cache_read: Option<u64>,
    /// For cache writes; the input's rate where it is not set.
    pub cache_write: Option<u64>,
}

impl Override {
    /// What a million tokens of each kind cost.
    pub fn rates(&self) -> Rates {
        let usd = |rate: u64| Nusd(i64::try_from(rate).unwrap_or(i64::MAX));
        Rates {
            input: usd(self.input),
            output: usd(self.output),
            cache_read: usd(self.cache_read.unwrap_or(self.input)),
            cache_write: usd(self.cache_write.unwrap_or(self.input)),
        }
    }

    pub fn amount(&self, usage: &Usage) -> Amount {
        let cached = usage.cache_read_tokens.saturating_add(usage.cache_write_tokens);
        let lines = [
            (usage.input_tokens.saturating_sub(cached), self.input),
            (usage.cache_read_tokens, self.cache_read.unwrap_or(self.input)),
            (usage.cache_write_tokens, self.cache_write.unwrap_or(self.input)),
            (usage.output_tokens, self.output),
        ];
        // A product of two u64 is at most 2^128 - 2^65 + 1, so only the sum can go over.
        let sum =
            lines.iter().fold(0_u128, |sum, &(tokens, rate)| sum.saturating_add(u128::from(tokens) * u128::from(rate)));
        Amount::nusd_million(sum.min(u128::MAX >> 1))
    }
}

/// The override for a model: its exact name before the longest beginning. Case does not matter, as in the price list.
pub fn find<'a>(overrides: &'a [Override], provider: &str, model: &str) -> Option<&'a Override> {
    let mut best: Option<(usize, &Override)> = None;
    for candidate in of_provider(overrides, provider) {
        let rank = match candidate.model.strip_suffix('*') {
            None if candidate.model.eq_ignore_ascii_case(model) => usize::MAX,
            Some(beginning) if begins_with(model, beginning) => beginning.len(),
            _ => continue,
        };
        if best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, found)| found)
}

/// The dearest of the provider's overrides for this usage: what is known of a provider that only the user knows.
pub fn dearest<'a>(overrides: &'a [Override], provider: &str, usage: &Usage) -> Option<(Amount, &'a Override)> {
    let mut dearest: Option<(Amount, &Override)> = None;
    for candidate in of_provider(overrides, provider) {
        let amount = candidate.amount(usage);
        if dearest.as_ref().is_none_or(|(known, _)| amount.exceeds(known)) {
            dearest = Some((amount, candidate));
        }
    }
    dearest
}

fn of_provider<'a>(overrides: &'a [Override], provider: &str) -> impl Iterator<Item = &'a Override> {
    overrides.iter().filter(move |o| catalog_id(&o.provider).eq_ignore_ascii_case(catalog_id(provider)))
}

fn begins_with(model: &str, beginning: &str) -> bool {
    model.as_bytes().get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
}
