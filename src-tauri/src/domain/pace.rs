//! Pace: what will be used when a window ends, if all goes on as it has since its beginning.
//!
//! The one projection there is: a budget's forecast, the month's projected figure and the chart's outlines are all told
//! from here, so that they agree, and so that the forecasts of several providers add up to that of all calls. It is even
//! over time and knows the window alone: from a first day there is as much to tell as from a fifth month. Deliberately
//! not here: weekdays, seasons, and earlier windows.

use chrono::{DateTime, Utc};

use super::window::Window;

/// A pace is not told before this part of the window, in thousandths, has passed: a first call is no trend.
const PACE_PERMILLE_MIN: i64 = 20;

/// What of the window has passed, and all of it, in milliseconds; none where no pace can be told yet, or ever.
pub fn passed_ms_of(window: &Window, now: DateTime<Utc>) -> Option<(i128, i128)> {
    if window.elapsed_permille(now)? < PACE_PERMILLE_MIN {
        return None;
    }
    let ms = |from: DateTime<Utc>, to: DateTime<Utc>| i128::from((to - from).num_milliseconds().max(1));
    Some((ms(window.start, now.min(window.end)), ms(window.start, window.end)))
}

/// What will be used at the window's end: what is used already where no pace can be told yet.
pub fn at_end(window: &Window, now: DateTime<Utc>, used: i64) -> i64 {
    match passed_ms_of(window, now) {
        Some((passed, whole)) => i64::try_from(i128::from(used) * whole / passed).unwrap_or(i64::MAX),
        None => used,
    }
}

/// What is still to come by [`at_end`], spread over the part of each column that lies ahead. Columns that tile the
/// window get all of it, to the last unit.
pub fn to_come(window: &Window, now: DateTime<Utc>, used: i64, columns: impl Iterator<Item = Window>) -> Vec<i64> {
    let rest = i128::from(at_end(window, now, used).saturating_sub(used));
    let ahead_ms = i128::from((window.end - now).num_milliseconds().max(1));
    let until = |at: DateTime<Utc>| rest * i128::from((at - now).num_milliseconds()).clamp(0, ahead_ms) / ahead_ms;
    let part = |column: Window| i64::try_from(until(column.end) - until(column.start)).unwrap_or(i64::MAX);
    columns.map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::window::WindowKind;
    use chrono::TimeDelta;
    use chrono_tz::Tz;
    use proptest::prelude::*;

    fn days(month: Window, zone: Tz) -> Vec<Window> {
        let first = Window::holding(WindowKind::Day, month.start, zone);
        std::iter::successors(Some(first), |day| Some(day.next(zone))).take_while(|day| day.start < month.end).collect()
    }

    #[test]
    fn what_is_to_come_is_spread_evenly_over_the_time_that_is_left() {
        let now = "2026-11-16T12:00:00Z".parse().unwrap();
        let month = Window::holding(WindowKind::Month, now, Tz::UTC);
        assert_eq!(at_end(&month, now, 3_100), 6_000);
        let ahead = to_come(&month, now, 3_100, days(month, Tz::UTC).into_iter());
        assert!(ahead[..15].iter().all(|part| *part == 0), "nothing is to come of days that have passed");
        assert_eq!((ahead[15], ahead[16], ahead[29]), (100, 200, 200), "half of a day is left of today");
        let early = "2026-11-01T14:23:00Z".parse().unwrap();
        assert_eq!(at_end(&month, early, 3_100), 3_100, "a few hours of a month are no trend");
        assert_eq!(at_end(&month, early + TimeDelta::minutes(2), 3_100), 154_820, "a first afternoon is one");
    }

    proptest! {
        #[test]
        fn the_columns_parts_are_all_that_is_to_come(used in 0_i64..i64::MAX / 4, minutes in 0_i64..44_700) {
            // With the day of 25 hours.
            let zone = Tz::Europe__Berlin;
            let month = Window::holding(WindowKind::Month, "2026-10-15T12:00:00Z".parse().unwrap(), zone);
            let now = month.start + TimeDelta::minutes(minutes);
            let parts = to_come(&month, now, used, days(month, zone).into_iter());
            prop_assert!(parts.iter().all(|part| *part >= 0));
            let sum: i128 = parts.iter().map(|part| i128::from(*part)).sum();
            prop_assert_eq!(sum, i128::from(at_end(&month, now, used) - used));
        }
    }
}
