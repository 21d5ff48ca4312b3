//! Backtests: what a limit would have done, against a replay of every entry that is written down here in plain words.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use spendlight::domain::budget::{Attribution, Scope};
use spendlight::domain::window::{Window, WindowKind, day_of, start_of_day};

use crate::world::{World, nanos, utc};

const NOW: &str = "2026-11-22T14:20:00Z";

struct Call {
    at: DateTime<Utc>,
    provider: String,
    model: String,
    project: Option<String>,
    user: Option<String>,
    nusd: i64,
    tokens: i64,
}

/// Calls of two months, many of them close together, some free, some dear.
async fn past(world: &World) -> Vec<Call> {
    let mut seed = 7_u64;
    let mut dice = move |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    let mut lines = String::new();
    let mut at = utc("2026-09-25T22:10:00Z");
    while at < utc(NOW) {
        at += TimeDelta::milliseconds(
            match dice(4) {
                0 => 400,
                1 => 25_000,
                2 => 1_900_000,
                _ => 21_000_000,
            } * i64::try_from(1 + dice(3)).unwrap(),
        );
        let (provider, model) = [("openai", "gpt-5-mini"), ("openai", "gpt-5-mini-2025-08-07"), ("gemini", "flash")]
            [usize::try_from(dice(3)).unwrap()];
        let cost = [0.0, 0.001, 0.02, 0.3][usize::try_from(dice(4)).unwrap()];
        let mut call = json!({"at": at.to_rfc3339(), "provider": provider, "model": model, "ok": true,
            "cost_usd": cost,
            "input_tokens": dice(900), "output_tokens": dice(100)});
        if dice(3) > 0 {
            call["project"] = json!(["eval", "chat"][usize::try_from(dice(2)).unwrap()]);
        }
        if dice(3) > 0 {
            call["user"] = json!("ann");
        }
        lines.push_str(&format!("{call}\n"));
    }
    let answer = world
        .knock(
            http::Request::post("/v1/record/batch")
                .header("host", "127.0.0.1:7575")
                .header("content-type", "application/x-ndjson")
                .body(lines.into())
                .unwrap(),
        )
        .await;
    answer.expect(200);
    let mut calls = Vec::new();
    let ndjson = world.get("/v1/export?format=ndjson").await.text();
    for line in ndjson.lines() {
        let e: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| e[name].as_str().map(str::to_owned);
        calls.push(Call {
            at: utc(e["at"].as_str().unwrap()),
            provider: text("provider").unwrap(),
            model: text("model").unwrap(),
            project: text("project"),
            user: text("user"),
            nusd: nanos(&e["cost_usd"]),
            tokens: e["input_tokens"].as_i64().unwrap() + e["output_tokens"].as_i64().unwrap(),
        });
    }
    calls
}

/// The rule itself: each window from its beginning, call by call; who would cross is stopped and does not count.
fn replayed(
    calls: &[Call],
    scope: &Scope,
    kind: WindowKind,
    zone: Tz,
    of: fn(&Call) -> i64,
    limit: i64,
    warns: bool,
) -> Value {
    let days = Tz::Europe__Berlin;
    let from = start_of_day(day_of(utc(NOW), days) - TimeDelta::days(29), days);
    let (mut window, mut used) = (Window::holding(kind, from, zone), 0);
    let (mut stopped, mut on, mut seen) = (Vec::new(), Vec::new(), 0);
    for call in calls {
        let whose = Attribution {
            provider: &call.provider,
            model: &call.model,
            project: call.project.as_deref(),
            user: call.user.as_deref(),
            key: None,
        };
        if call.at < window.start || !scope.matches(&whose) {
            continue;
        }
        if !window.contains(call.at) {
            (window, used) = (Window::holding(kind, call.at, zone), 0);
        }
        let crosses = used + of(call) > limit;
        if !crosses || warns {
            used += of(call);
        }
        if call.at >= from {
            seen += 1;
            if crosses {
                stopped.push(call.at);
                on.push(day_of(call.at, days));
            }
        }
    }
    on.dedup();
    json!({"calls": seen, "stopped": stopped.len(), "days": on.len(),
        "first_at": stopped.first().map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))})
}

#[tokio::test]
async fn a_backtest_is_the_replay_of_every_call_in_its_window() {
    let world = World::at(NOW, Tz::Europe__Berlin);
    let calls = past(&world).await;
    assert!(calls.len() > 300, "there is enough to go through: {}", calls.len());
    let scope = |provider: &str, model: &str, project: &str, user: &str| {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Scope { provider: given(provider), model: given(model), project: given(project), user: given(user), key: None }
    };
    let scopes = [
        scope("", "", "", ""),
        scope("openai", "gpt-5-mini", "", ""),
        scope("", "gpt-5*", "eval", ""),
        scope("gemini", "", "", "ann"),
    ];
    let mut stops = 0;
    for kind in WindowKind::ALL {
        for (zone, name) in [(Tz::Europe__Berlin, ""), (Tz::UTC, "UTC"), (Tz::Asia__Kolkata, "Asia/Kolkata")] {
            for scope in &scopes {
                for (unit, limit, parts, of) in [
                    ("usd", "0.02", 20_000_000, (|call| call.nusd) as fn(&Call) -> i64),
                    ("usd", "0.9", 900_000_000, |call| call.nusd),
                    ("usd", "21", 21_000_000_000, |call| call.nusd),
                    ("tokens", "1900", 1_900, |call| call.tokens),
                    ("requests", "3", 3, |_| 1),
                ] {
                    for action in ["block", "warn"] {
                        let given = |name: &str, text: &Option<String>| {
                            text.as_deref().map(|text| format!("&{name}={text}")).unwrap_or_default()
                        };
                        let zone_given = if name.is_empty() { String::new() } else { format!("&time_zone={name}") };
                        let path = format!(
                            "/v1/backtest?window={}&unit={unit}&limit={limit}&action={action}{zone_given}{}{}{}{}",
                            kind.as_str(),
                            given("provider", &scope.provider),
                            given("model", &scope.model),
                            given("project", &scope.project),
                            given("user", &scope.user),
                        );
                        let mut told = world.get(&path).await.expect(200);
                        for span in ["from", "to"] {
                            told.as_object_mut().unwrap().remove(span);
                        }
                        let expected = replayed(&calls, scope, kind, zone, of, parts, action == "warn");
                        stops += expected["stopped"].as_i64().unwrap();
                        assert_eq!(told, expected, "{path}");
                    }
                }
            }
        }
    }
    assert!(stops > 10_000, "limits were crossed: {stops}");
}

#[tokio::test]
async fn a_backtest_keeps_back_what_its_budget_keeps_back() {
    let world = World::new();
    for (id, cost) in [("a", 0.5), ("b", 0.4), ("c", 0.1)] {
        world.spend(id, "house", cost).await.expect(201);
    }
    let stopped = async |rest: &str| {
        world.get(&format!("/v1/backtest?window=day&limit=1{rest}")).await.expect(200)["stopped"].clone()
    };
    assert_eq!(stopped("").await, 0, "all of it fits to the last nano-dollar");
    assert_eq!(stopped("&buffer=0.000000001").await, 1);
    assert_eq!(stopped("&buffer=0.1").await, 1);
    assert_eq!(stopped("&buffer=0.4").await, 1, "a call that is stopped leaves room for a smaller one");
}

#[tokio::test]
async fn a_backtest_of_what_is_no_budget_names_the_field() {
    let world = World::new();
    for (query, field) in [
        ("window=day&limit=0", "limit"),
        ("window=day&limit=x", "limit"),
        ("window=day&unit=tokens&limit=1.5", "limit"),
        ("window=day&limit=1&buffer=1", "buffer"),
        ("window=year&limit=1", "window"),
        ("window=day&limit=1&time_zone=Mars", "time_zone"),
    ] {
        let answer = world.get(&format!("/v1/backtest?{query}")).await;
        let detail = answer.refused(422);
        assert!(detail.contains(field), "{query}: {detail}");
    }
}
