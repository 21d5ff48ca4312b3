//! Between the price library's floating-point dollars and integer money: the one file of the project with such
//! arithmetic. Which price applies is none of its business.

#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use genai_prices::UsageKey;

use crate::domain::money::Nusd;
use crate::domain::usage::Usage;

/// Tokens that a price is quoted for.
pub const MILLION: u64 = 1_000_000;
const NANOS_A_DOLLAR: f64 = 1e9;
const FEMTOS_A_DOLLAR: f64 = 1e15;
/// Femto-dollars in a nano-dollar.
pub const FEMTOS_A_NANO: u64 = 1_000_000;

/// An amount that has not been rounded yet: the library's dollars, and the overrides' exact integers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amount {
    usd: f64,
    /// Nano-dollars for a million: a rate times tokens.
    nusd_million: u128,
}

impl Amount {
    pub fn dollars(usd: f64) -> Amount {
        Amount { usd, nusd_million: 0 }
    }

    pub fn nusd_million(nusd_million: u128) -> Amount {
        Amount { usd: 0.0, nusd_million }
    }

    pub fn add(&mut self, other: Amount) {
        self.usd += other.usd;
        self.nusd_million = self.nusd_million.saturating_add(other.nusd_million);
    }

    pub fn is_nothing(&self) -> bool {
        self.usd <= 0.0 && self.nusd_million == 0
    }

    pub fn exceeds(&self, other: &Amount) -> bool {
        (self.usd, self.nusd_million) > (other.usd, other.nusd_million)
    }

    /// Whole femto-dollars: a nano-dollar for a million is one for each.
    pub fn femtos(&self) -> u128 {
        to_femtos(self.usd).saturating_add(self.nusd_million)
    }

    /// Whole nano-dollars, half up. Amounts beyond what an `i64` holds stay at its end.
    pub fn round(self) -> Nusd {
        let exact = (self.nusd_million + u128::from(MILLION / 2)) / u128::from(MILLION);
        let whole = i64::try_from(exact).unwrap_or(i64::MAX);
        // The two kinds meet only where a call's parts are priced by both, each kind rounded by itself.
        Nusd(whole.saturating_add((self.usd * NANOS_A_DOLLAR + 0.5).floor() as i64))
    }

    /// Whole nano-dollars, upward, of an amount that comes from overrides.
    pub fn round_up(self) -> Nusd {
        Nusd(i64::try_from(self.nusd_million.div_ceil(u128::from(MILLION))).unwrap_or(i64::MAX))
    }
}

/// An amount that somebody else names in US dollars, to the nearest nano-dollar.
pub fn money(usd: f64) -> Nusd {
    Amount::dollars(usd).round()
}

/// A price of `usd` for `tokens`, in femto-dollars a token. Published rates have at most nine decimals of a dollar for
/// a million, which is a whole number of femto-dollars a token; what is left over beyond noise is rounded up.
pub fn femtos_each(usd: f64, tokens: u64) -> u64 {
    let exact = usd * FEMTOS_A_DOLLAR / tokens as f64;
    let nearest = exact.round();
    if (exact - nearest).abs() < 0.01 { nearest as u64 } else { exact.ceil() as u64 }
}

/// The library's dollars in whole femto-dollars, for comparing.
pub fn to_femtos(usd: f64) -> u128 {
    (usd * FEMTOS_A_DOLLAR).round() as u128
}

/// Femto-dollars in the library's dollars.
pub fn to_dollars(femtos: u128) -> f64 {
    femtos as f64 / FEMTOS_A_DOLLAR
}

/// Our usage in the library's words.
pub fn to_library(usage: &Usage) -> genai_prices::Usage {
    let mut told = plain_to_library(usage.input_tokens, usage.output_tokens);
    told.insert(UsageKey::CACHE_READ_TOKENS, usage.cache_read_tokens as f64);
    told.insert(UsageKey::CACHE_WRITE_TOKENS, usage.cache_write_tokens as f64);
    told.insert(UsageKey::OUTPUT_REASONING_TOKENS, usage.reasoning_tokens.min(usage.output_tokens) as f64);
    told.extend(usage.details.iter().map(|(key, &count)| (key.as_str(), count as f64)));
    told
}

/// Counts of other units than tokens in the library's words.
pub fn of_units(counts: impl Iterator<Item = (UsageKey, u64)>) -> genai_prices::Usage {
    counts.map(|(unit, count)| (unit, count as f64)).collect()
}

/// Tells the library of `count` of a class.
pub fn tell(told: &mut genai_prices::Usage, key: &str, count: u64) {
    told.insert(key, count as f64);
}

/// Input and output alone in the library's words.
pub fn plain_to_library(input_tokens: u64, output_tokens: u64) -> genai_prices::Usage {
    genai_prices::Usage::from([
        (UsageKey::INPUT_TOKENS, input_tokens as f64),
        (UsageKey::OUTPUT_TOKENS, output_tokens as f64),
    ])
}
