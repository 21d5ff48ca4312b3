//! Which models of a provider can be its dearest: what a call to a model that the list does not know is counted at.
//!
//! Pricing each of OpenRouter's 900 models takes 10 ms, too long for every such call. So the models are priced once a
//! day at both ends of their sizes, and those are dropped that another one is never cheaper than. What is left, a
//! handful, is priced call by call; prices that change within the day are seen then.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveTime, Utc};

use super::convert::{femtos_each, plain_to_library, to_library};
use super::list::PriceList;
use super::tier::Processing;
use super::{apart, units};
use crate::domain::usage::Usage;

/// Providers with no more models than this keep all of them: sorting out would cost more than it saves, and those
/// whose prices change by the hour are among them.
const ALL_KEPT_MAX: usize = 16;

/// More than anyone uses; then everything is dropped and worked out again.
const ENTRIES_MAX: usize = 512;

/// Sizes below the first and beyond the last border of long context, in tokens.
const SIZES: [u64; 2] = [1, 1 << 40];

/// Provider, UTC day, tier, batch.
type Key = (String, i64, Option<String>, bool);

#[derive(Debug, Default)]
pub struct Dearest {
    known: Mutex<HashMap<Key, Arc<[String]>>>,
}

/// A model's rates at one size: input, cache read, cache write, output; what a request costs by itself; and each unit
/// beside tokens, since a model that is priced by those may be the dearest of a usage that tells them; and sound, where it
/// has rates of its own.
type Rates = [u64; 5 + units::COUNT + apart::COUNT];

impl Dearest {
    /// Models among which is the provider's dearest, for any usage at any time of that day; none if the list has none.
    pub fn candidates(
        &self,
        list: &PriceList,
        provider: &str,
        at: DateTime<Utc>,
        processing: Processing<'_>,
    ) -> Arc<[String]> {
        let day = at.timestamp().div_euclid(86_400);
        let key = (provider.to_owned(), day, processing.tier.map(str::to_owned), processing.batch);
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let midnight = at.date_naive().and_time(NaiveTime::MIN).and_utc();
        let found: Arc<[String]> = sort_out(list, provider, midnight, processing).into();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ENTRIES_MAX {
            known.clear();
        }
        known.insert(key, Arc::clone(&found));
        found
    }
}

fn sort_out(list: &PriceList, provider: &str, at: DateTime<Utc>, processing: Processing<'_>) -> Vec<String> {
    if list.models(provider).count() <= ALL_KEPT_MAX {
        return list.models(provider).map(Cow::into_owned).collect();
    }
    let ways = processing.guesses(provider);
    // Rates only rise with the size, so those at its ends bound all others.
    let mut models: Vec<(Cow<'_, str>, Rates, Rates)> = Vec::new();
    for model in list.models(provider) {
        let dearest_at = |size| {
            ways.iter().filter_map(|&way| rates(list, provider, &model, at, way, size)).reduce(|a, b| larger(&a, &b))
        };
        if let (Some(least), Some(most)) = (dearest_at(SIZES[0]), dearest_at(SIZES[1])) {
            models.push((model, least, larger(&least, &most)));
        }
    }
    let never_dearest = |index: usize, most: &Rates| {
        models.iter().enumerate().any(|(other, (_, least, _))| {
            other != index && covers(least, most) && !(covers(most, least) && other > index)
        })
    };
    let kept = models.iter().enumerate().filter(|(index, (_, _, most))| !never_dearest(*index, most));
    kept.map(|(_, (model, ..))| model.clone().into_owned()).collect()
}

fn rates(
    list: &PriceList,
    provider: &str,
    model: &str,
    at: DateTime<Utc>,
    way: Processing<'_>,
    size: u64,
) -> Option<Rates> {
    let usage = |read, written| Usage { cache_read_tokens: read, cache_write_tokens: written, ..Usage::plain(size, 0) };
    let price = |told| list.price(provider, model, at, way, &told).ok();
    let plain = price(plain_to_library(size, size))?;
    let read = price(to_library(&usage(size, 0)))?.input_price;
    let written = price(to_library(&usage(0, size)))?.input_price;
    let by_itself = price(plain_to_library(0, 0))?.total_price;
    let each = |usd| femtos_each(usd, size);
    let tokens =
        [each(plain.input_price), each(read), each(written), each(plain.output_price), femtos_each(by_itself, 1)];
    let units = units::rates(list, provider, model, at, way)?;
    let mut all = tokens.into_iter().chain(units).chain(apart::own_rates(list, provider, model, at, way)?);
    Some(std::array::from_fn(|_| all.next().unwrap_or_default()))
}

fn larger(a: &Rates, b: &Rates) -> Rates {
    std::array::from_fn(|i| a[i].max(b[i]))
}

fn covers(a: &Rates, b: &Rates) -> bool {
    a.iter().zip(b).all(|(a, b)| a >= b)
}
