//! How a date is put together: the day before its month or after it, as the reader's locale has it, by Unicode's own data.
//! The months' names are those of the sentences, which are English.

use std::sync::OnceLock;

use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::MD;
use icu_datetime::input::Date;
use icu_locale_core::Locale;

static MONTH_FIRST: OnceLock<bool> = OnceLock::new();

/// Has dates written as in `locale`; as until then, the day first, where it is none.
pub(super) fn follow(locale: &str) {
    if let Some(month_first) = is_month_first(locale) {
        let _ = MONTH_FIRST.set(month_first);
    }
}

/// Whether the month comes first.
pub fn month_first() -> bool {
    MONTH_FIRST.get().copied().unwrap_or(false)
}

/// "27 Nov", or "Nov 27"; with the month's whole name too.
pub fn day_month(day: u32, month: &str) -> String {
    join(day, month, None, month_first())
}

/// "27 Nov 2027", or "Nov 27, 2027".
pub fn day_month_year(day: u32, month: &str, year: i32) -> String {
    join(day, month, Some(year), month_first())
}

fn join(day: u32, month: &str, year: Option<i32>, month_first: bool) -> String {
    match (month_first, year) {
        (true, None) => format!("{month} {day}"),
        (true, Some(year)) => format!("{month} {day}, {year}"),
        (false, None) => format!("{day} {month}"),
        (false, Some(year)) => format!("{day} {month} {year}"),
    }
}

/// None where `locale` is none. Of a language that Unicode knows no dates of, the order is that of its root locale.
fn is_month_first(locale: &str) -> Option<bool> {
    const DAY: &str = "27";
    let locale: Locale = format!("{locale}-u-ca-gregory-nu-latn").parse().ok()?;
    let formatter = FixedCalendarDateTimeFormatter::try_new(locale.into(), MD::medium()).ok()?;
    let day = Date::try_new_gregorian(2026, 11, 27).ok()?;
    Some(!formatter.format(&day).to_string().starts_with(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_stands_where_its_reader_has_it() {
        for locale in ["en-US", "en-CA", "ja-JP", "zh-CN", "ko-KR", "hu-HU", "lt-LT"] {
            assert_eq!(is_month_first(locale), Some(true), "{locale}");
        }
        for locale in ["en-GB", "en-DE", "en-AU", "de-DE", "fr-FR", "es-MX", "pt-BR", "ar-EG", "fa-IR", "th-TH"] {
            assert_eq!(is_month_first(locale), Some(false), "{locale}");
        }
        assert_eq!(is_month_first("no locale"), None);
    }

    #[test]
    fn a_date_is_put_together_in_that_order() {
        assert_eq!(join(27, "Nov", None, false), "27 Nov");
        assert_eq!(join(27, "Nov", Some(2027), false), "27 Nov 2027");
        assert_eq!(join(1, "December", None, true), "December 1");
        assert_eq!(join(27, "Nov", Some(2027), true), "Nov 27, 2027");
        assert_eq!(day_month(27, "Nov"), "27 Nov", "as the design has it, where the system names no locale");
    }
}
