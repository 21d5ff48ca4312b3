//! Record, batch and release: what a script says after its call, and that it counts once.

use http::Method;
use http::header::{CONTENT_TYPE, HOST};
use serde_json::{Value, json};

use crate::world::{Answer, World, masked, nanos};

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/responses/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub async fn batch(world: &World, lines: &str) -> Answer {
    let request = http::Request::builder()
        .method(Method::POST)
        .uri("/v1/record/batch")
        .header(HOST, "localhost:7575")
        .header(CONTENT_TYPE, "application/x-ndjson")
        .body(axum::body::Body::from(lines.to_owned()))
        .unwrap();
    world.knock(request).await
}

#[tokio::test]
async fn a_record_is_answered_with_its_entry_and_the_budgets_that_count_it() {
    let world = World::with_first_budgets();
    let body = json!({"call_id": "one", "provider": "openai", "model": "gpt-5-mini", "input_tokens": 1000,
        "output_tokens": 200, "cache_read_tokens": 400, "reasoning_tokens": 100, "latency_ms": 850, "project": "eval",
        "session": "s1", "user": "ann", "operation": "summarise", "tags": {"run": "7"}});
    let recorded = world.record(body).await.expect(201);
    let budgets: Vec<_> = recorded["budgets"].as_array().unwrap().iter().map(|b| b["budget"].clone()).collect();
    assert_eq!(budgets, ["openai-day", "openai-month"], "those of other providers do not count it");
    assert_eq!(recorded["entry"]["priced"], "catalog");
    assert_eq!(recorded["budgets"][0]["used"], recorded["entry"]["cost_usd"]);
    let kept = world.get("/v1/entries/one").await.expect(200);
    assert_eq!(kept, recorded["entry"], "the entry is as it was answered");
    insta::assert_json_snapshot!(masked(kept, &["cost_usd"]));
}

#[tokio::test]
async fn the_same_call_counts_once_and_a_different_one_under_its_id_is_refused() {
    let world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 10})).await;
    let body = json!({"call_id": "one", "provider": "house", "model": "m", "cost_usd": 0.25, "tags": {"a": "b"}});
    world.record(body.clone()).await.expect(201);
    for _ in 0..3 {
        let again = world.record(body.clone()).await.expect(200);
        assert_eq!(again["replayed"], true);
        assert_eq!(nanos(&again["budgets"][0]["used"]), 250_000_000, "a replay counts nothing");
    }
    for (field, value) in [
        ("cost_usd", json!(0.26)),
        ("model", json!("other")),
        ("input_tokens", json!(5)),
        ("ok", json!(false)),
        ("project", json!("p")),
        ("tags", json!({"a": "c"})),
        ("at", json!("2026-11-22T11:00:00Z")),
    ] {
        let mut other = body.clone();
        other[field] = value;
        let detail = world.record(other).await.refused(409);
        assert!(detail.contains("one"), "the call is named, {field} differs: {detail}");
    }
    assert_eq!(world.number("SELECT count(*) FROM entries"), 1);
    assert_eq!(nanos(&world.standing("day").await["used"]), 250_000_000);
}

#[tokio::test]
async fn a_call_without_an_id_gets_one_that_tells_its_time() {
    let world = World::new();
    let body = json!({"provider": "house", "model": "m", "cost_usd": 0.1});
    let first = world.record(body.clone()).await.expect(201);
    let second = world.record(body).await.expect(201);
    assert_ne!(first["entry"]["call_id"], second["entry"]["call_id"], "two calls are two calls");
    let id = first["entry"]["call_id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "ours are UUIDv7: {id}");
}

#[tokio::test]
async fn a_providers_own_response_is_read_for_its_counts() {
    let world = World::new();
    for (name, provider, counts) in [
        ("openai-chat", "openai", [1117, 46, 1024, 0, 32]),
        ("openai-responses", "openai", [370, 110, 128, 64, 90]),
        ("anthropic-messages", "anthropic", [2331, 547, 2000, 300, 67]),
        ("gemini-generate", "gemini", [0; 5]),
        ("gemini-compatible", "gemini", [0; 5]),
        ("anthropic-iterations", "anthropic", [229, 5, 0, 0, 0]),
        ("openrouter-byok", "openrouter", [0; 5]),
    ] {
        let body = json!({"call_id": name, "provider": provider, "model": "gemini-2.5-flash",
            "response": fixture(name)});
        let entry = world.record(body).await.expect(201)["entry"].clone();
        let kinds = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"];
        let read = kinds.map(|kind| entry[kind].as_u64().unwrap());
        assert_ne!(read[0] + read[1], 0, "{name} reports usage");
        assert!(counts == [0; 5] || counts == read, "{name}: {read:?} must be {counts:?}");
        assert_eq!(entry["usage_source"], "reported", "{name}");
        assert!(nanos(&entry["cost_usd"]) > 0, "{name}: never a silent zero");
    }
}

#[tokio::test]
async fn a_providers_error_is_a_failed_call_of_no_cost() {
    let world = World::new();
    let body = json!({"provider": "openai", "model": "gpt-5-mini", "status": 429,
        "response": {"error": {"message": "slow down"}}});
    let entry = world.record(body).await.expect(201)["entry"].clone();
    assert_eq!((&entry["ok"], nanos(&entry["cost_usd"]), &entry["status"]), (&json!(false), 0, &json!(429)));
}

#[tokio::test]
async fn a_batch_records_its_good_lines_and_names_the_bad_ones() {
    let world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 10})).await;
    let line = |id: &str, cost: f64| json!({"call_id": id, "provider": "house", "model": "m", "cost_usd": cost});
    let lines = [
        line("a", 0.1).to_string(),
        String::new(),
        "{not json".to_owned(),
        line("a", 0.1).to_string(),
        line("a", 0.2).to_string(),
        r#"{"provider": "house", "model": "m", "cost_usd": -1}"#.to_owned(),
        r#"{"provider": "house", "model": "m", "input_tokens": 5, "output_tokens": 5}"#.to_owned(),
        line("b", 0.3).to_string(),
    ];
    let done = batch(&world, &lines.join("\r\n")).await.expect(200);
    assert_eq!((&done["recorded"], &done["replayed"], &done["refused"]), (&json!(2), &json!(1), &json!(4)));
    let refused = done["refused_lines"].as_array().unwrap();
    let mut named: Vec<_> = refused.iter().map(|l| l["line"].as_u64().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(named, [3, 5, 6, 7], "a refused line is named by its number: {done}");
    assert_eq!(world.number("SELECT count(*) FROM entries WHERE source = 'import'"), 2);
    assert_eq!(nanos(&world.standing("day").await["used"]), 400_000_000);
}

#[tokio::test]
async fn a_long_batch_goes_in_chunks_and_a_second_time_counts_nothing() {
    let world = World::new();
    let lines: Vec<String> = (0..1_203)
        .map(|n| json!({"call_id": n.to_string(), "provider": "house", "model": "m", "cost_usd": 0.001}).to_string())
        .collect();
    let text = lines.join("\n");
    assert_eq!(batch(&world, &text).await.expect(200)["recorded"], 1_203);
    assert_eq!(batch(&world, &text).await.expect(200)["replayed"], 1_203);
    let status = world.get("/v1/status").await.expect(200);
    assert_eq!(nanos(&status["today"]["cost_usd"]), 1_203_000_000, "to the nano-dollar");
}

#[tokio::test]
async fn a_failed_call_may_have_no_counts_and_its_error_is_cut() {
    let world = World::new();
    let body = json!({"call_id": "f", "provider": "openai", "model": "gpt-5-mini", "ok": false,
        "error": "é".repeat(600) + "\nend"});
    let entry = world.record(body).await.expect(201)["entry"].clone();
    let kept = entry["error"].as_str().unwrap();
    assert!(kept.len() <= 500 && kept.starts_with('é'), "an error is kept short: {} bytes", kept.len());
    assert_eq!(world.get("/v1/summary").await.expect(200)["lifetime"]["failed"], 1);
}
