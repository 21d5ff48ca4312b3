//! Pictures that a model of OpenAI's Responses has another one make, by the tool `image_generation`: their tokens are not
//! in the call's usage, and are charged beside it. So are those of a model that draws a picture in lines.
//!
//! Newer responses report them as `tool_usage.image_gen`; of others the pictures are counted, high, by their quality.
//! Deliberately not here: pictures that a call asks for directly, whose usage is the call's own.

use serde_json_borrow::Value;

use super::count::{Counts, add};
use super::openai::responses_usage;
use super::{Part, text};
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
    part(model, pictures(INPUT_TOKENS, OUTPUT_TOKENS))
}

/// What the pictures took that were made within a response, and whether that is a guess.
pub fn made(response: &Value<'_>) -> Option<(Part, bool)> {
    let told = response.get("tool_usage").get("image_gen");
    let told = Counts::of("tool_usage.image_gen", told).and_then(|counts| responses_usage(&counts));
    let (usage, guessed) = match told {
        Ok(usage) => (usage, false),
        // It is not told, or not so that it can be true.
        Err(_) => (seen(response), true),
    };
    if usage.total_tokens() == 0 {
        return None;
    }
    let tools = response.get("tools").as_array().unwrap_or_default();
    let model = tools.iter().find(|tool| tool.get("type").as_str() == Some(TOOL)).and_then(|tool| text(tool, "model"));
    Some((part(model, usage), guessed))
}

/// What a model of its own took to draw a picture in lines. Source: openai-python 3.57, `types/images_response.py`.
pub fn drawn(response: &Value<'_>) -> Option<(Part, bool)> {
    let told = response.get("svg_usage");
    let usage = responses_usage(&Counts::of("svg_usage", told).ok()?).ok()?;
    (usage.total_tokens() > 0).then(|| (part(text(told, "model"), usage), false))
}

/// What the pictures in a response may have taken.
fn seen(response: &Value<'_>) -> Usage {
    let items = response.get("output").as_array().unwrap_or_default();
    let made = items.iter().filter(|item| item.get("type").as_str() == Some("image_generation_call"));
    let (input, output) = made.fold((0, 0), |(input, output), picture| {
        let quality = picture.get("quality").as_str();
        let tokens = QUALITIES.iter().find(|(name, _)| Some(*name) == quality).map_or(OUTPUT_TOKENS, |known| known.1);
        (input + INPUT_TOKENS, output + tokens)
    });
    pictures(input, output)
}

fn part(model: Option<String>, usage: Usage) -> Part {
    Part { model: Some(model.unwrap_or_else(|| MODEL.to_owned())), usage }
}

/// Tokens of nothing but pictures.
fn pictures(input_tokens: u64, output_tokens: u64) -> Usage {
    let mut usage = Usage::plain(input_tokens, output_tokens);
    add(&mut usage.details, "input_image_tokens", input_tokens);
    add(&mut usage.details, "output_image_tokens", output_tokens);
    usage
}
