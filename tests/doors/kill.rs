//! kill -9 at random moments under load: every acknowledged record is there exactly once, every acknowledged reservation
//! is held, and the sums are those of the entries.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;
use spendlight::ledger::FILE;

use crate::program::Program;
use crate::world::nanos;

const LIVES: u64 = 15;
const CALLERS: u64 = 6;

/// What callers were told: call ids with their costs in nano-dollars, and reservations.
#[derive(Default)]
struct Told {
    recorded: HashMap<String, i64>,
    held: Vec<String>,
}

/// Whether whoever is answered next is to kill the server at once: the worst moment for what was only said.
static ARMED: AtomicBool = AtomicBool::new(false);

fn kill_if_armed(program: &Program) {
    if ARMED.swap(false, Ordering::SeqCst) {
        program.kill();
    }
}

/// Reserves and records until the server is gone.
async fn call(program: &Program, told: &Mutex<Told>, life: u64, caller: u64) {
    for n in 0.. {
        let id = format!("{life}-{caller}-{n}");
        let cost = (caller * 1_000 + n % 1_000) as i64 + 1;
        let usd = cost as f64 / 1e9;
        let body = json!({"call_id": id, "provider": "house", "model": "m", "cost_usd": usd});
        let mut ask = body.clone();
        ask["reserve"] = json!(true);
        ask["ttl_seconds"] = json!(86_400);
        match program.post("/v1/check", &ask).await {
            Ok((200, _)) => {
                if n % 3 == 0 {
                    kill_if_armed(program);
                }
                told.lock().unwrap().held.push(id.clone());
            }
            Ok(other) => panic!("a check under no budget is allowed: {other:?}"),
            Err(_) => return,
        }
        if n % 3 == 0 {
            continue;
        }
        // From here on it may or may not have been recorded, until the answer says so.
        told.lock().unwrap().held.retain(|held| *held != id);
        match program.post("/v1/record", &body).await {
            Ok((201, _)) => {
                kill_if_armed(program);
                told.lock().unwrap().recorded.insert(id, cost);
            }
            Ok(other) => panic!("a record is taken: {other:?}"),
            Err(_) => return,
        }
    }
}

fn look(data: &Path, told: &Told) {
    let conn = Connection::open(data.join(FILE)).unwrap();
    let mut select = conn.prepare("SELECT call_id, cost_nusd FROM entries").unwrap();
    let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).unwrap();
    let mut stored: HashMap<String, i64> = HashMap::new();
    for row in rows {
        let (id, cost) = row.unwrap();
        assert!(stored.insert(id.clone(), cost).is_none(), "{id} is there once");
    }
    for (id, cost) in &told.recorded {
        assert_eq!(stored.get(id), Some(cost), "promise 1: the acknowledged record {id} is on disk");
    }
    let mut select = conn.prepare("SELECT call_id FROM reservations WHERE resolution IS NULL").unwrap();
    let open: std::collections::HashSet<String> = select.query_map([], |row| row.get(0)).unwrap().flatten().collect();
    for id in &told.held {
        assert!(open.contains(id), "promise 1: the acknowledged reservation {id} is held");
    }
    for id in told.recorded.keys() {
        assert!(!open.contains(id), "a recorded call is not held any more: {id}");
    }
    for grain in 0..2 {
        let sums: i64 = conn
            .query_row("SELECT coalesce(sum(cost_nusd), 0) FROM rollups WHERE grain = ?1", [grain], |row| row.get(0))
            .unwrap();
        assert_eq!(sums, stored.values().sum::<i64>(), "the rollups were written with their entries");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_loses_nothing_that_was_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Told::default()));
    let mut before = 0;
    for life in 0..LIVES {
        let program = Arc::new(Program::start(data.path()));
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (program, told) = (Arc::clone(&program), Arc::clone(&told));
                tokio::spawn(async move { call(&program, &told, life, caller).await })
            })
            .collect();
        // Any moment will do: this only spreads them.
        tokio::time::sleep(Duration::from_millis(40 + life * 97 % 331)).await;
        if life % 3 == 0 {
            program.kill();
        } else {
            ARMED.store(true, Ordering::SeqCst);
        }
        for caller in callers {
            caller.await.unwrap();
        }
        drop(program);
        look(data.path(), &told.lock().unwrap());
        before = told.lock().unwrap().recorded.len().max(before);
    }
    assert!(before > LIVES as usize, "there was a load to be killed under: {before} records");
    let held = told.lock().unwrap().held.len();
    let program = Program::start(data.path());
    let status = program.get("/v1/status").await;
    assert!(status["in_flight_count"].as_u64().unwrap() >= held as u64, "what is held is held in memory again");
    let conn = Connection::open(data.path().join(FILE)).unwrap();
    let sum: i64 = conn.query_row("SELECT sum(cost_nusd) FROM entries", [], |row| row.get(0)).unwrap();
    assert_eq!(nanos(&program.get("/v1/summary").await["lifetime"]["cost_usd"]), sum);
    program.end();
    look(data.path(), &told.lock().unwrap());
}
