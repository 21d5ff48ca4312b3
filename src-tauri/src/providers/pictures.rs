//! Pictures that a model of OpenAI's Responses has another one make, by the tool `image_generation`: their tokens are not
//! in the call's usage, and are charged beside it.
//!
//! Newer responses report them as `tool_usage.image_gen`; of others the pictures are counted, high, by their quality.
//! Deliberately not here: pictures that a call asks for directly, whose usage is the call's own.

use serde_json_borrow::Value;

use super::count::Counts;
use super::openai::responses_usage;
use super::{Part, Unreadable, text};
use crate::domain::usage::Usage;

/// The tool, as a request names it.
pub const TOOL: &str = "image_generation";

/// The model that makes them where the tool names none. Source: OpenAI's guide to image generation.
pub const MODEL: &str = "gpt-image-1";

/// A picture at its largest and finest (6,240 tokens), with partial ones. Source: OpenAI's guide.
pub const OUTPUT_TOKENS: u64 = 8_000;

/// What goes in for a picture, if anything does but a prompt: another one, finely looked at. Source: OpenAI's guide.
const INPUT_TOKENS: u64 = 8_000;

/// Tokens of a picture of each quality at its largest. Source: OpenAI's guide to image generation.
const QUALITIES: [(&str, u64); 2] = [("low", 408), ("medium", 1_584)];

/// What a call may use that has the tool.
pub fn ceiling(model: Option<String>) -> Part {
    Part { model: Some(model.unwrap_or_else(|| MODEL.to_owned())), usage: Usage::plain(INPUT_TOKENS, OUTPUT_TOKENS) }
}

/// What the pictures took that were made within a response, and whether that is a guess.
///
/// # Errors
/// What is reported of them cannot be true.
pub fn made(response: &Value<'_>) -> Result<Option<(Part, bool)>, Unreadable> {
    let told = response.get("tool_usage").get("image_gen");
    let (usage, guessed) = if told.is_object() {
        (responses_usage(&Counts::of("tool_usage.image_gen", told)?)?, false)
    } else {
        let items = response.get("output").as_array().unwrap_or_default();
        let pictures = items.iter().filter(|item| item.get("type").as_str() == Some("image_generation_call"));
        let tokens = pictures.map(|picture| {
            let quality = picture.get("quality").as_str();
            QUALITIES.iter().find(|(name, _)| Some(*name) == quality).map_or(OUTPUT_TOKENS, |(_, tokens)| *tokens)
        });
        let (count, tokens) = tokens.fold((0, 0), |(count, sum), tokens| (count + 1, sum + tokens));
        (Usage::plain(count * INPUT_TOKENS, tokens), true)
    };
    if usage.total_tokens() == 0 {
        return Ok(None);
    }
    let tools = response.get("tools").as_array().unwrap_or_default();
    let model = tools.iter().find(|tool| tool.get("type").as_str() == Some(TOOL)).and_then(|tool| text(tool, "model"));
    Ok(Some((Part { model: Some(model.unwrap_or_else(|| MODEL.to_owned())), usage }, guessed)))
}
