//! What the price list says of every model: since when, and what another list would change.
//!
//! The library does not show its data, so it is asked model by model. Deliberately not here: the user's own prices, which
//! no list changes.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::convert::{femtos_each, plain_to_library, to_library};
use super::list::{PriceList, own_name};
use super::tier::STANDARD;
use crate::domain::money::Nusd;
use crate::domain::usage::Usage;

/// What a million tokens of a model cost in a short context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    pub input: Nusd,
    pub output: Nusd,
    pub cache_read: Nusd,
    pub cache_write: Nusd,
}

/// A model of a list, and what it costs; none where it is not priced by tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub provider: String,
    pub model: String,
    pub rates: Option<Rates>,
}

/// A model whose price another list changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub provider: String,
    pub model: String,
    pub before: Rates,
    pub after: Rates,
}

/// What another list would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    pub changed: Vec<Changed>,
    pub added: Vec<Listed>,
    pub removed: Vec<Listed>,
}

impl Differences {
    pub fn is_none(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

/// Asked for so many tokens, a price stays below every tier of long context.
const SHORT: u64 = 1_000;

/// How far back an earlier price is looked for, in steps of [`STEP`].
const STEPS: usize = 100;
const STEP: TimeDelta = TimeDelta::days(30);

impl PriceList {
    /// What a model costs at a moment; none for one that the list does not know, or does not price by tokens.
    pub fn rates(&self, provider: &str, model: &str, at: DateTime<Utc>) -> Option<Rates> {
        let price = |usage| self.price(provider, model, at, STANDARD, &usage).ok();
        let plain = price(plain_to_library(SHORT, SHORT))?;
        let cached = |usage: Usage| price(to_library(&usage)).map(|price| rate(price.input_price));
        let input = rate(plain.input_price);
        Some(Rates {
            input,
            output: rate(plain.output_price),
            cache_read: cached(Usage { cache_read_tokens: SHORT, ..Usage::plain(SHORT, 0) }).unwrap_or(input),
            cache_write: cached(Usage { cache_write_tokens: SHORT, ..Usage::plain(SHORT, 0) }).unwrap_or(input),
        })
    }

    /// The day since which a model costs what it does at `at`; none where the list tells of no other price before.
    pub fn since(&self, provider: &str, model: &str, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let now = self.rates(provider, model, at)?;
        let is_other = |days_ago: i64| self.rates(provider, model, at - TimeDelta::days(days_ago)) != Some(now);
        let step = STEP.num_days();
        let mut other =
            (1..=STEPS).filter_map(|n| i64::try_from(n).ok()).map(|n| n * step).find(|days| is_other(*days))?;
        // Always whole days, since some prices depend on the time of day.
        let mut same = other - step;
        while other - same > 1 {
            let middle = i64::midpoint(same, other);
            if is_other(middle) {
                other = middle;
            } else {
                same = middle;
            }
        }
        Some((at - TimeDelta::days(same)).date_naive().and_time(NaiveTime::MIN).and_utc())
    }

    /// What would change if `newer` took the place of this list, at a moment. Takes a tenth of a second.
    pub fn differences(&self, newer: &PriceList, at: DateTime<Utc>) -> Differences {
        let (mut before, mut found) = (self.listed(at), Differences::default());
        for (key, after) in newer.listed(at) {
            match before.remove(&key) {
                None => found.added.push(after),
                Some(was) if was.rates != after.rates => {
                    if let (Some(before), Some(after)) = (was.rates, after.rates) {
                        found.changed.push(Changed { provider: key.0, model: key.1, before, after });
                    }
                }
                Some(_) => {}
            }
        }
        found.removed.extend(before.into_values());
        found
    }

    /// Every model, in the order of their names.
    fn listed(&self, at: DateTime<Utc>) -> BTreeMap<(String, String), Listed> {
        let each = self.names().map(|(provider, model)| {
            let provider = own_name(provider);
            let rates = self.rates(provider, model, at);
            let (provider, model) = (provider.to_owned(), model.to_owned());
            ((provider.clone(), model.clone()), Listed { provider, model, rates })
        });
        each.collect()
    }
}

/// The library's dollars for [`SHORT`] tokens, for a million of them: as many nano-dollars as femto-dollars a token.
fn rate(usd: f64) -> Nusd {
    Nusd(i64::try_from(femtos_each(usd, SHORT)).unwrap_or(i64::MAX))
}
