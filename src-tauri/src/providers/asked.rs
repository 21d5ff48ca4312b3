//! What a request asks for, as far as its cost goes: the model, and how much can go in and come out.
//!
//! It is read in one pass that builds nothing of the prompt. The estimate of the input errs high, for it is what is held
//! against budgets before the call; what the call really took comes with its answer.
//!
//! Deliberately not here: prices, and what a model usually produces where a request sets no bound.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::Value;

use super::Part;
use super::dialect::Dialect;
use super::endpoint::{Api, Endpoint};
use super::form;
use super::pictures;
use super::sieve::Sieve;
use super::sound;
use super::taste::REQUEST;
use super::units::{self, UNSEEN_SECONDS, Units};
use super::weigh::{UNSEEN_TOKENS, Weigh};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub model: Option<String>,
    /// The model of a live session that the request sets up.
    pub session_model: Option<String>,
    pub streams: bool,
    /// Whether the provider is to go on by itself when its answer is over.
    pub background: bool,
    /// All of the input, in tokens, erring high.
    pub input_tokens: u64,
    /// The most output a choice may have, in tokens, where anything bounds it; for all choices times `n`.
    pub max_output_tokens: Option<u64>,
    /// Choices asked for, at least 1.
    pub n: u64,
    pub service_tier: Option<String>,
    /// Whether the request asks for part of it to be cached.
    pub writes_cache: bool,
    /// Whether sound goes in or may come out.
    pub audio: bool,
    pub usage_chunk: UsageChunk,
    /// What it takes of the units that some models are priced by in place of tokens, erring high.
    pub units: Units,
    /// What another model of the provider may use beside this one, for a tool of the call.
    pub beside: Option<Part>,
}

/// Whether the answer's stream will report usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageChunk {
    /// The client has asked for it, or it comes anyway, or there is no stream.
    Given,
    /// It comes only if [`with_usage`](super::with_usage) asks for it, in a chunk of its own.
    Addable,
}

/// What a request may have beyond its own text: the format of its messages, and what providers tell the model of a
/// schema for its answer or of a compaction. In recorded calls at most about 140.
const BASE_TOKENS: u64 = 150;
/// What tools bring with them before they are described: Anthropic's preamble is 346 to 804 tokens, and about as much for
/// each of its own tools. Source: Anthropic's price list for tools. In recorded calls the most of any other is about 430, of a Llama on Groq.
const TOOLS_TOKENS_ANTHROPIC: u64 = 1_000;
const TOOLS_TOKENS: u64 = 500;
/// Speech has about 6 tokens of sound to one of text. Source: OpenAI's prices for gpt-4o-mini-tts a minute and a token.
const SPEECH_TOKENS_PER_TOKEN: u64 = 10;

/// What asks for a part of the prompt to be kept, at a price.
static CACHE_CONTROL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"cache_control\""));

/// Reads a request's body. What cannot be read is left out; nothing is refused here.
pub fn asked(endpoint: &Endpoint, content_type: Option<&str>, body: &[u8]) -> Asked {
    if let Some(form) = content_type.and_then(|kind| form::read(kind, body)) {
        return of_form(endpoint, &form, body);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut sieve = Sieve::new(&REQUEST, Weigh::default());
    let mut kept = Value::Null;
    sieve.push(body, &mut |document| kept = serde_json::from_slice(document).unwrap_or_default());
    let weigh = &sieve.ear;
    let told = Told::of(&kept, endpoint.dialect);
    let model = endpoint.model.clone().or(told.model).or(told.agent);
    let by_body = endpoint.dialect != Dialect::Gemini || endpoint.api == Api::Interactions;
    let streams = endpoint.streams || (by_body && told.streams);
    let structure = (body.len() as u64).saturating_sub(weigh.heard_bytes).div_ceil(3);
    let input_tokens = BASE_TOKENS
        + structure
        + weigh.text_tokens(endpoint.dialect)
        + weigh.other_tokens(model.as_deref())
        + told.beyond_tokens;
    let chunked = endpoint.dialect == Dialect::OpenAi && matches!(endpoint.api, Api::Chat | Api::Completions);
    Asked {
        streams,
        background: told.background,
        input_tokens,
        max_output_tokens: bound(endpoint.api, told.max_output_tokens, input_tokens),
        n: told.n.unwrap_or(1).max(1),
        service_tier: if told.fast { Some("fast".to_owned()) } else { told.service_tier },
        writes_cache: CACHE_CONTROL.find(body).is_some(),
        audio: weigh.audio || told.audio || endpoint.api == Api::Speech,
        usage_chunk: if streams && chunked && !told.asks_usage { UsageChunk::Addable } else { UsageChunk::Given },
        units: match endpoint.api {
            Api::Speech => units::characters(body),
            Api::Ocr => units::pages(&kept, weigh),
            // A form that is not well made, or sound that is named in JSON.
            Api::Transcriptions => units::seconds(UNSEEN_SECONDS.max(body.len() as u64 / sound::BYTES_A_SECOND_MIN)),
            _ if weigh.sound_seconds() > 0 => units::seconds(weigh.sound_seconds()),
            _ => Units::default(),
        },
        beside: told.beside,
        session_model: told.session_model,
        model,
    }
}

/// What the fields of a request tell. Of those with two spellings the larger bound counts, or the first that tells.
#[derive(Debug, Default)]
struct Told {
    model: Option<String>,
    streams: bool,
    asks_usage: bool,
    n: Option<u64>,
    max_output_tokens: Option<u64>,
    service_tier: Option<String>,
    fast: bool,
    audio: bool,
    /// Input that is not in the request: what the provider keeps, and what its own tools bring back to the model.
    beyond_tokens: u64,
    beside: Option<Part>,
    session_model: Option<String>,
    agent: Option<String>,
    background: bool,
}

impl Told {
    fn of(kept: &Value, dialect: Dialect) -> Told {
        let mut told = Told::default();
        for (field, value) in kept.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            match field.as_str() {
                "model" => told.model = text(value).map(|name| named(name, dialect)),
                // Of an interaction that an agent has, not a model.
                "agent" => told.agent = text(value),
                "background" => told.background = *value == true,
                "session" => told.session_model = text(&value["model"]),
                "stream" => told.streams = *value == true,
                "stream_options" => told.asks_usage = value["include_usage"] == true,
                "n" | "best_of" => told.n = told.n.max(count(value)),
                "max_tokens" | "max_completion_tokens" | "max_output_tokens" | "max_tokens_to_sample" => {
                    told.max_output_tokens = told.max_output_tokens.max(count(value));
                }
                "generationConfig" | "generation_config" => told.configured(value),
                "service_tier" | "serviceTier" => told.service_tier = told.service_tier.take().or_else(|| text(value)),
                "speed" => told.fast = value == "fast",
                "modalities" | "response_modalities" => told.audio |= names_audio(value),
                "audio" => told.audio = true,
                "previous_response_id"
                | "previous_interaction_id"
                | "conversation"
                | "cachedContent"
                | "cached_content"
                | "mcp_servers"
                | "web_search_options"
                | "search_settings"
                | "plugins" => told.beyond_tokens += UNSEEN_TOKENS,
                "prompt" if !value["id"].is_null() => told.beyond_tokens += UNSEEN_TOKENS,
                "tools" => {
                    told.beyond_tokens += tools_tokens(value, dialect);
                    told.beside = listed(value)
                        .iter()
                        .find(|tool| tool["type"] == pictures::TOOL)
                        .map(|tool| pictures::ceiling(text(&tool["model"])));
                }
                _ => {}
            }
        }
        told
    }

    /// Gemini's settings.
    fn configured(&mut self, config: &Value) {
        for (field, value) in config.as_object().into_iter().flatten() {
            match field.as_str() {
                "candidateCount" | "candidate_count" => self.n = self.n.max(count(value)),
                "maxOutputTokens" | "max_output_tokens" => {
                    self.max_output_tokens = self.max_output_tokens.max(count(value));
                }
                "responseModalities" | "response_modalities" => self.audio |= names_audio(value),
                _ => {}
            }
        }
    }
}

/// A model's name, which Google's requests may give as a resource's.
fn named(name: String, dialect: Dialect) -> String {
    let short = name.strip_prefix("models/").filter(|_| dialect == Dialect::Gemini);
    short.map(str::to_owned).unwrap_or(name)
}

/// The most output that this kind of call has, where it or the request bounds it.
fn bound(api: Api, told: Option<u64>, input_tokens: u64) -> Option<u64> {
    match api {
        _ if api.has_no_output() => Some(0),
        Api::Images => Some(pictures::OUTPUT_TOKENS),
        Api::Speech => Some(input_tokens * SPEECH_TOKENS_PER_TOKEN),
        _ => told,
    }
}

/// What tools bring with them beside their descriptions, and what those that run at the provider bring back.
fn tools_tokens(tools: &Value, dialect: Dialect) -> u64 {
    let mut tokens = if dialect == Dialect::Anthropic { TOOLS_TOKENS_ANTHROPIC } else { TOOLS_TOKENS };
    for tool in listed(tools) {
        tokens += match tool["type"].as_str() {
            Some("function" | "custom") => 0,
            // Tools that the client runs, described by the provider.
            Some(kind) if ["bash", "text_editor", "memory"].iter().any(|own| kind.starts_with(own)) => {
                TOOLS_TOKENS_ANTHROPIC
            }
            Some(_) => UNSEEN_TOKENS,
            None => tool.as_object().map_or(0, |fields| fields.len() as u64 * UNSEEN_TOKENS),
        };
    }
    tokens
}

/// The items of a list; anything else is the only one.
fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// Whether sound is among the modalities of the answer.
fn names_audio(modalities: &Value) -> bool {
    let listed = modalities.as_array().map_or(&[][..], Vec::as_slice);
    listed.iter().filter_map(Value::as_str).any(|modality| modality.eq_ignore_ascii_case("audio"))
}

fn of_form(endpoint: &Endpoint, form: &form::Form, body: &[u8]) -> Asked {
    let input_tokens = BASE_TOKENS + form.input_tokens;
    let streams = form.field("stream").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    Asked {
        model: form.field("model").map(str::to_owned),
        session_model: None,
        streams,
        background: false,
        input_tokens,
        max_output_tokens: bound(endpoint.api, None, input_tokens),
        n: form.field("n").and_then(|n| n.trim().parse().ok()).unwrap_or(1).max(1),
        service_tier: None,
        writes_cache: false,
        audio: endpoint.api == Api::Transcriptions,
        usage_chunk: UsageChunk::Given,
        units: match endpoint.api {
            Api::Transcriptions if form.sound_seconds > 0 => units::seconds(form.sound_seconds),
            Api::Transcriptions => units::seconds(UNSEEN_SECONDS),
            // These are JSON wherever they are known: as much as there is room for.
            Api::Speech => units::characters(body),
            Api::Ocr => units::pages(&Value::Null, &Weigh::default()),
            _ => Units::default(),
        },
        beside: None,
    }
}

/// A count as it may be spelled: Google's also come in quotes. What is none, or nothing, bounds nothing.
fn count(value: &Value) -> Option<u64> {
    let whole = |number: f64| number.fract() == 0.0 && (1.0..1e15).contains(&number);
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .or_else(|| value.as_f64().filter(|number| whole(*number)).map(|number| number as u64))
        .filter(|count| *count > 0)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
