//! What a call costs beyond its own answer, or elsewhere: responses that go on in the background, pictures that another
//! model makes, costs that the provider names itself, and what is made where no answer reports it.

use futures_util::StreamExt;
use http::Method;
use serde_json::{Value, json};
use spendlight::config::Upstream;
use spendlight::meter::{Change, QuestionState};
use spendlight::providers::Dialect;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::provider::{Provider, Step, chunk, events, whole};
use crate::proxy::{entry, entry_of, held, let_go, post, world_of};
use crate::world::{World, nanos, request};

const RESPONSES: &str = "/openai/v1/responses";

/// A provider with an answer for each path.
async fn provider(answers: &[(&str, &str, Value)]) -> (MockServer, World) {
    let server = MockServer::start().await;
    for (verb, at, body) in answers {
        answer(&server, verb, at, body).await;
    }
    let mut world = World::new();
    let url = server.uri();
    world.upstreams = ["openai", "openrouter"]
        .map(|name| Upstream { name: name.to_owned(), url: url.clone(), dialect: Dialect::OpenAi })
        .into();
    (server, world)
}

async fn answer(server: &MockServer, verb: &str, at: &str, body: &Value) {
    let made = ResponseTemplate::new(200).set_body_json(body);
    Mock::given(method(verb)).and(path(at)).respond_with(made).up_to_n_times(1).mount(server).await;
}

fn state(status: &str, usage: Value) -> Value {
    json!({"id": "resp_A", "object": "response", "background": true, "status": status, "model": "gpt-5-mini",
        "output": [], "usage": usage})
}

fn asked() -> Value {
    json!({"model": "gpt-5-mini", "input": "Think.", "background": true, "max_output_tokens": 50_000})
}

fn usage() -> Value {
    json!({"input_tokens": 1_000, "output_tokens": 2_000, "total_tokens": 3_000})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_the_background_is_held_until_it_is_fetched_and_costs_what_it_reports_then() {
    let (server, world) = provider(&[("POST", "/v1/responses", state("queued", Value::Null))]).await;
    let begun = world.knock(post(RESPONSES, &asked(), &[("x-spendlight-call-id", "mine")])).await;
    begun.expect(200);
    // What is asked of it meanwhile does not end it.
    let untold = json!({"id": "resp_A", "object": "response", "status": "in_progress", "usage": usage()});
    for (at, said) in [
        ("", state("in_progress", Value::Null)),
        ("", untold),
        ("", json!({"error": {"type": "server_error"}})),
        ("/input_items", json!({"object": "list", "data": [], "status": "completed", "id": "resp_A"})),
    ] {
        answer(&server, "GET", &format!("/v1/responses/resp_A{at}"), &said).await;
        world.get(&format!("/openai/v1/responses/resp_A{at}")).await.expect(200);
    }
    assert_eq!(held(&world).await, 1, "it is still under way");
    assert_eq!(world.get("/v1/entries/mine").await.status, 404);
    // Nobody who asks meanwhile waits for it.
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 0.000_001})).await;
    world.check(json!({"provider": "openai", "model": "gpt-5-mini"})).await.expect(402);

    answer(&server, "GET", "/v1/responses/resp_A", &state("completed", usage())).await;
    world.get("/openai/v1/responses/resp_A").await.expect(200);
    let entry = entry(&world, "mine").await;
    assert_eq!((&entry["usage_source"], &entry["ok"]), (&json!("reported"), &json!(true)), "{entry}");
    assert_eq!(nanos(&entry["cost_usd"]), 1_000 * 250 + 2_000 * 2_000, "{entry}");
    let_go(&world).await;

    answer(&server, "GET", "/v1/responses/resp_A", &state("completed", usage())).await;
    world.get("/openai/v1/responses/resp_A").await.expect(200);
    let counted = world.number("SELECT count(*) FROM entries WHERE counted");
    assert_eq!(counted, 1, "fetched again it counts nowhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_the_background_that_is_called_off_is_over() {
    let (_server, world) = provider(&[
        ("POST", "/v1/responses", state("queued", Value::Null)),
        ("POST", "/v1/responses/resp_A/cancel", state("cancelled", usage())),
    ])
    .await;
    world.knock(post(RESPONSES, &asked(), &[("x-spendlight-call-id", "mine")])).await.expect(200);
    world.knock(post("/openai/v1/responses/resp_A/cancel", &json!({}), &[])).await.expect(200);
    assert_eq!(entry(&world, "mine").await["output_tokens"], 2_000);
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_the_background_that_ends_untold_costs_all_it_was_held_for() {
    for (verb, at, said) in [
        ("POST", "/v1/responses/resp_A/cancel", state("cancelled", Value::Null)),
        ("GET", "/v1/responses/resp_A", state("failed", Value::Null)),
        ("DELETE", "/v1/responses/resp_A", json!({"id": "resp_A", "deleted": true})),
    ] {
        let (_server, world) =
            provider(&[("POST", "/v1/responses", state("queued", Value::Null)), (verb, at, said)]).await;
        world.knock(post(RESPONSES, &asked(), &[("x-spendlight-call-id", "mine")])).await.expect(200);
        world.ask(Method::from_bytes(verb.as_bytes()).unwrap(), &format!("/openai{at}"), None).await.expect(200);
        let entry = entry(&world, "mine").await;
        assert_eq!((&entry["usage_source"], &entry["output_tokens"]), (&json!("estimated"), &json!(50_000)), "{entry}");
        let_go(&world).await;
    }
    // One that the provider has forgotten.
    let (_server, world) = provider(&[("POST", "/v1/responses", state("queued", Value::Null))]).await;
    world.knock(post(RESPONSES, &asked(), &[("x-spendlight-call-id", "mine")])).await.expect(200);
    assert_eq!(world.get("/openai/v1/responses/resp_A").await.status, 404);
    assert_eq!(entry(&world, "mine").await["output_tokens"], 50_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_the_background_that_is_over_before_its_own_stream_is_settled_by_that() {
    let created = json!({"type": "response.created", "response": state("in_progress", Value::Null)});
    let created = format!("event: response.created\ndata: {created}\n\n");
    let over = whole(200, "application/json", state("cancelled", usage()).to_string().as_bytes());
    let provider = Provider::which(move |request| match request.line().contains("/cancel") {
        true => vec![Step::Send(over.clone())],
        false => vec![Step::Send(events()), Step::Send(chunk(&created)), Step::Wait],
    })
    .await;
    let world = world_of(&provider);
    let mut asked = asked();
    asked["stream"] = json!(true);
    let begun = world.pass(post(RESPONSES, &asked, &[("x-spendlight-call-id", "mine")])).await;
    let mut stream = begun.into_body().into_data_stream();
    stream.next().await.unwrap().unwrap();
    world.knock(post("/openai/v1/responses/resp_A/cancel", &json!({}), &[])).await.expect(200);
    drop(stream);
    let entry = entry(&world, "mine").await;
    assert_eq!((&entry["usage_source"], &entry["output_tokens"]), (&json!("reported"), &json!(2_000)), "{entry}");
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_the_background_that_nobody_asks_for_costs_all_it_was_held_for() {
    for restarts in [true, false] {
        let (_server, mut world) = provider(&[("POST", "/v1/responses", state("queued", Value::Null))]).await;
        world.knock(post(RESPONSES, &asked(), &[("x-spendlight-call-id", "mine")])).await.expect(200);
        if restarts {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            assert_eq!(held(&world).await, 1);
            world.restart();
        } else {
            tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        }
        let entry = entry(&world, "mine").await;
        assert_eq!((&entry["usage_source"], &entry["output_tokens"]), (&json!("estimated"), &json!(50_000)), "{entry}");
        assert!(nanos(&entry["cost_usd"]) > 50_000 * 2_000, "{entry}");
        let_go(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_the_background_is_held_for_as_long_as_it_is_streamed_on() {
    let queued = whole(200, "application/json", state("queued", Value::Null).to_string().as_bytes());
    let event = |kind: &str, state: Value| format!("data: {}\n\n", json!({"type": kind, "response": state}));
    let begun = event("response.in_progress", state("in_progress", Value::Null));
    let over = event("response.completed", state("completed", usage()));
    let provider = Provider::which(move |request| match request.line().contains("/resp_A") {
        true => [events(), chunk(&begun)]
            .map(Step::Send)
            .into_iter()
            .chain([Step::Wait, Step::Send(chunk(&over)), Step::Break])
            .collect(),
        false => vec![Step::Send(queued.clone())],
    })
    .await;
    let world = world_of(&provider);
    world.knock(post(RESPONSES, &asked(), &[("x-spendlight-call-id", "mine")])).await.expect(200);
    let host = Some("127.0.0.1:7575");
    let follow = request(Method::GET, "/openai/v1/responses/resp_A?stream=true", None, host);
    let mut stream = world.pass(follow).await.into_body().into_data_stream();
    stream.next().await.unwrap().unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    assert_eq!(held(&world).await, 1, "its client waits for it");
    provider.go_on();
    while let Some(Ok(_)) = stream.next().await {}
    assert_eq!(entry(&world, "mine").await["output_tokens"], 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interaction_in_the_background_costs_what_it_reports_when_it_is_fetched() {
    let state =
        |status: &str| json!({"id": "v1_a", "object": "interaction", "status": status, "model": "gemini-2.5-flash"});
    let mut over = state("completed");
    over["usage"] = json!({"total_input_tokens": 1_000, "total_output_tokens": 2_000, "total_tokens": 3_000});
    let begun = json!({"event_type": "interaction.created", "interaction": state("in_progress")});
    let begun = format!("event: interaction.created\ndata: {begun}\n\n");
    let json = |body: &Value| Step::Send(whole(200, "application/json", body.to_string().as_bytes()));
    let (queued, over) = (json(&state("in_progress")), json(&over));
    let provider = Provider::which(move |request| match request.line() {
        line if line.contains("/v1_a") => vec![over.clone()],
        _ if request.json()["stream"] == true => vec![Step::Send(events()), Step::Send(chunk(&begun)), Step::Wait],
        _ => vec![queued.clone()],
    })
    .await;
    for stream in [false, true] {
        let world = world_of(&provider);
        let asked = json!({"model": "gemini-2.5-flash", "input": "Think.", "background": true, "stream": stream,
            "generation_config": {"max_output_tokens": 5_000}});
        let asked = post("/gemini/v1beta/interactions", &asked, &[("x-spendlight-call-id", "mine")]);
        let mut body = world.pass(asked).await.into_body().into_data_stream();
        body.next().await.unwrap().unwrap();
        drop(body);
        assert_eq!(held(&world).await, 1, "stream: {stream}");
        world.get("/gemini/v1beta/interactions/v1_a").await.expect(200);
        let entry = entry(&world, "mine").await;
        assert_eq!((&entry["usage_source"], &entry["ok"]), (&json!("reported"), &json!(true)), "{entry}");
        assert_eq!(nanos(&entry["cost_usd"]), 1_000 * 300 + 2_000 * 2_500, "{entry}");
        let_go(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_another_model_makes_are_charged_beside_the_call() {
    let response = |told: Value| {
        let mut response = json!({"id": "resp_A", "object": "response", "status": "completed", "model": "gpt-5-mini",
            "tools": [{"type": "image_generation", "quality": "auto"}],
            "output": [{"type": "image_generation_call", "id": "ig_1", "quality": "medium", "result": "aGk="}],
            "usage": usage()});
        if !told.is_null() {
            response["tool_usage"] = json!({"image_gen": told});
        }
        response
    };
    let asked = json!({"model": "gpt-5-mini", "input": "Draw.", "max_output_tokens": 10,
        "tools": [{"type": "image_generation"}]});
    let text = 1_000 * 250 + 2_000 * 2_000;

    let told = json!({"input_tokens": 100, "output_tokens": 1_056, "total_tokens": 1_156,
        "input_tokens_details": {"text_tokens": 100, "image_tokens": 0},
        "output_tokens_details": {"image_tokens": 1_056, "text_tokens": 0}});
    let provider = Provider::json(&response(told)).await;
    let world = world_of(&provider);
    let entry = entry_of(&world, &world.knock(post(RESPONSES, &asked, &[])).await).await;
    // gpt-image-1 takes 5 dollars for a million of text, and gives a million of picture for 40.
    assert_eq!(nanos(&entry["cost_usd"]), text + 100 * 5_000 + 1_056 * 40_000, "{entry}");
    assert_eq!((&entry["usage_source"], &entry["output_tokens"]), (&json!("reported"), &json!(2_000)), "{entry}");

    let none = json!({"input_tokens": 0, "output_tokens": 0, "total_tokens": 0});
    let provider = Provider::json(&response(none)).await;
    let world = world_of(&provider);
    let entry = entry_of(&world, &world.knock(post(RESPONSES, &asked, &[])).await).await;
    assert_eq!(nanos(&entry["cost_usd"]), text, "none was made: {entry}");

    // Older responses do not tell: a picture is counted by its quality, at its largest.
    let provider = Provider::json(&response(Value::Null)).await;
    let world = world_of(&provider);
    let entry = entry_of(&world, &world.knock(post(RESPONSES, &asked, &[])).await).await;
    assert_eq!(nanos(&entry["cost_usd"]), text + 8_000 * 10_000 + 1_584 * 40_000, "{entry}");
    assert_eq!(entry["usage_source"], "estimated");

    // One of which nobody heard is counted as held.
    let silent = Provider::that(vec![Step::Break]).await;
    let world = world_of(&silent);
    let entry = entry_of(&world, &world.knock(post(RESPONSES, &asked, &[])).await).await;
    assert!(nanos(&entry["cost_usd"]) >= 8_000 * 10_000 + 8_000 * 40_000, "{entry}");

    // The picture is in the ceiling.
    let world = world_of(&provider);
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 0.35})).await;
    world.knock(post(RESPONSES, &asked, &[])).await.expect(402);
    assert_eq!(provider.got().len(), 1, "it was not passed on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cost_that_the_provider_names_itself_counts() {
    let answer = json!({"id": "gen-1", "object": "chat.completion", "model": "openai/gpt-5-mini",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi."}}],
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100, "cost": 0.012_345_678_9}});
    let path = "/v1/chat/completions";
    let (_server, world) = provider(&[("POST", path, answer.clone()), ("POST", path, answer.clone())]).await;
    let asked =
        json!({"model": "openai/gpt-5-mini", "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]});
    let call = async || world.knock(post("/openrouter/v1/chat/completions", &asked, &[])).await;
    let entry = entry_of(&world, &call().await).await;
    assert_eq!((nanos(&entry["cost_usd"]), &entry["priced"]), (12_345_679, &json!("caller")), "{entry}");
    let recorded = world.record(json!({"provider": "openrouter", "response": answer})).await.expect(201);
    assert_eq!(nanos(&recorded["entry"]["cost_usd"]), 12_345_679, "also where it is recorded");

    let own =
        json!({"provider": "openrouter", "model": "openai/*", "input_usd_per_million": 1, "output_usd_per_million": 1});
    world.put("/v1/prices/overrides", own).await.expect(200);
    let entry = entry_of(&world, &call().await).await;
    assert_eq!(
        (nanos(&entry["cost_usd"]), &entry["priced"]),
        (1_100_000, &json!("override")),
        "the user's word is the last"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_spends_unseen_goes_only_while_its_budgets_have_room() {
    let provider = Provider::json(&json!({"id": "batch_1", "object": "batch"})).await;
    let world = world_of(&provider);
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 1})).await;
    let batch = async || world.knock(post("/openai/v1/batches", &json!({"input_file_id": "f"}), &[])).await;
    batch().await.expect(200);
    world.spend("a", "openai", 1.0).await.expect(201);
    let denied = batch().await;
    assert!(denied.expect(402)["error"]["message"].as_str().unwrap().contains("$1.00"), "{}", denied.text());
    assert_eq!(denied.header("x-should-retry"), Some("false"));
    assert_eq!(entry_of(&world, &denied).await["error"], "denied: budget_exceeded by day");
    for path in ["/openai/v1/files", "/openai/v1/batches/batch_1/cancel", "/openai/v1/realtime/calls/c/hangup"] {
        world.knock(post(path, &json!({}), &[])).await.expect(200);
    }
    world.get("/openai/v1/batches/batch_1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keys_list_of_models_holds_for_what_spends_unseen() {
    let provider = Provider::json(&json!({"id": "video_1"})).await;
    let mut world = world_of(&provider);
    world.environment = vec![("SPENDLIGHT_OPENAI_KEY".to_owned(), "sk-mine".to_owned())];
    world.restart();
    let issued = json!({"name": "Clips", "models": ["sora-2", "veo-*"]});
    let issued = world.owner(Method::POST, "/v1/keys", Some(issued)).await.expect(201);
    let key = issued["key"].as_str().unwrap();
    let ask = async |path: &str, body: Value| world.knock(post(path, &body, &[("x-spendlight-key", key)])).await;
    let refused = ask("/openai/v1/videos", json!({"model": "sora-2-pro", "prompt": "A cat."})).await.expect(403);
    assert!(refused["error"]["message"].as_str().unwrap().contains("may not use sora-2-pro"), "{refused}");
    let refused = ask("/openai/v1/batches", json!({"input_file_id": "f"})).await.expect(403);
    assert!(
        refused["error"]["message"].as_str().unwrap().contains("a model that the request does not name"),
        "{refused}"
    );
    ask("/gemini/v1beta/models/imagen-4:predictLongRunning", json!({})).await.expect(403);
    assert!(provider.got().is_empty());
    ask("/openai/v1/videos", json!({"model": "sora-2", "prompt": "A cat."})).await.expect(200);
    assert_eq!(provider.got()[0].json()["prompt"], "A cat.", "its body goes on whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_model_is_not_denied_for_what_has_no_price_of_it_but_counted_high() {
    let world = World::new();
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 100})).await;
    let fast = json!({"provider": "anthropic", "model": "claude-opus-4-6", "service_tier": "fast",
        "input_tokens": 1_000, "max_output_tokens": 1_000});
    let verdict = world.check(fast).await.expect(200);
    assert_eq!(
        (nanos(&verdict["ceiling"]["cost_usd"]), &verdict["ceiling"]["priced"]),
        (180_000_000, &json!("unknown"))
    );
    assert!(verdict["warnings"][0].as_str().unwrap().contains("counted high"), "{verdict}");

    let unnamed = json!({"prompt": {"id": "pmpt_1"}});
    let provider = Provider::json(&json!({})).await;
    let world = world_of(&provider);
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 100})).await;
    let denied = world.knock(post(RESPONSES, &unnamed, &[])).await.expect(402);
    assert!(denied["error"]["message"].as_str().unwrap().starts_with("The request names no model"), "{denied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_models_budget_and_a_keys_list_hold_for_models_that_a_path_or_a_tool_names() {
    let provider = Provider::json(&json!({"id": "x"})).await;
    let world = world_of(&provider);
    let scope = json!({"model": "gemini-2.5-pro"});
    world.budget(json!({"id": "pro", "name": "Pro", "window": "day", "limit": 1, "scope": scope})).await;
    world.record(json!({"provider": "gemini", "model": "gemini-2.5-pro", "cost_usd": 1})).await.expect(201);
    let begin = async |model: &str| {
        world.knock(post(&format!("/gemini/v1beta/models/{model}:batchGenerateContent"), &json!({}), &[])).await.status
    };
    assert_eq!((begin("gemini-2.5-pro").await, begin("gemini-2.5-flash").await), (402, 200));

    let issued = json!({"name": "Text", "models": ["gpt-5-mini"]});
    let issued = world.owner(Method::POST, "/v1/keys", Some(issued)).await.expect(201);
    let key = issued["key"].as_str().unwrap();
    let tool = json!({"model": "gpt-5-mini", "input": "Draw.", "tools": [{"type": "image_generation", "model": "gpt-image-2"}]});
    let refused = world.knock(post(RESPONSES, &tool, &[("x-spendlight-key", key)])).await.expect(403);
    assert!(refused["error"]["message"].as_str().unwrap().contains("may not use gpt-image-2"), "{refused}");
    // In the client's dialect, and written down, like any other denied call.
    for path in ["/openai/v1/chat/completions", "/gemini/v1beta/openai/chat/completions"] {
        let refused = world.knock(post(path, &crate::proxy::question("gpt-5"), &[("x-spendlight-key", key)])).await;
        assert_eq!(refused.expect(403)["error"]["type"], "permission_error", "{path}");
        assert_eq!(entry_of(&world, &refused).await["error"], "denied: key_refused", "{path}");
    }
    let session = json!({"model": "gpt-5-mini", "session": {"model": "gpt-realtime-2"}});
    world.knock(post("/openai/v1/realtime/client_secrets", &session, &[("x-spendlight-key", key)])).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_asks_asks_about_a_batch_too() {
    let provider = Provider::json(&json!({"id": "batch_1"})).await;
    let world = std::sync::Arc::new(world_of(&provider));
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 1, "action": "ask"})).await;
    world.spend("a", "openai", 1.0).await.expect(201);
    let mut news = world.meter().changes();
    let asking = std::sync::Arc::clone(&world);
    let batch = tokio::spawn(async move { asking.knock(post("/openai/v1/batches", &json!({}), &[])).await });
    let question = loop {
        match news.recv().await.unwrap() {
            Change::Question(question) if question.state == QuestionState::Open => break question.id.clone(),
            _ => {}
        }
    };
    let answer = json!({"answer": "allow_once"});
    world.owner(Method::POST, &format!("/v1/questions/{question}/answer"), Some(answer)).await.expect(200);
    batch.await.unwrap().expect(200);
    assert_eq!(held(&world).await, 0, "nothing stays held for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_of_a_call_that_nobody_reported_is_counted_as_sound() {
    let begun = json!({"choices": [{"index": 0, "delta": {"content": "Hello there, how are you?"}}]});
    let provider =
        Provider::that(vec![Step::Send(events()), Step::Send(chunk(&format!("data: {begun}\n\n"))), Step::Break]).await;
    let world = world_of(&provider);
    let cost = async |asked: Value| {
        let response = world.pass(post("/openai/v1/chat/completions", &asked, &[])).await;
        let id = response.headers()["x-spendlight-call-id"].to_str().unwrap().to_owned();
        let mut stream = response.into_body().into_data_stream();
        while let Some(Ok(_)) = stream.next().await {}
        let entry = entry(&world, &id).await;
        assert_eq!(entry["usage_source"], "estimated");
        nanos(&entry["cost_usd"])
    };
    let text = json!({"model": "gpt-audio", "stream": true, "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]});
    let mut sound = text.clone();
    sound["modalities"] = json!(["text", "audio"]);
    sound["audio"] = json!({"voice": "alloy", "format": "pcm16"});
    let (text, sound) = (cost(text).await, cost(sound).await);
    assert!(sound > 5 * text, "{sound} nano-dollars, and {text} of text alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_tier_is_held_at_the_dearest_that_its_project_may_have() {
    let mut answer = crate::proxy::completion();
    answer["service_tier"] = json!("priority");
    answer["model"] = json!("gpt-5.4");
    let provider = Provider::json(&answer).await;
    let world = world_of(&provider);
    // By the standard tier two would go: 2.50 and 15 dollars, and twice that by the priority's.
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 0.003})).await;
    let asked = crate::proxy::question("gpt-5.4");
    world.knock(post("/openai/v1/chat/completions", &asked, &[])).await.expect(402);
    let mut standard = asked;
    standard["service_tier"] = json!("default");
    world.knock(post("/openai/v1/chat/completions", &standard, &[])).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_a_provider_without_a_price_passes_where_no_budget_minds_and_is_counted_high() {
    let provider = Provider::json(&crate::proxy::completion()).await;
    let mut world = world_of(&provider);
    world.upstreams.extend(["np", "fireworks"].map(|name| provider.upstream(name, Dialect::OpenAi)));
    for (name, least) in [("np", 100_000_000), ("fireworks", 3_000_000)] {
        let path = format!("/{name}/v1/chat/completions");
        let entry = entry_of(&world, &world.knock(post(&path, &crate::proxy::question("m"), &[])).await).await;
        assert_eq!((&entry["priced"], &entry["output_tokens"]), (&json!("unknown"), &json!(100)), "{entry}");
        assert!(nanos(&entry["cost_usd"]) >= least, "{name}: {entry}");
    }
    world.budget(json!({"id": "day", "name": "day", "window": "day", "limit": 100})).await;
    let denied = world.knock(post("/np/v1/chat/completions", &crate::proxy::question("m"), &[])).await.expect(402);
    assert!(denied["error"]["message"].as_str().unwrap().starts_with("No price is known for m of np"), "{denied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_tokens_never_counts_whatever_its_answer_has_in_it() {
    let provider = Provider::json(&json!({"input_tokens": 9, "model": "claude-sonnet-4-5", "usage": usage()})).await;
    let world = world_of(&provider);
    world.knock(post("/anthropic/v1/messages/count_tokens", &json!({}), &[])).await.expect(200);
    // What counts later is written down later: after it, the other has been.
    let message = json!({"model": "claude-sonnet-4-5", "max_tokens": 10, "messages": []});
    entry_of(&world, &world.knock(post("/anthropic/v1/messages", &message, &[])).await).await;
    assert_eq!(world.number("SELECT count(*) FROM entries WHERE counted"), 1);
}
