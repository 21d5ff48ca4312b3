//! How a cost came about: told by the prices of the call's own time, and never priced again in the ledger.

use http::Method;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::world::{World, nanos};

async fn cost(world: &World, call_id: &str) -> Value {
    world.get(&format!("/v1/entries/{call_id}/cost")).await.expect(200)
}

fn line<'a>(told: &'a Value, class: &str) -> &'a Value {
    let lines = told["by_prices"]["lines"].as_array().unwrap();
    lines.iter().find(|line| line["class"] == class).unwrap_or_else(|| panic!("{class} has a line: {told}"))
}

#[tokio::test]
async fn a_cost_is_told_by_class_to_the_last_digit_and_rounded_once() {
    let world = World::new();
    for (id, provider) in [("day", "openai"), ("other", "gemini")] {
        world.budget(json!({"id": id, "name": id, "scope": {"provider": provider}, "window": "day", "limit": 5})).await;
    }
    let call = json!({"call_id": "a", "provider": "openai", "model": "gpt-5-mini", "input_tokens": 12_629,
        "cache_read_tokens": 9_217, "output_tokens": 1_204, "reasoning_tokens": 640});
    let entry = world.record(call).await.expect(201)["entry"].clone();
    let told = cost(&world, "a").await;
    assert_eq!(told["budgets"], json!([{"id": "day", "name": "day"}]), "those it counts in, and no other");
    assert_eq!((&told["cost_usd"], &told["priced"]), (&entry["cost_usd"], &json!("catalog")));
    let by = &told["by_prices"];
    assert_eq!((&by["agrees"], &by["source"], &by["rest_usd"]), (&json!(true), &json!("bundled"), &json!(0)));
    assert_eq!(line(&told, "input_tokens")["count"], 12_629 - 9_217);
    let cached = line(&told, "cache_read_tokens");
    assert_eq!((&cached["rate_usd"], &cached["per"]), (&json!(0.025), &json!(1_000_000)));
    assert_eq!(cached["amount_usd"].to_string(), "0.000230425", "9217 × 0.025 for a million");
    assert_eq!(line(&told, "reasoning_tokens")["count"], 640);
    assert_eq!(line(&told, "output_tokens")["count"], 1_204 - 640);
    assert_eq!(by["sum_usd"].to_string(), "0.003491425");
    assert_eq!(nanos(&told["cost_usd"]), 3_491_425);
}

#[tokio::test]
async fn a_price_that_has_changed_changes_no_entry_and_is_told_beside_it() {
    let feed = MockServer::start().await;
    let list = json!([{"id": "openai", "name": "OpenAI", "api_pattern": "https://api\\.openai\\.com",
        "models": [{"id": "gpt-5-mini", "match": {"equals": "gpt-5-mini"}, "prices": {"input_mtok": 5, "output_mtok": 10}}]}]);
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(list)).mount(&feed).await;
    let world = World::with_feed(&feed.uri());
    let call = json!({"call_id": "a", "provider": "openai", "model": "gpt-5-mini", "input_tokens": 1_000_000,
        "output_tokens": 0});
    let written = nanos(&world.record(call).await.expect(201)["entry"]["cost_usd"]);
    world.owner(Method::POST, "/v1/prices/refresh", None).await.expect(200);
    let told = cost(&world, "a").await;
    assert_eq!(nanos(&told["cost_usd"]), written, "what was written down stays");
    let by = &told["by_prices"];
    assert_eq!((nanos(&by["cost_usd"]), &by["agrees"]), (5_000_000_000, &json!(false)));
    assert_eq!((&by["source"], by["list_at"].is_string()), (&json!("downloaded"), true));
    let own = json!({"provider": "openai", "model": "gpt-5*", "input_usd_per_million": 7, "output_usd_per_million": 1});
    world.put("/v1/prices/overrides", own).await.expect(200);
    let by = cost(&world, "a").await["by_prices"].clone();
    assert_eq!((&by["source"], &by["model_matched"]), (&json!("override"), &json!("gpt-5*")));
    assert_eq!((nanos(&by["cost_usd"]), &by["list_at"]), (7_000_000_000, &Value::Null));
    assert_eq!(nanos(&world.get("/v1/entries/a").await.expect(200)["cost_usd"]), written);
}

#[tokio::test]
async fn a_cost_without_a_price_says_what_stands_behind_it() {
    let world = World::new();
    let told = |call_id: &str, more: Value| {
        let mut call = json!({"call_id": call_id, "provider": "openai", "model": "gpt-5", "input_tokens": 1000, "output_tokens": 10});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    };
    world.record(told("named", json!({"cost_usd": 0.5}))).await.expect(201);
    let named = cost(&world, "named").await;
    assert_eq!((&named["priced"], &named["cost_usd"]), (&json!("caller"), &json!(0.5)));
    assert_eq!(named["by_prices"]["agrees"], false, "and the list's figure stands beside it");
    world.record(told("unheard", json!({"model": "gpt-99-unheard"}))).await.expect(201);
    let unheard = cost(&world, "unheard").await;
    assert_eq!((&unheard["priced"], &unheard["by_prices"]["agrees"]), (&json!("unknown"), &json!(true)));
    assert!(!unheard["by_prices"]["model_matched"].as_str().unwrap().is_empty(), "whose price it was counted at");
    world.record(told("house", json!({"provider": "house", "cost_usd": 1}))).await.expect(201);
    assert_eq!(cost(&world, "house").await["by_prices"], Value::Null, "nothing is known of that provider");
    world.get("/v1/entries/nobody/cost").await.refused(404);
}
