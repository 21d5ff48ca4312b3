//! `GET /v1/export`: entries as CSV or NDJSON, oldest first, streamed in bounded steps: however many there are, no more
//! than a step of them is in memory. Deliberately not here: writing them into a file (`export_file.rs`).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::filter::{FilterQuery, Filtered};
use super::problem::Problem;
use super::wire::EntryBody;
use crate::domain::entry::Entry;
use crate::ledger::{self, Cursor, EntryFilter};
use crate::meter::MeterError;

/// Entries in one step.
const STEP: usize = 1_000;

/// How entries are written out.
#[derive(Debug, Deserialize, ToSchema, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    #[default]
    Csv,
    Ndjson,
}

impl Format {
    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    pub(super) format: Option<Format>,
}

/// Where an export has come to.
pub(super) struct Pages {
    app: Arc<App>,
    format: Format,
    filter: Arc<EntryFilter>,
    after: Option<Cursor>,
    header_written: bool,
    done: bool,
}

/// Entries as CSV or NDJSON, oldest first.
#[utoipa::path(get, path = "/v1/export", tag = "ledger", params(FilterQuery, ExportQuery), responses(
    (status = 200, content((String = "text/csv"), (String = "application/x-ndjson"))), (status = 422, body = Problem)))]
pub async fn export(
    State(app): State<Arc<App>>,
    Filtered(filter, asked): Filtered<ExportQuery>,
) -> Result<Response, Problem> {
    let format = asked.format.unwrap_or_default();
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"spendlight.csv\""),
        Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"spendlight.ndjson\""),
    };
    let pages = Pages::new(app, format, filter);
    let body = Body::from_stream(stream::try_unfold(pages, step));
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], body).into_response())
}

async fn step(mut pages: Pages) -> Result<Option<(Bytes, Pages)>, MeterError> {
    Ok(pages.next().await?.map(|(text, _)| (text, pages)))
}

impl Pages {
    pub fn new(app: Arc<App>, format: Format, filter: EntryFilter) -> Pages {
        Pages { app, format, filter: Arc::new(filter), after: None, header_written: false, done: false }
    }

    /// The next entries written out, and how many they are; none after the last.
    ///
    /// # Errors
    /// That the ledger could not be read.
    pub async fn next(&mut self) -> Result<Option<(Bytes, usize)>, MeterError> {
        if self.done {
            return Ok(None);
        }
        let (filter, after) = (Arc::clone(&self.filter), self.after);
        let (entries, last) =
            self.app.meter.read(move |conn| ledger::entries_chunk(conn, &filter, after, STEP)).await?;
        self.done = entries.len() < STEP;
        self.after = last.or(self.after);
        let text = match self.format {
            Format::Csv => csv(&entries, !self.header_written),
            Format::Ndjson => ndjson(&entries),
        };
        self.header_written = true;
        let text = text.map_err(|e| MeterError::Unwritable(format!("an entry cannot be written out: {e}")))?;
        Ok(Some((Bytes::from(text), entries.len())))
    }
}

fn ndjson(entries: &[Entry]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut text = Vec::with_capacity(entries.len() * 512);
    for entry in entries {
        serde_json::to_writer(&mut text, &EntryBody::new(entry))?;
        text.push(b'\n');
    }
    Ok(text)
}

const COLUMNS: [&str; 25] = [
    "call_id",
    "at",
    "provider",
    "model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "cost_usd",
    "priced",
    "usage_source",
    "source",
    "latency_ms",
    "ok",
    "status",
    "error",
    "service_tier",
    "batch",
    "project",
    "session",
    "user",
    "operation",
    "key",
    "tags",
];

fn csv(entries: &[Entry], header: bool) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut csv = csv::Writer::from_writer(Vec::with_capacity(entries.len() * 256));
    if header {
        csv.write_record(COLUMNS)?;
    }
    for e in entries {
        let optional = |text: &Option<String>| text.as_deref().map(harmless).unwrap_or_default();
        csv.write_record([
            harmless(&e.call_id),
            e.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            harmless(&e.provider),
            harmless(&e.model),
            e.usage.input_tokens.to_string(),
            e.usage.output_tokens.to_string(),
            e.usage.cache_read_tokens.to_string(),
            e.usage.cache_write_tokens.to_string(),
            e.usage.reasoning_tokens.to_string(),
            e.cost.to_string(),
            e.priced.as_str().to_owned(),
            e.usage_source.as_str().to_owned(),
            e.source.as_str().to_owned(),
            e.latency_ms.map(|ms| ms.to_string()).unwrap_or_default(),
            e.ok.to_string(),
            e.status.map(|status| status.to_string()).unwrap_or_default(),
            optional(&e.error),
            optional(&e.service_tier),
            e.batch.to_string(),
            optional(&e.project),
            optional(&e.session),
            optional(&e.user),
            optional(&e.operation),
            optional(&e.key),
            if e.tags.is_empty() { String::new() } else { serde_json::to_string(&e.tags)? },
        ])?;
    }
    Ok(csv.into_inner()?)
}

/// Text that a spreadsheet would take for a formula is quoted as text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() }
}
