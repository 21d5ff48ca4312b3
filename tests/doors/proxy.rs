//! The metering proxy: a call is held before its first byte goes, passes as it is both ways, and is settled with what the
//! provider reported, however it ends.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use http::{Method, Request};
use serde_json::{Value, json};
use spendlight::config::Upstream;
use spendlight::providers::Dialect;

use crate::provider::{Got, Provider, Step, chunk, events, whole};
use crate::world::{Answer, World, nanos};

pub const CHAT: &str = "/openai/v1/chat/completions";

pub fn question(model: &str) -> Value {
    json!({"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": "Say hello."}]})
}

pub fn completion() -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-5-mini-2025-08-07",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}})
}

/// A world that passes calls on to `provider`, whoever they are for.
pub fn world_of(provider: &Provider) -> World {
    let mut world = World::new();
    world.upstreams = vec![
        provider.upstream("openai", Dialect::OpenAi),
        provider.upstream("anthropic", Dialect::Anthropic),
        provider.upstream("gemini", Dialect::Gemini),
        // One that is not on this machine, nor anywhere.
        Upstream { name: "cloud".to_owned(), url: "http://cloud.invalid".to_owned(), dialect: Dialect::OpenAi },
    ];
    world
}

pub fn post(path: &str, body: &Value, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(Method::POST).uri(path).header("host", "127.0.0.1:7575");
    request = request.header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_string())).unwrap()
}

/// The entry of an answer's call, once it is written down.
pub async fn entry_of(world: &World, answer: &Answer) -> Value {
    entry(world, answer.header("x-spendlight-call-id").expect("every answer names its call")).await
}

pub async fn entry(world: &World, call_id: &str) -> Value {
    for _ in 0..500 {
        let answer = world.get(&format!("/v1/entries/{call_id}")).await;
        if answer.status == 200 {
            return answer.json();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the call {call_id} is written down");
}

pub async fn held(world: &World) -> i64 {
    let metrics = world.get("/metrics").await.text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("spendlight_in_flight ")).unwrap();
    line.parse().unwrap()
}

/// Nothing stays held: what is over is let go with its entry, which nobody waits for.
pub async fn let_go(world: &World) {
    for _ in 0..500 {
        if held(world).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing is left held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_passes_untouched_and_is_written_down_as_it_was_reported() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    let headers = [
        ("authorization", "Bearer sk-mine"),
        ("openai-beta", "x"),
        ("x-spendlight-call-id", "mine-1"),
        ("x-spendlight-session", "s 1"),
        ("x-spendlight-tags", "team=search, run=7"),
        ("x-stainless-retry-count", "1"),
        ("connection", "upgrade, http2-settings"),
        ("upgrade", "h2c"),
    ];
    let asked = question("gpt-5-mini");
    let answer = world.knock(post("/p/na%C3%AFve/openai/v1/chat/completions?a=b%20c", &asked, &headers)).await;
    assert_eq!(answer.expect(200), completion(), "the answer is the provider's");
    let got = &provider.got()[0];
    assert_eq!(got.line(), "POST /v1/chat/completions?a=b%20c HTTP/1.1");
    assert_eq!(got.body, asked.to_string().as_bytes(), "not a byte of the body is changed");
    assert_eq!(got.header("host"), Some(provider.address.as_str()), "the host is the upstream's");
    assert_eq!((got.header("authorization"), got.header("openai-beta")), (Some("Bearer sk-mine"), Some("x")));
    assert!(!got.head.contains("x-spendlight"), "our headers stay here: {}", got.head);
    assert_eq!(answer.header("x-spendlight-call-id"), Some("mine-1"));
    let entry = entry_of(&world, &answer).await;
    let tags = json!({"team": "search", "run": "7", "retry": "1"});
    assert_eq!((&entry["source"], &entry["usage_source"]), (&json!("proxy"), &json!("reported")));
    assert_eq!((&entry["project"], &entry["session"], &entry["tags"]), (&json!("naïve"), &json!("s 1"), &tags));
    assert_eq!((&entry["input_tokens"], &entry["output_tokens"]), (&json!(1000), &json!(100)));
    assert_eq!(
        (&entry["model"], &entry["status"], &entry["ok"]),
        (&json!("gpt-5-mini-2025-08-07"), &json!(200), &json!(true))
    );
    // Twenty-five cents and two dollars a million.
    assert_eq!(nanos(&entry["cost_usd"]), 1000 * 250 + 100 * 2000);
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_spend_passes_without_being_held_or_counted() {
    let stored = json!({"id": "resp_1", "object": "response", "model": "gpt-5-mini", "status": "completed",
        "usage": {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}});
    let provider = Provider::json(&stored).await;
    let world = world_of(&provider);
    world.budget(json!({"id": "none", "name": "None", "window": "day", "unit": "tokens", "limit": 1})).await;
    for (method, path) in [
        (Method::GET, "/openai/v1/responses/resp_1"),
        (Method::GET, "/openai/v1/models"),
        (Method::GET, "/openai"),
        (Method::DELETE, "/openai/v1/files/file-1"),
    ] {
        let answer = world.ask(method.clone(), path, None).await;
        assert_eq!(answer.expect(200), stored, "{method} {path}");
    }
    assert_eq!(provider.got()[2].line(), "GET / HTTP/1.1", "a provider's name alone is its root");
    let answer = world.get("/openai/v1/responses/resp_1").await;
    let entry = entry_of(&world, &answer).await;
    assert_eq!((&entry["input_tokens"], nanos(&entry["cost_usd"])), (&json!(7), 0), "fetched again, it costs nothing");
    let answer = world.knock(post("/openai/v1/batches/batch_1/cancel", &json!({}), &[])).await;
    assert_eq!(
        entry_of(&world, &answer).await["counted"],
        false,
        "nor does what a batch reports when it is called off"
    );
    let status = world.get("/v1/status").await.expect(200);
    assert_eq!(status["today"]["calls"], 0, "and counts nowhere");
    assert_eq!(world.standing("none").await["used"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_passed_on_as_it_comes() {
    let first = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}],\"usage\":null}\n\n";
    let rest = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}\n\ndata: [DONE]\n\n";
    let steps = vec![events(), chunk(first)].into_iter().map(Step::Send);
    let rest_of = [Step::Wait, Step::Send(chunk(rest)), Step::Send(chunk(""))];
    let provider = Provider::that(steps.chain(rest_of).collect()).await;
    let world = world_of(&provider);
    let mut asked = question("gpt-5-mini");
    asked["stream"] = json!(true);
    asked["stream_options"] = json!({"include_usage": true});
    let response = world.pass(post(CHAT, &asked, &[])).await;
    let call_id = response.headers()["x-spendlight-call-id"].to_str().unwrap().to_owned();
    let mut body = response.into_body().into_data_stream();
    let piece = body.next().await.unwrap().unwrap();
    assert_eq!(piece, first.as_bytes(), "the first event is there before the second is sent");
    assert_eq!(held(&world).await, 1, "the call is held while it runs");
    provider.go_on();
    let mut all = Vec::new();
    while let Some(piece) = body.next().await {
        all.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(String::from_utf8(all).unwrap(), rest, "a client that asked for the usage gets it");
    let entry = entry(&world, &call_id).await;
    assert_eq!((&entry["input_tokens"], &entry["output_tokens"]), (&json!(9), &json!(2)));
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_asked_for_and_taken_out_again_unless_the_user_minds() {
    let said = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
    let usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}\n\n";
    let done = "data: [DONE]\n\n";
    let steps = [events(), chunk(said), chunk(usage), chunk(done), chunk("")].into_iter().map(Step::Send);
    let provider = Provider::that(steps.collect()).await;
    let world = world_of(&provider);
    let mut asked = question("gpt-5-mini");
    asked["stream"] = json!(true);
    let answer = world.knock(post(CHAT, &asked, &[("accept-encoding", "gzip")])).await;
    assert_eq!(answer.text(), format!("{said}{done}"), "the client sees what it would have seen");
    let got = &provider.got()[0];
    assert_eq!(got.json()["stream_options"], json!({"include_usage": true}));
    assert_eq!(got.header("accept-encoding"), Some("identity"), "what is taken out must be readable");
    assert_eq!(entry_of(&world, &answer).await["usage_source"], "reported");

    world.put("/v1/settings", json!({"add_usage": false})).await.expect(200);
    let answer = world.knock(post(CHAT, &asked, &[])).await;
    assert_eq!(answer.text(), format!("{said}{usage}{done}"), "not a byte is touched");
    assert_eq!(provider.got()[1].body, asked.to_string().as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_call_never_leaves_and_is_told_in_its_clients_dialect() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    world.budget(json!({"id": "day", "name": "Today", "window": "day", "limit": 0.000001})).await;
    let gemini = "/gemini/v1beta/models/gemini-2.5-flash:generateContent";
    let contents = json!({"contents": [{"parts": [{"text": "Say hello."}]}]});
    let messages = question("claude-sonnet-4-5");
    for (path, body, place) in [
        (CHAT, question("gpt-5-mini"), "/error/code"),
        ("/anthropic/v1/messages", messages, "/error/type"),
        (gemini, contents, "/error/status"),
    ] {
        let answer = world.knock(post(path, &body, &[])).await;
        let said = answer.expect(402);
        let word = said.pointer(place).and_then(Value::as_str).unwrap_or_default();
        assert!(["budget_exceeded", "billing_error", "RESOURCE_EXHAUSTED"].contains(&word), "{said}");
        let sentence = said["error"]["message"].as_str().unwrap();
        assert!(sentence.contains("Today") && sentence.contains("$0.000001"), "which, and the numbers: {sentence}");
        assert_eq!(answer.header("x-should-retry"), Some("false"));
        let entry = entry_of(&world, &answer).await;
        assert_eq!((&entry["ok"], &entry["error"]), (&json!(false), &json!("denied: budget_exceeded by day")));
        assert_eq!(nanos(&entry["cost_usd"]), 0);
    }
    assert!(provider.got().is_empty(), "nothing went upstream");
    let status = world.get("/v1/status").await.expect(200);
    assert_eq!(status["today"]["calls"], 0, "a denied call counts nowhere");

    world.budget(json!({"id": "rpm", "name": "A minute", "window": "minute", "unit": "tokens", "limit": 1})).await;
    world.put("/v1/budgets/day", json!({"id": "day", "name": "Today", "window": "day", "limit": 1})).await.expect(200);
    let answer = world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await;
    answer.expect(429);
    assert_eq!((answer.header("retry-after"), answer.header("x-should-retry")), (Some("61"), Some("false")));
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_told_apart_by_how_their_calls_ended() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    world.budget(json!({"id": "day", "name": "Today", "window": "day", "limit": 0.000001})).await;
    let answer = world.knock(post(CHAT, &question("gpt-5-mini"), &[("x-spendlight-call-id", "stopped")])).await;
    entry_of(&world, &answer).await;
    for (call_id, ok, error) in
        [("fine", true, None), ("broken", false, None), ("forbidden", false, Some("denied: the provider says so"))]
    {
        let call =
            json!({"call_id": call_id, "provider": "openai", "model": "m", "cost_usd": 0, "ok": ok, "error": error});
        world.record(call).await.expect(201);
    }
    let call = json!({"call_id": "dear", "provider": "openai", "model": "gpt-99-unheard", "input_tokens": 9, "output_tokens": 1});
    world.record(call).await.expect(201);
    for (filter, wanted) in [
        ("outcome=ok", "dear fine"),
        ("outcome=denied", "stopped"),
        ("outcome=failed", "broken forbidden"),
        ("outcome=odd", "broken dear forbidden stopped"),
        ("ok=false", "broken forbidden stopped"),
    ] {
        let page = world.get(&format!("/v1/entries?{filter}")).await.expect(200);
        let mut ids: Vec<_> =
            page["entries"].as_array().unwrap().iter().map(|e| e["call_id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids.join(" "), wanted, "{filter}");
    }
    let problem = world.get("/v1/entries?outcome=lost").await.expect(422);
    assert_eq!(problem["field"], "outcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_call_at_once_no_budget_is_overrun() {
    let provider = Provider::that(vec![
        Step::Wait,
        Step::Send(whole(200, "application/json", completion().to_string().as_bytes())),
    ])
    .await;
    let world = Arc::new(world_of(&provider));
    world.budget(json!({"id": "five", "name": "Five", "window": "day", "unit": "requests", "limit": 5})).await;
    let calls = (0..40).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await.status })
    });
    let calls: Vec<_> = calls.collect();
    let mut denied = 0;
    let mut statuses = Vec::new();
    while provider.got().len() < 5 || held(&world).await > 5 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Those that are denied come back at once; those that went are let go on one by one.
    let going_on = tokio::spawn(async move {
        loop {
            provider.go_on();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    for call in calls {
        statuses.push(call.await.unwrap());
        denied += usize::from(statuses.last() == Some(&402));
    }
    going_on.abort();
    assert_eq!(denied, 35, "five of forty went: {statuses:?}");
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_id_is_one_call() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    let twice = [("x-spendlight-call-id", "twice")];
    world.knock(post(CHAT, &question("gpt-5-mini"), &twice)).await.expect(200);
    entry(&world, "twice").await;
    let said = world.knock(post(CHAT, &question("gpt-5-mini"), &twice)).await.expect(409);
    assert!(said["error"]["message"].as_str().unwrap().contains("twice"), "{said}");
    assert_eq!(provider.got().len(), 1, "the second one never went");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_passed_on_is_refused_with_a_sentence() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    let long = "x".repeat(201);
    for (headers, status, word) in [
        (&[("upgrade", "websocket"), ("connection", "upgrade")][..], 501, "WebSocket"),
        (&[("upgrade", "h2c, WebSocket/13"), ("connection", "upgrade")], 501, "WebSocket"),
        (&[("x-spendlight-call-id", long.as_str())], 422, "x-spendlight-call-id"),
        (&[("x-spendlight-tags", "team")], 422, "x-spendlight-tags"),
        (&[("x-spendlight-key", "sl-nobody")], 401, "no such key"),
    ] {
        let answer = world.knock(post(CHAT, &question("gpt-5-mini"), headers)).await;
        let said = answer.expect(status);
        assert!(answer.header("x-spendlight-call-id").is_some(), "every answer names its call");
        assert!(said["error"]["message"].as_str().unwrap().contains(word), "{said}");
    }
    let nowhere = world.knock(post("/nobody/v1/chat/completions", &question("m"), &[])).await.refused(404);
    assert!(nowhere.contains("/nobody/"), "{nowhere}");
    let foreign = world.knock(post(CHAT, &question("gpt-5-mini"), &[("origin", "https://evil.example")])).await;
    foreign.refused(403);
    world.owner(Method::POST, "/v1/pause", None).await.expect(200);
    let said = world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await.expect(402);
    assert_eq!(said["error"]["code"], "paused");
    let batch = json!({"input_file_id": "file-1", "endpoint": "/v1/chat/completions", "completion_window": "24h"});
    let answer = world.knock(post("/openai/v1/batches", &batch, &[])).await;
    assert_eq!(answer.expect(402)["error"]["code"], "paused", "what spends elsewhere is denied too");
    assert_eq!(entry_of(&world, &answer).await["error"], "denied: paused", "and written down");
    assert!(provider.got().is_empty());
    world.knock(post("/openai/v1/batches/batch_1/cancel", &json!({}), &[])).await.expect(200);
    world.get("/openai/v1/batches/batch_1").await.expect(200);
}

fn key_of(got: &Got) -> Vec<&str> {
    ["authorization", "x-api-key", "x-goog-api-key", "api-key"].iter().filter_map(|name| got.header(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spendlight_key_is_swapped_for_the_stored_one_wherever_it_came() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    let issued = world
        .owner(
            Method::POST,
            "/v1/keys",
            Some(json!({"name": "Eval", "project": "eval", "models": ["gpt-*", "claude-*", "gemini-*"]})),
        )
        .await;
    let key = issued.expect(201)["key"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {key}");
    let cloud = "/cloud/v1/chat/completions";
    let price = json!({"provider": "cloud", "model": "*", "input_usd_per_million": 0, "output_usd_per_million": 0});
    world.put("/v1/prices/overrides", price).await.expect(200);
    let said = world.knock(post(cloud, &question("gpt-5-mini"), &[("authorization", &bearer)])).await.expect(401);
    assert!(said["error"]["message"].as_str().unwrap().contains("cloud"), "no key of it is stored: {said}");
    for name in ["openai", "anthropic", "gemini"] {
        let path = format!("/v1/provider-keys/{name}");
        world.put(&path, json!({"key": format!("real-{name}")})).await.expect(200);
    }
    let generate = "/gemini/v1beta/models/gemini-2.5-flash:generateContent";
    let in_query = format!("{generate}?key={key}&alt=json");
    let contents = json!({"contents": []});
    let cases = [
        (CHAT, question("gpt-5-mini"), ("authorization", bearer.as_str()), "Bearer real-openai"),
        ("/anthropic/v1/messages", question("claude-sonnet-4-5"), ("x-api-key", &key), "real-anthropic"),
        ("/anthropic/v1/messages", question("claude-sonnet-4-5"), ("authorization", &bearer), "real-anthropic"),
        (generate, contents.clone(), ("x-goog-api-key", &key), "real-gemini"),
        (
            "/gemini/v1beta/openai/chat/completions",
            question("gemini-2.5-flash"),
            ("authorization", &bearer),
            "Bearer real-gemini",
        ),
        (&in_query, contents, ("accept", "*/*"), "real-gemini"),
        (CHAT, question("gpt-5-mini"), ("x-spendlight-key", &key), "Bearer real-openai"),
        (CHAT, question("gpt-5-mini"), ("authorization", &key), "Bearer real-openai"),
        (CHAT, question("gpt-5-mini"), ("api-key", &key), "real-openai"),
    ];
    for (path, body, header, expected) in cases {
        let answer = world.knock(post(path, &body, &[header])).await;
        answer.expect(200);
        let got = provider.got().last().unwrap().clone();
        assert_eq!(key_of(&got), [expected], "{path} {header:?}");
        assert!(!got.head.contains(&key), "our key stays here: {}", got.head);
        assert_eq!(entry_of(&world, &answer).await["project"], "eval", "the call is the key's");
    }
    let answer = world.knock(post(CHAT, &question("o4-mini"), &[("authorization", &bearer)])).await;
    assert!(answer.expect(403)["error"]["message"].as_str().unwrap().contains("o4-mini"));
    world.put("/v1/settings", json!({"require_key": true})).await.expect(200);
    world.knock(post(CHAT, &question("gpt-5-mini"), &[("authorization", "Bearer sk-own")])).await.expect(401);
}
