//! Notifications: what reaches the desktop and when, what waits in quiet hours, and what is told where nothing arrives.

use chrono::TimeDelta;
use chrono_tz::Tz;
use http::Method;
use serde_json::{Value, json};
use spendlight::deliver::deliver;
use spendlight::notify::NotifyError;

use crate::world::World;

/// An evening in Berlin, an hour before its quiet hours, with a dollar a day and a warning budget of two dollars a month.
async fn evening(quiet: Value) -> World {
    let world = World::at("2026-11-22T20:00:00Z", Tz::Europe__Berlin);
    world.budget(json!({"id": "day", "name": "House today", "window": "day", "limit": 1})).await;
    let month = json!({"id": "month", "name": "House this month", "window": "month", "limit": 2, "action": "warn"});
    world.budget(month).await;
    notifications(&world, json!({"quiet_hours": quiet})).await;
    world
}

async fn notifications(world: &World, wanted: Value) {
    world.put("/v1/settings", json!({"notifications": wanted})).await.expect(200);
}

async fn shown(world: &World) -> Vec<(String, String)> {
    deliver(&world.app).await;
    world.screen.take()
}

/// State, end of the wait and reason of each alert's delivery, oldest first.
async fn deliveries(world: &World) -> Vec<Value> {
    let mut alerts = world.alerts().await;
    alerts.reverse();
    let told = |d: &Value| json!([d["state"], d["until"], d["reason"]]);
    alerts.iter().map(|alert| told(&alert["deliveries"][0])).collect()
}

#[tokio::test]
async fn alerts_wait_in_quiet_hours_and_come_as_one_when_they_end() {
    let mut world = evening(json!({"enabled": true})).await;
    world.spend("a", "house", 0.85).await.expect(201);
    assert_eq!(shown(&world).await.len(), 1, "at 21:00 it is not quiet yet");
    world.advance(TimeDelta::hours(2));
    world.spend("b", "house", 0.20).await.expect(201);
    assert_eq!(shown(&world).await, [], "at 23:00 it is");
    let waits = json!(["pending", "2026-11-23T06:00:00.000Z", null]);
    assert_eq!(deliveries(&world).await[1], waits, "the alert is in the list at once, and tells until when it waits");
    world.restart();
    world.advance(TimeDelta::hours(4));
    world.spend("c", "house", 0.96).await.expect(201);
    assert_eq!(shown(&world).await, []);
    world.advance(TimeDelta::hours(4));
    let night = [(
        "3 alerts came in quiet hours".to_owned(),
        "22 Nov 23:00 House has reached today's $1.00\n03:00 House today is at 96 %\n\
         03:00 House is over November's $2.00"
            .to_owned(),
    )];
    assert_eq!(shown(&world).await, night, "at 07:00");
    assert_eq!(shown(&world).await, [], "and not again");
    assert!(deliveries(&world).await.iter().all(|d| d[0] == "delivered" && d[1].is_null()), "nothing waits any more");
}

#[tokio::test]
async fn an_exceeded_limit_goes_through_quiet_hours_where_its_user_lets_it() {
    let world = evening(json!({"enabled": true, "from": "21:00", "let_exceeded_through": true})).await;
    world.spend("a", "house", 0.85).await.expect(201);
    world.spend("b", "house", 0.20).await.expect(201);
    let titles: Vec<_> = shown(&world).await.into_iter().map(|(title, _)| title).collect();
    assert_eq!(titles, ["House has reached today's $1.00"]);
}

#[tokio::test]
async fn what_was_answered_or_turned_off_while_it_waited_is_not_shown() {
    let world = evening(json!({"enabled": true, "from": "21:00"})).await;
    world.spend("a", "house", 0.85).await.expect(201);
    world.spend("b", "house", 0.20).await.expect(201);
    assert_eq!(shown(&world).await, []);
    let id = world.alerts().await[0]["id"].clone();
    world.owner(Method::POST, &format!("/v1/alerts/{id}/dismiss"), None).await.expect(200);
    notifications(&world, json!({"warning": false})).await;
    assert_eq!(shown(&world).await, [], "neither of them");
    let off = |why: &str| json!(["off", null, why]);
    assert_eq!(deliveries(&world).await, [off("warnings are turned off"), off("it was answered before")]);
}

#[tokio::test]
async fn quiet_hours_that_are_turned_off_end() {
    let world = evening(json!({"enabled": true, "from": "21:00"})).await;
    world.spend("a", "house", 0.85).await.expect(201);
    assert_eq!(shown(&world).await, []);
    notifications(&world, json!({})).await;
    assert_eq!(shown(&world).await[0].0, "1 alert came in quiet hours");
}

#[tokio::test]
async fn a_notification_that_fails_tells_why() {
    let world = evening(json!({})).await;
    *world.screen.broken.lock().unwrap() = Some(NotifyError::NoService);
    world.spend("a", "house", 0.85).await.expect(201);
    deliver(&world.app).await;
    let failed = json!(["failed", null, "no program on this desktop shows notifications"]);
    assert_eq!(deliveries(&world).await, [failed]);
}

#[tokio::test]
async fn a_test_is_sent_in_quiet_hours_too_and_tells_what_became_of_it() {
    let world = evening(json!({"enabled": true, "from": "21:00"})).await;
    world.post("/v1/notifications/test", json!({})).await.refused(401);
    let test = async || world.owner(Method::POST, "/v1/notifications/test", None).await.expect(200);
    let sent = test().await;
    assert_eq!(sent["outcome"], "sent");
    assert!(sent["text"].as_str().unwrap().starts_with("Sent. small desktop has taken it"), "{sent}");
    assert_eq!(world.screen.take()[0].0, "This is a test from Spendlight");
    for (error, outcome) in [
        (NotifyError::NoBus, "no_bus"),
        (NotifyError::NoService, "no_service"),
        (NotifyError::Silent, "silent"),
        (NotifyError::Refused("no".to_owned()), "refused"),
    ] {
        *world.screen.broken.lock().unwrap() = Some(error.clone());
        let told = test().await;
        assert_eq!(told["outcome"], outcome);
        assert!(told["text"].as_str().unwrap().starts_with(&format!("Not sent: {error}. ")), "{told}");
    }
    assert_eq!(world.alerts().await.len(), 0, "a test is no alert");
}

#[tokio::test]
async fn a_sound_is_made_where_it_is_wanted_by_what_is_urgent() {
    let world = evening(json!({})).await;
    let sounds = async || {
        deliver(&world.app).await;
        world.screen.shown.lock().unwrap().drain(..).map(|notice| notice.sound).collect::<Vec<_>>()
    };
    notifications(&world, json!({"sound": true})).await;
    world.spend("a", "house", 0.85).await.expect(201);
    assert_eq!(sounds().await, [false], "a warning makes none");
    world.spend("b", "house", 0.11).await.expect(201);
    assert_eq!(sounds().await, [true]);
    notifications(&world, json!({})).await;
    world.spend("c", "house", 0.10).await.expect(201);
    assert_eq!(sounds().await, [false], "unless it is asked for");
}

#[tokio::test]
async fn a_forecast_speaks_once_a_window_of_a_limit_that_will_be_reached_early() {
    let mut world = World::new();
    let budget = |limit: f64| json!({"id": "day", "name": "House today", "window": "day", "limit": limit});
    world.budget(budget(1.0)).await;
    world.spend("a", "house", 0.6).await.expect(201);
    assert_eq!(world.alerts().await.len(), 0, "it is off until it is wanted");
    notifications(&world, json!({"forecast": true})).await;
    world.spend("b", "house", 0.01).await.expect(201);
    let told = world.alerts().await;
    assert_eq!(
        (&told[0]["kind"], &told[0]["level"], &told[0]["threshold"]),
        (&json!("forecast"), &json!("warning"), &json!(0))
    );
    let expected = ("House will reach today's $1.00 at about 19:40", "$0.61 of $1.00 spent.");
    assert_eq!((told[0]["title"].as_str().unwrap(), told[0]["text"].as_str().unwrap()), expected);
    assert_eq!(shown(&world).await[0].0, expected.0);
    world.restart();
    world.spend("c", "house", 0.01).await.expect(201);
    assert_eq!(world.alerts().await.len(), 1, "once, across restarts");
    world.put("/v1/budgets/day", budget(1.1)).await.expect(200);
    world.spend("d", "house", 0.01).await.expect(201);
    assert_eq!(world.alerts().await.len(), 2, "a raised limit is another one");
    world.spend("e", "house", 0.27).await.expect(201);
    let kinds: Vec<_> = world.alerts().await.iter().map(|a| a["kind"].clone()).collect();
    assert_eq!(kinds, [json!("threshold"), json!("forecast"), json!("forecast")], "a threshold speaks for itself");
    world.advance(TimeDelta::minutes(23 * 60 + 30));
    world.spend("f", "house", 0.53).await.expect(201);
    assert_eq!(world.alerts().await.len(), 3, "one that will be reached in the last hour is about on time");
    world.spend("g", "house", 0.04).await.expect(201);
    assert_eq!(world.alerts().await.len(), 4, "the next window speaks again");
}

#[tokio::test]
async fn quiet_hours_are_times_of_day_that_differ() {
    let world = World::new();
    let refused = async |quiet: Value| {
        world.put("/v1/settings", json!({"notifications": {"quiet_hours": quiet}})).await.refused(422)
    };
    assert!(refused(json!({"from": "07:00", "to": "07:00"})).await.contains("notifications.quiet_hours"));
    assert!(refused(json!({"from": "25:00"})).await.contains("25:00"));
    let kept = world.get("/v1/settings").await.expect(200)["notifications"]["quiet_hours"].clone();
    assert_eq!(kept, json!({"enabled": false, "from": "22:00", "to": "07:00", "let_exceeded_through": false}));
}
