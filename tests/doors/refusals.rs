//! What bad input gets: a problem that names what is wrong and does not quote it, and nothing written.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::world::{World, nanos, request, utc};

fn good() -> Value {
    json!({"provider": "house", "model": "m", "input_tokens": 10, "output_tokens": 5, "cost_usd": 0.1})
}

fn with(field: &str, value: Value) -> Value {
    let mut body = good();
    body[field] = value;
    body
}

async fn nothing_is_written(world: &World, why: &str) {
    assert_eq!(world.number("SELECT count(*) FROM entries"), 0, "nothing is written after {why}");
    assert_eq!(world.number("SELECT count(*) FROM reservations"), 0, "nothing is held after {why}");
    assert_eq!(nanos(&world.get("/v1/summary").await.expect(200)["lifetime"]["cost_usd"]), 0, "{why} counts nothing");
}

#[tokio::test]
async fn a_record_with_a_wrong_field_names_it() {
    let world = World::new();
    let too_long = "x".repeat(201);
    for (field, value) in [
        ("input_tokens", json!(-1)),
        ("input_tokens", json!(1_000_000_000_001_u64)),
        ("output_tokens", json!(1.5)),
        ("output_tokens", json!("12")),
        ("cache_read_tokens", json!(11)),
        ("cache_write_tokens", json!(11)),
        ("reasoning_tokens", json!(6)),
        ("cost_usd", json!(-0.01)),
        ("cost_usd", json!("0.1")),
        ("cost_usd", json!(1e10)),
        ("cost_usd", json!(1e300)),
        ("at", json!("2026-11-22T12:05:00.001Z")),
        ("at", json!("yesterday")),
        ("at", json!(1_795_348_800)),
        ("at", json!("1969-12-31T23:59:59Z")),
        ("latency_ms", json!(-5)),
        ("latency_ms", json!(1_000_000_000_001_u64)),
        ("ok", json!("yes")),
        ("status", json!(99)),
        ("status", json!(600)),
        ("call_id", json!(too_long)),
        ("call_id", json!("é".repeat(101))),
        ("call_id", json!("")),
        ("call_id", json!("a\u{0}b")),
        ("provider", json!("")),
        ("provider", json!(null)),
        ("model", json!("  ")),
        ("model", json!(too_long)),
        ("project", json!(too_long)),
        ("session", json!("line\nbreak")),
        ("user", json!(7)),
        ("operation", json!([])),
        ("tags", json!({"k": too_long})),
        ("tags", json!({"": "v"})),
        ("tags", json!("a=b")),
        ("batch", json!(1)),
        ("response", json!({"usage": {"prompt_tokens": 1, "completion_tokens": 1}})),
        ("colour", json!("red")),
    ] {
        let why = format!("{field}: {value}");
        let answer = world.record(with(field, value)).await;
        let detail = answer.refused(422);
        let named = answer.json()["field"].as_str().unwrap_or_default().to_owned();
        let expected = if field == "response" { "input_tokens" } else { field };
        assert!(named.starts_with(expected), "{why} must be named, not {named:?}: {detail}");
        assert!(detail.contains(expected), "{why} must be in the sentence: {detail}");
    }
    nothing_is_written(&world, "a wrong record").await;
}

#[tokio::test]
async fn a_refusal_says_what_would_do_and_says_it_alike_for_a_record_and_a_check() {
    let world = World::new();
    let (at, null) = ("must be an RFC 3339 time like 2026-11-22T14:40:05Z", "is missing");
    for time in [json!("yesterday"), json!("22.11.2026"), json!(1_795_348_800)] {
        let detail = world.record(with("at", time)).await.refused(422);
        assert!(detail.contains(&format!("at {at}")), "{detail}");
    }
    let raised = json!({"window": "day", "limit": 1, "override": {"limit": 2, "until": "tonight"}});
    let detail = world.put("/v1/budgets/b", raised).await.refused(422);
    assert!(detail.contains(&format!("override.until {at}")), "{detail}");
    for field in ["provider", "model"] {
        let mut body = json!({"provider": "house", "model": "m", "cost_usd": 0.1});
        body[field] = Value::Null;
        for answer in [world.record(body.clone()).await, world.check(body).await] {
            let detail = answer.refused(422);
            assert!(detail.contains(&format!("{field} {null}")), "{detail}");
        }
    }
    for path in ["/v1/record", "/v1/check", "/v1/release"] {
        for nothing in ["", " \n"] {
            let mut asked = request(Method::POST, path, Some(Value::Null), Some("127.0.0.1:7575"));
            *asked.body_mut() = axum::body::Body::from(nothing);
            assert_eq!(world.knock(asked).await.refused(400), "The body is empty.");
        }
    }
    nothing_is_written(&world, "what was refused").await;
}

#[tokio::test]
async fn a_check_with_a_wrong_field_names_it() {
    let world = World::new();
    for (field, value) in [
        ("input_tokens", json!(-1)),
        ("max_output_tokens", json!(1_000_000_000_001_u64)),
        ("estimated_tokens", json!("many")),
        ("cost_usd", json!(-1)),
        ("n", json!(0)),
        ("n", json!(1_001)),
        ("ttl_seconds", json!(0)),
        ("ttl_seconds", json!(86_401)),
        ("reserve", json!("yes")),
        ("call_id", json!("x".repeat(201))),
        ("tags", json!({"a": 1})),
        ("max_tokens", json!(5)),
    ] {
        let mut body = json!({"provider": "house", "model": "m", "cost_usd": 0.1, "reserve": true});
        body[field] = value;
        let answer = world.check(body).await;
        let detail = answer.refused(422);
        assert!(detail.contains(field), "{field} must be named: {detail}");
    }
    for missing in ["provider", "model"] {
        let mut body = json!({"provider": "house", "model": "m", "cost_usd": 0.1, "reserve": true});
        body.as_object_mut().unwrap().remove(missing);
        let answer = world.check(body).await;
        assert!(answer.refused(422).contains(missing) && answer.json()["field"] == missing);
    }
    nothing_is_written(&world, "a wrong check").await;
}

#[tokio::test]
async fn what_is_no_json_is_400_and_what_is_no_object_422() {
    let world = World::new();
    for path in ["/v1/record", "/v1/check", "/v1/release"] {
        for (body, status) in [
            ("{", 400),
            ("", 400),
            (r#"{"call_id": NaN}"#, 400),
            (r#"{"call_id": -Infinity}"#, 400),
            ("{\"call_id\": \"\u{fffd}", 400),
            ("[]", 422),
            ("7", 422),
            ("null", 422),
            (r#"{"call_id": "a", "call_id": "b"}"#, 422),
        ] {
            let mut asked = request(Method::POST, path, Some(Value::Null), Some("127.0.0.1:7575"));
            *asked.body_mut() = axum::body::Body::from(body);
            let answer = world.knock(asked).await;
            assert_eq!(answer.status, status, "{path} {body:?}: {}", answer.text());
            answer.refused(status);
        }
    }
    let mut trailing = request(Method::POST, "/v1/release", Some(Value::Null), Some("127.0.0.1:7575"));
    *trailing.body_mut() = axum::body::Body::from(r#"{"call_id": "a"} and more"#);
    world.knock(trailing).await.refused(400);
    let mut deep = request(Method::POST, "/v1/record", Some(Value::Null), Some("127.0.0.1:7575"));
    let nested = "[".repeat(100_000);
    *deep.body_mut() = axum::body::Body::from(format!(r#"{{"provider":"house","model":"m","response":{nested}"#));
    assert!((400..500).contains(&world.knock(deep).await.status), "endless nesting is refused, not followed");
    nothing_is_written(&world, "what is no record").await;
}

#[tokio::test]
async fn a_body_beyond_its_bound_is_413() {
    let world = World::new();
    let padded = |bytes: usize| json!({"provider": "house", "model": "m", "cost_usd": 0.1, "error": "x".repeat(bytes)});
    world.check(padded(300 * 1024)).await.refused(413);
    world.record(padded(33 * 1024 * 1024)).await.refused(413);
    nothing_is_written(&world, "a huge body").await;
}

#[tokio::test]
async fn a_call_may_be_a_little_ahead_and_one_long_past_lands_in_its_own_window() {
    let world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 10})).await;
    world.budget(json!({"id": "month", "window": "month", "limit": 10})).await;
    world.budget(json!({"id": "total", "window": "total", "limit": 100})).await;
    world.record(with("at", json!("2026-11-22T12:05:00Z"))).await.expect(201);
    world.record(with("at", json!("2026-11-21T23:59:59.999Z"))).await.expect(201);
    world.record(with("at", json!("2026-10-31T12:00:00+01:00"))).await.expect(201);
    world.record(with("at", json!("1971-01-01T00:00:00Z"))).await.expect(201);
    let used = async |id: &str| nanos(&world.standing(id).await["used"]);
    assert_eq!(used("day").await, 100_000_000, "today's alone");
    assert_eq!(used("month").await, 200_000_000, "November's");
    assert_eq!(used("total").await, 400_000_000, "all of them");
    let asked = "/v1/usage?from=1971-01-01T00:00:00Z&to=1971-01-02T00:00:00Z";
    let old = world.get(asked).await.expect(200);
    assert_eq!(nanos(&old["buckets"][0]["groups"][0]["cost_usd"]), 100_000_000, "it is in its own day: {old}");
}

#[tokio::test]
async fn a_call_dated_into_the_next_window_counts_when_that_begins() {
    let mut world = World::at("2026-11-22T23:58:00Z", chrono_tz::Tz::UTC);
    world.budget(json!({"id": "day", "window": "day", "limit": 10})).await;
    world.record(with("at", json!("2026-11-23T00:01:00Z"))).await.expect(201);
    assert_eq!(nanos(&world.standing("day").await["used"]), 0, "tomorrow's is not today's");
    world.restart();
    assert_eq!(nanos(&world.standing("day").await["used"]), 0, "nor after a restart");
    world.advance(TimeDelta::minutes(2));
    assert_eq!(world.clock.now(), utc("2026-11-23T00:00:00Z"));
    assert_eq!(nanos(&world.standing("day").await["used"]), 100_000_000, "now it is today's");
}

#[tokio::test]
async fn a_wrong_query_names_its_parameter() {
    let world = World::new();
    for (path, named) in [
        ("/v1/usage?from=yesterday", "from"),
        ("/v1/usage?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", "to"),
        ("/v1/usage?bucket=year", "bucket"),
        ("/v1/usage?by=colour", "by"),
        ("/v1/usage?time_zone=Mars/Olympus", "time_zone"),
        ("/v1/usage?time_zone=Asia/Kolkata", "time_zone"),
        ("/v1/usage?form=2026-11-22T00:00:00Z", "form"),
        ("/v1/usage?bucket=hour&from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z", "from"),
        ("/v1/entries?limit=0", "limit"),
        ("/v1/entries?limit=501", "limit"),
        ("/v1/entries?limit=ten", "limit"),
        ("/v1/entries?cursor=x", "cursor"),
        ("/v1/entries?ok=maybe", "ok"),
        ("/v1/alerts?state=old", "state"),
        ("/v1/alerts?limit=1001", "limit"),
        ("/v1/export?format=xml", "format"),
        ("/v1/export?from=now", "from"),
        ("/v1/chart.json?range=week", "range"),
        ("/v1/chart.svg?width=1", "width"),
        ("/v1/chart.png?height=100000", "height"),
        ("/v1/prices/model?provider=openai", "model"),
    ] {
        let answer = world.get(path).await;
        let detail = answer.refused(422);
        assert!(detail.contains(named), "{path} must name {named}: {detail}");
    }
}

#[tokio::test]
async fn an_address_where_nothing_is_and_a_method_it_does_not_take_are_problems_too() {
    let world = World::new();
    for path in ["/nothing", "/v1/nothing", "/v1/entries/none", "/v1/budgets/none", "/v1/entries/%FF"] {
        let answer = world.get(path).await;
        assert!(answer.status == 404 || answer.status == 400, "{path} is not there: {}", answer.status);
        answer.refused(answer.status);
    }
    world.get("/v1/check").await.refused(405);
    world.ask(Method::DELETE, "/v1/status", None).await.refused(405);
}

#[tokio::test]
async fn an_unknown_provider_is_taken_if_its_price_is_given() {
    let world = World::new();
    let tokens = json!({"provider": "house", "model": "m", "input_tokens": 10, "output_tokens": 5});
    let answer = world.record(tokens.clone()).await;
    assert!(answer.refused(422).contains("price") && answer.json()["field"] == "provider");
    assert!(world.check(tokens_for_check()).await.refused(422).contains("provider"));
    nothing_is_written(&world, "a provider without a price").await;
    let price = json!({"provider": "house", "model": "*", "input_usd_per_million": 1, "output_usd_per_million": 2});
    world.put("/v1/prices/overrides", price).await.expect(200);
    let entry = world.record(tokens).await.expect(201)["entry"].clone();
    assert_eq!((nanos(&entry["cost_usd"]), &entry["priced"]), (20_000, &json!("override")));
}

fn tokens_for_check() -> Value {
    json!({"provider": "house", "model": "m", "input_tokens": 10, "max_output_tokens": 5})
}
