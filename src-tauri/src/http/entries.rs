//! `GET /v1/entries`: the ledger's lines, newest first, in pages.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::filter::{FilterQuery, Filtered};
use super::problem::Problem;
use super::query::Path;
use super::wire::EntryBody;
use crate::domain::entry::Entry;
use crate::ledger::{self, Cursor, Page};

const PAGE: usize = 50;
const PAGE_MAX: u64 = 500;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// 1 to 500; 50 where it is not given.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many to pass over first.
    skip: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct EntriesBody<'a> {
    entries: Vec<EntryBody<'a>>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// Entries, newest first.
#[utoipa::path(get, path = "/v1/entries", tag = "ledger", params(FilterQuery, EntriesQuery), responses(
    (status = 200, body = EntriesBody), (status = 422, body = Problem)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Filtered(filter, asked): Filtered<EntriesQuery>,
) -> Result<Response, Problem> {
    let limit = match asked.limit {
        Some(limit) => usize::try_from(super::fields::within("limit", limit, 1..=PAGE_MAX)?).unwrap_or(PAGE),
        None => PAGE,
    };
    let before = asked.cursor.as_deref().map(read_cursor).transpose()?;
    let skip = usize::try_from(asked.skip.unwrap_or(0)).unwrap_or(usize::MAX);
    let page = Page { before, skip, limit };
    let (entries, next) = app.meter.read(move |conn| ledger::entries_page(conn, &filter, page)).await?;
    let next_cursor = next.map(|cursor| format!("{}.{}", cursor.at_ms, cursor.id));
    Ok(Json(EntriesBody { entries: entries.iter().map(EntryBody::new).collect(), next_cursor }).into_response())
}

fn read_cursor(text: &str) -> Result<Cursor, Problem> {
    let (at_ms, id) = text.split_once('.').unwrap_or_default();
    match (at_ms.parse(), id.parse()) {
        (Ok(at_ms), Ok(id)) => Ok(Cursor { at_ms, id }),
        _ => Err(Problem::field("cursor", "must be the next_cursor of an earlier answer")),
    }
}

/// Whether a call has been recorded whose entry is gone.
async fn was_recorded(app: &App, call_id: String) -> Result<bool, Problem> {
    Ok(app.meter.read(move |conn| ledger::is_gone(conn, &call_id)).await?)
}

/// The entry of a call.
#[utoipa::path(get, path = "/v1/entries/{call_id}", tag = "ledger", params(("call_id" = String, Path)), responses(
    (status = 200, body = EntryBody), (status = 404, body = Problem)))]
pub async fn get(State(app): State<Arc<App>>, Path(call_id): Path) -> Result<Response, Problem> {
    Ok(Json(EntryBody::new(&find(&app, call_id).await?)).into_response())
}

/// The entry of a call, which must have been recorded.
pub(super) async fn find(app: &App, call_id: String) -> Result<Entry, Problem> {
    let find = |call_id: String| app.meter.read(move |conn| ledger::entry(conn, &call_id));
    let mut found = find(call_id.clone()).await?;
    if found.is_none() {
        // It may have been passed on and just be on its way to the disk.
        app.meter.written().await?;
        found = find(call_id.clone()).await?;
    }
    match found {
        Some(entry) => Ok(entry),
        None if was_recorded(app, call_id.clone()).await? => Err(Problem::not_found(format!(
            "call {call_id:?} was recorded, and is counted; single calls are not kept for so long"
        ))),
        None => Err(Problem::not_found(format!("no call {call_id:?} has been recorded"))),
    }
}
