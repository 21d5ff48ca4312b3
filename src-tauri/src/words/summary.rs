//! What is said of the alerts that were held back: by quiet hours, or by their user, who put them aside.
//!
//! Each alert is told as it was when it came, with the time: an hour later the day it speaks of may have passed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::moment::{clock, short_date};
use super::notice::{Notice, NoticeAction, notice};
use super::view::DASHBOARD;
use crate::domain::alert::Alert;
use crate::domain::standing::Level;

/// A notification has room for so many lines.
const LINES_MAX: usize = 5;

/// What held alerts back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    QuietHours,
    Snoozed,
}

/// The one notification of several alerts, oldest first, each with the zone of its budget. Of a budget's window only the
/// last is told: it was the highest. Times are those of `here`.
pub fn summary(held: Held, alerts: &[(&Alert, Tz)], now: DateTime<Utc>, here: Tz) -> Notice {
    let told: Vec<_> = alerts.iter().enumerate().filter(|(i, (a, _))| !told_again(a, &alerts[i + 1..])).collect();
    let line = |(_, (alert, zone)): &(usize, &(&Alert, Tz))| {
        format!("{} {}", when(alert.at, now, here), notice(alert, *zone).title)
    };
    let mut lines: Vec<String> = told.iter().take(LINES_MAX).map(line).collect();
    if told.len() > LINES_MAX {
        lines.push(format!("and {} more", told.len() - LINES_MAX));
    }
    let alerts_that = match told.len() {
        1 => "1 alert".to_owned(),
        n => format!("{n} alerts"),
    };
    let title = match held {
        Held::QuietHours => format!("{alerts_that} came in quiet hours"),
        Held::Snoozed => format!("{alerts_that} that you snoozed"),
    };
    Notice {
        title,
        body: lines.join("\n"),
        actions: vec![NoticeAction::Open, NoticeAction::Acknowledge],
        urgent: alerts.iter().map(|(alert, _)| alert.level).max().unwrap_or(Level::Ok),
        sound: false,
        view: DASHBOARD,
    }
}

fn told_again(alert: &Alert, later: &[(&Alert, Tz)]) -> bool {
    later.iter().any(|(other, _)| other.budget_id == alert.budget_id && other.window == alert.window)
}

/// "23:10" of today, "22 Nov 23:10" of another day.
fn when(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (there, today) = (at.with_timezone(&zone).date_naive(), now.with_timezone(&zone).date_naive());
    if there == today { clock(at, zone) } else { format!("{} {}", short_date(at, zone), clock(at, zone)) }
}
