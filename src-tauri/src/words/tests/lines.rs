//! A budget as a line of the menu and of the terminal.

use super::*;
use crate::domain::budget::Override;
use WindowKind::{Day, Minute, Month};

#[test]
fn a_line_of_the_menu_says_name_numbers_percent_and_a_level_worth_a_word() {
    check(menu_line(&of("openai", Day, 100, 64).0), "OpenAI today  $0.64 of $1.00  64 %");
    check(menu_line(&of("gemini", Month, 800, 662).0), "Gemini this month  $6.62 of $8.00  82 %, warning");
    check(
        menu_line(&of("groq", Minute, 1, 0).in_unit(Unit::Tokens, 10_000, 12_000).0),
        "Groq this minute  12,000 of 10,000 tokens  120 %, exceeded",
    );
}

#[test]
fn the_terminal_gets_columns() {
    let all = standings(vec![
        of("openai", Day, 100, 64).reserved(6),
        of("gemini", Month, 800, 662),
        of("anthropic", Month, 2_000, 2_014),
        of("groq", Day, 100, 100).asks(),
    ]);
    let state = State { state: StateWord::Warning, ..state(&overall(&all[..2])) };
    let lines = status_lines(&state, &all).join("\n");
    check(
        lines,
        "warning  OpenAI will reach today's $1.00 at about 22:55\n\
        OpenAI today          $0.64 of $1.00     64 %  ok        $0.06 reserved, full at about 22:55\n\
        Gemini this month     $6.62 of $8.00     82 %  warning   full on 27 Nov\n\
        Anthropic this month  $20.14 of $20.00  100 %  exceeded  denied until 1 December\n\
        Groq today            $1.00 of $1.00    100 %  exceeded  asks until midnight",
    );
}

/// What a forecast says at 14:40, for a limit that is reached at `at`.

#[test]
fn a_raised_limit_is_the_limit_that_is_told() {
    let raised = of("openai", Day, 100, 96).with(|b| {
        b.raised = Some(Override { limit: 200 * CENT, until: utc("2026-11-22T23:00:00Z") });
    });
    check(menu_line(&raised.0), "OpenAI today  $0.96 of $2.00  48 %");
}
