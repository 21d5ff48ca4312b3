//! `GET /v1/days`: what the entries of a list came to, day by day.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::filter::{FilterQuery, Filtered};
use super::problem::Problem;
use super::stamp::{Stamp, ZonedStamp};
use crate::domain::money::Nusd;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysQuery {}

#[derive(Serialize, ToSchema)]
struct DayBody {
    #[schema(value_type = String, format = DateTime)]
    start: ZonedStamp,
    #[schema(value_type = String, format = DateTime)]
    end: ZonedStamp,
    entries: i64,
    /// Those that count; the others were denied or fetched again.
    calls: i64,
    #[schema(value_type = f64)]
    cost_usd: Nusd,
}

#[derive(Serialize, ToSchema)]
pub struct DaysBody {
    days: Vec<DayBody>,
    /// Asked with this, `/v1/entries` tells the same entries whatever is recorded meanwhile.
    as_of: i64,
    /// The `to` to ask for the days that are left; null where there are none.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_to: Option<Stamp>,
    /// When the last call was made that is kept in totals alone: older ones are in no list. Null where every call is kept.
    #[schema(value_type = Option<String>, format = DateTime)]
    gone_until: Option<Stamp>,
    /// How many calls those are.
    gone_calls: i64,
}

/// The days that have entries of a list, newest first, with exact sums. Where counting takes long, the days that are left
/// are told by another request.
#[utoipa::path(get, path = "/v1/days", tag = "ledger", params(FilterQuery), responses(
    (status = 200, body = DaysBody), (status = 422, body = Problem)))]
pub async fn days(
    State(app): State<Arc<App>>,
    Filtered(filter, DaysQuery {}): Filtered<DaysQuery>,
) -> Result<Response, Problem> {
    let zone = app.meter.zone();
    let found = app.meter.days(filter).await?;
    let days = found.days.iter().map(|day| DayBody {
        start: ZonedStamp(day.start, zone),
        end: ZonedStamp(day.end, zone),
        entries: day.sum.entries,
        calls: day.sum.calls,
        cost_usd: day.sum.cost,
    });
    let body = DaysBody {
        days: days.collect(),
        as_of: found.as_of,
        next_to: found.next_to.map(Stamp),
        gone_until: found.gone.until.map(Stamp),
        gone_calls: found.gone.calls,
    };
    Ok(Json(body).into_response())
}
