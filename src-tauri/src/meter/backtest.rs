//! Backtests: what a limit would have done in the last 30 days, had it been in force.
//!
//! The calls of each window are gone through in the order in which they were made: one that would have crossed is
//! stopped, and so does not count for those after it. One that only warns stops nothing, so everything counts, and what is
//! told are the calls that went over. Where a whole hour or day fits, its rollup tells enough; once a window is full, only
//! calls small enough to fit still are read. That is why this is quick on any ledger. What a call cost stands for its
//! ceiling here: what was asked for at the time is not kept.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Meter, MeterError};
use crate::domain::budget::Budget;
use crate::domain::window::{Window, WindowKind, day_of, start_of_day};
use crate::ledger::usage::RollupGrain;
use crate::ledger::{self, Past, Stretch};

/// How many days are looked back on, today among them.
pub const BACKTEST_DAYS: i64 = 30;

/// What a limit would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backtest {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// The calls that the budget counts.
    pub calls: i64,
    /// Those that it would have stopped; of a budget that warns, those that went over it.
    pub stopped: i64,
    /// On how many days it would have stopped any.
    pub days: i64,
    pub first: Option<DateTime<Utc>>,
}

impl Meter {
    /// What `budget` would have done with the calls of the last [`BACKTEST_DAYS`] days.
    ///
    /// # Errors
    /// That the budget is not sound, or the ledger could not be read.
    pub async fn backtest(&self, budget: Budget) -> Result<Backtest, MeterError> {
        budget.check().map_err(|unsound| MeterError::invalid(unsound.field, unsound.problem))?;
        let (now, zone) = (self.now(), self.zone());
        let to = Window::holding(WindowKind::Day, now, zone).end;
        let from = start_of_day(day_of(now, zone) - TimeDelta::days(BACKTEST_DAYS - 1), zone);
        self.read(move |conn| {
            let past = Past::new(conn, &budget.scope, budget.unit);
            Walk::new(&budget, from, to, zone).through(&past)
        })
        .await
    }
}

/// One walk through the past, in time's order.
struct Walk {
    bound: i64,
    /// Whether a call that crosses goes all the same.
    warns: bool,
    /// The zone of the budget's windows.
    zone: Tz,
    /// The zone of the rollups, and of the days that are counted.
    days: Tz,
    window: Window,
    used: i64,
    /// The day of the last call that was stopped.
    day: Option<Window>,
    found: Backtest,
    /// Until when there are totals alone.
    gone_until: Option<DateTime<Utc>>,
}

impl Walk {
    fn new(budget: &Budget, from: DateTime<Utc>, to: DateTime<Utc>, days: Tz) -> Walk {
        let zone = budget.time_zone.unwrap_or(days);
        Walk {
            bound: budget.limit - budget.buffer,
            warns: !budget.action.blocks(),
            zone,
            days,
            window: Window::holding(budget.window, from, zone),
            used: 0,
            day: None,
            found: Backtest { from, to, calls: 0, stopped: 0, days: 0, first: None },
            gone_until: None,
        }
    }

    /// From the beginning of the window that the first day lies in: what it had used by then is part of the question.
    fn through(mut self, past: &Past<'_>) -> ledger::Result<Backtest> {
        let grain = match self.window.kind {
            WindowKind::Minute | WindowKind::Hour | WindowKind::Day => RollupGrain::Hour,
            WindowKind::Week | WindowKind::Month | WindowKind::Total => RollupGrain::Day,
        };
        let (first, to) = (self.window.start, self.found.to);
        // Only a window without end reaches back to them.
        let gone = if self.window.kind == WindowKind::Total { past.gone()? } else { None };
        self.gone_until = gone.map(|(until, _)| until);
        // The first window may begin within an hour or a day of the rollups, whose calls before it are none of its own.
        let whole = Window::holding(grain.window(), first.max(DateTime::UNIX_EPOCH), self.days);
        let begins = if whole.start < first { whole.end.min(to) } else { first };
        match past.stretches(grain, begins, to)? {
            None => {
                let spent = gone.map_or(0, |(_, spent)| spent);
                self.used = if self.warns { spent } else { spent.min(self.bound) };
                past.each(first, to, i64::MAX, |at_ms, spent| self.call(at_ms, spent))?;
            }
            Some(stretches) => {
                past.each(first, begins, i64::MAX, |at_ms, spent| self.call(at_ms, spent))?;
                for stretch in stretches {
                    self.stretch(stretch, grain, past)?;
                }
            }
        }
        Ok(self.found)
    }

    fn turn(&mut self, at: DateTime<Utc>) {
        if at >= self.window.end {
            self.window = Window::holding(self.window.kind, at, self.zone);
            self.used = 0;
        }
    }

    fn call(&mut self, at_ms: i64, spent: i64) {
        let Some(at) = DateTime::from_timestamp_millis(at_ms) else { return };
        self.turn(at);
        self.count(at, 1);
        let fits = self.used.saturating_add(spent) <= self.bound;
        if !fits {
            self.stop(at, 1);
        }
        if fits || self.warns {
            self.used = self.used.saturating_add(spent);
        }
    }

    fn stretch(&mut self, stretch: Stretch, grain: RollupGrain, past: &Past<'_>) -> ledger::Result<()> {
        let Stretch { start, calls, sum } = stretch;
        self.turn(start);
        let end = Window::holding(grain.window(), start, self.days).end;
        let is_within = end <= self.window.end;
        // Several windows may share a stretch, if the last of them ends with it: the next one begins with nothing.
        let is_whole = is_within || Window::holding(self.window.kind, end, self.zone).start == end;
        let all = self.used.saturating_add(sum);
        if is_whole && all <= self.bound {
            self.used = all;
            self.count(start, calls);
        } else if !is_within || (self.found.first.is_none() && start >= self.found.from) {
            // Which one was the first is told by the calls alone.
            past.each(start, end, i64::MAX, |at_ms, spent| self.call(at_ms, spent))?;
        } else if !self.warns && self.gone_until.is_some_and(|until| start <= until) {
            // Which of them would still have fit is not known: small ones would have filled the limit.
            self.used = self.bound;
        } else if !self.warns {
            self.count(start, calls);
            let mut fitting = 0;
            past.each(start, end, self.bound - self.used, |_, spent| {
                if self.used.saturating_add(spent) <= self.bound {
                    self.used = self.used.saturating_add(spent);
                    fitting += 1;
                }
            })?;
            self.stop(start, calls - fitting);
        } else if self.used > self.bound {
            self.used = all;
            self.count(start, calls);
            self.stop(start, calls);
        } else {
            past.each(start, end, i64::MAX, |at_ms, spent| self.call(at_ms, spent))?;
        }
        Ok(())
    }

    fn count(&mut self, at: DateTime<Utc>, calls: i64) {
        if at >= self.found.from {
            self.found.calls += calls;
        }
    }

    /// Of several calls, `at` is the beginning of the hour or day that they were made in.
    fn stop(&mut self, at: DateTime<Utc>, calls: i64) {
        if calls <= 0 || at < self.found.from {
            return;
        }
        self.found.stopped += calls;
        self.found.first.get_or_insert(at);
        if self.day.is_none_or(|day| !day.contains(at)) {
            self.day = Some(Window::holding(WindowKind::Day, at, self.days));
            self.found.days += 1;
        }
    }
}
