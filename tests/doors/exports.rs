//! Exports into a file: whole or not at all, with progress, given up at will, and the owner's alone; and the same on the
//! command line.

use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::world::World;

/// A world with some thousand calls, which are several steps of an export.
async fn some_thousand() -> World {
    let world = World::new();
    let lines: Vec<String> = (0..3_500)
        .map(|n| {
            let provider = if n % 4 == 0 { "gemini" } else { "openai" };
            json!({"call_id": format!("c{n:04}"), "provider": provider, "model": "m", "cost_usd": 0.001}).to_string()
        })
        .collect();
    let request = http::Request::post("/v1/record/batch")
        .header("host", "127.0.0.1:7575")
        .header("content-type", "application/x-ndjson");
    let answer = world.knock(request.body(axum::body::Body::from(lines.join("\n"))).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    world
}

async fn begin(world: &World, query: &str, file: &Path) -> crate::world::Answer {
    world.owner(Method::POST, &format!("/v1/data/export?{query}"), Some(json!({"file": file}))).await
}

/// How the export ended.
async fn end(world: &World) -> Value {
    for _ in 0..1_000 {
        let now = world.owner(Method::GET, "/v1/data/export", None).await.expect(200);
        if now["state"] != "running" {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the export must end")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_export_into_a_file_has_what_its_list_has_and_no_more() {
    let (world, folder) = (some_thousand().await, tempfile::tempdir().unwrap());
    assert_eq!(world.owner(Method::GET, "/v1/data/export", None).await.expect(200)["state"], "none");
    for (n, query) in ["format=csv", "format=ndjson&provider=gemini", "format=csv&q=c00"].iter().enumerate() {
        let listed = world.get(&format!("/v1/export?{query}")).await.text();
        let begun = begin(&world, query, folder.path()).await.expect(202);
        // What is recorded once it has begun is not in it.
        world
            .record(json!({"call_id": format!("c00-late{n}"), "provider": "gemini", "model": "m", "cost_usd": 1}))
            .await;
        let ended = end(&world).await;
        assert_eq!((&ended["state"], &ended["file"]), (&json!("done"), &begun["file"]), "{ended}");
        assert_eq!((&ended["entries"], &ended["of"]), (&begun["of"], &begun["of"]), "{query}");
        let written = std::fs::read_to_string(ended["file"].as_str().unwrap()).unwrap();
        assert_eq!(written, listed, "{query}");
        assert_eq!(ended["bytes"], written.len(), "{query}");
    }
    let expected = ["spendlight-2026-11-22-2.csv", "spendlight-2026-11-22.csv", "spendlight-2026-11-22.ndjson"];
    assert_eq!(names(folder.path()), expected, "each has a name of its own, and nothing else is left");
}

#[tokio::test]
async fn an_export_that_is_given_up_leaves_nothing() {
    let (world, folder) = (some_thousand().await, tempfile::tempdir().unwrap());
    begin(&world, "", folder.path()).await.expect(202);
    assert!(begin(&world, "", folder.path()).await.refused(409).contains("is being written"), "one at a time");
    world.owner(Method::DELETE, "/v1/data/export", None).await.expect(204);
    assert_eq!(end(&world).await["state"], "cancelled");
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
    world.owner(Method::DELETE, "/v1/data/export", None).await.refused(404);
    begin(&world, "", folder.path()).await.expect(202);
    assert_eq!(end(&world).await["state"], "done", "and another one can be made");
}

#[tokio::test]
async fn an_export_writes_over_nothing_and_says_what_is_wrong() {
    let (world, folder) = (some_thousand().await, tempfile::tempdir().unwrap());
    let there = folder.path().join("there.csv");
    std::fs::write(&there, "mine").unwrap();
    for (file, why) in [
        (there.as_path(), "not written over"),
        (Path::new("calls.csv"), "whole path"),
        (&folder.path().join("no/calls.csv"), "folder that is not there"),
    ] {
        let detail = begin(&world, "", file).await.refused(422);
        assert!(detail.starts_with("file ") && detail.contains(why), "{detail}");
    }
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "mine");
    assert!(begin(&world, "format=xml", folder.path()).await.refused(422).contains("format"));
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let body = (method == Method::POST).then(|| json!({}));
        world.ask(method, "/v1/data/export", body).await.refused(401);
    }
}
