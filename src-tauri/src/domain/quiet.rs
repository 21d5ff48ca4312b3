//! Quiet hours: from one time of the wall clock to another, each day, over midnight where the second is the earlier one.
//!
//! Total like the windows: a time that a change of the clocks skips is the first instant after the gap. One that comes
//! twice begins at its first and ends at its second, so that a night is quiet once and without a hole.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::window::first_instant;

/// A time of day on the wall clock, to the minute: "22:00".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTime(NaiveTime);

impl ClockTime {
    const fn hour(hour: u32) -> ClockTime {
        match NaiveTime::from_hms_opt(hour, 0, 0) {
            Some(time) => ClockTime(time),
            None => ClockTime(NaiveTime::MIN),
        }
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl FromStr for ClockTime {
    type Err = String;

    fn from_str(text: &str) -> Result<ClockTime, String> {
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok().map(ClockTime);
        // The parser also takes "7:5", which would not read the same again.
        time.filter(|time| time.to_string() == text)
            .ok_or_else(|| format!("{text:?} is not a time of day like \"22:00\""))
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ClockTime, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// When alerts wait before they are shown on the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct QuietHours {
    pub enabled: bool,
    /// In the user's zone, like "22:00".
    #[schema(value_type = String, example = "22:00")]
    pub from: ClockTime,
    #[schema(value_type = String, example = "07:00")]
    pub to: ClockTime,
    /// Whether an exceeded limit is shown all the same.
    pub let_exceeded_through: bool,
}

impl Default for QuietHours {
    fn default() -> Self {
        let (from, to) = (ClockTime::hour(22), ClockTime::hour(7));
        QuietHours { enabled: false, from, to, let_exceeded_through: false }
    }
}

impl QuietHours {
    /// When the quiet that holds at `now` ends; none when it is not quiet.
    pub fn until(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        if !self.enabled {
            return None;
        }
        let shown = now.with_timezone(&zone).date_naive();
        // They may have begun yesterday; around midnight the clocks may have been turned back by a date.
        let dates = [shown.checked_sub_days(Days::new(1)), Some(shown), shown.checked_add_days(Days::new(1))];
        dates.into_iter().flatten().find_map(|date| {
            let last = if self.from < self.to { Some(date) } else { date.checked_add_days(Days::new(1)) }?;
            let (begin, end) = (date.and_time(self.from.0), last.and_time(self.to.0));
            let end =
                zone.from_local_datetime(&end).latest().map_or_else(|| first_instant(end, zone), |at| at.to_utc());
            (first_instant(begin, zone) <= now && now < end).then_some(end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quiet(from: &str, to: &str) -> QuietHours {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        QuietHours { enabled: true, from, to, let_exceeded_through: false }
    }

    #[track_caller]
    fn check(hours: QuietHours, zone: Tz, now: &str, until: Option<&str>) {
        let told =
            hours.until(now.parse().unwrap(), zone).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
        assert_eq!(told.as_deref(), until, "{now} in {zone}");
    }

    #[test]
    fn quiet_hours_go_over_midnight_or_stay_within_a_day() {
        let berlin = Tz::Europe__Berlin;
        let night = quiet("22:00", "07:00");
        check(night, berlin, "2026-11-22T20:59:59Z", None);
        check(night, berlin, "2026-11-22T21:00:00Z", Some("2026-11-23T06:00:00Z"));
        check(night, berlin, "2026-11-23T05:59:59Z", Some("2026-11-23T06:00:00Z"));
        check(night, berlin, "2026-11-23T06:00:00Z", None);
        let lunch = quiet("12:00", "13:30");
        check(lunch, berlin, "2026-11-22T11:00:00Z", Some("2026-11-22T12:30:00Z"));
        check(lunch, berlin, "2026-11-22T12:30:00Z", None);
        check(QuietHours { enabled: false, ..night }, berlin, "2026-11-22T23:00:00Z", None);
    }

    #[test]
    fn a_night_in_which_the_clocks_change_ends_by_the_new_clock() {
        let (berlin, night) = (Tz::Europe__Berlin, quiet("22:00", "07:00"));
        check(night, berlin, "2026-03-28T21:00:00Z", Some("2026-03-29T05:00:00Z"));
        check(night, berlin, "2026-10-24T20:00:00Z", Some("2026-10-25T06:00:00Z"));
        // 02:30 comes not at all in March, and twice in October.
        let short = quiet("22:00", "02:30");
        check(short, berlin, "2026-03-28T23:00:00Z", Some("2026-03-29T01:00:00Z"));
        check(short, berlin, "2026-10-25T00:45:00Z", Some("2026-10-25T01:30:00Z"));
        check(quiet("02:15", "02:45"), berlin, "2026-03-29T01:00:00Z", None);
        // The night Havana goes back from 01:00 to midnight.
        check(quiet("00:30", "06:00"), Tz::America__Havana, "2026-11-01T05:10:00Z", Some("2026-11-01T11:00:00Z"));
    }

    #[test]
    fn a_time_of_day_reads_as_it_was_written() {
        for text in ["00:00", "07:05", "23:59"] {
            assert_eq!(text.parse::<ClockTime>().unwrap().to_string(), text);
        }
        for text in ["", "7:00", "24:00", "12:60", "noon", "07:00:00"] {
            assert!(text.parse::<ClockTime>().unwrap_err().contains("22:00"), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn quiet_hours_that_hold_end_within_a_day_and_a_bit(
            from in 0_u32..1_440, to in 0_u32..1_440, s in 0_i64..4_102_444_800, zone in 0..chrono_tz::TZ_VARIANTS.len()
        ) {
            let time = |m: u32| ClockTime(NaiveTime::from_hms_opt(m / 60, m % 60, 0).unwrap());
            let hours = QuietHours { from: time(from), to: time(to), ..quiet("22:00", "07:00") };
            let now = DateTime::from_timestamp(s, 0).unwrap();
            if let Some(end) = hours.until(now, chrono_tz::TZ_VARIANTS[zone]) {
                prop_assert!(now < end && end - now <= chrono::TimeDelta::hours(49), "{end}");
            }
        }
    }
}
