//! The ledger as a file: who may open it, what a restart reads from it, and what the database refuses whoever asks.

use chrono::TimeDelta;
use serde_json::{Value, json};
use spendlight::clock::Clock;
use spendlight::ledger::{FILE, LedgerError, Owner, OwnerError};
use spendlight::meter::Opening;

use crate::world::{NOON, World, nanos, utc};

#[tokio::test]
async fn a_restart_tells_exactly_what_was_told_before() {
    let mut world = World::with_first_budgets();
    world
        .budget(json!({"id": "user", "scope": {"user": "ann"}, "window": "week", "limit": 300, "unit": "requests"}))
        .await;
    world.budget(json!({"id": "all", "window": "total", "limit": 30, "buffer": 1, "action": "warn"})).await;
    for n in 0..40_i64 {
        let at = world.clock.now() - TimeDelta::hours(n * 7 % 100);
        let body = json!({"call_id": format!("c{n}"), "provider": if n % 3 == 0 { "openai" } else { "gemini" },
            "model": "m", "cost_usd": 0.03, "input_tokens": n, "output_tokens": 1, "at": at.to_rfc3339(),
            "user": if n % 2 == 0 { "ann" } else { "bob" }, "session": format!("s{}", n % 4), "latency_ms": n * 50});
        world.record(body).await.expect(201);
    }
    for n in 0..5 {
        let ask = json!({"provider": "house", "model": "m", "cost_usd": 0.1, "reserve": true, "ttl_seconds": 600 + n,
            "user": "ann", "call_id": format!("held{n}")});
        world.check(ask).await.expect(200);
    }
    let tell = async |world: &World| {
        let mut told = Vec::new();
        for path in [
            "/v1/status",
            "/v1/summary",
            "/v1/usage?by=user",
            "/v1/budgets",
            "/v1/alerts",
            "/metrics",
            "/v1/entries?limit=500",
            "/v1/chart.json?range=30d",
            "/v1/export?format=ndjson",
        ] {
            told.push((path, world.get(path).await.text()));
        }
        told
    };
    let before = tell(&world).await;
    world.restart();
    for ((path, before), (_, after)) in before.iter().zip(tell(&world).await) {
        assert_eq!(*before, after, "{path} is the same after a restart");
    }
}

#[tokio::test]
async fn reservations_survive_a_restart_and_lapse_at_their_deadline() {
    let mut world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 1})).await;
    for (id, ttl) in [("short", 60), ("long", 600)] {
        let ask = json!({"provider": "house", "model": "m", "cost_usd": 0.4, "reserve": true, "ttl_seconds": ttl, "call_id": id});
        world.check(ask).await.expect(200);
    }
    let reserved = async |world: &World| nanos(&world.standing("day").await["reserved"]);
    world.restart();
    assert_eq!(reserved(&world).await, 800_000_000);
    world.close();
    world.advance(TimeDelta::seconds(60));
    world.restart();
    assert_eq!(reserved(&world).await, 400_000_000, "what came due while nobody ran has lapsed");
    world.advance(TimeDelta::seconds(540));
    assert_eq!(reserved(&world).await, 0);
    world.restart();
    assert_eq!(reserved(&world).await, 0);
    assert_eq!(world.number("SELECT count(*) FROM reservations WHERE resolution = 'lapsed'"), 2);
}

#[tokio::test]
async fn a_newer_ledger_is_refused_with_a_plain_sentence() {
    let mut world = World::new();
    world.spend("a", "house", 0.1).await.expect(201);
    world.close();
    let conn = rusqlite::Connection::open(world.ledger_file()).unwrap();
    conn.pragma_update(None, "user_version", 1_000).unwrap();
    drop(conn);
    let opening = Opening {
        data_folder: world.path().to_owned(),
        clock: Clock::simulated(utc(NOON)),
        configured_prices: Vec::new(),
    };
    let Err(error) = opening.open() else { panic!("a ledger from the future must not be opened") };
    assert!(matches!(error, LedgerError::FromTheFuture(_)));
    assert!(error.to_string().contains("was written by a newer Spendlight"), "{error}");
    assert_eq!(world.number("SELECT count(*) FROM entries"), 1, "and is left as it is");
}

#[tokio::test]
async fn entries_cannot_be_changed_by_anyone() {
    let world = World::new();
    world.spend("a", "house", 0.1).await.expect(201);
    let conn = rusqlite::Connection::open(world.ledger_file()).unwrap();
    for sql in ["UPDATE entries SET cost_nusd = 1", "DELETE FROM entries"] {
        let error = conn.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("immutable"), "{sql}: {error}");
    }
    conn.execute("INSERT INTO reservations VALUES ('r',0,0,'p','m',NULL,NULL,NULL,0,0,0,'caller','lapsed',0)", [])
        .unwrap();
    let error = conn.execute("UPDATE reservations SET resolution = NULL", []).unwrap_err().to_string();
    assert!(error.contains("resolved once"), "{error}");
}

#[test]
fn a_second_process_is_told_who_has_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let owner = Owner::take(folder.path()).unwrap();
    let Err(error @ OwnerError::Taken { .. }) = Owner::take(folder.path()) else { panic!("a second owner") };
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    drop(owner);
    assert!(Owner::take(folder.path()).is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_kept_is_its_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("made");
    let place =
        spendlight::server::Where { data_dir: Some(folder.clone()), port: Some(0), config: Some("/none".into()) };
    let own = spendlight::server::Spendlight::open(&place).unwrap();
    for name in [FILE, "owner-token", "owner.lock"] {
        let mode = std::fs::metadata(folder.join(name)).unwrap().permissions().mode();
        assert!(name == "owner.lock" || mode & 0o077 == 0, "{name} can be read by others: {mode:o}");
    }
    let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "the folder can be entered by others: {mode:o}");
    own.close();
}

#[tokio::test]
async fn a_sum_that_could_not_be_held_is_refused_and_changes_nothing() {
    let world = World::new();
    world.budget(json!({"id": "total", "window": "total", "limit": 1})).await;
    let most = 1_000_000_000.0;
    for n in 0..9 {
        world.spend(&format!("c{n}"), "house", most).await.expect(201);
    }
    let answer = world.spend("over", "house", most).await;
    assert!(answer.refused(422).contains("cost_usd"));
    let status: Value = world.get("/v1/status").await.expect(200);
    assert_eq!(nanos(&status["today"]["cost_usd"]), 9_000_000_000_000_000_000, "exact up to the last dollar");
}

#[tokio::test]
async fn a_ledger_from_before_budgets_could_ask_keeps_its_budgets_and_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let conn = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    conn.execute_batch(include_str!("../../src-tauri/src/ledger/migrations/0001_first.sql")).unwrap();
    conn.execute_batch(
        "INSERT INTO budgets VALUES
           ('z', 1, 'First', 'house', NULL, NULL, NULL, NULL, 'day', 'usd', 1000000000, 5, 'block', '[80,95]', 'UTC', 1,
            2000000000, 1795392000000),
           ('a', 2, 'Second', NULL, 'm*', 'p', 'u', NULL, 'month', 'tokens', 70, 0, 'warn', '[50]', NULL, 0, NULL, NULL);
         INSERT INTO alerts VALUES (7, 1, 'exceeded', 'z', 'First', 'day', 0, 1, 100, 100, 'usd', 1, 1, 1, NULL, 'c', 'new');
         INSERT INTO settings VALUES ('settings', '{\"time_zone\":\"UTC\"}');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(conn);
    let mut world = World::open_in(folder, Clock::simulated(utc(NOON)), String::new());
    let budgets = world.get("/v1/budgets").await.expect(200)["budgets"].clone();
    let ids: Vec<_> = budgets.as_array().unwrap().iter().map(|budget| budget["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["z", "a"], "in their owner's order");
    assert_eq!((&budgets[0]["buffer"], &budgets[0]["override"]["limit"]), (&json!(5e-9), &json!(2)));
    assert_eq!(budgets[1]["scope"], json!({"model": "m*", "project": "p", "user": "u"}));
    assert_eq!(world.alerts().await[0]["text"], "Calls are denied until midnight.");
    world.budget(json!({"id": "asks", "window": "day", "limit": 1, "action": "ask"})).await;
    world.restart();
    assert_eq!(world.get("/v1/budgets/asks").await.expect(200)["action"], "ask");
}
