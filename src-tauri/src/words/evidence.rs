//! The evidence under a state's sentence: the pace of its budget, or what it has denied once it is over; then the next
//! budget in need of a word.
//!
//! Computed from the standings alone: what cannot be known from them is not said.

use super::amount::{amount, unit_word};
use super::moment::{beginning, beginning_at};
use super::phrase::{denied_calls, is_at, over};
use super::state::first_max;
use crate::domain::standing::{Level, Standing};
use crate::domain::window::WindowKind;

/// The pace of the budget in the sentence, or what it has denied, then the next in need of a word.
pub(super) fn evidence(s: &Standing, all: &[Standing]) -> String {
    let others = all.iter().filter(|other| other.budget.id != s.budget.id);
    let next = first_max(others, |a, b| a.level().cmp(&b.level()).then_with(|| a.fuller(b)))
        .filter(|other| other.percent() > 0)
        .map(|other| format!(" {}.", if other.level() == Level::Exceeded { over(other) } else { is_at(other) }));
    let denied = s
        .denied
        .filter(|_| s.level() == Level::Exceeded && s.budget.action.blocks())
        .map(|denied| format!("{} since {}.", denied_calls(denied), beginning_at(denied.since, s.now, s.zone)));
    format!("{}{}", denied.unwrap_or_else(|| spent(s)), next.unwrap_or_default())
}

fn spent(s: &Standing) -> String {
    let unit = s.budget.unit;
    let used = format!("{}{}", amount(unit, s.used, s.limit, &s.budget.thresholds), unit_word(unit));
    let since = match s.window.kind {
        WindowKind::Total => String::new(),
        _ => format!(" since {}", beginning(&s.window, s.zone)),
    };
    match pace(s) {
        Some(pace) => format!("{used}{since}, {pace} on average."),
        None => format!("{used}{since}."),
    }
}

/// What the window's own average is, in the next smaller span of time.
fn pace(s: &Standing) -> Option<String> {
    let (span, span_ms) = match s.window.kind {
        WindowKind::Day => ("an hour", 3_600_000),
        WindowKind::Week | WindowKind::Month => ("a day", 86_400_000),
        WindowKind::Minute | WindowKind::Hour | WindowKind::Total => return None,
    };
    let passed_ms = (s.now - s.window.start).num_milliseconds();
    if passed_ms < span_ms {
        return None;
    }
    let rate = i64::try_from(i128::from(s.used) * i128::from(span_ms) / i128::from(passed_ms)).ok()?;
    Some(format!("{}{} {span}", amount(s.budget.unit, rate, i64::MAX, &[]), unit_word(s.budget.unit)))
}
