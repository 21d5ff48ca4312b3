//! The rules of reading usage, one test each, and the recorded exchanges.

use serde_json::{Value, json};

use super::corpus::{self, from_response};
use super::{Reported, Unreadable};
use crate::domain::usage::Usage;

fn read(provider: &str, response: &str) -> Reported {
    from_response(provider, &serde_json::from_str(response).unwrap()).unwrap()
}

/// Input, output, cache read, cache write, reasoning.
fn counts(usage: &Usage) -> [u64; 5] {
    let Usage { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, .. } = *usage;
    [input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens]
}

fn details(usage: &Usage) -> Vec<(&str, u64)> {
    usage.details.iter().map(|(key, &count)| (key.as_str(), count)).collect()
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/responses/", $name, ".json"))
    };
}

#[test]
fn chat_counts_include_the_cached_input_and_the_reasoning() {
    let reported = read("openai", fixture!("openai-chat"));
    assert_eq!(counts(&reported.usage), [1117, 46, 1024, 0, 32]);
    assert_eq!(reported.model.as_deref(), Some("gpt-5-mini-2025-08-07"));
    assert_eq!((reported.service_tier.as_deref(), reported.kind), (Some("default"), "chat"));
    assert!(reported.usage.details.is_empty(), "a class with nothing in it is left out");
}

#[test]
fn responses_count_the_searches_in_their_output_but_not_the_pages_opened() {
    let reported = read("openai", fixture!("openai-responses"));
    assert_eq!(counts(&reported.usage), [370, 110, 128, 64, 90]);
    assert_eq!(details(&reported.usage), [("storage_searches", 1), ("web_searches", 1)]);
    assert_eq!((reported.service_tier.as_deref(), reported.kind), (Some("flex"), "responses"));
}

#[test]
fn anthropic_input_is_the_sum_of_its_disjoint_classes() {
    let reported = read("anthropic", fixture!("anthropic-messages"));
    assert_eq!(counts(&reported.usage), [2331, 547, 2000, 300, 67]);
    let classes = [("cache_write_1h_tokens", 200), ("cache_write_5m_tokens", 100), ("web_searches", 2)];
    assert_eq!(details(&reported.usage), classes);
    assert!(reported.parts.is_empty());
}

#[test]
fn anthropic_iterations_beyond_the_total_are_parts_of_their_own() {
    let reported = read("anthropic", fixture!("anthropic-iterations"));
    assert_eq!(counts(&reported.usage), [229, 5, 0, 0, 0], "the total stays as reported");
    let parts: Vec<_> = reported.parts.iter().map(|p| (p.model.as_deref(), p.usage.input_tokens)).collect();
    assert_eq!(parts, [(None, 55196), (Some("claude-opus-4-8"), 2518), (None, 229)]);
}

#[test]
fn anthropic_iterations_that_are_less_than_the_total_are_not_believed() {
    let mut response: Value = serde_json::from_str(fixture!("anthropic-iterations")).unwrap();
    response["usage"]["output_tokens"] = json!(1_000);
    assert_eq!(from_response("anthropic", &response).unwrap().parts, []);
}

#[test]
fn a_fast_anthropic_answer_has_a_tier() {
    let response = json!({"type": "message", "usage": {"input_tokens": 1, "output_tokens": 2, "speed": "fast", "service_tier": "standard"}});
    assert_eq!(from_response("anthropic", &response).unwrap().service_tier.as_deref(), Some("fast"));
}

#[test]
fn gemini_thoughts_are_output_and_tool_results_are_input() {
    let reported = read("gemini", fixture!("gemini-generate"));
    assert_eq!(counts(&reported.usage), [3387, 150, 2918, 0, 95]);
    let classes = [
        ("cache_audio_read_tokens", 284),
        ("cache_video_read_tokens", 2561),
        ("input_audio_tokens", 321),
        ("input_video_tokens", 2893),
    ];
    assert_eq!(details(&reported.usage), classes);
}

#[test]
fn gemini_thoughts_are_output_without_a_total_too() {
    let response =
        json!({"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 7}});
    assert_eq!(counts(&from_response("gemini", &response).unwrap().usage), [10, 12, 0, 0, 7]);
}

#[test]
fn gemini_output_that_only_the_total_names_is_billed() {
    let response = json!({"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 40, "toolUsePromptTokenCount": 3}});
    assert_eq!(counts(&from_response("gemini", &response).unwrap().usage), [13, 27, 0, 0, 0]);
    let stored =
        json!({"model": "models/gemini-2.5-flash", "expireTime": "", "usageMetadata": {"totalTokenCount": 3512}});
    let stored = from_response("gemini", &stored).unwrap();
    assert_eq!(counts(&stored.usage), [0; 5], "stored content is no output");
    assert_eq!((stored.model.as_deref(), stored.kind), (Some("gemini-2.5-flash"), "cache"));
}

#[test]
fn thinking_that_completion_tokens_leave_out_is_billed() {
    assert_eq!(counts(&read("gemini", fixture!("gemini-compatible")).usage), [20, 996, 0, 0, 0]);
    let untotalled = json!({"usage": {"prompt_tokens": 5, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 30}}});
    assert_eq!(counts(&from_response("xai", &untotalled).unwrap().usage), [5, 32, 0, 0, 30]);
}

/// As OpenRouter has reported it.
#[test]
fn a_total_that_confirms_the_output_is_believed_over_the_reasoning() {
    let response = json!({"usage": {"prompt_tokens": 43, "completion_tokens": 10, "total_tokens": 53, "completion_tokens_details": {"reasoning_tokens": 11}}});
    assert_eq!(counts(&from_response("openrouter", &response).unwrap().usage), [43, 10, 0, 0, 11]);
}

#[test]
fn deepseek_names_its_cache_hits_beside_the_details() {
    let response = json!({"usage": {"prompt_tokens": 563, "completion_tokens": 116, "prompt_cache_hit_tokens": 512}});
    assert_eq!(counts(&from_response("deepseek", &response).unwrap().usage), [563, 116, 512, 0, 0]);
}

#[test]
fn a_cost_with_the_users_own_upstream_key_is_fee_and_upstream_together() {
    let cost = read("openrouter", fixture!("openrouter-byok")).reported_cost_usd.unwrap();
    assert!((cost - 0.000_26).abs() < 1e-12, "{cost}");
    let fee = json!({"usage": {"prompt_tokens": 1, "cost": 0.0001, "is_byok": true}});
    assert_eq!(from_response("openrouter", &fee).unwrap().reported_cost_usd, None, "the fee alone is not the cost");
}

#[test]
fn an_interaction_is_read_by_its_totals() {
    let usage = json!({"total_input_tokens": 100, "total_tool_use_tokens": 20, "total_cached_tokens": 30,
        "total_output_tokens": 40, "total_thought_tokens": 50, "total_tokens": 210,
        "input_tokens_by_modality": [{"modality": "text", "tokens": 60}, {"modality": "audio", "tokens": 40}],
        "output_tokens_by_modality": [{"modality": "image", "tokens": 25}]});
    let interaction = json!({"id": "v1_a", "object": "interaction", "model": "gemini-3-flash-preview",
        "status": "completed", "service_tier": "standard", "steps": [], "usage": usage});
    let reported = from_response("gemini", &interaction).unwrap();
    assert_eq!(counts(&reported.usage), [120, 90, 30, 0, 50]);
    assert_eq!(reported.model.as_deref(), Some("gemini-3-flash-preview"));
    let details = [("input_audio_tokens", 40), ("output_image_tokens", 25)];
    assert_eq!(reported.usage.details, details.map(|(class, count)| (class.to_owned(), count)).into());

    let event = json!({"event_type": "interaction.completed", "interaction": interaction});
    assert_eq!(
        from_response("gemini", &event),
        from_response("gemini", &interaction),
        "its stream ends with the whole"
    );
    let mut of_an_agent = interaction;
    of_an_agent["agent"] = of_an_agent["model"].take();
    assert_eq!(from_response("gemini", &of_an_agent).unwrap().model.as_deref(), Some("gemini-3-flash-preview"));
}

#[test]
fn a_picture_in_lines_has_a_model_of_its_own() {
    let response = json!({"created": 1, "data": [{"b64_json": "aGk="}],
        "usage": {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30},
        "svg_usage": {"model": "gpt-5.4", "input_tokens": 5, "output_tokens": 900, "reasoning_tokens": 300, "total_tokens": 905}});
    let reported = from_response("openai", &response).unwrap();
    let parts: Vec<_> = reported.parts.iter().map(|part| (part.model.as_deref(), part.usage.output_tokens)).collect();
    assert_eq!(parts, [(None, 20), (Some("gpt-5.4"), 900)]);
    assert!(!reported.guessed);
}

#[test]
fn streams_are_read_by_their_last_word() {
    let whole: Value = serde_json::from_str(fixture!("openai-responses")).unwrap();
    let event = json!({"type": "response.completed", "response": whole});
    assert_eq!(from_response("openai", &event), from_response("openai", &whole));
    let chunk = |n: u64| json!({"usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": n}});
    let chunks = json!([chunk(1), chunk(7), {"candidates": []}]);
    assert_eq!(counts(&from_response("gemini", &chunks).unwrap().usage), [4, 7, 0, 0, 0]);
}

#[test]
fn an_unheard_of_provider_is_read_by_its_shape() {
    let response =
        json!({"model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 4, "prompt_tokens_details": []}});
    assert_eq!(counts(&from_response("my-own", &response).unwrap().usage), [3, 4, 0, 0, 0]);
}

#[test]
fn no_usage_is_not_zero_usage() {
    for response in
        [json!({}), json!({"usage": null}), json!({"usage": {}}), json!([]), json!("text"), json!({"error": {}})]
    {
        assert_eq!(from_response("openai", &response), Err(Unreadable::NoUsage), "{response}");
    }
}

#[test]
fn an_impossible_count_is_refused_by_its_path() {
    let cases = [
        (json!({"usage": {"prompt_tokens": -1}}), "usage.prompt_tokens"),
        (json!({"usage": {"prompt_tokens": 1.5}}), "usage.prompt_tokens"),
        (json!({"usage": {"prompt_tokens": "12"}}), "usage.prompt_tokens"),
        (json!({"usage": {"input_tokens": 1_000_000_000_001_u64}}), "usage.input_tokens"),
        (json!({"usage": {"input_tokens": u64::MAX}}), "usage.input_tokens"),
        (
            json!({"usage": {"prompt_tokens": 1, "completion_tokens_details": {"reasoning_tokens": -3}}}),
            "usage.completion_tokens_details.reasoning_tokens",
        ),
        (
            json!({"usageMetadata": {"promptTokensDetails": [{"modality": "AUDIO", "tokenCount": "x"}]}}),
            "usageMetadata.promptTokensDetails.tokenCount",
        ),
        (
            json!({"usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 2}}}),
            "usage: cache_read_tokens",
        ),
        (json!({"usage": "none"}), "usage"),
    ];
    for (response, path) in cases {
        let Err(Unreadable::Malformed { field, .. }) = from_response("openai", &response) else {
            panic!("an impossible count must be refused: {response}");
        };
        assert_eq!(field, path);
    }
}

/// Content of a response must not reach the error that a log may show.
#[test]
fn an_error_quotes_nothing_of_the_response() {
    let response = json!({"usage": {"prompt_tokens": "a secret"}});
    assert!(!format!("{:?}", from_response("openai", &response)).contains("secret"));
}

#[test]
fn every_recorded_exchange_is_read_as_its_provider_reported() {
    let Some(exchanges) = corpus::exchanges() else { return };
    let mut wrong = Vec::new();
    for exchange in &exchanges {
        let name = format!("{} {}{}", exchange.id, exchange.provider, exchange.path);
        let reported = match from_response(&exchange.provider, &exchange.body) {
            Ok(reported) => reported,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let keys = ["input", "output", "cache_read", "cache_write", "reasoning"];
        for (key, count) in keys.into_iter().zip(counts(&reported.usage)) {
            if exchange.usage.get(key).is_some_and(|told| told.as_u64().unwrap_or(0) != count) {
                wrong.push(format!("{name}: {key} {count}, reported {}", exchange.usage[key]));
            }
        }
        if reported.model.is_some() && reported.model.as_deref() != exchange.usage["model"].as_str() {
            wrong.push(format!("{name}: model {:?}, reported {}", reported.model, exchange.usage["model"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), exchanges.len(), wrong.join("\n"));
    assert!(exchanges.len() >= 900, "only {} exchanges were compared", exchanges.len());
}
