//! `GET /v1/status`: where everything stands now, in one object and one sentence.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::DateTime;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::{App, Silence};
use super::body::{SmallBody, parse};
use super::currency::CurrencyBody;
use super::owner::Owner;
use super::problem::Problem;
use super::questions::QuestionBody;
use super::stamp::Stamp;
use super::wire::StandingBody;
use crate::domain::money::Nusd;
use crate::domain::standing::Standing;
use crate::ledger::usage::Totals;
use crate::locale::{date, numeral};
use crate::meter::Snapshot;
use crate::words::{self, Overall, StateWord};

/// A call that is held and has not been recorded.
#[derive(Serialize, ToSchema)]
struct InFlightBody {
    call_id: String,
    provider: String,
    model: String,
    project: Option<String>,
    #[schema(value_type = f64)]
    ceiling_usd: Nusd,
    #[schema(value_type = String, format = DateTime)]
    at: Stamp,
}

/// A budget now, what it has denied, and its line in the tray's menu.
#[derive(Serialize, ToSchema)]
struct LinedStanding<'a> {
    #[serde(flatten)]
    standing: StandingBody<'a>,
    menu_line: String,
    /// How many calls it has denied in this window under this limit.
    denied_calls: u64,
    /// When the first of them was denied.
    #[schema(value_type = Option<String>, format = DateTime)]
    denied_since: Option<Stamp>,
}

impl LinedStanding<'_> {
    fn new(s: &Standing) -> LinedStanding<'_> {
        LinedStanding {
            standing: StandingBody::new(s),
            menu_line: words::menu_line(s),
            denied_calls: s.denied.map_or(0, |denied| denied.calls),
            denied_since: s.denied.map(|denied| Stamp(denied.since)),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct StatusBody<'a> {
    #[schema(value_type = String, example = "ok")]
    state: StateWord,
    /// What is so, or will be, in one sentence.
    sentence: &'a str,
    /// What stands behind it.
    reason: &'a str,
    /// The sentence as the tray's menu has room for it.
    short: &'a str,
    /// What its reader may do about it: `raise`, `resume`, `listen`, or nothing.
    action: Option<&'static str>,
    /// The id of the budget that the sentence is about.
    budget: Option<&'a str>,
    budgets: Vec<LinedStanding<'a>>,
    /// The sentence and a line for each budget, as a terminal shows them.
    lines: Vec<String>,
    today: Totals,
    month: Totals,
    month_name: &'static str,
    /// How many calls the ledger holds.
    calls_ever: i64,
    in_flight: Vec<InFlightBody>,
    in_flight_count: usize,
    /// The calls that wait for their user's answer.
    questions: Vec<QuestionBody<'a>>,
    alerts_new: i64,
    ledger_writable: bool,
    /// Where the network door is; null when it is not open.
    address: Option<String>,
    not_listening: Option<&'a str>,
    time_zone: &'static str,
    /// The locale that numbers are written for, in the sentences and for a reader, by BCP 47.
    locale: &'static str,
    /// Whether dates name the month before the day: "Nov 27".
    month_first: bool,
    /// The currency that amounts are shown in; all that stands here is in US dollars.
    currency: CurrencyBody,
    #[schema(value_type = String, format = DateTime)]
    now: Stamp,
    version: &'static str,
}

/// The status, as JSON.
pub fn status_json(app: &App) -> String {
    let snapshot = app.meter.snapshot();
    let not_listening = app.not_listening();
    let words = sentence(&snapshot, not_listening.as_deref());
    let body = StatusBody {
        state: words.state,
        sentence: &words.sentence,
        reason: &words.reason,
        short: &words.short,
        action: words.action,
        budget: words.budget.as_deref(),
        budgets: snapshot.standings.iter().map(LinedStanding::new).collect(),
        lines: words::status_lines(&words, &snapshot.standings),
        today: snapshot.today,
        month: snapshot.month,
        month_name: words::month_name(snapshot.now, snapshot.zone),
        calls_ever: snapshot.calls_ever,
        in_flight: snapshot
            .in_flight
            .iter()
            .map(|r| InFlightBody {
                call_id: r.call_id.clone(),
                provider: r.provider.clone(),
                model: r.model.clone(),
                project: r.project.clone(),
                ceiling_usd: r.ceiling,
                at: Stamp(r.at),
            })
            .collect(),
        in_flight_count: snapshot.in_flight_count,
        questions: snapshot.questions.iter().map(QuestionBody::new).collect(),
        alerts_new: snapshot.alerts_new,
        ledger_writable: snapshot.broken.is_none(),
        address: app.address().map(|address| address.to_string()),
        not_listening: not_listening.as_deref().map(|silence| silence.why.as_str()),
        time_zone: snapshot.zone.name(),
        locale: numeral::locale(),
        month_first: date::month_first(),
        currency: app.meter.settings().currency.as_ref().into(),
        now: Stamp(snapshot.now),
        version: env!("CARGO_PKG_VERSION"),
    };
    serde_json::to_string(&body).unwrap_or_default()
}

/// The status of a Spendlight that could not start, as JSON.
pub fn failed_json(words: &words::State) -> String {
    let body = StatusBody {
        state: words.state,
        sentence: &words.sentence,
        reason: &words.reason,
        short: &words.short,
        action: words.action,
        budget: None,
        budgets: Vec::new(),
        lines: words::status_lines(words, &[]),
        today: Totals::default(),
        month: Totals::default(),
        month_name: "",
        calls_ever: 0,
        in_flight: Vec::new(),
        in_flight_count: 0,
        questions: Vec::new(),
        alerts_new: 0,
        ledger_writable: false,
        address: None,
        not_listening: None,
        time_zone: "UTC",
        locale: numeral::locale(),
        month_first: date::month_first(),
        currency: None.into(),
        now: Stamp(DateTime::UNIX_EPOCH),
        version: env!("CARGO_PKG_VERSION"),
    };
    serde_json::to_string(&body).unwrap_or_default()
}

/// The state sentence of a snapshot.
pub fn sentence(snapshot: &Snapshot, silence: Option<&Silence>) -> words::State {
    let since = snapshot.paused_at.map(|at| words::beginning_at(at, snapshot.now, snapshot.zone));
    words::state(&Overall {
        standings: &snapshot.standings,
        paused: snapshot.paused,
        not_listening: silence.map(|silence| silence.why.as_str()),
        port_holder: silence.and_then(|silence| silence.holder.as_deref()),
        paused_since: since.as_deref(),
        paused_denied: snapshot.paused_denied,
        ledger_error: snapshot.broken.as_deref().map(String::as_str),
        any_calls: snapshot.calls_ever > 0,
        today_cost: snapshot.today.cost,
        month_cost: snapshot.month.cost,
        month_name: words::month_name(snapshot.now, snapshot.zone),
    })
}

/// Why there is no network door, for the state sentence.
pub fn not_listening_because(port: u16, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => format!("port {port} is in use"),
        _ => format!("port {port} cannot be opened ({error})"),
    }
}

/// Tries at once to open a network door that is not open, as is done every few seconds anyway. A new status tells of it.
#[utoipa::path(post, path = "/v1/listen", tag = "owner", responses((status = 204), (status = 401, body = Problem)))]
pub async fn listen(_: Owner, State(app): State<Arc<App>>) -> StatusCode {
    app.listen_again();
    StatusCode::NO_CONTENT
}

/// Where everything stands now.
#[utoipa::path(get, path = "/v1/status", tag = "standing", responses((status = 200, body = StatusBody)))]
pub async fn status(State(app): State<Arc<App>>) -> impl axum::response::IntoResponse {
    ([(http::header::CONTENT_TYPE, "application/json")], status_json(&app))
}

/// What the window is to show.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowBody {
    /// The view, by the fragment of the page's address; where the window is, or the dashboard, where none is named.
    #[schema(example = "#/alerts")]
    fragment: Option<String>,
}

/// Shows the window, where there is one.
#[utoipa::path(post, path = "/v1/show", tag = "owner", request_body = Option<ShowBody>, responses(
    (status = 204), (status = 401, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn show(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<StatusCode, Problem> {
    let asked: ShowBody = if bytes.is_empty() { ShowBody::default() } else { parse(&bytes)? };
    if asked.fragment.as_ref().is_some_and(|fragment| !fragment.starts_with("#/")) {
        return Err(Problem::field("fragment", "must be a view's, like #/alerts"));
    }
    if !app.can_show() {
        return Err(Problem::conflict("This Spendlight runs without a window."));
    }
    match asked.fragment {
        Some(fragment) => app.show(&fragment),
        None => app.tell("show", &serde_json::json!({})),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The status as an answer, for routes that change it.
pub fn status_answer(app: &App) -> Result<Json<Box<serde_json::value::RawValue>>, Problem> {
    serde_json::value::RawValue::from_string(status_json(app))
        .map(Json)
        .map_err(|e| Problem::bad_request(format!("the status cannot be told: {e}")))
}
