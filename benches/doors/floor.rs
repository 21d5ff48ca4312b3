//! The limit for a record: one writer commits what is waiting, an entry and one rollup for each call, and answers when it
//! is on the disk (`synchronous=FULL`). No prices, no budgets, no rules.

use std::sync::mpsc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// As many as Spendlight commits together.
const BATCH_MAX: usize = 512;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE entries (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
      project TEXT NOT NULL, session TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
      cache_read_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, latency_ms INTEGER NOT NULL,
      cost_nusd INTEGER NOT NULL) STRICT;
    CREATE INDEX entries_by_time ON entries (at_ms);
    CREATE TABLE hourly (hour INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, project TEXT NOT NULL,
      calls INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost_nusd INTEGER NOT NULL,
      PRIMARY KEY (hour, provider, model, project)) STRICT, WITHOUT ROWID;";

const INSERT: &str = "INSERT INTO entries VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

const ADD: &str = "INSERT INTO hourly VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET
    calls = calls + 1, input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens, cost_nusd = cost_nusd + excluded.cost_nusd";

#[derive(Deserialize)]
struct Call {
    provider: String,
    model: String,
    input_tokens: i64,
    output_tokens: i64,
    cache_read_tokens: i64,
    reasoning_tokens: i64,
    project: String,
    session: String,
    latency_ms: i64,
}

#[derive(Serialize)]
struct Answer {
    id: i64,
    cost_nusd: i64,
}

type Waiting = (Call, oneshot::Sender<Answer>);

pub fn run(ledger: &str) {
    let conn = Connection::open(ledger).unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    let (ask, asked) = mpsc::channel();
    std::thread::spawn(move || write(&conn, &asked));
    crate::product::serve(Router::new().route("/v1/record", post(record)).with_state(ask));
}

async fn record(State(ask): State<mpsc::Sender<Waiting>>, Json(call): Json<Call>) -> Json<Answer> {
    let (reply, answer) = oneshot::channel();
    ask.send((call, reply)).unwrap();
    Json(answer.await.unwrap())
}

fn write(conn: &Connection, asked: &mpsc::Receiver<Waiting>) {
    let started = std::time::Instant::now();
    while let Ok(first) = asked.recv() {
        let mut answers = Vec::new();
        conn.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
        for (call, reply) in std::iter::once(first).chain(asked.try_iter()).take(BATCH_MAX) {
            let at_ms = i64::try_from(started.elapsed().as_millis()).unwrap();
            answers.push((insert(conn, &call, at_ms), reply));
        }
        conn.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
        for (answer, reply) in answers {
            let _ = reply.send(answer);
        }
    }
}

fn insert(conn: &Connection, call: &Call, at_ms: i64) -> Answer {
    let cost_nusd = call.input_tokens * 250 + call.output_tokens * 2_000;
    let Call { provider, model, project, session, .. } = call;
    let (input, output) = (call.input_tokens, call.output_tokens);
    let (cached, reasoning, latency_ms) = (call.cache_read_tokens, call.reasoning_tokens, call.latency_ms);
    let entry =
        params![at_ms, provider, model, project, session, input, output, cached, reasoning, latency_ms, cost_nusd];
    conn.prepare_cached(INSERT).unwrap().execute(entry).unwrap();
    let id = conn.last_insert_rowid();
    let sum = params![at_ms / 3_600_000, provider, model, project, input, output, cost_nusd];
    conn.prepare_cached(ADD).unwrap().execute(sum).unwrap();
    Answer { id, cost_nusd }
}
