//! What calls cost: the price list in use and what replaces it, the owner's own prices, and models that nobody knows.

use http::Method;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::world::{World, nanos};

/// A price list of one model.
fn list(input_usd: f64) -> Value {
    json!([{"id": "openai", "name": "OpenAI", "api_pattern": "https://api\\.openai\\.com",
        "models": [{"id": "gpt-5-mini", "match": {"equals": "gpt-5-mini"},
            "prices": {"input_mtok": input_usd, "output_mtok": 10}}]}])
}

async fn cost(world: &World, call_id: &str) -> i64 {
    let body = json!({"call_id": call_id, "provider": "openai", "model": "gpt-5-mini", "input_tokens": 1_000_000,
        "output_tokens": 0});
    let answer = world.record(body).await;
    assert!(answer.status < 300, "{}", answer.text());
    nanos(&answer.json()["entry"]["cost_usd"])
}

#[tokio::test]
async fn a_refreshed_list_is_used_and_nothing_recorded_is_priced_again() {
    let feed = MockServer::start().await;
    let mut world = World::with_feed(&feed.uri());
    let bundled = world.get("/v1/prices").await.expect(200)["price_list"].clone();
    assert_eq!(bundled["source"], "bundled");
    let before = cost(&world, "before").await;
    let refresh = async |world: &World| world.owner(Method::POST, "/v1/prices/refresh", None).await;
    for (status, body) in [
        (500, list(5.0).to_string()),
        (404, String::new()),
        (200, "not JSON".to_owned()),
        (200, "[]".to_owned()),
        (200, "{}".to_owned()),
        (200, json!([{"id": "x", "name": "X", "api_pattern": "x", "models": []}]).to_string()),
        (200, list(5.0).to_string()[..100].to_owned()),
    ] {
        let mock = Mock::given(any()).respond_with(ResponseTemplate::new(status).set_body_string(body.clone()));
        let _guard = mock.mount_as_scoped(&feed).await;
        refresh(&world).await.refused(502);
        assert_eq!(
            world.get("/v1/prices").await.expect(200)["price_list"],
            bundled,
            "{status} {body:.20}: the old stays"
        );
        assert!(!world.path().join("prices.json").exists(), "a bad list is not kept");
    }
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(list(5.0))).mount(&feed).await;
    let now = refresh(&world).await.expect(200);
    assert_eq!((&now["source"], &now["models"]), (&json!("downloaded"), &json!(1)));
    assert_eq!(cost(&world, "after").await, 5_000_000_000, "five dollars for a million");
    for restarted in [false, true] {
        let kept = world.get("/v1/entries/before").await.expect(200);
        assert_eq!(nanos(&kept["cost_usd"]), before, "what was recorded keeps its cost, restarted: {restarted}");
        let sum = nanos(&world.get("/v1/summary").await.expect(200)["lifetime"]["cost_usd"]);
        assert_eq!(sum, before + 5_000_000_000, "restarted: {restarted}");
        assert_eq!(cost(&world, "before").await, before, "said again, it is a replay at its old price");
        assert_eq!(world.get("/v1/prices").await.expect(200)["price_list"]["source"], "downloaded");
        world.restart();
    }
    feed.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(500)).mount(&feed).await;
    refresh(&world).await.refused(502);
    assert_eq!(cost(&world, "still").await, 5_000_000_000, "a failed refresh leaves the downloaded list");
}

#[tokio::test]
async fn a_spoilt_price_file_gives_way_to_the_bundled_list() {
    let mut world = World::new();
    let good = cost(&world, "a").await;
    for spoilt in [&b"{ not a list"[..], b"", b"[]", &[0xff, 0xfe, 0x00]] {
        std::fs::write(world.path().join("prices.json"), spoilt).unwrap();
        world.restart();
        assert_eq!(world.get("/v1/prices").await.expect(200)["price_list"]["source"], "bundled");
    }
    assert_eq!(cost(&world, "b").await, good);
}

#[tokio::test]
async fn the_owners_price_wins_until_it_is_removed() {
    let mut world = World::new();
    let listed = cost(&world, "listed").await;
    let price = |model: &str, usd: f64| json!({"provider": "openai", "model": model, "input_usd_per_million": usd, "output_usd_per_million": 1});
    world.put("/v1/prices/overrides", price("gpt-5*", 7.0)).await.expect(200);
    assert_eq!(cost(&world, "family").await, 7_000_000_000);
    world.put("/v1/prices/overrides", price("gpt-5-mini", 3.0)).await.expect(200);
    world.restart();
    assert_eq!(cost(&world, "exact").await, 3_000_000_000, "its own name before its family's, also after a restart");
    let told = world.get("/v1/prices/model?provider=openai&model=gpt-5-mini").await.expect(200);
    assert_eq!((&told["priced"], nanos(&told["input_usd_per_million"])), (&json!("override"), 3_000_000_000));
    for model in ["gpt-5*", "gpt-5-mini"] {
        let path = format!("/v1/prices/overrides?provider=openai&model={model}");
        world.owner(Method::DELETE, &path, None).await.expect(204);
        world.owner(Method::DELETE, &path, None).await.refused(404);
    }
    assert_eq!(cost(&world, "again").await, listed);
    for (field, value) in
        [("input_usd_per_million", json!(-1)), ("output_usd_per_million", json!(1_000_001)), ("model", json!(""))]
    {
        let mut body = price("gpt-5", 1.0);
        body[field] = value;
        assert!(world.put("/v1/prices/overrides", body).await.refused(422).contains(field));
    }
}

#[tokio::test]
async fn a_model_nobody_knows_is_denied_or_counted_high_and_never_free() {
    let world = World::with_first_budgets();
    let unheard =
        json!({"provider": "openai", "model": "gpt-99-unheard", "input_tokens": 1000, "max_output_tokens": 100});
    let denied = world.check(unheard.clone()).await.expect(402);
    assert_eq!(denied["reason"], "price_unknown");
    let sentence = denied["detail"].as_str().unwrap();
    assert!(sentence.contains("gpt-99-unheard") && sentence.contains("/v1/prices/overrides"), "{sentence}");
    // Whoever has no blocking dollar budget is warned and not stopped.
    let free = json!({"provider": "anthropic", "model": "claude-unheard", "input_tokens": 10, "max_output_tokens": 10});
    assert_eq!(world.check(free).await.expect(200)["warnings"].as_array().unwrap().len(), 1);
    world.put("/v1/settings", json!({"unknown_price": "count_high"})).await.expect(200);
    let allowed = world.check(unheard).await.expect(200);
    assert_eq!(allowed["ceiling"]["priced"], "unknown");
    assert!(!allowed["warnings"].as_array().unwrap().is_empty(), "what is guessed is said");
    // A record is never refused for its price: the call has happened.
    let call = json!({"call_id": "u", "provider": "openai", "model": "gpt-99-unheard", "input_tokens": 1000, "output_tokens": 100});
    let entry = world.record(call).await.expect(201)["entry"].clone();
    assert_eq!(entry["priced"], "unknown");
    let known = json!({"provider": "openai", "model": "gpt-5", "input_tokens": 1000, "output_tokens": 100});
    let known = nanos(&world.record(known).await.expect(201)["entry"]["cost_usd"]);
    assert!(nanos(&entry["cost_usd"]) > known, "it is counted like the dearest, not like any");
    let unknown = world.get("/v1/prices").await.expect(200)["unknown_models"].clone();
    assert_eq!((&unknown[0]["model"], &unknown[0]["calls"]), (&json!("gpt-99-unheard"), &json!(1)), "and shown");
    let tier =
        json!({"provider": "openai", "model": "gpt-5", "input_tokens": 10, "output_tokens": 1, "service_tier": "warp"});
    assert_eq!(
        world.record(tier).await.expect(201)["entry"]["priced"],
        "unknown",
        "an unknown tier is not the standard"
    );
}
