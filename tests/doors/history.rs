//! The history: the days of a list and its pages agree with its entries, to the nano-dollar, while calls go on arriving.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::world::{World, nanos};

/// Forty calls over ten days of Berlin, some of them denied.
async fn ten_days() -> World {
    let world = World::at("2026-10-28T12:00:00Z", Tz::Europe__Berlin);
    for n in 0..40 {
        let at = (world.clock.now() - TimeDelta::hours(6 * n)).to_rfc3339();
        let mut call = json!({"call_id": format!("c{n}"), "at": at, "provider": if n % 2 == 0 { "openai" } else { "gemini" },
            "model": "m", "cost_usd": 0.000_000_001 * (n + 1) as f64, "ok": n % 5 != 0});
        if n % 3 == 0 {
            call["session"] = json!("night");
        }
        world.record(call).await.expect(201);
    }
    world
}

async fn pages(world: &World, query: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/v1/entries?limit={limit}&{query}{cursor}")).await.expect(200);
        all.extend(page["entries"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn the_days_of_a_list_are_the_sums_of_its_entries() {
    let world = ten_days().await;
    for query in [
        "",
        "provider=openai",
        "session=night",
        "outcome=failed&provider=gemini",
        "q=C3",
        "source=api",
        "source=proxy",
        "from=2026-10-20T03:00:00Z&to=2026-10-26T03:00:00Z",
    ] {
        let days = world.get(&format!("/v1/days?{query}")).await.expect(200);
        assert_eq!(days["next_to"], Value::Null, "forty entries are counted at once");
        let entries = pages(&world, query, 7).await;
        let mut told = 0;
        for day in days["days"].as_array().unwrap() {
            let (start, end) = (day["start"].as_str().unwrap(), day["end"].as_str().unwrap());
            let within = |entry: &&Value| {
                let at: chrono::DateTime<chrono::Utc> = entry["at"].as_str().unwrap().parse().unwrap();
                at >= start.parse::<chrono::DateTime<chrono::Utc>>().unwrap()
                    && at < end.parse::<chrono::DateTime<chrono::Utc>>().unwrap()
            };
            let of_day: Vec<_> = entries.iter().filter(within).collect();
            assert!(!of_day.is_empty(), "a day without entries is not told: {day}");
            assert_eq!(day["entries"], of_day.len(), "{query} {start}");
            assert_eq!(day["calls"], of_day.len(), "{query} {start}");
            assert_eq!(nanos(&day["cost_usd"]), of_day.iter().map(|e| nanos(&e["cost_usd"])).sum::<i64>());
            told += of_day.len();
        }
        assert_eq!(told, entries.len(), "every entry is on a day: {query}");
    }
    let days = world.get("/v1/days").await.expect(200);
    let starts: Vec<_> = days["days"].as_array().unwrap().iter().map(|d| d["start"].as_str().unwrap()).collect();
    assert!(starts.is_sorted_by(|a, b| a > b), "newest first: {starts:?}");
    assert!(starts.contains(&"2026-10-25T00:00:00+02:00"), "the day of 25 hours is one day: {starts:?}");
}

#[tokio::test]
async fn what_is_recorded_meanwhile_moves_no_page() {
    let world = ten_days().await;
    let days = world.get("/v1/days").await.expect(200);
    let as_of = days["as_of"].as_i64().unwrap();
    let before = pages(&world, "", 500).await;
    for n in 0..5 {
        let at = (world.clock.now() - TimeDelta::hours(n)).to_rfc3339();
        world.record(json!({"at": at, "provider": "openai", "model": "m", "cost_usd": 1})).await.expect(201);
    }
    let (first, second) = before.split_at(15);
    let then = world.get(&format!("/v1/entries?as_of={as_of}&limit=15")).await.expect(200);
    assert_eq!(then["entries"], json!(first), "a page is what it was");
    let skipped = world.get(&format!("/v1/entries?as_of={as_of}&limit=10&skip=15")).await.expect(200);
    assert_eq!(skipped["entries"], json!(second[..10]), "and begins where as many have been passed over");
    let counted = world.get(&format!("/v1/days?as_of={as_of}")).await.expect(200);
    assert_eq!(counted, days, "the days are what they were");
    let lines = world.get(&format!("/v1/export?format=ndjson&as_of={as_of}")).await.text();
    assert_eq!(lines.lines().count(), 40, "and so is an export");
    assert_eq!(pages(&world, "", 500).await.len(), 45);
}

#[tokio::test]
async fn an_export_has_what_its_list_has() {
    let world = ten_days().await;
    for query in ["session=night", "outcome=failed", "q=c1&provider=gemini", "to=2026-10-20T00:00:00Z"] {
        let mut listed = pages(&world, query, 9).await;
        listed.reverse();
        let lines = world.get(&format!("/v1/export?format=ndjson&{query}")).await.text();
        let exported: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(exported, listed, "{query}");
        let csv = world.get(&format!("/v1/export?format=csv&{query}")).await.text();
        assert_eq!(csv.lines().count(), listed.len() + 1, "{query}");
    }
    for (path, field) in
        [("/v1/days?limit=1", "limit"), ("/v1/export?format=xml", "format"), ("/v1/entries?source=x", "source")]
    {
        let detail = world.get(path).await.refused(422);
        assert!(detail.contains(field), "{path}: {detail}");
    }
}
