//! What a response measures beside tokens, for models that are priced by the second or the page: how long sound was, and
//! how many pages were read.
//!
//! Deliberately not here: characters that were spoken, which no response reports.

use serde_json_borrow::Value;

use super::count::Counts;
use super::{Reported, Unreadable, text};
use crate::domain::usage::{COUNT_MAX, Usage};

/// A response that has measures and no usage of tokens: a transcript in detail, or a document that was read.
pub fn stands_alone(response: &Value<'_>) -> bool {
    response.get("usage_info").is_object() || length(response).is_some()
}

/// What such a response reports.
pub fn alone(response: &Value<'_>) -> Result<Reported, Unreadable> {
    let mut usage = Usage::default();
    let kind = if let Some(seconds) = length(response) {
        sound(&mut usage, seconds);
        "transcription"
    } else {
        pages(&Counts::of("usage_info", response.get("usage_info"))?, &mut usage)?;
        "ocr"
    };
    let (model, service_tier) = (text(response, "model"), text(response, "service_tier"));
    Ok(Reported { model, usage, parts: Vec::new(), service_tier, reported_cost_usd: None, guessed: false, kind })
}

/// The seconds of sound that usage tells: OpenAI's `{"type": "duration", "seconds"}`, which older versions of its SDK
/// name `duration`, Mistral's `prompt_audio_seconds`, and OpenRouter's `seconds` beside tokens. Source: openai-python
/// `types/audio/transcription.py` and `transcription_verbose.py`, mistralai `models/usageinfo.py`, OpenRouter's
/// `STTUsage`.
pub fn seconds_told(counts: &Counts<'_>) -> Option<u64> {
    let told = |key: &str| counts.raw(key).and_then(seconds);
    let durations = counts.raw("type").and_then(Value::as_str) == Some("duration");
    told("seconds").or_else(|| told("prompt_audio_seconds")).or_else(|| told("duration").filter(|_| durations))
}

/// The seconds of sound that a transcript in detail (`verbose_json`) tells of itself: OpenAI's, Groq's and whoever
/// follows them. Groq reports no usage. Source: OpenAI's and Groq's API references, create transcription.
pub fn length(response: &Value<'_>) -> Option<u64> {
    let transcript = !response.get("text").is_null() && response.get("object").is_null();
    transcript.then(|| seconds(response.get("duration"))).flatten()
}

/// Sound that went in, under both of the price list's names for it: the one is a part of the other.
pub fn sound(usage: &mut Usage, seconds: u64) {
    for unit in ["audio_seconds", "input_audio_seconds"] {
        usage.details.insert(unit.to_owned(), seconds);
    }
}

/// Mistral's count of pages. Those it has annotated are counted apart, and may be counted there alone; together they
/// are never too few. Source: Mistral's API reference, OCR; LiteLLM's price of it.
fn pages(counts: &Counts<'_>, usage: &mut Usage) -> Result<(), Unreadable> {
    let read = counts.maybe("pages_processed")?;
    let annotated = counts.get("pages_processed_annotation")?;
    if read.is_none() && annotated == 0 {
        return Err(Unreadable::NoUsage);
    }
    usage.details.insert("input_document_pages".to_owned(), read.unwrap_or(0) + annotated);
    super::count::add(&mut usage.details, "input_annotated_document_pages", annotated);
    Ok(())
}

/// Whole seconds, rounded up. OpenAI has spelled them as text.
fn seconds(value: &Value<'_>) -> Option<u64> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (0.0..=COUNT_MAX as f64).contains(&seconds).then(|| seconds.ceil() as u64)
}
