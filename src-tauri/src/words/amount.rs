//! Amounts as people read them: two decimals where that is honest, more where two would show an amount on the wrong
//! side of a threshold or of the limit.
//!
//! All in whole numbers: nothing here passes through floating point. Deliberately not here: one call's cost to the
//! nano-dollar, which is a figure of the pages.

use std::cmp::Ordering;

use crate::domain::money::Nusd;
use crate::domain::quantity::Unit;
use crate::locale::numeral;

/// The numbers of decimals that are tried, fewest first.
pub(super) const DECIMALS: [u32; 7] = [2, 4, 5, 6, 7, 8, 9];

/// Counts below this are told exactly; from here on in three figures.
const EXACT_BELOW: u64 = 100_000;

/// A total that stands beside no limit: "$21.40", "$1,284.07", "$0".
pub fn money(total: Nusd) -> String {
    amount(Unit::Usd, total.0, i64::MAX, &[])
}

/// A limit, exactly, in dollars with two decimals at least: "$1.00", "10,000 tokens".
pub fn limit(unit: Unit, limit: i64) -> String {
    format!("{}{}", amount(unit, limit, limit, &[]), unit_word(unit))
}

/// What is used of `limit`, rounded half up, but never onto or across zero, the limit or one of the `thresholds` (in
/// percent): then with more decimals. Without the unit's word: the limit beside it carries it.
pub fn amount(unit: Unit, value: i64, limit: i64, thresholds: &[u8]) -> String {
    match unit {
        Unit::Usd => dollars(value, decimals(value, limit, thresholds)),
        Unit::Tokens | Unit::Requests => count(value, limit, thresholds),
    }
}

/// Whole percents, with the space that no line breaks at: "64 %".
pub fn percent(percent: i64) -> String {
    format!("{}\u{a0}%", whole(percent))
}

/// The word after a number of the unit; dollars carry their sign instead.
pub(super) fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Usd => "",
        Unit::Tokens => " tokens",
        Unit::Requests => " requests",
    }
}

/// The fewest decimals at which nano-dollars, rounded, stand where they stand unrounded.
pub(super) fn decimals(nanos: i64, limit: i64, thresholds: &[u8]) -> u32 {
    let honest = |decimals: &u32| keeps_its_side(nanos, rounded(nanos, *decimals), limit, thresholds);
    DECIMALS.into_iter().find(honest).unwrap_or(9)
}

/// Nano-dollars with so many decimals: "$1.0038"; zero has none.
pub(super) fn dollars(nanos: i64, decimals: u32) -> String {
    dollars_between(nanos, decimals, decimals)
}

/// Nano-dollars with at most so many decimals and at least two.
pub(super) fn short_dollars(nanos: i64, decimals: u32) -> String {
    dollars_between(nanos, 2, decimals)
}

fn dollars_between(nanos: i64, least: u32, most: u32) -> String {
    if nanos == 0 {
        return "$0".to_owned();
    }
    let most = most.min(9);
    let shown = rounded(nanos, most).unsigned_abs() / 10_u128.pow(9 - most);
    format!("{}${}", sign(nanos), decimal(shown, least, most))
}

/// Half up, away from zero.
pub(super) fn rounded(nanos: i64, decimals: u32) -> i128 {
    let unit = 10_i128.pow(9 - decimals.min(9));
    let magnitude = (i128::from(nanos).abs() + unit / 2) / unit * unit;
    magnitude * i128::from(nanos.signum())
}

/// Whether `shown` compares with zero, the limit and each threshold as `value` does. Thresholds are compared in
/// hundredths, so that none of them is rounded itself.
fn keeps_its_side(value: i64, shown: i128, limit: i64, thresholds: &[u8]) -> bool {
    let (value, shown, limit) = (i128::from(value) * 100, shown * 100, i128::from(limit));
    let same = |mark: i128| -> bool { Ordering::eq(&shown.cmp(&mark), &value.cmp(&mark)) };
    same(0) && same(limit * 100) && thresholds.iter().all(|t| same(i128::from(*t) * limit))
}

/// A count of tokens or requests: exact when short, else in three figures: "12,628", "482K", "1.28M".
fn count(value: i64, limit: i64, thresholds: &[u8]) -> String {
    if value.unsigned_abs() < EXACT_BELOW {
        return whole(value);
    }
    (3..=6)
        .map(|figures| in_figures(value.unsigned_abs(), figures))
        .find(|(shown, _)| keeps_its_side(value, shown * i128::from(value.signum()), limit, thresholds))
        .map_or_else(|| whole(value), |(_, text)| format!("{}{text}", sign(value)))
}

/// The number in so many figures, and what that spelling says exactly. A round number has only the figures it needs.
fn in_figures(n: u64, figures: u32) -> (i128, String) {
    const STEPS: [(u128, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")];
    let n = u128::from(n);
    let mut found = (n, String::new());
    for (i, (unit, letter)) in STEPS.into_iter().enumerate() {
        if n < unit {
            continue;
        }
        let decimals = figures.saturating_sub((n / unit).ilog10() + 1);
        let scale = 10_u128.pow(decimals);
        let shown = (n * scale + unit / 2) / unit;
        found = match i.checked_sub(1).and_then(|above| STEPS.get(above)) {
            Some((above, above_letter)) if shown >= 1_000 * scale => (*above, format!("1{above_letter}")),
            _ => (shown * unit / scale, format!("{}{letter}", decimal(shown, 0, decimals))),
        };
        break;
    }
    (i128::try_from(found.0).unwrap_or(i128::MAX), found.1)
}

/// `n` over ten to the `most`, without zeros at its end beyond the `least` decimals.
fn decimal(n: u128, least: u32, most: u32) -> String {
    let is_whole = |decimals: &u32| n.is_multiple_of(10_u128.pow(most - decimals));
    let decimals = (least..most).find(is_whole).unwrap_or(most);
    numeral::decimal(n / 10_u128.pow(most - decimals), decimals)
}

/// A whole number in groups: "1,284".
fn whole(n: i64) -> String {
    format!("{}{}", sign(n), numeral::whole(n.unsigned_abs()))
}

fn sign(n: i64) -> &'static str {
    if n < 0 { "-" } else { "" }
}
