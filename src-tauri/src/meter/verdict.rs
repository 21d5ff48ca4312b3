//! What a check is asked, and what it answers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::budget::Attribution;
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::quantity::Unit;
use crate::domain::standing::Standing;
use crate::domain::usage::Usage;
use crate::providers::Part;

/// What a call is taken to be where its caller does not say: a page in, two pages out.
pub const DEFAULT_INPUT_TOKENS: u64 = 1_000;
pub const DEFAULT_OUTPUT_TOKENS: u64 = 4_096;

/// A call that has not been made. Token counts are at most [`crate::domain::usage::COUNT_MAX`], checked by the door.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest<'a> {
    pub provider: Cow<'a, str>,
    pub model: Cow<'a, str>,
    pub project: Option<Cow<'a, str>>,
    pub user: Option<Cow<'a, str>>,
    pub key: Option<Cow<'a, str>>,
    pub input_tokens: Option<u64>,
    /// For one answer; there are `n` of them.
    pub max_output_tokens: Option<u64>,
    /// Input and output together.
    pub estimated_tokens: Option<u64>,
    pub cost: Option<Nusd>,
    pub service_tier: Option<Cow<'a, str>>,
    /// Whether it is the provider's own request that is asked for, so that what it leaves out is left to the provider.
    pub proxied: bool,
    pub n: u64,
    pub call_id: Option<Cow<'a, str>>,
    /// Whether input may be written to a cache, which some providers charge more for.
    pub writes_cache: bool,
    /// Whether sound may go in or come out.
    pub audio: bool,
    /// How much it may take of the units that some models are priced by in place of tokens, by their names in the price
    /// list; empty where nobody knows.
    pub units: BTreeMap<String, u64>,
    /// What another model of the provider may use within the call.
    pub beside: Option<Part>,
}

impl CheckRequest<'_> {
    pub fn attribution(&self) -> Attribution<'_> {
        Attribution {
            provider: &self.provider,
            model: &self.model,
            project: self.project.as_deref(),
            user: self.user.as_deref(),
            key: self.key.as_deref(),
        }
    }

    /// What the call's usage may be, if it is more than plain input and output; where units are known, always with them.
    pub fn dearer(&self, input_tokens: u64, output_tokens: u64) -> impl Iterator<Item = Usage> {
        let plain = Usage { details: self.units.clone(), ..Usage::plain(input_tokens, output_tokens) };
        let details = |classes: &[(&str, u64)]| {
            let classes = classes.iter().map(|(class, n)| ((*class).to_owned(), *n));
            self.units.clone().into_iter().chain(classes).collect()
        };
        let measured = (!self.units.is_empty()).then(|| plain.clone());
        let cached = self.writes_cache.then(|| Usage {
            cache_write_tokens: input_tokens,
            details: details(&[("cache_write_1h_tokens", input_tokens)]),
            ..plain.clone()
        });
        let sound = self.audio.then(|| Usage {
            details: details(&[("input_audio_tokens", input_tokens), ("output_audio_tokens", output_tokens)]),
            ..plain.clone()
        });
        measured.into_iter().chain(cached).chain(sound)
    }

    /// The most tokens in and out, from what the caller says of them.
    pub fn sizes(&self) -> (u64, u64) {
        let n = self.n.max(1);
        let output = self.max_output_tokens.map(|tokens| tokens.saturating_mul(n));
        match (self.input_tokens, output, self.estimated_tokens) {
            (Some(input), Some(output), _) => (input, output),
            (Some(input), None, Some(all)) => (input, all.saturating_sub(input)),
            (None, Some(output), Some(all)) => (all.saturating_sub(output), output),
            (None, None, Some(all)) => (all, 0),
            // A cost without tokens is a call that is not counted in tokens.
            (input, output, None) if self.cost.is_some() => (input.unwrap_or(0), output.unwrap_or(0)),
            (input, output, None) => (
                input.unwrap_or(DEFAULT_INPUT_TOKENS),
                output.unwrap_or_else(|| DEFAULT_OUTPUT_TOKENS.saturating_mul(n)),
            ),
        }
    }
}

/// The most a call can use and cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cost: Nusd,
    pub priced: Priced,
}

impl Ceiling {
    pub fn quantity(&self, unit: Unit) -> i64 {
        match unit {
            Unit::Usd => self.cost.0,
            Unit::Tokens => i64::try_from(self.input_tokens.saturating_add(self.output_tokens)).unwrap_or(i64::MAX),
            Unit::Requests => 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    BudgetExceeded,
    Paused,
    PriceUnknown,
    LedgerUnwritable,
}

/// What would still go under every blocking budget; none where nothing limits it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fits {
    pub max_output_tokens: Option<u64>,
    pub cost: Option<Nusd>,
}

#[derive(Debug, Clone)]
pub struct Denial {
    pub reason: Reason,
    /// The denying budget that frees up last.
    pub binding: Option<Standing>,
    pub fits: Fits,
    /// One sentence for whoever asked.
    pub sentence: String,
}

/// What whoever asks is told while the kill switch is thrown.
pub const PAUSED: &str = "Spendlight is paused: every call is denied until you resume.";

impl Denial {
    /// When it is worth asking again, in whole seconds, where a budget of a minute or an hour denies it.
    pub fn frees_up_in_seconds(&self) -> Option<i64> {
        let binding = self.binding.as_ref().filter(|_| self.reason == Reason::BudgetExceeded)?;
        let wait_ms = (binding.window.end - binding.now).num_milliseconds().max(0);
        binding.budget.window.is_rate().then(|| wait_ms.div_euclid(1_000) + 1)
    }
}

/// The answer to a check.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub call_id: String,
    pub ceiling: Ceiling,
    /// The standings of the budgets that count this call, with its reservation when it is held.
    pub standings: Vec<Standing>,
    pub warnings: Vec<String>,
    /// Until when the ceiling is held, when it is.
    pub expires_at: Option<DateTime<Utc>>,
    pub denial: Option<Denial>,
}
