//! What goes wrong around Spendlight: each time it says what has happened, and what to do.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use chrono::TimeDelta;
use http::{Method, Request};
use serde_json::{Value, json};
use spendlight::http as door;
use spendlight::ledger::FILE;
use spendlight::server::{Spendlight, Where};
use tower::ServiceExt;

use crate::program::{command, run};
use crate::world::{Answer, World};

async fn ask(door: &Router, method: Method, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    Answer::read(door.clone().oneshot(request.body(Body::from("{}")).unwrap()).await.unwrap()).await
}

fn said(status: &Value) -> (&str, &str) {
    (status["sentence"].as_str().unwrap(), status["reason"].as_str().unwrap())
}

#[tokio::test]
async fn a_port_in_use_is_told_with_who_has_it_and_opened_as_soon_as_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "").unwrap();
    let place = Where { data_dir: Some(folder.path().join("data")), port: Some(port), config: Some(config) };
    let mut spendlight = Spendlight::open(&place).unwrap();
    let door = door::owner(&spendlight.app);
    spendlight.listen_when_possible();
    let begun = Instant::now();
    let until = async |listens: bool| loop {
        let status = ask(&door, Method::GET, "/v1/status").await.expect(200);
        if status["address"].is_string() == listens && status["not_listening"].is_string() != listens {
            return status;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{status}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let status = until(false).await;
    assert_eq!(said(&status).0, format!("Spendlight is not listening: port {port} is in use"));
    assert_eq!(status["action"], "listen");
    if cfg!(target_os = "linux") {
        let me = format!("(process {}) ends, or config.toml names another port.", std::process::id());
        assert!(said(&status).1.contains(&me), "{status}");
    }
    drop(held);
    let asked = Instant::now();
    ask(&door, Method::POST, "/v1/listen").await.expect(204);
    until(true).await;
    assert!(asked.elapsed() < Duration::from_secs(3), "asked to, it tries at once");
    spendlight.close();
}

#[test]
fn a_server_that_finds_its_port_in_use_says_who_has_it_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    let output = command(folder.path()).args(["serve", "--port", &port]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(&format!("port {port} is in use")), "{said}");
    assert!(said.contains("name another port with --port"), "{said}");
    if cfg!(target_os = "linux") {
        assert!(said.contains(&format!("(process {}); end it", std::process::id())), "{said}");
    }
}

#[tokio::test]
async fn one_that_cannot_start_tells_its_window_why_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "").unwrap();
    let place = Where { data_dir: Some(data.clone()), port: Some(0), config: Some(config.clone()) };
    let failure = async || {
        let Err(error) = Spendlight::open(&place) else { panic!("it must not start") };
        let door = door::failed(error.state());
        let detail = ask(&door, Method::GET, "/v1/entries").await.refused(503);
        assert_eq!(
            ask(&door, Method::POST, "/v1/check").await.refused(503),
            detail,
            "every question has the same answer"
        );
        let status = ask(&door, Method::GET, "/v1/status").await.expect(200);
        assert_eq!((&status["state"], &status["ledger_writable"]), (&json!("exceeded"), &json!(false)));
        assert_eq!(detail, format!("{}. {}", said(&status).0, said(&status).1));
        detail
    };
    std::fs::create_dir_all(data.join(FILE)).unwrap();
    let told = failure().await;
    assert!(told.starts_with("Spendlight could not start: the ledger ") && told.contains(FILE), "{told}");
    assert!(told.contains("See that its disk has room and that you may write to its folder, then start"), "{told}");
    std::fs::remove_dir(data.join(FILE)).unwrap();
    rusqlite::Connection::open(data.join(FILE)).unwrap().execute_batch("PRAGMA user_version = 1000").unwrap();
    let told = failure().await;
    assert!(told.contains("was written by a newer Spendlight; update Spendlight"), "{told}");
    std::fs::write(&config, "port = \"many\"").unwrap();
    let told = failure().await;
    assert!(told.contains("config.toml") && told.contains("Correct it, then start Spendlight again."), "{told}");
    // In a folder of its own: this process has had the other one's lock, and what is started beside may hold it a moment more.
    let newer = tempfile::tempdir().unwrap();
    std::fs::copy(data.join(FILE), newer.path().join(FILE)).unwrap();
    let said = run(newer.path(), &["status"]).stderr;
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("newer Spendlight"), "the command line says it too: {said}");
}

#[tokio::test]
async fn a_pause_tells_since_when_also_after_a_restart() {
    let mut world = World::new();
    world.owner(Method::POST, "/v1/pause", None).await.expect(200);
    world.advance(TimeDelta::hours(2));
    world.owner(Method::POST, "/v1/pause", None).await.expect(200);
    world.restart();
    let status = world.get("/v1/status").await.expect(200);
    assert_eq!(
        said(&status),
        ("Paused: every call is denied", "Since 12:00. Nothing is spent until you resume. $0 today, $0 in November.")
    );
    world.advance(TimeDelta::hours(20));
    let reason = world.get("/v1/status").await.expect(200)["reason"].clone();
    assert!(reason.as_str().unwrap().starts_with("Since 22 Nov 12:00."), "{reason}");
    world.owner(Method::POST, "/v1/resume", None).await.expect(200);
    world.owner(Method::POST, "/v1/pause", None).await.expect(200);
    let reason = world.get("/v1/status").await.expect(200)["reason"].clone();
    assert!(reason.as_str().unwrap().starts_with("Since 10:00."), "{reason}");
}
