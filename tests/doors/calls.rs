//! Check, reserve and release: what a script is told before its call.

use chrono::TimeDelta;
use http::Method;
use serde_json::json;

use crate::world::{World, masked, nanos};

fn dollar_a_day() -> serde_json::Value {
    json!({"id": "day", "name": "House today", "scope": {"provider": "house"}, "window": "day", "limit": 1})
}

#[tokio::test]
async fn an_allowed_check_tells_the_ceiling_and_where_every_budget_stands() {
    let world = World::with_first_budgets();
    let body = json!({"provider": "openai", "model": "gpt-5-mini", "input_tokens": 1200, "max_output_tokens": 800,
        "project": "eval", "call_id": "one"});
    let answer = world.check(body).await;
    let verdict = answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!((&verdict["allowed"], &verdict["reserved"]), (&json!(true), &json!(false)), "nothing is held unasked");
    insta::assert_json_snapshot!(masked(verdict, &["cost_usd"]));
}

#[tokio::test]
async fn a_denied_check_is_402_and_says_what_would_still_go() {
    let world = World::new();
    world.budget(dollar_a_day()).await;
    world.spend("spent", "house", 0.75).await.expect(201);
    let answer = world.check(json!({"provider": "house", "model": "m", "cost_usd": 0.5, "call_id": "two"})).await;
    let verdict = answer.expect(402);
    assert_eq!(answer.header("x-should-retry"), Some("false"), "asking again at once is pointless");
    assert_eq!(verdict["reason"], "budget_exceeded");
    assert_eq!(verdict["binding"]["budget"], "day");
    assert_eq!(nanos(&verdict["fits"]["cost_usd"]), 250_000_000, "a quarter is left");
    insta::assert_json_snapshot!(verdict);
}

#[tokio::test]
async fn the_state_tells_how_many_calls_were_denied_and_since_when_across_restarts() {
    let mut world = World::at("2026-11-22T12:00:00Z", chrono_tz::Tz::UTC);
    world.budget(dollar_a_day()).await;
    world.spend("spent", "house", 1.0).await.expect(201);
    let call = || json!({"provider": "house", "model": "m", "cost_usd": 0.5});
    let status = async |world: &World| world.get("/v1/status").await.expect(200);
    assert_eq!(status(&world).await["budgets"][0]["denied_calls"], 0);
    world.check(call()).await.expect(402);
    world.advance(TimeDelta::minutes(10));
    let mut reserve = call();
    reserve["reserve"] = json!(true);
    world.check(reserve).await.expect(402);
    world.check(json!({"provider": "elsewhere", "model": "m", "cost_usd": 0.5})).await.expect(200);
    for _ in 0..2 {
        assert_eq!(world.alerts().await[0]["denied_calls"], 2, "and so does the alert of that limit");
        let told = status(&world).await;
        assert_eq!(told["reason"], "2 calls denied since 12:00.");
        let budget = &told["budgets"][0];
        assert_eq!((&budget["denied_calls"], &budget["denied_since"]), (&json!(2), &json!("2026-11-22T12:00:00.000Z")));
        world.restart();
    }
    world.check(call()).await.expect(402);
    world.meter().write_denied().await;
    world.restart();
    let budget = &status(&world).await["budgets"][0];
    assert_eq!(
        (&budget["denied_calls"], &budget["denied_since"]),
        (&json!(3), &json!("2026-11-22T12:00:00.000Z")),
        "what comes later is added"
    );

    world.put("/v1/budgets/day", json!({"name": "House today", "window": "day", "limit": 1.1})).await.expect(200);
    world.check(call()).await.expect(402);
    let told = status(&world).await;
    assert_eq!(told["budgets"][0]["denied_calls"], 1, "another limit denies anew");
    assert_ne!(told["reason"], "1 call denied since 12:10.", "a budget with something left tells its pace");
    world.advance(TimeDelta::days(1));
    world.restart();
    assert_eq!(status(&world).await["budgets"][0]["denied_calls"], 0, "and so does another day");
    assert_eq!(world.number("SELECT count(*) FROM denials"), 2, "what an alert tells of is kept");
}

#[tokio::test]
async fn every_budget_that_denies_a_call_counts_it_and_one_that_is_gone_is_forgotten() {
    let mut world = World::new();
    for (id, window, action) in [("day", "day", "block"), ("cap", "total", "block"), ("hint", "day", "warn")] {
        world.budget(json!({"id": id, "window": window, "limit": 0.1, "action": action})).await;
    }
    world.check(json!({"provider": "house", "model": "m", "cost_usd": 0.5})).await.expect(402);
    for (id, calls) in [("day", 1), ("cap", 1), ("hint", 0)] {
        assert_eq!(world.standing(id).await["denied_calls"], calls, "{id}");
    }
    world.owner(Method::DELETE, "/v1/budgets/cap", None).await.expect(204);
    world.restart();
    world.restart();
    assert_eq!(world.standing("day").await["denied_calls"], 1);
    assert_eq!(world.number("SELECT count(*) FROM denials"), 1, "a budget that is gone denies nothing");
}

#[tokio::test]
async fn a_pause_tells_how_many_calls_it_has_denied() {
    let mut world = World::new();
    let call = || json!({"provider": "house", "model": "m", "cost_usd": 0.5});
    let reason = async |world: &World| world.get("/v1/status").await.expect(200)["reason"].as_str().unwrap().to_owned();
    for pause in 1..=2 {
        world.owner(Method::POST, "/v1/pause", None).await.expect(200);
        assert!(!reason(&world).await.contains("denied"), "nothing is said before there is something to say");
        for _ in 0..3 {
            assert_eq!(world.check(call()).await.expect(402)["reason"], "paused");
        }
        assert!(reason(&world).await.contains("3 calls denied so far."), "of pause {pause} alone");
        world.restart();
        assert!(reason(&world).await.contains("3 calls denied so far."), "after a restart too");
        world.owner(Method::POST, "/v1/resume", None).await.expect(200);
        world.advance(TimeDelta::seconds(1));
        assert!(!reason(&world).await.contains("denied"));
    }
    world.restart();
    assert_eq!(world.number("SELECT count(*) FROM denials"), 0, "pauses that are over are forgotten");
}

#[tokio::test]
async fn a_window_of_a_minute_or_an_hour_denies_with_429_and_when_to_come_back() {
    for (window, seconds) in [("minute", 45), ("hour", 45 + 59 * 60)] {
        let world = World::new();
        world.budget(json!({"id": "rate", "window": window, "unit": "requests", "limit": 1, "thresholds": [99]})).await;
        world.advance(TimeDelta::seconds(15));
        world.spend("spent", "house", 0.0).await.expect(201);
        let ask = || world.check(json!({"provider": "house", "model": "m", "cost_usd": 0.1}));
        let answer = ask().await;
        assert_eq!(answer.expect(429)["reason"], "budget_exceeded");
        let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((seconds..=seconds + 1).contains(&wait), "{window}: {wait} s must be what is left of the window");
        world.advance(TimeDelta::seconds(wait));
        ask().await.expect(200);
    }
}

#[tokio::test]
async fn of_two_denying_budgets_the_one_that_frees_up_last_binds() {
    let world = World::new();
    for window in ["minute", "day", "month"] {
        world.budget(json!({"id": window, "window": window, "limit": 0.1})).await;
    }
    let answer = world.check(json!({"provider": "house", "model": "m", "cost_usd": 0.2})).await;
    assert_eq!(answer.expect(402)["binding"]["budget"], "month", "waiting a minute would not help");
}

#[tokio::test]
async fn fits_is_what_goes_and_one_token_more_does_not() {
    let world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 0.01})).await;
    let ask = |tokens: u64| json!({"provider": "openai", "model": "gpt-5-mini", "input_tokens": 500, "max_output_tokens": tokens});
    let fits = world.check(ask(1_000_000)).await.expect(402)["fits"]["max_output_tokens"].as_u64().unwrap();
    assert!(fits > 0, "a cent buys something");
    world.check(ask(fits)).await.expect(200);
    world.check(ask(fits + 1)).await.expect(402);
}

#[tokio::test]
async fn a_reservation_is_held_until_it_is_recorded_released_or_lapses() {
    let world = World::new();
    world.budget(dollar_a_day()).await;
    let hold = |id: &str, cost: f64| json!({"provider": "house", "model": "m", "cost_usd": cost, "reserve": true, "ttl_seconds": 60, "call_id": id});
    let held = world.check(hold("a", 0.4)).await.expect(200);
    assert_eq!((&held["reserved"], &held["expires_at"]), (&json!(true), &json!("2026-11-22T12:01:00.000Z")));
    world.check(hold("b", 0.3)).await.expect(200);
    world.check(hold("c", 0.3)).await.expect(200);
    world.check(hold("d", 0.1)).await.expect(402);
    assert_eq!(nanos(&world.standing("day").await["reserved"]), 1_000_000_000);
    // Recorded: what was held makes place for what was spent.
    world.spend("a", "house", 0.1).await.expect(201);
    let standing = world.standing("day").await;
    assert_eq!((nanos(&standing["used"]), nanos(&standing["reserved"])), (100_000_000, 600_000_000));
    // Released: nothing is left of it, and twice is as good as once.
    for _ in 0..2 {
        world.post("/v1/release", json!({"call_id": "b"})).await.expect(204);
    }
    assert_eq!(nanos(&world.standing("day").await["reserved"]), 300_000_000);
    // Lapsed: at its deadline, not before.
    world.advance(TimeDelta::milliseconds(59_999));
    assert_eq!(nanos(&world.standing("day").await["reserved"]), 300_000_000, "a minute is not over");
    world.advance(TimeDelta::milliseconds(1));
    assert_eq!(nanos(&world.standing("day").await["reserved"]), 0, "a deadline that is reached lapses");
    // A call that goes on after its hold has lapsed is recorded all the same: the money is spent.
    world.spend("c", "house", 0.2).await.expect(201);
    assert_eq!(nanos(&world.standing("day").await["used"]), 300_000_000);
}

#[tokio::test]
async fn a_call_is_reserved_once() {
    let world = World::new();
    world.budget(dollar_a_day()).await;
    let hold =
        |cost: f64| json!({"provider": "house", "model": "m", "cost_usd": cost, "reserve": true, "call_id": "same"});
    let first = world.check(hold(0.2)).await.expect(200);
    let second = world.check(hold(0.2)).await.expect(200);
    assert_eq!(first["expires_at"], second["expires_at"], "the same thing asked twice is held once");
    assert_eq!(nanos(&world.standing("day").await["reserved"]), 200_000_000);
    assert!(world.check(hold(0.3)).await.refused(409).contains("same"), "another ceiling is another call");
    world.post("/v1/release", json!({"call_id": "same"})).await.expect(204);
    assert!(world.check(hold(0.2)).await.refused(409).contains("released"), "a resolved call does not begin again");
    world.spend("spent", "house", 0.1).await.expect(201);
    let again = json!({"provider": "house", "model": "m", "cost_usd": 0.1, "reserve": true, "call_id": "spent"});
    assert!(world.check(again).await.refused(409).contains("recorded"), "nor does a recorded one");
}

#[tokio::test]
async fn a_release_of_nothing_is_said() {
    let world = World::new();
    world.post("/v1/release", json!({"call_id": "never"})).await.refused(404);
    world.check(json!({"provider": "house", "model": "m", "cost_usd": 0, "reserve": true, "call_id": "a"})).await;
    world.spend("a", "house", 0.0).await.expect(201);
    assert!(world.post("/v1/release", json!({"call_id": "a"})).await.refused(409).contains("recorded"));
    assert!(world.post("/v1/release", json!({})).await.refused(422).contains("call_id"));
}

#[tokio::test]
async fn the_pause_switch_denies_every_check_and_no_record() {
    let world = World::new();
    let ask = || world.check(json!({"provider": "house", "model": "m", "cost_usd": 0.1}));
    ask().await.expect(200);
    let status = world.owner(Method::POST, "/v1/pause", None).await.expect(200);
    assert_eq!(status["state"], "paused");
    assert_eq!(ask().await.expect(402)["reason"], "paused", "even where no budget limits anything");
    world.spend("went", "house", 0.1).await.expect(201);
    world.owner(Method::POST, "/v1/resume", None).await.expect(200);
    ask().await.expect(200);
}

#[tokio::test]
async fn what_nobody_says_of_a_call_is_taken_to_be_large() {
    let world = World::new();
    let ceiling = |body: serde_json::Value| async {
        let verdict = world.check(body).await.expect(200);
        let count = |name: &str| verdict["ceiling"][name].as_u64().unwrap();
        (count("input_tokens"), count("output_tokens"))
    };
    let model = json!({"provider": "openai", "model": "gpt-5-mini"});
    let with = |fields: serde_json::Value| {
        let mut body = model.clone();
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    };
    assert_eq!(ceiling(model.clone()).await, (1_000, 4_096));
    assert_eq!(ceiling(with(json!({"input_tokens": 7}))).await, (7, 4_096));
    assert_eq!(ceiling(with(json!({"max_output_tokens": 10, "n": 3}))).await, (1_000, 30), "n answers, n times");
    assert_eq!(ceiling(with(json!({"estimated_tokens": 90, "input_tokens": 40}))).await, (40, 50));
}
