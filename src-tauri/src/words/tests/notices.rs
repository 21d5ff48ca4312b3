//! Forecasts, notifications and denials.

use super::*;
use crate::domain::alert::{Alert, AlertState};
use crate::domain::standing::{Level, highest_crossed, percent as percent_of};
use WindowKind::{Day, Hour, Minute, Month, Total};

fn full(at: &str, window: WindowKind) -> String {
    let window = Window::holding(window, utc(NOW), Tz::Europe__Berlin);
    moment::forecast(utc(at), utc(NOW), &window, Tz::Europe__Berlin)
}

#[test]
fn a_forecast_is_told_to_five_minutes_or_by_its_day() {
    check(full("2026-11-22T16:17:30Z", Day), "at about 17:20");
    check(full("2026-11-22T16:17:29Z", Day), "at about 17:15");
    check(full("2026-11-22T13:41:30Z", Day), "at about 14:41");
    check(full("2026-11-22T22:59:00Z", Day), "at about 23:55");
    check(full("2026-11-27T10:00:00Z", Month), "on 27 Nov");
    check(full("2026-11-22T13:40:30Z", Minute), "within the minute");
    check(full("2026-11-22T13:58:30Z", Hour), "at about 14:55");
}

fn alert(level: Level, used_cents: i64, limit_cents: i64, window: WindowKind, exhausted_at: Option<&str>) -> Alert {
    let (used, limit) = (used_cents * CENT, limit_cents * CENT);
    Alert {
        id: 1,
        at: utc(NOW),
        level,
        budget_id: "b".into(),
        budget_name: "OpenAI today".into(),
        window: Window::holding(window, utc(NOW), Tz::Europe__Berlin),
        threshold: highest_crossed(&[80, 95], used, limit).unwrap(),
        percent: percent_of(used, limit),
        unit: Unit::Usd,
        limit,
        used,
        blocks: true,
        asks: false,
        exhausted_at: exhausted_at.map(utc),
        call_id: "c".into(),
        state: AlertState::New,
        snoozed_until: None,
        returned_at: None,
        answered_at: None,
        denied_calls: 0,
        deliveries: vec![],
    }
}

#[test]
fn a_notification_says_what_its_table_says() {
    let told = |alert: &Alert| {
        let notice = notice(alert, Tz::Europe__Berlin);
        let labels: Vec<_> = notice.actions.iter().map(|a| a.label()).collect();
        format!("{} | {} | {}", notice.title, notice.body, labels.join(" · "))
    };
    let gemini = Alert {
        budget_name: "Gemini this month".into(),
        ..alert(Level::Warning, 640, 800, Month, Some("2026-11-27T10:00:00Z"))
    };
    check(
        told(&gemini),
        "Gemini this month is at 80 % | $6.40 of $8.00 spent. At this pace it is full on 27 Nov. | Open · Acknowledge",
    );
    check(
        told(&alert(Level::Critical, 95, 100, Day, Some("2026-11-22T16:06:00Z"))),
        "OpenAI today is at 95 % | $0.95 of $1.00 spent, $0.05 left. At this pace it is full at about 17:05. | Raise until midnight · Open",
    );
    check(
        told(&alert(Level::Exceeded, 101, 100, Day, None)),
        "OpenAI has reached today's $1.00 | Calls are denied until midnight. | Raise until midnight · Open",
    );
    let anthropic = Alert {
        blocks: false,
        budget_name: "Anthropic this month".into(),
        ..alert(Level::Exceeded, 2_014, 2_000, Month, None)
    };
    check(
        told(&anthropic),
        "Anthropic is over November's $20.00 | $20.14 spent. Calls still go through: this budget only warns. | Open · Acknowledge",
    );
    let named = Alert { budget_name: "Night batch".into(), ..alert(Level::Exceeded, 100, 100, Day, None) };
    check(
        told(&named),
        "Night batch has reached today's $1.00 | Calls are denied until midnight. | Raise until midnight · Open",
    );
    let asking = Alert { asks: true, ..alert(Level::Exceeded, 100, 100, Day, None) };
    check(
        told(&asking),
        "OpenAI has reached today's $1.00 | Calls ask you until midnight. | Raise until midnight · Open",
    );
    let precise = Alert { used: 954_900_000, ..alert(Level::Critical, 95, 100, Day, None) };
    check(
        told(&precise),
        "OpenAI today is at 95 % | $0.9549 of $1.00 spent, $0.0451 left. | Raise until midnight · Open",
    );
    let body = not_listening("port 7575 is in use", Some("python3 (process 41208)")).body;
    check(body, "Port 7575 is in use by python3 (process 41208). No call is counted.");
}

#[test]
fn a_denial_shows_the_numbers_that_decided_and_when_it_frees_up() {
    let today = |used, reserved| of("openai", Day, 100, used).reserved(reserved);
    check(
        denied(&today(98, 1).0, 2 * CENT + CENT),
        "OpenAI today: $0.98 of $1.00 is used and $0.01 reserved, this call may cost up to $0.03; it frees up at midnight (2026-11-23 00:00 Europe/Berlin).",
    );
    check(
        denied(&today(100, 0).0, CENT / 4),
        "OpenAI today: $1.00 of $1.00 is used, this call may cost up to $0.0025; it frees up at midnight (2026-11-23 00:00 Europe/Berlin).",
    );
    check(
        denied(&today(50, 0).used(989_999_000).0, CENT + 1_000_000),
        "OpenAI today: $0.99 of $1.00 is used, this call may cost up to $0.011; it frees up at midnight (2026-11-23 00:00 Europe/Berlin).",
    );
    check(
        denied(&today(50, 49).with(|b| b.buffer = CENT).0, CENT),
        "OpenAI today: $0.50 of $1.00 is used, $0.49 reserved and $0.01 kept back, this call may cost up to $0.01; it frees up when calls in flight end for less, or at midnight (2026-11-23 00:00 Europe/Berlin).",
    );
    check(
        denied(&today(0, 0).0, 2 * 100 * CENT),
        "OpenAI today: $0 of $1.00 is used, this call may cost up to $2.00; the call alone is more than the budget allows.",
    );
    let minute = of("groq", Minute, 1, 0).in_unit(Unit::Tokens, 10_000, 9_500).0;
    check(
        denied(&minute, 600),
        "Groq this minute: 9,500 of 10,000 tokens are used, this call may take up to 600 tokens; it frees up at 14:41 (2026-11-22 14:41 Europe/Berlin).",
    );
    let requests = of("groq", Month, 1, 0).in_unit(Unit::Requests, 100, 100).0;
    check(
        denied(&requests, 1),
        "Groq this month: 100 of 100 requests are used, this call would be one more; it frees up on 1 December (2026-12-01 00:00 Europe/Berlin).",
    );
    check(
        denied(&of("groq", Total, 100, 100).0, CENT),
        "Groq in all: $1.00 of $1.00 is used, this call may cost up to $0.01; it frees up when its limit is raised.",
    );
}

#[test]
fn a_question_says_who_wants_how_much_of_what_is_left() {
    let told = |of: Of, call: i64, project: Option<&str>, waiting: usize| {
        let until = utc("2026-11-22T16:20:30Z");
        let notice = question(&Asked { standing: &of.0, model: "gpt-5-mini", project, call, waiting, until });
        let labels: Vec<_> = notice.actions.iter().map(|a| a.label()).collect();
        format!("{} | {} | {}", notice.title, notice.body, labels.join(" · "))
    };
    check(
        told(of("openai", Day, 100, 99), 3 * CENT, Some("eval"), 1),
        "OpenAI today would go over $1.00 | gpt-5-mini of project eval wants up to $0.03; $0.99 is spent. It waits until 17:20:30. | Allow once · Raise until midnight · Deny",
    );
    check(
        told(of("openai", Day, 100, 90).reserved(9).used(905_000_000), CENT, None, 2),
        "OpenAI today would go over $1.00 | gpt-5-mini wants up to $0.01; $0.91 is spent and $0.09 reserved. It waits until 17:20:30. 1 more waits. | Allow once · Raise until midnight · Deny",
    );
    check(
        told(of("groq", Minute, 1, 0).in_unit(Unit::Tokens, 10_000, 9_500), 600, None, 4),
        "Groq this minute would go over 10,000 tokens | gpt-5-mini wants up to 600 tokens; 9,500 are used. It waits until 17:20:30. 3 more wait. | Allow once · Raise until midnight · Deny",
    );
    check(
        told(of("groq", Month, 1, 0).in_unit(Unit::Requests, 100, 100), 1, None, 1),
        "Groq this month is at its limit of 100 requests | gpt-5-mini wants one more request; 100 are used. It waits until 17:20:30. | Allow once · Raise until midnight · Deny",
    );
    check(
        told(of("openai", Day, 100, 130), CENT, None, 1),
        "OpenAI today is over $1.00 | gpt-5-mini wants up to $0.01; $1.30 is spent. It waits until 17:20:30. | Allow once · Raise until midnight · Deny",
    );
}

#[test]
fn what_an_answer_means_is_said_to_the_caller() {
    check(unanswered(60), "The user was asked, and nobody answered within 60 seconds.");
    check(
        denied_until(utc("2026-11-22T16:20:30Z"), Tz::Europe__Berlin),
        "The user has denied such a call, and is asked again from 17:20:30.",
    );
    check(
        allowed_once(&of("openai", Day, 100, 98).0, 5 * CENT),
        "OpenAI today: $0.98 of $1.00 is used, and this call may go over it. The user allowed it once.",
    );
}

#[test]
fn a_budget_that_only_warns_says_so() {
    check(
        warned(&of("openai", Day, 100, 98).warns().0, 5 * CENT),
        "OpenAI today: $0.98 of $1.00 is used, and this call may go over it. This budget only warns.",
    );
}

#[test]
fn what_was_snoozed_is_told_as_it_was_when_it_came() {
    let alert = Alert { at: utc("2026-11-22T22:10:00Z"), ..alert(Level::Warning, 80, 100, Day, None) };
    let notice =
        summary(Held::Snoozed, &[(&alert, Tz::Europe__Berlin)], utc("2026-11-23T07:00:00Z"), Tz::Europe__Berlin);
    let told = format!("{} | {}", notice.title, notice.body);
    check(told, "1 alert that you snoozed | 22 Nov 23:10 OpenAI today is at 80 %");
}

#[test]
fn what_came_in_quiet_hours_is_told_in_one_word_for_each_window() {
    let night = |cents, budget: &str, at: &str| Alert {
        budget_id: budget.to_owned(),
        budget_name: format!("{budget} today"),
        at: utc(at),
        ..alert(if cents < 100 { Level::Warning } else { Level::Exceeded }, cents, 100, Day, None)
    };
    let told = |alerts: &[Alert]| {
        let zoned: Vec<_> = alerts.iter().map(|alert| (alert, Tz::Europe__Berlin)).collect();
        let notice = summary(Held::QuietHours, &zoned, utc("2026-11-23T06:00:00Z"), Tz::Europe__Berlin);
        (format!("{} | {}", notice.title, notice.body), notice.urgent)
    };
    let (first, second) = (night(80, "OpenAI", "2026-11-22T22:10:00Z"), night(100, "OpenAI", "2026-11-23T01:10:00Z"));
    let (words, urgent) = told(&[first.clone(), second]);
    check(words, "1 alert came in quiet hours | 02:10 OpenAI has reached today's $1.00");
    assert_eq!(urgent, Level::Exceeded, "as urgent as the worst of them");
    let many: Vec<_> = (1..=7).map(|n| Alert { budget_id: format!("{n}"), ..first.clone() }).collect();
    let (words, _) = told(&many);
    assert!(words.starts_with("7 alerts came in quiet hours | 22 Nov 23:10 OpenAI today is at 80"), "{words}");
    assert_eq!((words.lines().count(), words.lines().last()), (6, Some("and 2 more")));
}
