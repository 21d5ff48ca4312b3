//! `POST /v1/record/batch`: newline-delimited records, read as they come, one transaction for each chunk.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::body::{LARGE_BYTES, parse};
use super::caller::{Caller, KEY_WORDS};
use super::problem::Problem;
use super::record::RecordBody;
use crate::domain::entry::Source;
use crate::meter::{MeterError, RecordRequest};

/// How many records go into one transaction.
const CHUNK: usize = 500;

/// How many refused lines are named; all are counted.
const REFUSED_NAMED_MAX: usize = 1_000;

#[derive(Serialize, ToSchema)]
pub struct RefusedLine {
    /// Counted from 1.
    line: u64,
    call_id: Option<String>,
    detail: String,
}

#[derive(Default, Serialize, ToSchema)]
pub struct BatchBody {
    recorded: u64,
    /// Recorded before, alike.
    replayed: u64,
    refused: u64,
    /// The first thousand lines that were refused, and why.
    refused_lines: Vec<RefusedLine>,
}

/// Many calls went: write them down. Lines that are wrong are refused one by one; the others are recorded.
#[utoipa::path(post, path = "/v1/record/batch", tag = "calls",
    params(("x-spendlight-key" = Option<String>, Header, description = KEY_WORDS)),
    request_body(content = RecordBody, content_type = "application/x-ndjson"),
    responses((status = 200, body = BatchBody), (status = 401, body = Problem), (status = 413, body = Problem),
    (status = 503, body = Problem)))]
pub async fn record_batch(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Request,
) -> Result<Json<BatchBody>, Problem> {
    let mut batch = Batch { app, caller, done: BatchBody::default(), line: 0, waiting: Vec::with_capacity(CHUNK) };
    let mut lines = Lines { body: request.into_body(), rest: BytesMut::new() };
    while let Some(line) = lines.next().await? {
        batch.take(&line).await?;
    }
    batch.write().await?;
    Ok(Json(batch.done))
}

struct Batch {
    app: Arc<App>,
    caller: Caller,
    done: BatchBody,
    line: u64,
    waiting: Vec<(u64, RecordRequest)>,
}

impl Batch {
    async fn take(&mut self, line: &[u8]) -> Result<(), Problem> {
        self.line += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        match parse::<RecordBody<'_>>(line).and_then(|body| body.into_request(&self.caller)) {
            Ok(request) => self.waiting.push((self.line, RecordRequest { source: Source::Import, ..request })),
            Err(problem) => self.refuse(self.line, None, problem.detail),
        }
        if self.waiting.len() >= CHUNK { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> Result<(), Problem> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (lines, requests): (Vec<_>, Vec<_>) = self.waiting.drain(..).unzip();
        let call_ids: Vec<_> = requests.iter().map(|request| request.call_id.clone()).collect();
        let outcomes = self.app.meter.record_all(requests).await?;
        for ((line, call_id), outcome) in lines.into_iter().zip(call_ids).zip(outcomes) {
            match outcome {
                Ok(recorded) if recorded.replayed => self.done.replayed += 1,
                Ok(_) => self.done.recorded += 1,
                Err(MeterError::Unwritable(e)) => return Err(MeterError::Unwritable(e).into()),
                Err(e) => self.refuse(line, call_id, e.to_string()),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, line: u64, call_id: Option<String>, detail: String) {
        self.done.refused += 1;
        if self.done.refused_lines.len() < REFUSED_NAMED_MAX {
            self.done.refused_lines.push(RefusedLine { line, call_id, detail });
        }
    }
}

/// A body's lines, of which only one is held at a time.
struct Lines {
    body: Body,
    rest: BytesMut,
}

impl Lines {
    async fn next(&mut self) -> Result<Option<BytesMut>, Problem> {
        let mut searched = 0;
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.rest[searched..]) {
                let line = self.rest.split_to(searched + end);
                self.rest.advance(1);
                return Ok(Some(line));
            }
            searched = self.rest.len();
            if searched > LARGE_BYTES {
                return Err(Problem::too_large(LARGE_BYTES));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => self.rest.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Some(Err(e)) => return Err(Problem::bad_request(format!("The body ended early: {e}."))),
                None if self.rest.is_empty() => return Ok(None),
                None => return Ok(Some(self.rest.split())),
            }
        }
    }
}
