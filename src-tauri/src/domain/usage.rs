//! Usage: a call's tokens by kind, and which counts can be true.
//!
//! Deliberately not here: reading usage from a provider's bytes, and what usage costs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The largest count that is believed, of tokens or of anything else in one call.
pub const COUNT_MAX: u64 = 1_000_000_000_000;

/// All of one call's usage. Counts are tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Usage {
    /// All of the input, cache reads and cache writes included.
    pub input_tokens: u64,
    /// All of the output, reasoning included.
    pub output_tokens: u64,
    /// The part of the input that was read from a cache.
    pub cache_read_tokens: u64,
    /// The part of the input that was written to a cache.
    pub cache_write_tokens: u64,
    /// The part of the output that was reasoning.
    pub reasoning_tokens: u64,
    /// Classes with a price of their own beyond the five, by their key in the price list: `cache_write_1h_tokens`,
    /// `input_audio_tokens`, `web_searches`. Classes of tokens are parts of the five; the others stand beside them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, u64>,
}

/// A count that cannot be true: its field, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct UsageError {
    pub field: String,
    pub problem: &'static str,
}

impl Usage {
    /// A call's usage where nothing more is known than its input and output.
    pub fn plain(input_tokens: u64, output_tokens: u64) -> Usage {
        Usage { input_tokens, output_tokens, ..Usage::default() }
    }

    /// Input and output together, in tokens.
    pub fn total_tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Checks that the counts of a record can be true together.
    ///
    /// # Errors
    /// The first field that is too large, or larger than what it is a part of.
    pub fn check(&self) -> Result<(), UsageError> {
        self.check_reported()?;
        let wrong = |field: &str, problem| Err(UsageError { field: field.to_owned(), problem });
        if self.cache_read_tokens + self.cache_write_tokens > self.input_tokens {
            return wrong("cache_write_tokens", "must be, with cache_read_tokens, at most input_tokens");
        }
        if self.reasoning_tokens > self.output_tokens {
            return wrong("reasoning_tokens", "must be at most output_tokens, which it is a part of");
        }
        Ok(())
    }

    /// Checks what a provider has reported. Such counts are written down as they came, so this asks for less than
    /// [`Usage::check`]: OpenRouter has told one token more of reasoning than of output, and for Gemini the same
    /// tokens as read from and written to a cache.
    ///
    /// # Errors
    /// The first field that is too large, or that is a part of the input and larger than it.
    pub fn check_reported(&self) -> Result<(), UsageError> {
        let wrong = |field: &str, problem| Err(UsageError { field: field.to_owned(), problem });
        let counts = [
            ("input_tokens", self.input_tokens),
            ("output_tokens", self.output_tokens),
            ("cache_read_tokens", self.cache_read_tokens),
            ("cache_write_tokens", self.cache_write_tokens),
            ("reasoning_tokens", self.reasoning_tokens),
        ];
        let details = self.details.iter().map(|(key, &count)| (key.as_str(), count));
        for (field, count) in counts.into_iter().chain(details) {
            if count > COUNT_MAX {
                return wrong(field, "must be at most 1000000000000");
            }
        }
        if self.cache_read_tokens > self.input_tokens {
            return wrong("cache_read_tokens", "must be at most input_tokens, which it is a part of");
        }
        if self.cache_write_tokens > self.input_tokens {
            return wrong("cache_write_tokens", "must be at most input_tokens, which it is a part of");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong_field(change: impl Fn(&mut Usage)) -> Option<String> {
        let mut usage =
            Usage { cache_read_tokens: 40, cache_write_tokens: 10, reasoning_tokens: 5, ..Usage::plain(100, 20) };
        change(&mut usage);
        usage.check().err().map(|error| error.field)
    }

    #[test]
    fn parts_may_fill_the_whole_and_no_more() {
        assert_eq!(wrong_field(|_| ()), None);
        assert_eq!(wrong_field(|u| u.cache_write_tokens = 60), None, "40 read and 60 written are all of 100");
        assert_eq!(wrong_field(|u| u.cache_write_tokens = 61).as_deref(), Some("cache_write_tokens"));
        assert_eq!(wrong_field(|u| u.cache_read_tokens = 101).as_deref(), Some("cache_read_tokens"));
        assert_eq!(wrong_field(|u| u.reasoning_tokens = 20), None);
        assert_eq!(wrong_field(|u| u.reasoning_tokens = 21).as_deref(), Some("reasoning_tokens"));
    }

    #[test]
    fn a_providers_own_counts_may_overlap() {
        let told =
            Usage { cache_read_tokens: 90, cache_write_tokens: 90, reasoning_tokens: 21, ..Usage::plain(100, 20) };
        assert_eq!(told.check_reported(), Ok(()));
        assert!(told.check().is_err());
    }

    #[test]
    fn a_count_beyond_belief_names_its_field() {
        assert_eq!(wrong_field(|u| u.input_tokens = COUNT_MAX), None);
        assert_eq!(wrong_field(|u| u.input_tokens = COUNT_MAX + 1).as_deref(), Some("input_tokens"));
        assert_eq!(wrong_field(|u| u.cache_write_tokens = u64::MAX).as_deref(), Some("cache_write_tokens"));
        let searches = |u: &mut Usage| u.details.extend([("web_searches".to_owned(), u64::MAX)]);
        assert_eq!(wrong_field(searches).as_deref(), Some("web_searches"));
    }
}
