//! What a notification says, and what its reader can do about it.
//!
//! Built from an alert alone, which carries the numbers of the moment it crossed: a notification that is shown late,
//! after a restart, still says what was true then. Deliberately not here: how it reaches the desktop.

use chrono_tz::Tz;

use super::amount::{amount, decimals, dollars, limit, percent};
use super::moment::{end, forecast};
use super::name::{agree, possessed, subject_of_name};
use super::view::DASHBOARD;
use crate::domain::alert::Alert;
use crate::domain::quantity::Unit;
use crate::domain::standing::Level;

/// A button of a notification. What is not a button's click is `Open`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeAction {
    Open,
    Acknowledge,
    Raise,
    Resume,
    AllowOnce,
    Deny,
}

impl NoticeAction {
    pub const ALL: [NoticeAction; 6] = [
        NoticeAction::Open,
        NoticeAction::Acknowledge,
        NoticeAction::Raise,
        NoticeAction::Resume,
        NoticeAction::AllowOnce,
        NoticeAction::Deny,
    ];

    /// The name by which a notification daemon hands the click back.
    pub fn key(self) -> &'static str {
        match self {
            NoticeAction::Open => "open",
            NoticeAction::Acknowledge => "acknowledge",
            NoticeAction::Raise => "raise",
            NoticeAction::Resume => "resume",
            NoticeAction::AllowOnce => "allow_once",
            NoticeAction::Deny => "deny",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            NoticeAction::Open => "Open",
            NoticeAction::Acknowledge => "Acknowledge",
            NoticeAction::Raise => "Raise until midnight",
            NoticeAction::Resume => "Resume",
            NoticeAction::AllowOnce => "Allow once",
            NoticeAction::Deny => "Deny",
        }
    }
}

/// A notification, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub title: String,
    pub body: String,
    pub actions: Vec<NoticeAction>,
    pub urgent: Level,
    /// Whether it may make a sound: none does unless its user asked for that.
    pub sound: bool,
    /// The view that its click opens, where it is about neither an alert nor a question.
    pub view: &'static str,
}

/// The notification of a crossed threshold; `zone` is that of the budget's window.
pub fn notice(alert: &Alert, zone: Tz) -> Notice {
    let unit = alert.unit;
    let whole = limit(unit, alert.limit);
    let marks = [alert.threshold];
    let used = amount(unit, alert.used, alert.limit, &marks);
    let word = if unit == Unit::Usd { "spent" } else { "used" };
    let pace = alert.exhausted_at.map_or_else(String::new, |at| {
        format!(" At this pace it is full {}.", forecast(at, alert.at, &alert.window, zone))
    });
    let name = &alert.budget_name;
    let is_at = format!("{name} {} at {}", agree(name, "is", "are"), percent(alert.percent));
    let who = subject_of_name(name, alert.window.kind);
    let limit_of_window = possessed(&alert.window, zone, &whole);
    let reached = if alert.used > alert.limit {
        format!("{who} {} over {limit_of_window}", agree(who, "is", "are"))
    } else {
        format!("{who} {} reached {limit_of_window}", agree(who, "has", "have"))
    };
    let (title, body) = match alert.level {
        _ if alert.is_forecast() => {
            let when = alert
                .exhausted_at
                .map_or_else(String::new, |at| format!(" {}", forecast(at, alert.at, &alert.window, zone)));
            (format!("{who} will reach {limit_of_window}{when}"), format!("{used} of {whole} {word}."))
        }
        Level::Exceeded if alert.blocks => (
            format!("{who} {} reached {limit_of_window}", agree(who, "has", "have")),
            match (if alert.asks { "Calls ask you" } else { "Calls are denied" }, end(&alert.window, zone)) {
                (happens, Some(end)) => format!("{happens} until {end}."),
                (happens, None) => format!("{happens} until it is raised."),
            },
        ),
        Level::Exceeded => {
            let used = format!("{used}{}", super::amount::unit_word(unit));
            (reached, format!("{used} {word}. Calls still go through: this budget only warns."))
        }
        Level::Critical => (is_at, format!("{used} of {whole} {word}, {} left.{pace}", left(alert, &marks))),
        Level::Warning | Level::Ok => (is_at, format!("{used} of {whole} {word}.{pace}")),
    };
    let raise = alert.blocks && alert.level >= Level::Critical;
    let actions =
        if raise { [NoticeAction::Raise, NoticeAction::Open] } else { [NoticeAction::Open, NoticeAction::Acknowledge] };
    Notice { title, body, actions: actions.to_vec(), urgent: alert.level, sound: false, view: DASHBOARD }
}

/// What is left of the limit, with as many decimals as what is used, so that the two add up.
fn left(alert: &Alert, marks: &[u8]) -> String {
    let left = alert.limit.saturating_sub(alert.used).max(0);
    match alert.unit {
        Unit::Usd => dollars(left, decimals(alert.used, alert.limit, marks).max(decimals(left, i64::MAX, &[]))),
        Unit::Tokens | Unit::Requests => amount(alert.unit, left, i64::MAX, &[]),
    }
}

/// The kill switch has been thrown.
pub fn paused() -> Notice {
    Notice {
        title: "Spendlight is paused".to_owned(),
        body: "Every call is denied until you resume.".to_owned(),
        actions: vec![NoticeAction::Resume],
        urgent: Level::Warning,
        sound: false,
        view: DASHBOARD,
    }
}

/// Nobody can reach Spendlight; `why` is "port 7575 is in use", `holder` "python3 (process 41208)" where that is known.
pub fn not_listening(why: &str, holder: Option<&str>) -> Notice {
    let by = holder.map_or_else(String::new, |holder| format!(" by {holder}"));
    let mut letters = why.chars();
    let why: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    Notice {
        title: "Spendlight is not listening".to_owned(),
        body: format!("{why}{by}. No call is counted."),
        actions: vec![NoticeAction::Open],
        urgent: Level::Exceeded,
        sound: false,
        view: DASHBOARD,
    }
}

/// A backup by schedule could not be made; `why` is a sentence.
pub fn backup_failed(why: &str) -> Notice {
    Notice {
        title: "A backup failed".to_owned(),
        body: format!("{why} It is tried again every hour."),
        actions: vec![NoticeAction::Open],
        urgent: Level::Warning,
        sound: false,
        view: "#/settings/data",
    }
}

/// What is sent to see whether notifications arrive.
pub fn example() -> Notice {
    Notice {
        title: "This is a test from Spendlight".to_owned(),
        body: "This is how it will tell you when a budget passes a threshold.".to_owned(),
        actions: vec![NoticeAction::Open],
        urgent: Level::Warning,
        sound: false,
        view: DASHBOARD,
    }
}
