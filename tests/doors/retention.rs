//! Single calls that are kept for a while and totals that are kept for good: when calls go, every sum stays as it was, no
//! call is ever counted again, and nothing else can take an entry out.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use http::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use spendlight::ledger;
use spendlight::upkeep::Upkeep;

use crate::program::{Program, run};
use crate::world::{NOON, World, nanos, utc};

/// A world with a call every nine hours and some minutes for ten months back, of several providers, projects and users.
async fn ten_months(zone: Tz) -> World {
    let world = World::at(NOON, zone);
    for (id, scope) in [
        ("provider", json!({"provider": "house"})),
        ("user", json!({"user": "ada"})),
        ("model", json!({"model": "m1", "user": "eve"})),
    ] {
        let budget = json!({"id": id, "scope": scope, "window": "total", "limit": 1_000, "action": "warn"});
        world.budget(budget).await;
    }
    let lines: Vec<String> =
        (0..800_i64).map(|n| call(n, utc(NOON) - TimeDelta::minutes(n * 547)).to_string()).collect();
    let batch = http::Request::post("/v1/record/batch")
        .header("host", "127.0.0.1:7575")
        .header("content-type", "application/x-ndjson")
        .body(axum::body::Body::from(lines.join("\n")))
        .unwrap();
    assert_eq!(world.knock(batch).await.expect(200)["recorded"], 800);
    world
}

fn call(n: i64, at: DateTime<Utc>) -> Value {
    let provider = if n % 3 == 0 { "attic" } else { "house" };
    let mut call = json!({"call_id": format!("c{n}"), "provider": provider, "at": at,
        "model": format!("m{}", n % 4), "cost_usd": 0.01 + 0.001 * f64::from(u16::try_from(n % 17).unwrap()),
        "input_tokens": 100 + n, "output_tokens": 7, "latency_ms": 90 + n, "ok": n % 11 != 0});
    for (field, value) in [
        ("project", ["eval", "site", ""][usize::try_from(n % 3).unwrap()]),
        ("session", ["s1", "s2", "s3", ""][usize::try_from(n % 4).unwrap()]),
        ("user", ["ada", "eve", ""][usize::try_from(n % 3).unwrap()]),
        ("operation", ["", "chat"][usize::try_from(n % 2).unwrap()]),
    ] {
        if !value.is_empty() {
            call[field] = json!(value);
        }
    }
    call
}

async fn keep(world: &World, keep: &str) -> i64 {
    world.put("/v1/settings", json!({"keep_calls": keep})).await.expect(200);
    let taken = world.owner(Method::POST, "/v1/data/retention", Some(json!({}))).await.expect(200);
    taken["entries"].as_i64().unwrap()
}

/// Every sum that is told of the past.
async fn sums(world: &World) -> Vec<Value> {
    let mut told = Vec::new();
    for by in ["provider", "model", "project", "session", "user", "operation"] {
        for (bucket, from, to) in [
            ("hour", "2026-04-01", "2026-07-28"),
            ("hour", "2026-07-28", "2026-11-23"),
            ("day", "2026-01-01", "2026-11-23"),
            ("month", "2026-01-01", "2026-11-23"),
        ] {
            let path = format!("/v1/usage?from={from}T00:00:00Z&to={to}T00:00:00Z&bucket={bucket}&by={by}");
            told.push(world.get(&path).await.expect(200));
        }
    }
    told.push(world.get("/v1/summary").await.expect(200));
    told.push(world.get("/v1/chart.json?range=12m&by=model&unit=usd").await.expect(200));
    for budget in ["provider", "user", "model"] {
        told.push(world.standing(budget).await["used"].clone());
    }
    for scope in ["provider=house", "user=ada"] {
        let path = format!("/v1/backtest?{scope}&window=total&limit=500&unit=usd&action=block");
        told.push(world.get(&path).await.expect(200));
    }
    told
}

/// Two tellings must be one; of what differs, only the first is shown.
#[track_caller]
fn same(now: &[Value], before: &[Value], rule: &str) {
    for (now, before) in now.iter().zip(before) {
        assert_eq!(now, before, "{rule}");
    }
}

#[tokio::test]
async fn every_sum_stays_as_it_was_when_single_calls_go() {
    let mut world = ten_months(Tz::Europe__Berlin).await;
    world.restart();
    let before = sums(&world).await;
    let taken = keep(&world, "6_months").await;
    assert!(taken > 300, "some are older than half a year: {taken}");
    assert_eq!(world.number("SELECT count(*) FROM entries"), 800 - taken);
    same(&sums(&world).await, &before, "to the nano-dollar, by every attribute");
    world.restart();
    same(&sums(&world).await, &before, "and after a restart, when all of it is read anew");
    let taken = taken + keep(&world, "3_months").await;
    same(&sums(&world).await, &before, "every sum stays");
    assert_eq!(world.number("SELECT count(*) FROM entries"), 800 - taken);
    assert_eq!(keep(&world, "3_months").await, 0, "once");
    assert_eq!(keep(&world, "forever").await, 0);
}

#[tokio::test]
async fn another_zone_gets_the_same_hours_and_days_with_and_without_the_single_calls() {
    for zone in ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"] {
        let (whole, parted) = (ten_months(Tz::Europe__Berlin).await, ten_months(Tz::Europe__Berlin).await);
        assert!(keep(&parted, "3_months").await > 500);
        for world in [&whole, &parted] {
            world.put("/v1/settings", json!({"time_zone": zone})).await.expect(200);
        }
        same(&sums(&parted).await, &sums(&whole).await, zone);
    }
}

#[tokio::test]
async fn a_call_whose_entry_is_gone_is_never_counted_again() {
    let mut world = ten_months(Tz::UTC).await;
    keep(&world, "3_months").await;
    let before = sums(&world).await;
    for _ in 0..2 {
        let detail = world.record(call(700, utc(NOON))).await.refused(409);
        assert!(detail.contains("was recorded long ago, and is counted"), "{detail}");
        let hold = json!({"call_id": "c700", "provider": "house", "model": "m", "cost_usd": 0.1, "reserve": true});
        world.check(hold).await.refused(409);
        let detail = world.get("/v1/entries/c700").await.refused(404);
        assert!(detail.contains("was recorded, and is counted"), "{detail}");
        assert_eq!(world.record(call(1, utc(NOON) - TimeDelta::minutes(547))).await.expect(200)["replayed"], true);
        same(&sums(&world).await, &before, "every sum stays");
        world.restart();
    }
    world.record(call(900, utc("2026-02-03T04:05:00Z"))).await.expect(201);
    world.record(call(901, utc(NOON))).await.expect(201);
    let with_a_late_one = world.get("/v1/summary").await.expect(200)["lifetime"].clone();
    Upkeep::default().look(&world.app).await;
    world.get("/v1/entries/c900").await.refused(404);
    assert_eq!(
        world.get("/v1/summary").await.expect(200)["lifetime"],
        with_a_late_one,
        "one that comes late is counted, and goes"
    );
}

#[tokio::test]
async fn what_would_go_is_told_before_and_nothing_goes_by_being_asked() {
    let world = ten_months(Tz::Europe__Berlin).await;
    world.ask(Method::GET, "/v1/data/retention", None).await.refused(401);
    world.ask(Method::POST, "/v1/data/retention", Some(json!({}))).await.refused(401);
    world.owner(Method::GET, "/v1/data/retention?keep_calls=2_months", None).await.refused(422);
    world.put("/v1/settings", json!({"keep_calls": "2_months"})).await.refused(422);
    let would = world.owner(Method::GET, "/v1/data/retention?keep_calls=6_months", None).await.expect(200);
    assert_eq!(would["before"], "2026-05-21T22:00:00.000Z", "whole days of the user's zone");
    assert!(
        would["oldest_at"].as_str() < would["newest_at"].as_str()
            && would["newest_at"].as_str() < would["before"].as_str()
    );
    Upkeep::default().look(&world.app).await;
    assert_eq!(world.number("SELECT count(*) FROM entries"), 800);
    assert_eq!(world.get("/v1/days").await.expect(200)["gone_until"], Value::Null);
    world.put("/v1/settings", json!({"keep_calls": "6_months"})).await.expect(200);
    Upkeep::default().look(&world.app).await;
    let told = world.owner(Method::GET, "/v1/data", None).await.expect(200);
    assert_eq!((&told["ledger"]["gone_calls"], &told["retention"]["entries"]), (&would["entries"], &json!(0)));
    let days = world.get("/v1/days").await.expect(200);
    assert_eq!(
        (&days["gone_until"], &days["gone_calls"]),
        (&would["newest_at"], &would["entries"]),
        "and where lists end"
    );
    assert_eq!(told["ledger"]["cost_usd"], world.get("/v1/summary").await.expect(200)["lifetime"]["cost_usd"]);
}

#[tokio::test]
async fn nothing_else_takes_an_entry_out() {
    let world = ten_months(Tz::UTC).await;
    let refused = |sql: &str| {
        let other = Connection::open(world.ledger_file()).unwrap();
        let e = other.execute(sql, []).unwrap_err().to_string();
        assert!(e.contains("an entry is immutable"), "{sql}: {e}");
    };
    let wishes = ["DELETE FROM entries", "DELETE FROM entries WHERE call_id = 'c700'", "UPDATE entries SET at_ms = 0"];
    wishes.iter().for_each(|sql| refused(sql));
    keep(&world, "3_months").await;
    wishes.iter().filter(|sql| !sql.contains("c700")).for_each(|sql| refused(sql));
}

#[tokio::test]
async fn a_ledger_without_its_old_calls_is_backed_up_and_restored() {
    let mut world = ten_months(Tz::UTC).await;
    let taken = keep(&world, "3_months").await;
    let before = sums(&world).await;
    let made = world.owner(Method::POST, "/v1/data/backup", Some(json!({}))).await.expect(201);
    world.spend("later", "house", 5.0).await.expect(201);
    // A world that was read from keeps the ledger's file open beyond its end, as no process does.
    world.restart();
    let restored = world.owner(Method::POST, "/v1/data/restore", Some(json!({"file": made["file"]}))).await.expect(202);
    assert_eq!((&restored["gone_calls"], &restored["lacks_entries"]), (&json!(taken), &json!(1)));
    world.restart();
    same(&sums(&world).await, &before, "every sum stays");
    world.record(call(700, utc(NOON))).await.refused(409);
    let swapped = Connection::open(made["file"].as_str().unwrap()).unwrap();
    swapped.execute_batch("UPDATE gone_whose SET cost_nusd = cost_nusd + 1").unwrap();
    drop(swapped);
    let detail = world.owner(Method::POST, "/v1/data/restore", Some(json!({"file": made["file"]}))).await.refused(422);
    assert!(detail.contains("totals are not those"), "{detail}");
}

#[tokio::test]
async fn the_space_of_what_went_is_given_back() {
    let world = World::new();
    let padding = "x".repeat(190);
    for chunk in 0..4 {
        let at = utc(NOON) - TimeDelta::days(200);
        let lines: Vec<String> = (0..5_000)
            .map(|n| {
                json!({"call_id": format!("{chunk}-{n}"), "provider": "house", "model": "m", "cost_usd": 0.001,
                "at": at, "tags": {"p": padding}})
                .to_string()
            })
            .collect();
        let batch = http::Request::post("/v1/record/batch")
            .header("host", "127.0.0.1:7575")
            .header("content-type", "application/x-ndjson")
            .body(axum::body::Body::from(lines.join("\n")))
            .unwrap();
        world.knock(batch).await.expect(200);
    }
    world.spend("now", "house", 0.001).await.expect(201);
    let pages = || world.number("SELECT page_count FROM pragma_page_count");
    let before = pages();
    assert_eq!(keep(&world, "3_months").await, 20_000);
    let told = world.owner(Method::GET, "/v1/data", None).await.expect(200)["ledger"].clone();
    assert!(pages() < before / 4, "{before} pages, now {}", pages());
    assert!(told["free_bytes"].as_i64().unwrap() <= 128 * 4096, "{told}");
    assert_eq!(nanos(&told["cost_usd"]), 20_001_000_000);
}

#[tokio::test]
async fn a_ledger_that_cannot_give_space_back_learns_it_at_a_start_that_gains_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(ledger::FILE);
    let old = Connection::open(&file).unwrap();
    let first = concat!(env!("CARGO_MANIFEST_DIR"), "/src-tauri/src/ledger/migrations/0001_first.sql");
    old.execute_batch(&std::fs::read_to_string(first).unwrap()).unwrap();
    old.execute_batch("PRAGMA user_version = 1").unwrap();
    let giving = |file: &Path| -> i64 {
        Connection::open(file).unwrap().query_row("PRAGMA auto_vacuum", [], |row| row.get(0)).unwrap()
    };
    drop(ledger::open(&file).unwrap());
    assert_eq!(giving(&file), 0, "nothing is gained yet");
    old.execute_batch(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO settings SELECT 'x' || i, hex(zeroblob(1000)) FROM n; DELETE FROM settings WHERE name LIKE 'x%'",
    )
    .unwrap();
    drop(old);
    let size = std::fs::metadata(&file).unwrap().len();
    drop(ledger::open(&file).unwrap());
    assert_eq!(giving(&file), 2);
    assert!(std::fs::metadata(&file).unwrap().len() < size / 4, "what was empty is given back at once");
}

#[tokio::test]
async fn the_command_line_tells_what_would_go_and_asks() {
    let folder = tempfile::tempdir().unwrap();
    let said = |args: &[&str], good: bool| {
        let output = run(folder.path(), args);
        let both = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(both).unwrap();
        assert_eq!(output.status.success(), good, "{args:?}: {said}");
        said
    };
    let program = Program::start(folder.path());
    for at in [Some("2025-01-02T03:04:05Z"), None] {
        let call = json!({"provider": "house", "model": "m", "cost_usd": 0.5, "at": at});
        assert_eq!(program.post("/v1/record", &call).await.unwrap().0, 201);
    }
    program.end();
    assert_eq!(said(&["retention"], true), "kept   every call\n");
    let asks = said(&["retention", "12"], false);
    assert!(
        asks.contains("1 call from 2025-01-02 to 2025-01-02 would be taken out, which cannot be undone; say --yes"),
        "{asks}"
    );
    assert_eq!(said(&["retention"], true), "kept   every call\n");
    let done = "kept   single calls for 12 months\ngone   1 call up to 2025-01-02; what they add up to is kept\n";
    assert_eq!(said(&["retention", "12", "--yes"], true), done);
    assert!(said(&["retention", "--json"], true).contains("\"gone_calls\": 1"));
    assert!(said(&["retention", "5"], false).contains("possible values: forever, 24, 12, 6, 3"));
    assert_eq!(
        said(&["retention", "forever"], true).lines().next(),
        Some("kept   every call"),
        "nothing goes, so nothing is asked"
    );
}
