//! Snoozing: how long an alert is put aside, by the wall clock of its user.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::window::first_instant;

/// When a morning begins. Where quiet hours hold longer, the alert waits for their end as any other does.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(8, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// The longest an alert is put aside: beyond a month its budget has another window, and nobody remembers.
pub const DAYS_MAX: i64 = 31;

/// Until when an alert is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snooze {
    /// For an hour.
    Hour,
    /// Until the next 08:00.
    Morning,
    Until(DateTime<Utc>),
}

impl Snooze {
    /// The instant at which the alert comes back.
    ///
    /// # Errors
    /// What is wrong with it, to follow its field's name: it is over already, or too far away.
    pub fn until(self, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, String> {
        match self {
            Snooze::Hour => Ok(now + TimeDelta::hours(1)),
            Snooze::Morning => Ok(morning(now, zone)),
            Snooze::Until(at) if at <= now => Err("must lie in the future".to_owned()),
            Snooze::Until(at) if at - now > TimeDelta::days(DAYS_MAX) => {
                Err(format!("must lie within the next {DAYS_MAX} days"))
            }
            Snooze::Until(at) => Ok(at),
        }
    }
}

/// The first 08:00 after `now`; the first instant after it where the clocks skip it.
fn morning(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    // A zone may skip one date, so the day after tomorrow is looked at too.
    let dates = (0..3).filter_map(|days| today.checked_add_days(Days::new(days)));
    let mornings = dates.map(|date| first_instant(date.and_time(MORNING), zone));
    mornings.into_iter().find(|at| *at > now).unwrap_or(now + TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(snooze: Snooze, now: &str, until: &str) {
        let told = snooze.until(now.parse().unwrap(), Tz::Europe__Berlin).unwrap();
        assert_eq!(told, until.parse::<DateTime<Utc>>().unwrap(), "{snooze:?} at {now}");
    }

    #[test]
    fn an_alert_is_put_aside_for_an_hour_or_until_the_next_morning() {
        check(Snooze::Hour, "2026-11-22T13:37:20Z", "2026-11-22T14:37:20Z");
        check(Snooze::Morning, "2026-11-22T13:37:20Z", "2026-11-23T07:00:00Z");
        check(Snooze::Morning, "2026-11-23T01:00:00Z", "2026-11-23T07:00:00Z");
        check(Snooze::Morning, "2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z");
        // The night the clocks go forward, and the one they go back.
        check(Snooze::Morning, "2026-03-28T20:00:00Z", "2026-03-29T06:00:00Z");
        check(Snooze::Morning, "2026-10-24T20:00:00Z", "2026-10-25T07:00:00Z");
    }

    #[test]
    fn a_time_that_is_over_or_beyond_a_month_is_refused() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let until = |after| Snooze::Until(now + after).until(now, Tz::UTC);
        assert!(until(TimeDelta::zero()).unwrap_err().contains("future"));
        assert!(until(TimeDelta::days(31) + TimeDelta::seconds(1)).unwrap_err().contains("31 days"));
        assert_eq!(until(TimeDelta::days(31)), Ok(now + TimeDelta::days(31)));
    }

    proptest! {
        #[test]
        fn a_morning_always_comes_within_two_days(s in 0_i64..4_102_444_800, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let now = DateTime::from_timestamp(s, 0).unwrap();
            let at = morning(now, chrono_tz::TZ_VARIANTS[zone]);
            prop_assert!(now < at && at - now <= TimeDelta::hours(50), "{at}");
        }
    }
}
