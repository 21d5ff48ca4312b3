//! How digits are written: with the point, the groups and their marks of the reader's locale, by Unicode's own data, which
//! browsers have too. Sentences, charts and pages so agree on every number.
//!
//! Deliberately not here: signs, currencies, rounding. What machines read (JSON, CSV, prices in files) never passes here.

use std::sync::{LazyLock, OnceLock};

use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_locale_core::Locale;

/// The locale of the sentences: that of numbers too, where the system names none.
const ENGLISH: &str = "en-US";

static FOLLOWED: OnceLock<Numerals> = OnceLock::new();
static DEFAULT: LazyLock<Numerals> = LazyLock::new(|| Numerals::of(ENGLISH).unwrap_or_default());

/// Has numbers written as in `locale`; as until then, in American English, where it is none.
pub(super) fn follow(locale: &str) {
    if let Some(numerals) = Numerals::of(locale) {
        let _ = FOLLOWED.set(numerals);
    }
}

/// The locale that numbers are written for, by BCP 47: "de-DE".
pub fn locale() -> &'static str {
    &here().locale
}

/// A whole number in groups: "1,284".
pub fn whole(n: u64) -> String {
    here().write(n.into())
}

/// `n` over ten to the `decimals`, in groups, with all its decimals: "1,284.07" for 128407 and 2.
pub fn decimal(n: u128, decimals: u32) -> String {
    let mut value = Decimal::from(n);
    // At most 38: a u128 has no more digits.
    value.multiply_pow10(-i16::try_from(decimals).unwrap_or(i16::MAX));
    here().write(value)
}

fn here() -> &'static Numerals {
    FOLLOWED.get().unwrap_or_else(|| &DEFAULT)
}

/// One locale's way.
#[derive(Default)]
struct Numerals {
    locale: String,
    /// None where Unicode's data are not there; then there are no groups.
    formatter: Option<DecimalFormatter>,
}

impl Numerals {
    /// None where `locale` is none.
    fn of(locale: &str) -> Option<Numerals> {
        let named: Locale = locale.parse().ok()?;
        // The sentences around the numbers are English, whose digits these are.
        let latin: Locale = format!("{named}-u-nu-latn").parse().ok()?;
        let formatter = DecimalFormatter::try_new(latin.into(), Default::default()).ok();
        Some(Numerals { locale: named.to_string(), formatter })
    }

    fn write(&self, n: Decimal) -> String {
        // A narrow space, as French has it, is missing in many fonts; the pages do the same (digits.js).
        match &self.formatter {
            Some(formatter) => formatter.format(&n).to_string().replace('\u{202f}', "\u{a0}"),
            None => n.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_their_reader_does() {
        let cases = [
            ("en-US", "1,284,070.50", "1,284"),
            ("de-DE", "1.284.070,50", "1.284"),
            ("de-CH", "1'284'070.50", "1'284"),
            ("fr-FR", "1\u{a0}284\u{a0}070,50", "1\u{a0}284"),
            ("es-ES", "1.284.070,50", "1284"),
            ("hi-IN", "12,84,070.50", "1,284"),
            ("ar-EG", "1,284,070.50", "1,284"),
        ];
        for (locale, long, short) in cases {
            let numerals = Numerals::of(locale).unwrap();
            let mut value = Decimal::from(128_407_050_u64);
            value.multiply_pow10(-2);
            assert_eq!(numerals.write(value), long, "{locale}");
            assert_eq!(numerals.write(1284_u64.into()), short, "{locale}");
        }
        assert!(Numerals::of("no locale").is_none());
    }

    #[test]
    fn all_the_decimals_stand_there() {
        assert_eq!(decimal(128_400, 2), "1,284.00");
        assert_eq!(decimal(5, 9), "0.000000005");
        assert_eq!(decimal(0, 3), "0.000");
        assert_eq!(decimal(u128::from(u64::MAX), 0), "18,446,744,073,709,551,615");
    }
}
