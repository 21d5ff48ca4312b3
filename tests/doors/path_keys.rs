//! A Spendlight key in the path of a proxied call, for programs that can be given a base URL and no header: it says whose
//! the call is, and goes no further.

use http::Method;
use serde_json::{Value, json};

use crate::provider::Provider;
use crate::proxy::{completion, entry_of, let_go, post, question, world_of};
use crate::world::{World, found_in};

async fn issue(world: &World, body: Value) -> String {
    let issued = world.owner(Method::POST, "/v1/keys", Some(body)).await.expect(201);
    issued["key"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_path_says_whose_a_call_is_and_leaves_the_providers_key_alone() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    let key = issue(&world, json!({"name": "Eval", "project": "eval"})).await;
    let other = issue(&world, json!({"name": "Other"})).await;
    let own = [("authorization", "Bearer sk-mine")];
    let path = format!("/k/{key}/openai/v1/chat/completions?a=b");
    let answer = world.knock(post(&path, &question("gpt-5-mini"), &own)).await;
    answer.expect(200);
    let entry = entry_of(&world, &answer).await;
    assert_eq!((&entry["key"], &entry["project"]), (&json!("eval"), &json!("eval")), "the key's project is the call's");

    let path = format!("/k/{key}/p/search/openai/v1/chat/completions");
    let answer = world.knock(post(&path, &question("gpt-5-mini"), &[own[0], ("x-spendlight-key", &other)])).await;
    answer.expect(200);
    let entry = entry_of(&world, &answer).await;
    assert_eq!((&entry["key"], &entry["project"]), (&json!("eval"), &json!("search")), "the path goes before a header");

    let got = provider.got();
    assert_eq!(got[0].line(), "POST /v1/chat/completions?a=b HTTP/1.1");
    assert_eq!(got[0].header("authorization"), Some("Bearer sk-mine"));
    assert!(got.iter().all(|got| !got.head.contains("sl-")), "no key of ours goes upstream");
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_key_in_the_path_is_refused_in_the_dialect_and_repeated_nowhere() {
    let provider = Provider::json(&completion()).await;
    let world = world_of(&provider);
    let revoked = issue(&world, json!({"name": "Gone"})).await;
    world.owner(Method::DELETE, "/v1/keys/gone", None).await.expect(204);
    let over = issue(&world, json!({"name": "Run of eval.py, 14:32", "id": "run-20261122-143205-0c1f04d2"})).await;
    world.owner(Method::DELETE, "/v1/keys/run-20261122-143205-0c1f04d2", None).await.expect(204);
    let made_up = format!("sl-{}", "x".repeat(43));
    for (key, words) in [
        (&revoked, "has been revoked"),
        (&over, "Run of eval.py, 14:32 is over"),
        (&made_up, "no such key"),
        (&String::new(), "no such key"),
        (&"sk-SECRET-of-a-provider".to_owned(), "no such key"),
    ] {
        let messages = format!("/k/{key}/anthropic/v1/messages");
        for (path, place) in
            [(format!("/k/{key}/openai/v1/chat/completions"), "/error/code"), (messages, "/error/type")]
        {
            let answer = world.knock(post(&path, &question("claude-sonnet-4-5"), &[("x-api-key", "sk-mine")])).await;
            let said = answer.expect(401);
            assert!(said.pointer(place).is_some_and(Value::is_string), "in the dialect: {said}");
            assert!(said["error"]["message"].as_str().unwrap().contains(words), "{said}");
            assert!(key.is_empty() || !answer.text().contains(key.as_str()), "{said}");
        }
        for lost in [format!("/k/{key}/nobody/v1/models"), format!("/k/{key}"), format!("/k/{key}/p/eval")] {
            let answer = world.get(&lost).await;
            let said = answer.refused(404);
            assert!(key.is_empty() || !said.contains(key.as_str()), "{said}");
        }
        assert!(key.is_empty() || found_in(world.path(), key.as_bytes()).is_empty(), "nor is it kept");
    }
    assert!(provider.got().is_empty(), "nothing goes upstream");
}

#[tokio::test]
async fn a_run_that_is_over_is_in_no_list_and_its_id_is_nobody_elses() {
    let mut world = World::new();
    let id = "run-20261122-143205-0c1f04d2";
    issue(&world, json!({"name": "Run", "id": id})).await;
    issue(&world, json!({"name": "Mine"})).await;
    let one = world.owner(Method::GET, &format!("/v1/keys/{id}"), None).await.expect(200);
    assert_eq!((&one["name"], &one["in_flight"]), (&json!("Run"), &json!(0)));
    world.get(&format!("/v1/keys/{id}")).await.refused(401);
    for key in [id, "mine"] {
        world.owner(Method::DELETE, &format!("/v1/keys/{key}"), None).await.expect(204);
    }
    for _ in ["before", "after"] {
        let keys = world.owner(Method::GET, "/v1/keys", None).await.expect(200);
        let ids: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| key["id"].clone()).collect();
        assert_eq!(ids, ["mine"], "other keys stay, revoked or not");
        let again = world.owner(Method::POST, "/v1/keys", Some(json!({"name": "Run", "id": id}))).await;
        again.refused(409);
        world.restart();
    }
}
