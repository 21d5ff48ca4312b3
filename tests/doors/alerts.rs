//! Alerts: a threshold speaks once for each budget, window and limit, in the transaction of the entry that crossed it,
//! whatever is restarted in between.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::world::World;

async fn dollar_a_day(world: &World, limit: f64) {
    let body = json!({"id": "day", "name": "House today", "window": "day", "limit": limit});
    if world.get("/v1/budgets/day").await.status == 200 {
        world.put("/v1/budgets/day", body).await.expect(200);
    } else {
        world.budget(body).await;
    }
}

/// Threshold and limit of each alert, oldest first.
async fn said(world: &World) -> Vec<(u64, f64)> {
    let mut alerts = world.alerts().await;
    alerts.reverse();
    alerts.iter().map(|a| (a["threshold"].as_u64().unwrap(), a["limit"].as_f64().unwrap())).collect()
}

#[tokio::test]
async fn each_threshold_speaks_once_on_the_way_up() {
    let mut world = World::new();
    dollar_a_day(&world, 1.0).await;
    for (n, cost) in [0.79, 0.01, 0.05, 0.10, 0.01, 0.03, 0.02, 0.5].into_iter().enumerate() {
        world.spend(&format!("c{n}"), "house", cost).await.expect(201);
        world.restart();
    }
    assert_eq!(said(&world).await, [(80, 1.0), (95, 1.0), (100, 1.0)], "once each, across restarts");
    let alerts = world.alerts().await;
    let told: Vec<_> = alerts.iter().map(|a| (a["level"].as_str().unwrap(), a["call_id"].as_str().unwrap())).collect();
    assert_eq!(told, [("exceeded", "c6"), ("critical", "c3"), ("warning", "c1")], "with the call that crossed");
    for alert in &alerts {
        assert!(alert["title"].as_str().is_some_and(|t| !t.is_empty()) && alert["text"].as_str().is_some());
    }
}

#[tokio::test]
async fn two_thresholds_at_once_speak_once_of_the_higher() {
    for (cost, threshold) in [(0.97, 95), (1.5, 100), (0.8, 80)] {
        let world = World::new();
        dollar_a_day(&world, 1.0).await;
        world.spend("leap", "house", cost).await.expect(201);
        world.spend("more", "house", 0.0).await.expect(201);
        assert_eq!(said(&world).await, [(threshold, 1.0)], "{cost} dollars of one");
    }
}

#[tokio::test]
async fn a_batch_that_crosses_everything_says_what_each_entry_crossed() {
    let world = World::new();
    dollar_a_day(&world, 1.0).await;
    let lines: Vec<String> = (0..100)
        .map(|n| json!({"call_id": format!("c{n}"), "provider": "house", "model": "m", "cost_usd": 0.02}).to_string())
        .collect();
    crate::records::batch(&world, &lines.join("\n")).await.expect(200);
    assert_eq!(said(&world).await, [(80, 1.0), (95, 1.0), (100, 1.0)]);
}

#[tokio::test]
async fn a_raised_limit_rearms_and_a_lowered_one_repeats_nothing() {
    let mut world = World::new();
    dollar_a_day(&world, 1.0).await;
    world.spend("a", "house", 0.85).await.expect(201);
    dollar_a_day(&world, 2.0).await;
    world.restart();
    world.spend("b", "house", 0.80).await.expect(201);
    assert_eq!(said(&world).await, [(80, 1.0), (80, 2.0)], "80 % of the raised limit is news");
    dollar_a_day(&world, 1.9).await;
    world.spend("c", "house", 0.01).await.expect(201);
    assert_eq!(said(&world).await.len(), 2, "87 % of a lowered limit is no news");
    world.restart();
    dollar_a_day(&world, 1.7).await;
    world.spend("d", "house", 0.001).await.expect(201);
    assert_eq!(said(&world).await, [(80, 1.0), (80, 2.0), (95, 1.7)], "a higher threshold is");
    dollar_a_day(&world, 2.0).await;
    world.spend("e", "house", 0.001).await.expect(201);
    assert_eq!(said(&world).await.len(), 3, "back to a limit of which it has spoken");
}

#[tokio::test]
async fn the_next_window_speaks_again() {
    let world = World::new();
    dollar_a_day(&world, 1.0).await;
    for day in 0..3 {
        world.spend(&format!("d{day}"), "house", 0.9).await.expect(201);
        world.spend(&format!("e{day}"), "house", 0.01).await.expect(201);
        world.advance(TimeDelta::days(1));
    }
    assert_eq!(said(&world).await, [(80, 1.0); 3], "once a day");
    let past = json!({"provider": "house", "model": "m", "cost_usd": 5, "at": "2026-11-23T10:00:00Z"});
    world.record(past).await.expect(201);
    assert_eq!(said(&world).await.len(), 3, "a day that is over is not spoken of");
}

#[tokio::test]
async fn a_budget_of_another_window_speaks_for_itself() {
    let world = World::at("2026-11-01T00:10:00Z", chrono_tz::Tz::UTC);
    let budget = |window: &str| json!({"id": "b", "window": window, "limit": 1});
    world.budget(budget("day")).await;
    world.spend("a", "house", 0.9).await.expect(201);
    world.put("/v1/budgets/b", budget("month")).await.expect(200);
    world.spend("b", "house", 0.0).await.expect(201);
    assert_eq!(said(&world).await.len(), 2, "the first day and its month begin together, and are two windows");
}

#[tokio::test]
async fn only_budgets_that_count_the_call_and_are_on_speak() {
    let world = World::new();
    let budget = |id: &str, rest: Value| {
        let mut body = json!({"id": id, "window": "day", "limit": 1});
        body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        body
    };
    world.budget(budget("other", json!({"scope": {"provider": "other"}}))).await;
    world.budget(budget("off", json!({"enabled": false}))).await;
    world.budget(budget("warns", json!({"action": "warn", "thresholds": [10, 20, 50]}))).await;
    world.spend("a", "house", 0.3).await.expect(201);
    let alerts = world.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!((&alerts[0]["budget"], &alerts[0]["threshold"]), (&json!("warns"), &json!(20)));
    assert_eq!(alerts[0]["level"], "warning", "only the last threshold is critical");
}

#[tokio::test]
async fn an_alert_is_written_with_the_entry_that_crossed() {
    let world = World::new();
    dollar_a_day(&world, 1.0).await;
    world.spend("quiet", "house", 0.5).await.expect(201);
    world.spend("loud", "house", 0.4).await.expect(201);
    // Another connection sees only what is committed: whoever sees the entry sees its alert and its delivery.
    let both = "SELECT (SELECT count(*) FROM entries WHERE call_id = 'loud')
        = (SELECT count(*) FROM alerts JOIN deliveries ON alert_id = id WHERE call_id = 'loud' AND deliveries.state = 'pending')";
    assert_eq!(world.number(both), 1);
    // And the database itself lets it be said once.
    let conn = rusqlite::Connection::open(world.ledger_file()).unwrap();
    let again = "INSERT INTO alerts SELECT NULL, at_ms, level, budget_id, budget_name, window, window_start_ms,
        window_end_ms, threshold, percent, unit, limit_value, used, blocks, exhausted_ms, call_id, state, asks, NULL, NULL, NULL
        FROM alerts";
    assert!(conn.execute(again, []).unwrap_err().to_string().contains("UNIQUE"));
}

#[tokio::test]
async fn an_alert_that_is_off_is_written_and_not_delivered() {
    let world = World::new();
    dollar_a_day(&world, 1.0).await;
    world.put("/v1/settings", json!({"notifications": {"warning": false}})).await.expect(200);
    world.spend("a", "house", 0.85).await.expect(201);
    world.spend("b", "house", 0.11).await.expect(201);
    world.put("/v1/settings", json!({"notifications": {"enabled": false}})).await.expect(200);
    world.spend("c", "house", 0.10).await.expect(201);
    let deliveries: Vec<_> = world.alerts().await.iter().map(|a| a["deliveries"][0]["state"].clone()).collect();
    assert_eq!(deliveries, [json!("off"), json!("pending"), json!("off")], "newest first: exceeded, critical, warning");
    let reasons: Vec<_> = world.alerts().await.iter().map(|a| a["deliveries"][0]["reason"].clone()).collect();
    let (all, warnings) = (json!("notifications are turned off"), json!("warnings are turned off"));
    assert_eq!(reasons, [all, Value::Null, warnings], "and why");
    assert_eq!(world.meter().pending_alerts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_delivery_begins_once_and_is_given_up_rather_than_repeated() {
    let mut world = World::new();
    dollar_a_day(&world, 1.0).await;
    world.spend("a", "house", 0.85).await.expect(201);
    world.spend("b", "house", 0.12).await.expect(201);
    let waiting = world.meter().pending_alerts().await.unwrap();
    let (first, second) = (waiting[0].id, waiting[1].id);
    assert!(world.meter().begin_delivery(first).await.unwrap(), "the first one to take it delivers it");
    assert!(!world.meter().begin_delivery(first).await.unwrap(), "nobody else does");
    world.restart();
    assert!(!world.meter().begin_delivery(first).await.unwrap(), "one that was begun may have been seen");
    assert!(world.meter().begin_delivery(second).await.unwrap(), "one that was not is delivered after a restart");
    assert!(world.meter().end_delivery(second, None).await.unwrap());
    let states: Vec<_> = world.alerts().await.iter().map(|a| a["deliveries"][0]["state"].clone()).collect();
    assert_eq!(states, [json!("delivered"), json!("failed")]);
    assert!(world.meter().pending_alerts().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_alert_is_acknowledged_dismissed_and_found_by_its_state() {
    let mut world = World::new();
    dollar_a_day(&world, 1.0).await;
    world.spend("a", "house", 0.85).await.expect(201);
    world.spend("b", "house", 0.12).await.expect(201);
    let ids: Vec<i64> = world.alerts().await.iter().map(|a| a["id"].as_i64().unwrap()).collect();
    let post = async |path: String| world.owner(Method::POST, &path, None).await;
    assert_eq!(world.get("/v1/status").await.expect(200)["alerts_new"], 2);
    insta::assert_json_snapshot!("alert", world.alerts().await[0]);
    assert_eq!(post(format!("/v1/alerts/{}/acknowledge", ids[0])).await.expect(200)["state"], "acknowledged");
    assert_eq!(post(format!("/v1/alerts/{}/dismiss", ids[1])).await.expect(200)["state"], "dismissed");
    for missing in ["999", "none", "-1"] {
        post(format!("/v1/alerts/{missing}/dismiss")).await.refused(404);
    }
    world.restart();
    assert_eq!(world.get("/v1/status").await.expect(200)["alerts_new"], 0);
    for (query, count) in
        [("state=new", 0), ("state=acknowledged", 1), ("state=dismissed", 1), ("level=critical", 1), ("limit=1", 1)]
    {
        let found = world.get(&format!("/v1/alerts?{query}")).await.expect(200);
        assert_eq!(found["alerts"].as_array().unwrap().len(), count, "{query}");
    }
}
