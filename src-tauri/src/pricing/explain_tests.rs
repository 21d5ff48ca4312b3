//! The rules of an explained cost: its lines are the list's rates and add up to what the call did cost.

use chrono::{DateTime, Utc};

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn with(usage: Usage, details: &[(&str, u64)]) -> Usage {
    Usage { details: details.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect(), ..usage }
}

fn query<'a>(provider: &'a str, model: &'a str, usage: &'a Usage) -> Query<'a> {
    Query { provider, model, usage, at: at("2026-11-22T12:00:00Z"), service_tier: None, batch: false }
}

fn pricing() -> Pricing {
    Pricing::new(PriceList::bundled(), Vec::new())
}

/// What a class is told as: how many, and the rate in nano-dollars.
fn line(told: &Explanation, class: &str) -> (u64, i64) {
    let found = told.lines.iter().find(|line| line.class == class);
    found.map(|line| (line.count, line.rate.0)).unwrap_or_else(|| panic!("{class} must have a line: {told:?}"))
}

#[test]
fn every_class_has_its_own_rate() {
    let base = Usage { cache_read_tokens: 4_000, cache_write_tokens: 3_000, ..Usage::plain(10_000, 500) };
    let usage = with(base, &[("cache_write_5m_tokens", 2_000), ("cache_write_1h_tokens", 1_000), ("web_searches", 3)]);
    let told = pricing().explain(&query("anthropic", "claude-sonnet-4-5", &usage)).unwrap();
    assert_eq!(line(&told, "input_tokens"), (3_000, 3_000_000_000));
    assert_eq!(line(&told, "cache_read_tokens"), (4_000, 300_000_000));
    assert_eq!(line(&told, "cache_write_5m_tokens"), (2_000, 3_750_000_000));
    assert_eq!(line(&told, "cache_write_1h_tokens"), (1_000, 6_000_000_000));
    assert_eq!(line(&told, "output_tokens"), (500, 15_000_000_000));
    assert_eq!(line(&told, "web_searches"), (3, 10_000_000_000));
    assert_eq!((told.lines.len(), told.rest_femtos, told.long_context_from), (6, 0, None));
}

#[test]
fn a_long_context_tells_where_it_begins() {
    let usage = Usage::plain(300_000, 10);
    let told = pricing().explain(&query("anthropic", "claude-sonnet-4-5", &usage)).unwrap();
    assert_eq!(line(&told, "input_tokens"), (300_000, 6_000_000_000));
    assert_eq!(told.long_context_from, Some(200_001));
    let short = pricing().explain(&query("anthropic", "claude-sonnet-4-5", &Usage::plain(200_000, 10))).unwrap();
    assert_eq!((line(&short, "input_tokens").1, short.long_context_from), (3_000_000_000, None));
}

#[test]
fn a_price_tells_since_when_the_list_has_it_and_which_tier_it_is() {
    let usage = Usage::plain(1_000, 1_000);
    let told = pricing().explain(&query("openai", "o3", &usage)).unwrap();
    assert_eq!(told.since, Some(at("2025-06-10T00:00:00Z")));
    let then = Query { at: at("2025-06-09T23:59:59Z"), ..query("openai", "o3", &usage) };
    assert_ne!(pricing().explain(&then).unwrap().cost, told.cost, "the price is that of the call's own time");
    let flex = Query { service_tier: Some("flex"), batch: false, ..query("openai", "gpt-5.4", &usage) };
    let told = pricing().explain(&flex).unwrap();
    assert_eq!((told.tier.as_deref(), told.batch), (Some("flex"), false));
}

#[test]
fn what_the_lines_leave_over_is_told_and_not_hidden() {
    let seconds = with(Usage::default(), &[("audio_seconds", 3), ("input_audio_seconds", 3)]);
    let told = pricing().explain(&query("groq", "whisper-large-v3", &seconds)).unwrap();
    assert!(told.rest_femtos > 0, "Groq takes ten seconds at the least: {told:?}");
    assert_eq!(told.sum_femtos, told.lines.iter().map(|line| line.femtos).sum::<i128>() + told.rest_femtos);
    let hour = with(Usage::default(), &[("audio_seconds", 3_600), ("input_audio_seconds", 3_600)]);
    let told = pricing().explain(&query("groq", "whisper-large-v3", &hour)).unwrap();
    assert_eq!((line(&told, "input_audio_seconds"), told.rest_femtos), ((3_600, 111_000_000), 0));
}

#[test]
fn an_own_price_and_a_guess_are_explained_too() {
    let own = Override {
        provider: "openai".into(),
        model: "gpt-5*".into(),
        input: 1_234_567,
        output: 3,
        cache_read: Some(1),
        cache_write: None,
    };
    let usage = Usage { cache_read_tokens: 7, ..Usage::plain(10, 1) };
    let told = Pricing::new(PriceList::bundled(), vec![own]).explain(&query("openai", "gpt-5-mini", &usage)).unwrap();
    assert_eq!((told.model_matched.as_str(), told.priced), ("gpt-5*", Priced::Override));
    assert_eq!(told.sum_femtos, 3 * 1_234_567 + 7 + 3, "a nano-dollar for a million is a femto-dollar for one");
    assert_eq!(told.cost, Nusd(4), "rounded once");
    let guess = pricing().explain(&query("openai", "no-such-model", &usage)).unwrap();
    assert_eq!((guess.priced, guess.since), (Priced::Unknown, None));
    assert_eq!(guess.rest_femtos, 0, "the dearest model's rates explain it: {guess:?}");
}

#[test]
fn contradicting_classes_are_explained_as_they_were_counted() {
    let twice = Usage { cache_read_tokens: 90_000, cache_write_tokens: 90_000, ..Usage::plain(100_000, 10) };
    let told = pricing().explain(&query("anthropic", "claude-sonnet-4-5", &twice)).unwrap();
    assert_eq!((line(&told, "input_tokens"), told.rest_femtos), ((100_000, 3_000_000_000), 0));
}

#[test]
fn every_model_of_the_list_is_explained_to_the_nano_dollar() {
    let pricing = pricing();
    let base =
        Usage { cache_read_tokens: 4_321, cache_write_tokens: 1_234, reasoning_tokens: 77, ..Usage::plain(9_999, 777) };
    let mut unexplained = Vec::new();
    for provider in ["openai", "anthropic", "gemini", "groq", "mistral", "deepseek", "xai", "cerebras"] {
        for model in pricing.list().models(provider) {
            for size in [9_999, 250_001] {
                let usage = Usage { input_tokens: size, ..base.clone() };
                let query = query(provider, &model, &usage);
                let (told, quote) = (pricing.explain(&query).unwrap(), pricing.quote(&query).unwrap());
                assert_eq!((told.cost, told.priced), (quote.cost, quote.priced), "{provider} {model}");
                if told.rest_femtos != 0 {
                    unexplained.push(format!("{provider} {model} {size}: {}", told.rest_femtos));
                }
            }
        }
    }
    assert!(unexplained.is_empty(), "the lines are the whole: {unexplained:?}");
}
