//! The ledger as a file: what is told of it, backups while it is in use, and a backup that takes its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use http::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::program::{Program, run};
use crate::world::{World, nanos};

async fn data(world: &World) -> Value {
    world.owner(Method::GET, "/v1/data", None).await.expect(200)
}

async fn back_up(world: &World) -> PathBuf {
    let made = world.owner(Method::POST, "/v1/data/backup", Some(json!({}))).await.expect(201);
    PathBuf::from(made["file"].as_str().unwrap())
}

async fn restore(world: &World, file: &Path) -> Value {
    world.owner(Method::POST, "/v1/data/restore", Some(json!({"file": file}))).await.expect(202)
}

fn number(file: &Path, sql: &str) -> i64 {
    Connection::open(file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Entries, and the sums of entries and of both grains of rollups, which must be one.
fn sums(file: &Path) -> (i64, i64) {
    let entries = number(file, "SELECT count(*) FROM entries");
    let cost = number(file, "SELECT coalesce(sum(cost_nusd), 0) FROM entries");
    for grain in 0..2 {
        let rollups = number(file, &format!("SELECT coalesce(sum(cost_nusd), 0) FROM rollups WHERE grain = {grain}"));
        assert_eq!(rollups, cost, "{} adds up", file.display());
    }
    (entries, cost)
}

#[tokio::test]
async fn the_owner_alone_is_told_where_the_ledger_is_and_what_it_holds() {
    let world = World::new();
    for (method, path) in [
        (Method::GET, "/v1/data"),
        (Method::POST, "/v1/data/backup"),
        (Method::POST, "/v1/data/restore"),
        (Method::POST, "/v1/data/restore/check"),
        (Method::DELETE, "/v1/data/restore"),
    ] {
        let body = (method == Method::POST).then(|| json!({"file": "/tmp/x"}));
        world.ask(method, path, body).await.refused(401);
    }
    let empty = data(&world).await;
    assert_eq!((&empty["ledger"]["entries"], &empty["ledger"]["oldest_at"]), (&json!(0), &Value::Null));
    for (id, at) in [("a", "2026-08-01T10:00:00Z"), ("b", "2026-11-22T11:00:00Z")] {
        let call = json!({"call_id": id, "provider": "house", "model": "m", "cost_usd": 0.25, "at": at});
        world.record(call).await.expect(201);
    }
    let told = data(&world).await["ledger"].clone();
    assert_eq!((&told["entries"], nanos(&told["cost_usd"])), (&json!(2), 500_000_000));
    assert_eq!(told["oldest_at"], "2026-08-01T10:00:00.000Z");
    assert_eq!(told["newest_at"], "2026-11-22T11:00:00.000Z");
    assert_eq!(told["path"], world.ledger_file().display().to_string());
    let size = |ending: &str| fs::metadata(format!("{}{ending}", world.ledger_file().display())).unwrap().len();
    assert_eq!(told["bytes"], size("") + size("-wal"), "what it takes of the disk is the file and its log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_eight_writers_restores_to_an_exact_ledger() {
    let mut world = World::new();
    // Large enough that every backup takes several steps.
    let padding = "x".repeat(190);
    let lines: Vec<String> = (0..4_000)
        .map(|n| json!({"call_id": format!("first{n}"), "provider": "house", "model": "m", "cost_usd": 0.001, "tags": {"p": padding}}))
        .map(|call| call.to_string())
        .collect();
    let batch = http::Request::post("/v1/record/batch")
        .header("host", "127.0.0.1:7575")
        .header("content-type", "application/x-ndjson")
        .body(axum::body::Body::from(lines.join("\n")))
        .unwrap();
    world.knock(batch).await.expect(200);
    let told = Arc::new(AtomicI64::new(4_000));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (meter, told) = (spendlight::http::owner(&world.app), Arc::clone(&told));
            tokio::spawn(async move {
                for n in 0..150 {
                    let call = json!({"call_id": format!("{writer}-{n}"), "provider": "house", "model": "m",
                        "cost_usd": 0.002});
                    let request = crate::world::request(Method::POST, "/v1/record", Some(call), None);
                    let answer = tower::ServiceExt::oneshot(meter.clone(), request).await.unwrap();
                    assert_eq!(answer.status(), 201, "no backup keeps a record from being taken");
                    told.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let mut backups = Vec::new();
    while backups.is_empty() || !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        let before = told.load(Ordering::SeqCst);
        let file = back_up(&world).await;
        let (entries, cost) = sums(&file);
        assert!(entries >= before, "a backup has what was acknowledged before it: {entries} of {before}");
        assert_eq!(cost, 4_000 * 1_000_000 + (entries - 4_000) * 2_000_000);
        assert!(!fs::exists(format!("{}-wal", file.display())).unwrap(), "a backup is one file");
        backups.push((file, entries));
        world.advance(TimeDelta::milliseconds(1));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let (file, entries) = backups.swap_remove(0);
    assert!(entries < 5_200, "the first backup was made while there was more to come");
    let candidate = restore(&world, &file).await;
    assert_eq!((&candidate["entries"], &candidate["lacks_entries"]), (&json!(entries), &json!(5_200 - entries)));
    world.restart();
    assert_eq!(sums(&world.ledger_file()), sums(&file), "what was restored is the backup");
    let told = data(&world).await;
    assert_eq!(told["restored"]["lacks_entries"], 5_200 - entries, "what it lacks is told: {told}");
    let kept = PathBuf::from(told["restored"]["kept"].as_str().unwrap());
    assert_eq!(sums(&kept).0, 5_200, "and stands in the ledger that is kept");
    assert_eq!(world.get("/v1/summary").await.expect(200)["lifetime"]["calls"], entries);
}

#[tokio::test]
async fn a_restore_waits_for_the_next_start_and_can_be_taken_back() {
    let mut world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 1})).await;
    world.spend("a", "house", 0.25).await.expect(201);
    let file = back_up(&world).await;
    world.spend("b", "house", 0.5).await.expect(201);
    let check = world.owner(Method::POST, "/v1/data/restore/check", Some(json!({"file": file}))).await.expect(200);
    assert_eq!(
        (&check["entries"], &check["lacks_entries"], nanos(&check["cost_usd"])),
        (&json!(1), &json!(1), 250_000_000)
    );
    assert_eq!(data(&world).await["to_restore"], Value::Null, "a check changes nothing");
    world.owner(Method::DELETE, "/v1/data/restore", None).await.refused(404);

    restore(&world, &file).await;
    assert_eq!(data(&world).await["to_restore"]["file"], file.display().to_string());
    assert_eq!(nanos(&world.standing("day").await["used"]), 750_000_000, "the running ledger is as it was");
    world.owner(Method::DELETE, "/v1/data/restore", None).await.expect(204);
    world.restart();
    assert_eq!(nanos(&world.standing("day").await["used"]), 750_000_000, "what was taken back is not restored");

    restore(&world, &file).await;
    world.spend("c", "house", 0.125).await.expect(201);
    world.restart();
    assert_eq!(nanos(&world.standing("day").await["used"]), 250_000_000);
    let told = data(&world).await;
    assert_eq!(told["restored"]["lacks_entries"], 2, "what came after the check is counted too: {told}");
    assert_eq!((&told["to_restore"], &told["not_restored"]), (&Value::Null, &Value::Null));
    world.spend("b", "house", 0.5).await.expect(201);
    world.restart();
    assert_eq!(nanos(&world.standing("day").await["used"]), 750_000_000, "it is restored once");
}

#[tokio::test]
async fn what_is_no_sound_ledger_is_refused_and_nothing_is_changed() {
    let world = World::new();
    for n in 0..200 {
        world.spend(&n.to_string(), "house", 0.01).await.expect(201);
    }
    let whole = back_up(&world).await;
    let bytes = fs::read(&whole).unwrap();
    let file = world.path().join("other.sqlite3");
    let refused = async |why: &str| {
        for path in ["/v1/data/restore/check", "/v1/data/restore"] {
            let detail = world.owner(Method::POST, path, Some(json!({"file": file}))).await.refused(422);
            assert!(detail.starts_with("file ") && detail.contains(why), "{why}: {detail}");
        }
        let left = fs::read_dir(world.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> = left.filter(|name| name.starts_with("ledger-to-restore")).collect();
        assert!(left.is_empty(), "{why}: nothing is left of it: {left:?}");
    };
    refused("cannot be read").await;
    fs::write(&file, "not a database, but long enough to be one at a first glance: ".repeat(40)).unwrap();
    refused("cannot be read").await;
    fs::write(&file, "").unwrap();
    refused("is no ledger").await;
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    refused("").await;
    let mut torn = bytes.clone();
    torn[bytes.len() / 2..bytes.len() / 2 + 4_096].fill(7);
    fs::write(&file, torn).unwrap();
    refused("").await;
    let changed = |sql: &str| {
        fs::write(&file, &bytes).unwrap();
        Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    };
    changed("PRAGMA user_version = 1000");
    refused("newer Spendlight").await;
    changed("DROP TRIGGER entries_never_go");
    refused("tables are others").await;
    changed("UPDATE rollups SET cost_nusd = cost_nusd + 1");
    refused("totals are not those of its entries").await;
    fs::remove_file(&file).unwrap();
    let own = json!({"file": world.ledger_file()});
    let detail = world.owner(Method::POST, "/v1/data/restore", Some(own)).await.refused(422);
    assert!(detail.contains("is the ledger in use"), "{detail}");
    assert_eq!(fs::read(&whole).unwrap(), bytes, "a file that is looked at stays as it is");
}

#[tokio::test]
async fn an_older_ledger_is_brought_up_to_date_on_a_copy() {
    let mut world = World::new();
    let file = world.path().join("old.sqlite3");
    let old = Connection::open(&file).unwrap();
    let first = concat!(env!("CARGO_MANIFEST_DIR"), "/src-tauri/src/ledger/migrations/0001_first.sql");
    old.execute_batch(&fs::read_to_string(first).unwrap()).unwrap();
    old.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(old);
    let before = fs::read(&file).unwrap();
    assert_eq!(restore(&world, &file).await["entries"], 0);
    assert_eq!(fs::read(&file).unwrap(), before, "the file itself stays as it is");
    world.restart();
    assert_eq!(data(&world).await["restored"]["file"], file.display().to_string());
    world.spend("a", "house", 0.5).await.expect(201);
}

#[tokio::test]
async fn a_restore_brings_no_revoked_key_back_and_lets_go_of_nothing_that_is_held() {
    let mut world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 1})).await;
    let issue = |name: &str| json!({"id": name, "name": name});
    for name in ["good", "lost"] {
        world.owner(Method::POST, "/v1/keys", Some(issue(name))).await.expect(201);
    }
    let hold = |id: &str| json!({"provider": "house", "model": "m", "cost_usd": 0.25, "reserve": true, "ttl_seconds": 3600, "call_id": id});
    world.check(hold("ended")).await.expect(200);
    let file = back_up(&world).await;
    world.owner(Method::DELETE, "/v1/keys/lost", None).await.expect(204);
    world.post("/v1/release", json!({"call_id": "ended"})).await.expect(204);
    world.check(hold("begun")).await.expect(200);
    world.check(hold("begun too")).await.expect(200);
    restore(&world, &file).await;
    world.restart();
    let keys = world.owner(Method::GET, "/v1/keys", None).await.expect(200)["keys"].clone();
    let revoked =
        |id: &str| !keys.as_array().unwrap().iter().find(|key| key["id"] == id).unwrap()["revoked_at"].is_null();
    assert!(revoked("lost") && !revoked("good"), "{keys}");
    assert_eq!(
        nanos(&world.standing("day").await["reserved"]),
        500_000_000,
        "what is held now, and nothing that ended"
    );
}

#[tokio::test]
async fn a_backup_is_written_over_nothing_and_says_where_it_cannot_be() {
    let world = World::new();
    let file = back_up(&world).await;
    for (to, why) in [
        (file.display().to_string(), "is there already"),
        ("backup.sqlite3".to_owned(), "whole path"),
        (world.path().join("nowhere/backup.sqlite3").display().to_string(), "not there"),
    ] {
        let detail = world.owner(Method::POST, "/v1/data/backup", Some(json!({"file": to}))).await.refused(422);
        assert!(detail.contains(why), "{to}: {detail}");
    }
    let folder = tempfile::tempdir().unwrap();
    let made = world.owner(Method::POST, "/v1/data/backup", Some(json!({"file": folder.path()}))).await.expect(201);
    assert!(made["file"].as_str().unwrap().starts_with(folder.path().to_str().unwrap()), "{made}");
    let told = data(&world).await["backups"].clone();
    assert_eq!((&told["last"], &told["failed"], &told["progress"]), (&made, &Value::Null, &Value::Null));
    assert_eq!(told["files"], json!([file.display().to_string()]), "the folder's own backups are listed");
}

#[tokio::test]
async fn the_command_line_backs_up_and_restores_with_a_server_and_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let good = |args: &[&str]| {
        let output = run(&data, args);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{args:?}: {said} {}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let record = |id: &str| {
        good(&["record", "--provider", "house", "--model", "m", "--cost-usd", "0.5", "--call-id", id]);
    };
    record("a");
    let file = folder.path().join("first.sqlite3");
    let file = file.to_str().unwrap();
    assert!(good(&["backup", file]).starts_with("backed up  1 entry, "));
    record("b");
    let checked = good(&["restore", "--check", file]);
    assert!(checked.contains("sound      1 entry") && checked.contains("lacks      1 entry"), "{checked}");
    let restored = good(&["restore", file]);
    assert!(restored.contains("restored   the ledger before it is kept in"), "{restored}");
    let ledger = data.join(spendlight::ledger::FILE);
    assert_eq!(sums(&ledger).0, 1, "with nobody running it is done at once");

    let program = Program::start(&data);
    record("c");
    assert!(good(&["backup", "--json"]).contains("\"entries\": 2"));
    assert!(good(&["restore", file]).contains("when Spendlight is started the next time"));
    assert_eq!(program.get("/v1/summary").await["lifetime"]["calls"], 2);
    program.end();
    assert!(good(&["status"]).contains("$0.50"), "the next command takes it in");
    assert_eq!(sums(&ledger).0, 1);

    // What is broken is what a backup is for.
    fs::write(&ledger, "nothing of use").unwrap();
    assert_eq!(run(&data, &["status"]).status.code(), Some(1));
    assert!(good(&["restore", file]).contains("the ledger cannot be read"));
    assert_eq!(sums(&ledger).0, 1);
    let wrong = run(&data, &["restore", data.join("owner-token").to_str().unwrap()]);
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(wrong.status.code() == Some(1) && said.contains("owner-token cannot be read as a ledger"), "{said}");
}
