//! `/v1/budgets`: what may be spent. Reading is anyone's, changing the owner's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body::{SmallBody, parse};
use super::owner::Owner;
use super::problem::Problem;
use super::query::Path;
use super::{fields, query};
use crate::domain::budget::{Action, Budget, DEFAULT_THRESHOLDS, Override, Scope};
use crate::domain::money::Nanos;
use crate::domain::quantity::Unit;
use crate::domain::window::WindowKind;
use crate::words;

use super::wire::BudgetBody;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOverride {
    /// In the budget's unit.
    #[schema(value_type = f64)]
    limit: Nanos,
    #[schema(value_type = String, format = DateTime)]
    until: fields::Time,
}

/// A budget. Its `limit` and `buffer` are dollars, tokens or requests, as `unit` says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBudget {
    /// Chosen by its owner, or made from its scope and window.
    id: Option<String>,
    /// Made from its scope and window where it is not given.
    name: Option<String>,
    #[serde(default)]
    scope: Scope,
    window: WindowKind,
    #[serde(default = "usd")]
    unit: Unit,
    #[schema(value_type = f64)]
    limit: Nanos,
    #[schema(value_type = Option<f64>)]
    buffer: Option<Nanos>,
    action: Option<Action>,
    thresholds: Option<Vec<u8>>,
    time_zone: Option<String>,
    enabled: Option<bool>,
    #[serde(rename = "override")]
    raised: Option<NewOverride>,
}

fn usd() -> Unit {
    Unit::Usd
}

impl NewBudget {
    fn into_budget(self, id: Option<String>) -> Result<Budget, Problem> {
        let quantity = |field: &'static str, number| self.unit.read(number).map_err(|e| Problem::field(field, e));
        let mut scope = self.scope;
        if let Some(provider) = scope.provider.take() {
            let named = fields::provider(fields::Text(provider.into())).map_err(|mut problem| {
                problem.field = Some("scope.provider".to_owned());
                problem.detail = format!("scope.{}", problem.detail);
                problem
            })?;
            scope.provider = Some(named.into_owned());
        }
        let raised = match self.raised {
            Some(raised) => Some(Override { limit: quantity("override.limit", raised.limit)?, until: raised.until.0 }),
            None => None,
        };
        Ok(Budget {
            id: id.or(self.id).unwrap_or_else(|| made_id(&scope, self.window, self.unit)),
            name: self.name.unwrap_or_else(|| words::default_name(&scope, self.window)),
            limit: quantity("limit", self.limit)?,
            buffer: self.buffer.map_or(Ok(0), |buffer| quantity("buffer", buffer))?,
            window: self.window,
            unit: self.unit,
            action: self.action.unwrap_or(Action::Block),
            thresholds: self.thresholds.unwrap_or_else(|| DEFAULT_THRESHOLDS.to_vec()),
            time_zone: query::zone("time_zone", self.time_zone.as_deref())?,
            enabled: self.enabled.unwrap_or(true),
            raised,
            scope,
        })
    }
}

/// `openai-day`, `all-month-tokens`: readable, and told apart by the meter when it is taken.
fn made_id(scope: &Scope, window: WindowKind, unit: Unit) -> String {
    let parts = [&scope.provider, &scope.model, &scope.project, &scope.user, &scope.key];
    let mut words: Vec<String> = parts.into_iter().flatten().map(|part| slug(part)).collect();
    if words.is_empty() {
        words.push("all".to_owned());
    }
    words.push(window.as_str().to_owned());
    if unit != Unit::Usd {
        words.push(unit.as_str().to_owned());
    }
    let mut id = words.join("-");
    id.truncate(90);
    id
}

fn slug(text: &str) -> String {
    let kept = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    kept.collect::<String>().trim_matches('-').chars().take(30).collect()
}

#[derive(Serialize, ToSchema)]
pub struct BudgetsBody<'a> {
    budgets: Vec<BudgetBody<'a>>,
}

/// All budgets.
#[utoipa::path(get, path = "/v1/budgets", tag = "budgets", responses((status = 200, body = BudgetsBody)))]
pub async fn list(State(app): State<Arc<App>>) -> Response {
    let budgets = app.meter.budgets();
    Json(BudgetsBody { budgets: budgets.iter().map(|budget| BudgetBody::new(budget)).collect() }).into_response()
}

/// Adds a budget.
#[utoipa::path(post, path = "/v1/budgets", tag = "budgets", request_body = NewBudget, responses(
    (status = 201, body = BudgetBody), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)))]
pub async fn add(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Response, Problem> {
    let body = parse::<NewBudget>(&bytes)?;
    let chosen = body.id.is_some();
    let mut budget = body.into_budget(None)?;
    if !chosen {
        let taken = app.meter.budgets();
        let base = budget.id.clone();
        let mut number = 2;
        while taken.iter().any(|known| known.id == budget.id) {
            budget.id = format!("{base}-{number}");
            number += 1;
        }
    }
    app.meter.add_budget(budget.clone()).await?;
    Ok((StatusCode::CREATED, Json(BudgetBody::new(&budget))).into_response())
}

/// One budget.
#[utoipa::path(get, path = "/v1/budgets/{id}", tag = "budgets", params(("id" = String, Path)), responses(
    (status = 200, body = BudgetBody), (status = 404, body = Problem)))]
pub async fn get(State(app): State<Arc<App>>, Path(id): Path) -> Result<Response, Problem> {
    Ok(Json(BudgetBody::new(&*app.meter.budget(&id)?)).into_response())
}

/// Replaces a budget. What was said for its window is not said again unless its limit is raised.
#[utoipa::path(put, path = "/v1/budgets/{id}", tag = "budgets", params(("id" = String, Path)), request_body = NewBudget,
    responses((status = 200, body = BudgetBody), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn replace(
    _: Owner,
    State(app): State<Arc<App>>,
    Path(id): Path,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Response, Problem> {
    let body = parse::<NewBudget>(&bytes)?;
    if body.id.as_deref().is_some_and(|given| given != id) {
        return Err(Problem::field("id", "must be the one in the address, or left out"));
    }
    let budget = body.into_budget(Some(id))?;
    app.meter.replace_budget(budget.clone()).await?;
    Ok(Json(BudgetBody::new(&budget)).into_response())
}

/// Removes a budget. What it has said stays in the alerts.
#[utoipa::path(delete, path = "/v1/budgets/{id}", tag = "budgets", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn remove(_: Owner, State(app): State<Arc<App>>, Path(id): Path) -> Result<StatusCode, Problem> {
    app.meter.remove_budget(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
