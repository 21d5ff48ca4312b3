//! `GET /v1/usage`: sums by time and by provider, model, project, session, user or operation.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::problem::Problem;
use super::query::{self, Query};
use super::stamp::ZonedStamp;
use crate::domain::window::{Window, WindowKind};
use crate::ledger::usage::{By, KeySum, Totals};
use crate::meter::{Column, Meter};

#[derive(Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Bucket {
    Hour,
    Day,
    Week,
    Month,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// RFC 3339; this month's beginning where it is not given.
    from: Option<String>,
    /// RFC 3339; now where it is not given.
    to: Option<String>,
    bucket: Option<Bucket>,
    by: Option<By>,
    /// An IANA name; the user's own zone where it is not given.
    time_zone: Option<String>,
}

/// Sums over the calls that have an attribute in common.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupBody<'a> {
    /// Null: calls that have no such attribute.
    key: Option<&'a str>,
    /// The provider of a provider or a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(flatten)]
    totals: &'a Totals,
}

impl<'a> From<&'a KeySum> for GroupBody<'a> {
    fn from(KeySum { key, provider, totals }: &'a KeySum) -> GroupBody<'a> {
        GroupBody { key: key.as_deref(), provider: provider.as_deref(), totals }
    }
}

#[derive(Serialize, ToSchema)]
struct BucketBody<'a> {
    #[schema(value_type = String, format = DateTime)]
    start: ZonedStamp,
    #[schema(value_type = String, format = DateTime)]
    end: ZonedStamp,
    groups: Vec<GroupBody<'a>>,
}

#[derive(Serialize, ToSchema)]
pub struct UsageBody<'a> {
    buckets: Vec<BucketBody<'a>>,
}

/// Sums over calls, by time and attribute.
#[utoipa::path(get, path = "/v1/usage", tag = "figures", params(UsageQuery), responses(
    (status = 200, body = UsageBody), (status = 422, body = Problem)))]
pub async fn usage(State(app): State<Arc<App>>, Query(asked): Query<UsageQuery>) -> Result<Response, Problem> {
    let now = app.meter.now();
    let zone = query::zone("time_zone", asked.time_zone.as_deref())?.unwrap_or_else(|| app.meter.zone());
    let month = Window::holding(WindowKind::Month, now, zone);
    let from = query::time("from", asked.from.as_deref())?.unwrap_or(month.start);
    let to = query::time("to", asked.to.as_deref())?.unwrap_or(now + chrono::TimeDelta::minutes(5));
    if to < from {
        return Err(Problem::field("to", "must not be before from"));
    }
    let kind = match asked.bucket.unwrap_or(Bucket::Day) {
        Bucket::Hour => WindowKind::Hour,
        Bucket::Day => WindowKind::Day,
        Bucket::Week => WindowKind::Week,
        Bucket::Month => WindowKind::Month,
    };
    let columns = Meter::columns(kind, from, to, zone)?;
    let columns: Vec<Column> = app.meter.series(columns, asked.by.unwrap_or(By::Provider)).await?;
    let buckets = columns
        .iter()
        .map(|column| BucketBody {
            start: ZonedStamp(column.window.start, zone),
            end: ZonedStamp(column.window.end, zone),
            groups: column.groups.iter().map(GroupBody::from).collect(),
        })
        .collect();
    Ok(Json(UsageBody { buckets }).into_response())
}
