//! A usage taken apart into what is priced on its own: classes that nest (audio read from a cache is a part of the cached
//! input, of the audio and of the input) become counts that add up to the whole.
//!
//! What a class is a part of shows in its key: its words are more than those of the whole. Deliberately not here: prices.

use genai_prices::UsageKey;

use super::convert::MILLION;
use crate::domain::usage::Usage;

/// A class of usage and its key in the price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    pub key: String,
    pub side: Side,
    /// What tells it from the whole of its side: `audio`, `read`, `1h`.
    words: Vec<String>,
}

/// What a class is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Input,
    Output,
    /// Seconds, characters, pages, searches: they stand beside tokens.
    Beside,
}

/// How many of what stands beside tokens its price is told for, by a word of its key; a thousand of all others.
const PER: [(&str, u64); 3] = [("seconds", 3_600), ("characters", MILLION), ("pixels", 1_000_000_000)];

impl Class {
    pub fn new(key: &str) -> Class {
        let all = key.split('_').map(str::to_owned);
        let is_input = key.starts_with("input") || key.starts_with("cache");
        let (side, words) = if key.ends_with("_tokens") {
            let side = if is_input { Side::Input } else { Side::Output };
            (side, all.filter(|word| !["input", "output", "cache", "tokens"].contains(&word.as_str())).collect())
        } else {
            (Side::Beside, all.collect())
        };
        Class { key: key.to_owned(), side, words }
    }

    /// How many its price is told for.
    pub fn per(&self) -> u64 {
        if self.side != Side::Beside {
            return MILLION;
        }
        PER.iter().find(|(word, _)| self.words.iter().any(|own| own == word)).map_or(1_000, |(_, per)| *per)
    }

    /// Whether all of `other` is part of this class.
    pub fn holds(&self, other: &Class) -> bool {
        let within = self.words.iter().all(|word| other.words.contains(word));
        self.side == other.side && within && self.words.len() < other.words.len()
    }

    /// Whether it is all of the input, or all of the output.
    pub fn is_whole(&self) -> bool {
        self.words.is_empty()
    }
}

/// Every class that a usage counts something in.
pub fn classes(usage: &Usage) -> Vec<(Class, u64)> {
    let five = [
        (UsageKey::INPUT_TOKENS, usage.input_tokens),
        (UsageKey::CACHE_READ_TOKENS, usage.cache_read_tokens),
        (UsageKey::CACHE_WRITE_TOKENS, usage.cache_write_tokens),
        (UsageKey::OUTPUT_TOKENS, usage.output_tokens),
        (UsageKey::OUTPUT_REASONING_TOKENS, usage.reasoning_tokens.min(usage.output_tokens)),
    ];
    let mut all: Vec<(Class, u64)> = five.iter().map(|(key, count)| (Class::new(key.as_str()), *count)).collect();
    all.extend(usage.details.iter().map(|(key, &count)| (Class::new(key), count)));
    all.retain(|(_, count)| *count > 0);
    all
}

/// What is left of each class without the classes that are parts of it, the whole of each side first; none where they
/// contradict each other. A part of two classes counts once.
pub fn leaves(classes: &[(Class, u64)]) -> Option<Vec<(Class, u64)>> {
    let mut order: Vec<&(Class, u64)> = classes.iter().collect();
    order.sort_by_key(|(class, _)| std::cmp::Reverse(class.words.len()));
    let mut left: Vec<(Class, u64)> = Vec::with_capacity(order.len());
    for (class, count) in order {
        let parts = left.iter().filter(|(part, _)| class.holds(part)).map(|(_, count)| *count);
        left.push((class.clone(), count.checked_sub(parts.sum())?));
    }
    left.retain(|(_, count)| *count > 0);
    let place = |class: &Class| classes.iter().position(|(other, _)| other == class);
    left.sort_by_key(|(class, _)| (class.side as u8, class.words.len(), place(class)));
    Some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(usage: &Usage) -> Option<Vec<(String, u64)>> {
        leaves(&classes(usage)).map(|left| left.into_iter().map(|(class, count)| (class.key, count)).collect())
    }

    fn with(usage: Usage, details: &[(&str, u64)]) -> Usage {
        Usage { details: details.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect(), ..usage }
    }

    #[test]
    fn what_is_left_of_nested_classes_adds_up_to_the_whole() {
        let base =
            Usage { cache_read_tokens: 400, cache_write_tokens: 300, reasoning_tokens: 50, ..Usage::plain(1000, 90) };
        let usage = with(
            base,
            &[
                ("cache_write_1h_tokens", 100),
                ("cache_write_5m_tokens", 200),
                ("input_audio_tokens", 250),
                ("cache_audio_read_tokens", 150),
                ("web_searches", 2),
            ],
        );
        let left = told(&usage).unwrap();
        for (key, count) in [
            ("input_tokens", 200),
            ("input_audio_tokens", 100),
            ("cache_read_tokens", 250),
            ("cache_audio_read_tokens", 150),
            ("cache_write_1h_tokens", 100),
            ("cache_write_5m_tokens", 200),
            ("output_tokens", 40),
            ("output_reasoning_tokens", 50),
            ("web_searches", 2),
        ] {
            assert!(left.contains(&(key.to_owned(), count)), "{count} of {key}: {left:?}");
        }
        assert_eq!(left.len(), 9, "all of the cache's writes have a term: {left:?}");
        let first: Vec<_> = left.iter().take(2).map(|(key, _)| key.as_str()).collect();
        assert_eq!(first, ["input_tokens", "cache_read_tokens"], "the whole comes first, then what is read of it");
    }

    #[test]
    fn classes_that_contradict_each_other_are_not_taken_apart() {
        let twice = Usage { cache_read_tokens: 90, cache_write_tokens: 90, ..Usage::plain(100, 1) };
        assert_eq!(told(&twice), None);
    }

    #[test]
    fn each_class_is_priced_for_as_many_as_its_price_is_told_for() {
        for (key, per) in [
            ("input_tokens", 1_000_000),
            ("cache_write_1h_tokens", 1_000_000),
            ("input_audio_seconds", 3_600),
            ("input_characters", 1_000_000),
            ("input_pixels", 1_000_000_000),
            ("input_document_pages", 1_000),
            ("web_searches", 1_000),
        ] {
            assert_eq!(Class::new(key).per(), per, "{key}");
        }
    }
}
