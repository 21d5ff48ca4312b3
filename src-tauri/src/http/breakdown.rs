//! `GET /v1/breakdown`: who made up what the chart shows, the largest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::chart::ChartUnit;
use super::fields::within;
use super::problem::Problem;
use super::query::Query;
use super::usage::GroupBody;
use crate::domain::quantity::Unit;
use crate::ledger::usage::Totals;
use crate::meter::{PlotBy, PlotRange};

const GROUPS: u64 = 50;
const GROUPS_MAX: u64 = 500;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BreakdownQuery {
    /// `today`, `month`, `30d` or `12m`, as of a chart.
    range: Option<PlotRange>,
    by: Option<PlotBy>,
    /// By which they are ordered.
    unit: Option<ChartUnit>,
    /// How many keys are told apart: 1 to 500; 50 where it is not given.
    limit: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct BreakdownBody<'a> {
    range: PlotRange,
    by: PlotBy,
    unit: Unit,
    /// What the range is called: `November`.
    title: &'a str,
    /// The largest first.
    groups: Vec<GroupBody<'a>>,
    /// How many keys are not among them.
    others: usize,
    /// What those come to together.
    rest: Totals,
    total: Totals,
}

/// Sums over the calls of a chart's range by provider, model, project or session, the largest first.
#[utoipa::path(get, path = "/v1/breakdown", tag = "figures", params(BreakdownQuery), responses(
    (status = 200, body = BreakdownBody), (status = 422, body = Problem)))]
pub async fn breakdown(State(app): State<Arc<App>>, Query(asked): Query<BreakdownQuery>) -> Result<Response, Problem> {
    let limit = within("limit", asked.limit.unwrap_or(GROUPS), 1..=GROUPS_MAX)?;
    let (range, by) = (asked.range.unwrap_or_default(), asked.by.unwrap_or_default());
    let unit = asked.unit.unwrap_or_default().unit();
    let found = app.meter.breakdown(range, by, unit, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
    let body = BreakdownBody {
        range,
        by,
        unit,
        title: &found.title,
        groups: found.groups.iter().map(GroupBody::from).collect(),
        others: found.others,
        rest: found.rest,
        total: found.total,
    };
    Ok(Json(body).into_response())
}
