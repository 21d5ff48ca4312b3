//! Seconds, characters and pages: what requests are going to take of them, and what answers report.

use serde_json::{Value, json};

use super::asked::asked;
use super::corpus::from_response;
use super::dialect::Dialect;
use super::endpoint::{Endpoint, endpoint};
use super::units::{PAGES_MAX, UNSEEN_SECONDS, Units};
use super::{Reported, Unreadable, Watch};

fn at(path: &str) -> Endpoint {
    endpoint(Dialect::OpenAi, "POST", path).unwrap()
}

fn of(path: &str, body: &Value) -> Units {
    asked(&at(path), Some("application/json"), body.to_string().as_bytes()).units
}

fn units<const N: usize>(counts: [(&str, u64); N]) -> Units {
    counts.map(|(unit, count)| (unit.to_owned(), count)).into()
}

fn seconds(n: u64) -> Units {
    units([("audio_seconds", n), ("input_audio_seconds", n)])
}

const SPEECH: &str = "/v1/audio/speech";
const TRANSCRIPT: &str = "/v1/audio/transcriptions";
const OCR: &str = "/v1/ocr";

#[test]
fn speech_takes_the_characters_of_its_text() {
    let spoken = |input: Value| of(SPEECH, &json!({"model": "tts-1", "voice": "alloy", "input": input}));
    assert_eq!(spoken(json!("Hello.")), units([("input_characters", 6)]));
    assert_eq!(spoken(json!("Größe, \"5\"\n世界")), units([("input_characters", 13)]), "not bytes, nor escapes");
    let odd = br#"{"input":"a","input":"much longer"}"#;
    let odd = asked(&at(SPEECH), None, odd).units;
    assert_eq!(odd, units([("input_characters", 35)]), "what cannot be read for sure counts whole");
}

fn form(parts: &[(&str, &str, &[u8])]) -> Units {
    let mut body = Vec::new();
    for (name, more, content) in parts {
        body.extend_from_slice(
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--B--\r\n");
    asked(&at(TRANSCRIPT), Some("multipart/form-data; boundary=B"), &body).units
}

#[test]
fn a_transcription_takes_as_long_as_its_sound_may_be() {
    let file = vec![b'x'; 90_500];
    assert_eq!(form(&[("model", "", b"whisper-1"), ("file", "; filename=\"a.webm\"", &file)]), seconds(91));
    assert_eq!(form(&[("file", "", &file)]), seconds(91), "a file without its name is one");
    for address in ["url", "file_url", "file_id"] {
        assert_eq!(form(&[(address, "", b"https://example.org/a.mp3")]), seconds(UNSEEN_SECONDS), "{address}");
    }
    assert_eq!(form(&[("model", "", b"whisper-1")]), seconds(UNSEEN_SECONDS), "nothing is as much as may be");
    assert_eq!(of(TRANSCRIPT, &json!({"file_url": "https://example.org/a.mp3"})), seconds(UNSEEN_SECONDS));
}

#[test]
fn a_chat_takes_the_sound_that_is_in_it() {
    let chat = |sound: Value| {
        let content = json!([{"type": "input_audio", "input_audio": sound}]);
        of("/v1/chat/completions", &json!({"messages": [{"role": "user", "content": content}]}))
    };
    let mp3 = format!("SUQz{}", "A".repeat(40_000));
    assert_eq!(chat(json!({"data": mp3, "format": "mp3"})), seconds(31));
    assert_eq!(chat(json!(mp3)), seconds(31), "as Mistral takes it");
    assert_eq!(chat(json!("https://example.org/a.mp3")), seconds(UNSEEN_SECONDS));
    assert_eq!(of("/v1/chat/completions", &json!({"messages": []})), Units::default());
}

#[test]
fn reading_takes_the_pages_that_are_stated_or_may_be() {
    let read = |pages: Value, document: Value| {
        let told = of(OCR, &json!({"model": "mistral-ocr-latest", "document": document, "pages": pages}));
        assert_eq!(told.len(), 1);
        told["input_document_pages"]
    };
    let far = || json!({"type": "document_url", "document_url": "https://example.org/a.pdf"});
    for (pages, count) in [
        (json!([0, 1, 2]), 3),
        (json!(7), 1),
        (json!("0-3, 7"), 5),
        (json!(["0-3", 7]), 5),
        (json!(null), PAGES_MAX),
        (json!([]), PAGES_MAX),
        (json!("4-1"), PAGES_MAX),
        (json!("all"), PAGES_MAX),
        (json!("0-18446744073709551615"), PAGES_MAX),
    ] {
        assert_eq!(read(pages.clone(), far()), count, "{pages}");
    }
    let near = format!("data:application/pdf;base64,JVBERi0{}", "A".repeat(40_000));
    let pages = read(json!(null), json!({"type": "document_url", "document_url": near}));
    assert!((30..35).contains(&pages), "30 kB have room for {pages} pages");
    let picture = format!("data:image/png;base64,iVBORw0{}", "A".repeat(40_000));
    for picture in [picture.as_str(), "https://example.org/a.png"] {
        assert_eq!(read(json!(null), json!({"type": "image_url", "image_url": picture})), 1);
    }
    assert_eq!(read(json!(null), json!({"type": "file", "file_id": "f"})), PAGES_MAX);
}

#[test]
fn what_is_annotated_is_read_and_annotated() {
    for key in ["bbox_annotation_format", "document_annotation_format"] {
        let told = of(OCR, &json!({"document": {}, "pages": [0, 1], key: {"type": "json_schema"}}));
        assert_eq!(told, units([("input_document_pages", 4), ("input_annotated_document_pages", 2)]), "{key}");
    }
}

fn reported(provider: &str, response: &Value) -> Reported {
    let whole = from_response(provider, response).unwrap();
    let path = if response["usage_info"].is_null() { TRANSCRIPT } else { OCR };
    let mut watch = Watch::new(provider, &at(path), Some("application/json"), 200);
    response.to_string().as_bytes().chunks(3).for_each(|piece| watch.push(piece));
    let seen = watch.finish();
    assert_eq!((seen.reported.as_ref(), seen.provisional), (Some(&whole), false), "passing by, it says the same");
    whole
}

#[test]
fn the_length_of_sound_is_read_in_every_spelling() {
    let text = "We are told 5 seconds.";
    for (provider, response, length, kind) in [
        ("openai", json!({"text": text, "usage": {"type": "duration", "seconds": 9}}), 9, "transcription"),
        ("openai", json!({"text": text, "usage": {"type": "duration", "duration": 8.2}}), 9, "transcription"),
        ("openai", json!({"text": text, "duration": "8.47", "segments": []}), 9, "transcription"),
        (
            "groq",
            json!({"task": "transcribe", "language": "English", "duration": 8.06, "text": text,
                "segments": [{"id": 0, "start": 0, "end": 8.06, "text": text}], "x_groq": {"id": "req_1"}}),
            9,
            "transcription",
        ),
        (
            "mistral",
            json!({"model": "voxtral-mini-latest", "text": text, "language": null, "segments": [],
                "usage": {"prompt_audio_seconds": 9, "prompt_tokens": 4, "completion_tokens": 21, "total_tokens": 635}}),
            9,
            "chat",
        ),
        ("mistral", json!({"text": "", "usage": {"prompt_audio_seconds": 0}}), 0, "transcription"),
        (
            "openrouter",
            json!({"text": text, "usage": {"cost": 0.1, "input_tokens": 83, "output_tokens": 30, "seconds": 9.2}}),
            10,
            "transcription",
        ),
    ] {
        let read = reported(provider, &response);
        assert_eq!((read.usage.details, read.kind), (seconds(length), kind), "{response}");
    }
}

#[test]
fn the_last_event_of_a_transcript_tells_its_length() {
    let events = [
        json!({"type": "transcription.text.delta", "text": "Hello"}),
        json!({"type": "transcription.done", "text": "Hello", "usage": {"prompt_audio_seconds": 3, "prompt_tokens": 8, "completion_tokens": 4}}),
    ];
    let mut watch = Watch::new("mistral", &at(TRANSCRIPT), Some("text/event-stream"), 200);
    events.iter().for_each(|event| watch.push(format!("data: {event}\n\n").as_bytes()));
    let seen = watch.finish();
    assert!(seen.complete && !seen.provisional);
    assert_eq!(seen.reported.unwrap().usage.details, seconds(3));
}

#[test]
fn sound_among_a_transcripts_tokens_is_told_apart() {
    let usage = json!({"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59,
        "input_token_details": {"text_tokens": 4, "audio_tokens": 10}});
    let read = reported("openai", &json!({"text": "Hello", "usage": usage}));
    assert_eq!(read.usage.details, units([("input_audio_tokens", 10)]));
}

#[test]
fn pages_that_were_read_and_annotated_are_counted() {
    let read = |usage: Value| {
        let response = json!({"pages": [], "model": "mistral-ocr-2512-completion", "usage_info": usage});
        let read = reported("mistral", &response);
        assert_eq!((read.model.as_deref(), read.kind), (Some("mistral-ocr-2512-completion"), "ocr"));
        read.usage.details
    };
    assert_eq!(read(json!({"pages_processed": 29, "doc_size_bytes": null})), units([("input_document_pages", 29)]));
    let both = units([("input_document_pages", 5), ("input_annotated_document_pages", 2)]);
    assert_eq!(read(json!({"pages_processed": 3, "pages_processed_annotation": 2})), both);
    let apart = units([("input_document_pages", 2), ("input_annotated_document_pages", 2)]);
    assert_eq!(read(json!({"pages_processed": 0, "pages_processed_annotation": 2})), apart);
}

#[test]
fn what_measures_nothing_reports_nothing() {
    for response in [
        json!({"text": "Hello", "x_groq": {"id": "req_1"}}),
        json!({"object": "video", "text": "Hello", "duration": 8}),
        json!({"duration": 8}),
        json!({"text": "Hello", "duration": -1}),
        json!({"text": "Hello", "duration": {}}),
        json!({"usage_info": {}}),
    ] {
        assert_eq!(from_response("groq", &response), Err(Unreadable::NoUsage), "{response}");
    }
    // A measure that cannot be read takes the tokens beside it with it nowhere.
    let chat = json!({"usage": {"prompt_tokens": 4, "completion_tokens": 5, "prompt_audio_seconds": {}}});
    assert_eq!(from_response("mistral", &chat).unwrap().usage, super::Usage::plain(4, 5));
}

#[test]
fn a_transcript_of_mere_text_is_whole() {
    let mut watch = Watch::new("openai", &at(TRANSCRIPT), Some("text/plain; charset=utf-8"), 200);
    watch.push(b"data is what we talk about.\n");
    let seen = watch.finish();
    assert!(seen.complete && seen.reported.is_none());
}
