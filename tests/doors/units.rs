//! Models that are priced by the character, the second or the page: proxied, their calls cost what the price list says,
//! fit under a budget that has room for them, and no more.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use spendlight::providers::Dialect;

use crate::provider::{Provider, Step, whole};
use crate::proxy::{entry, entry_of, let_go, post};
use crate::world::{Answer, World, nanos};

const SPEECH: &str = "/openai/v1/audio/speech";

/// A world that passes calls on to `provider`, with so many dollars a day.
async fn world_with(provider: &Provider, dollars: f64) -> World {
    let mut world = World::new();
    world.upstreams = ["openai", "groq", "mistral"].map(|name| provider.upstream(name, Dialect::OpenAi)).into();
    world.budget(json!({"id": "day", "name": "Day", "window": "day", "unit": "usd", "limit": dollars})).await;
    world
}

fn to_speak(text: &str) -> Value {
    json!({"model": "tts-1", "voice": "alloy", "input": text})
}

/// A form with 60 seconds of samples, 8 kHz in 8 bits.
fn to_write_down(path: &str, model: &str) -> Request<Body> {
    let mut sound = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    sound.extend_from_slice(&8_000_u32.to_le_bytes());
    sound.extend_from_slice(&8_000_u32.to_le_bytes());
    sound.extend_from_slice(b"\x01\0\x08\0data\0\0\0\0");
    sound.resize(sound.len() + 60 * 8_000, 0);
    let head = "--B\r\nContent-Disposition: form-data; name=";
    let model = format!("{head}\"model\"\r\n\r\n{model}\r\n");
    let file = format!("{head}\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n");
    let body = [model.as_bytes(), file.as_bytes(), &sound, b"\r\n--B--\r\n"].concat();
    let request = Request::builder().method(Method::POST).uri(path).header("host", "127.0.0.1:7575");
    request.header("content-type", "multipart/form-data; boundary=B").body(Body::from(body)).unwrap()
}

fn cost(entry: &Value) -> (i64, &str, &str) {
    let word = |key: &str| entry[key].as_str().unwrap();
    (nanos(&entry["cost_usd"]), word("priced"), word("usage_source"))
}

/// Denied by its budget: nothing has gone.
async fn denied(world: &World, provider: &Provider, answer: &Answer) {
    let gone = provider.got().len();
    answer.expect(402);
    let entry = entry_of(world, answer).await;
    assert_eq!(entry["error"], "denied: budget_exceeded by day", "{entry}");
    assert_eq!(provider.got().len(), gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn speech_costs_its_characters_and_fits_where_they_fit() {
    let provider = Provider::that(vec![Step::Send(whole(200, "audio/mpeg", &[0xff; 9_000]))]).await;
    // 100 characters at 15 dollars a million are 1.5 million nano-dollars.
    let world = world_with(&provider, 0.001_6).await;
    let answer = world.knock(post(SPEECH, &to_speak(&"o".repeat(100)), &[])).await;
    assert_eq!((answer.status, answer.bytes.len()), (200, 9_000));
    let entry = entry_of(&world, &answer).await;
    assert_eq!(cost(&entry), (1_500_000, "catalog", "estimated"), "sound reports nothing, and its text is known");
    assert_eq!((&entry["ok"], &entry["usage_details"]), (&json!(true), &json!({"input_characters": 100})));
    let_go(&world).await;
    assert_eq!(nanos(&world.standing("day").await["used"]), 1_500_000);
    // Room for 6 is left.
    let answer = world.knock(post(SPEECH, &to_speak("Seven!!"), &[])).await;
    denied(&world, &provider, &answer).await;
    let answer = world.knock(post(SPEECH, &to_speak("Six!!!"), &[])).await;
    assert_eq!(cost(&entry_of(&world, &answer).await).0, 90_000);
    let_go(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_costs_the_seconds_that_are_reported() {
    let said = json!({"text": "Hello.", "usage": {"type": "duration", "seconds": 58.3}});
    let provider = Provider::json(&said).await;
    // A minute is six million nano-dollars.
    let world = world_with(&provider, 0.006_1).await;
    let answer = world.knock(to_write_down("/openai/v1/audio/transcriptions", "whisper-1")).await;
    assert_eq!(answer.expect(200), said);
    let entry = entry_of(&world, &answer).await;
    assert_eq!(cost(&entry), (59 * 100_000, "catalog", "reported"));
    assert_eq!(entry["usage_details"], json!({"audio_seconds": 59, "input_audio_seconds": 59}));
    let_go(&world).await;
    let answer = world.knock(to_write_down("/openai/v1/audio/transcriptions", "whisper-1")).await;
    denied(&world, &provider, &answer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_that_reports_nothing_costs_the_seconds_of_its_file() {
    let provider = Provider::json(&json!({"text": "Hello.", "x_groq": {"id": "req_1"}})).await;
    let world = world_with(&provider, 0.01).await;
    let path = "/groq/openai/v1/audio/transcriptions";
    let answer = world.knock(to_write_down(path, "whisper-large-v3")).await;
    let entry = entry_of(&world, &answer).await;
    // 0.111 dollars an hour.
    assert_eq!(cost(&entry), (1_850_000, "catalog", "estimated"));
    assert_eq!((&entry["ok"], &entry["usage_details"]["audio_seconds"]), (&json!(true), &json!(60)));

    // Tokens are no measure of it either.
    let usage = json!({"type": "tokens", "input_tokens": 600, "output_tokens": 20, "total_tokens": 620});
    let provider = Provider::json(&json!({"text": "Hello.", "usage": usage})).await;
    let world = world_with(&provider, 0.01).await;
    let answer = world.knock(to_write_down("/openai/v1/audio/transcriptions", "gpt-transcribe")).await;
    let entry = entry_of(&world, &answer).await;
    assert_eq!(cost(&entry), (60 * 75_000, "catalog", "estimated"));
    assert_eq!(entry["input_tokens"], 600, "what was reported stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_read_cost_what_is_reported_and_are_held_for_what_may_be() {
    let said = json!({"pages": [], "model": "mistral-ocr-latest", "usage_info": {"pages_processed": 2}});
    let provider = Provider::json(&said).await;
    // Four dollars a thousand.
    let world = world_with(&provider, 0.02).await;
    let read = |pages: Value| {
        let document = json!({"type": "document_url", "document_url": "https://example.org/a.pdf"});
        post("/mistral/v1/ocr", &json!({"model": "mistral-ocr-latest", "document": document, "pages": pages}), &[])
    };
    let answer = world.knock(read(Value::Null)).await;
    denied(&world, &provider, &answer).await;
    let answer = world.knock(read(json!([0, 1]))).await;
    let entry = entry_of(&world, &answer).await;
    assert_eq!(cost(&entry), (8_000_000, "catalog", "reported"));
    assert_eq!(entry["usage_details"], json!({"input_document_pages": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn speech_that_a_crash_cuts_off_is_settled_at_what_was_held_for_it() {
    let mut world = World::new();
    let request = spendlight::meter::CheckRequest {
        provider: "openai".into(),
        model: "tts-1".into(),
        units: [("input_characters".to_owned(), 6)].into(),
        call_id: Some("cut".into()),
        ..Default::default()
    };
    // A crash drops nothing.
    std::mem::forget(world.meter().admit(&request, Default::default()).await.unwrap());
    world.restart();
    let entry = entry(&world, "cut").await;
    // A ceiling is rounded up.
    assert_eq!(cost(&entry), (90_001, "catalog", "estimated"));
    assert_eq!(entry["usage_details"], json!({"input_characters": 6}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_tells_tokens_of_such_a_model_is_not_told_zero() {
    let world = World::new();
    let asked = json!({"provider": "openai", "model": "tts-1", "input_tokens": 100, "max_output_tokens": 100});
    let ceiling = &world.check(asked).await.expect(200)["ceiling"];
    assert_eq!(ceiling["priced"], "unknown");
    assert!(nanos(&ceiling["cost_usd"]) > 0);
    let free =
        json!({"provider": "openai", "model": "omni-moderation-latest", "input_tokens": 100, "max_output_tokens": 0});
    let ceiling = &world.check(free).await.expect(200)["ceiling"];
    assert_eq!((&ceiling["priced"], nanos(&ceiling["cost_usd"])), (&json!("catalog"), 0));
    // Its provider's own word is enough.
    let response = json!({"text": "Hello.", "usage": {"type": "duration", "seconds": 9}});
    let told = json!({"provider": "openai", "model": "whisper-1", "response": response});
    let entry = &world.record(told).await.expect(201)["entry"];
    assert_eq!(cost(entry), (900_000, "catalog", "reported"));
    let bare = json!({"provider": "openai", "model": "whisper-1", "input_tokens": 9, "output_tokens": 9});
    let entry = &world.record(bare).await.expect(201)["entry"];
    assert_eq!(entry["priced"], "unknown");
    assert!(nanos(&entry["cost_usd"]) > 0);
}
