//! `/v1/keys`: Spendlight keys, issued and revoked by the owner. Here alone, and once, a key's text is told.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body::{SmallBody, parse};
use super::owner::Owner;
use super::problem::Problem;
use super::query::Path;
use super::stamp::Stamp;
use crate::domain::key::Key;
use crate::meter;

/// A key to be issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Chosen by the owner, or made from the name. Entries and budgets call the key by it.
    id: Option<String>,
    #[schema(example = "Nightly eval")]
    name: String,
    /// The project of its calls, unless they name one.
    project: Option<String>,
    /// Models it may use, each a name or a beginning followed by `*`; all of them where none is named.
    #[serde(default)]
    #[schema(example = json!(["gpt-5-mini*"]))]
    models: Vec<String>,
}

/// A key, without its text.
#[derive(Serialize, ToSchema)]
pub struct KeyBody<'a> {
    id: &'a str,
    name: &'a str,
    project: Option<&'a str>,
    models: &'a [String],
    #[schema(value_type = String, format = DateTime)]
    created_at: Stamp,
    /// Right to the hour.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Stamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Stamp>,
}

impl<'a> KeyBody<'a> {
    fn new(key: &'a Key) -> KeyBody<'a> {
        KeyBody {
            id: &key.id,
            name: &key.name,
            project: key.project.as_deref(),
            models: &key.models,
            created_at: Stamp(key.created_at),
            last_used_at: key.last_used_at.map(Stamp),
            revoked_at: key.revoked_at.map(Stamp),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct KeysBody<'a> {
    keys: Vec<KeyBody<'a>>,
}

#[derive(Serialize, ToSchema)]
pub struct IssuedBody<'a> {
    #[serde(flatten)]
    of: KeyBody<'a>,
    /// The key itself. It is told here and never again.
    key: &'a str,
}

/// A key and its calls.
#[derive(Serialize, ToSchema)]
pub struct OneKeyBody<'a> {
    #[serde(flatten)]
    of: KeyBody<'a>,
    /// How many calls with it are under way: their entries are still to come.
    in_flight: usize,
}

/// Every key that was issued, revoked or not, but for those of runs that are over.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", responses(
    (status = 200, body = KeysBody), (status = 401, body = Problem)))]
pub async fn list(_: Owner, State(app): State<Arc<App>>) -> Response {
    let keys = app.meter.keys();
    Json(KeysBody { keys: keys.iter().map(KeyBody::new).collect() }).into_response()
}

/// One key.
#[utoipa::path(get, path = "/v1/keys/{id}", tag = "keys", params(("id" = String, Path)), responses(
    (status = 200, body = OneKeyBody), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn get(_: Owner, State(app): State<Arc<App>>, Path(id): Path) -> Result<Response, Problem> {
    let (key, in_flight) = app.meter.key(&id)?;
    Ok(Json(OneKeyBody { of: KeyBody::new(&key), in_flight }).into_response())
}

/// Issues a key.
///
/// Its text is in this answer and nowhere else: what is kept is its hash. Budgets with its id as `scope.key` limit it.
#[utoipa::path(post, path = "/v1/keys", tag = "keys", request_body = NewKey, responses(
    (status = 201, body = IssuedBody), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)))]
pub async fn issue(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Response, Problem> {
    let NewKey { id, name, project, models } = parse(&bytes)?;
    let project = project.filter(|project| !project.is_empty());
    let (key, text) = app.meter.issue_key(meter::NewKey { id, name, project, models }).await?;
    tracing::info!("the key {:?} has been issued", key.id);
    let body = Json(IssuedBody { of: KeyBody::new(&key), key: &text });
    let unkept = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, unkept, body).into_response())
}

/// Revokes a key: from now on it is refused. Entries keep its id, and no other key gets it. Twice is as good as once.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "keys", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(_: Owner, State(app): State<Arc<App>>, Path(id): Path) -> Result<StatusCode, Problem> {
    app.meter.revoke_key(&id).await?;
    tracing::info!("the key {id:?} has been revoked");
    Ok(StatusCode::NO_CONTENT)
}
