//! Gemini's native answers: `generateContent`, its streams, and the embedding calls that report usage.
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
    let model = text(response, "modelVersion").or_else(|| text(response, "model"));
    Ok(Reported {
        // Some endpoints name the model as a resource.
        model: model.map(|name| name.strip_prefix("models/").map(str::to_owned).unwrap_or(name)),
        usage,
        parts: Vec::new(),
        service_tier: tier("serviceTier").or_else(|| tier("trafficType")),
        reported_cost_usd: None,
        guessed: false,
        kind: kind(response),
    })
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
    for (item, tokens) in counts.list(list, "tokenCount")? {
        let modality = match item.get("modality").as_str() {
            Some("AUDIO") => "audio",
            Some("IMAGE" | "DOCUMENT") => "image",
            Some("VIDEO") => "video",
            _ => continue,
        };
        add(&mut usage.details, &class(modality), tokens);
    }
    Ok(())
}
