//! Times as sentences tell them: a forecast to the nearest five minutes or by its day, the end of a window by its name.
//!
//! Deliberately not here: how long ago something was, which only the pages say.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::domain::window::{Window, WindowKind};
use crate::locale::date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Forecasts are told to the nearest this many seconds: more would claim to know more.
const STEP_S: i64 = 300;

/// The month that holds `at`: "November".
pub fn month_name(at: DateTime<Utc>, zone: Tz) -> &'static str {
    MONTHS.get(at.with_timezone(&zone).month0() as usize).copied().unwrap_or("the month")
}

fn short_month(at: DateTime<Utc>, zone: Tz) -> &'static str {
    &month_name(at, zone)[..3]
}

/// A day of this year: "27 Nov".
pub fn short_date(at: DateTime<Utc>, zone: Tz) -> String {
    date::day_month(at.with_timezone(&zone).day(), short_month(at, zone))
}

/// When a limit will be reached: "at about 17:20", "on 27 Nov", or "within the minute" for a window that short.
pub(super) fn forecast(at: DateTime<Utc>, now: DateTime<Utc>, window: &Window, zone: Tz) -> String {
    if window.kind == WindowKind::Minute {
        return "within the minute".to_owned();
    }
    let (there, here) = (at.with_timezone(&zone), now.with_timezone(&zone));
    if there.date_naive() == here.date_naive() {
        return format!("at about {}", clock(near(at, now, window), zone));
    }
    if there.year() == here.year() {
        format!("on {}", short_date(at, zone))
    } else {
        format!("on {}", date::day_month_year(there.day(), short_month(at, zone), there.year()))
    }
}

/// `at` to the nearest five minutes; to the minute where that would already be past, or beyond the window.
fn near(at: DateTime<Utc>, now: DateTime<Utc>, window: &Window) -> DateTime<Utc> {
    let seconds = (at.timestamp() + STEP_S / 2).div_euclid(STEP_S) * STEP_S;
    match DateTime::from_timestamp(seconds, 0) {
        Some(near) if now < near && near < window.end => near,
        Some(near) if window.end <= near && now < near - TimeDelta::seconds(STEP_S) => {
            near - TimeDelta::seconds(STEP_S)
        }
        _ => at,
    }
}

/// The wall clock: "17:20".
pub(super) fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    let at = at.with_timezone(&zone);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// The wall clock to the second: "17:20:30".
pub(super) fn clock_seconds(at: DateTime<Utc>, zone: Tz) -> String {
    format!("{}:{:02}", clock(at, zone), at.with_timezone(&zone).second())
}

/// The end of a window as a name, to follow "until": "midnight", "18:00", "Monday", "1 December"; none for a window
/// without end.
pub(super) fn end(window: &Window, zone: Tz) -> Option<String> {
    let at = window.end.with_timezone(&zone);
    match window.kind {
        WindowKind::Total => None,
        WindowKind::Minute | WindowKind::Hour => Some(clock(window.end, zone)),
        // Where midnight does not exist, the day ends when its clock says something else.
        WindowKind::Day if (at.hour(), at.minute()) == (0, 0) => Some("midnight".to_owned()),
        WindowKind::Day => Some(clock(window.end, zone)),
        WindowKind::Week => Some("Monday".to_owned()),
        WindowKind::Month => Some(date::day_month(at.day(), month_name(window.end, zone))),
    }
}

/// The same with the word before it: "at midnight", "on Monday".
pub(super) fn at_end(window: &Window, zone: Tz) -> Option<String> {
    let word = if matches!(window.kind, WindowKind::Week | WindowKind::Month) { "on" } else { "at" };
    end(window, zone).map(|end| format!("{word} {end}"))
}

/// The end of a window in full: "2026-11-23 00:00 Europe/Berlin".
pub(super) fn in_full(at: DateTime<Utc>, zone: Tz) -> String {
    format!("{} {zone}", at.with_timezone(&zone).format("%Y-%m-%d %H:%M"))
}

/// When something began, to follow "since": "14:32" of today, "26 Nov 14:32" of another day, "26 Nov 2025" of
/// another year.
pub fn beginning_at(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (there, here) = (at.with_timezone(&zone), now.with_timezone(&zone));
    if there.date_naive() == here.date_naive() {
        return clock(at, zone);
    }
    if there.year() != here.year() {
        return date::day_month_year(there.day(), short_month(at, zone), there.year());
    }
    format!("{} {}", short_date(at, zone), clock(at, zone))
}

/// Where a window began, to follow "since": "midnight", "Monday", "1 November".
pub(super) fn beginning(window: &Window, zone: Tz) -> String {
    let at = window.start.with_timezone(&zone);
    match window.kind {
        WindowKind::Day if (at.hour(), at.minute()) == (0, 0) => "midnight".to_owned(),
        WindowKind::Week => "Monday".to_owned(),
        WindowKind::Month => date::day_month(at.day(), month_name(window.start, zone)),
        _ => clock(window.start, zone),
    }
}
