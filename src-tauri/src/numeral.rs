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

/// Has numbers written as the system says from now on. To be called once, when a program begins; until then, and where the
/// system says nothing that is understood, they are written as in American English.
pub fn follow_the_system() {
    if let Some(numerals) = of_the_system().and_then(|locale| Numerals::of(&locale)) {
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

/// Source: POSIX, "Environment Variables": the first that is set and not empty.
#[cfg(target_os = "linux")]
fn of_the_system() -> Option<String> {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    posix(&["LC_ALL", "LC_NUMERIC", "LANG"].iter().find_map(set)?)
}

#[cfg(not(target_os = "linux"))]
fn of_the_system() -> Option<String> {
    sys_locale::get_locale()
}

/// "de_DE.UTF-8@euro" as "de-DE"; None for the locale of no language.
#[cfg(target_os = "linux")]
fn posix(name: &str) -> Option<String> {
    let language = name.split(['.', '@']).next().unwrap_or_default();
    (!matches!(language, "C" | "POSIX" | "")).then(|| language.replace('_', "-"))
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

    #[cfg(target_os = "linux")]
    #[test]
    fn the_systems_locale_is_understood() {
        let cases = [
            ("de_DE.UTF-8", Some("de-DE")),
            ("de_AT@euro", Some("de-AT")),
            ("fr", Some("fr")),
            ("C", None),
            ("C.UTF-8", None),
            ("POSIX", None),
        ];
        for (name, locale) in cases {
            assert_eq!(posix(name).as_deref(), locale, "{name}");
        }
    }
}
