//! `/v1/alerts`: which thresholds were crossed. Reading is anyone's, answering and snoozing the owner's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::body::{SmallBody, parse};
use super::owner::Owner;
use super::problem::Problem;
use super::query::{self, Path, Query};
use super::wire::AlertBody;
use crate::domain::alert::{Alert, AlertState};
use crate::domain::snooze::Snooze;
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
    /// A budget's id; that of one that has been removed too.
    budget: Option<String>,
    /// 1 to 1000; 200 where it is not given.
    limit: Option<u64>,
}

/// How long an alert is put aside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeBody {
    /// `hour` for an hour from now, `morning` for the next 08:00, or a time within the next 31 days.
    #[schema(example = "morning")]
    until: String,
}

#[derive(Serialize, ToSchema)]
pub struct AlertsBody {
    alerts: Vec<AlertBody>,
}

/// Alerts, newest first.
#[utoipa::path(get, path = "/v1/alerts", tag = "alerts", params(AlertsQuery), responses(
    (status = 200, body = AlertsBody), (status = 422, body = Problem)))]
pub async fn list(State(app): State<Arc<App>>, Query(asked): Query<AlertsQuery>) -> Result<Json<AlertsBody>, Problem> {
    let from = query::time("from", asked.from.as_deref())?;
    let filter = AlertFilter { from, level: asked.level, state: asked.state, budget: asked.budget };
    let limit = super::fields::within("limit", asked.limit.unwrap_or(LIMIT), 1..=LIMIT_MAX)?;
    let alerts = app.meter.alerts(filter, usize::try_from(limit).unwrap_or(0)).await?;
    let body = |alert| AlertBody::new(alert, app.meter.zone_of(&alert.budget_id));
    Ok(Json(AlertsBody { alerts: alerts.iter().map(body).collect() }))
}

/// Takes note of an alert.
#[utoipa::path(post, path = "/v1/alerts/{id}/acknowledge", tag = "alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = AlertBody), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn acknowledge(_: Owner, State(app): State<Arc<App>>, Path(id): Path) -> Result<Json<AlertBody>, Problem> {
    Ok(body(&app, &app.meter.acknowledge_alert(number(&id)?).await?))
}

/// Puts an alert away.
#[utoipa::path(post, path = "/v1/alerts/{id}/dismiss", tag = "alerts", params(("id" = i64, Path)), responses(
    (status = 200, body = AlertBody), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn dismiss(_: Owner, State(app): State<Arc<App>>, Path(id): Path) -> Result<Json<AlertBody>, Problem> {
    Ok(body(&app, &app.meter.dismiss_alert(number(&id)?).await?))
}

/// Puts an alert aside. When its time has come it is new again, and told on the desktop once more.
#[utoipa::path(post, path = "/v1/alerts/{id}/snooze", tag = "alerts", params(("id" = i64, Path)),
    request_body = SnoozeBody, responses(
    (status = 200, body = AlertBody), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "It has been answered."), (status = 422, body = Problem)))]
pub async fn snooze(
    _: Owner,
    State(app): State<Arc<App>>,
    Path(id): Path,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Json<AlertBody>, Problem> {
    let asked: SnoozeBody = parse(&bytes)?;
    let snooze = match asked.until.as_str() {
        "hour" => Snooze::Hour,
        "morning" => Snooze::Morning,
        time => Snooze::Until(
            DateTime::parse_from_rfc3339(time)
                .map_err(|_| Problem::field("until", "must be hour, morning, or a time like 2026-11-22T14:40:05Z"))?
                .to_utc(),
        ),
    };
    Ok(body(&app, &app.meter.snooze_alert(number(&id)?, snooze).await?))
}

fn number(id: &str) -> Result<i64, Problem> {
    id.parse().map_err(|_| Problem::not_found(format!("no alert has the id {id:?}")))
}

fn body(app: &App, alert: &Alert) -> Json<AlertBody> {
    Json(AlertBody::new(alert, app.meter.zone_of(&alert.budget_id)))
}
