//! A provider that answers at once: OpenAI's chat, whole or as a stream of events, each written on its own as a real
//! one's are; and a large file.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;
use memchr::memmem;

use crate::product::serve_each;

const EVENTS: usize = 100;
const FILE_BYTES: usize = 10 << 20;

const USAGE: &str = r#"{"prompt_tokens":1200,"completion_tokens":100,"total_tokens":1300,"prompt_tokens_details":{"cached_tokens":1024,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":64,"audio_tokens":0}}"#;

/// Events, each handed out on its own.
struct Events(Arc<[Bytes]>, usize, bool);

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        // Not ready once between two events: what has been handed out is written first.
        if self.1 > 0 && !std::mem::replace(&mut self.2, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.2 = false;
        let event = self.0.get(self.1).cloned();
        self.1 += 1;
        Poll::Ready(event.map(|event| Ok(Frame::data(event))))
    }
}

struct Mock {
    whole: Bytes,
    events: Arc<[Bytes]>,
    file: Bytes,
}

pub fn run() {
    let about = r#""id":"chatcmpl-mock","created":1764000000,"model":"gpt-5-mini""#;
    let text = "lorem ipsum ".repeat(34);
    let whole = format!(
        r#"{{{about},"object":"chat.completion","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{USAGE}}}"#
    );
    let event = |choices: &str, usage: &str| {
        let event = format!(r#"data: {{{about},"object":"chat.completion.chunk","choices":[{choices}]{usage}}}"#);
        Bytes::from(event + "\n\n")
    };
    let word = |n| event(&format!(r#"{{"index":0,"delta":{{"content":"tok{n} "}},"finish_reason":null}}"#), "");
    let mut events: Vec<Bytes> = (0..EVENTS).map(word).collect();
    events.push(event(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#, ""));
    events.push(event("", &format!(r#","usage":{USAGE}"#)));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    let mock = Arc::new(Mock { whole: whole.into(), events: events.into(), file: vec![b'x'; FILE_BYTES].into() });
    serve_each(move |request| answer(Arc::clone(&mock), request));
}

async fn answer(
    mock: Arc<Mock>,
    request: Request<Incoming>,
) -> Result<Response<Either<Full<Bytes>, Events>>, Infallible> {
    let file = request.uri().path().ends_with("/content");
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let streams = memmem::find(&body[..body.len().min(200)], b"\"stream\":true").is_some();
    let (kind, body) = match (file, streams) {
        (true, _) => ("application/octet-stream", Either::Left(Full::new(mock.file.clone()))),
        (_, true) => ("text/event-stream", Either::Right(Events(Arc::clone(&mock.events), 0, false))),
        (_, false) => ("application/json", Either::Left(Full::new(mock.whole.clone()))),
    };
    Ok(Response::builder().header("content-type", kind).body(body).unwrap())
}
