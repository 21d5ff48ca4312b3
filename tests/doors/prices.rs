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
async fn a_tier_that_is_left_to_the_provider_is_held_at_the_dearer_one() {
    let world = World::new();
    let ceiling = async |tier: &str| {
        let call = json!({"provider": "openai", "model": "gpt-5.4", "input_tokens": 1_000, "max_output_tokens": 1_000,
            "service_tier": tier});
        nanos(&world.check(call).await.expect(200)["ceiling"]["cost_usd"])
    };
    let (auto, priority, standard) = (ceiling("auto").await, ceiling("priority").await, ceiling("default").await);
    assert!(priority > standard, "{priority} {standard}");
    assert_eq!(auto, priority);
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
async fn a_newer_list_tells_what_it_would_change_and_changes_nothing_until_it_is_taken() {
    let feed = MockServer::start().await;
    let world = World::with_feed(&feed.uri());
    let model = |id: &str, usd: f64| json!({"id": id, "match": {"equals": id}, "prices": {"input_mtok": usd, "output_mtok": 10}});
    let offered = async |models: Vec<Value>| {
        feed.reset().await;
        let list = json!([{"id": "google", "name": "Google", "api_pattern": "x", "models": models}]);
        Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(list)).mount(&feed).await;
    };
    offered(vec![model("stays", 1.0), model("rises", 2.0), model("goes", 3.0)]).await;
    world.owner(Method::POST, "/v1/prices/refresh", None).await.expect(200);
    let call =
        json!({"call_id": "a", "provider": "gemini", "model": "rises", "input_tokens": 1_000_000, "output_tokens": 0});
    world.record(call.clone()).await.expect(201);
    offered(vec![model("stays", 1.0), model("rises", 2.5), model("new", 4.0)]).await;
    world.ask(Method::POST, "/v1/prices/preview", None).await.refused(401);
    let preview = async || world.owner(Method::POST, "/v1/prices/preview", None).await.expect(200);
    let first = preview().await;
    assert_eq!(
        (&first["changed_count"], &first["added_count"], &first["removed_count"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let changed = &first["changed"][0];
    assert_eq!(
        (&changed["provider"], &changed["model"], &changed["in_use"]),
        (&json!("gemini"), &json!("rises"), &json!(true))
    );
    let rate = |side: &str, kind: &str| nanos(&changed[side][format!("{kind}_usd_per_million")]);
    assert_eq!((rate("before", "input"), rate("after", "input")), (2_000_000_000, 2_500_000_000));
    assert_eq!((rate("before", "output"), rate("after", "output")), (10_000_000_000, 10_000_000_000));
    assert_eq!((&first["added"][0]["model"], &first["removed"][0]["model"]), (&json!("new"), &json!("goes")));
    let costs = async |id: &str| {
        let mut call = call.clone();
        call["call_id"] = json!(id);
        nanos(&world.record(call).await.expect(201)["entry"]["cost_usd"])
    };
    assert_eq!(costs("b").await, 2_000_000_000, "looking changes nothing");
    let second = preview().await;
    let take = async |id: &Value| {
        let path = format!("/v1/prices/refresh?preview={}", id.as_str().unwrap());
        world.owner(Method::POST, &path, None).await
    };
    take(&first["id"]).await.refused(409);
    offered(vec![model("rises", 99.0)]).await;
    assert_eq!(
        take(&second["id"]).await.expect(200)["models"],
        3,
        "what was looked at is taken, not what the feed says now"
    );
    assert_eq!(costs("c").await, 2_500_000_000);
    take(&second["id"]).await.refused(409);
    offered(vec![model("stays", 1.0), model("rises", 2.5), model("new", 4.0)]).await;
    let same = preview().await;
    assert_eq!(
        (&same["changed_count"], &same["added_count"], &same["removed_count"]),
        (&json!(0), &json!(0), &json!(0))
    );
}

#[tokio::test]
async fn a_models_price_tells_since_when_it_holds() {
    let feed = MockServer::start().await;
    let world = World::with_feed(&feed.uri());
    let prices = json!([
        {"prices": {"input_mtok": 2, "output_mtok": 10}},
        {"constraint": {"start_date": "2026-09-17"}, "prices": {"input_mtok": 1.5, "output_mtok": 10}},
        {"constraint": {"start_date": "2026-12-24"}, "prices": {"input_mtok": 9, "output_mtok": 10}}
    ]);
    let list = json!([{"id": "openai", "name": "OpenAI", "api_pattern": "x", "models": [
        {"id": "fell", "match": {"equals": "fell"}, "prices": prices},
        {"id": "stayed", "match": {"equals": "stayed"}, "prices": {"input_mtok": 1, "output_mtok": 2}}]}]);
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(list)).mount(&feed).await;
    world.owner(Method::POST, "/v1/prices/refresh", None).await.expect(200);
    for (id, model, tokens) in [("a", "fell", 2_000), ("b", "stayed", 1_000), ("c", "unheard", 100)] {
        let call =
            json!({"call_id": id, "provider": "openai", "model": model, "input_tokens": tokens, "output_tokens": 0});
        world.record(call).await.expect(201);
    }
    let own = json!({"provider": "openai", "model": "stayed", "input_usd_per_million": 5, "output_usd_per_million": 5});
    world.put("/v1/prices/overrides", own).await.expect(200);
    let told = world.get("/v1/prices").await.expect(200);
    let used: Vec<_> = told["models_in_use"].as_array().unwrap().iter().collect();
    let of = |model: &str| *used.iter().find(|one| one["model"] == model).unwrap();
    assert_eq!(used[0]["model"], "fell", "the dearest first: {told}");
    assert_eq!(
        (&of("fell")["since"], nanos(&of("fell")["rates"]["input_usd_per_million"])),
        (&json!("2026-09-17T00:00:00.000Z"), 1_500_000_000)
    );
    assert_eq!((&of("stayed")["since"], &of("stayed")["own_price"]), (&Value::Null, &json!(true)));
    assert_eq!(
        nanos(&of("stayed")["rates"]["input_usd_per_million"]),
        5_000_000_000,
        "one's own goes before the list's"
    );
    assert_eq!(of("unheard")["rates"], Value::Null);
    assert_eq!(told["overrides"][0]["since"], "2026-11-22T12:00:00.000Z", "a price of one's own since it was set");
    world.advance(chrono::TimeDelta::days(40));
    let call = json!({"call_id": "d", "provider": "openai", "model": "fell", "input_tokens": 10, "output_tokens": 0});
    world.record(call).await.expect(201);
    let later = world.get("/v1/prices").await.expect(200)["models_in_use"][0].clone();
    assert_eq!(later["since"], "2026-12-24T00:00:00.000Z", "{later}");
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
