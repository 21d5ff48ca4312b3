//! How domain values are spelled on the wire. The domain does not know JSON's names; these bodies do.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::stamp::{Stamp, ZonedStamp};
use crate::domain::alert::{Alert, AlertState, DeliveryState};
use crate::domain::budget::{Action, Budget, Scope};
use crate::domain::entry::{Entry, Source, UsageSource};
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::quantity::{Quantity, Unit};
use crate::domain::standing::{Level, Standing};
use crate::domain::window::{Window, WindowKind};

/// A window; `total` has neither start nor end.
#[derive(Debug, Serialize, ToSchema)]
pub struct WindowBody {
    pub kind: WindowKind,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub start: Option<ZonedStamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub end: Option<ZonedStamp>,
}

impl WindowBody {
    pub fn new(window: &Window, zone: chrono_tz::Tz) -> WindowBody {
        let bounded = window.kind != WindowKind::Total;
        WindowBody {
            kind: window.kind,
            start: bounded.then_some(ZonedStamp(window.start, zone)),
            end: bounded.then_some(ZonedStamp(window.end, zone)),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OverrideBody {
    #[schema(value_type = f64)]
    pub limit: Quantity,
    #[schema(value_type = String, format = DateTime)]
    pub until: Stamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastBody {
    #[schema(value_type = Option<f64>)]
    pub at_end: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub exhausted_at: Option<Stamp>,
}

/// A budget now. Quantities are dollars, tokens or requests, as `unit` says.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingBody<'a> {
    #[serde(flatten)]
    lasting: Lasting<'a>,
    #[serde(flatten)]
    moving: Moving,
}

/// What stays of a standing until its budget is edited or its window passes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lasting<'a> {
    /// The budget's id.
    budget: &'a str,
    name: &'a str,
    scope: &'a Scope,
    window: WindowBody,
    unit: Unit,
    #[schema(value_type = f64)]
    buffer: Quantity,
    action: Action,
    thresholds: &'a [u8],
}

impl<'a> Lasting<'a> {
    pub fn new(standing: &'a Standing) -> Lasting<'a> {
        let budget = &*standing.budget;
        Lasting {
            budget: &budget.id,
            name: &budget.name,
            scope: &budget.scope,
            window: WindowBody::new(&standing.window, standing.zone),
            unit: budget.unit,
            buffer: standing.quantity(budget.buffer),
            action: budget.action,
            thresholds: &budget.thresholds,
        }
    }
}

/// What moves with every call and with time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moving {
    #[schema(value_type = f64)]
    limit: Quantity,
    #[schema(value_type = f64)]
    used: Quantity,
    #[schema(value_type = f64)]
    reserved: Quantity,
    #[schema(value_type = f64)]
    remaining: Quantity,
    /// Of the limit, rounded down.
    percent: i64,
    level: Level,
    /// How much of the window has passed.
    pace_percent: Option<f64>,
    forecast: ForecastBody,
    #[serde(rename = "override")]
    raised: Option<OverrideBody>,
}

impl Moving {
    #[allow(clippy::cast_precision_loss, reason = "at most a thousand")]
    pub fn new(standing: &Standing) -> Moving {
        let quantity = |value| standing.quantity(value);
        let forecast = standing.forecast();
        Moving {
            limit: quantity(standing.limit),
            used: quantity(standing.used),
            reserved: quantity(standing.reserved),
            remaining: quantity(standing.remaining()),
            percent: standing.percent(),
            level: standing.level(),
            pace_percent: standing.window.elapsed_permille(standing.now).map(|permille| permille as f64 / 10.0),
            forecast: ForecastBody {
                at_end: forecast.at_end.map(quantity),
                exhausted_at: forecast.exhausted_at.map(Stamp),
            },
            raised: standing
                .budget
                .raised
                .filter(|raised| standing.now < raised.until)
                .map(|raised| OverrideBody { limit: quantity(raised.limit), until: Stamp(raised.until) }),
        }
    }
}

impl<'a> StandingBody<'a> {
    pub fn new(standing: &'a Standing) -> StandingBody<'a> {
        StandingBody { lasting: Lasting::new(standing), moving: Moving::new(standing) }
    }
}
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetBody<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub scope: &'a Scope,
    pub window: WindowKind,
    pub unit: Unit,
    #[schema(value_type = f64)]
    pub limit: Quantity,
    #[schema(value_type = f64)]
    pub buffer: Quantity,
    pub action: Action,
    pub thresholds: &'a [u8],
    pub time_zone: Option<&'static str>,
    pub enabled: bool,
    #[serde(rename = "override")]
    pub raised: Option<OverrideBody>,
}

impl<'a> BudgetBody<'a> {
    pub fn new(budget: &'a Budget) -> BudgetBody<'a> {
        let quantity = |value| Quantity { unit: budget.unit, value };
        BudgetBody {
            id: &budget.id,
            name: &budget.name,
            scope: &budget.scope,
            window: budget.window,
            unit: budget.unit,
            limit: quantity(budget.limit),
            buffer: quantity(budget.buffer),
            action: budget.action,
            thresholds: &budget.thresholds,
            time_zone: budget.time_zone.map(chrono_tz::Tz::name),
            enabled: budget.enabled,
            raised: budget.raised.map(|r| OverrideBody { limit: quantity(r.limit), until: Stamp(r.until) }),
        }
    }
}

/// An entry, flat.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryBody<'a> {
    pub call_id: &'a str,
    #[schema(value_type = String, format = DateTime)]
    pub at: Stamp,
    pub provider: &'a str,
    pub model: &'a str,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cache_read_tokens: u64,
    pub cache_write_tokens: u64,
    pub reasoning_tokens: u64,
    /// Classes with a price of their own beyond the five.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub usage_details: &'a BTreeMap<String, u64>,
    #[schema(value_type = f64)]
    pub cost_usd: Nusd,
    pub priced: Priced,
    pub usage_source: UsageSource,
    pub source: Source,
    pub latency_ms: Option<u64>,
    pub ok: bool,
    pub status: Option<u16>,
    pub error: Option<&'a str>,
    pub service_tier: Option<&'a str>,
    pub batch: bool,
    pub project: Option<&'a str>,
    pub session: Option<&'a str>,
    pub user: Option<&'a str>,
    pub operation: Option<&'a str>,
    /// The id of the Spendlight key it was made with.
    pub key: Option<&'a str>,
    pub tags: &'a BTreeMap<String, String>,
    /// False for a call that was denied or an answer fetched again: neither costs anything or counts anywhere.
    pub counted: bool,
}

impl<'a> EntryBody<'a> {
    pub fn new(e: &'a Entry) -> EntryBody<'a> {
        EntryBody {
            call_id: &e.call_id,
            at: Stamp(e.at),
            provider: &e.provider,
            model: &e.model,
            input_tokens: e.usage.input_tokens,
            output_tokens: e.usage.output_tokens,
            cache_read_tokens: e.usage.cache_read_tokens,
            cache_write_tokens: e.usage.cache_write_tokens,
            reasoning_tokens: e.usage.reasoning_tokens,
            usage_details: &e.usage.details,
            cost_usd: e.cost,
            priced: e.priced,
            usage_source: e.usage_source,
            source: e.source,
            latency_ms: e.latency_ms,
            ok: e.ok,
            status: e.status,
            error: e.error.as_deref(),
            service_tier: e.service_tier.as_deref(),
            batch: e.batch,
            project: e.project.as_deref(),
            session: e.session.as_deref(),
            user: e.user.as_deref(),
            operation: e.operation.as_deref(),
            key: e.key.as_deref(),
            tags: &e.tags,
            counted: e.counted,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryBody {
    pub channel: String,
    pub state: DeliveryState,
    #[schema(value_type = String, format = DateTime)]
    pub at: Stamp,
    /// While it is pending: how long it waits, where quiet hours have it wait.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Stamp>,
    /// Why it was not shown, as the end of a sentence.
    pub reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AlertBody {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Stamp,
    /// `threshold` that was crossed, or the `forecast` of a limit that will be reached early.
    pub kind: &'static str,
    pub level: Level,
    /// The budget's id.
    pub budget: String,
    pub budget_name: String,
    pub window: WindowBody,
    /// In percent; 0 of a forecast.
    pub threshold: u8,
    pub percent: i64,
    pub unit: Unit,
    #[schema(value_type = f64)]
    pub limit: Quantity,
    #[schema(value_type = f64)]
    pub used: Quantity,
    /// As the desktop says it.
    pub title: String,
    pub text: String,
    /// The call whose entry crossed.
    pub call_id: String,
    pub state: AlertState,
    /// While it is snoozed: when it comes back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Stamp>,
    /// When it last came back after it had been snoozed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub returned_at: Option<Stamp>,
    /// When it was acknowledged or dismissed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Stamp>,
    /// How many calls its budget has denied so far in that window under that limit.
    pub denied_calls: u64,
    /// In the order they began: one, and another for each time it came back.
    pub deliveries: Vec<DeliveryBody>,
}

impl AlertBody {
    pub fn new(a: &Alert, zone: chrono_tz::Tz) -> AlertBody {
        let quantity = |value| Quantity { unit: a.unit, value };
        let notice = crate::words::notice(a, zone);
        AlertBody {
            id: a.id,
            at: Stamp(a.at),
            kind: if a.is_forecast() { "forecast" } else { "threshold" },
            level: a.level,
            budget: a.budget_id.clone(),
            budget_name: a.budget_name.clone(),
            window: WindowBody::new(&a.window, zone),
            threshold: a.threshold,
            percent: a.percent,
            unit: a.unit,
            limit: quantity(a.limit),
            used: quantity(a.used),
            title: notice.title,
            text: notice.body,
            call_id: a.call_id.clone(),
            state: a.state,
            snoozed_until: a.snoozed_until.map(Stamp),
            returned_at: a.returned_at.map(Stamp),
            answered_at: a.answered_at.map(Stamp),
            denied_calls: a.denied_calls,
            deliveries: a
                .deliveries
                .iter()
                .map(|d| DeliveryBody {
                    channel: d.channel.clone(),
                    state: d.state,
                    at: Stamp(d.at),
                    until: d.until.map(Stamp),
                    reason: d.reason.clone(),
                })
                .collect(),
        }
    }
}
