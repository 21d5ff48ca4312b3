//! What the owner changes: budgets and settings, and what the meter does from then on.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use spendlight::login::AtLogin;

use crate::world::{World, nanos, utc};

#[tokio::test]
async fn a_first_start_has_four_budgets_that_block() {
    let folder = tempfile::tempdir().unwrap();
    let clock = spendlight::clock::Clock::simulated(utc(crate::world::NOON));
    let mut world = World::open_in(folder, clock, String::new());
    let told = |answer: Value| -> Vec<(String, i64, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let budgets = answer["budgets"].as_array().unwrap().clone();
        budgets.iter().map(|b| (text(&b["id"]), nanos(&b["limit"]), text(&b["action"]))).collect()
    };
    let expected = [("openai-day", 1_000), ("openai-month", 10_000), ("gemini-day", 800), ("gemini-month", 8_000)]
        .map(|(id, thousandths)| (id.to_owned(), thousandths * 1_000_000, "block".to_owned()));
    assert_eq!(told(world.get("/v1/budgets").await.expect(200)), expected);
    world.owner(Method::DELETE, "/v1/budgets/gemini-day", None).await.expect(204);
    world.restart();
    assert_eq!(told(world.get("/v1/budgets").await.expect(200)).len(), 3, "what the owner removed stays removed");
}

#[tokio::test]
async fn a_budget_is_added_read_replaced_and_removed() {
    let world = World::new();
    let body = json!({"scope": {"provider": "google"}, "window": "day", "limit": 0.5});
    let added = world.budget(body.clone()).await;
    assert_eq!((&added["id"], &added["scope"]["provider"]), (&json!("gemini-day"), &json!("gemini")));
    assert_eq!(world.budget(body).await["id"], "gemini-day-2", "a made id is not taken twice");
    let same = json!({"id": "gemini-day", "window": "day", "limit": 1});
    world.owner(Method::POST, "/v1/budgets", Some(same.clone())).await.refused(409);
    let mut changed = world.get("/v1/budgets/gemini-day").await.expect(200);
    changed["limit"] = json!(0.75);
    changed["action"] = json!("warn");
    let replaced = world.put("/v1/budgets/gemini-day", changed.clone()).await.expect(200);
    assert_eq!(replaced, changed, "what is read can be sent back");
    world.put("/v1/budgets/other", changed).await.refused(422);
    world.put("/v1/budgets/none", json!({"window": "day", "limit": 1})).await.refused(404);
    world.owner(Method::DELETE, "/v1/budgets/gemini-day", None).await.expect(204);
    world.owner(Method::DELETE, "/v1/budgets/gemini-day", None).await.refused(404);
    world.get("/v1/budgets/gemini-day").await.refused(404);
}

#[tokio::test]
async fn an_unsound_budget_names_its_field() {
    let world = World::new();
    for (field, value) in [
        ("limit", json!(0)),
        ("limit", json!(-1)),
        ("limit", json!("1")),
        ("limit", json!(1e12)),
        ("buffer", json!(1)),
        ("buffer", json!(-0.1)),
        ("thresholds", json!([])),
        ("thresholds", json!([95, 80])),
        ("thresholds", json!([100])),
        ("thresholds", json!([80.5])),
        ("window", json!("year")),
        ("unit", json!("euro")),
        ("action", json!("shout")),
        ("time_zone", json!("Mars/Olympus")),
        ("name", json!("")),
        ("id", json!("a/b")),
        ("scope", json!({"colour": "red"})),
        ("scope", json!({"provider": ""})),
        ("override", json!({"limit": 0, "until": "2026-11-23T00:00:00Z"})),
        ("override", json!({"limit": 2})),
        ("enabled", json!("yes")),
        ("color", json!(1)),
    ] {
        let mut body = json!({"window": "day", "limit": 1});
        body[field] = value.clone();
        let answer = world.owner(Method::POST, "/v1/budgets", Some(body)).await;
        let detail = answer.refused(422);
        assert!(detail.contains(field), "{field}: {value} must be named: {detail}");
    }
    for unit in ["tokens", "requests"] {
        let body = json!({"window": "day", "limit": 1.5, "unit": unit});
        assert!(world.owner(Method::POST, "/v1/budgets", Some(body)).await.refused(422).contains("limit"));
    }
    assert_eq!(world.get("/v1/budgets").await.expect(200)["budgets"], json!([]), "nothing is written");
}

#[tokio::test]
async fn a_budget_counts_its_scope_from_before_it_was_made() {
    let mut world = World::new();
    for (id, provider, model, project, user) in [
        ("a", "house", "big-1", Some("eval"), Some("ann")),
        ("b", "house", "big-2", None, None),
        ("c", "house", "small", Some("eval"), None),
        ("d", "other", "big-1", Some("eval"), Some("ann")),
    ] {
        let mut body = json!({"call_id": id, "provider": provider, "model": model, "cost_usd": 0.1,
            "input_tokens": 30, "output_tokens": 12});
        body["project"] = json!(project);
        body["user"] = json!(user);
        world.record(body).await.expect(201);
    }
    let cases = [
        ("all", json!({}), 4),
        ("provider", json!({"provider": "house"}), 3),
        ("model", json!({"model": "big-1"}), 2),
        ("family", json!({"provider": "house", "model": "big*"}), 2),
        ("project", json!({"project": "eval"}), 3),
        ("user", json!({"user": "ann"}), 2),
        ("both", json!({"user": "ann", "provider": "house"}), 1),
        ("key", json!({"key": "k"}), 0),
    ];
    for (id, scope, _) in &cases {
        for unit in ["usd", "tokens", "requests"] {
            let name = format!("{id}-{unit}");
            world.budget(json!({"id": name, "scope": scope, "window": "day", "unit": unit, "limit": 1000})).await;
        }
    }
    for restarted in [false, true] {
        for (id, _, calls) in &cases {
            let used = async |unit: &str| world.standing(&format!("{id}-{unit}")).await["used"].clone();
            assert_eq!(nanos(&used("usd").await), calls * 100_000_000, "{id}, restarted: {restarted}");
            assert_eq!(used("tokens").await, json!(calls * 42), "{id}, restarted: {restarted}");
            assert_eq!(used("requests").await, json!(calls), "{id}, restarted: {restarted}");
        }
        world.restart();
    }
}

#[tokio::test]
async fn a_buffer_is_kept_back_and_a_warning_budget_lets_go() {
    let world = World::new();
    world.budget(json!({"id": "tokens", "window": "day", "unit": "tokens", "limit": 1000, "buffer": 50})).await;
    let ask = |tokens: u64| {
        world.check(json!({"provider": "house", "model": "m", "cost_usd": 0, "estimated_tokens": tokens}))
    };
    ask(950).await.expect(200);
    assert_eq!(ask(951).await.expect(402)["fits"]["max_output_tokens"], 950 - 951 + 1);
    world
        .put(
            "/v1/budgets/tokens",
            json!({"window": "day", "unit": "tokens", "limit": 1000, "buffer": 50, "action": "warn"}),
        )
        .await;
    let verdict = ask(5_000).await.expect(200);
    assert_eq!(verdict["warnings"].as_array().unwrap().len(), 1, "it goes, and that is said: {verdict}");
    world.put("/v1/budgets/tokens", json!({"window": "day", "unit": "tokens", "limit": 10, "enabled": false})).await;
    assert_eq!(ask(5_000).await.expect(200)["budgets"], json!([]), "a budget that is off limits nothing");
}

#[tokio::test]
async fn a_raised_limit_holds_until_its_time() {
    let mut world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 1})).await;
    world.spend("a", "house", 1.0).await.expect(201);
    let ask =
        async |world: &World| world.check(json!({"provider": "house", "model": "m", "cost_usd": 0.5})).await.status;
    assert_eq!(ask(&world).await, 402);
    let raised = json!({"window": "day", "limit": 1, "override": {"limit": 2, "until": "2026-11-22T13:00:00Z"}});
    world.put("/v1/budgets/day", raised).await.expect(200);
    world.restart();
    assert_eq!(ask(&world).await, 200, "raised, also after a restart");
    world.advance(TimeDelta::minutes(59) + TimeDelta::milliseconds(59_999));
    assert_eq!(ask(&world).await, 200);
    world.advance(TimeDelta::milliseconds(1));
    assert_eq!(ask(&world).await, 402, "and not a moment longer");
}

/// A session that starts what it is told, or takes nothing.
#[derive(Clone, Default)]
struct Session {
    on: Arc<AtomicBool>,
    broken: bool,
}

impl AtLogin for Session {
    fn is_on(&self) -> io::Result<bool> {
        Ok(self.on.load(Ordering::Relaxed))
    }

    fn turn(&self, on: bool) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("the folder is read-only"));
        }
        self.on.store(on, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn starting_at_login_is_the_sessions_to_keep_and_only_where_there_is_a_tray() {
    let world = World::new();
    assert_eq!(world.get("/v1/settings").await.expect(200)["start_at_login"], Value::Null);
    let detail = world.put("/v1/settings", json!({"start_at_login": true})).await.refused(409);
    assert!(detail.contains("tray"), "{detail}");
    let session = Session::default();
    world.app.can_start_at_login(Box::new(session.clone()));
    let on = world.put("/v1/settings", json!({"start_at_login": true, "start_hidden": true})).await.expect(200);
    assert_eq!((&on["start_at_login"], &on["start_hidden"]), (&json!(true), &json!(true)));
    session.on.store(false, Ordering::Relaxed);
    let told = world.get("/v1/settings").await.expect(200);
    assert_eq!(told["start_at_login"], false, "what the session's own settings turned off is told as off");
    world.put("/v1/settings", json!({"start_at_login": "yes"})).await.refused(422);
}

#[tokio::test]
async fn a_session_that_refuses_changes_nothing_and_says_why() {
    let world = World::new();
    world.app.can_start_at_login(Box::new(Session { broken: true, ..Session::default() }));
    let detail = world.put("/v1/settings", json!({"start_at_login": true, "theme": "dark"})).await.refused(500);
    assert!(detail.contains("the folder is read-only"), "{detail}");
    assert_eq!(world.get("/v1/settings").await.expect(200)["theme"], "system");
}

#[tokio::test]
async fn amounts_are_shown_in_another_currency_and_counted_in_dollars() {
    let mut world = World::new();
    let dollars = json!({"code": "USD", "rate": 1, "since": null});
    assert_eq!(world.get("/v1/settings").await.expect(200)["currency"], dollars);
    world.budget(json!({"id": "day", "window": "day", "limit": 1})).await;
    world.spend("a", "house", 0.5).await.expect(201);
    let euros = json!({"code": "EUR", "rate": 0.92, "since": "2026-11-01"});
    let set = world.put("/v1/settings", json!({ "currency": euros })).await.expect(200);
    assert_eq!(set["currency"], euros, "what is read can be sent back");
    world.restart();
    let status = world.get("/v1/status").await.expect(200);
    assert_eq!(status["currency"], euros, "every window hears of it with the status");
    assert_eq!((&status["today"]["cost_usd"], &status["budgets"][0]["limit"]), (&json!(0.5), &json!(1)));
    let today = world.put("/v1/settings", json!({"currency": {"code": "JPY", "rate": 150}})).await.expect(200);
    assert_eq!(today["currency"]["since"], "2026-11-22", "a rate without a day is today's");
    for (field, value) in [
        ("currency.code", json!({"code": "euro", "rate": 1})),
        ("currency.rate", json!({"code": "EUR"})),
        ("currency.rate", json!({"code": "EUR", "rate": 0})),
        ("currency.rate", json!({"code": "EUR", "rate": "0.92"})),
        ("currency.since", json!({"code": "EUR", "rate": 1, "since": "2026-11-23"})),
        ("currency.since", json!({"code": "EUR", "rate": 1, "since": "November"})),
    ] {
        let detail = world.put("/v1/settings", json!({ "currency": value })).await.refused(422);
        assert!(detail.contains(field), "{field} must be named: {detail}");
    }
    let back = world.put("/v1/settings", json!({"currency": {"code": "USD"}})).await.expect(200);
    assert_eq!(back["currency"], dollars);
}

#[tokio::test]
async fn the_window_is_asked_for_at_a_view() {
    let world = World::new();
    let show = async |body: Value| world.owner(Method::POST, "/v1/show", Some(body)).await;
    show(json!({"fragment": "#/alerts"})).await.refused(409);
    world.app.has_window();
    let mut events = world.app.events.subscribe();
    for (body, told) in
        [(Some(json!({"fragment": "#/alerts"})), r##"{"fragment":"#/alerts"}"##), (Some(json!({})), "{}"), (None, "{}")]
    {
        world.owner(Method::POST, "/v1/show", body).await.expect(204);
        let event = events.try_recv().unwrap();
        assert_eq!((event.name, &*event.json), ("show", told));
    }
    for wrong in [json!({"fragment": "javascript:1"}), json!({"fragment": 1}), json!({"view": "#/alerts"})] {
        show(wrong).await.refused(422);
    }
    assert!(events.try_recv().is_err(), "nothing is shown that was refused");
}

#[tokio::test]
async fn whoever_listens_hears_of_changed_settings() {
    let world = World::new();
    let mut events = world.app.events.subscribe();
    world.put("/v1/settings", json!({"theme": "dark"})).await.expect(200);
    let event = events.try_recv().expect("every window follows the theme at once");
    let body: Value = serde_json::from_str(&event.json).unwrap();
    assert_eq!((event.name, &body["theme"]), ("settings", &json!("dark")));
}

#[tokio::test]
async fn settings_change_one_by_one_and_stay() {
    let mut world = World::new();
    world.put("/v1/settings", json!({"theme": "dark"})).await.expect(200);
    world.put("/v1/settings", json!({"notifications": {"warning": false}})).await.expect(200);
    world.put("/v1/settings", json!({"time_zone": "Asia/Kolkata"})).await.expect(200);
    world.put("/v1/settings", json!({"start_hidden": true})).await.expect(200);
    world.restart();
    let settings = world.get("/v1/settings").await.expect(200);
    assert_eq!((&settings["theme"], &settings["time_zone"]), (&json!("dark"), &json!("Asia/Kolkata")));
    assert_eq!((&settings["notifications"]["warning"], &settings["start_hidden"]), (&json!(false), &json!(true)));
    for (field, value) in [
        ("time_zone", json!("Nowhere")),
        ("theme", json!("pink")),
        ("unknown_price", json!("guess")),
        ("notifications", json!({"loud": true})),
        ("paused", json!(true)),
    ] {
        let mut body = json!({});
        body[field] = value;
        let detail = world.put("/v1/settings", body).await.refused(422);
        assert!(detail.contains(field) || detail.contains("loud"), "{field} must be named: {detail}");
    }
    assert_eq!(world.get("/v1/settings").await.expect(200)["theme"], "dark");
}
