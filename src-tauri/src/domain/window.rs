//! Windows: the actual `[start, end)` of a minute, hour, day, week or month in a time zone, or everything.
//!
//! Every function here is total: a midnight that does not exist or comes twice, an hour that is repeated or cut short
//! by a change of the clocks, a date that a zone skipped, all have an answer, and the windows of one kind tile time
//! without gap or overlap. A day starts at the first instant whose wall clock shows its date. Hours and minutes are
//! those of the wall clock and end where the clocks are changed, so that a repeated hour is two windows.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WindowKind {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Total,
}

impl WindowKind {
    pub const ALL: [WindowKind; 6] =
        [WindowKind::Minute, WindowKind::Hour, WindowKind::Day, WindowKind::Week, WindowKind::Month, WindowKind::Total];

    pub fn as_str(self) -> &'static str {
        match self {
            WindowKind::Minute => "minute",
            WindowKind::Hour => "hour",
            WindowKind::Day => "day",
            WindowKind::Week => "week",
            WindowKind::Month => "month",
            WindowKind::Total => "total",
        }
    }

    /// Whether a call denied for this window is worth retrying soon (429) rather than not at all (402).
    pub fn is_rate(self) -> bool {
        matches!(self, WindowKind::Minute | WindowKind::Hour)
    }
}

/// A half-open span of time. `total` has neither start nor end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub kind: WindowKind,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl Window {
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.start <= at && at < self.end
    }

    /// All of time.
    pub fn always() -> Window {
        Window { kind: WindowKind::Total, start: DateTime::<Utc>::MIN_UTC, end: DateTime::<Utc>::MAX_UTC }
    }

    /// The window of `kind` that holds the instant `at` in `zone`.
    pub fn holding(kind: WindowKind, at: DateTime<Utc>, zone: Tz) -> Window {
        let (start, end) = match kind {
            WindowKind::Minute => clock_span(at, zone, 60),
            WindowKind::Hour => clock_span(at, zone, 3_600),
            WindowKind::Day => calendar_span(at, zone, |d| d, next_day),
            WindowKind::Week => calendar_span(at, zone, monday, |d| add_days(d, 7)),
            WindowKind::Month => calendar_span(at, zone, first_of_month, next_month),
            WindowKind::Total => return Window::always(),
        };
        Window { kind, start, end }
    }

    /// The window that follows this one; the same for `total`.
    pub fn next(&self, zone: Tz) -> Window {
        if self.kind == WindowKind::Total { *self } else { Window::holding(self.kind, self.end, zone) }
    }

    /// How far `at` is into the window, in thousandths, 0 to 1000; none for `total`.
    pub fn elapsed_permille(&self, at: DateTime<Utc>) -> Option<i64> {
        if self.kind == WindowKind::Total {
            return None;
        }
        let whole = (self.end - self.start).num_milliseconds().max(1);
        Some(((at - self.start).num_milliseconds().clamp(0, whole)) * 1_000 / whole)
    }
}

/// The date whose day window holds `at`: the wall clock's date, but for the minutes after a change of the clocks has
/// turned them back over midnight, which still belong to the day that had begun.
pub fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let shown = at.with_timezone(&zone).date_naive();
    let next = next_day(shown);
    if start_of_day(next, zone) <= at { next } else { shown }
}

/// The first instant of `date` in `zone`: the earliest at which the wall clock shows that date, or a later one where
/// the zone skipped the date.
pub fn start_of_day(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    first_instant(date.and_time(NaiveTime::MIN), zone)
}

/// The first instant at which the wall clock shows `wall`, or a later time where it never does.
pub(super) fn first_instant(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall).earliest() {
        Some(instant) => instant.to_utc(),
        None => first_instant_from(wall, zone),
    }
}

/// The earliest instant whose wall clock is at or after `wall`, where `wall` falls into a gap.
fn first_instant_from(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // No zone was ever more than 26 hours from UTC, and no gap is longer than a day: both ends are surely outside.
    let (mut before, mut after) = (wall.and_utc() - TimeDelta::days(3), wall.and_utc() + TimeDelta::days(3));
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        let middle = DateTime::from_timestamp(middle.timestamp(), 0).unwrap_or(middle);
        if wall_clock(middle, zone) >= wall {
            after = middle;
        } else {
            before = middle;
        }
    }
    after
}

fn wall_clock(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

fn offset_seconds(at: DateTime<Utc>, zone: Tz) -> i64 {
    i64::from(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc())
}

/// The calendar window around `at`: from the start of `floor(date)` to the start of `next` of it.
fn calendar_span(
    at: DateTime<Utc>,
    zone: Tz,
    floor: impl Fn(NaiveDate) -> NaiveDate,
    next: impl Fn(NaiveDate) -> NaiveDate,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let first = floor(day_of(at, zone));
    (start_of_day(first, zone), start_of_day(next(first), zone))
}

/// The minute or hour of the wall clock around `at`, cut where the clocks are changed.
fn clock_span(at: DateTime<Utc>, zone: Tz, seconds: i64) -> (DateTime<Utc>, DateTime<Utc>) {
    let offset = offset_seconds(at, zone);
    let start_s = at.timestamp() - (at.timestamp() + offset).rem_euclid(seconds);
    let instant = |s: i64| DateTime::from_timestamp(s, 0).unwrap_or(at);
    let (start, end) = (instant(start_s), instant(start_s + seconds));
    let start = if offset_seconds(start, zone) == offset { start } else { change_between(start, at, zone) };
    let last = end - TimeDelta::seconds(1);
    let end = if offset_seconds(last, zone) == offset { end } else { change_between(at, last, zone) };
    (start, end)
}

/// The instant at which the offset changes, between two instants that have different ones.
fn change_between(before: DateTime<Utc>, after: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let old = offset_seconds(before, zone);
    let (mut low, mut high) = (before.timestamp(), after.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let instant = DateTime::from_timestamp(middle, 0).unwrap_or(after);
        if offset_seconds(instant, zone) == old { low = middle } else { high = middle }
    }
    DateTime::from_timestamp(high, 0).unwrap_or(after)
}

fn add_days(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

fn next_day(date: NaiveDate) -> NaiveDate {
    add_days(date, 1)
}

fn monday(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday()))).unwrap_or(NaiveDate::MIN)
}

fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

fn next_month(first: NaiveDate) -> NaiveDate {
    first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
