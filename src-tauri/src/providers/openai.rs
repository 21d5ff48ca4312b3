//! OpenAI's dialects, which most providers speak: Chat Completions, Responses and its compaction, embeddings, images;
//! transcripts; with what Gemini, xAI, DeepSeek and OpenRouter say differently in them.
//!
//! Deliberately not here: Realtime, whose usage never comes in an HTTP response, and fees for containers, which no
//! response reports.

use serde_json_borrow::Value;

use super::count::{Counts, add};
use super::{Part, Reported, Unreadable, measured, pictures, text};
use crate::domain::usage::Usage;

/// Whether the usage is of this dialect's shape.
pub fn speaks(usage: &Counts<'_>) -> bool {
    ["prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"].iter().any(|key| usage.has(key))
        || measured::seconds_told(usage).is_some()
}

pub fn read(provider: &str, response: &Value<'_>, counts: Counts<'_>) -> Result<Reported, Unreadable> {
    let chat = counts.has("prompt_tokens") || counts.has("completion_tokens");
    let mut usage = if chat { chat_usage(&counts)? } else { responses_usage(&counts)? };
    searches(response, &mut usage);
    let seconds = measured::seconds_told(&counts).or_else(|| measured::length(response));
    if let Some(seconds) = seconds {
        measured::sound(&mut usage, seconds);
    }
    let pictures = if chat { None } else { pictures::made(response).or_else(|| pictures::drawn(response)) };
    Ok(Reported {
        model: text(response, "model"),
        guessed: pictures.as_ref().is_some_and(|(_, guessed)| *guessed),
        parts: match pictures {
            Some((part, _)) => vec![Part { model: None, usage: usage.clone() }, part],
            None => Vec::new(),
        },
        usage,
        service_tier: text(response, "service_tier"),
        reported_cost_usd: if provider == "openrouter" { cost(&counts) } else { None },
        kind: if seconds.is_some() && !chat { "transcription" } else { kind(response, chat) },
    })
}

fn kind(response: &Value<'_>, chat: bool) -> &'static str {
    let object = response.get("object").as_str().unwrap_or_default();
    match (object, chat) {
        ("response.compaction", _) => "compaction",
        ("list", _) => "embeddings",
        (_, true) => "chat",
        ("", false) if response.get("data").is_array() => "images",
        (_, false) => "responses",
    }
}

/// Source: openai-python `types/completion_usage.py`.
fn chat_usage(counts: &Counts<'_>) -> Result<Usage, Unreadable> {
    let prompt = counts.maybe("prompt_tokens")?;
    let input_tokens = prompt.unwrap_or(0);
    let completion = counts.get("completion_tokens")?;
    // Gemini and xAI leave thinking out of `completion_tokens` and keep it in `total_tokens`; it is billed as output.
    // For OpenAI the two always agree.
    let total = counts.maybe("total_tokens")?;
    let beyond_prompt = match (prompt, total) {
        (Some(prompt), Some(total)) => total.saturating_sub(prompt),
        _ => 0,
    };
    let reasoning_tokens = counts.within("completion_tokens_details", "reasoning_tokens")?.unwrap_or(0);
    let output_tokens = completion.max(beyond_prompt);
    // Without a total, more reasoning than output means that the output is told without it.
    let untold = total.is_none() && reasoning_tokens > output_tokens;
    // DeepSeek and Moonshot have named the cached part beside the details. Mistral's `num_cached_tokens` is not read:
    // it does not say that those tokens are billed as cached, and as plain input they are counted high.
    let cache_read_tokens = match counts.within("prompt_tokens_details", "cached_tokens")? {
        Some(cached) => cached,
        None => counts.maybe("prompt_cache_hit_tokens")?.or(counts.maybe("cached_tokens")?).unwrap_or(0),
    };
    let cache_write_tokens = counts.within("prompt_tokens_details", "cache_write_tokens")?.unwrap_or(0);
    let mut usage = Usage {
        input_tokens,
        output_tokens: if untold { output_tokens + reasoning_tokens } else { output_tokens },
        cache_read_tokens,
        cache_write_tokens,
        reasoning_tokens,
        ..Usage::default()
    };
    modalities(counts, "prompt_tokens_details", &INPUT, &mut usage)?;
    modalities(counts, "completion_tokens_details", &OUTPUT, &mut usage)?;
    Ok(usage)
}

/// Source: openai-python `types/responses/response_usage.py`, `types/images_response.py` and, with its own name for the
/// details, `types/audio/transcription.py`.
pub fn responses_usage(counts: &Counts<'_>) -> Result<Usage, Unreadable> {
    let mut usage = Usage {
        input_tokens: counts.get("input_tokens")?,
        output_tokens: counts.get("output_tokens")?,
        cache_read_tokens: counts.within("input_tokens_details", "cached_tokens")?.unwrap_or(0),
        cache_write_tokens: counts.within("input_tokens_details", "cache_write_tokens")?.unwrap_or(0),
        reasoning_tokens: counts.within("output_tokens_details", "reasoning_tokens")?.unwrap_or(0),
        ..Usage::default()
    };
    modalities(counts, "input_tokens_details", &INPUT, &mut usage)?;
    modalities(counts, "input_token_details", &INPUT, &mut usage)?;
    modalities(counts, "output_tokens_details", &OUTPUT, &mut usage)?;
    Ok(usage)
}

/// What details count beside text, and the class that each is priced as.
type Modalities = [(&'static str, &'static str); 3];

const INPUT: Modalities = [
    ("audio_tokens", "input_audio_tokens"),
    ("image_tokens", "input_image_tokens"),
    ("video_tokens", "input_video_tokens"),
];
const OUTPUT: Modalities = [
    ("audio_tokens", "output_audio_tokens"),
    ("image_tokens", "output_image_tokens"),
    ("video_tokens", "output_video_tokens"),
];

fn modalities(
    counts: &Counts<'_>,
    details: &str,
    modalities: &Modalities,
    usage: &mut Usage,
) -> Result<(), Unreadable> {
    for (told, class) in modalities {
        add(&mut usage.details, class, counts.within(details, told)?.unwrap_or(0));
    }
    Ok(())
}

/// Searches are billed a piece and are not in `usage`: they are items of the output. Of a web search's actions only
/// `search` is charged; opening a page is not. Source: OpenAI's guide to web search, and its price list.
fn searches(response: &Value<'_>, usage: &mut Usage) {
    for item in response.get("output").as_array().unwrap_or_default() {
        let searched = item.get("action").get("type").as_str().is_none_or(|action| action == "search");
        match item.get("type").as_str() {
            Some("web_search_call") if searched => add(&mut usage.details, "web_searches", 1),
            Some("file_search_call") => add(&mut usage.details, "storage_searches", 1),
            _ => {}
        }
    }
}

/// More than any one call costs, in US dollars: who names it is mistaken.
const COST_MAX: f64 = 1_000.0;

/// OpenRouter's own figure, in US dollars, where it can be believed. With the user's own upstream key it is OpenRouter's
/// fee alone, and what the upstream charges stands beside it: both are spent.
fn cost(counts: &Counts<'_>) -> Option<f64> {
    let dollars = |value: Option<&Value<'_>>| {
        let dollars = value?.as_f64()?;
        (dollars > 0.0 && dollars <= COST_MAX).then_some(dollars)
    };
    let cost = dollars(counts.raw("cost"))?;
    if counts.raw("is_byok").and_then(Value::as_bool) != Some(true) {
        return Some(cost);
    }
    let upstream = counts.raw("cost_details").map(|details| details.get("upstream_inference_cost"));
    dollars(upstream).map(|upstream| cost + upstream)
}
