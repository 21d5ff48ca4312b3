//! Anthropic's Messages, whose classes of input are disjoint: `input_tokens` is only what no cache had part in.
//!
//! Deliberately not here: the `inference_geo` surcharge, for which no price is known here.

use serde_json_borrow::Value;

use super::count::{Counts, add};
use super::{Part, Reported, Unreadable, text};
use crate::domain::usage::Usage;

/// Whether the response is a message. Anthropic and OpenAI Responses share names (`input_tokens`), not meanings.
pub fn speaks(provider: &str, response: &Value<'_>, usage: &Counts<'_>) -> bool {
    response.get("type").as_str() == Some("message")
        || usage.has("cache_creation_input_tokens")
        || usage.has("cache_read_input_tokens")
        || (provider == "anthropic" && usage.has("input_tokens"))
}

pub fn read(response: &Value<'_>, counts: Counts<'_>) -> Result<Reported, Unreadable> {
    let model = text(response, "model");
    let usage = usage(&counts)?;
    // The faster speed has its own, higher price, as a tier has. Source: anthropic-sdk-python `beta_usage.py`.
    let fast = counts.raw("speed").and_then(Value::as_str) == Some("fast");
    let tier = counts.raw("service_tier").and_then(Value::as_str).filter(|tier| !tier.is_empty());
    Ok(Reported {
        parts: parts(&counts, &usage, model.as_deref())?,
        model,
        usage,
        service_tier: if fast { Some("fast".to_owned()) } else { tier.map(str::to_owned) },
        reported_cost_usd: None,
        guessed: false,
        kind: "messages",
    })
}

/// Source: anthropic-sdk-python `types/usage.py`.
fn usage(counts: &Counts<'_>) -> Result<Usage, Unreadable> {
    let five_minutes = counts.within("cache_creation", "ephemeral_5m_input_tokens")?.unwrap_or(0);
    let one_hour = counts.within("cache_creation", "ephemeral_1h_input_tokens")?.unwrap_or(0);
    let cache_read_tokens = counts.get("cache_read_input_tokens")?;
    let cache_write_tokens = counts.maybe("cache_creation_input_tokens")?.unwrap_or(five_minutes + one_hour);
    let mut usage = Usage {
        input_tokens: counts.get("input_tokens")? + cache_read_tokens + cache_write_tokens,
        output_tokens: counts.get("output_tokens")?,
        cache_read_tokens,
        cache_write_tokens,
        reasoning_tokens: counts.within("output_tokens_details", "thinking_tokens")?.unwrap_or(0),
        ..Usage::default()
    };
    add(&mut usage.details, "cache_write_5m_tokens", five_minutes);
    add(&mut usage.details, "cache_write_1h_tokens", one_hour);
    let searches = counts.within("server_tool_use", "web_search_requests")?.unwrap_or(0);
    add(&mut usage.details, "web_searches", searches);
    Ok(usage)
}

/// The call's iterations, where pricing them one by one differs from pricing the total: several of them, each with
/// its own model and its own size (the price of long context is by iteration). They are believed only if together
/// they are at least the total, so that a list cut short never makes a call cheaper.
fn parts(counts: &Counts<'_>, total: &Usage, model: Option<&str>) -> Result<Vec<Part>, Unreadable> {
    let listed = counts.raw("iterations").and_then(Value::as_array).unwrap_or_default();
    let mut parts = Vec::with_capacity(listed.len());
    for iteration in listed {
        let own = text(iteration, "model").filter(|name| Some(name.as_str()) != model);
        parts.push(Part { model: own, usage: usage(&Counts::of("usage.iterations", iteration)?)? });
    }
    let sum = |count: fn(&Usage) -> u64| parts.iter().map(|part| count(&part.usage)).sum::<u64>();
    let covers = sum(|u| u.input_tokens) >= total.input_tokens && sum(|u| u.output_tokens) >= total.output_tokens;
    let plain = parts.len() == 1 && parts.iter().all(|part| part.model.is_none());
    if !covers || plain {
        return Ok(Vec::new());
    }
    // Searches are counted for the call alone; they are the response's own model's.
    if let (Some(&searches), false) = (total.details.get("web_searches"), sum(searches_of) > 0)
        && let Some(first) = parts.first_mut()
    {
        add(&mut first.usage.details, "web_searches", searches);
    }
    Ok(parts)
}

fn searches_of(usage: &Usage) -> u64 {
    usage.details.get("web_searches").copied().unwrap_or(0)
}
