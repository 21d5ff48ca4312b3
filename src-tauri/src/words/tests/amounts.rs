//! Amounts: rounded, and never onto the wrong side of anything.

use proptest::prelude::*;

use super::*;
use crate::domain::standing::{Level, level};

#[test]
fn an_amount_is_rounded_half_up_but_never_onto_or_across_a_mark() {
    let of_a_dollar = |nanos| amount(Unit::Usd, nanos, 100 * CENT, &[80, 95]);
    check(of_a_dollar(0), "$0");
    check(of_a_dollar(641_200_000), "$0.64");
    check(of_a_dollar(645_000_000), "$0.65");
    check(of_a_dollar(1_003_800_000), "$1.0038");
    check(of_a_dollar(999_999_999), "$0.999999999");
    check(of_a_dollar(799_990_000), "$0.79999");
    check(of_a_dollar(800_000_000), "$0.80");
    check(of_a_dollar(3_491_400), "$0.0035");
    check(of_a_dollar(40), "$0.00000004");
    check(money(Nusd(1_284_074_000_000)), "$1,284.07");
    check(limit(Unit::Usd, 805_500_000), "$0.8055");
    check(limit(Unit::Tokens, 10_000), "10,000 tokens");
    check(limit(Unit::Tokens, 1_000_000), "1M tokens");
    check(limit(Unit::Requests, 60), "60 requests");
    let tokens = |n| amount(Unit::Tokens, n, i64::MAX, &[]);
    check(tokens(12_628), "12,628");
    check(tokens(481_960), "482K");
    check(tokens(1_284_000), "1.28M");
    check(tokens(20_700_000), "20.7M");
    check(tokens(999_600), "1M");
    check(amount(Unit::Tokens, 999_600, 1_000_000, &[80, 95]), "999.6K");
    check(amount(Unit::Tokens, 999_999, 1_000_000, &[80, 95]), "999.999K");
    check(amount(Unit::Tokens, 99_999_999, 100_000_000, &[80, 95]), "99,999,999");
    assert_eq!(percent(64), "64\u{a0}%", "no line ends between the number and its sign");
}

/// The number a text shows, in the unit's smallest part times 1000.
fn shown(text: &str, unit: Unit) -> i128 {
    let (digits, scale) = match unit {
        Unit::Usd => (text.trim_start_matches('$').to_owned(), 1_000_000_000_000),
        _ => match text.chars().last() {
            Some('K') => (text.replace('K', ""), 1_000_000),
            Some('M') => (text.replace('M', ""), 1_000_000_000),
            Some('B') => (text.replace('B', ""), 1_000_000_000_000),
            Some('T') => (text.replace('T', ""), 1_000_000_000_000_000),
            _ => (text.to_owned(), 1_000),
        },
    };
    let digits = digits.replace(',', "");
    let (whole, rest) = digits.split_once('.').unwrap_or((&digits, ""));
    let all: i128 = format!("{whole}{rest}").parse().unwrap();
    all * scale / 10_i128.pow(u32::try_from(rest.len()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_shows_an_amount_on_the_wrong_side(
        cents in 1_i64..1_000_000, near in 0_u8..=120, off in -50_000_000_i64..50_000_000, tokens in any::<bool>(),
        low in 1_u8..60, high in 60_u8..=99, reserved in 0_i64..10_000_000_000, call in 1_i64..1_000_000_000,
    ) {
        let unit = if tokens { Unit::Tokens } else { Unit::Usd };
        let limit_in_unit = cents * CENT / if tokens { 1_000 } else { 1 };
        let used = (limit_in_unit / 100 * i64::from(near) + off / if tokens { 1_000 } else { 1 }).max(0);
        let mut s = of("openai", WindowKind::Day, 1, 0).with(|b| (b.unit, b.limit, b.thresholds) = (unit, limit_in_unit, vec![low, high])).0;
        (s.used, s.reserved) = (used, reserved);
        let text = menu_line(&s);
        let amounts: Vec<&str> = text.split("  ").nth(1).unwrap().trim_end_matches(" tokens").split(" of ").collect();
        let (used_shown, limit_shown) = (shown(amounts[0], unit), shown(amounts[1], unit));
        prop_assert_eq!(limit_shown, i128::from(limit_in_unit) * 1_000, "a limit is told exactly: {}", text);
        for mark in [0, low, high, 100] {
            let mark = i128::from(mark) * i128::from(limit_in_unit);
            prop_assert_eq!((used_shown / 10).cmp(&mark), (i128::from(used) * 100).cmp(&mark), "{}", text);
        }
        prop_assert_eq!(text.contains(", "), level(&[low, high], used, limit_in_unit) != Level::Ok, "{}", text);
        if !tokens && !s.admits(call) {
            let text = denied(&s, call);
            let words: Vec<_> = text.split(' ').filter_map(|w| w.strip_prefix('$')).collect();
            let told: Vec<i128> = words.iter().map(|w| shown(w.trim_end_matches([',', ';']), Unit::Usd)).collect();
            let wanted: i128 = told.iter().sum::<i128>() - told[1];
            prop_assert!(wanted > told[1], "the numbers must not seem to fit: {}", text);
        }
    }
}
