//! What is seen of answers: a rule a test, and the recorded exchanges, cut into pieces of several sizes.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::corpus;
use super::dialect::Dialect;
use super::endpoint::{Endpoint, endpoint};
use super::watch::{Seen, Watch};
use super::without::Without;
use crate::domain::usage::Usage;

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";
const RESPONSES: &str = "/v1/responses";
const STREAM: &str = "/v1beta/models/m:streamGenerateContent";
const EVENTS: &str = "text/event-stream; charset=utf-8";

fn at(path: &str) -> Endpoint {
    let dialect = if path.contains(':') { Dialect::Gemini } else { Dialect::OpenAi };
    endpoint(dialect, "POST", path).unwrap()
}

fn seen_in(pieces: usize, provider: &str, endpoint: &Endpoint, kind: &str, status: u16, body: &[u8]) -> Seen {
    let mut watch = Watch::new(provider, endpoint, Some(kind), status);
    body.chunks(pieces.max(1)).for_each(|piece| watch.push(piece));
    watch.finish()
}

/// What is seen, whatever the pieces.
fn seen(path: &str, kind: &str, status: u16, body: &str) -> Seen {
    let whole = seen_in(usize::MAX, "p", &at(path), kind, status, body.as_bytes());
    for pieces in [1, 2, 7] {
        assert_eq!(seen_in(pieces, "p", &at(path), kind, status, body.as_bytes()), whole, "in pieces of {pieces}");
    }
    whole
}

fn events(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

fn usage(seen: &Seen) -> &Usage {
    &seen.reported.as_ref().expect("usage was reported").usage
}

fn chat(text: &str) -> Value {
    json!({"object": "chat.completion.chunk", "model": "gpt-5", "choices": [{"delta": {"content": text}, "finish_reason": null}], "usage": null})
}

fn chat_usage() -> Value {
    json!({"object": "chat.completion.chunk", "model": "gpt-5-2025", "service_tier": "flex", "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}})
}

#[test]
fn a_chat_stream_reports_in_its_last_chunk() {
    let body = events(&[chat("one"), chat("two"), chat_usage()]) + "data: [DONE]\n\n";
    let seen = seen(CHAT, EVENTS, 200, &body);
    assert_eq!((usage(&seen).input_tokens, usage(&seen).output_tokens), (9, 4));
    assert_eq!((seen.model.as_deref(), seen.service_tier.as_deref()), (Some("gpt-5-2025"), Some("flex")));
    assert!(seen.complete && !seen.failed && !seen.provisional);
}

#[test]
fn a_stream_cut_off_is_judged_by_what_came() {
    let seen = seen(CHAT, EVENTS, 200, &events(&vec![chat(" word"); 30]));
    assert_eq!((&seen.reported, seen.complete, seen.failed), (&None, false, false));
    assert_eq!(seen.model.as_deref(), Some("gpt-5"));
    assert!((30..=60).contains(&seen.output_tokens), "{}", seen.output_tokens);
}

#[test]
fn tool_calls_and_thinking_are_output_too_and_labels_are_not() {
    let call = json!({"choices": [{"delta": {"role": "assistant", "tool_calls": [{"id": "call_abcdefghijklmnop", "function": {"name": "get", "arguments": "{\"city\":\"Paris\"}"}}]}}]});
    let tokens = seen(CHAT, EVENTS, 200, &events(&[call])).output_tokens;
    assert!((5..=20).contains(&tokens), "{tokens}");
    let thinking =
        json!({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "a thought of mine"}});
    let signature =
        json!({"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "A".repeat(4_000)}});
    let tokens = seen(MESSAGES, EVENTS, 200, &events(&[thinking, signature])).output_tokens;
    assert!((4..=10).contains(&tokens), "{tokens}");
}

#[test]
fn any_last_event_of_responses_reports() {
    for (kind, failed) in [("completed", false), ("incomplete", false), ("failed", true)] {
        let delta = json!({"type": "response.output_text.delta", "delta": "hi"});
        let error = if failed { json!({"code": "server_error", "message": "a secret"}) } else { Value::Null };
        let last = json!({"type": format!("response.{kind}"), "response": {"object": "response", "model": "gpt-5", "status": kind, "error": error,
            "output": [{"type": "web_search_call", "action": {"type": "search"}}, {"type": "message", "content": [{"text": "hi"}]}],
            "usage": {"input_tokens": 7, "output_tokens": 2, "total_tokens": 9}}});
        let seen = seen(RESPONSES, EVENTS, 200, &events(&[delta, last]));
        assert_eq!((usage(&seen).input_tokens, usage(&seen).details["web_searches"]), (7, 1), "{kind}");
        assert_eq!((seen.complete, seen.failed), (true, failed), "{kind}");
        assert_eq!(seen.error_type.as_deref(), failed.then_some("server_error"));
    }
}

fn opening() -> Value {
    json!({"type": "message_start", "message": {"type": "message", "model": "claude", "content": [], "usage": {"input_tokens": 31,
        "cache_creation_input_tokens": 20, "cache_read_input_tokens": 10, "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 15}, "output_tokens": 7}}})
}

#[test]
fn anthropics_later_counts_are_totals_on_top_of_the_opening() {
    let delta = |n: u64| json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": n, "input_tokens": null}});
    let seen =
        seen(MESSAGES, EVENTS, 200, &events(&[opening(), delta(100), delta(547), json!({"type": "message_stop"})]));
    assert_eq!((usage(&seen).input_tokens, usage(&seen).output_tokens), (61, 547));
    assert_eq!(usage(&seen).details["cache_write_1h_tokens"], 15);
    assert!(seen.complete && !seen.provisional);
}

#[test]
fn a_report_that_runs_along_is_provisional_when_the_stream_breaks_off() {
    let text =
        json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "many words of it ".repeat(20)}});
    let seen = seen(MESSAGES, EVENTS, 200, &events(&[opening(), text]));
    assert!(seen.provisional && !seen.complete);
    assert_eq!(usage(&seen).input_tokens, 61);
    assert_eq!(usage(&seen).output_tokens, seen.output_tokens);
    assert!(seen.output_tokens > 80, "{}", seen.output_tokens);
}

fn generated(count: Option<u64>, finish: Option<&str>) -> Value {
    let mut chunk = json!({"candidates": [{"content": {"parts": [{"text": "hi"}]}}], "modelVersion": "gemini-2.5"});
    if let Some(count) = count {
        chunk["usageMetadata"] = json!({"promptTokenCount": 4, "candidatesTokenCount": count});
    }
    if let Some(finish) = finish {
        chunk["candidates"][0]["finishReason"] = json!(finish);
    }
    chunk
}

#[test]
fn geminis_last_totals_count_in_events_and_in_an_array() {
    let chunks =
        [generated(Some(0), None), generated(Some(3), None), generated(Some(8), Some("STOP")), generated(None, None)];
    let array = Value::from(chunks.to_vec()).to_string();
    for (kind, body) in [(EVENTS, events(&chunks).replace('\n', "\r\n")), ("application/json", array)] {
        let seen = seen(STREAM, kind, 200, &body);
        assert_eq!((usage(&seen).input_tokens, usage(&seen).output_tokens), (4, 8), "{kind}");
        assert_eq!((seen.complete, seen.provisional, seen.model.as_deref()), (true, false, Some("gemini-2.5")));
    }
    let cut = seen(STREAM, EVENTS, 200, &events(&chunks[..2]));
    assert!(!cut.complete && cut.provisional);
}

#[test]
fn an_error_within_a_stream_is_a_failure_and_its_message_is_not_kept() {
    let error = "event: error\ndata: {\"error\":{\"message\":\"a secret\",\"type\":\"invalid_request_error\",\"code\":\"x\"}}\n\n";
    let seen_ = seen(CHAT, EVENTS, 200, &(events(&[chat("hi")]) + error));
    assert_eq!((seen_.failed, seen_.complete), (true, false));
    assert_eq!(seen_.error_type.as_deref(), Some("invalid_request_error"));
    assert!(!format!("{seen_:?}").contains("secret"));
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "a secret"}});
    let seen_ = seen(MESSAGES, EVENTS, 200, &events(&[opening(), overloaded]));
    assert_eq!((seen_.failed, seen_.error_type.as_deref()), (true, Some("overloaded_error")));
}

#[test]
fn an_error_has_its_providers_word_or_none() {
    for (path, body, word) in [
        (
            CHAT,
            json!({"error": {"message": "m", "type": "invalid_request_error", "code": null}}),
            Some("invalid_request_error"),
        ),
        (
            STREAM,
            json!([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "m"}}]),
            Some("resource_exhausted"),
        ),
        (CHAT, json!({"error": {"code": 429, "message": "m"}}), Some("429")),
        (CHAT, json!({"object": "error", "type": "invalid_model", "message": "m"}), Some("invalid_model")),
        (CHAT, json!({"error": {"type": "You said: a secret"}}), None),
        (CHAT, json!({"error": "a secret"}), None),
        (CHAT, json!({"detail": "x"}), None),
    ] {
        let seen = seen(path, "application/json", 429, &body.to_string());
        assert_eq!((seen.failed, seen.error_type.as_deref()), (true, word), "{body}");
    }
}

#[test]
fn what_is_no_json_or_not_all_of_it_is_not_complete() {
    for body in ["\0not json at all{", "<html>", "", "  ", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1} x", "[{}", "{'a'}"]
    {
        let seen = seen(CHAT, "application/json", 200, body);
        assert_eq!((&seen.reported, seen.complete), (&None, false), "{body}");
    }
    assert!(seen(CHAT, "application/json", 200, " {\"a\": [1, true, null, {}, \"\\\"}\"]} \n").complete);
}

#[test]
fn a_large_answer_takes_no_more_memory_than_a_small_one() {
    let picture = "A".repeat(3_000_000);
    let body = json!({"candidates": [{"content": {"parts": [{"inlineData": {"data": picture}}]}}], "modelVersion": "m",
        "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 1290}});
    let mut watch = Watch::new("gemini", &at(STREAM), Some("application/json"), 200);
    for piece in body.to_string().as_bytes().chunks(16_384) {
        watch.push(piece);
        assert!(watch.held_bytes() < 4_096, "{} bytes are held", watch.held_bytes());
    }
    assert_eq!(usage(&watch.finish()).output_tokens, 1290);
}

#[test]
fn a_word_without_end_is_not_kept() {
    let body = json!({"model": "m".repeat(1_000_000), "usage": {"prompt_tokens": 1}});
    assert_eq!(seen_in(1_000, "p", &at(CHAT), "application/json", 200, body.to_string().as_bytes()).reported, None);
}

#[test]
fn lines_end_in_three_ways_and_data_may_have_several() {
    let event = "event: x\nid: 1\n: comment\ndata: {\"choices\":[],\ndata:\"usage\":{\"prompt_tokens\":5}}\ndata\n\ndata: [DONE]\n\n";
    for ending in ["\n", "\r\n", "\r"] {
        let seen = seen(CHAT, EVENTS, 200, &event.replace('\n', ending));
        assert_eq!((usage(&seen).input_tokens, seen.complete), (5, true), "{ending:?}");
    }
}

#[test]
fn lines_of_data_are_joined_by_a_line_feed() {
    let body = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5\ndata: 0}}\n\n";
    assert_eq!(seen(CHAT, EVENTS, 200, body).reported, None, "5 and 0 are no 50");
}

#[test]
fn an_answer_that_runs_into_its_end_without_a_blank_line_counts() {
    let seen = seen(CHAT, EVENTS, 200, &format!("data: {}", chat_usage()));
    assert_eq!(usage(&seen).input_tokens, 9);
    assert!(!seen.provisional, "that chunk is the last word");
}

#[test]
fn groqs_own_report_is_read_where_it_is_the_only_one() {
    let chunk = json!({"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}], "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 2}}});
    assert_eq!(usage(&seen(CHAT, EVENTS, 200, &events(&[chunk]))).output_tokens, 2);
}

#[test]
fn speech_has_no_json_and_is_judged_by_its_length() {
    let seen = seen_in(100, "openai", &at("/v1/audio/speech"), "audio/mpeg", 200, &[b'{'; 16_000]);
    assert!(seen.complete && seen.reported.is_none() && seen.output_tokens > 100);
}

#[test]
fn an_interaction_in_pieces_is_reported_at_its_end_and_before_by_what_it_had_used() {
    let interactions = endpoint(Dialect::Gemini, "POST", "/v1beta/interactions").unwrap();
    let usage = |output: u64| json!({"total_input_tokens": 10, "total_output_tokens": output});
    let of = |status: &str| json!({"id": "v1_a", "object": "interaction", "status": status, "model": "gemini-3-flash-preview"});
    let mut whole = of("completed");
    whole["usage"] = usage(7);
    let all = [
        json!({"event_type": "interaction.created", "interaction": of("in_progress")}),
        json!({"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "Hello there."}}),
        json!({"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "Well."}, "metadata": {"total_usage": usage(5)}}),
        json!({"event_type": "interaction.completed", "interaction": whole}),
    ];
    let seen = seen_in(9, "gemini", &interactions, EVENTS, 200, events(&all).as_bytes());
    assert_eq!(seen.reported.as_ref().map(|r| r.usage.output_tokens), Some(7));
    assert!(seen.complete && !seen.provisional && seen.background.is_none());
    assert_eq!((seen.ended.as_deref(), seen.model.as_deref()), (Some("v1_a"), Some("gemini-3-flash-preview")));

    let broken = seen_in(9, "gemini", &interactions, EVENTS, 200, events(&all[..3]).as_bytes());
    assert!(broken.provisional && !broken.complete && broken.background.is_none(), "it was not to go on by itself");
    assert!(broken.reported.unwrap().usage.output_tokens >= 5);
    let early = seen_in(9, "gemini", &interactions, EVENTS, 200, events(&all[..2]).as_bytes());
    assert!(early.reported.is_none() && early.output_tokens >= 3, "what was seen of it is counted");
}

#[test]
fn a_transcript_in_mere_text_is_counted_by_its_size() {
    let seen = seen_in(7, "openai", &at("/v1/audio/transcriptions"), "text/plain; charset=utf-8", 200, &[b'a'; 300]);
    assert!(seen.complete && seen.reported.is_none());
    assert_eq!(seen.output_tokens, 100);
}

fn without(body: &[u8], pieces: usize) -> Vec<u8> {
    let mut without = Without::new();
    let mut out: Vec<u8> = body.chunks(pieces.max(1)).flat_map(|piece| without.push(piece)).collect();
    out.extend(without.finish());
    out
}

#[test]
fn the_usage_chunk_alone_is_taken_out() {
    for ending in ["\n", "\r\n", "\r"] {
        // DeepSeek and OpenRouter report usage together with the last choice.
        let both = json!({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}});
        let other =
            events(&[both, chat("one"), json!({"choices": [], "prompt_filter_results": []}), chat("\"usage\"")]);
        let done = ": usage\n\ndata: [DONE]\n\n";
        let kept = (other.clone() + done).replace('\n', ending);
        let whole = (other + &events(&[chat_usage()]) + done).replace('\n', ending);
        for pieces in [1, 2, 3, 10, usize::MAX] {
            assert_eq!(without(whole.as_bytes(), pieces), kept.as_bytes(), "{ending:?} in pieces of {pieces}");
            assert_eq!(without(kept.as_bytes(), pieces), kept.as_bytes(), "{ending:?} in pieces of {pieces}");
        }
    }
}

#[test]
fn nothing_is_held_longer_than_its_event() {
    let mut without = Without::new();
    for event in ["data: a\n\n", "data: b\r\n\r\n", "data: c\r\r", "data: d\n\n"] {
        assert_eq!(without.push(event.as_bytes()), event.as_bytes());
    }
    let large = vec![b'x'; 100_000];
    assert_eq!(without.push(&large), large, "what is too large to be the chunk is not held");
    assert_eq!(without.push(b"y\n\n"), b"y\n\n");
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just("data: ".to_owned()),
        Just("event: error".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("{\"usage\":{\"prompt_tokens\":3},\"choices\":[]}".to_owned()),
        Just("{\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"ü\\n\"}}]}".to_owned()),
        Just("[{\"usageMetadata\":{\"promptTokenCount\":1}},".to_owned()),
        Just("[DONE]".to_owned()),
        "[\\[\\]{}:,\"\\\\a1 \n]{0,9}",
        "\\PC{0,5}",
    ];
    prop::collection::vec(word, 0..16).prop_map(|words| words.concat().into_bytes())
}

proptest! {
    #[test]
    fn cuts_change_nothing_that_is_seen(body in pieces(), size in 1..40_usize, path in prop::sample::select(vec![CHAT, MESSAGES, RESPONSES, STREAM])) {
        for kind in [EVENTS, "application/json"] {
            let whole = seen_in(usize::MAX, "p", &at(path), kind, 200, &body);
            prop_assert_eq!(seen_in(size, "p", &at(path), kind, 200, &body), whole);
        }
    }

    #[test]
    fn cuts_change_nothing_that_is_taken_out(body in pieces(), size in 1..40_usize) {
        prop_assert_eq!(without(&body, size), without(&body, usize::MAX));
    }

    #[test]
    fn any_bytes_are_watched_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = seen_in(7, "p", &at(CHAT), EVENTS, 200, &body);
        let _ = seen_in(7, "p", &at(STREAM), "application/json", 200, &body);
    }
}

/// Reads the usage of Gemini's compatible endpoint, which whoever recorded it did not look for there.
const REPORTED_ALL_THE_SAME: &str = "17cc8071fa12";

#[test]
fn every_recorded_exchange_is_seen_as_its_provider_reported() {
    let Some(recorded) = corpus::recorded() else { return };
    let (compared, cut) = compare(&recorded, true);
    assert!(compared > 980 && cut < 5, "{compared} compared, {cut} broken off");
}

#[test]
fn every_exchange_we_wrote_is_seen_as_it_reports() {
    let (compared, _) = compare(&corpus::written(), false);
    assert!(compared > 90, "{compared} compared");
}

/// Holds every exchange to the usage that stands beside it; where its texts are real ones, what is judged by them too.
/// Returns how many were compared, and how many broke off.
fn compare(exchanges: &[corpus::Recorded], are_real: bool) -> (usize, usize) {
    let mut wrong = Vec::new();
    let (mut compared, mut cut) = (0, 0);
    for exchange in exchanges {
        let Some(endpoint) = exchange.endpoint() else {
            // A stored response that is read again, and stored content, which no call has used.
            let free = exchange.method != "POST" || exchange.path.ends_with("/cachedContents");
            assert!(free || exchange.usage.is_null(), "{} spends", exchange.name());
            continue;
        };
        let body = exchange.body.as_bytes();
        let see =
            |pieces| seen_in(pieces, &exchange.provider, &endpoint, &exchange.content_type, exchange.status, body);
        let seen = see(usize::MAX);
        for pieces in [1, 7, 1_000] {
            assert_eq!(see(pieces), seen, "{} in pieces of {pieces}", exchange.name());
        }
        compared += 1;
        let says = |error| exchange.content_type.starts_with("text/event-stream") && exchange.body.contains(error);
        let broken =
            says("event: error") || says("event: response.failed") || says("\"provider\":\"Minimax\",\"error\":{");
        if seen.failed != (exchange.status >= 400 || broken) {
            wrong.push(format!("{}: failed {}", exchange.name(), seen.failed));
        }
        cut += usize::from(!seen.complete);
        if !seen.complete && !seen.failed {
            wrong.push(format!("{}: not complete", exchange.name()));
        }
        let Some(reported) = &seen.reported else {
            if !exchange.usage.is_null() {
                wrong.push(format!("{}: nothing reported", exchange.name()));
            }
            continue;
        };
        if seen.provisional && broken {
            continue;
        }
        if exchange.usage.is_null() && exchange.id != REPORTED_ALL_THE_SAME || seen.provisional {
            wrong.push(format!("{}: reported where nothing was, or not for good", exchange.name()));
        }
        let Usage { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, .. } =
            reported.usage;
        let counts = [input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens];
        for (key, count) in ["input", "output", "cache_read", "cache_write", "reasoning"].into_iter().zip(counts) {
            if exchange.usage.get(key).is_some_and(|told| told.as_u64().unwrap_or(0) != count) {
                wrong.push(format!("{}: {key} {count}, reported {}", exchange.name(), exchange.usage[key]));
            }
        }
        // Both doors read the same of a whole response.
        if let Ok(response) = serde_json::from_str(&exchange.body) {
            let read = super::from_response(&exchange.provider, &response).ok();
            if read.as_ref() != Some(reported) {
                wrong.push(format!("{}: {reported:?}, read whole {read:?}", exchange.name()));
            }
        }
        // What is judged of an answer by its text must not be far below what it took, where all of that is text.
        let calls = ["tool_use", "functionCall", "function_call", "tool_calls\":[{", "mcp_call", "response.compaction"];
        let shows_less = calls.iter().any(|call| exchange.body.contains(call)) || exchange.id == REPORTED_ALL_THE_SAME;
        if shows_less || !are_real {
            continue;
        }
        let shown = output_tokens.saturating_sub(reasoning_tokens);
        if seen.output_tokens < shown / 2 && shown > 50 {
            wrong.push(format!("{}: judged {}, reported {shown}", exchange.name(), seen.output_tokens));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    (compared, cut)
}
