//! What each provider's bytes mean: which requests spend and what they ask for, what an answer reports as it passes, and
//! how a refusal is said in each dialect.
//!
//! A response's dialect is known by its shape, so that a provider nobody has heard of is read too if it speaks like one of
//! them; the provider's name only decides where a shape is shared. Deliberately not here: prices, I/O, and any text of a
//! prompt or an answer. Nothing but counts, the names of model and tier, and the word for an error leaves this room, in
//! values and in errors alike; `with_usage` and `Without` alone hand bytes back.

mod anthropic;
mod asked;
mod count;
mod dialect;
mod endpoint;
mod fold;
mod form;
mod gemini;
mod heard;
mod measured;
mod openai;
mod pictures;
mod refusal;
mod sieve;
mod size;
mod sound;
mod splice;
mod sse;
mod taste;
mod units;
mod unmetered;
mod watch;
mod weigh;
mod without;

#[cfg(test)]
mod asked_tests;
#[cfg(test)]
pub(crate) mod corpus;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod units_tests;
#[cfg(test)]
mod watch_tests;

use serde_json_borrow::Value;

pub use self::asked::{Asked, UsageChunk, asked};
pub use self::dialect::{Builtin, Dialect, KeyPlace, builtin, builtins, refuses_stream_options};
pub use self::endpoint::{Api, Endpoint, endpoint};
pub use self::refusal::refusal;
pub use self::splice::with_usage;
pub use self::unmetered::{Unmetered, unmetered};
pub use self::watch::{Seen, Watch};
pub use self::without::Without;
use crate::domain::usage::Usage;

/// What a response says about its call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// The model that answered, by the response's own word; not every endpoint names one.
    pub model: Option<String>,
    /// The whole call's usage, as the provider totals it: it passes [`Usage::check_reported`], not always
    /// [`Usage::check`].
    pub usage: Usage,
    /// The parts to price one by one in place of `usage`, where the provider lists what its total leaves out or
    /// what other models answered; otherwise empty. See [`Part`].
    pub parts: Vec<Part>,
    /// The tier that served the call, in the provider's own spelling.
    pub service_tier: Option<String>,
    /// US dollars above zero, where the provider names the cost itself (OpenRouter).
    pub reported_cost_usd: Option<f64>,
    /// Whether some part is not reported, but counted high by what is in the response.
    pub guessed: bool,
    /// The endpoint's kind: `chat`, `responses`, `compaction`, `messages`, `generate`, `interaction`, `embeddings`,
    /// `images`, `cache`, `transcription`, `ocr`.
    pub kind: &'static str,
}

/// One model's share of a call in which several took part, or one of several passes. Anthropic lists these as
/// `usage.iterations`; its totals leave out compactions and advisors, which are billed all the same. OpenAI's leave out
/// the model that makes pictures for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The model of this part, where it is not the response's.
    pub model: Option<String>,
    pub usage: Usage,
}

/// Why a response tells no usage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the response reports no usage")]
    NoUsage,
    /// `field` is the path inside the response; `reason` follows it: "must be a whole number". Neither ever quotes
    /// a value.
    #[error("{field} {reason}")]
    Malformed { field: String, reason: String },
}

impl Unreadable {
    fn malformed(field: impl Into<String>, reason: impl Into<String>) -> Unreadable {
        Unreadable::Malformed { field: field.into(), reason: reason.into() }
    }
}

/// Reads what a provider's own JSON response reports: a whole response, a stream's last event that carries usage
/// (`response.completed`, a chat chunk), or Gemini's array of stream chunks.
///
/// # Errors
/// [`Unreadable::NoUsage`] where no usage is reported, [`Unreadable::Malformed`] where it cannot be true.
pub fn from_response(provider: &str, response: &Value<'_>) -> Result<Reported, Unreadable> {
    // Gemini streams a JSON array unless asked for events; the counts run on, so the last ones are the call's.
    if let Value::Array(chunks) = response {
        let last = chunks.iter().rev().find(|chunk| chunk.get("usageMetadata").is_object());
        return last.map_or(Err(Unreadable::NoUsage), |chunk| from_response(provider, chunk));
    }
    // The events that end a stream of Responses, or of an interaction, hold the response whole.
    let inner = ["response", "interaction"].map(|key| response.get(key)).into_iter().find(|inner| inner.is_object());
    let response = inner.filter(|_| response.get("usage").is_null()).unwrap_or(response);
    let (root, usage) = match (response.get("usageMetadata"), response.get("usage")) {
        (usage, _) if !usage.is_null() => ("usageMetadata", usage),
        (_, usage) if !usage.is_null() => ("usage", usage),
        _ if measured::stands_alone(response) => return measured::alone(response),
        _ => return Err(Unreadable::NoUsage),
    };
    let counts = count::Counts::of(root, usage)?;
    let reported = if root == "usageMetadata" {
        gemini::read(response, counts)?
    } else if gemini::interacts(&counts) {
        gemini::interaction(response, counts)?
    } else if anthropic::speaks(provider, response, &counts) {
        anthropic::read(response, counts)?
    } else if openai::speaks(&counts) {
        openai::read(provider, response, counts)?
    } else {
        return Err(Unreadable::NoUsage);
    };
    for usage in std::iter::once(&reported.usage).chain(reported.parts.iter().map(|part| &part.usage)) {
        usage
            .check_reported()
            .map_err(|error| Unreadable::malformed(format!("{root}: {}", error.field), error.problem))?;
    }
    Ok(reported)
}

/// The text at `key`, if it is text with anything in it.
fn text(value: &Value<'_>, key: &str) -> Option<String> {
    value.get(key).as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
