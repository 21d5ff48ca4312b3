//! The state: one word, one sentence that says what will happen next and when, one line of evidence, one action.
//!
//! The first rule that holds wins. What the evidence says is computed from the standings and the sums given; nothing
//! in it is guessed. Deliberately not here: how a state looks (its glyph and colour).

use std::cmp::Ordering;

use serde::Serialize;

use super::amount::{limit, money, percent};
use super::evidence::evidence;
use super::moment::{end, forecast};
use super::name::{agree, called, subject};
use super::phrase::{denied_calls, full_at, is_at, is_at_short, over, over_short, whole_limit};
use crate::domain::budget::Action;
use crate::domain::denied::Denied;
use crate::domain::money::Nusd;
use crate::domain::standing::{Level, Standing};
use crate::domain::window::WindowKind;

/// Everything a state is told from.
#[derive(Debug, Clone, Copy)]
pub struct Overall<'a> {
    /// The budgets that are enabled.
    pub standings: &'a [Standing],
    pub paused: bool,
    /// Why nobody can reach Spendlight: "port 7575 is in use".
    pub not_listening: Option<&'a str>,
    /// Who listens there instead: "python3 (process 41208)".
    pub port_holder: Option<&'a str>,
    /// Since when it is paused: "14:32".
    pub paused_since: Option<&'a str>,
    /// What has been denied since.
    pub paused_denied: Option<Denied>,
    /// Why the ledger cannot be written: "the disk is full".
    pub ledger_error: Option<&'a str>,
    /// Whether the ledger holds any call at all.
    pub any_calls: bool,
    pub today_cost: Nusd,
    pub month_cost: Nusd,
    pub month_name: &'a str,
}

/// How things stand, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StateWord {
    Ok,
    Warning,
    Critical,
    Exceeded,
    Paused,
}

impl StateWord {
    pub fn as_str(self) -> &'static str {
        match self {
            StateWord::Ok => "ok",
            StateWord::Warning => "warning",
            StateWord::Critical => "critical",
            StateWord::Exceeded => "exceeded",
            StateWord::Paused => "paused",
        }
    }
}

impl From<Level> for StateWord {
    fn from(level: Level) -> StateWord {
        match level {
            Level::Ok => StateWord::Ok,
            Level::Warning => StateWord::Warning,
            Level::Critical => StateWord::Critical,
            Level::Exceeded => StateWord::Exceeded,
        }
    }
}

/// The state, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub state: StateWord,
    pub sentence: String,
    /// One line of evidence for the sentence.
    pub reason: String,
    /// What its reader may want to do: "raise", "resume" or "listen".
    pub action: Option<&'static str>,
    /// The sentence at the length of a menu.
    pub short: String,
    /// The id of the budget the sentence is about.
    pub budget: Option<String>,
}

/// How things stand, by the first rule that holds.
pub fn state(overall: &Overall<'_>) -> State {
    let sums = format!("{} today, {} in {}", money(overall.today_cost), money(overall.month_cost), overall.month_name);
    let plain = |state, sentence: String, reason: String, short: String| State {
        state,
        sentence,
        reason,
        action: None,
        short,
        budget: None,
    };
    if let Some(why) = overall.not_listening {
        let solved = match overall.port_holder {
            Some(holder) => format!("until {holder} ends, or config.toml names another port"),
            None => "until this is solved".to_owned(),
        };
        let reason = format!("Scripts cannot reach Spendlight, and no call is counted {solved}.");
        let (sentence, short) = (format!("Spendlight is not listening: {why}"), format!("Not listening: {why}"));
        return State { action: Some("listen"), ..plain(StateWord::Exceeded, sentence, reason, short) };
    }
    if let Some(why) = overall.ledger_error {
        let reason = "No call is recorded until its disk has room and its folder may be written to. \
                      It is tried again by itself.";
        let (sentence, short) =
            (format!("Spendlight cannot write its ledger: {why}"), format!("Ledger not writable: {why}"));
        return plain(StateWord::Exceeded, sentence, reason.to_owned(), short);
    }
    if overall.paused {
        let sentence = "Paused: every call is denied".to_owned();
        let since = overall.paused_since.map_or_else(String::new, |since| format!("Since {since}. "));
        let denied =
            overall.paused_denied.map_or_else(String::new, |denied| format!("{} so far. ", denied_calls(denied)));
        let reason = format!("{since}{denied}Nothing is spent until you resume. {sums}.");
        return State { action: Some("resume"), ..plain(StateWord::Paused, sentence.clone(), reason, sentence) };
    }
    if let Some(told) = about_a_budget(overall.standings) {
        return told;
    }
    if !overall.any_calls {
        let reason = match overall.standings.len() {
            0 => "No budget is set.".to_owned(),
            1 => "1 budget is set.".to_owned(),
            n => format!("{n} budgets are set."),
        };
        let sentence = "Waiting for the first call".to_owned();
        return plain(StateWord::Ok, sentence.clone(), reason, sentence);
    }
    let Some(fullest) = first_max(overall.standings.iter(), Standing::fuller) else {
        return plain(
            StateWord::Ok,
            format!("No budget is set. {sums}"),
            "Calls are counted and none is denied.".to_owned(),
            sums,
        );
    };
    let reason = format!(
        "The fullest is {} at {} of {}.",
        called(&fullest.budget),
        percent(fullest.percent()),
        limit(fullest.budget.unit, fullest.limit)
    );
    let short = "All budgets are on pace".to_owned();
    plain(StateWord::Ok, format!("{short}. {sums}"), reason, short)
}

/// The state of a Spendlight that could not start: `why` is "the ledger cannot be opened", `cure` a sentence.
pub fn not_started(why: &str, cure: &str) -> State {
    State {
        state: StateWord::Exceeded,
        sentence: format!("Spendlight could not start: {why}"),
        reason: format!("No call is counted. {cure}"),
        action: None,
        short: "Spendlight could not start".to_owned(),
        budget: None,
    }
}

/// The sentence about the budget that matters most, if one is worth a word.
fn about_a_budget(standings: &[Standing]) -> Option<State> {
    let at = |level: Level| standings.iter().filter(move |s| s.level() == level);
    let blocks = |s: &&Standing| s.budget.action.blocks();
    let denies = |s: &Standing| s.budget.action == Action::Block;
    // Of several that deny, the one that denies longest: what the sentence promises must hold. One that asks comes after.
    let longest = |a: &Standing, b: &Standing| {
        (denies(a), a.window.end).cmp(&(denies(b), b.window.end)).then_with(|| a.fuller(b))
    };
    if let Some(s) = first_max(at(Level::Exceeded).filter(blocks), longest) {
        let happens = if denies(s) { "calls are denied until" } else { "each call asks you until" };
        let until = match end(&s.window, s.zone) {
            Some(end) => format!("{happens} {end}"),
            None => format!("{happens} it is raised"),
        };
        return Some(tell(s, standings, Level::Exceeded, format!("{}: {until}", over(s)), over_short(s)));
    }
    if let Some(s) = first_max(at(Level::Exceeded), Standing::fuller) {
        return Some(tell(s, standings, Level::Exceeded, over(s), over_short(s)));
    }
    if let Some(s) = first_max(at(Level::Critical), Standing::fuller) {
        let full = full_at(s).map_or_else(String::new, |full| format!(", {full}"));
        return Some(tell(s, standings, Level::Critical, format!("{}{full}", is_at(s)), is_at_short(s)));
    }
    if let Some(s) = soonest(standings) {
        let worst = standings.iter().map(Standing::level).max().unwrap_or(Level::Ok);
        let who = subject(&s.budget.scope);
        let when = s.forecast().exhausted_at.map_or_else(String::new, |at| forecast(at, s.now, &s.window, s.zone));
        let sentence = format!("{who} will reach {} {when}", whole_limit(s));
        let short = format!("{who} {} {} {when}", agree(&who, "reaches", "reach"), limit(s.budget.unit, s.limit));
        return Some(tell(s, standings, worst, sentence, short));
    }
    let s = first_max(at(Level::Warning), Standing::fuller)?;
    Some(State { action: None, ..tell(s, standings, Level::Warning, is_at(s), is_at_short(s)) })
}

fn tell(s: &Standing, all: &[Standing], level: Level, sentence: String, short: String) -> State {
    State {
        state: level.into(),
        sentence,
        reason: evidence(s, all),
        action: s.budget.action.blocks().then_some("raise"),
        short,
        budget: Some(s.budget.id.clone()),
    }
}

/// The greatest; of several alike the first, which the owner has put first.
pub(super) fn first_max<'a>(
    standings: impl Iterator<Item = &'a Standing>,
    compare: impl Fn(&Standing, &Standing) -> Ordering,
) -> Option<&'a Standing> {
    standings.reduce(|most, s| if compare(s, most).is_gt() { s } else { most })
}

/// The budget whose limit will be reached first. A minute's pace is not told: it is over before it is read.
fn soonest(standings: &[Standing]) -> Option<&Standing> {
    standings
        .iter()
        .filter(|s| s.window.kind != WindowKind::Minute)
        .filter_map(|s| s.forecast().exhausted_at.map(|at| (at, s)))
        .min_by_key(|(at, _)| *at)
        .map(|(_, s)| s)
}
