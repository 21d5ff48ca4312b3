//! `/v1/prices`: what calls cost, and the owner's own prices. A newer list comes by price_feed.rs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::body::{SmallBody, parse};
use super::fields::{self, Text};
use super::owner::Owner;
use super::problem::Problem;
use super::query::Query;
use super::stamp::Stamp;
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::usage::Usage;
use crate::ledger;
use crate::meter::InUse;
use crate::pricing::{Override, Rates};

/// The dearest rate that is believed: a million dollars for a million tokens.
const RATE_MAX: Nusd = Nusd::dollars(1_000_000);

#[derive(Serialize, ToSchema)]
pub struct PriceListBody {
    /// `bundled` or `downloaded`.
    source: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    downloaded_at: Option<Stamp>,
    /// The date of the list: when it was downloaded, or for the one that came with Spendlight, published.
    #[schema(value_type = String, format = DateTime)]
    at: Stamp,
    models: usize,
}

/// The owner's own price for a model, in dollars for a million tokens.
#[derive(Serialize, ToSchema)]
pub struct OverrideBody {
    provider: String,
    /// The model's name, or its beginning followed by `*`.
    model: String,
    #[schema(value_type = f64)]
    input_usd_per_million: Nusd,
    #[schema(value_type = f64)]
    output_usd_per_million: Nusd,
    #[schema(value_type = Option<f64>)]
    cache_read_usd_per_million: Option<Nusd>,
    #[schema(value_type = Option<f64>)]
    cache_write_usd_per_million: Option<Nusd>,
    /// When it was set: it holds for calls that were recorded since. Null where that is not known, as for a price of the
    /// configuration file.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Stamp>,
}

impl OverrideBody {
    fn new(price: &Override, since: Option<DateTime<Utc>>) -> OverrideBody {
        let usd = |rate: u64| Nusd(i64::try_from(rate).unwrap_or(i64::MAX));
        OverrideBody {
            provider: price.provider.clone(),
            model: price.model.clone(),
            input_usd_per_million: usd(price.input),
            output_usd_per_million: usd(price.output),
            cache_read_usd_per_million: price.cache_read.map(usd),
            cache_write_usd_per_million: price.cache_write.map(usd),
            since: since.map(Stamp),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct UnknownModelBody {
    provider: String,
    model: String,
    calls: i64,
    #[schema(value_type = String, format = DateTime)]
    since: Stamp,
    /// What its calls were counted at.
    #[schema(value_type = f64)]
    cost_usd: Nusd,
}

#[derive(Serialize, ToSchema)]
pub struct PricesBody {
    price_list: PriceListBody,
    overrides: Vec<OverrideBody>,
    /// Models that were recorded without a known price and still have none.
    unknown_models: Vec<UnknownModelBody>,
    /// The models of the last 30 days, the dearest first, and what they cost.
    models_in_use: Vec<InUseBody>,
}

/// Dollars for a million tokens in a short context.
#[derive(Serialize, ToSchema)]
pub(super) struct RatesBody {
    #[schema(value_type = f64)]
    input_usd_per_million: Nusd,
    #[schema(value_type = f64)]
    output_usd_per_million: Nusd,
    #[schema(value_type = f64)]
    cache_read_usd_per_million: Nusd,
    #[schema(value_type = f64)]
    cache_write_usd_per_million: Nusd,
}

impl From<Rates> for RatesBody {
    fn from(rates: Rates) -> RatesBody {
        RatesBody {
            input_usd_per_million: rates.input,
            output_usd_per_million: rates.output,
            cache_read_usd_per_million: rates.cache_read,
            cache_write_usd_per_million: rates.cache_write,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct InUseBody {
    provider: String,
    model: String,
    /// What its calls of the last 30 days did cost.
    #[schema(value_type = f64)]
    cost_usd: Nusd,
    /// Null where no price by tokens is known for it.
    rates: Option<RatesBody>,
    /// The day since which it costs that; null where the list tells of no other price before, or the price is the owner's.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Stamp>,
    /// Whether it is the owner's own price, which goes before the list's.
    own_price: bool,
}

impl From<InUse> for InUseBody {
    fn from(model: InUse) -> InUseBody {
        InUseBody {
            provider: model.provider,
            model: model.model,
            cost_usd: model.cost,
            rates: model.rates.map(RatesBody::from),
            since: model.since.map(Stamp),
            own_price: model.own,
        }
    }
}

pub(super) fn price_list(app: &App) -> PriceListBody {
    let status = app.meter.price_status();
    PriceListBody {
        source: if status.downloaded_at.is_some() { "downloaded" } else { "bundled" },
        downloaded_at: status.downloaded_at.map(Stamp),
        at: Stamp(status.at()),
        models: status.models,
    }
}

/// The prices in use.
#[utoipa::path(get, path = "/v1/prices", tag = "prices", responses((status = 200, body = PricesBody)))]
pub async fn get(State(app): State<Arc<App>>) -> Result<Json<PricesBody>, Problem> {
    let one = Usage::plain(1, 1);
    let unknown = app.meter.read(ledger::unknown_models).await?;
    let unknown_models = unknown
        .into_iter()
        .filter(|m| app.meter.quote(&m.provider, &m.model, &one).is_ok_and(|quote| quote.priced == Priced::Unknown))
        .map(|m| UnknownModelBody {
            provider: m.provider,
            model: m.model,
            calls: m.calls,
            since: Stamp(m.since),
            cost_usd: m.cost,
        })
        .collect();
    let set = app.meter.read(ledger::prices_set).await?;
    let since = |price: &Override| {
        let found = set.iter().find(|one| one.provider == price.provider && one.model == price.model);
        found.and_then(|one| one.at)
    };
    let overrides = app.meter.price_overrides().iter().map(|price| OverrideBody::new(price, since(price))).collect();
    let models_in_use = app.meter.models_in_use().await?.into_iter().map(InUseBody::from).collect();
    Ok(Json(PricesBody { price_list: price_list(&app), overrides, unknown_models, models_in_use }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOverride<'a> {
    #[serde(borrow)]
    #[schema(value_type = String)]
    provider: Text<'a>,
    #[serde(borrow)]
    #[schema(value_type = String)]
    model: Text<'a>,
    #[schema(value_type = f64)]
    input_usd_per_million: Nusd,
    #[schema(value_type = f64)]
    output_usd_per_million: Nusd,
    #[schema(value_type = Option<f64>)]
    cache_read_usd_per_million: Option<Nusd>,
    #[schema(value_type = Option<f64>)]
    cache_write_usd_per_million: Option<Nusd>,
}

fn rate(field: &'static str, usd: Nusd) -> Result<u64, Problem> {
    u64::try_from(usd.0)
        .ok()
        .filter(|_| usd <= RATE_MAX)
        .ok_or_else(|| Problem::field(field, "must be from 0 to 1000000 dollars for a million tokens"))
}

/// Sets the price of a model, in place of the list's. What was recorded keeps its cost.
#[utoipa::path(put, path = "/v1/prices/overrides", tag = "prices", request_body = NewOverride, responses(
    (status = 200, body = OverrideBody), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn set_override(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Json<OverrideBody>, Problem> {
    let new: NewOverride<'_> = parse(&bytes)?;
    let price = Override {
        provider: fields::provider(new.provider)?.into_owned(),
        model: fields::required("model", new.model)?.into_owned(),
        input: rate("input_usd_per_million", new.input_usd_per_million)?,
        output: rate("output_usd_per_million", new.output_usd_per_million)?,
        cache_read: new.cache_read_usd_per_million.map(|usd| rate("cache_read_usd_per_million", usd)).transpose()?,
        cache_write: new.cache_write_usd_per_million.map(|usd| rate("cache_write_usd_per_million", usd)).transpose()?,
    };
    app.meter.set_price(price.clone()).await?;
    Ok(Json(OverrideBody::new(&price, Some(app.meter.now()))))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ModelQuery {
    provider: String,
    model: String,
}

/// Removes the owner's own price of a model.
#[utoipa::path(delete, path = "/v1/prices/overrides", tag = "prices", params(ModelQuery), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn remove_override(
    _: Owner,
    State(app): State<Arc<App>>,
    Query(asked): Query<ModelQuery>,
) -> Result<StatusCode, Problem> {
    app.meter.remove_price(asked.provider, asked.model).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a model costs now, in dollars for a million tokens in a short context.
#[derive(Serialize, ToSchema)]
pub struct ModelPriceBody {
    provider: String,
    model: String,
    priced: Priced,
    /// The model of the price list, or the pattern, whose price it is.
    model_matched: Option<String>,
    #[serde(flatten)]
    rates: RatesBody,
}

/// What a model costs now.
#[utoipa::path(get, path = "/v1/prices/model", tag = "prices", params(ModelQuery), responses(
    (status = 200, body = ModelPriceBody), (status = 404, body = Problem)))]
pub async fn of_model(
    State(app): State<Arc<App>>,
    Query(asked): Query<ModelQuery>,
) -> Result<Json<ModelPriceBody>, Problem> {
    let provider = fields::provider(Text(asked.provider.into()))?.into_owned();
    // A thousand tokens stay below every long-context tier; a thousand of them are a million.
    let per_million = |usage: Usage| -> Result<_, Problem> {
        let quote = app.meter.quote(&provider, &asked.model, &usage)?;
        Ok((Nusd(quote.cost.0.saturating_mul(1_000)), quote.priced, quote.model_matched))
    };
    let (input, priced, model_matched) = per_million(Usage::plain(1_000, 0))?;
    let (output, ..) = per_million(Usage::plain(0, 1_000))?;
    let (cache_read, ..) = per_million(Usage { cache_read_tokens: 1_000, ..Usage::plain(1_000, 0) })?;
    let (cache_write, ..) = per_million(Usage { cache_write_tokens: 1_000, ..Usage::plain(1_000, 0) })?;
    Ok(Json(ModelPriceBody {
        priced,
        model_matched,
        rates: Rates { input, output, cache_read, cache_write }.into(),
        provider: provider.clone(),
        model: asked.model.clone(),
    }))
}
