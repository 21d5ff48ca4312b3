//! `GET /v1/entries/{call_id}/cost`: how the cost of a call came about.
//!
//! What was written down stays what it was. The lines are those of the prices in use, at the call's own time; where they
//! come to something else, the answer says so.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::app::App;
use super::problem::Problem;
use super::query::Path;
use super::stamp::Stamp;
use crate::domain::entry::Entry;
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::pricing::{Explanation, Line};

/// An amount before it is rounded: dollars with up to fifteen decimals, where every other amount has nine.
#[derive(Debug, Clone, Copy)]
struct Unrounded(i128);

impl Serialize for Unrounded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const FEMTOS: u128 = 1_000_000_000_000_000;
        let size = self.0.unsigned_abs();
        let digits = format!("{:015}", size % FEMTOS);
        let text = format!("{}{}.{digits}", if self.0 < 0 { "-" } else { "" }, size / FEMTOS);
        let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// A class of the call's usage.
#[derive(Serialize, ToSchema)]
struct LineBody {
    /// `input_tokens`, `cache_write_1h_tokens`, `web_searches`; `requests` is the call by itself.
    class: String,
    /// Without what is counted in lines of its own: the input without its cached part.
    count: u64,
    /// What `per` of it cost.
    #[schema(value_type = f64)]
    rate_usd: Nusd,
    per: u64,
    /// Not rounded: up to fifteen decimals.
    #[schema(value_type = f64)]
    amount_usd: Unrounded,
}

/// Where a price comes from.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PriceSource {
    /// The price list that came with the program.
    Bundled,
    /// A price list that was fetched since.
    Downloaded,
    /// The owner's own price.
    Override,
}

/// What the prices in use say of the call, at its own time.
#[derive(Serialize, ToSchema)]
struct ByPricesBody {
    /// Their cost of the call, rounded once, to the nano-dollar.
    #[schema(value_type = f64)]
    cost_usd: Nusd,
    /// Whether that is what was written down.
    agrees: bool,
    priced: Priced,
    source: PriceSource,
    /// The date of the list: when it was fetched, or for the one that came with Spendlight, published.
    #[schema(value_type = Option<String>, format = DateTime)]
    list_at: Option<Stamp>,
    /// The model of the price list, or the pattern of the owner's own price. Where no price is known: the dearest one.
    model_matched: String,
    /// The tier whose price it is; null for the standard.
    tier: Option<String>,
    batch: bool,
    /// The rates are those of a long context, which begins at this many tokens of input.
    long_context_from: Option<u64>,
    /// The day since which the list has had this price; null where it knows no other before.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Stamp>,
    lines: Vec<LineBody>,
    /// What is taken beyond the lines, like a minimum charge. Not rounded.
    #[schema(value_type = f64)]
    rest_usd: Unrounded,
    /// The lines and the rest, before they are rounded.
    #[schema(value_type = f64)]
    sum_usd: Unrounded,
}

/// How the cost of a call came about.
#[derive(Serialize, ToSchema)]
pub struct CostBody {
    call_id: String,
    /// As it was written down, which never changes.
    #[schema(value_type = f64)]
    cost_usd: Nusd,
    /// What stood behind it then.
    priced: Priced,
    /// Null for a call that counts nowhere, and for a provider that nothing is known of.
    by_prices: Option<ByPricesBody>,
    /// The enabled budgets that such a call counts in, in the order of the dashboard.
    budgets: Vec<CountedInBody>,
}

#[derive(Serialize, ToSchema)]
struct CountedInBody {
    id: String,
    name: String,
}

/// How the cost of a call came about: its lines by the prices in use at the call's own time, and whether they agree with
/// what was written down.
#[utoipa::path(get, path = "/v1/entries/{call_id}/cost", tag = "ledger", params(("call_id" = String, Path)), responses(
    (status = 200, body = CostBody), (status = 404, body = Problem)))]
pub async fn get(State(app): State<Arc<App>>, Path(call_id): Path) -> Result<Json<CostBody>, Problem> {
    let entry = Arc::new(super::entries::find(&app, call_id).await?);
    let explained = app.meter.explain(Arc::clone(&entry)).await?;
    Ok(Json(CostBody {
        call_id: entry.call_id.clone(),
        cost_usd: entry.cost,
        priced: entry.priced,
        by_prices: explained.map(|told| by_prices(&app, told, entry.cost)),
        budgets: counted_in(&app, &entry),
    }))
}

fn counted_in(app: &App, entry: &Entry) -> Vec<CountedInBody> {
    let snapshot = app.meter.snapshot();
    let budgets = snapshot.standings.iter().map(|standing| &standing.budget);
    let counting = budgets.filter(|budget| entry.counted && budget.scope.matches(&entry.attribution()));
    counting.map(|budget| CountedInBody { id: budget.id.clone(), name: budget.name.clone() }).collect()
}

fn by_prices(app: &App, told: Explanation, written: Nusd) -> ByPricesBody {
    let list = app.meter.price_status();
    let source = match (told.is_own, list.downloaded_at) {
        (true, _) => PriceSource::Override,
        (false, Some(_)) => PriceSource::Downloaded,
        (false, None) => PriceSource::Bundled,
    };
    ByPricesBody {
        cost_usd: told.cost,
        agrees: told.cost == written,
        priced: told.priced,
        list_at: (!told.is_own).then(|| Stamp(list.at())),
        source,
        model_matched: told.model_matched,
        tier: told.tier,
        batch: told.batch,
        long_context_from: told.long_context_from,
        since: told.since.map(Stamp),
        lines: told.lines.into_iter().map(line).collect(),
        rest_usd: Unrounded(told.rest_femtos),
        sum_usd: Unrounded(told.sum_femtos),
    }
}

fn line(line: Line) -> LineBody {
    // An entry calls its reasoning by the one word.
    let class = if line.class == "output_reasoning_tokens" { "reasoning_tokens".to_owned() } else { line.class };
    LineBody { class, count: line.count, rate_usd: line.rate, per: line.per, amount_usd: Unrounded(line.femtos) }
}
