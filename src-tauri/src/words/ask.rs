//! What the user is asked about a call that would cross a budget, and what its caller is told of the answer.
//!
//! Deliberately not here: the numbers that deny it, which every denial shows alike (`denial`).

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::amount::{limit, unit_word};
use super::denial::Numbers;
use super::moment::clock_seconds;
use super::name::{agree, called};
use super::notice::{Notice, NoticeAction};
use super::view::DASHBOARD;
use crate::domain::quantity::Unit;
use crate::domain::standing::{Level, Standing};

/// What a question is told from.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The budget that would be crossed.
    pub standing: &'a Standing,
    pub model: &'a str,
    pub project: Option<&'a str>,
    /// What the call may take, in the budget's unit.
    pub call: i64,
    /// How many calls wait, this one among them.
    pub waiting: usize,
    pub until: DateTime<Utc>,
}

/// The question: whether a call may go that would cross a budget.
pub fn question(asked: &Asked<'_>) -> Notice {
    let s = asked.standing;
    let (unit, name) = (s.budget.unit, called(&s.budget));
    let tell = Numbers::of(s, asked.call);
    let who = asked.project.map_or_else(|| asked.model.to_owned(), |p| format!("{} of project {p}", asked.model));
    let wants = match unit {
        Unit::Usd => format!("up to {}", tell.call),
        Unit::Tokens => format!("up to {}{}", tell.call, unit_word(unit)),
        Unit::Requests => "one more request".to_owned(),
    };
    let (verb, word) = if unit == Unit::Usd { ("is", "spent") } else { ("are", "used") };
    let mut stands = format!("{} {verb} {word}", tell.used);
    if s.reserved > 0 {
        stands = format!("{stands} and {} reserved", tell.reserved);
    }
    let others = match asked.waiting {
        0 | 1 => String::new(),
        2 => " 1 more waits.".to_owned(),
        n => format!(" {} more wait.", n - 1),
    };
    let until = clock_seconds(asked.until, s.zone);
    // A limit that is met already is not gone over by this call alone.
    let verb = match s.used.cmp(&s.limit) {
        Ordering::Less => "would go over",
        Ordering::Equal => agree(name, "is at its limit of", "are at their limit of"),
        Ordering::Greater => agree(name, "is over", "are over"),
    };
    Notice {
        title: format!("{name} {verb} {}", limit(unit, s.limit)),
        body: format!("{who} wants {wants}; {stands}. It waits until {until}.{others}"),
        actions: vec![NoticeAction::AllowOnce, NoticeAction::Raise, NoticeAction::Deny],
        // It stays until it is answered or its time is up: a first word of warning would be gone before.
        urgent: Level::Critical,
        sound: false,
        view: DASHBOARD,
    }
}

/// What a caller is told whose call is only checked.
pub fn only_when_reserved() -> &'static str {
    "The user is asked only about calls that are to be reserved."
}

/// What a caller is told whose user has not answered.
pub fn unanswered(seconds: u64) -> String {
    format!("The user was asked, and nobody answered within {seconds} seconds.")
}

pub fn user_denied() -> &'static str {
    "The user was asked, and denied it."
}

/// What a caller is told where Spendlight does not run, and so nobody would hear of a question.
pub fn nobody_to_ask() -> &'static str {
    "Spendlight does not run, so nobody could be asked."
}

/// What a caller is told whose user has just denied another call.
pub fn denied_until(until: DateTime<Utc>, zone: Tz) -> String {
    format!("The user has denied such a call, and is asked again from {}.", clock_seconds(until, zone))
}

/// What a caller is told when so many calls wait that no more may.
pub fn too_many_wait(waiting: usize) -> String {
    format!("{waiting} calls wait for the user's answer already, so nobody was asked.")
}
