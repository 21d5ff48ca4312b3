//! Gemini's native answers: `generateContent`, its streams, the embedding calls that report usage, and interactions.
//!
//! Deliberately not here: Gemini's OpenAI-compatible endpoint, which is read as that dialect; grounding searches, which
//! `usageMetadata` does not count; storage of cached content, which is billed outside any call.

use serde_json_borrow::Value;

use super::count::{Counts, add};
use super::{Reported, Unreadable, text};
use crate::domain::usage::Usage;

/// Source: python-genai `types.py`, GenerateContentResponseUsageMetadata. Zero counts are simply absent.
pub fn read(response: &Value<'_>, counts: Counts<'_>) -> Result<Reported, Unreadable> {
    let prompt = counts.maybe("promptTokenCount")?;
    let tool_use = counts.get("toolUsePromptTokenCount")?;
    let thoughts = counts.get("thoughtsTokenCount")?;
    // The Live API names the answer's tokens differently.
    let answer = counts.maybe("candidatesTokenCount")?.or(counts.maybe("responseTokenCount")?).unwrap_or(0);
    // Thoughts are billed as output and told apart from it. Where the total is larger than its parts, the difference
    // is output that went unnamed. Without a prompt the total is a stored content's size, which no call has used.
    let unnamed = match (prompt, counts.maybe("totalTokenCount")?) {
        (Some(prompt), Some(total)) => total.saturating_sub(prompt).saturating_sub(tool_use),
        _ => 0,
    };
    let mut usage = Usage {
        // `promptTokenCount` has the cached content in it; what tools gave back to the model comes on top.
        input_tokens: prompt.unwrap_or(0) + tool_use,
        output_tokens: (answer + thoughts).max(unnamed),
        cache_read_tokens: counts.get("cachedContentTokenCount")?,
        cache_write_tokens: 0,
        reasoning_tokens: thoughts,
        ..Usage::default()
    };
    modalities(&counts, "promptTokensDetails", &mut usage, |m| format!("input_{m}_tokens"))?;
    modalities(&counts, "promptTokenDetails", &mut usage, |m| format!("input_{m}_tokens"))?;
    modalities(&counts, "toolUsePromptTokensDetails", &mut usage, |m| format!("input_{m}_tokens"))?;
    modalities(&counts, "cacheTokensDetails", &mut usage, |m| format!("cache_{m}_read_tokens"))?;
    modalities(&counts, "candidatesTokensDetails", &mut usage, |m| format!("output_{m}_tokens"))?;
    let tier = |key| counts.raw(key).and_then(Value::as_str).filter(|tier| !tier.is_empty()).map(str::to_owned);
    Ok(Reported {
        model: text(response, "modelVersion").or_else(|| text(response, "model")).map(plain),
        usage,
        parts: Vec::new(),
        service_tier: tier("serviceTier").or_else(|| tier("trafficType")),
        reported_cost_usd: None,
        guessed: false,
        kind: kind(response),
    })
}

/// Whether the usage is an interaction's.
pub fn interacts(usage: &Counts<'_>) -> bool {
    ["total_input_tokens", "total_output_tokens"].iter().any(|key| usage.has(key))
}

/// An interaction, of a model or of an agent. Source: python-genai 3.6, `_gaos/types/interactions/usage.py`.
pub fn interaction(response: &Value<'_>, counts: Counts<'_>) -> Result<Reported, Unreadable> {
    let prompt = counts.get("total_input_tokens")?;
    let tool_use = counts.get("total_tool_use_tokens")?;
    let thoughts = counts.get("total_thought_tokens")?;
    let answer = counts.get("total_output_tokens")?;
    // As above: what the total has beyond its parts is output.
    let unnamed = counts.get("total_tokens")?.saturating_sub(prompt).saturating_sub(tool_use);
    let mut usage = Usage {
        input_tokens: prompt + tool_use,
        output_tokens: (answer + thoughts).max(unnamed),
        cache_read_tokens: counts.get("total_cached_tokens")?,
        reasoning_tokens: thoughts,
        ..Usage::default()
    };
    modalities(&counts, "input_tokens_by_modality", &mut usage, |m| format!("input_{m}_tokens"))?;
    modalities(&counts, "tool_use_tokens_by_modality", &mut usage, |m| format!("input_{m}_tokens"))?;
    modalities(&counts, "cached_tokens_by_modality", &mut usage, |m| format!("cache_{m}_read_tokens"))?;
    modalities(&counts, "output_tokens_by_modality", &mut usage, |m| format!("output_{m}_tokens"))?;
    Ok(Reported {
        model: text(response, "model").or_else(|| text(response, "agent")).map(plain),
        usage,
        parts: Vec::new(),
        service_tier: text(response, "service_tier"),
        reported_cost_usd: None,
        guessed: false,
        kind: "interaction",
    })
}

/// A model's name, which some endpoints give as a resource's.
fn plain(name: String) -> String {
    name.strip_prefix("models/").map(str::to_owned).unwrap_or(name)
}

fn kind(response: &Value<'_>) -> &'static str {
    let has = |key: &str| !response.get(key).is_null();
    if has("embeddings") || has("embedding") {
        "embeddings"
    } else if !has("candidates") && has("expireTime") {
        "cache"
    } else {
        "generate"
    }
}

/// Text is what the plain rates are for, so only other modalities are told apart. Documents are priced as images.
fn modalities(
    counts: &Counts<'_>,
    list: &'static str,
    usage: &mut Usage,
    class: impl Fn(&str) -> String,
) -> Result<(), Unreadable> {
    let count = if list.ends_with("_by_modality") { "tokens" } else { "tokenCount" };
    for (item, tokens) in counts.list(list, count)? {
        let modality = match item.get("modality").as_str() {
            Some("AUDIO" | "audio") => "audio",
            Some("IMAGE" | "DOCUMENT" | "image" | "document") => "image",
            Some("VIDEO" | "video") => "video",
            _ => continue,
        };
        add(&mut usage.details, &class(modality), tokens);
    }
    Ok(())
}
