//! Snoozed alerts: put aside until a time, back by themselves, and told on the desktop once more; and what a list of alerts
//! is narrowed to.

use chrono::TimeDelta;
use chrono_tz::Tz;
use http::Method;
use serde_json::{Value, json};
use spendlight::deliver::deliver;

use crate::world::World;

/// An afternoon in Berlin, with an alert of a dollar a day that has been told.
async fn afternoon() -> (World, i64) {
    let world = World::at("2026-11-22T13:00:00Z", Tz::Europe__Berlin);
    world.budget(json!({"id": "day", "name": "House today", "window": "day", "limit": 1})).await;
    world.spend("a", "house", 0.85).await.expect(201);
    assert_eq!(shown(&world).await, ["House today is at 85 %"]);
    let id = world.alerts().await[0]["id"].as_i64().unwrap();
    (world, id)
}

/// The titles of what is shown now.
async fn shown(world: &World) -> Vec<String> {
    deliver(&world.app).await;
    world.screen.take().into_iter().map(|(title, _)| title).collect()
}

async fn snooze(world: &World, id: i64, until: &str) -> crate::world::Answer {
    world.owner(Method::POST, &format!("/v1/alerts/{id}/snooze"), Some(json!({ "until": until }))).await
}

async fn found(world: &World, query: &str) -> usize {
    world.get(&format!("/v1/alerts?{query}")).await.expect(200)["alerts"].as_array().unwrap().len()
}

async fn fresh(world: &World) -> Value {
    world.get("/v1/status").await.expect(200)["alerts_new"].clone()
}

fn deliveries(alert: &Value) -> Vec<Value> {
    alert["deliveries"].as_array().unwrap().iter().map(|d| d["state"].clone()).collect()
}

#[tokio::test]
async fn a_snoozed_alert_comes_back_by_itself_and_is_told_once_more() {
    let (mut world, id) = afternoon().await;
    let put_aside = snooze(&world, id, "hour").await.expect(200);
    assert_eq!(
        (&put_aside["state"], &put_aside["snoozed_until"]),
        (&json!("snoozed"), &json!("2026-11-22T14:00:00.000Z"))
    );
    assert_eq!((found(&world, "state=new").await, found(&world, "state=snoozed").await), (0, 1));
    assert_eq!(fresh(&world).await, 0, "the badge does not count what is put aside");
    world.advance(TimeDelta::minutes(59));
    assert!(shown(&world).await.is_empty(), "its time has not come");
    world.restart();
    world.advance(TimeDelta::minutes(1));
    assert_eq!(shown(&world).await, ["1 alert that you snoozed"]);
    assert_eq!(fresh(&world).await, 1);
    let back = world.alerts().await[0].clone();
    assert_eq!((&back["state"], &back["snoozed_until"]), (&json!("new"), &Value::Null));
    assert_eq!(back["returned_at"], "2026-11-22T14:00:00.000Z");
    assert_eq!(deliveries(&back), ["delivered", "delivered"], "both times it was told stay known");
    world.restart();
    assert!(shown(&world).await.is_empty(), "once, and not again");
    snooze(&world, id, "hour").await.expect(200);
    world.advance(TimeDelta::hours(1));
    assert_eq!(shown(&world).await, ["1 alert that you snoozed"], "unless it is put aside again");
}

#[tokio::test]
async fn one_that_is_answered_meanwhile_stays_away() {
    let (world, id) = afternoon().await;
    snooze(&world, id, "hour").await.expect(200);
    world.advance(TimeDelta::minutes(10));
    let path = format!("/v1/alerts/{id}/acknowledge");
    let answered = world.owner(Method::POST, &path, None).await.expect(200);
    assert_eq!((&answered["state"], &answered["snoozed_until"]), (&json!("acknowledged"), &Value::Null));
    assert_eq!(answered["answered_at"], "2026-11-22T13:10:00.000Z");
    world.advance(TimeDelta::hours(2));
    assert!(shown(&world).await.is_empty());
    let again = world.owner(Method::POST, &path, None).await.expect(200);
    assert_eq!(again["answered_at"], answered["answered_at"], "the first time it was answered is the one that counts");
    snooze(&world, id, "hour").await.refused(409);
}

#[tokio::test]
async fn one_that_comes_back_in_quiet_hours_waits_for_their_end() {
    let (world, id) = afternoon().await;
    let quiet = json!({"notifications": {"quiet_hours": {"enabled": true, "from": "22:00", "to": "09:30"}}});
    world.put("/v1/settings", quiet).await.expect(200);
    assert_eq!(snooze(&world, id, "morning").await.expect(200)["snoozed_until"], "2026-11-23T07:00:00.000Z");
    world.advance(TimeDelta::hours(18));
    assert!(shown(&world).await.is_empty(), "at 08:00 it is still quiet");
    assert_eq!(fresh(&world).await, 1, "though it is back in the list");
    world.advance(TimeDelta::minutes(90));
    deliver(&world.app).await;
    let told = world.screen.take();
    let words = ("1 alert that you snoozed".to_owned(), "22 Nov 14:00 House today is at 85 %".to_owned());
    assert_eq!(told, [words], "it tells of when it came, and not that this is so now");
}

#[tokio::test]
async fn one_that_has_not_been_told_yet_is_told_when_it_comes_back_and_only_then() {
    let (world, _) = afternoon().await;
    world.spend("b", "house", 0.12).await.expect(201);
    let id = world.alerts().await[0]["id"].as_i64().unwrap();
    snooze(&world, id, "2026-11-22T13:30:00Z").await.expect(200);
    assert!(shown(&world).await.is_empty(), "it is put aside before anyone was told");
    world.advance(TimeDelta::minutes(30));
    assert_eq!(shown(&world).await, ["1 alert that you snoozed"]);
    assert_eq!(deliveries(&world.alerts().await[0]), ["delivered"], "the delivery that waited is the one that is made");
}

#[tokio::test]
async fn a_snooze_that_cannot_be_is_refused_and_changes_nothing() {
    let (world, id) = afternoon().await;
    for until in ["", "tomorrow", "2026-11-22", "2026-11-22T13:00:00Z", "2026-12-23T13:00:01Z"] {
        let detail = snooze(&world, id, until).await.refused(422);
        assert!(detail.starts_with("until must "), "{until:?}: {detail}");
    }
    for body in [json!({}), json!({"until": 5}), json!({"until": "hour", "for": 1})] {
        world.owner(Method::POST, &format!("/v1/alerts/{id}/snooze"), Some(body)).await.refused(422);
    }
    snooze(&world, 999, "hour").await.refused(404);
    let path = format!("/v1/alerts/{id}/snooze");
    world.post(&path, json!({"until": "hour"})).await.refused(401);
    assert_eq!(world.alerts().await[0]["state"], "new");
}

#[tokio::test]
async fn alerts_are_found_by_their_budget_too() {
    let (world, id) = afternoon().await;
    world.budget(json!({"id": "hour", "window": "hour", "limit": 1})).await;
    world.spend("b", "house", 0.9).await.expect(201);
    assert_eq!((found(&world, "").await, found(&world, "budget=day").await), (3, 2));
    snooze(&world, id, "hour").await.expect(200);
    assert_eq!(found(&world, "budget=day&state=new").await, 1, "narrowed by both");
    world.owner(Method::DELETE, "/v1/budgets/hour", None).await.expect(204);
    assert_eq!(found(&world, "budget=hour").await, 1, "a budget that has been removed keeps its alerts");
    assert_eq!(found(&world, "budget=none").await, 0);
    world.get("/v1/alerts?state=put-aside").await.refused(422);
}
