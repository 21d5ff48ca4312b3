//! The documents of one answer, folded into what they say together: of a stream the last usage reported, on top of what
//! its beginning said.
//!
//! Deliberately not here: bytes (`watch`), and what counts mean (the dialects' readers).

use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::{Reported, from_response, measured};

#[derive(Debug)]
pub struct Fold {
    dialect: Dialect,
    /// The response to read: the last document with usage, or Anthropic's opening with the later counts laid over it.
    response: Option<Value>,
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
        }
    }

    /// Takes the next document: an event of a stream, an item of Gemini's array, or the whole answer.
    pub fn add(&mut self, document: Value, streamed: bool) {
        self.errors(&document);
        self.names(&document);
        let kind = document["type"].as_str().unwrap_or_default();
        let finished = |list: &str, key: &str| {
            let items = document[list].as_array().map_or(&[][..], Vec::as_slice);
            items.iter().any(|item| item[key].as_str().is_some_and(|reason| !reason.is_empty()))
        };
        self.finished |= finished("choices", "finish_reason");
        let ended = match self.dialect {
            Dialect::Anthropic => kind == "message_stop",
            Dialect::Gemini => {
                finished("candidates", "finishReason") || !document["promptFeedback"]["blockReason"].is_null()
            }
            Dialect::OpenAi => ends(kind),
        };
        self.terminal |= ended;
        if !streamed {
            self.last_word = true;
        }
        if kind == "message_start" && document["message"].is_object() {
            let mut document = document;
            self.response = Some(document["message"].take());
            return;
        }
        if kind == "message_delta" && self.lay_over(&document["usage"]) {
            return;
        }
        let usage = |document: &Value| document["usage"].is_object() || document["usageMetadata"].is_object();
        if usage(&document) || usage(&document["response"]) {
            let no_choices = document["choices"].as_array().is_some_and(Vec::is_empty);
            self.last_word |= ended || no_choices || self.finished;
            self.response = Some(document);
        } else if document["x_groq"]["usage"].is_object() {
            // Groq reports here whether asked or not.
            let mut document = document;
            document["usage"] = document["x_groq"]["usage"].take();
            self.last_word = true;
            self.response = Some(document);
        } else if self.response.is_none() && measured::stands_alone(&document) {
            self.last_word = true;
            self.response = Some(document);
        }
    }

    /// Anthropic's later counts are totals so far; what they leave out stands as the message opened with it.
    fn lay_over(&mut self, usage: &Value) -> bool {
        let (Some(over), Some(Value::Object(response))) = (usage.as_object(), &mut self.response) else { return false };
        let under = response.entry("usage").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(under) = under {
            for (key, count) in over.iter().filter(|(_, count)| !count.is_null()) {
                under.insert(key.clone(), count.clone());
            }
        }
        self.last_word = true;
        true
    }

    fn names(&mut self, document: &Value) {
        for part in [document, &document["message"], &document["response"]] {
            let text = |key: &str| part[key].as_str().filter(|text| !text.is_empty());
            if let Some(model) = text("model").or_else(|| text("modelVersion"))
                && self.model.as_deref() != Some(model)
            {
                self.model = Some(model.strip_prefix("models/").unwrap_or(model).to_owned());
            }
            if let Some(tier) = text("service_tier") {
                self.service_tier = Some(tier.to_owned());
            }
        }
    }

    fn errors(&mut self, document: &Value) {
        let response = &document["response"];
        for part in [document, response] {
            let error = &part["error"];
            if !error.is_null() && *error != Value::Bool(false) {
                self.failed = true;
                self.name_error(error);
            }
            if part["status"] == "failed" {
                self.failed = true;
            }
        }
        // An error of Responses' streams, and of Mistral, stands in the open.
        if matches!(document["type"].as_str(), Some("error" | "response.failed")) || document["object"] == "error" {
            self.failed = true;
            if document["object"] == "error" || document["error"].is_null() {
                self.name_error(document);
            }
        }
    }

    fn name_error(&mut self, error: &Value) {
        let word = |key: &str| word(&error[key]).filter(|word| word != "error" && word != "response.failed");
        if let Some(word) = word("type").or_else(|| word("status")).or_else(|| word("code")) {
            self.error_type = Some(word);
        }
    }

    /// What the answer reports, where it reports anything that can be true.
    pub fn reported(&mut self, provider: &str) -> Option<Reported> {
        let mut reported = from_response(provider, &self.response.take()?).ok()?;
        reported.model = reported.model.or_else(|| self.model.clone());
        reported.service_tier = reported.service_tier.or_else(|| self.service_tier.clone());
        Some(reported)
    }
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
fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.to_ascii_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-');
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(plain)).then_some(text)
}
