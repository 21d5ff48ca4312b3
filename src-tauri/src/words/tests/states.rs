//! The state table, the evidence under it, and what scopes and windows are called in a sentence.

use chrono::TimeDelta;

use super::*;
use WindowKind::{Day, Hour, Minute, Month, Total, Week};

#[test]
fn the_first_rule_of_the_state_table_that_holds_wins() {
    let exceeded = || of("openai", Day, 100, 101);
    check(
        told(vec![exceeded(), of("gemini", Month, 800, 656)]),
        "exceeded | OpenAI is over today's $1.00: calls are denied until midnight | OpenAI is over today's $1.00, denied until midnight | raise",
    );
    check(
        told(vec![exceeded(), of("gemini", Month, 800, 810).asks()]),
        "exceeded | OpenAI is over today's $1.00: calls are denied until midnight | OpenAI is over today's $1.00, denied until midnight | raise",
    );
    check(
        told(vec![exceeded().asks(), of("gemini", Month, 800, 810).warns()]),
        "exceeded | OpenAI is over today's $1.00: each call asks you until midnight | OpenAI is over today's $1.00, asks until midnight | raise",
    );
    check(
        told(vec![of("anthropic", Month, 2_000, 2_014).warns(), of("openai", Day, 100, 96)]),
        "exceeded | Anthropic is over November's $20.00 | Anthropic is over November's $20.00 | -",
    );
    check(
        told(vec![of("openai", Day, 100, 96), of("gemini", Day, 80, 50)]),
        "critical | OpenAI is at 96 % of today's $1.00, full at about 15:15 | OpenAI is at 96 % of $1.00 | raise",
    );
    check(
        told(vec![of("openai", Day, 100, 85), of("gemini", Month, 800, 640)]),
        "warning | OpenAI will reach today's $1.00 at about 17:15 | OpenAI reaches $1.00 at about 17:15 | raise",
    );
    check(
        told(vec![of("openai", Day, 100, 64), of("gemini", Month, 800, 400)]),
        "ok | OpenAI will reach today's $1.00 at about 22:55 | OpenAI reaches $1.00 at about 22:55 | raise",
    );
    check(
        told(vec![of("openai", Day, 100, 10), of("gemini", Week, 800, 656).with(|b| b.thresholds = vec![70, 95])]),
        "warning | Gemini is at 82 % of this week's $8.00 | Gemini is at 82 % of $8.00 | -",
    );
    check(
        told(vec![of("openai", Day, 100, 10)]),
        "ok | All budgets are on pace. $1.18 today, $21.40 in November | All budgets are on pace | -",
    );
    check(told(vec![]), "ok | No budget is set. $1.18 today, $21.40 in November | $1.18 today, $21.40 in November | -");
}

#[test]
fn what_stops_everything_comes_before_any_budget() {
    let all = standings(vec![of("openai", Day, 100, 101)]);
    let base = overall(&all);
    check(
        line(&state(&Overall { paused: true, not_listening: Some("port 7575 is in use"), ..base })),
        "exceeded | Spendlight is not listening: port 7575 is in use | Not listening: port 7575 is in use | listen",
    );
    let not_listening = Overall { not_listening: Some("port 7575 is in use"), ..base };
    check(
        state(&not_listening).reason,
        "Scripts cannot reach Spendlight, and no call is counted until this is solved.",
    );
    check(
        state(&Overall { port_holder: Some("python3 (process 41208)"), ..not_listening }).reason,
        "Scripts cannot reach Spendlight, and no call is counted until python3 (process 41208) ends, or config.toml names \
         another port.",
    );
    check(
        state(&Overall { paused: true, paused_since: Some("14:32"), ..base }).reason,
        "Since 14:32. Nothing is spent until you resume. $1.18 today, $21.40 in November.",
    );
    let denied = Denied { calls: 1, since: utc(NOW) };
    check(
        state(&Overall { paused: true, paused_since: Some("14:32"), paused_denied: Some(denied), ..base }).reason,
        "Since 14:32. 1 call denied so far. Nothing is spent until you resume. $1.18 today, $21.40 in November.",
    );
    check(
        line(&state(&Overall { paused: true, ..base })),
        "paused | Paused: every call is denied | Paused: every call is denied | resume",
    );
    check(
        line(&state(&Overall { ledger_error: Some("the disk is full"), ..base })),
        "exceeded | Spendlight cannot write its ledger: the disk is full | Ledger not writable: the disk is full | -",
    );
    check(
        line(&not_started("the ledger cannot be opened", "Make room.")),
        "exceeded | Spendlight could not start: the ledger cannot be opened | Spendlight could not start | -",
    );
    let quiet = standings(vec![of("openai", Day, 100, 0)]);
    let first = state(&Overall { any_calls: false, ..overall(&quiet) });
    check(line(&first), "ok | Waiting for the first call | Waiting for the first call | -");
    check(first.reason, "1 budget is set.");
}

#[test]
fn of_several_that_deny_the_sentence_names_the_one_that_denies_longest() {
    let state = state(&overall(&standings(vec![of("openai", Month, 1_000, 1_000), of("openai", Day, 100, 300)])));
    check(state.sentence, "OpenAI has reached November's $10.00: calls are denied until 1 December");
    assert_eq!(state.budget.as_deref(), Some("openai-month"));
    check(state.reason, "$10.00 since 1 November, $0.46 a day on average. OpenAI is over today's $1.00.");
}

#[test]
fn the_evidence_is_the_pace_and_the_next_budget() {
    let reason = |of| state(&overall(&standings(of))).reason;
    check(
        reason(vec![of("openai", Day, 100, 64), of("gemini", Month, 800, 656)]),
        "$0.64 since midnight, $0.04 an hour on average. Gemini is at 82 % of November's $8.00.",
    );
    check(
        reason(vec![of("openai", Day, 100, 10), of("gemini", Day, 80, 0)]),
        "The fullest is OpenAI today at 10 % of $1.00.",
    );
    check(reason(vec![of("groq", Total, 100, 100)]), "$1.00.");
    let denying = |used: i64, since: &str| {
        let denied = Some(Denied { calls: 1_284, since: utc(since) });
        let Of(over) = of("openai", Day, 100, used);
        reason(vec![Of(Standing { denied, ..over }), of("gemini", Day, 80, 77)])
    };
    check(denying(100, "2026-11-22T13:22:00Z"), "1,284 calls denied since 14:22. Gemini is at 96 % of today's $0.80.");
    check(
        denying(100, "2026-11-20T13:22:00Z"),
        "1,284 calls denied since 20 Nov 14:22. Gemini is at 96 % of today's $0.80.",
    );
}

#[test]
fn of_two_budgets_the_fuller_is_named_to_the_nano_dollar_and_of_two_alike_the_first() {
    let state = |of| state(&overall(&standings(of)));
    let budget = |of| state(of).budget.unwrap();
    let nearly = |provider, nanos| of(provider, Month, 1_000, 0).used(nanos);
    let reason = state(vec![nearly("openai", 43_500_000), nearly("gemini", 2_800_000)]).reason;
    check(reason, "The fullest is OpenAI this month at 0 % of $10.00.");
    let reason = state(vec![nearly("openai", 2_800_000), nearly("gemini", 43_500_000)]).reason;
    check(reason, "The fullest is Gemini this month at 0 % of $10.00.");
    let reason = state(vec![nearly("openai", 40), nearly("gemini", 40)]).reason;
    check(reason, "The fullest is OpenAI this month at 0 % of $10.00.");
    // Exceeded, critical and warning; 80 % of a week and no more, so that no pace is told before it.
    for nanos in [10_000_000_000, 9_500_000_000] {
        assert_eq!(budget(vec![nearly("openai", nanos + 1), nearly("gemini", nanos)]), "openai-month");
        assert_eq!(budget(vec![nearly("openai", nanos), nearly("gemini", nanos + 1)]), "gemini-month");
        assert_eq!(budget(vec![nearly("openai", nanos), nearly("gemini", nanos)]), "openai-month");
        let warns = |provider, nanos| nearly(provider, nanos).warns();
        assert_eq!(budget(vec![warns("openai", nanos), warns("gemini", nanos)]), "openai-month");
    }
    let week = |provider, nanos| of(provider, Week, 1_000, 0).used(nanos);
    assert_eq!(budget(vec![week("openai", 8_000_000_001), week("gemini", 8_000_000_000)]), "openai-week");
    assert_eq!(budget(vec![week("openai", 8_000_000_000), week("gemini", 8_000_000_000)]), "openai-week");
    let reason = state(vec![of("groq", Day, 100, 96), week("openai", 43), week("gemini", 43)]).reason;
    check(reason, "$0.96 since midnight, $0.07 an hour on average.");
    let reason =
        state(vec![of("groq", Day, 100, 96), week("openai", 8_000_000_001), week("gemini", 8_000_000_000)]).reason;
    check(reason, "$0.96 since midnight, $0.07 an hour on average. OpenAI is at 80 % of this week's $10.00.");
}

#[test]
fn a_sentence_calls_a_window_by_its_name() {
    let at_90 = |window| told(vec![of("groq", window, 1_000, 999).with(|b| b.thresholds = vec![80, 99])]);
    check(at_90(Minute), "critical | Groq is at 99 % of this minute's $10.00 | Groq is at 99 % of $10.00 | raise");
    check(
        at_90(Hour),
        "critical | Groq is at 99 % of this hour's $10.00, full at about 14:40 | Groq is at 99 % of $10.00 | raise",
    );
    check(at_90(Total), "critical | Groq is at 99 % of the total of $10.00 | Groq is at 99 % of $10.00 | raise");
    let over = |window| state(&overall(&standings(vec![of("groq", window, 1, 2)]))).sentence;
    check(over(Minute), "Groq is over this minute's $0.01: calls are denied until 14:41");
    check(over(Hour), "Groq is over this hour's $0.01: calls are denied until 15:00");
    check(over(Week), "Groq is over this week's $0.01: calls are denied until Monday");
    check(over(Total), "Groq is over the total of $0.01: calls are denied until it is raised");
}

#[test]
fn a_minutes_pace_is_no_state() {
    let busy = of("groq", Minute, 100, 0).in_unit(Unit::Tokens, 10_000, 7_000);
    let mut busy = busy.0;
    busy.now += TimeDelta::seconds(30);
    assert!(busy.forecast().exhausted_at.is_some(), "the minute would be full before it ends");
    check(state(&overall(&[busy])).short, "All budgets are on pace");
}

#[test]
fn a_subject_is_the_scope_in_words() {
    let all = Scope::default();
    let some = |text: &str| Some(text.to_owned());
    check(subject(&all), "All calls");
    check(subject(&Scope { provider: some("xai"), ..all.clone() }), "xAI");
    check(subject(&Scope { provider: some("my-llm"), ..all.clone() }), "my-llm");
    check(
        subject(&Scope { provider: some("openai"), model: some("gpt-5-mini*"), ..all.clone() }),
        "OpenAI gpt-5-mini*",
    );
    check(
        subject(&Scope { model: some("gpt-5-mini"), project: some("eval"), ..all.clone() }),
        "gpt-5-mini in project eval",
    );
    check(subject(&Scope { project: some("eval"), user: some("ann"), ..all.clone() }), "Project eval for user ann");
    check(subject(&Scope { key: some("ci"), ..all.clone() }), "Key ci");
    let everything = of("openai", Day, 100, 101).with(|b| b.scope = Scope::default());
    check(
        told(vec![everything]),
        "exceeded | All calls are over today's $1.00: calls are denied until midnight | All calls are over today's $1.00, denied until midnight | raise",
    );
}
