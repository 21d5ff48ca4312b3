//! What calls cost: the only room that names the price library, and the only place where floating-point dollars
//! become integer money.
//!
//! A [`Pricing`] is a price list with the user's own prices over it. [`Pricing::quote`] says what a call did cost, once
//! rounded; [`Pricing::ceiling`] what one can cost at most, fast enough to ask before every call. Neither is ever
//! silently zero: what the list does not know (a model, a tier, the sound of a model), or prices by the second or the page
//! of a call that is told in tokens, is counted high and marked [`Priced::Unknown`]. Deliberately not here: fetching a
//! newer list, the clock, the ledger.

mod apart;
mod card;
mod cards;
mod compare;
mod convert;
mod dearest;
mod explain;
mod leaves;
mod list;
mod overrides;
mod quote;
mod tier;
mod units;

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod explain_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod units_tests;

use chrono::{DateTime, Utc};

pub use compare::{Changed, Differences, Listed, Rates};
pub use convert::money;
pub use explain::{Explanation, Line};
/// Where the price library publishes its newest list.
pub use genai_prices::REMOTE_DATA_URL as FEED;
pub use list::{PriceList, PriceListError};
pub use overrides::Override;

use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::usage::Usage;

/// A call whose cost is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    pub usage: &'a Usage,
    /// When the call was made: its price is the one of that moment.
    pub at: DateTime<Utc>,
    /// The tier in the provider's own spelling; `default`, `standard`, `on_demand` and the like are none.
    pub service_tier: Option<&'a str>,
    /// Whether it went through the provider's batch API.
    pub batch: bool,
}

/// A call that is about to be made; the fields are those of [`Query`].
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    pub at: DateTime<Utc>,
    pub service_tier: Option<&'a str>,
    pub batch: bool,
}

/// What a call did cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub cost: Nusd,
    pub priced: Priced,
    /// The model of the price list, or the pattern of the override, whose price it is.
    pub model_matched: Option<String>,
}

/// The most that a call can cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    pub cost: Nusd,
    pub priced: Priced,
}

/// The provider is in neither the price list nor the overrides, so nothing can be said about a cost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no price is known for any model of the provider {0:?}")]
pub struct UnknownProvider(pub String);

/// A price list with the user's own prices over it.
#[derive(Debug)]
pub struct Pricing {
    list: PriceList,
    overrides: Vec<Override>,
    cards: cards::Cards,
    dearest: dearest::Dearest,
}

impl Pricing {
    pub fn new(list: PriceList, overrides: Vec<Override>) -> Pricing {
        Pricing { list, overrides, cards: cards::Cards::default(), dearest: dearest::Dearest::default() }
    }

    pub fn list(&self) -> &PriceList {
        &self.list
    }

    /// The user's own prices.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// The user's own price for a model, which goes before the list's.
    pub fn own(&self, provider: &str, model: &str) -> Option<&Override> {
        overrides::find(&self.overrides, provider, model)
    }

    /// What the call did cost.
    ///
    /// # Errors
    /// [`UnknownProvider`]; there is no other reason not to know at least a high guess.
    pub fn quote(&self, query: &Query<'_>) -> Result<Quote, UnknownProvider> {
        self.quote_parts(std::slice::from_ref(query))
    }

    /// What a call of several parts did cost: their sum, rounded once. It is marked unknown if one of its parts is.
    /// Without parts it is nothing.
    ///
    /// # Errors
    /// [`UnknownProvider`], of any part.
    pub fn quote_parts(&self, parts: &[Query<'_>]) -> Result<Quote, UnknownProvider> {
        let mut sum = convert::Amount::default();
        let (mut priced, mut model_matched) = (None, None);
        for part in parts {
            let found = self.amount(part)?;
            sum.add(found.amount);
            model_matched = model_matched.or_else(|| Some(found.by.matched().to_owned()));
            priced = match priced {
                Some(Priced::Unknown) => priced,
                Some(_) if found.priced != Priced::Unknown => priced,
                _ => Some(found.priced),
            };
        }
        Ok(Quote { cost: sum.round(), priced: priced.unwrap_or(Priced::Catalog), model_matched })
    }

    /// What [`Pricing::quote`] says, for a call that was made just now: worked out in integers from the card that its
    /// check has left or the next one will want, wherever that is sure to give the same.
    ///
    /// # Errors
    /// As [`Pricing::quote`].
    pub fn quote_now(&self, query: &Query<'_>) -> Result<(Nusd, Priced), UnknownProvider> {
        if overrides::find(&self.overrides, query.provider, query.model).is_none() {
            let Query { provider, model, at, service_tier, batch, usage } = *query;
            let ask = Ask { provider, model, at, service_tier, batch };
            if let Some(Some(cost)) = self.cards.read(&ask, |card| card.cost(usage), || self.card(&ask)) {
                return Ok((cost, Priced::Catalog));
            }
        }
        self.quote(query).map(|quote| (quote.cost, quote.priced))
    }

    /// Whether the model itself is in the list or among the user's own prices, and priced by tokens; its tier, its sound
    /// or what else a call takes may still be without a price.
    pub fn knows(&self, ask: &Ask<'_>) -> bool {
        let usage = Usage::plain(1, 1);
        let Ask { provider, model, at, .. } = *ask;
        let query = Query { provider, model, usage: &usage, at, service_tier: None, batch: false };
        self.quote(&query).is_ok_and(|quote| quote.priced != Priced::Unknown)
    }

    /// How many tokens of input and output together the model takes at the most, where the list says.
    pub fn context_window(&self, ask: &Ask<'_>) -> Option<u64> {
        self.cards.read(ask, |card| card.context_window, || self.card(ask)).flatten()
    }

    /// The most that a call of this many input and output tokens can cost, in which nothing is read from or written to
    /// a cache: at least what [`Pricing::quote`] says of the same plain usage, and at most a nano-dollar more.
    ///
    /// # Errors
    /// [`UnknownProvider`].
    pub fn ceiling(&self, ask: &Ask<'_>, input_tokens: u64, output_tokens: u64) -> Result<Ceiling, UnknownProvider> {
        if let Some(found) = overrides::find(&self.overrides, ask.provider, ask.model) {
            let usage = Usage::plain(input_tokens, output_tokens);
            return Ok(Ceiling { cost: found.amount(&usage).round_up(), priced: Priced::Override });
        }
        let most = |card: &card::Card| Ceiling { cost: card.most(input_tokens, output_tokens), priced: card.priced };
        let ceiling = self.cards.read(ask, most, || self.card(ask));
        if let Some(ceiling) = ceiling {
            return Ok(ceiling);
        }
        // Only the user knows this provider, and not this model of it.
        let usage = Usage::plain(input_tokens, output_tokens);
        let (amount, _) = overrides::dearest(&self.overrides, ask.provider, &usage)
            .ok_or_else(|| UnknownProvider(ask.provider.to_owned()))?;
        Ok(Ceiling { cost: amount.round_up(), priced: Priced::Unknown })
    }
}
