//! A budget as one line: in the tray's menu, which aligns nothing, and in the terminal, where the columns line up.
//!
//! Deliberately not here: colour, and what a terminal is; the command line knows that.

use super::amount::{amount, limit, percent};
use super::moment::end;
use super::name::called;
use super::phrase::full_at;
use super::state::State;
use crate::domain::budget::Action;
use crate::domain::standing::{Level, Standing};

/// "OpenAI today  $0.64 of $1.00  64 %", and the level's word where it is worth one.
pub fn menu_line(s: &Standing) -> String {
    let level = if s.level() == Level::Ok { String::new() } else { format!(", {}", s.level().as_str()) };
    format!("{}  {}  {}{level}", called(&s.budget), used_of(s), percent(s.percent()))
}

fn used_of(s: &Standing) -> String {
    let unit = s.budget.unit;
    format!("{} of {}", amount(unit, s.used, s.limit, &s.budget.thresholds), limit(unit, s.limit))
}

/// The sentence, then a line for each budget, in columns: what `spendlight status` prints.
pub fn status_lines(state: &State, standings: &[Standing]) -> Vec<String> {
    let first = format!("{}  {}", state.state.as_str(), state.sentence);
    let rows: Vec<[String; 5]> = standings
        .iter()
        .map(|s| {
            let name = called(&s.budget).to_owned();
            [name, used_of(s), percent(s.percent()), s.level().as_str().to_owned(), remark(s)]
        })
        .collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max().unwrap_or(0)
    };
    // Five stand for "100 %", so that the column stays where it is when a budget fills.
    let (name, used, share, level) = (width(0), width(1), width(2).max(5), width(3));
    let line = |[a, b, c, d, e]: &[String; 5]| {
        format!("{a:<name$}  {b:<used$}  {c:>share$}  {d:<level$}  {e}").trim_end().to_owned()
    };
    std::iter::once(first).chain(rows.iter().map(line)).collect()
}

/// What else is worth knowing of a budget: what is reserved, and when it is full, or free again.
fn remark(s: &Standing) -> String {
    let reserved = (s.reserved > 0).then(|| format!("{} reserved", amount(s.budget.unit, s.reserved, i64::MAX, &[])));
    let next = if s.level() == Level::Exceeded && s.budget.action.blocks() {
        let word = if s.budget.action == Action::Ask { "asks" } else { "denied" };
        let end = end(&s.window, s.zone);
        Some(end.map_or_else(|| format!("{word} until it is raised"), |end| format!("{word} until {end}")))
    } else {
        full_at(s)
    };
    [reserved, next].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
