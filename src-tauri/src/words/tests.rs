//! The words' rules, as tables: what goes in, what is said. Here is what the tables are made with.

mod amounts;
mod lines;
mod notices;
mod states;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::*;
use crate::domain::budget::{Action, Budget, Scope, first_budgets};
use crate::domain::denied::Denied;
use crate::domain::money::Nusd;
use crate::domain::quantity::Unit;
use crate::domain::standing::Standing;
use crate::domain::window::{Window, WindowKind};

const CENT: i64 = 10_000_000;
/// A Sunday; 14:40 in Berlin.
const NOW: &str = "2026-11-22T13:40:00Z";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

struct Of(Standing);

/// A standing of a provider's blocking budget, in cents, at 14:40 in Berlin.
fn of(provider: &str, window: WindowKind, limit_cents: i64, used_cents: i64) -> Of {
    let scope = Scope { provider: Some(provider.to_owned()), ..Scope::default() };
    let budget = Budget {
        id: format!("{provider}-{}", window.as_str()),
        name: default_name(&scope, window),
        scope,
        window,
        limit: limit_cents * CENT,
        ..first_budgets().remove(0)
    };
    let (now, zone) = (utc(NOW), Tz::Europe__Berlin);
    Of(Standing {
        window: Window::holding(window, now, zone),
        zone,
        now,
        limit: budget.limit,
        used: used_cents * CENT,
        reserved: 0,
        denied: None,
        budget: Arc::new(budget),
    })
}

impl Of {
    fn with(mut self, change: impl FnOnce(&mut Budget)) -> Of {
        let mut budget = (*self.0.budget).clone();
        change(&mut budget);
        self.0.limit = budget.limit_at(self.0.now);
        self.0.budget = Arc::new(budget);
        self
    }

    fn warns(self) -> Of {
        self.with(|b| b.action = Action::Warn)
    }

    fn asks(self) -> Of {
        self.with(|b| b.action = Action::Ask)
    }

    fn in_unit(self, unit: Unit, limit: i64, used: i64) -> Of {
        let mut of = self.with(|b| (b.unit, b.limit) = (unit, limit));
        of.0.used = used;
        of
    }

    fn used(mut self, nanos: i64) -> Of {
        self.0.used = nanos;
        self
    }

    fn reserved(mut self, cents: i64) -> Of {
        self.0.reserved = cents * CENT;
        self
    }
}

fn standings(of: Vec<Of>) -> Vec<Standing> {
    of.into_iter().map(|of| of.0).collect()
}

/// A state in a test's words: "word | sentence | short | action".
fn told(budgets: Vec<Of>) -> String {
    let standings = standings(budgets);
    line(&state(&overall(&standings)))
}

fn overall(standings: &[Standing]) -> Overall<'_> {
    Overall {
        standings,
        paused: false,
        not_listening: None,
        port_holder: None,
        paused_since: None,
        paused_denied: None,
        ledger_error: None,
        any_calls: true,
        today_cost: Nusd(1_180_000_000),
        month_cost: Nusd(21_400_000_000),
        month_name: "November",
    }
}

fn line(state: &State) -> String {
    format!("{} | {} | {} | {}", state.state.as_str(), state.sentence, state.short, state.action.unwrap_or("-"))
}

fn check(said: impl Into<String>, expected: &str) {
    // A no-break space is told apart from a space only where that is the rule.
    assert_eq!(said.into().replace('\u{a0}', " "), expected);
}
