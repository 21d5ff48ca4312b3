//! The phrases that sentences are made of: how full a budget is, that it is over, when it will be full.

use super::amount::{limit, percent};
use super::moment::{end, forecast};
use super::name::{agree, possessed, subject};
use crate::domain::budget::Action;
use crate::domain::denied::Denied;
use crate::domain::standing::Standing;
use crate::locale::numeral;

/// The limit as its window's own: "today's $1.00".
pub(super) fn whole_limit(s: &Standing) -> String {
    possessed(&s.window, s.zone, &limit(s.budget.unit, s.limit))
}

pub(super) fn is_at(s: &Standing) -> String {
    let who = subject(&s.budget.scope);
    format!("{who} {} at {} of {}", agree(&who, "is", "are"), percent(s.percent()), whole_limit(s))
}

pub(super) fn is_at_short(s: &Standing) -> String {
    let who = subject(&s.budget.scope);
    format!("{who} {} at {} of {}", agree(&who, "is", "are"), percent(s.percent()), limit(s.budget.unit, s.limit))
}

pub(super) fn over(s: &Standing) -> String {
    let who = subject(&s.budget.scope);
    if s.used > s.limit {
        format!("{who} {} over {}", agree(&who, "is", "are"), whole_limit(s))
    } else {
        format!("{who} {} reached {}", agree(&who, "has", "have"), whole_limit(s))
    }
}

pub(super) fn over_short(s: &Standing) -> String {
    match (s.budget.action, end(&s.window, s.zone)) {
        (Action::Block, Some(end)) => format!("{}, denied until {end}", over(s)),
        (Action::Ask, Some(end)) => format!("{}, asks until {end}", over(s)),
        _ => over(s),
    }
}

/// "full at about 17:05", where the pace says so.
pub(super) fn full_at(s: &Standing) -> Option<String> {
    s.forecast().exhausted_at.map(|at| format!("full {}", forecast(at, s.now, &s.window, s.zone)))
}

/// "12 calls denied".
pub(super) fn denied_calls(denied: Denied) -> String {
    format!("{} {} denied", numeral::whole(denied.calls), if denied.calls == 1 { "call" } else { "calls" })
}
