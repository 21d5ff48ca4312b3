//! `/v1/settings`, and the kill switch: `/v1/pause`, `/v1/resume`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::app::App;
use super::body::{SmallBody, parse};
use super::currency::{CurrencyBody, NewCurrency};
use super::owner::Owner;
use super::problem::Problem;
use super::status::{StatusBody, status_answer};
use super::{fields, query};
use crate::ledger::{self, BackupSchedule, KeepCalls, NotificationSettings, Theme, UnknownPrice};
use crate::meter::SettingsChange;
use crate::words;

/// Where the ledger is, and how large.
#[derive(Serialize, ToSchema)]
struct DataBody {
    ledger_path: String,
    ledger_bytes: u64,
    entries: i64,
}

#[derive(Serialize, ToSchema)]
pub struct SettingsBody {
    /// The zone of days and months, as it is in use.
    time_zone: &'static str,
    /// Whether that is the machine's own.
    follows_machine: bool,
    unknown_price: UnknownPrice,
    theme: Theme,
    notifications: NotificationSettings,
    /// How long a call waits for its user's answer where a budget asks.
    ask_seconds: u64,
    /// Whether a stream through the proxy is asked to report its usage where its client did not ask for that. What the
    /// client did not ask for is taken out of the answer again.
    add_usage: bool,
    paused: bool,
    /// Whether every check, record and proxied call needs a Spendlight key. The owner's do not.
    require_key: bool,
    /// Backups without being asked.
    backup_schedule: BackupSchedule,
    /// Whether the tray program starts without opening its window.
    start_hidden: bool,
    /// Whether the user's session starts Spendlight at login; null where this one has no tray, or cannot tell.
    start_at_login: Option<bool>,
    /// The currency that amounts are shown in.
    currency: CurrencyBody,
    /// How long single calls are kept. What they add up to is kept for good.
    keep_calls: KeepCalls,
    data: DataBody,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSettings {
    /// An IANA name, or `machine` for the machine's own.
    time_zone: Option<String>,
    unknown_price: Option<UnknownPrice>,
    theme: Option<Theme>,
    notifications: Option<NotificationSettings>,
    /// Whether every check, record and proxied call needs a Spendlight key. The owner's do not.
    require_key: Option<bool>,
    /// 5 to 60.
    ask_seconds: Option<u64>,
    /// Whether a stream through the proxy is asked to report its usage where its client did not ask for that.
    add_usage: Option<bool>,
    /// Backups without being asked.
    backup_schedule: Option<BackupSchedule>,
    /// Whether the tray program starts without opening its window.
    start_hidden: Option<bool>,
    /// Whether the user's session starts Spendlight at login.
    start_at_login: Option<bool>,
    /// The currency that amounts are shown in.
    currency: Option<NewCurrency>,
    /// How long single calls are kept. Older ones are taken out from then on, which cannot be undone:
    /// `/v1/data/retention` tells before how many they are.
    keep_calls: Option<KeepCalls>,
}

async fn body(app: &App) -> Result<SettingsBody, Problem> {
    let settings = app.meter.settings();
    let file = app.meter.ledger_file().await?;
    Ok(SettingsBody {
        time_zone: app.meter.zone().name(),
        follows_machine: settings.time_zone.is_none(),
        unknown_price: settings.unknown_price,
        theme: settings.theme,
        notifications: settings.notifications,
        ask_seconds: settings.ask_seconds,
        add_usage: settings.add_usage,
        paused: settings.paused,
        require_key: settings.require_key,
        backup_schedule: settings.backup_schedule,
        start_hidden: settings.start_hidden,
        start_at_login: app.starts_at_login(),
        currency: settings.currency.as_ref().into(),
        keep_calls: settings.keep_calls,
        data: DataBody {
            ledger_bytes: file.size.bytes,
            ledger_path: file.path.display().to_string(),
            entries: file.facts.entries,
        },
    })
}

/// The settings.
#[utoipa::path(get, path = "/v1/settings", tag = "owner", responses((status = 200, body = SettingsBody)))]
pub async fn get(State(app): State<Arc<App>>) -> Result<Json<SettingsBody>, Problem> {
    Ok(Json(body(&app).await?))
}

/// Changes settings.
#[utoipa::path(put, path = "/v1/settings", tag = "owner", request_body = NewSettings, responses(
    (status = 200, body = SettingsBody), (status = 401, body = Problem), (status = 422, body = Problem),
    (status = 409, body = Problem, description = "There is no tray to start at login."),
    (status = 500, body = Problem, description = "The session did not take it; nothing is changed.")))]
pub async fn change(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Json<SettingsBody>, Problem> {
    let new: NewSettings = parse(&bytes)?;
    let time_zone = match new.time_zone.as_deref() {
        Some("machine") => Some(None),
        name => query::zone("time_zone", name)?.map(Some),
    };
    let ask_seconds =
        new.ask_seconds.map(|seconds| fields::within("ask_seconds", seconds, ledger::ASK_SECONDS)).transpose()?;
    if new.notifications.is_some_and(|wanted| wanted.quiet_hours.from == wanted.quiet_hours.to) {
        return Err(Problem::field("notifications.quiet_hours", "must begin and end at different times"));
    }
    if let Some(schedule) = new.backup_schedule {
        fields::within("backup_schedule.keep", schedule.keep, BackupSchedule::KEEP)?;
    }
    let currency = new.currency.map(|currency| currency.checked(&app)).transpose()?;
    let change = SettingsChange {
        time_zone,
        unknown_price: new.unknown_price,
        theme: new.theme,
        notifications: new.notifications,
        require_key: new.require_key,
        ask_seconds,
        add_usage: new.add_usage,
        backup_schedule: new.backup_schedule,
        start_hidden: new.start_hidden,
        currency,
        keep_calls: new.keep_calls,
        ..SettingsChange::default()
    };
    // It is kept outside the ledger and may be refused, so it comes first: then nothing has been changed.
    if let Some(on) = new.start_at_login {
        start_at_login(&app, on)?;
    }
    app.meter.change_settings(change).await?;
    let settings = body(&app).await?;
    app.tell("settings", &settings);
    Ok(Json(settings))
}

fn start_at_login(app: &App, on: bool) -> Result<(), Problem> {
    let Some(session) = app.at_login() else {
        return Err(Problem::conflict("Only the Spendlight that has a tray can be started at login."));
    };
    session.turn(on).map_err(|e| Problem::login_refused(&e))
}

/// Denies every check, and every proxied call that may spend, until resumed.
#[utoipa::path(post, path = "/v1/pause", tag = "owner", responses(
    (status = 200, body = StatusBody), (status = 401, body = Problem)))]
pub async fn pause(_: Owner, State(app): State<Arc<App>>) -> Result<Json<Box<RawValue>>, Problem> {
    app.meter.pause().await?;
    app.say(words::paused());
    status_answer(&app)
}

/// Lets calls go again.
#[utoipa::path(post, path = "/v1/resume", tag = "owner", responses(
    (status = 200, body = StatusBody), (status = 401, body = Problem)))]
pub async fn resume(_: Owner, State(app): State<Arc<App>>) -> Result<Json<Box<RawValue>>, Problem> {
    app.meter.resume().await?;
    status_answer(&app)
}
