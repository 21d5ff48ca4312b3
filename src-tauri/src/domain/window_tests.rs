//! The windows' rules, over every zone and around every change of the clocks that is known to be awkward.

use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> Tz {
    name.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(zone_name: &str, at: &str) -> (String, String) {
    let window = Window::holding(WindowKind::Day, utc(at), zone(zone_name));
    (window.start.to_rfc3339(), window.end.to_rfc3339())
}

#[test]
fn a_day_whose_midnight_does_not_exist_starts_at_its_first_instant() {
    for (name, date, start) in [
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"),
    ] {
        let date: NaiveDate = date.parse().unwrap();
        assert_eq!(start_of_day(date, zone(name)), utc(start), "{name} {date}");
        let shown = start_of_day(date, zone(name)).with_timezone(&zone(name));
        assert_eq!(shown.time(), NaiveTime::from_hms_opt(1, 0, 0).unwrap(), "{name}: the first hour is missing");
    }
}

#[test]
fn a_day_whose_midnight_comes_twice_starts_at_the_first() {
    let (start, end) = day("America/Havana", "2026-11-01T04:30:00Z");
    assert_eq!((start.as_str(), end.as_str()), ("2026-11-01T04:00:00+00:00", "2026-11-02T05:00:00+00:00"));
    assert_eq!(day("America/Havana", "2026-11-01T05:30:00Z"), (start, end), "the second midnight opens no new day");
}

#[test]
fn clocks_turned_back_over_midnight_do_not_reopen_yesterday() {
    // At 00:01 on 2006-10-29 St. John's went back to 23:01 of the 28th.
    let begun = Window::holding(WindowKind::Day, utc("2006-10-29T02:30:30Z"), zone("America/St_Johns"));
    let after = Window::holding(WindowKind::Day, utc("2006-10-29T02:45:00Z"), zone("America/St_Johns"));
    assert_eq!(begun, after);
}

#[test]
fn a_date_that_a_zone_skipped_has_no_window() {
    // Samoa went from the 29th to the 31st of December 2011.
    let skipped = start_of_day("2011-12-30".parse().unwrap(), zone("Pacific/Apia"));
    assert_eq!(skipped, start_of_day("2011-12-31".parse().unwrap(), zone("Pacific/Apia")));
}

#[test]
fn a_repeated_hour_is_two_windows_and_a_half_hour_change_cuts_one() {
    let berlin = zone("Europe/Berlin");
    let first = Window::holding(WindowKind::Hour, utc("2026-10-25T00:30:00Z"), berlin);
    let second = Window::holding(WindowKind::Hour, utc("2026-10-25T01:30:00Z"), berlin);
    assert_eq!(first.end, second.start);
    let lord_howe = zone("Australia/Lord_Howe");
    let whole = Window::holding(WindowKind::Hour, utc("2026-04-04T14:30:00Z"), lord_howe);
    let rest = Window::holding(WindowKind::Hour, utc("2026-04-04T15:10:00Z"), lord_howe);
    assert_eq!(whole.end, utc("2026-04-04T15:00:00Z"));
    assert_eq!((rest.start, rest.end), (utc("2026-04-04T15:00:00Z"), utc("2026-04-04T15:30:00Z")));
}

#[test]
fn a_week_starts_on_monday_and_a_month_on_its_first() {
    let at = utc("2026-11-22T13:00:00Z");
    let week = Window::holding(WindowKind::Week, at, zone("Europe/Berlin"));
    assert_eq!((week.start, week.end), (utc("2026-11-15T23:00:00Z"), utc("2026-11-22T23:00:00Z")));
    let month = Window::holding(WindowKind::Month, at, zone("Asia/Kolkata"));
    assert_eq!((month.start, month.end), (utc("2026-10-31T18:30:00Z"), utc("2026-11-30T18:30:00Z")));
}

fn any_zone() -> impl Strategy<Value = Tz> {
    (0..chrono_tz::TZ_VARIANTS.len()).prop_map(|i| chrono_tz::TZ_VARIANTS[i])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn windows_tile_time_in_every_zone(tz in any_zone(), at_s in -2_000_000_000_i64..4_000_000_000, which in 0_usize..6) {
        let at = DateTime::from_timestamp(at_s, 0).unwrap();
        let kind = WindowKind::ALL[which];
        let window = Window::holding(kind, at, tz);
        prop_assert!(window.contains(at), "{tz} {kind:?}: {window:?} must hold {at}");
        if kind != WindowKind::Total {
            prop_assert_eq!(Window::holding(kind, window.start, tz), window, "the start belongs to its own window");
            let last = window.end - TimeDelta::milliseconds(1);
            prop_assert_eq!(Window::holding(kind, last, tz), window, "so does the last instant");
            prop_assert_eq!(window.next(tz).start, window.end, "no gap before the next");
        }
    }

    #[test]
    fn shorter_windows_lie_within_longer_ones(tz in any_zone(), at_s in 0_i64..4_000_000_000) {
        let at = DateTime::from_timestamp(at_s, 0).unwrap();
        let day = Window::holding(WindowKind::Day, at, tz);
        for kind in [WindowKind::Week, WindowKind::Month] {
            let long = Window::holding(kind, at, tz);
            prop_assert!(long.start <= day.start && day.end <= long.end, "{tz}: {kind:?} {long:?} must hold {day:?}");
        }
    }
}

#[test]
fn windows_tile_time_around_every_change_of_the_clocks_of_a_year() {
    let year: Vec<DateTime<Utc>> = (0..366 * 24).map(|h| utc("2026-01-01T00:00:00Z") + TimeDelta::hours(h)).collect();
    for tz in chrono_tz::TZ_VARIANTS {
        for pair in year.windows(2) {
            if offset_seconds(pair[0], tz) == offset_seconds(pair[1], tz) {
                continue;
            }
            for minutes in -90..=90 {
                let at = pair[1] + TimeDelta::minutes(minutes);
                for kind in [WindowKind::Minute, WindowKind::Hour, WindowKind::Day] {
                    let window = Window::holding(kind, at, tz);
                    assert!(window.contains(at), "{tz} {kind:?}: {window:?} must hold {at}");
                    assert_eq!(window.next(tz).start, window.end, "{tz} {kind:?} after {at}");
                }
            }
        }
    }
}
