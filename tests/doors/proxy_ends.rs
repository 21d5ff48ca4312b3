//! How proxied calls end: whatever happens to one, it is written down once, for what it has spent, and nothing stays held.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use http::{Method, Request};
use serde_json::{Value, json};
use spendlight::config::Upstream;
use spendlight::providers::Dialect;

use crate::provider::{Provider, Step, chunk, encoded, events, whole};
use crate::proxy::{CHAT, completion, entry, entry_of, let_go, post, question, world_of};
use crate::world::{Answer, World, nanos};

/// How a call that reported nothing is settled: the steps of its provider, and what its entry must be.
async fn ends(steps: Vec<Step>, streams: bool) -> (World, Answer, Value) {
    let provider = Provider::that(steps).await;
    let world = world_of(&provider);
    let mut asked = question("gpt-5-mini");
    asked["stream"] = json!(streams);
    let response = world.pass(post(CHAT, &asked, &[])).await;
    let (parts, body) = response.into_parts();
    let mut bytes = Vec::new();
    let mut body = body.into_data_stream();
    while let Some(Ok(piece)) = body.next().await {
        bytes.extend_from_slice(&piece);
    }
    let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, bytes };
    let entry = entry_of(&world, &answer).await;
    let_go(&world).await;
    (world, answer, entry)
}

#[track_caller]
fn estimated(entry: &Value) {
    assert_eq!((&entry["usage_source"], &entry["ok"]), (&json!("estimated"), &json!(false)), "{entry}");
    assert!(nanos(&entry["cost_usd"]) > 0, "never zero: {entry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_report_is_estimated_and_never_nothing() {
    let event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello there, how are you?\"}}]}\n\n";
    let (_, answer, entry) = ends(vec![Step::Send(events()), Step::Send(chunk(event)), Step::Break], true).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, event), "what came before the break has passed");
    estimated(&entry);
    assert!(entry["output_tokens"].as_u64().unwrap() < 50, "what was seen is counted, not the maximum: {entry}");

    let (.., entry) = ends(vec![Step::Send(whole(200, "application/json", b"<html>gateway</html>"))], false).await;
    estimated(&entry);
    assert_eq!(entry["output_tokens"], 100, "nothing was seen: what could have been is counted");

    let (_, answer, entry) = ends(vec![Step::Break], false).await;
    assert_eq!(answer.status, 502);
    estimated(&entry);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_refuses_costs_nothing() {
    let error = json!({"error": {"message": "slow down: secret", "type": "rate_limit_exceeded", "code": null}});
    let (_, answer, entry) =
        ends(vec![Step::Send(whole(429, "application/json", error.to_string().as_bytes()))], false).await;
    assert_eq!(answer.expect(429), error, "the provider's error is the client's");
    assert_eq!((&entry["ok"], &entry["status"], nanos(&entry["cost_usd"])), (&json!(false), &json!(429), 0));
    assert_eq!(entry["error"], "rate_limit_exceeded", "the word for it, never its message");

    let mut world = World::new();
    let nobody = "http://127.0.0.1:9".to_owned();
    world.upstreams = vec![Upstream { name: "openai".to_owned(), url: nobody, dialect: Dialect::OpenAi }];
    let answer = world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await;
    let said = answer.expect(502);
    assert!(said["error"]["message"].as_str().unwrap().contains("openai cannot be reached"), "{said}");
    let entry = entry_of(&world, &answer).await;
    assert_eq!((&entry["ok"], nanos(&entry["cost_usd"])), (&json!(false), 0), "it never went");
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_is_settled_by_what_it_saw() {
    let event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello there\"}}]}\n\n";
    let provider = Provider::that(vec![Step::Send(events()), Step::Send(chunk(event)), Step::Wait]).await;
    let world = world_of(&provider);
    let mut asked = question("gpt-5-mini");
    asked["stream"] = json!(true);
    let response = world.pass(post(CHAT, &asked, &[("x-spendlight-call-id", "left")])).await;
    let mut body = response.into_body().into_data_stream();
    body.next().await.unwrap().unwrap();
    drop(body);
    let left = entry(&world, "left").await;
    estimated(&left);
    assert!(left["error"].as_str().unwrap().starts_with("abandoned"), "{left}");
    let_go(&world).await;

    // And one that leaves before any answer.
    let provider = Provider::that(vec![Step::Wait]).await;
    let world = Arc::new(world_of(&provider));
    let calling = {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            world.pass(post(CHAT, &question("gpt-5-mini"), &[("x-spendlight-call-id", "early")])).await
        })
    };
    while provider.got().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    calling.abort();
    estimated(&entry(&world, "early").await);
    let_go(&world).await;
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn brotlied(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 5, 22).write_all(text.as_bytes()).unwrap();
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_answers_pass_as_they_are_and_are_read() {
    let text = completion().to_string();
    for (name, bytes) in
        [("gzip", gzipped(&text)), ("br", brotlied(&text)), ("zstd", zstd::encode_all(text.as_bytes(), 3).unwrap())]
    {
        let provider = Provider::that(vec![Step::Send(encoded(200, "application/json", Some(name), &bytes))]).await;
        let world = world_of(&provider);
        let answer = world.knock(post(CHAT, &question("gpt-5-mini"), &[("accept-encoding", name)])).await;
        assert_eq!((&answer.bytes, answer.header("content-encoding")), (&bytes, Some(name)));
        assert_eq!(entry_of(&world, &answer).await["input_tokens"], 1000, "{name} is read");
    }
    // A request may be compressed too, and must not be admitted for less than it asks.
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    world.budget(json!({"id": "t", "name": "Tokens", "window": "day", "unit": "tokens", "limit": 100_000})).await;
    let mut asked = question("gpt-5-mini");
    asked["max_tokens"] = json!(200_000);
    let request = Request::builder().method(Method::POST).uri(CHAT).header("host", "127.0.0.1:7575");
    let request = request.header("content-type", "application/json").header("content-encoding", "zstd");
    let body = zstd::encode_all(asked.to_string().as_bytes(), 3).unwrap();
    world.knock(request.body(Body::from(body)).unwrap()).await.expect(402);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_cut_off_by_a_crash_is_settled_at_its_ceiling_by_the_next_start() {
    let provider = Provider::that(vec![Step::Wait]).await;
    let mut world = world_of(&provider);
    world.budget(json!({"id": "day", "name": "Today", "window": "day", "limit": 1})).await;
    let request = spendlight::meter::CheckRequest {
        provider: "openai".into(),
        model: "gpt-5-mini".into(),
        project: Some("eval".into()),
        input_tokens: Some(1000),
        max_output_tokens: Some(100),
        call_id: Some("cut".into()),
        ..Default::default()
    };
    let admitted = world.meter().admit(&request, Default::default()).await.unwrap();
    let reserved = nanos(&world.standing("day").await["reserved"]);
    assert!(reserved >= 1000 * 250 + 100 * 2000);
    // A crash drops nothing.
    std::mem::forget(admitted);
    world.restart();
    let entry = entry(&world, "cut").await;
    assert_eq!((nanos(&entry["cost_usd"]), &entry["usage_source"]), (reserved, &json!("estimated")));
    assert_eq!((&entry["project"], &entry["ok"]), (&json!("eval"), &json!(false)));
    assert!(entry["error"].as_str().unwrap().starts_with("interrupted"), "{entry}");
    assert_eq!(nanos(&world.standing("day").await["used"]), reserved);
    let_go(&world).await;
    world.restart();
    assert_eq!(nanos(&world.standing("day").await["used"]), reserved, "it is settled once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_over_counts_at_once_for_whoever_asks_next() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    // Each may cost $0.0002 by its request, and costs $0.00045.
    world.budget(json!({"id": "day", "name": "Today", "window": "day", "limit": 0.001})).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await.status);
    }
    assert_eq!(statuses, [200, 200, 402, 402], "nobody waits for an entry, and everybody is decided on by it");
    let_go(&world).await;
    assert_eq!(nanos(&world.standing("day").await["used"]), 900_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_a_budget_asks_about_waits_for_its_user_and_then_goes() {
    let provider = Provider::json(&completion()).await;
    let world = Arc::new(world_of(&provider));
    world
        .budget(json!({"id": "ask", "name": "Ask", "window": "day", "unit": "tokens", "limit": 1, "action": "ask"}))
        .await;
    for (answered, status) in [("allow_once", 200), ("deny", 402)] {
        let _listening = world.meter().changes();
        let calling = {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await })
        };
        let question = loop {
            let questions = world.get("/v1/questions").await.expect(200)["questions"].clone();
            match questions[0]["id"].as_str() {
                Some(id) => break id.to_owned(),
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        let before = provider.got().len();
        let answer = Some(json!({"answer": answered}));
        world.owner(Method::POST, &format!("/v1/questions/{question}/answer"), answer).await.expect(200);
        calling.await.unwrap().expect(status);
        assert_eq!(provider.got().len() - before, usize::from(status == 200), "it goes once it may: {answered}");
    }
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_that_came_to_nothing_leaves_its_id_to_the_next_one() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    world.budget(json!({"id": "day", "name": "Today", "window": "day", "unit": "tokens", "limit": 1})).await;
    let same = [("x-spendlight-call-id", "again")];
    let ask = || world.knock(post(CHAT, &question("gpt-5-mini"), &same));
    let denied = ask().await;
    denied.expect(402);
    world
        .put(
            "/v1/budgets/day",
            json!({"id": "day", "name": "Today", "window": "day", "unit": "tokens", "limit": 9_000}),
        )
        .await
        .expect(200);
    let went = ask().await;
    went.expect(200);
    let (first, second) = (entry_of(&world, &denied).await, entry(&world, "again~2").await);
    assert_eq!((&first["ok"], &second["ok"]), (&json!(false), &json!(true)), "{first} {second}");
    let_go(&world).await;
    assert_eq!(world.standing("day").await["used"], 1_100, "what was spent counts, whatever its id had been");
    ask().await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_of_a_model_counts_its_versions_and_whatever_answered_for_it() {
    for answered in ["gpt-5-mini-2025-08-07", "gpt-5", "something-else"] {
        let mut said = completion();
        said["model"] = json!(answered);
        let provider = Provider::json(&said).await;
        let world = world_of(&provider);
        let scope = json!({"model": "gpt-5-mini"});
        world
            .budget(
                json!({"id": "two", "name": "Two", "scope": scope, "window": "day", "unit": "requests", "limit": 2}),
            )
            .await;
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await.status);
        }
        assert_eq!(statuses, [200, 200, 402], "answered by {answered}");
        let_go(&world).await;
        assert_eq!(world.standing("two").await["used"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_unpacks_without_end_is_refused() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    let bomb = zstd::encode_all(std::io::repeat(b' ').take(200 << 20), 3).unwrap();
    let request = Request::builder().method(Method::POST).uri(CHAT).header("host", "127.0.0.1:7575");
    let request = request.header("content-type", "application/json").header("content-encoding", "zstd");
    world.knock(request.body(Body::from(bomb)).unwrap()).await.expect(415);
    assert!(provider.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_goes_on_weighs_on_the_window_it_began_in() {
    let body = completion().to_string();
    let provider = Provider::that(vec![Step::Wait, Step::Send(whole(200, "application/json", body.as_bytes()))]).await;
    let world = Arc::new(world_of(&provider));
    world.budget(json!({"id": "rpm", "name": "A minute", "window": "minute", "unit": "requests", "limit": 1})).await;
    let call = || {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await.status })
    };
    let reached = async |count: usize| {
        while provider.got().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let first = call();
    reached(1).await;
    assert_eq!(world.knock(post(CHAT, &question("gpt-5-mini"), &[])).await.status, 429, "one a minute");
    world.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(world.standing("rpm").await["reserved"], 0, "the next minute is nobody's yet");
    let second = call();
    reached(2).await;
    assert_eq!(world.standing("rpm").await["reserved"], 1);
    provider.go_on();
    tokio::time::sleep(Duration::from_millis(50)).await;
    provider.go_on();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (200, 200));
    let_go(&world).await;
    assert_eq!(world.standing("rpm").await["used"], 1, "each counts where it was held");
}
