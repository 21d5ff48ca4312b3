//! The two axes as plotters ranges: money or tokens upwards in round steps, columns across.
//!
//! Integers throughout, so that a column's place is the same in every picture and in the page that overlays it.
//! Not here: which columns are labelled, see `labels`. Not here either: totals in words, which the windows format;
//! an axis has rounder figures and less room.

use super::Unit;
use crate::locale::numeral;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};
use std::ops::Range;

const NUSD_PER_USD: i128 = 1_000_000_000;
/// Four steps make five lines, zero included.
const STEPS_MAX: i128 = 4;

/// The upward axis, from 0 to a whole number of round steps.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    unit: Unit,
    step: i128,
    top: i128,
}

impl Scale {
    /// The finest scale of at most five lines that reaches `max`; for nothing, one to $1.00 or 1K tokens.
    pub(super) fn reaching(max: i128, unit: Unit) -> Self {
        // Below a tenth of a cent the labels would outgrow their margin.
        let (step_min, nothing) = match unit {
            Unit::Usd => (NUSD_PER_USD / 1000, NUSD_PER_USD),
            Unit::Tokens => (1, 1000),
        };
        let max = if max <= 0 { nothing } else { max };
        let mut decade = step_min;
        loop {
            // 2.5 only where it takes no more decimals than its neighbours.
            let quarter = match unit {
                Unit::Usd => decade == NUSD_PER_USD / 10 || decade >= 10 * NUSD_PER_USD,
                Unit::Tokens => decade >= 10,
            };
            let half_of_five = if quarter { decade * 5 / 2 } else { decade * 2 };
            for step in [decade, decade * 2, half_of_five, decade * 5] {
                let steps = (max + step - 1) / step;
                if steps <= STEPS_MAX {
                    return Self { unit, step, top: steps * step };
                }
            }
            decade *= 10;
        }
    }

    /// The values that get a line, from 0 upwards: at most five.
    pub(super) fn lines(&self) -> impl Iterator<Item = i128> + use<> {
        let step = self.step;
        (0..=self.top / step).map(move |line| line * step)
    }

    /// The figure beside a line, at most six characters for money and five for tokens.
    pub(super) fn label(&self, value: i128) -> String {
        let decimals = match self.unit {
            Unit::Tokens => return short(value),
            Unit::Usd if self.top >= 10_000 * NUSD_PER_USD => return format!("${}", short(value / NUSD_PER_USD)),
            Unit::Usd if self.top >= 10 * NUSD_PER_USD => 0,
            Unit::Usd if self.step % (NUSD_PER_USD / 100) == 0 => 2,
            Unit::Usd => 3,
        };
        format!(
            "${}",
            numeral::decimal(value.unsigned_abs() / (NUSD_PER_USD as u128 / 10_u128.pow(decimals)), decimals)
        )
    }
}

/// 250, 250K, 1.5M: steps of 1, 2, 2.5 and 5 never need more than one decimal.
fn short(value: i128) -> String {
    const NAMES: [&str; 7] = ["", "K", "M", "B", "T", "P", "E"];
    let (mut size, mut name) = (1, 0);
    while value >= size * 1000 && name + 1 < NAMES.len() {
        size *= 1000;
        name += 1;
    }
    let (whole, tenth) = (value / size, value % size * 10 / size);
    match tenth {
        0 => format!("{whole}{}", NAMES[name]),
        _ => format!("{}{}", numeral::decimal((whole * 10 + tenth).unsigned_abs(), 1), NAMES[name]),
    }
}

/// `range.0 + part / whole * (range.1 - range.0)`, halves upwards.
fn along(part: i128, whole: i128, range: (i32, i32)) -> i32 {
    let length = i128::from(range.1) - i128::from(range.0);
    let offset = (2 * part.clamp(0, whole) * length + whole).div_euclid(2 * whole);
    // |offset| <= |length|, and both ends of the range are i32.
    range.0 + offset as i32
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = i128;

    fn map(&self, value: &i128, limit: (i32, i32)) -> i32 {
        along(*value, self.top, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<i128> {
        self.lines().take(hint.max_num_points()).collect()
    }

    fn range(&self) -> Range<i128> {
        0..self.top
    }
}

/// The axis across, counted in half columns: column `i` starts at `2 i`, its middle is `2 i + 1`.
#[derive(Debug, Clone)]
pub(super) struct Across {
    halves: usize,
}

impl Across {
    /// An axis without columns is as wide as one of one column.
    pub(super) fn of(columns: usize) -> Self {
        Self { halves: 2 * columns.max(1) }
    }
}

impl Ranged for Across {
    type FormatOption = NoDefaultFormatting;
    type ValueType = usize;

    fn map(&self, value: &usize, limit: (i32, i32)) -> i32 {
        along(*value as i128, self.halves as i128, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<usize> {
        (1..self.halves).step_by(2).take(hint.max_num_points()).collect()
    }

    fn range(&self) -> Range<usize> {
        0..self.halves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(unit: Unit, max: i128, expected: &[&str]) {
        let scale = Scale::reaching(max, unit);
        let labels: Vec<_> = scale.lines().map(|value| scale.label(value)).collect();
        assert_eq!(labels, expected, "the scale reaching {max} {unit:?}");
    }

    #[test]
    fn money_has_two_decimals_more_below_a_cent_and_none_when_large() {
        let usd = |nusd, expected: &[&str]| check(Unit::Usd, nusd, expected);
        usd(0, &["$0.00", "$0.25", "$0.50", "$0.75", "$1.00"]);
        usd(1, &["$0.000", "$0.001"]);
        usd(3_500_000, &["$0.000", "$0.001", "$0.002", "$0.003", "$0.004"]);
        usd(17_000_000, &["$0.000", "$0.005", "$0.010", "$0.015", "$0.020"]);
        usd(280_000_000, &["$0.00", "$0.10", "$0.20", "$0.30"]);
        usd(1_766_000_000, &["$0.00", "$0.50", "$1.00", "$1.50", "$2.00"]);
        usd(7_000_000_000, &["$0.00", "$2.00", "$4.00", "$6.00", "$8.00"]);
        usd(9_000_000_000, &["$0", "$5", "$10"]);
        usd(38_000_000_000, &["$0", "$10", "$20", "$30", "$40"]);
        usd(1_100_000_000_000, &["$0", "$500", "$1,000", "$1,500"]);
        usd(9_500_000_000_000, &["$0", "$2.5K", "$5K", "$7.5K", "$10K"]);
        usd(i128::from(i64::MAX), &["$0", "$2.5B", "$5B", "$7.5B", "$10B"]);
    }

    #[test]
    fn tokens_are_short() {
        let tokens = |max, expected: &[&str]| check(Unit::Tokens, max, expected);
        tokens(0, &["0", "250", "500", "750", "1K"]);
        tokens(3, &["0", "1", "2", "3"]);
        tokens(9, &["0", "5", "10"]);
        tokens(940_000, &["0", "250K", "500K", "750K", "1M"]);
        tokens(1_600_000, &["0", "500K", "1M", "1.5M", "2M"]);
        tokens(9_000_000_000_000_000_000, &["0", "2.5E", "5E", "7.5E", "10E"]);
    }

    proptest! {
        #[test]
        fn any_maximum_is_reached_in_at_most_five_lines_with_labels_that_fit(
            max in -1_i128..(1 << 70), usd: bool,
        ) {
            let unit = if usd { Unit::Usd } else { Unit::Tokens };
            let scale = Scale::reaching(max, unit);
            let labels: Vec<_> = scale.lines().map(|value| scale.label(value)).collect();
            prop_assert!(scale.top >= max, "the top reaches the maximum");
            prop_assert!((2..=5).contains(&labels.len()), "five lines or fewer: {labels:?}");
            prop_assert!(labels.iter().all(|label| label.len() <= 6), "labels fit: {labels:?}");
            prop_assert!(labels.is_sorted_by(|a, b| a != b), "labels differ: {labels:?}");
        }

        #[test]
        fn a_higher_value_never_stands_lower(a in 0_i128..1000, b in 0_i128..1000) {
            let scale = Scale::reaching(1000, Unit::Tokens);
            let y = |value| scale.map(&value, (1740, 100));
            prop_assert!(a > b || y(a) >= y(b), "{a} and {b}");
        }
    }
}
