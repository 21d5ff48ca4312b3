//! Models that the list does not price by tokens but by the second, the character or the page: what their price is made
//! of, and whether a usage tells it. Counted in tokens they come to nothing, which is no price.
//!
//! Deliberately not here: fees that stand beside a price by tokens (searches), and how many units a call has.

use chrono::{DateTime, Utc};
use genai_prices::UsageKey;

use super::convert::{MILLION, femtos_each, of_units, plain_to_library};
use super::list::PriceList;
use super::tier::{self, Processing};
use super::{Pricing, Query};

/// How many units there are.
pub const COUNT: usize = 9;

/// What a price can be made of beside tokens: the unit, and the one that it is a part of.
const UNITS: [(UsageKey, Option<UsageKey>); COUNT] = [
    (UsageKey::AUDIO_SECONDS, None),
    (UsageKey::INPUT_AUDIO_SECONDS, Some(UsageKey::AUDIO_SECONDS)),
    (UsageKey::OUTPUT_AUDIO_SECONDS, Some(UsageKey::AUDIO_SECONDS)),
    (UsageKey::INPUT_CHARACTERS, None),
    (UsageKey::INPUT_DOCUMENT_PAGES, None),
    (UsageKey::INPUT_ANNOTATED_DOCUMENT_PAGES, Some(UsageKey::INPUT_DOCUMENT_PAGES)),
    (UsageKey::INPUT_TEXT_MESSAGES, None),
    (UsageKey::INPUT_PIXELS, None),
    (UsageKey::RERANK_SEARCHES, None),
];

/// Some of each unit that `told` names. A whole has room for all of its parts.
fn some(told: impl Fn(&UsageKey) -> bool) -> genai_prices::Usage {
    let named = UNITS.into_iter().filter(|(unit, _)| told(unit));
    of_units(named.map(|(unit, whole)| (unit, if whole.is_some() { MILLION } else { 2 * MILLION })))
}

/// Some of every unit.
pub fn of_each() -> genai_prices::Usage {
    some(|_| true)
}

/// What each unit costs by itself, in femto-dollars; nothing of a model that is priced by tokens alone.
pub fn rates(
    list: &PriceList,
    provider: &str,
    model: &str,
    at: DateTime<Utc>,
    way: Processing<'_>,
) -> Option<[u64; COUNT]> {
    let usd = |told: &genai_prices::Usage| list.price(provider, model, at, way, told).ok().map(|p| p.total_price);
    let by_itself = femtos_each(usd(&plain_to_library(0, 0))?, 1);
    let each = |usd: f64| femtos_each(usd, 1).saturating_sub(by_itself) / MILLION;
    if usd(&of_each()).is_some_and(|usd| each(usd) == 0) {
        return Some([0; COUNT]);
    }
    Some(UNITS.map(|(unit, whole)| {
        let told = of_units(std::iter::once(unit).chain(whole).map(|unit| (unit, MILLION)));
        usd(&told).map_or(0, each)
    }))
}

impl Pricing {
    /// Whether the list prices the model, and not by tokens.
    pub(super) fn is_by_units(
        &self,
        provider: &str,
        model: &str,
        at: DateTime<Utc>,
        processing: Processing<'_>,
    ) -> bool {
        let (ways, _) = self.ways(provider, model, at, processing);
        let (tokens, units) = (plain_to_library(MILLION, MILLION), of_each());
        let costs = |way: &Processing<'_>, told: &genai_prices::Usage| {
            // A newer list may have units that the library cannot name yet: it warns of them.
            let price = self.list.price(provider, model, at, *way, told);
            price.is_ok_and(|price| price.total_price > 0.0 || !price.warnings.is_empty())
        };
        let by_tokens = |way: &Processing<'_>| {
            let price = self.list.price(provider, model, at, *way, &tokens);
            price.is_ok_and(|price| price.total_price > 0.0)
        };
        !ways.iter().any(by_tokens) && ways.iter().any(|way| costs(way, &units))
    }

    /// Whether a usage that came to nothing leaves out what its model is priced by.
    pub(super) fn is_untold(&self, query: &Query<'_>) -> bool {
        let Query { provider, model, at, usage, .. } = *query;
        let processing = tier::read(query.service_tier, query.batch);
        if !self.is_by_units(provider, model, at, processing) {
            return false;
        }
        let told = some(|unit| usage.details.contains_key(unit.as_str()));
        let (ways, _) = self.ways(provider, model, at, processing);
        let costs = |way| self.list.price(provider, model, at, way, &told).is_ok_and(|price| price.total_price > 0.0);
        told.is_empty() || !ways.into_iter().any(costs)
    }
}
