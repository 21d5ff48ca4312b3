//! Spendlight keys at the HTTP door: shown once, kept as a hash, refused at once when revoked, and binding what is called
//! with them. The providers' own keys are in `provider_keys.rs`.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::{Value, json};
use spendlight::domain::key::Key;

use crate::program::{Program, run, run_with_input};
use crate::world::{Answer, TOKEN, World, files, found_in, nanos, request};

const HOST: Option<&str> = Some("127.0.0.1:7575");

/// Issues a key and tells its text.
async fn issue(world: &World, body: Value) -> String {
    let issued = world.owner(Method::POST, "/v1/keys", Some(body)).await.expect(201);
    issued["key"].as_str().unwrap().to_owned()
}

async fn listed(world: &World) -> Vec<Value> {
    world.owner(Method::GET, "/v1/keys", None).await.expect(200)["keys"].as_array().unwrap().clone()
}

/// The same request with a key, in its own header or as a bearer's token.
fn keyed(mut request: Request<Body>, bearer: bool, key: &str) -> Request<Body> {
    let (name, value) =
        if bearer { (AUTHORIZATION.as_str(), format!("Bearer {key}")) } else { ("x-spendlight-key", key.to_owned()) };
    request.headers_mut().insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    request
}

async fn ask(world: &World, key: &str, path: &str, body: Value) -> Answer {
    world.knock(keyed(request(Method::POST, path, Some(body), HOST), false, key)).await
}

fn batch(lines: &[Value]) -> Request<Body> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut request = request(Method::POST, "/v1/record/batch", None, HOST);
    request.headers_mut().insert(CONTENT_TYPE, "application/x-ndjson".parse().unwrap());
    *request.body_mut() = Body::from(text);
    request
}

fn call(cost_usd: f64) -> Value {
    json!({"provider": "house", "model": "m", "cost_usd": cost_usd})
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_its_hash() {
    let mut world = World::new();
    let body = json!({"name": "Nightly eval", "project": "eval", "models": ["m*"]});
    let answer = world.owner(Method::POST, "/v1/keys", Some(body)).await;
    let issued = answer.expect(201);
    assert_eq!(answer.header("cache-control"), Some("no-store"), "nobody between keeps the answer");
    let key = issued["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("sl-") && key.len() == 46, "a key is sl- and 43 letters: {key}");
    assert_ne!(key, issue(&world, json!({"name": "Nightly eval"})).await, "no key is issued twice");

    let told = listed(&world).await;
    let first = json!({"id": "nightly-eval", "name": "Nightly eval", "project": "eval", "models": ["m*"],
        "created_at": "2026-11-22T12:00:00.000Z", "last_used_at": null, "revoked_at": null});
    assert_eq!((told.len(), &told[0], &told[1]["id"]), (2, &first, &json!("nightly-eval-2")));
    ask(&world, &key, "/v1/check", call(0.1)).await.expect(200);
    ask(&world, &key, "/v1/record", call(0.1)).await.expect(201);
    for path in ["/v1/entries", "/v1/status", "/v1/settings", "/metrics", "/v1/export", "/openapi.json"] {
        assert!(!world.get(path).await.text().contains(&key), "{path} must not tell the key");
    }
    let (hash, letters) = (Key::hash(&key), &key.as_bytes()[3..]);
    let random = URL_SAFE_NO_PAD.decode(letters).unwrap();
    for when in ["open", "closed"] {
        assert!(found_in(world.path(), &hash).iter().any(|file| file.contains("ledger")), "{when}: its hash is kept");
        for part in [&letters[..16], &letters[27..], &random[..16]] {
            assert_eq!(found_in(world.path(), part), Vec::<String>::new(), "{when}: no part of the key is");
        }
        world.close();
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_its_entries_keep_its_id() {
    let mut world = World::new();
    let key = issue(&world, json!({"name": "Eval", "id": "eval"})).await;
    ask(&world, &key, "/v1/record", call(0.1)).await.expect(201);
    world.owner(Method::DELETE, "/v1/keys/eval", None).await.expect(204);
    for restarted in [false, true] {
        for path in ["/v1/check", "/v1/record"] {
            let answer = ask(&world, &key, path, call(0.1)).await;
            let detail = answer.refused(401);
            assert!(detail.contains("revoked") && !detail.contains(&key), "restarted: {restarted}: {detail}");
            assert_eq!(answer.json()["type"], "key-revoked");
        }
        let entries = world.get("/v1/entries?key=eval").await.expect(200);
        assert_eq!(entries["entries"][0]["key"], "eval", "restarted: {restarted}");
        assert_eq!(listed(&world).await[0]["revoked_at"], "2026-11-22T12:00:00.000Z");
        world.restart();
    }
    world.advance(TimeDelta::hours(1));
    world.owner(Method::DELETE, "/v1/keys/eval", None).await.expect(204);
    assert_eq!(listed(&world).await[0]["revoked_at"], "2026-11-22T12:00:00.000Z", "it was revoked then, not now");
    world.owner(Method::DELETE, "/v1/keys/other", None).await.refused(404);
    let again = json!({"name": "Eval", "id": "eval"});
    world.owner(Method::POST, "/v1/keys", Some(again)).await.refused(409);
    issue(&world, json!({"name": "eval"})).await;
    assert_eq!(listed(&world).await[1]["id"], "eval-2", "nobody is given the id of a revoked key");
}

#[tokio::test]
async fn a_key_survives_a_restart_and_an_unknown_one_is_never_repeated() {
    let mut world = World::new();
    let key = issue(&world, json!({"name": "Eval"})).await;
    world.restart();
    for bearer in [false, true] {
        let check = request(Method::POST, "/v1/check", Some(call(0.1)), HOST);
        world.knock(keyed(check, bearer, &key)).await.expect(200);
        for wrong in [format!("{key}A"), key[..45].to_owned(), key.to_uppercase(), "sl-".to_owned()] {
            let check = request(Method::POST, "/v1/check", Some(call(0.1)), HOST);
            let answer = world.knock(keyed(check, bearer, &wrong)).await;
            if bearer && !wrong.starts_with("sl-") {
                answer.expect(200);
                continue;
            }
            let detail = answer.refused(401);
            assert!(wrong == "sl-" || !detail.contains(&wrong), "what was sent is not repeated: {detail}");
            assert_eq!(
                (answer.json()["type"].as_str(), answer.header("www-authenticate")),
                (Some("key-unknown"), Some("Bearer"))
            );
        }
    }
    let check = request(Method::POST, "/v1/check", Some(call(0.1)), HOST);
    world.knock(keyed(check, true, "sk-a-provider-s-own")).await.expect(200);
}

#[tokio::test]
async fn a_budget_of_a_key_binds_its_calls_alone() {
    let mut world = World::new();
    let key = issue(&world, json!({"name": "Eval", "id": "eval"})).await;
    let other = issue(&world, json!({"name": "Other"})).await;
    world.budget(json!({"id": "eval-day", "scope": {"key": "eval"}, "window": "day", "limit": 1})).await;
    ask(&world, &key, "/v1/record", call(0.5)).await.expect(201);
    let line = [call(0.1)];
    assert_eq!(world.knock(keyed(batch(&line), false, &key)).await.expect(200)["recorded"], 1);
    let mut held = call(0.2);
    held["reserve"] = json!(true);
    ask(&world, &key, "/v1/check", held).await.expect(200);
    for restarted in [false, true] {
        let standing = world.standing("eval-day").await;
        let stands = (nanos(&standing["used"]), nanos(&standing["reserved"]));
        assert_eq!(stands, (600_000_000, 200_000_000), "restarted: {restarted}");
        let denied = ask(&world, &key, "/v1/check", call(0.3)).await.expect(402);
        assert_eq!(denied["binding"]["budget"], "eval-day", "restarted: {restarted}");
        ask(&world, &key, "/v1/check", call(0.2)).await.expect(200);
        ask(&world, &other, "/v1/check", call(0.3)).await.expect(200);
        world.check(call(0.3)).await.expect(200);
        world.restart();
    }
}

#[tokio::test]
async fn a_key_names_the_project_of_its_calls_unless_they_do() {
    let world = World::new();
    let key = issue(&world, json!({"name": "Eval", "project": "eval"})).await;
    world.budget(json!({"id": "project", "scope": {"project": "eval"}, "window": "day", "limit": 1})).await;
    let mut own = call(0.1);
    own["project"] = json!("own");
    let of = |answer: Value| (answer["entry"]["project"].clone(), answer["entry"]["key"].clone());
    assert_eq!(of(ask(&world, &key, "/v1/record", call(0.1)).await.expect(201)), (json!("eval"), json!("eval")));
    assert_eq!(of(ask(&world, &key, "/v1/record", own).await.expect(201)), (json!("own"), json!("eval")));
    assert_eq!(of(world.record(call(0.1)).await.expect(201)), (Value::Null, Value::Null));
    assert_eq!(ask(&world, &key, "/v1/check", call(1.0)).await.expect(402)["binding"]["budget"], "project");
    world.check(call(1.0)).await.expect(200);
    let entries = world.get("/v1/entries?key=eval").await.expect(200);
    assert_eq!(entries["entries"].as_array().unwrap().len(), 2, "entries are found by their key");
    let csv = world.get("/v1/export").await.text();
    assert_eq!(csv.lines().filter(|line| line.contains(",eval,")).count(), 2, "and exported with it: {csv}");
}

#[tokio::test]
async fn a_call_is_the_same_only_with_the_same_key() {
    let world = World::new();
    let key = issue(&world, json!({"name": "Eval"})).await;
    let mut body = call(0.1);
    body["call_id"] = json!("once");
    ask(&world, &key, "/v1/record", body.clone()).await.expect(201);
    assert_eq!(ask(&world, &key, "/v1/record", body.clone()).await.expect(200)["replayed"], true);
    world.record(body).await.refused(409);
    let held = json!({"provider": "house", "model": "m", "cost_usd": 0.1, "call_id": "held", "reserve": true});
    ask(&world, &key, "/v1/check", held.clone()).await.expect(200);
    ask(&world, &key, "/v1/check", held.clone()).await.expect(200);
    world.check(held).await.refused(409);
}

#[tokio::test]
async fn a_model_that_a_key_may_not_use_is_refused_before_the_call_and_recorded_after_it() {
    let world = World::new();
    let key = issue(&world, json!({"name": "Mini", "models": ["gpt-5-mini", "local*"]})).await;
    let of = |model: &str| json!({"provider": "house", "model": model, "cost_usd": 0.1});
    for (model, status) in [("gpt-5-mini", 200), ("local/llama", 200), ("gpt-5", 403), ("gpt-5-mini-2026", 403)] {
        for reserve in [false, true] {
            let mut body = of(model);
            body["reserve"] = json!(reserve);
            let answer = ask(&world, &key, "/v1/check", body).await;
            if status == 200 {
                answer.expect(200);
                continue;
            }
            let detail = answer.refused(403);
            assert!(detail.contains(model) && detail.contains("Mini"), "{detail}");
            assert_eq!(answer.json()["type"], "key-refused");
        }
        ask(&world, &key, "/v1/record", of(model)).await.expect(201);
    }
    assert_eq!(world.knock(keyed(batch(&[of("gpt-5")]), false, &key)).await.expect(200)["recorded"], 1);
    world.check(of("gpt-5")).await.expect(200);
    let refused = json!({"name": "Mini", "models": ["g*5"]});
    assert!(world.owner(Method::POST, "/v1/keys", Some(refused)).await.refused(422).contains("models"));
}

#[tokio::test]
async fn where_a_key_is_required_nobody_but_the_owner_goes_without() {
    let mut world = World::new();
    let key = issue(&world, json!({"name": "Eval"})).await;
    let mut held = call(0.1);
    held["reserve"] = json!(true);
    held["call_id"] = json!("held");
    world.check(held).await.expect(200);
    assert_eq!(world.get("/v1/settings").await.expect(200)["require_key"], false, "at first none is");
    assert_eq!(world.put("/v1/settings", json!({"require_key": true})).await.expect(200)["require_key"], true);
    for restarted in [false, true] {
        for bearer in [None, Some("Bearer sk-other"), Some("Bearer "), Some("Basic c2w=")] {
            let refused = [
                request(Method::POST, "/v1/check", Some(call(0.1)), HOST),
                request(Method::POST, "/v1/record", Some(call(0.1)), HOST),
                batch(&[call(0.1)]),
            ];
            for mut asked in refused {
                if let Some(bearer) = bearer {
                    asked.headers_mut().insert(AUTHORIZATION, bearer.parse().unwrap());
                }
                let answer = world.knock(asked).await;
                let detail = answer.refused(401);
                assert!(detail.contains("spendlight keys issue"), "it tells how to get one: {detail}");
                assert_eq!(answer.json()["type"], "key-required", "restarted: {restarted}");
            }
        }
        for bearer in [false, true] {
            for asked in [request(Method::POST, "/v1/check", Some(call(0.1)), HOST), batch(&[])] {
                world.knock(keyed(asked, bearer, &key)).await.expect(200);
            }
        }
        let owner = keyed(request(Method::POST, "/v1/check", Some(call(0.1)), HOST), true, TOKEN);
        world.knock(owner).await.expect(200);
        world.owner(Method::POST, "/v1/check", Some(call(0.1))).await.expect(200);
        world.get("/v1/status").await.expect(200);
        world.restart();
    }
    assert_eq!(world.get("/v1/entries").await.expect(200)["entries"], json!([]), "nothing was written down");
    world.owner(Method::POST, "/v1/record", Some(call(0.1))).await.expect(201);
    ask(&world, &key, "/v1/record", call(0.1)).await.expect(201);
    world.post("/v1/release", json!({"call_id": "held"})).await.expect(204);
    world.put("/v1/settings", json!({"require_key": false})).await.expect(200);
    world.check(call(0.1)).await.expect(200);
}

#[tokio::test]
async fn a_key_tells_when_it_was_last_used_to_the_hour() {
    let mut world = World::new();
    let key = issue(&world, json!({"name": "Eval", "id": "eval"})).await;
    let used = async |world: &World| {
        // Whatever is asked for now is committed behind the use.
        world.put("/v1/settings", json!({})).await.expect(200);
        let told = listed(world).await[0]["last_used_at"].clone();
        let stored = world.number("SELECT coalesce(last_used_ms, 0) FROM keys");
        (told, stored)
    };
    assert_eq!(used(&world).await, (Value::Null, 0));
    let noon_ms = world.clock.now().timestamp_millis();
    for (minutes, at, ms) in [(0, "12:00:00", 0), (59, "12:00:00", 0), (1, "13:00:00", 3_600_000)] {
        world.advance(TimeDelta::minutes(minutes));
        ask(&world, &key, "/v1/check", call(0.1)).await.expect(200);
        assert_eq!(used(&world).await, (json!(format!("2026-11-22T{at}.000Z")), noon_ms + ms), "at most once an hour");
    }
    world.restart();
    assert_eq!(used(&world).await.0, "2026-11-22T13:00:00.000Z");
}

#[tokio::test]
async fn keys_are_the_owners() {
    let world = World::new();
    issue(&world, json!({"name": "Eval", "id": "eval"})).await;
    let key = issue(&world, json!({"name": "Other"})).await;
    let asked = || {
        [
            request(Method::GET, "/v1/keys", None, HOST),
            request(Method::POST, "/v1/keys", Some(json!({"name": "Mine"})), HOST),
            request(Method::DELETE, "/v1/keys/eval", None, HOST),
            request(Method::PUT, "/v1/settings", Some(json!({"require_key": false})), HOST),
        ]
    };
    for asked in asked() {
        assert_eq!(world.knock(asked).await.json()["type"], "owner-only");
    }
    for asked in asked() {
        assert_eq!(world.knock(keyed(asked, true, &key)).await.json()["type"], "owner-only", "a key is no owner");
    }
    for asked in asked() {
        let status = world.knock(keyed(asked, true, TOKEN)).await.status;
        assert!(status < 300, "the owner may: {status}");
    }
}

#[tokio::test]
async fn an_unsound_key_names_its_field_and_is_not_issued() {
    let world = World::new();
    for (field, value) in [
        ("name", json!("")),
        ("name", json!(7)),
        ("name", json!("x".repeat(201))),
        ("id", json!("a/b")),
        ("project", json!("\u{7}")),
        ("models", json!("gpt")),
        ("models", json!([""])),
        ("hash", json!("x")),
    ] {
        let mut body = json!({"name": "Eval"});
        body[field] = value.clone();
        let detail = world.owner(Method::POST, "/v1/keys", Some(body)).await.refused(422);
        assert!(detail.contains(field), "{field}: {value} must be named: {detail}");
    }
    assert_eq!(listed(&world).await, Vec::<Value>::new());
}

/// The same life on the command line, whoever has the ledger. Tells the key.
fn a_life_of_a_key(data: &std::path::Path) -> String {
    let out = |args: &[&str]| {
        let output = run(data, args);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{args:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        (said, String::from_utf8(output.stderr).unwrap())
    };
    let (said, told) = out(&["keys", "issue", "--name", "Eval", "--project", "p", "--model", "m*", "--model", "n"]);
    let key = said.trim().to_owned();
    assert!(said.lines().count() == 1 && key.starts_with("sl-") && key.len() == 46, "only the key: {said}");
    assert!(told.contains("not shown again") && !told.contains(&key), "{told}");
    let (listed, _) = out(&["keys"]);
    assert!(listed.contains("eval") && listed.contains("project p, m* n, never used"), "{listed}");
    assert!(!listed.contains(&key));
    out(&["budgets", "add", "--key", "eval", "--window", "day", "--limit", "1"]);
    assert!(out(&["budgets"]).0.contains("eval-day"));
    out(&["keys", "revoke", "eval"]);
    assert!(out(&["keys", "list"]).0.contains("revoked"));
    assert_eq!(run(data, &["keys", "revoke", "nobody"]).status.code(), Some(1));
    key
}

#[tokio::test]
async fn keys_are_issued_and_revoked_on_the_command_line() {
    let (alone, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    a_life_of_a_key(alone.path());
    let log = beside.path().join("log");
    let program = Program::start_with_log(beside.path(), &log);
    let key = a_life_of_a_key(beside.path());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let check = http.post(format!("http://{}/v1/check", program.address)).bearer_auth(&key).json(&call(0.1));
    assert_eq!(check.send().await.unwrap().status(), 401, "a revoked key is refused");
    let provider_key = "gsk_provider_key_in_the_log";
    let set = run_with_input(beside.path(), &["provider-keys", "set", "groq", "--file"], provider_key);
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    program.end();
    let logged = std::fs::read_to_string(&log).unwrap();
    for told in ["\"eval\" has been issued", "\"eval\" has been revoked", "groq is kept in the file"] {
        assert!(logged.contains(told), "{told} is logged: {logged}");
    }
    assert!(!logged.contains(&key[3..]) && !logged.contains(provider_key), "and no key among it");
    assert!(files(beside.path()).len() > 3 && found_in(beside.path(), &key.as_bytes()[3..]).is_empty());
}
