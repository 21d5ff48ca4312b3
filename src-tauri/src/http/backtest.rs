//! `GET /v1/backtest`: what a limit would have done in the last 30 days.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::fields;
use super::problem::Problem;
use super::query::{self, Query};
use super::stamp::Stamp;
use crate::domain::budget::{Action, Budget, DEFAULT_THRESHOLDS, Scope};
use crate::domain::money::{Nanos, parse_nanos};
use crate::domain::quantity::Unit;
use crate::domain::window::WindowKind;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BacktestQuery {
    provider: Option<String>,
    /// A model's name, or its beginning followed by `*`.
    model: Option<String>,
    project: Option<String>,
    user: Option<String>,
    /// The id of a Spendlight key.
    key: Option<String>,
    window: WindowKind,
    /// `usd` where it is not given.
    unit: Option<Unit>,
    /// In the budget's unit.
    #[param(value_type = f64)]
    limit: String,
    #[param(value_type = Option<f64>)]
    buffer: Option<String>,
    action: Option<Action>,
    time_zone: Option<String>,
}

impl BacktestQuery {
    fn budget(self) -> Result<Budget, Problem> {
        let unit = self.unit.unwrap_or(Unit::Usd);
        let quantity = |field: &'static str, text: &str| {
            let read = parse_nanos(text).and_then(|nanos| unit.read(Nanos(nanos)));
            read.map_err(|problem| Problem::field(field, problem))
        };
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let provider = match given(self.provider) {
            Some(provider) => Some(fields::provider(fields::Text(provider.into()))?.into_owned()),
            None => None,
        };
        Ok(Budget {
            id: "backtest".to_owned(),
            name: "Backtest".to_owned(),
            scope: Scope {
                provider,
                model: given(self.model),
                project: given(self.project),
                user: given(self.user),
                key: given(self.key),
            },
            window: self.window,
            unit,
            limit: quantity("limit", &self.limit)?,
            buffer: self.buffer.as_deref().map_or(Ok(0), |buffer| quantity("buffer", buffer))?,
            action: self.action.unwrap_or(Action::Block),
            thresholds: DEFAULT_THRESHOLDS.to_vec(),
            time_zone: query::zone("time_zone", self.time_zone.as_deref())?,
            enabled: true,
            raised: None,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct BacktestBody {
    #[schema(value_type = String, format = DateTime)]
    from: Stamp,
    #[schema(value_type = String, format = DateTime)]
    to: Stamp,
    /// The calls that the budget counts.
    calls: i64,
    /// Those that it would have stopped; of a budget that warns, those that went over it.
    stopped: i64,
    /// On how many days it would have stopped any.
    days: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_at: Option<Stamp>,
}

/// What a limit would have done in the last 30 days: the calls of each window are gone through in the order in which they
/// were made, at what they cost, and one that is stopped does not count for those after it.
#[utoipa::path(get, path = "/v1/backtest", tag = "budgets", params(BacktestQuery), responses(
    (status = 200, body = BacktestBody), (status = 422, body = Problem)))]
pub async fn backtest(State(app): State<Arc<App>>, Query(asked): Query<BacktestQuery>) -> Result<Response, Problem> {
    let found = app.meter.backtest(asked.budget()?).await?;
    let body = BacktestBody {
        from: Stamp(found.from),
        to: Stamp(found.to),
        calls: found.calls,
        stopped: found.stopped,
        days: found.days,
        first_at: found.first.map(Stamp),
    };
    Ok(Json(body).into_response())
}
