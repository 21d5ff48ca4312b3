//! A standing: a budget now. What is used, what is reserved, what is left, how it looks, and where it is heading.
//!
//! Deliberately not here: how the sums come about (the meter keeps them) and how a standing is spelled on the wire.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::denied::Denied;
use super::pace;
use super::quantity::Quantity;
use super::window::{Window, WindowKind};

/// How far a budget is used, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    Warning,
    Critical,
    Exceeded,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Critical => "critical",
            Level::Exceeded => "exceeded",
        }
    }
}

/// Where a window is heading at the pace it has kept so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// What will be used when the window ends; none for a window without end.
    pub at_end: Option<i64>,
    /// When the limit will be reached, if that is before the window ends.
    pub exhausted_at: Option<DateTime<Utc>>,
}

/// A budget now. Quantities count the unit's smallest part.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub budget: Arc<Budget>,
    pub window: Window,
    /// The zone the window is of.
    pub zone: Tz,
    /// The instant the standing is of.
    pub now: DateTime<Utc>,
    /// The limit in force now.
    pub limit: i64,
    pub used: i64,
    pub reserved: i64,
    /// What it has denied in this window under this limit.
    pub denied: Option<Denied>,
}

impl Standing {
    pub fn quantity(&self, value: i64) -> Quantity {
        Quantity { unit: self.budget.unit, value }
    }

    /// What may still be spent before the limit, nothing held back; never below zero.
    pub fn remaining(&self) -> i64 {
        self.limit.saturating_sub(self.used).saturating_sub(self.reserved).max(0)
    }

    /// Whole percents of the limit that are used, rounded down.
    pub fn percent(&self) -> i64 {
        percent(self.used, self.limit)
    }

    /// Which of two is fuller, to the last nano-dollar: whole percents would call many alike that are not.
    pub fn fuller(&self, other: &Standing) -> Ordering {
        let parts = |s: &Standing| if s.limit > 0 { (i128::from(s.used), i128::from(s.limit)) } else { (1, 1) };
        let ((used, limit), (other_used, other_limit)) = (parts(self), parts(other));
        (used * other_limit).cmp(&(other_used * limit))
    }

    pub fn level(&self) -> Level {
        level(&self.budget.thresholds, self.used, self.limit)
    }

    /// The promise of admission: `used + reserved + call <= limit - buffer`.
    pub fn admits(&self, call: i64) -> bool {
        let wanted = i128::from(self.used) + i128::from(self.reserved) + i128::from(call);
        wanted <= i128::from(self.limit) - i128::from(self.budget.buffer)
    }

    /// What a call may cost at the most and still be admitted; never below zero.
    pub fn fits(&self) -> i64 {
        self.limit.saturating_sub(self.budget.buffer).saturating_sub(self.used).saturating_sub(self.reserved).max(0)
    }

    /// The pace so far, carried on to the window's end; see [`pace`].
    pub fn forecast(&self) -> Forecast {
        if self.window.kind == WindowKind::Total {
            return Forecast { at_end: None, exhausted_at: None };
        }
        let at_end = pace::at_end(&self.window, self.now, self.used);
        let will_be_full = self.used > 0 && self.used < self.limit && at_end >= self.limit;
        let exhausted_at = pace::passed_ms_of(&self.window, self.now)
            .filter(|_| will_be_full)
            .and_then(|(passed, _)| i64::try_from(i128::from(self.limit) * passed / i128::from(self.used)).ok())
            .map(|ms| self.window.start + TimeDelta::milliseconds(ms))
            .filter(|at| *at < self.window.end);
        Forecast { at_end: Some(at_end), exhausted_at }
    }
}

/// Whole percents of `limit`, rounded down.
pub fn percent(used: i64, limit: i64) -> i64 {
    if limit <= 0 {
        return 100;
    }
    i64::try_from(i128::from(used) * 100 / i128::from(limit)).unwrap_or(i64::MAX)
}

/// The level of `used` against `limit`: 100 is exceeded, the last threshold critical, those before it warn.
pub fn level(thresholds: &[u8], used: i64, limit: i64) -> Level {
    match highest_crossed(thresholds, used, limit) {
        None => Level::Ok,
        Some(100) => Level::Exceeded,
        Some(threshold) if thresholds.last() == Some(&threshold) => Level::Critical,
        Some(_) => Level::Warning,
    }
}

/// The highest threshold, 100 included, that `used` has reached.
pub fn highest_crossed(thresholds: &[u8], used: i64, limit: i64) -> Option<u8> {
    let percent = percent(used, limit);
    if percent >= 100 {
        return Some(100);
    }
    thresholds.iter().rev().copied().find(|threshold| percent >= i64::from(*threshold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::budget::first_budgets;
    use proptest::prelude::*;

    fn standing(used: i64, now: &str) -> Standing {
        let budget = Arc::new(first_budgets().remove(0));
        let now: DateTime<Utc> = now.parse().unwrap();
        Standing {
            window: Window::holding(WindowKind::Day, now, Tz::UTC),
            zone: Tz::UTC,
            now,
            limit: budget.limit,
            budget,
            used,
            reserved: 0,
            denied: None,
        }
    }

    #[test]
    fn a_level_begins_exactly_at_its_threshold() {
        let level = |used| standing(used, "2026-11-22T12:00:00Z").level();
        assert_eq!(level(799_999_999), Level::Ok);
        assert_eq!(level(800_000_000), Level::Warning);
        assert_eq!(level(949_999_999), Level::Warning);
        assert_eq!(level(950_000_000), Level::Critical);
        assert_eq!(level(999_999_999), Level::Critical);
        assert_eq!(level(1_000_000_000), Level::Exceeded);
    }

    #[test]
    fn admission_keeps_the_buffer_back() {
        let mut s = standing(500_000_000, "2026-11-22T12:00:00Z");
        s.reserved = 300_000_000;
        assert!(s.admits(200_000_000));
        assert!(!s.admits(200_000_001));
        s.budget = Arc::new(Budget { buffer: 100_000_000, ..(*s.budget).clone() });
        assert!(s.admits(100_000_000));
        assert!(!s.admits(100_000_001));
        assert_eq!(s.fits(), 100_000_000);
    }

    #[test]
    fn the_forecast_carries_the_pace_on() {
        let noon = standing(600_000_000, "2026-11-22T12:00:00Z").forecast();
        assert_eq!(noon.at_end, Some(1_200_000_000));
        assert_eq!(noon.exhausted_at.unwrap().to_rfc3339(), "2026-11-22T20:00:00+00:00");
        let slow = standing(400_000_000, "2026-11-22T12:00:00Z").forecast();
        assert_eq!(slow, Forecast { at_end: Some(800_000_000), exhausted_at: None });
        let early = standing(400_000_000, "2026-11-22T00:05:00Z").forecast();
        assert_eq!(early, Forecast { at_end: Some(400_000_000), exhausted_at: None }, "five minutes are no trend");
    }

    proptest! {
        #[test]
        fn a_forecast_never_ends_below_what_is_used(used in 0_i64..i64::MAX / 2, seconds in 0_i64..86_400) {
            let mut s = standing(used, "2026-11-22T00:00:00Z");
            s.now = s.window.start + TimeDelta::seconds(seconds);
            let forecast = s.forecast();
            prop_assert!(forecast.at_end.unwrap() >= used);
            if let Some(at) = forecast.exhausted_at {
                prop_assert!(s.window.contains(at) && at >= s.now - TimeDelta::seconds(1));
            }
        }
    }
}
