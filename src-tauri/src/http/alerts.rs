//! `/v1/alerts`: which thresholds were crossed. Reading is anyone's, acknowledging the owner's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::owner::Owner;
use super::problem::Problem;
use super::query::{self, Path, Query};
use super::wire::AlertBody;
use crate::domain::alert::AlertState;
use crate::domain::standing::Level;
use crate::ledger::AlertFilter;

const LIMIT: u64 = 200;
const LIMIT_MAX: u64 = 1_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertsQuery {
    from: Option<String>,
    level: Option<Level>,
    state: Option<AlertState>,
    /// 1 to 1000; 200 where it is not given.
    limit: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct AlertsBody {
    alerts: Vec<AlertBody>,
}

/// Alerts, newest first.
#[utoipa::path(get, path = "/v1/alerts", tag = "alerts", params(AlertsQuery), responses(
    (status = 200, body = AlertsBody), (status = 422, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, Query(asked): Query<AlertsQuery>) -> Result<Json<AlertsBody>, Problem> {
    let filter =
        AlertFilter { from: query::time("from", asked.from.as_deref())?, level: asked.level, state: asked.state };
    let limit = super::fields::within("limit", asked.limit.unwrap_or(LIMIT), 1..=LIMIT_MAX)?;
    let alerts = app.meter.alerts(filter, usize::try_from(limit).unwrap_or(0)).await?;
    let body = |alert| AlertBody::new(alert, app.meter.zone_of(&alert.budget_id));
    Ok(Json(AlertsBody { alerts: alerts.iter().map(body).collect() }))
}

/// Takes note of an alert.
#[utoipa::path(post, path = "/v1/alerts/{id}/acknowledge", tag = "alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = AlertBody), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn acknowledge(owner: Owner, app: State<Arc<App>>, id: Path) -> Result<Json<AlertBody>, Problem> {
    set(owner, app, id, AlertState::Acknowledged).await
}

/// Puts an alert away.
#[utoipa::path(post, path = "/v1/alerts/{id}/dismiss", tag = "alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = AlertBody), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn dismiss(owner: Owner, app: State<Arc<App>>, id: Path) -> Result<Json<AlertBody>, Problem> {
    set(owner, app, id, AlertState::Dismissed).await
}

async fn set(
    _: Owner,
    State(app): State<Arc<App>>,
    Path(id): Path,
    state: AlertState,
) -> Result<Json<AlertBody>, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found(format!("no alert has the id {id:?}")))?;
    let alert = app.meter.set_alert_state(id, state).await?;
    Ok(Json(AlertBody::new(&alert, app.meter.zone_of(&alert.budget_id))))
}
