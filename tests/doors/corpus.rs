//! Real exchanges: each recorded answer of a provider, posted as a record, yields the provider's own token counts and the
//! cost that the price library names. Without the recorded exchanges at hand, the fixtures alone are read.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use serde_json::{Value, json};

use crate::program::skipped;
use crate::world::{World, nanos};

fn exchanges() -> Option<Vec<Value>> {
    let shared = std::env::var_os("SPENDLIGHT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let file = std::fs::File::open(shared.join("replay").join("corpus.ndjson.gz")).ok()?;
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    Some(lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect())
}

/// The library's own cost of plain counts, in nano-dollars; none where it does not know the model.
fn library(provider: &str, entry: &Value, at: DateTime<Utc>) -> Option<i64> {
    let count = |name: &str| entry[name].as_f64().unwrap();
    let mut usage = Usage::default();
    for (key, name) in [
        (UsageKey::INPUT_TOKENS, "input_tokens"),
        (UsageKey::OUTPUT_TOKENS, "output_tokens"),
        (UsageKey::CACHE_READ_TOKENS, "cache_read_tokens"),
        (UsageKey::CACHE_WRITE_TOKENS, "cache_write_tokens"),
    ] {
        usage.insert(key, count(name));
    }
    let provider = if provider == "gemini" { "google" } else { provider };
    let request = PriceRequest::new(entry["model"].as_str()?, &usage).with_provider_id(provider).with_timestamp(at);
    Some((Calculator::bundled().calculate(&request).ok()?.total_price * 1e9 + 0.5).floor() as i64)
}

#[tokio::test]
async fn every_recorded_exchange_yields_the_providers_own_counts_and_the_librarys_cost() {
    let Some(exchanges) = exchanges() else {
        return skipped(
            "every_recorded_exchange",
            "no recorded exchanges (set SPENDLIGHT_SHARED to what holds replay/)",
        );
    };
    let world = World::new();
    let (mut posted, mut compared, mut sum) = (0, 0, 0_i64);
    for exchange in &exchanges {
        let Some(response) = exchange["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok()) else {
            continue;
        };
        if exchange["usage"].is_null() || !response.is_object() {
            continue;
        }
        let (id, provider) = (exchange["id"].as_str().unwrap(), exchange["provider"].as_str().unwrap());
        let body =
            json!({"call_id": id, "provider": provider, "model": exchange["usage"]["model"], "response": response});
        let answer = world.record(body).await;
        assert_eq!(answer.status, 201, "{id} {provider}: {}", answer.text());
        let entry = answer.json()["entry"].clone();
        posted += 1;
        sum += nanos(&entry["cost_usd"]);
        for (ours, theirs) in [
            ("input_tokens", "input"),
            ("output_tokens", "output"),
            ("cache_read_tokens", "cache_read"),
            ("cache_write_tokens", "cache_write"),
            ("reasoning_tokens", "reasoning"),
        ] {
            // What the recording does not tell apart has nothing to be compared with.
            let Some(told) = exchange["usage"][theirs].as_u64() else { continue };
            assert_eq!(entry[ours], told, "{id} {provider}: {ours} must be the provider's own count");
        }
        // Classes with prices of their own, tiers and parts are the pricing room's own test.
        let plain = entry["usage_details"].is_null()
            && entry["priced"] == "catalog"
            && ["", "default", "standard", "on_demand"].contains(&entry["service_tier"].as_str().unwrap_or(""))
            && !response["usage"]["iterations"].is_array();
        if plain && let Some(cost) = library(provider, &entry, world.clock.now()) {
            assert_eq!(
                nanos(&entry["cost_usd"]),
                cost,
                "{id} {provider} {}: one rounding, to the nano-dollar",
                entry["model"]
            );
            compared += 1;
        }
    }
    assert!(posted >= 850 && compared * 10 >= posted * 6, "{compared} of {posted} costs were compared");
    let lifetime = world.get("/v1/summary").await.expect(200)["lifetime"].clone();
    assert_eq!((nanos(&lifetime["cost_usd"]), &lifetime["calls"]), (sum, &json!(posted)), "their sum is every total");
}
