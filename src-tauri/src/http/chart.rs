//! `GET /v1/chart.svg`, `.png` and `.json`: one selection of the ledger as a drawing, or as the numbers under it, so that
//! what the page reads out is what the chart shows.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::fields::within;
use super::problem::Problem;
use super::query::Query;
use super::stamp::ZonedStamp;
use crate::chart::{self, Size};
use crate::domain::quantity::{Quantity, Unit};
use crate::meter::{Plot, PlotBy, PlotRange};

#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
enum Theme {
    #[default]
    Light,
    Dark,
}

#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum ChartUnit {
    #[default]
    Usd,
    Tokens,
}

impl ChartUnit {
    pub fn unit(self) -> Unit {
        match self {
            ChartUnit::Usd => Unit::Usd,
            ChartUnit::Tokens => Unit::Tokens,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChartQuery {
    /// `today`, `month`, `30d` or `12m`.
    range: Option<PlotRange>,
    by: Option<PlotBy>,
    unit: Option<ChartUnit>,
    theme: Option<Theme>,
    /// In pixels, 160 to 4096.
    width: Option<u64>,
    /// In pixels, 120 to 2048.
    height: Option<u64>,
}

impl ChartQuery {
    fn size(&self) -> Result<Size, Problem> {
        let pixels = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Size {
            width: pixels(within("width", self.width.unwrap_or(584), 160..=4_096)?),
            height: pixels(within("height", self.height.unwrap_or(196), 120..=2_048)?),
        })
    }

    fn theme(&self) -> chart::Theme {
        match self.theme.unwrap_or_default() {
            Theme::Light => chart::Theme::Light,
            Theme::Dark => chart::Theme::Dark,
        }
    }

    async fn plot(&self, app: &App) -> Result<Plot, Problem> {
        let unit = self.unit.unwrap_or_default().unit();
        Ok(app.meter.plot(self.range.unwrap_or_default(), self.by.unwrap_or_default(), unit).await?)
    }
}

fn failed(error: impl std::fmt::Display) -> Problem {
    let detail = format!("The chart could not be drawn: {error}");
    Problem::new(http::StatusCode::INTERNAL_SERVER_ERROR, "chart", "The chart could not be drawn", detail)
}

/// The chart as SVG, of exactly the size asked for.
#[utoipa::path(get, path = "/v1/chart.svg", tag = "figures", params(ChartQuery), responses(
    (status = 200, content_type = "image/svg+xml", body = String), (status = 422, body = Problem)))]
pub async fn svg(State(app): State<Arc<App>>, Query(asked): Query<ChartQuery>) -> Result<Response, Problem> {
    let size = asked.size()?;
    let plot = asked.plot(&app).await?;
    let svg = chart::svg(&plot.chart(), asked.theme(), size).map_err(failed)?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// The chart as PNG, of exactly the size asked for.
#[utoipa::path(get, path = "/v1/chart.png", tag = "figures", params(ChartQuery), responses(
    (status = 200, content_type = "image/png", body = Vec<u8>), (status = 422, body = Problem)))]
pub async fn png(State(app): State<Arc<App>>, Query(asked): Query<ChartQuery>) -> Result<Response, Problem> {
    let (size, theme) = (asked.size()?, asked.theme());
    let plot = asked.plot(&app).await?;
    // A large picture takes most of a second.
    let drawn = tokio::task::spawn_blocking(move || chart::png(&plot.chart(), theme, size));
    let png = drawn.await.map_err(failed)?.map_err(failed)?;
    Ok(([(CONTENT_TYPE, "image/png")], png).into_response())
}

#[derive(Serialize, ToSchema)]
struct ColourBody<'a> {
    light: &'a str,
    dark: &'a str,
}

#[derive(Serialize, ToSchema)]
struct PartBody<'a> {
    key: Option<&'a str>,
    provider: Option<&'a str>,
    #[schema(value_type = f64)]
    value: Quantity,
}

#[derive(Serialize, ToSchema)]
struct ColumnBody<'a> {
    #[schema(value_type = String, format = DateTime)]
    start: ZonedStamp,
    #[schema(value_type = String, format = DateTime)]
    end: ZonedStamp,
    label: &'a str,
    /// Whether it is the one that now is in.
    today: bool,
    calls: i64,
    #[schema(value_type = f64)]
    total: Quantity,
    /// What is expected beyond the total.
    #[schema(value_type = f64)]
    projected: Quantity,
    groups: Vec<PartBody<'a>>,
}

#[derive(Serialize, ToSchema)]
struct SeriesBody<'a> {
    /// Null: calls without this attribute.
    key: Option<&'a str>,
    provider: Option<&'a str>,
    #[schema(value_type = f64)]
    total: Quantity,
    colour: ColourBody<'a>,
}

#[derive(Serialize, ToSchema)]
struct RuleBody<'a> {
    #[schema(value_type = f64)]
    value: Quantity,
    label: &'a str,
}

#[derive(Serialize, ToSchema)]
pub struct ChartBody<'a> {
    range: PlotRange,
    by: PlotBy,
    unit: Unit,
    title: &'a str,
    #[schema(value_type = f64)]
    total: Quantity,
    #[schema(value_type = f64)]
    projected_total: Quantity,
    columns: Vec<ColumnBody<'a>>,
    /// The largest first.
    series: Vec<SeriesBody<'a>>,
    rule: Option<RuleBody<'a>>,
    /// The chart in one sentence.
    sentence: String,
}

/// The numbers under the chart.
#[utoipa::path(get, path = "/v1/chart.json", tag = "figures", params(ChartQuery), responses(
    (status = 200, body = ChartBody), (status = 422, body = Problem)))]
pub async fn json(State(app): State<Arc<App>>, Query(asked): Query<ChartQuery>) -> Result<Response, Problem> {
    let plot = asked.plot(&app).await?;
    let quantity = |value| Quantity { unit: plot.unit, value };
    let body = ChartBody {
        range: plot.range,
        by: plot.by,
        unit: plot.unit,
        title: &plot.title,
        total: quantity(plot.total()),
        projected_total: quantity(plot.projected_total()),
        columns: plot
            .columns
            .iter()
            .map(|column| ColumnBody {
                start: ZonedStamp(column.window.start, plot.zone),
                end: ZonedStamp(column.window.end, plot.zone),
                label: &column.label,
                today: column.current,
                calls: column.calls,
                total: quantity(column.total()),
                projected: quantity(column.projected),
                groups: column
                    .parts
                    .iter()
                    .filter_map(|(index, value)| plot.series.get(*index).map(|series| (series, *value)))
                    .map(|(series, value)| PartBody {
                        key: series.key.as_deref(),
                        provider: series.provider.as_deref(),
                        value: quantity(value),
                    })
                    .collect(),
            })
            .collect(),
        series: plot
            .series
            .iter()
            .map(|series| SeriesBody {
                key: series.key.as_deref(),
                provider: series.provider.as_deref(),
                total: quantity(series.total),
                colour: ColourBody { light: &series.colour.light, dark: &series.colour.dark },
            })
            .collect(),
        rule: plot.rule.as_ref().map(|rule| RuleBody { value: quantity(rule.value), label: &rule.label }),
        sentence: plot.sentence(),
    };
    Ok(Json(body).into_response())
}
