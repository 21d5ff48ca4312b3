//! Promise 9: keys, prompts and completions are written nowhere and said to nobody. A marker stands where they stand; then
//! every file and every answer is searched for it.

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use serde_json::{Value, json};

use crate::program::Program;
use crate::provider::{Provider, Step, chunk, events, whole};
use crate::world::{World, found_in, request};

const MARKER: &str = "sk-SECRET-0f3b-MARKER";

fn absent_from_files(world: &World, when: &str) {
    assert_eq!(
        found_in(world.path(), MARKER.as_bytes()),
        Vec::<String>::new(),
        "{when}: the marker must be in no file"
    );
}

async fn absent_from_answers(world: &World) {
    for path in [
        "/v1/status",
        "/v1/summary",
        "/v1/entries?limit=500",
        "/v1/usage?by=operation",
        "/v1/alerts",
        "/v1/prices",
        "/v1/settings",
        "/v1/export?format=csv",
        "/v1/export?format=ndjson",
        "/v1/chart.svg",
        "/v1/chart.json",
        "/metrics",
        "/openapi.json",
    ] {
        assert!(!world.get(path).await.text().contains(MARKER), "{path} must not tell what was never kept");
    }
}

#[tokio::test]
async fn a_response_is_read_for_its_counts_and_nothing_else_of_it_is_kept() {
    let mut world = World::with_first_budgets();
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "note": MARKER});
    let responses = [
        (
            "openai",
            json!({"model": "gpt-5-mini", "object": "chat.completion", "usage": usage, "id": MARKER,
            "prompt": MARKER, "choices": [{"message": {"role": "assistant", "content": MARKER,
            "tool_calls": [{"function": {"arguments": MARKER}}]}}]}),
        ),
        (
            "openai",
            json!({"model": "gpt-5-mini", "object": "response", "instructions": MARKER,
            "output": [{"type": "message", "content": [{"text": MARKER}]}],
            "usage": {"input_tokens": 10, "output_tokens": 5}}),
        ),
        (
            "gemini",
            json!({"modelVersion": "gemini-2.5-flash", "candidates": [{"content": {"parts": [{"text": MARKER}]}}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}}),
        ),
        (
            "anthropic",
            json!({"model": "claude-sonnet-4-5", "type": "message", "content": [{"type": "text", "text": MARKER}],
            "usage": {"input_tokens": 10, "output_tokens": 5}}),
        ),
    ];
    for (provider, response) in responses {
        let body = json!({"provider": provider, "response": response});
        let answer = world.record(body).await;
        answer.expect(201);
        assert!(!answer.text().contains(MARKER), "{provider}: {}", answer.text());
    }
    absent_from_answers(&world).await;
    absent_from_files(&world, "while it is open");
    world.restart();
    absent_from_answers(&world).await;
    world.close();
    absent_from_files(&world, "after it was closed");
}

#[tokio::test]
async fn an_error_never_repeats_what_stood_in_the_wrong_place() {
    let mut world = World::new();
    let base = json!({"provider": "house", "model": "m", "cost_usd": 0.1});
    let numbers =
        ["input_tokens", "output_tokens", "cost_usd", "at", "latency_ms", "ok", "status", "tags", "batch", "response"];
    for field in numbers {
        let mut body = base.clone();
        body[field] = json!(MARKER);
        let answer = world.record(body).await;
        assert!((400..500).contains(&answer.status), "{field}: {}", answer.text());
        assert!(!answer.text().contains(MARKER), "{field} must be named and not quoted: {}", answer.text());
    }
    let unpriced = json!({"provider": MARKER, "model": "m", "input_tokens": 1, "output_tokens": 1});
    for answer in [world.record(unpriced).await, world.check(json!({"provider": MARKER, "model": "m"})).await] {
        assert!(!answer.text().to_lowercase().contains(&MARKER.to_lowercase()), "{}", answer.text());
    }
    for (path, body) in [
        ("/v1/settings", json!({"time_zone": MARKER})),
        ("/v1/settings", json!({"theme": MARKER})),
        ("/v1/settings", json!({"unknown_price": MARKER})),
        ("/v1/settings", json!({"notifications": MARKER})),
        ("/v1/budgets/b", json!({"window": MARKER, "limit": 1})),
        ("/v1/budgets/b", json!({"window": "day", "limit": MARKER})),
        ("/v1/budgets/b", json!({"window": "day", "limit": 1, "thresholds": [MARKER]})),
        ("/v1/budgets/b", json!({"window": "day", "limit": 1, "time_zone": MARKER})),
        ("/v1/prices/overrides", json!({"provider": "p", "model": "m", "input_usd_per_million": MARKER})),
    ] {
        let answer = world.put(path, body.clone()).await;
        assert!((400..500).contains(&answer.status), "{path} {body}: {}", answer.status);
        assert!(!answer.text().contains(MARKER), "{path} {body}: {}", answer.text());
    }
    for query in ["from", "limit", "cursor", "ok"] {
        let answer = world.get(&format!("/v1/entries?{query}={MARKER}")).await;
        assert!(answer.status == 422 && !answer.text().contains(MARKER), "{query}: {}", answer.text());
    }
    let broken = format!(r#"{{"provider": "{MARKER}", "model": "#);
    let mut asked = request(Method::POST, "/v1/record", Some(Value::Null), Some("127.0.0.1:7575"));
    *asked.body_mut() = broken.into();
    assert!(!world.knock(asked).await.text().contains(MARKER), "broken JSON is not quoted");
    let asked = http::Request::builder()
        .method(Method::POST)
        .uri("/v1/pause")
        .header(HOST, "127.0.0.1:7575")
        .header(CONTENT_TYPE, "application/json")
        .header(AUTHORIZATION, format!("Bearer {MARKER}"))
        .body(axum::body::Body::empty())
        .unwrap();
    assert!(!world.knock(asked).await.text().contains(MARKER), "a wrong token is not repeated");
    absent_from_answers(&world).await;
    world.close();
    absent_from_files(&world, "after errors");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_passed_on_leaves_nothing_of_itself_but_its_counts() {
    let completion = json!({"id": MARKER, "model": "gpt-5-mini", "choices": [{"message": {"content": MARKER}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}});
    let error =
        json!({"error": {"message": format!("wrong key {MARKER}"), "type": "invalid_request_error", "param": MARKER}});
    let event = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{MARKER}\"}}}}]}}\n\n");
    let kinds = [
        vec![Step::Send(whole(200, "application/json", completion.to_string().as_bytes()))],
        vec![Step::Send(whole(401, "application/json", error.to_string().as_bytes()))],
        vec![Step::Send(events()), Step::Send(chunk(&event)), Step::Break],
        vec![Step::Send(whole(200, "text/html", MARKER.as_bytes()))],
        vec![Step::Send(format!("HTTP/1.1 200 {MARKER}\r\n{MARKER}: ").into_bytes()), Step::Break],
    ];
    for (number, steps) in kinds.into_iter().enumerate() {
        let provider = Provider::that(steps).await;
        let (data, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let log = beside.path().join("log");
        let config = format!("[providers.openai]\nupstream = 'http://{}'\n", provider.address);
        std::fs::write(data.path().join("no-config.toml"), config).unwrap();
        let program = Program::start_with_log(data.path(), &log);
        let body = json!({"model": "gpt-5-mini", "stream": number == 2, "user": MARKER, "metadata": {"a": MARKER},
            "messages": [{"role": "user", "content": MARKER}]});
        let path = format!("http://{}/openai/v1/chat/completions?key={MARKER}&q={MARKER}", program.address);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let asked =
            client.post(path).bearer_auth(MARKER).header("x-api-key", MARKER).header("cookie", MARKER).json(&body);
        let answer = asked.send().await.unwrap();
        // Whatever comes of it; a stream that breaks off has no end.
        let _ = answer.bytes().await;
        while program.get("/v1/entries").await["entries"][0].is_null() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        program.end();
        assert_eq!(found_in(data.path(), MARKER.as_bytes()), Vec::<String>::new(), "case {number}: in no file");
        assert_eq!(found_in(beside.path(), MARKER.as_bytes()), Vec::<String>::new(), "case {number}: not in the log");
        assert!(std::fs::metadata(&log).unwrap().len() > 0, "a log was kept");
    }
}
