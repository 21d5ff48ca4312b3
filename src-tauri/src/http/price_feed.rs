//! `/v1/prices/preview` and `/v1/prices/refresh`: a newer price list, looked at before it is taken.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::owner::Owner;
use super::prices::{PriceListBody, RatesBody, price_list};
use super::problem::{Problem, innermost};
use super::query::Query;
use crate::meter::{MeterError, Offer};
use crate::pricing::{Changed, Listed};

/// The feed is some megabyte; more than this is not it.
const FEED_BYTES_MAX: usize = 32 * 1024 * 1024;

const FEED_PATIENCE: Duration = Duration::from_secs(30);

/// How many models of each kind are named; all are counted.
const NAMED_MAX: usize = 200;

#[derive(Serialize, ToSchema)]
struct ChangedBody {
    provider: String,
    model: String,
    /// Whether it had a call in the last 30 days.
    in_use: bool,
    before: RatesBody,
    after: RatesBody,
}

#[derive(Serialize, ToSchema)]
struct NamedBody {
    provider: String,
    model: String,
    /// Whether it had a call in the last 30 days.
    in_use: bool,
}

/// What a newer price list would change. No recorded call is priced again, whatever it is.
#[derive(Serialize, ToSchema)]
pub struct PreviewBody {
    /// By which it is taken.
    id: String,
    models: usize,
    changed_count: usize,
    added_count: usize,
    removed_count: usize,
    /// At most 200, those in use first.
    changed: Vec<ChangedBody>,
    added: Vec<NamedBody>,
    removed: Vec<NamedBody>,
}

/// Fetches the price list and tells what it would change. Nothing is changed until it is taken.
#[utoipa::path(post, path = "/v1/prices/preview", tag = "prices", responses(
    (status = 200, body = PreviewBody), (status = 401, body = Problem), (status = 502, body = Problem)))]
pub async fn preview(_: Owner, State(app): State<Arc<App>>) -> Result<Json<PreviewBody>, Problem> {
    let offer = offer(&app).await?;
    let used = app.meter.models_in_use().await?;
    let in_use = |provider: &str, model: &str| used.iter().any(|one| one.provider == provider && one.model == model);
    let change = |one: &Changed| ChangedBody {
        in_use: in_use(&one.provider, &one.model),
        provider: one.provider.clone(),
        model: one.model.clone(),
        before: one.before.into(),
        after: one.after.into(),
    };
    let name = |one: &Listed| NamedBody {
        in_use: in_use(&one.provider, &one.model),
        provider: one.provider.clone(),
        model: one.model.clone(),
    };
    let found = &offer.differences;
    let mut changed: Vec<_> = found.changed.iter().map(change).collect();
    let [mut added, mut removed] = [&found.added, &found.removed].map(|some| some.iter().map(name).collect::<Vec<_>>());
    changed.sort_by_key(|one| !one.in_use);
    added.sort_by_key(|one| !one.in_use);
    removed.sort_by_key(|one| !one.in_use);
    changed.truncate(NAMED_MAX);
    added.truncate(NAMED_MAX);
    removed.truncate(NAMED_MAX);
    Ok(Json(PreviewBody {
        id: offer.id.clone(),
        models: offer.list.model_count(),
        changed_count: found.changed.len(),
        added_count: found.added.len(),
        removed_count: found.removed.len(),
        changed,
        added,
        removed,
    }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RefreshQuery {
    /// The id of the preview whose list is taken; the feed's own of this moment where it is left out.
    preview: Option<String>,
}

/// Takes a newer price list into use: the one that was previewed, or one that is fetched now. A bad answer changes nothing,
/// and recorded calls keep their cost.
#[utoipa::path(post, path = "/v1/prices/refresh", tag = "prices", params(RefreshQuery), responses(
    (status = 200, body = PriceListBody), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 502, body = Problem)))]
pub async fn refresh(
    _: Owner,
    State(app): State<Arc<App>>,
    Query(asked): Query<RefreshQuery>,
) -> Result<Json<PriceListBody>, Problem> {
    let id = match asked.preview {
        Some(id) => id,
        None => offer(&app).await?.id.clone(),
    };
    app.meter.take_offered_prices(&id).await?;
    Ok(Json(price_list(&app)))
}

async fn offer(app: &App) -> Result<Arc<Offer>, Problem> {
    let bytes = fetch(&app.price_feed).await.map_err(MeterError::Feed)?;
    Ok(app.meter.offer_prices(bytes).await?)
}

async fn fetch(feed: &str) -> Result<Vec<u8>, String> {
    let failed = |e: reqwest::Error| {
        format!("The price list could not be fetched, so the prices in use stay: {}.", innermost(&e.without_url()))
    };
    let client = reqwest::Client::builder().timeout(FEED_PATIENCE).build().map_err(failed)?;
    let mut response = client.get(feed).send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if bytes.len() + chunk.len() > FEED_BYTES_MAX {
            return Err(format!("The price feed sent more than {FEED_BYTES_MAX} bytes, so the prices in use stay."));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
