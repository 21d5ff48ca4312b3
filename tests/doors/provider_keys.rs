//! The providers' own keys: they go in and never come out, and nothing is kept in a file that nobody asked for.

use std::path::Path;

use http::Method;
use serde_json::{Value, json};

use crate::program::{run, run_with_input};
use crate::world::{World, found_in};

const MARKER: &str = "sk-SECRET-77c1-MARKER";
const FILE: &str = "provider-keys.toml";

async fn set(world: &World, provider: &str, body: Value) -> crate::world::Answer {
    world.put(&format!("/v1/provider-keys/{provider}"), body).await
}

async fn kept(world: &World) -> Value {
    world.owner(Method::GET, "/v1/provider-keys", None).await.expect(200)["provider_keys"].clone()
}

async fn get(world: &World, provider: &str) -> Option<String> {
    world.app.keychain.get(provider).await.map(|key| key.expose().to_owned())
}

fn in_files(folder: &Path) -> Vec<String> {
    found_in(folder, MARKER.as_bytes())
}

/// A world whose keychain does not work.
fn without_keychain() -> World {
    let mut world = World::new();
    world.drawer.broken = true;
    world.restart();
    world
}

#[tokio::test]
async fn a_key_is_kept_in_the_keychain_and_in_no_file() {
    let mut world = World::new();
    assert_eq!(get(&world, "openai").await, None);
    set(&world, "OpenAI", json!({"key": format!(" {MARKER}\n")})).await.expect(200);
    for restarted in [false, true] {
        assert_eq!(get(&world, "openai").await.as_deref(), Some(MARKER), "restarted: {restarted}");
        assert_eq!(kept(&world).await, json!([{"provider": "openai", "store": "keychain"}]));
        world.restart();
    }
    assert_eq!(world.drawer.keys.lock().unwrap().len(), 1, "the account is the provider");
    world.close();
    assert_eq!(in_files(world.path()), Vec::<String>::new());
    world.restart();
    world.owner(Method::DELETE, "/v1/provider-keys/openai", None).await.expect(204);
    assert!(get(&world, "openai").await.is_none() && world.drawer.keys.lock().unwrap().is_empty());
    assert_eq!(kept(&world).await, json!([]));
    world.owner(Method::DELETE, "/v1/provider-keys/openai", None).await.refused(404);
}

#[tokio::test]
async fn without_a_keychain_the_choice_is_told_and_a_file_needs_consent() {
    let mut world = without_keychain();
    for body in [json!({"key": MARKER}), json!({"key": MARKER, "store": "keychain"})] {
        let answer = set(&world, "my-house", body).await;
        let detail = answer.refused(503);
        for word in ["SPENDLIGHT_KEY_MY_HOUSE", "--file", "nobody answers"] {
            assert!(detail.contains(word), "{word} is the choice, or the reason: {detail}");
        }
        assert_eq!(answer.json()["type"], "keychain-unavailable");
    }
    assert_eq!((in_files(world.path()), get(&world, "my-house").await), (Vec::new(), None), "nothing is kept unasked");
    set(&world, "my-house", json!({"key": MARKER, "store": "file"})).await.expect(200);
    assert_eq!(in_files(world.path()), vec![FILE], "in that file alone");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(world.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only its user can read it");
    }
    world.restart();
    assert_eq!(get(&world, "my-house").await.as_deref(), Some(MARKER));
    assert_eq!(kept(&world).await, json!([{"provider": "my-house", "store": "file"}]));
    world.owner(Method::DELETE, "/v1/provider-keys/my-house", None).await.expect(204);
    assert_eq!((in_files(world.path()), get(&world, "my-house").await), (Vec::new(), None));
}

#[tokio::test]
async fn what_was_set_last_is_what_is_used() {
    let mut world = World::new();
    let file = |key: &str| json!({"key": key, "store": "file"});
    set(&world, "groq", json!({"key": "one"})).await.expect(200);
    assert_eq!(get(&world, "groq").await.as_deref(), Some("one"));
    for (body, key, store) in [
        (json!({"key": "two"}), "two", "keychain"),
        (file("three"), "three", "file"),
        (file("four"), "four", "file"),
        (json!({"key": "five"}), "five", "keychain"),
    ] {
        set(&world, "groq", body).await.expect(200);
        for restarted in [false, true] {
            assert_eq!(get(&world, "groq").await.as_deref(), Some(key), "restarted: {restarted}");
            assert_eq!(kept(&world).await, json!([{"provider": "groq", "store": store}]));
            world.restart();
        }
    }
    world.drawer.broken = true;
    world.restart();
    set(&world, "groq", file("six")).await.expect(200);
    world.drawer.broken = false;
    world.restart();
    assert_eq!(get(&world, "groq").await.as_deref(), Some("six"), "a keychain that is back does not win");
}

#[tokio::test]
async fn a_key_is_looked_up_once() {
    let world = World::new();
    set(&world, "groq", json!({"key": "one"})).await.expect(200);
    assert_eq!((get(&world, "groq").await.as_deref(), get(&world, "xai").await), (Some("one"), None));
    world.drawer.keys.lock().unwrap().clear();
    let key = spendlight::keychain::Secret::new("late").unwrap();
    world.drawer.keys.lock().unwrap().insert("xai".to_owned(), key);
    assert_eq!((get(&world, "groq").await.as_deref(), get(&world, "xai").await), (Some("one"), None), "from memory");
    kept(&world).await;
    assert_eq!(
        get(&world, "xai").await.as_deref(),
        Some("late"),
        "what was missing is looked for after a look at the list"
    );
}

#[tokio::test]
async fn a_key_in_the_environment_is_read_and_not_changed() {
    let mut world = without_keychain();
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    world.environment = vec![variable("SPENDLIGHT_KEY_MY_HOUSE", MARKER), variable("OPENAI_API_KEY", "sk-other")];
    world.restart();
    assert_eq!((get(&world, "my-house").await.as_deref(), get(&world, "openai").await), (Some(MARKER), None));
    assert_eq!(kept(&world).await, json!([{"provider": "my_house", "store": "environment"}]));
    let detail = world.owner(Method::DELETE, "/v1/provider-keys/my-house", None).await.refused(409);
    assert!(detail.contains("SPENDLIGHT_KEY_MY_HOUSE"), "{detail}");
    assert!(set(&world, "my-house", json!({"key": "k", "store": "environment"})).await.refused(422).contains("store"));
    set(&world, "my-house", json!({"key": "own", "store": "file"})).await.expect(200);
    assert_eq!(get(&world, "my-house").await.as_deref(), Some("own"));
    world.owner(Method::DELETE, "/v1/provider-keys/my-house", None).await.expect(204);
    assert_eq!(get(&world, "my-house").await.as_deref(), Some(MARKER), "what is in the environment is there still");
}

#[tokio::test]
async fn a_provider_key_comes_out_of_no_route_and_no_error() {
    let mut world = World::new();
    set(&world, "openai", json!({"key": MARKER})).await.expect(200);
    set(&world, "groq", json!({"key": MARKER, "store": "file"})).await.expect(200);
    get(&world, "openai").await;
    let description = world.get("/openapi.json").await.json();
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        if methods.get("get").is_none() || path == "/v1/events" {
            continue;
        }
        let path = path.replace("{id}", "openai").replace("{call_id}", "c").replace("{provider}", "openai");
        asked += 1;
        assert!(!world.owner(Method::GET, &path, None).await.text().contains(MARKER), "{path}");
    }
    assert!(asked > 15, "every route is asked: {asked}");
    world.owner(Method::GET, "/v1/provider-keys/openai", None).await.refused(405);
    for body in [
        json!({"key": [MARKER]}),
        json!({"kee": MARKER}),
        json!({"key": format!("{MARKER} {MARKER}")}),
        json!({"key": format!("{MARKER}\u{e9}")}),
        json!({"key": MARKER, "store": MARKER}),
        json!({"key": MARKER, "store": 1}),
        json!({"key": ""}),
        json!({}),
        json!(MARKER),
    ] {
        let answer = set(&world, "openai", body.clone()).await;
        assert!(!answer.text().contains(MARKER), "{body}: {}", answer.text());
        // A number in the place of a word is no JSON to the parser of words.
        answer.refused(if body["store"] == 1 { 400 } else { 422 });
    }
    for provider in ["a%20b", "a%2Fb", &"x".repeat(65)] {
        assert!(set(&world, provider, json!({"key": MARKER})).await.refused(422).contains("provider"));
    }
    // A file that somebody has edited by hand.
    std::fs::write(world.path().join(FILE), format!("in_keychain = \"{MARKER}\"\nkeys = {MARKER}")).unwrap();
    world.restart();
    for answer in [
        world.owner(Method::GET, "/v1/provider-keys", None).await,
        set(&world, "openai", json!({"key": MARKER})).await,
        world.owner(Method::DELETE, "/v1/provider-keys/openai", None).await,
    ] {
        assert!(!answer.text().contains(MARKER), "{}", answer.text());
        answer.refused(500);
    }
}

#[tokio::test]
async fn provider_keys_are_the_owners() {
    let world = World::new();
    for (method, body) in [(Method::PUT, Some(json!({"key": MARKER}))), (Method::DELETE, None), (Method::GET, None)] {
        let path = if method == Method::GET { "/v1/provider-keys" } else { "/v1/provider-keys/openai" };
        let answer = world.ask(method, path, body).await;
        answer.refused(401);
        assert_eq!(answer.json()["type"], "owner-only");
    }
    assert_eq!(kept(&world).await, json!([]));
}

#[test]
fn provider_keys_are_set_from_standard_input_on_the_command_line() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let said = |output: &std::process::Output| {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let refused = run_with_input(data, &["provider-keys", "set", "groq"], MARKER);
    assert_eq!(refused.status.code(), Some(1), "there is no keychain here: {}", said(&refused));
    for word in ["SPENDLIGHT_KEY_GROQ", "--file"] {
        assert!(said(&refused).contains(word), "{word}: {}", said(&refused));
    }
    assert_eq!(in_files(data), Vec::<String>::new());
    let set = run_with_input(data, &["provider-keys", "set", "groq", "--file"], &format!("{MARKER}\n"));
    assert!(set.status.success(), "{}", said(&set));
    assert_eq!(in_files(data), vec![FILE]);
    let listed = run(data, &["provider-keys"]);
    assert!(said(&listed).contains("groq") && said(&listed).contains("file"), "{}", said(&listed));
    for output in [&refused, &set, &listed] {
        assert!(!said(output).contains(MARKER), "{}", said(output));
    }
    assert!(run(data, &["provider-keys", "remove", "groq"]).status.success());
    assert_eq!(in_files(data), Vec::<String>::new());
    assert_eq!(run(data, &["provider-keys", "set", "groq", MARKER]).status.code(), Some(2), "never from the arguments");
}
