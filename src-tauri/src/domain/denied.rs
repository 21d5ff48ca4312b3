//! Denied: how many calls have been denied, and by what. A denied call costs nothing, so this is all that is kept of most.

use chrono::{DateTime, Utc};

use super::alert::Alert;
use super::standing::Standing;
use super::window::Window;

/// What denies calls: a budget in one of its windows under one limit, or a pause.
#[derive(Debug, Clone)]
pub struct Denier {
    /// The budget's id; empty of a pause.
    pub budget_id: String,
    pub window: Window,
    /// In the unit's smallest part; 0 of a pause.
    pub limit: i64,
}

impl Denier {
    pub fn budget(s: &Standing) -> Denier {
        Denier { budget_id: s.budget.id.clone(), window: s.window, limit: s.limit }
    }

    /// The budget whose alert this is, as it stood then.
    pub fn alert(a: &Alert) -> Denier {
        Denier { budget_id: a.budget_id.clone(), window: a.window, limit: a.limit }
    }

    /// The pause that began at `began`, where that is known.
    pub fn pause(began: Option<DateTime<Utc>>) -> Denier {
        let always = Window::always();
        let window = Window { start: began.unwrap_or(always.start), ..always };
        Denier { budget_id: String::new(), window, limit: 0 }
    }

    /// Whether it is this budget, as it stands now.
    pub fn is(&self, s: &Standing) -> bool {
        self.limit == s.limit && self.budget_id == s.budget.id && is_same(&self.window, &s.window)
    }
}

impl PartialEq for Denier {
    fn eq(&self, other: &Denier) -> bool {
        self.limit == other.limit && self.budget_id == other.budget_id && is_same(&self.window, &other.window)
    }
}

/// Whether two windows are the same where times are kept in milliseconds.
fn is_same(a: &Window, b: &Window) -> bool {
    a.kind == b.kind && a.start.timestamp_millis() == b.start.timestamp_millis()
}

/// How many calls have been denied, and when the first of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    pub calls: u64,
    pub since: DateTime<Utc>,
}
