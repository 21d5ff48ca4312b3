//! Tallies: what has been spent of every budget in its current window, kept in memory so that a check reads nothing else.
//!
//! Only entries move a tally; what is merely reserved is kept beside them. The committer works on a copy and publishes it
//! once the ledger has committed, so that a tally never shows what is not on disk.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::keys::Keys;
use super::windowed::Windowed;
use crate::domain::budget::{Attribution, Budget};
use crate::domain::entry::Entry;
use crate::domain::quantity::LARGEST;
use crate::domain::standing::{Standing, highest_crossed};
use crate::domain::window::{Window, WindowKind};
use crate::ledger::usage::Totals;
use crate::ledger::{Result, Settings, Writer};

/// A limit that is reached this long before its window ends, or less, is reached about on time.
const EARLY: TimeDelta = TimeDelta::hours(1);

/// One budget's tally.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    pub budget: Arc<Budget>,
    pub used: Windowed<i64>,
    /// What has been said in the current window: threshold and limit of each alert.
    pub said: Vec<(u8, i64)>,
}

impl Tally {
    /// Reads a budget's tally from the ledger.
    pub fn read(budget: Arc<Budget>, zone: Tz, now: DateTime<Utc>, ledger: &Writer) -> Result<Tally> {
        let zone = budget.time_zone.unwrap_or(zone);
        let mut used = Windowed::new(budget.window, now, zone);
        used.sum = ledger.spent(&budget.scope, budget.unit, &used.window)?;
        for (at, quantity) in ledger.spent_since(&budget.scope, budget.unit, used.window.end)? {
            used.count(at, &quantity);
        }
        let said = ledger.said(&budget.id, &used.window)?;
        Ok(Tally { budget, used, said })
    }

    fn roll(&mut self, now: DateTime<Utc>) {
        if self.used.roll(now) {
            self.said.clear();
        }
    }

    pub fn counts(&self, call: &Attribution<'_>) -> bool {
        self.budget.enabled && self.budget.scope.matches(call)
    }

    /// Where it stands, but for what it has denied.
    pub fn standing(&self, reserved: i64, now: DateTime<Utc>) -> Standing {
        Standing {
            budget: Arc::clone(&self.budget),
            window: self.used.window,
            zone: self.used.zone,
            now,
            limit: self.budget.limit_at(now),
            used: self.used.sum,
            reserved,
            denied: None,
        }
    }

    /// The threshold to speak of now: the highest that is crossed, unless it or a higher one was said for this limit or
    /// a larger one. So a raised limit speaks again, and a lowered one does not repeat.
    pub fn to_say(&self, now: DateTime<Utc>) -> Option<u8> {
        let limit = self.budget.limit_at(now);
        let crossed = highest_crossed(&self.budget.thresholds, self.used.sum, limit)?;
        let said = self.said.iter().any(|(threshold, at_limit)| *threshold >= crossed && *at_limit >= limit);
        (!said).then_some(crossed)
    }

    /// Whether to speak of the limit before any threshold is crossed: it will be reached more than an hour early, and
    /// nothing was said of this limit or a larger one.
    pub fn to_foretell(&self, now: DateTime<Utc>) -> bool {
        let standing = self.standing(0, now);
        let early = standing.forecast().exhausted_at.is_some_and(|at| at + EARLY < standing.window.end);
        early && !self.said.iter().any(|(_, at_limit)| *at_limit >= standing.limit)
    }
}

/// All tallies, the sums that the state sentence and the cards show beside them, and what else a check needs.
#[derive(Debug, Clone)]
pub struct Tallies {
    pub budgets: Vec<Tally>,
    pub today: Windowed<Totals>,
    pub month: Windowed<Totals>,
    pub lifetime: Totals,
    pub alerts_new: i64,
    pub settings: Arc<Settings>,
    pub keys: Arc<Keys>,
    /// The user's zone: the one chosen, or the machine's.
    pub zone: Tz,
}

impl Tallies {
    /// Reads everything from the ledger, whose rollups must be those of `zone`.
    pub fn read(ledger: &Writer, settings: Arc<Settings>, zone: Tz, now: DateTime<Utc>) -> Result<Tallies> {
        let mut sums = [WindowKind::Day, WindowKind::Month].map(|kind| Windowed::<Totals>::new(kind, now, zone));
        for sum in &mut sums {
            let Window { start, end, .. } = sum.window;
            sum.sum = ledger.total(start, end)?;
            // Days to come can hold only what is dated a few minutes ahead.
            for (day, totals) in ledger.days_from(end)? {
                sum.count(day, &totals);
            }
        }
        let lifetime = ledger.total(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC)?;
        let budgets = ledger
            .budgets()?
            .into_iter()
            .map(|budget| Tally::read(Arc::new(budget), zone, now, ledger))
            .collect::<Result<_>>()?;
        let [today, month] = sums;
        let alerts_new = ledger.count_new_alerts()?;
        let keys = Arc::new(Keys::read(ledger)?);
        Ok(Tallies { budgets, today, month, lifetime, alerts_new, settings, keys, zone })
    }

    pub fn roll(&mut self, now: DateTime<Utc>) {
        for tally in &mut self.budgets {
            tally.roll(now);
        }
        self.today.roll(now);
        self.month.roll(now);
    }

    /// The earliest instant at which a window passes.
    pub fn next_roll(&self) -> DateTime<Utc> {
        self.budgets.iter().map(|tally| tally.used.window.end).fold(self.today.window.end, DateTime::min)
    }

    /// Whether no sum could overflow if this entry were counted.
    pub fn can_hold(&self, entry: &Entry) -> bool {
        let tokens = i64::try_from(entry.usage.total_tokens()).unwrap_or(i64::MAX);
        let fits = |sum: i64, part: i64| sum.checked_add(part).is_some_and(|n| n <= LARGEST * 9);
        fits(self.lifetime.cost.0, entry.cost.0) && fits(self.lifetime.tokens(), tokens)
    }

    pub fn count(&mut self, entry: &Entry) {
        if !entry.counted {
            return;
        }
        let call = entry.attribution();
        for tally in self.budgets.iter_mut().filter(|tally| tally.budget.scope.matches(&call)) {
            let quantity = entry.quantity(tally.budget.unit);
            tally.used.count(entry.at, &quantity);
        }
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let totals = Totals {
            calls: 1,
            failed: i64::from(!entry.ok),
            input_tokens: count(entry.usage.input_tokens),
            output_tokens: count(entry.usage.output_tokens),
            cache_read_tokens: count(entry.usage.cache_read_tokens),
            cache_write_tokens: count(entry.usage.cache_write_tokens),
            reasoning_tokens: count(entry.usage.reasoning_tokens),
            cost: entry.cost,
        };
        self.today.count(entry.at, &totals);
        self.month.count(entry.at, &totals);
        self.lifetime.add(&totals);
    }
}
