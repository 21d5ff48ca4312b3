//! How a cost comes about: each class of a usage with its count, its rate and what that comes to, beside the total that
//! [`Pricing::quote`] rounds.
//!
//! The library does not show its rates, so they are asked for one by one, and the lines are checked against its own total:
//! what they leave over (a minimum charge, a fee) is told as the rest and never hidden. It is for one call that somebody
//! looks at, and takes milliseconds. Deliberately not here: which price is a call's, which `quote` decides.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::convert::{FEMTOS_A_NANO, MILLION, femtos_each, plain_to_library, tell};
use super::leaves::{Class, Side, classes, leaves};
use super::quote::{By, Found};
use super::tier::Processing;
use super::{Override, Pricing, Query, UnknownProvider};
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::usage::Usage;

/// How far back a change of price is looked for.
const PAST_DAYS: i64 = 1_100;

/// The library's sums are off by less than this, and by a billionth of a nano-dollar in every dollar.
const NOISE_FEMTOS: u128 = 1_000;

/// A class of a call's usage, and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its key in the price list; `requests` is the call by itself.
    pub class: String,
    /// Without the classes that have lines of their own.
    pub count: u64,
    /// What `per` of it cost.
    pub rate: Nusd,
    pub per: u64,
    /// The amount, which is not rounded.
    pub femtos: i128,
}

/// A cost, and how it comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub cost: Nusd,
    pub priced: Priced,
    /// The model of the price list, or the pattern of the user's own price.
    pub model_matched: String,
    /// Whether it is a price of the user's own.
    pub is_own: bool,
    /// The tier whose price it is; none is the standard.
    pub tier: Option<String>,
    /// Whether it is the price of a batch.
    pub batch: bool,
    pub lines: Vec<Line>,
    /// What the price list takes beyond the lines: a minimum charge, say.
    pub rest_femtos: i128,
    /// The lines and the rest together: the cost before it is rounded.
    pub sum_femtos: i128,
    /// The rates are those of a long context, which begins at this many tokens of input.
    pub long_context_from: Option<u64>,
    /// The day since which the list has had this price for the call; none where it knows no other before.
    pub since: Option<DateTime<Utc>>,
}

impl Pricing {
    /// How the cost comes about that [`Pricing::quote`] tells.
    ///
    /// # Errors
    /// As [`Pricing::quote`].
    pub fn explain(&self, query: &Query<'_>) -> Result<Explanation, UnknownProvider> {
        let found = self.amount(query)?;
        let mut told = Explanation {
            cost: found.amount.round(),
            priced: found.priced,
            model_matched: found.by.matched().to_owned(),
            is_own: matches!(found.by, By::Own(_)),
            tier: None,
            batch: false,
            lines: Vec::new(),
            rest_femtos: 0,
            sum_femtos: 0,
            long_context_from: None,
            since: None,
        };
        match &found.by {
            By::Own(own) => told.lines = own.lines(query.usage),
            By::List { asked, way, .. } => {
                let rates = Rates { pricing: self, query, model: asked, way: *way };
                told.tier = way.tier.map(str::to_owned);
                told.batch = way.batch;
                told.lines = rates.lines();
                told.long_context_from = rates.long_context_from(&told.lines);
                told.since = rates.since(&found);
            }
        }
        let lines: i128 = told.lines.iter().map(|line| line.femtos).sum();
        let total = found.amount.femtos();
        let exact = i128::try_from(total).unwrap_or(i128::MAX);
        let noise = NOISE_FEMTOS + total / 1_000_000_000_000;
        told.rest_femtos = if exact.abs_diff(lines) < noise { 0 } else { exact - lines };
        told.sum_femtos = lines + told.rest_femtos;
        Ok(told)
    }
}

fn line(class: &Class, count: u64, rate: Nusd) -> Line {
    let per = class.per();
    let femtos = i128::from(rate.0) * i128::from(MILLION) * i128::from(count) / i128::from(per);
    Line { class: class.key.clone(), count, rate, per, femtos }
}

impl Override {
    /// What each kind of tokens comes to; all other classes are parts of these.
    fn lines(&self, usage: &Usage) -> Vec<Line> {
        let cached = usage.cache_read_tokens.saturating_add(usage.cache_write_tokens);
        let kinds = [
            ("input_tokens", usage.input_tokens.saturating_sub(cached), self.input),
            ("cache_read_tokens", usage.cache_read_tokens, self.cache_read.unwrap_or(self.input)),
            ("cache_write_tokens", usage.cache_write_tokens, self.cache_write.unwrap_or(self.input)),
            ("output_tokens", usage.output_tokens, self.output),
        ];
        let counted = kinds.iter().filter(|(_, count, _)| *count > 0);
        counted.map(|&(key, count, rate)| line(&Class::new(key), count, nusd(u128::from(rate)))).collect()
    }
}

fn nusd(rate: u128) -> Nusd {
    Nusd(i64::try_from(rate).unwrap_or(i64::MAX))
}

/// The list's rates for one call.
struct Rates<'a> {
    pricing: &'a Pricing,
    query: &'a Query<'a>,
    model: &'a str,
    way: Processing<'a>,
}

impl Rates<'_> {
    fn lines(&self) -> Vec<Line> {
        let usage = self.query.usage;
        let all = classes(usage);
        let size = usage.input_tokens;
        let rate = |class: &Class| self.rate(class, &all, size).unwrap_or_default();
        let apart = leaves(&all).or_else(|| {
            // A class without a price of its own contradicts nothing: the library does not look at it.
            let whole = |side| all.iter().find(|(class, _)| class.side == side && class.is_whole());
            let own = all.iter().filter(|(class, _)| {
                class.is_whole() || whole(class.side).is_none_or(|(whole, _)| rate(whole) != rate(class))
            });
            leaves(&own.cloned().collect::<Vec<_>>())
        });
        // What contradicts itself is counted without a cache's discount.
        let apart = apart.or_else(|| leaves(&classes(&Usage::plain(size, usage.output_tokens)))).unwrap_or_default();
        let by_itself = self.usd(&plain_to_library(0, 0)).map_or(0, |price| femtos_each(price.total_price, 1));
        let mut lines: Vec<Line> = apart.iter().map(|(class, count)| line(class, *count, rate(class))).collect();
        if by_itself > 0 {
            let request = Class::new("requests");
            lines.push(line(
                &request,
                1,
                nusd(u128::from(by_itself) * u128::from(request.per()) / u128::from(FEMTOS_A_NANO)),
            ));
        }
        lines
    }

    fn usd(&self, told: &genai_prices::Usage) -> Option<genai_prices::PriceCalculation> {
        self.pricing.list().price(self.query.provider, self.model, self.query.at, self.way, told).ok()
    }

    /// What a class costs for as many as its price is told for, in a call with `size` tokens of input. `all` are the
    /// call's classes: those that hold it have to be told with it.
    fn rate(&self, class: &Class, all: &[(Class, u64)], size: u64) -> Option<Nusd> {
        let holding = all.iter().map(|(other, _)| other).filter(|other| other.holds(class)).chain([class]);
        let each_of = |count: u64, mut told: genai_prices::Usage| {
            for one in holding {
                tell(&mut told, &one.key, count);
            }
            self.usd(&told)
        };
        let size = size.max(1);
        let Query { provider, at, .. } = *self.query;
        if let Some((rate, _)) = self.pricing.apart(provider, self.model, at, self.way, &class.key) {
            return Some(nusd(u128::from(rate)));
        }
        match class.side {
            Side::Input => {
                let price = each_of(size, plain_to_library(size, 0))?;
                Some(nusd(u128::from(femtos_each(price.input_price, size))))
            }
            Side::Output => {
                let price = each_of(MILLION, plain_to_library(size, MILLION))?;
                Some(nusd(u128::from(femtos_each(price.output_price, MILLION))))
            }
            Side::Beside => {
                let by_itself = femtos_each(self.usd(&plain_to_library(0, 0))?.total_price, 1);
                let price = each_of(class.per(), plain_to_library(0, 0))?;
                let femtos = femtos_each(price.total_price, 1).saturating_sub(by_itself);
                Some(nusd(u128::from((femtos + FEMTOS_A_NANO / 2) / FEMTOS_A_NANO)))
            }
        }
    }

    /// Where the long context begins whose rates these are: the rates only ever change with the size.
    fn long_context_from(&self, lines: &[Line]) -> Option<u64> {
        let all: Vec<(Class, u64)> = lines.iter().map(|line| (Class::new(&line.class), line.count)).collect();
        let tokens: Vec<&Class> = all.iter().map(|(class, _)| class).filter(|c| c.side != Side::Beside).collect();
        let rates = |size: u64| tokens.iter().map(|class| self.rate(class, &all, size)).collect::<Vec<_>>();
        let size = self.query.usage.input_tokens;
        let here = rates(size);
        let (mut below, mut from) = (1, size);
        if size <= 1 || rates(below) == here {
            return None;
        }
        while from - below > 1 {
            let middle = below + (from - below) / 2;
            if rates(middle) == here {
                from = middle;
            } else {
                below = middle;
            }
        }
        Some(from)
    }

    /// Since when the call would have cost the same, by the day.
    fn since(&self, found: &Found<'_>) -> Option<DateTime<Utc>> {
        if found.priced == Priced::Unknown {
            return None;
        }
        let at = self.query.at;
        let cost = |at| self.pricing.usd(self.query.provider, self.model, at, self.way, self.query.usage).map(|u| u.0);
        let now = cost(at);
        let changed = (1..PAST_DAYS).find(|&days| cost(at - TimeDelta::days(days)) != now)?;
        Some((at - TimeDelta::days(changed - 1)).date_naive().and_time(NaiveTime::MIN).and_utc())
    }
}
