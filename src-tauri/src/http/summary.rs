//! `GET /v1/summary`: the figures beside the chart.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::problem::Problem;
use super::stamp::ZonedStamp;
use crate::domain::money::Nusd;
use crate::ledger::usage::Totals;

#[derive(Serialize, ToSchema)]
struct PeakBody {
    #[schema(value_type = String, format = DateTime)]
    start: ZonedStamp,
    #[schema(value_type = f64)]
    cost_usd: Nusd,
}

#[derive(Serialize, ToSchema)]
struct LifetimeBody {
    #[serde(flatten)]
    totals: Totals,
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<ZonedStamp>,
}

#[derive(Serialize, ToSchema)]
struct LatencyBody {
    p50: Option<u64>,
    p95: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct SummaryBody {
    today: Totals,
    yesterday: Totals,
    /// Today's cost against yesterday's.
    change_percent: Option<f64>,
    month: Totals,
    #[schema(value_type = f64)]
    month_projection_usd: Nusd,
    /// The monthly dollar limits together.
    #[schema(value_type = Option<f64>)]
    month_limit_usd: Option<Nusd>,
    /// The last seven days' cost against the seven before.
    weekly_growth_percent: Option<f64>,
    /// Of the last 30 days.
    peak_day: Option<PeakBody>,
    /// Of the last 30 days.
    peak_hour: Option<PeakBody>,
    lifetime: LifetimeBody,
    /// The input's share of all tokens ever, from 0 to 1.
    input_share: Option<f64>,
    output_share: Option<f64>,
    /// The share of all calls ever that did not fail.
    success_rate: Option<f64>,
    /// Of the last 30 days, within 4 %.
    latency_ms: LatencyBody,
    /// Of all tokens ever.
    #[schema(value_type = Option<f64>)]
    cost_per_million_tokens_usd: Option<Nusd>,
}

/// The figures beside the chart.
#[utoipa::path(get, path = "/v1/summary", tag = "figures", responses((status = 200, body = SummaryBody)))]
pub async fn summary(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let zone = app.meter.zone();
    let s = app.meter.summary().await?;
    let tokens = s.lifetime.tokens();
    let peak = |peak: Option<(_, Nusd)>| peak.map(|(at, cost_usd)| PeakBody { start: ZonedStamp(at, zone), cost_usd });
    let per_million = |cost: Nusd| i64::try_from(i128::from(cost.0) * 1_000_000 / i128::from(tokens.max(1))).ok();
    let body = SummaryBody {
        change_percent: change(s.today.cost.0, s.yesterday.cost.0),
        weekly_growth_percent: change(s.last_week.0, s.week_before.0),
        today: s.today,
        yesterday: s.yesterday,
        month: s.month,
        month_projection_usd: s.month_projection,
        month_limit_usd: s.month_limit,
        peak_day: peak(s.peak_day),
        peak_hour: peak(s.peak_hour),
        input_share: ratio(s.lifetime.input_tokens, tokens),
        output_share: ratio(s.lifetime.output_tokens, tokens),
        success_rate: ratio(s.lifetime.calls - s.lifetime.failed, s.lifetime.calls),
        lifetime: LifetimeBody { totals: s.lifetime, since: s.since.map(|at| ZonedStamp(at, zone)) },
        latency_ms: LatencyBody {
            p50: s.latency_p50_p95_ms.map(|[p50, _]| p50),
            p95: s.latency_p50_p95_ms.map(|[_, p95]| p95),
        },
        cost_per_million_tokens_usd: (tokens > 0).then(|| per_million(s.lifetime.cost)).flatten().map(Nusd),
    };
    Ok(Json(body).into_response())
}

#[allow(clippy::cast_precision_loss, reason = "a share for reading, not money")]
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// In percent, to one decimal; none where there is nothing to compare with.
fn change(now: i64, before: i64) -> Option<f64> {
    ratio(now, before).map(|ratio| ((ratio - 1.0) * 1_000.0).round() / 10.0)
}
