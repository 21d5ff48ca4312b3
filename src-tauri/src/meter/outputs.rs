//! Outputs: what each model has been seen to produce, for the ceiling of a call that names no maximum.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Meter;
use super::verdict::DEFAULT_OUTPUT_TOKENS;
use crate::domain::entry::{Entry, UsageSource};
use crate::ledger;
use crate::pricing::Ask;

/// How many calls of a model are remembered, the latest.
const CALLS_KEPT: usize = 256;

/// How many models are remembered.
const MODELS_KEPT: usize = 4_096;

/// How many calls are read from the ledger at the start.
const CALLS_READ: usize = 10_000;

#[derive(Debug, Default)]
pub struct Outputs {
    /// By provider, then model: output tokens of the latest calls, the oldest first.
    seen: HashMap<String, HashMap<String, VecDeque<u64>>>,
}

impl Outputs {
    /// Learns from calls that have just been written down.
    pub fn learn(&mut self, entries: &[Arc<Entry>]) {
        for entry in entries {
            if entry.counted && entry.ok && entry.usage_source == UsageSource::Reported {
                self.add(&entry.provider, &entry.model, entry.usage.output_tokens);
            }
        }
    }

    fn add(&mut self, provider: &str, model: &str, output_tokens: u64) {
        if output_tokens == 0 {
            return;
        }
        if let Some(calls) = self.seen.get_mut(provider).and_then(|models| models.get_mut(model)) {
            if calls.len() == CALLS_KEPT {
                calls.pop_front();
            }
            calls.push_back(output_tokens);
            return;
        }
        if self.seen.values().map(HashMap::len).sum::<usize>() < MODELS_KEPT {
            let models = self.seen.entry(provider.to_owned()).or_default();
            models.entry(model.to_owned()).or_default().push_back(output_tokens);
        }
    }

    /// What 95 of 100 answers of a model do not exceed, in tokens. A name stands for its dated ones too, since those are
    /// what the answers name.
    pub fn typical(&self, provider: &str, model: &str) -> u64 {
        let Some(models) = self.seen.get(provider) else { return DEFAULT_OUTPUT_TOKENS };
        let calls = match models.get(model) {
            Some(calls) => Some(calls),
            None => models
                .iter()
                .filter(|(name, _)| name.starts_with(model))
                .max_by_key(|(_, calls)| calls.len())
                .map(|(_, calls)| calls),
        };
        calls.map_or(DEFAULT_OUTPUT_TOKENS, percentile_95)
    }
}

/// The 95th percentile; of few calls, the default counts as one of them, so that a first short answer is no promise.
fn percentile_95(calls: &VecDeque<u64>) -> u64 {
    let mut sorted: Vec<u64> = calls.iter().copied().collect();
    sorted.push(DEFAULT_OUTPUT_TOKENS);
    let at = (sorted.len() * 95).div_ceil(100).saturating_sub(1);
    let (_, value, _) = sorted.select_nth_unstable(at);
    *value
}

impl Meter {
    /// What a call of this model produces at the most, as far as has been seen, in tokens; never more than the model can.
    pub fn typical_output(&self, provider: &str, model: &str) -> u64 {
        let ask = Ask { provider, model, at: self.now(), service_tier: None, batch: false };
        let limit = self.pricing.load().context_window(&ask).unwrap_or(u64::MAX);
        self.shared.outputs().typical(provider, model).min(limit)
    }

    /// Learns from the ledger what models have produced before this start.
    pub async fn learn_outputs(&self) {
        match self.read(|conn| ledger::recent_outputs(conn, CALLS_READ)).await {
            Ok(recent) => {
                let mut outputs = self.shared.outputs();
                for (provider, model, output_tokens) in recent.iter().rev() {
                    outputs.add(provider, model, *output_tokens);
                }
            }
            Err(e) => tracing::warn!("what models have produced cannot be read, so each begins anew: {e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_known_by_what_it_has_produced() {
        let mut outputs = Outputs::default();
        assert_eq!(outputs.typical("openai", "gpt-5-mini"), DEFAULT_OUTPUT_TOKENS, "nothing has been seen");
        outputs.add("openai", "gpt-5-mini-2026-01-01", 10);
        assert_eq!(outputs.typical("openai", "gpt-5-mini"), DEFAULT_OUTPUT_TOKENS, "one answer is no habit");
        for n in 1..=100 {
            outputs.add("openai", "gpt-5-mini-2026-01-01", n);
        }
        assert_eq!(outputs.typical("openai", "gpt-5-mini"), 96, "with the default and the first, 97 of 102");
        assert_eq!(outputs.typical("openai", "gpt-5"), 96, "what begins alike is better than nothing");
        assert_eq!(outputs.typical("gemini", "gpt-5-mini"), DEFAULT_OUTPUT_TOKENS);
    }

    #[test]
    fn old_calls_are_forgotten() {
        let mut outputs = Outputs::default();
        for n in 0..CALLS_KEPT + 10 {
            outputs.add("openai", "m", if n < 10 { 1_000_000 } else { 7 });
        }
        assert_eq!(outputs.typical("openai", "m"), 7);
    }
}
