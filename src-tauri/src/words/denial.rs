//! Why a call may not go, in one sentence with the numbers that decided, and when it may.
//!
//! Deliberately not here: the refusals that no budget made (paused, no price known).

use super::amount::{DECIMALS, amount, limit, rounded, short_dollars, unit_word};
use super::moment::{at_end, in_full};
use super::name::called;
use crate::domain::quantity::Unit;
use crate::domain::standing::Standing;

/// Why `s` does not admit a call that may take `call` of its unit.
pub fn denied(s: &Standing, call: i64) -> String {
    let whole = limit(s.budget.unit, s.limit);
    let tell = Numbers::of(s, call);
    let mut parts =
        vec![format!("{} of {whole} {} used", tell.used, if s.budget.unit == Unit::Usd { "is" } else { "are" })];
    if s.reserved > 0 {
        parts.push(format!("{} reserved", tell.reserved));
    }
    if s.budget.buffer > 0 {
        parts.push(format!("{} kept back", tell.buffer));
    }
    let this_call = match s.budget.unit {
        Unit::Usd => format!("this call may cost up to {}", tell.call),
        Unit::Tokens => format!("this call may take up to {}{}", tell.call, unit_word(Unit::Tokens)),
        Unit::Requests => "this call would be one more".to_owned(),
    };
    format!("{}: {}, {this_call}; {}.", called(&s.budget), and(&parts), frees_up(s, call))
}

/// What a call that may take `call` of its unit would do to `s`, which only warns.
pub fn warned(s: &Standing, call: i64) -> String {
    format!("{} This budget only warns.", may_go_over(s, call))
}

/// The same for a budget that has asked, and whose user has let the call go.
pub fn allowed_once(s: &Standing, call: i64) -> String {
    format!("{} The user allowed it once.", may_go_over(s, call))
}

fn may_go_over(s: &Standing, call: i64) -> String {
    let whole = limit(s.budget.unit, s.limit);
    let tell = Numbers::of(s, call);
    let verb = if s.budget.unit == Unit::Usd { "is" } else { "are" };
    format!("{}: {} of {whole} {verb} used, and this call may go over it.", called(&s.budget), tell.used)
}

/// "a", "a and b", "a, b and c".
fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// When the same call may go.
fn frees_up(s: &Standing, call: i64) -> String {
    let admitted = i128::from(s.limit) - i128::from(s.budget.buffer);
    if i128::from(call) > admitted {
        return "the call alone is more than the budget allows".to_owned();
    }
    let end = match at_end(&s.window, s.zone) {
        Some(end) => format!("{end} ({})", in_full(s.window.end, s.zone)),
        None => "when its limit is raised".to_owned(),
    };
    // What is only reserved may come back: calls mostly cost less than they might.
    if i128::from(s.used) + i128::from(call) <= admitted {
        format!("it frees up when calls in flight end for less, or {end}")
    } else {
        format!("it frees up {end}")
    }
}

/// The numbers, told with so many decimals that they visibly do not fit together.
pub(super) struct Numbers {
    pub used: String,
    pub reserved: String,
    pub buffer: String,
    pub call: String,
}

impl Numbers {
    pub fn of(s: &Standing, call: i64) -> Numbers {
        let parts = [s.used, s.reserved, s.budget.buffer, call];
        let [used, reserved, buffer, call] = match s.budget.unit {
            Unit::Usd => {
                let decimals = fewest_decimals(s, &parts);
                parts.map(|part| short_dollars(part, decimals))
            }
            unit => parts.map(|part| amount(unit, part, s.limit, &s.budget.thresholds)),
        };
        Numbers { used, reserved, buffer, call }
    }
}

fn fewest_decimals(s: &Standing, parts: &[i64; 4]) -> u32 {
    DECIMALS
        .into_iter()
        .find(|decimals| {
            let shown = parts.map(|part| rounded(part, *decimals));
            let none_vanishes = parts.iter().zip(shown).all(|(part, shown)| (*part == 0) == (shown == 0));
            let limit = i128::from(s.limit);
            let on_its_side = i128::from(s.used).cmp(&limit) == shown[0].cmp(&limit);
            none_vanishes && on_its_side && shown.iter().sum::<i128>() > limit
        })
        .unwrap_or(9)
}
