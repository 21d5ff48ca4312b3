//! The documents of one answer, folded into what they say together: of a stream the last usage reported, on top of what
//! its beginning said.
//!
//! Deliberately not here: bytes (`watch`), and what counts mean (the dialects' readers).

use serde_json_borrow::{OwnedValue, Value};

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::{Reported, from_response, measured, text};

#[derive(Debug)]
pub struct Fold {
    dialect: Dialect,
    /// The response to read: the last document with usage, or Anthropic's opening with the later counts laid over it.
    response: Option<OwnedValue>,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    /// The event that ends a stream of this kind has come.
    pub terminal: bool,
    /// The usage is the call's last, whether or not the stream has ended since.
    pub last_word: bool,
    /// Some choice is said to be over.
    finished: bool,
    pub failed: bool,
    pub error_type: Option<String>,
    /// Whether the request was for a response that goes on by itself.
    asked_background: bool,
    /// The id of a response that goes on at the provider by itself, as far as its last state tells.
    pub background: Option<String>,
    /// The id of a response that is over, by its own state.
    pub ended: Option<String>,
}

impl Fold {
    pub fn new(endpoint: &Endpoint) -> Fold {
        Fold {
            dialect: endpoint.dialect,
            response: None,
            model: None,
            service_tier: None,
            terminal: false,
            last_word: false,
            finished: false,
            failed: false,
            error_type: None,
            asked_background: false,
            background: None,
            ended: None,
        }
    }

    /// The request was for a response that goes on by itself.
    pub fn goes_on(&mut self) {
        self.asked_background = true;
    }

    /// Takes the next document: an event of a stream, an item of Gemini's array, or the whole answer.
    pub fn add(&mut self, document: OwnedValue, streamed: bool) {
        // By `get_value` what is looked at lives no longer than the document; by its `Deref` it would seem to live for good.
        let seen = document.get_value();
        self.errors(seen);
        self.names(seen);
        self.state(seen, streamed);
        let kind = seen.get("type").as_str().or_else(|| seen.get("event_type").as_str()).unwrap_or_default();
        let finished = |list: &'static str, key: &'static str| {
            let items = seen.get(list).as_array().unwrap_or_default();
            items.iter().any(|item| item.get(key).as_str().is_some_and(|reason| !reason.is_empty()))
        };
        self.finished |= finished("choices", "finish_reason");
        let ended = match self.dialect {
            Dialect::Anthropic => kind == "message_stop",
            Dialect::Gemini => {
                kind == "interaction.completed"
                    || finished("candidates", "finishReason")
                    || !seen.get("promptFeedback").get("blockReason").is_null()
            }
            Dialect::OpenAi => ends(kind),
        };
        self.terminal |= ended;
        if !streamed {
            self.last_word = true;
        }
        if kind == "message_start" && seen.get("message").is_object() {
            self.response = owned(seen.get("message"));
            return;
        }
        if kind == "message_delta" && self.lay_over(seen.get("usage")) {
            return;
        }
        let usage = |part: &Value<'_>| part.get("usage").is_object() || part.get("usageMetadata").is_object();
        if usage(seen) || usage(seen.get("response")) || usage(seen.get("interaction")) {
            let no_choices = seen.get("choices").as_array().is_some_and(<[_]>::is_empty);
            self.last_word |= ended || no_choices || self.finished;
            self.response = Some(document);
        } else if seen.get("x_groq").get("usage").is_object() {
            // Groq reports here whether asked or not.
            self.last_word = true;
            self.response = with_usage(seen, seen.get("x_groq").get("usage").clone());
        } else if seen.get("metadata").get("total_usage").is_object() {
            // What an interaction has used so far.
            self.response = with_usage(seen, seen.get("metadata").get("total_usage").clone());
        } else if self.response.is_none() && measured::stands_alone(seen) {
            self.last_word = true;
            self.response = Some(document);
        }
    }

    /// Anthropic's later counts are totals so far; what they leave out stands as the message opened with it.
    fn lay_over(&mut self, usage: &Value<'_>) -> bool {
        let response = self.response.as_ref().map(OwnedValue::get_value);
        let (Some(over), Some(response)) = (usage.as_object(), response) else { return false };
        let mut counts = response.get("usage").as_object().cloned().unwrap_or_default();
        for (key, count) in over.iter().filter(|(_, count)| !count.is_null()) {
            counts.insert(key, count.clone());
        }
        self.response = with_usage(response, Value::Object(counts));
        self.last_word = true;
        true
    }

    fn names(&mut self, document: &Value<'_>) {
        for part in [document, document.get("message"), document.get("response"), document.get("interaction")] {
            let text = |key: &'static str| part.get(key).as_str().filter(|text| !text.is_empty());
            if let Some(model) = text("model").or_else(|| text("modelVersion")).or_else(|| text("agent"))
                && self.model.as_deref() != Some(model)
            {
                self.model = Some(model.strip_prefix("models/").unwrap_or(model).to_owned());
            }
            if let Some(tier) = text("service_tier") {
                self.service_tier = Some(tier.to_owned());
            }
        }
    }

    /// Whether a response or an interaction goes on in the background, or is over. Sources: OpenAI's guide to background
    /// mode; python-genai 3.6, `_gaos/types/interactions/interaction.py`, by which an interaction does not say that it was
    /// to go on, and has more states in which it is over.
    fn state(&mut self, document: &Value<'_>, streamed: bool) {
        for part in [document, document.get("response"), document.get("interaction")] {
            let Some(status) = part.get("status").as_str() else { continue };
            let asked = self.asked_background || part.get("background").as_bool() == Some(true);
            if !matches!(status, "queued" | "in_progress") {
                (self.background, self.ended) = (None, text(part, "id"));
            } else if asked || (self.dialect == Dialect::Gemini && !streamed) {
                self.background = text(part, "id").or(self.background.take());
            }
        }
    }

    fn errors(&mut self, document: &Value<'_>) {
        let response = document.get("response");
        for part in [document, response] {
            let error = part.get("error");
            if !error.is_null() && *error != Value::Bool(false) {
                self.failed = true;
                self.name_error(error);
            }
            if part.get("status").as_str() == Some("failed") {
                self.failed = true;
            }
        }
        // An error of Responses' streams, and of Mistral, stands in the open.
        let is_error = document.get("object").as_str() == Some("error");
        if is_error || matches!(document.get("type").as_str(), Some("error" | "response.failed")) {
            self.failed = true;
            if is_error || document.get("error").is_null() {
                self.name_error(document);
            }
        }
    }

    fn name_error(&mut self, error: &Value<'_>) {
        let word = |key: &'static str| word(error.get(key)).filter(|word| word != "error" && word != "response.failed");
        if let Some(word) = word("type").or_else(|| word("status")).or_else(|| word("code")) {
            self.error_type = Some(word);
        }
    }

    /// What the answer reports, where it reports anything that can be true.
    pub fn reported(&mut self, provider: &str) -> Option<Reported> {
        let mut reported = from_response(provider, self.response.take()?.get_value()).ok()?;
        reported.model = reported.model.or_else(|| self.model.clone());
        reported.service_tier = reported.service_tier.or_else(|| self.service_tier.clone());
        Some(reported)
    }
}

/// A part of a document, to be kept when the document is gone.
fn owned(value: &Value<'_>) -> Option<OwnedValue> {
    OwnedValue::from_string(serde_json::to_string(value).ok()?).ok()
}

/// A response with other usage than its own.
fn with_usage(response: &Value<'_>, usage: Value<'_>) -> Option<OwnedValue> {
    let mut fields = response.as_object()?.clone();
    fields.insert("usage", usage);
    owned(&Value::Object(fields))
}

/// Whether an event of typed streams (OpenAI's responses, pictures, transcripts, speech; Mistral's transcripts) is their
/// last.
fn ends(kind: &str) -> bool {
    matches!(
        kind,
        "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled"
            | "image_generation.completed"
            | "image_edit.completed"
            | "transcript.text.done"
            | "transcription.done"
            | "speech.audio.done"
    )
}

/// A provider's word for an error: never a sentence, which could quote a prompt.
fn word(value: &Value<'_>) -> Option<String> {
    let text = match value {
        Value::Str(text) => text.to_ascii_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-');
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(plain)).then_some(text)
}
