//! `/v1/provider-keys`: the keys of providers, set and removed by the owner. They go in and never come out: every answer
//! here names providers and places.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body::{SmallBody, parse};
use super::fields::{self, Text};
use super::owner::Owner;
use super::problem::Problem;
use super::query::Path;
use crate::keychain::{Place, Secret};

/// The longest name of a provider, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// A provider's key to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProviderKey<'a> {
    #[serde(borrow)]
    #[schema(value_type = String, format = Password)]
    key: Text<'a>,
    /// `keychain`, or `file` for a file in the data folder that only its user can read.
    store: Option<Place>,
}

/// Whose key is kept, and where.
#[derive(Serialize, ToSchema)]
pub struct ProviderKeyBody {
    provider: String,
    store: Place,
}

#[derive(Serialize, ToSchema)]
pub struct ProviderKeysBody {
    provider_keys: Vec<ProviderKeyBody>,
}

/// The providers whose keys are kept, and where; never the keys.
#[utoipa::path(get, path = "/v1/provider-keys", tag = "keys", responses(
    (status = 200, body = ProviderKeysBody), (status = 401, body = Problem), (status = 500, body = Problem)))]
pub async fn list(_: Owner, State(app): State<Arc<App>>) -> Result<Json<ProviderKeysBody>, Problem> {
    let kept = app.keychain.list().await?;
    let provider_keys = kept.into_iter().map(|(provider, store)| ProviderKeyBody { provider, store }).collect();
    Ok(Json(ProviderKeysBody { provider_keys }))
}

/// Keeps a provider's key, in place of the one there was.
///
/// On a machine without a keychain the answer is 503 and tells the choice: an environment variable, or a file.
#[utoipa::path(put, path = "/v1/provider-keys/{provider}", tag = "keys", params(("provider" = String, Path)),
    request_body = NewProviderKey, responses((status = 200, body = ProviderKeyBody), (status = 401, body = Problem),
    (status = 422, body = Problem), (status = 500, body = Problem), (status = 503, body = Problem)))]
pub async fn put(
    _: Owner,
    State(app): State<Arc<App>>,
    Path(provider): Path,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Json<ProviderKeyBody>, Problem> {
    let provider = name(provider)?;
    let body: NewProviderKey<'_> = parse(&bytes)?;
    let store = body.store.unwrap_or_default();
    if store == Place::Environment {
        return Err(Problem::field("store", "must be keychain or file"));
    }
    app.keychain.set(&provider, Secret::new(&body.key.0)?, store).await?;
    tracing::info!("the key of {provider} is kept in the {}", store.as_str());
    Ok(Json(ProviderKeyBody { provider, store }))
}

/// Forgets a provider's key.
#[utoipa::path(delete, path = "/v1/provider-keys/{provider}", tag = "keys", params(("provider" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 503, body = Problem)))]
pub async fn remove(_: Owner, State(app): State<Arc<App>>, Path(provider): Path) -> Result<StatusCode, Problem> {
    app.keychain.remove(&name(provider)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A provider's name as it stands in an address, a file and the name of a variable.
fn name(provider: String) -> Result<String, Problem> {
    let name = fields::provider(Text(provider.into()))?.into_owned();
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if plain && name.len() <= NAME_BYTES_MAX {
        return Ok(name);
    }
    Err(Problem::field("provider", format!("must be at most {NAME_BYTES_MAX} letters, digits, and - _ .")))
}
