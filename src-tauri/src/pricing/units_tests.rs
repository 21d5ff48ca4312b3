//! Models that are priced by the second, the character or the page: told so, they cost what the list says; told in tokens
//! alone, they are counted high and marked.

use chrono::{DateTime, Duration, Utc};

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn pricing() -> Pricing {
    Pricing::new(PriceList::bundled(), Vec::new())
}

fn query<'a>(provider: &'a str, model: &'a str, usage: &'a Usage) -> Query<'a> {
    Query { provider, model, usage, at: now(), service_tier: None, batch: false }
}

fn told(units: &[(&str, u64)]) -> Usage {
    Usage { details: units.iter().map(|(unit, n)| ((*unit).to_owned(), *n)).collect(), ..Usage::plain(1_000, 1_000) }
}

fn seconds(n: u64) -> Usage {
    told(&[("audio_seconds", n), ("input_audio_seconds", n)])
}

/// What a quote, a quote of just now and a ceiling say of a usage that is told in tokens.
fn said(pricing: &Pricing, query: &Query<'_>) -> [(Nusd, Priced); 3] {
    let Query { provider, model, usage, at, service_tier, batch } = *query;
    let quote = pricing.quote(query).unwrap();
    let ask = Ask { provider, model, at, service_tier, batch };
    let ceiling = pricing.ceiling(&ask, usage.input_tokens, usage.output_tokens).unwrap();
    [(quote.cost, quote.priced), pricing.quote_now(query).unwrap(), (ceiling.cost, ceiling.priced)]
}

const BY_UNITS: [(&str, &str); 9] = [
    ("openai", "tts-1"),
    ("openai", "tts-1-hd"),
    ("openai", "whisper-1"),
    ("openai", "gpt-transcribe"),
    ("groq", "whisper-large-v3"),
    ("groq", "canopylabs/orpheus-v1-english"),
    ("mistral", "mistral-ocr-latest"),
    ("mistral", "voxtral-mini-latest"),
    ("xai", "grok-voice-latest"),
];

#[test]
fn what_is_not_priced_by_tokens_is_never_free_in_tokens() {
    let (pricing, usage) = (pricing(), Usage::plain(1_000, 1_000));
    for (provider, model) in BY_UNITS {
        let dearest = pricing.quote(&query(provider, "no-such-model", &usage)).unwrap().cost;
        assert!(dearest.0 > 0);
        for (cost, priced) in said(&pricing, &query(provider, model, &usage)) {
            assert_eq!((cost, priced), (dearest, Priced::Unknown), "{provider} {model}");
        }
        // Nor is it known where nothing is told at all.
        let nothing = Usage::default();
        for (_, priced) in said(&pricing, &query(provider, model, &nothing)) {
            assert_eq!(priced, Priced::Unknown, "{provider} {model}");
        }
    }
}

#[test]
fn told_its_units_a_call_costs_what_the_list_says() {
    let pricing = pricing();
    let pages = told(&[("input_document_pages", 7)]);
    let annotated = told(&[("input_document_pages", 7), ("input_annotated_document_pages", 7)]);
    for (provider, model, usage, cost) in [
        ("openai", "tts-1", &told(&[("input_characters", 1_234)]), 1_234 * 15_000),
        ("openai", "tts-1-hd", &told(&[("input_characters", 1_234)]), 1_234 * 30_000),
        ("groq", "canopylabs/orpheus-v1-english", &told(&[("input_characters", 100)]), 100 * 22_000),
        ("openai", "whisper-1", &seconds(90), 90 * 100_000),
        ("openai", "gpt-transcribe", &seconds(90), 90 * 75_000),
        ("openai", "gpt-live-transcribe", &seconds(60), 17_000_000),
        ("groq", "whisper-large-v3", &seconds(3_600), 111_000_000),
        ("groq", "whisper-large-v3", &seconds(1), 308_333),
        ("mistral", "voxtral-mini-latest", &seconds(60), 3_000_000),
        ("mistral", "mistral-ocr-latest", &pages, 7 * 4_000_000),
        ("mistral", "mistral-ocr-latest", &annotated, 7 * 5_000_000),
    ] {
        let query = query(provider, model, usage);
        let quote = pricing.quote(&query).unwrap();
        assert_eq!((quote.cost, quote.priced), (Nusd(cost), Priced::Catalog), "{provider} {model}");
        assert_eq!(pricing.quote_now(&query), Ok((Nusd(cost), Priced::Catalog)), "{provider} {model}");
    }
}

#[test]
fn a_call_of_no_length_is_known_to_cost_nothing() {
    let quote = pricing().quote(&query("openai", "whisper-1", &seconds(0))).unwrap();
    assert_eq!((quote.cost, quote.priced), (Nusd::ZERO, Priced::Catalog));
}

#[test]
fn units_that_are_not_the_models_tell_nothing() {
    let pricing = pricing();
    let half = told(&[("input_audio_seconds", 9)]);
    let foreign = told(&[("input_characters", 9)]);
    for usage in [&half, &foreign] {
        let quote = pricing.quote(&query("openai", "whisper-1", usage)).unwrap();
        assert!(quote.cost.0 > 0 && quote.priced == Priced::Unknown, "{quote:?}");
    }
}

#[test]
fn what_is_free_stays_free() {
    let (pricing, usage) = (pricing(), Usage::plain(1_000, 1_000));
    for (provider, model) in [
        ("openai", "omni-moderation-latest"),
        ("openai", "text-moderation-latest"),
        ("gemini", "gemma-3-27b-it"),
        ("mistral", "mistral-nemo:free"),
        ("openrouter", "deepseek/deepseek-r1:free"),
    ] {
        for told in [&usage, &seconds(9)] {
            for said in said(&pricing, &query(provider, model, told)) {
                assert_eq!(said, (Nusd::ZERO, Priced::Catalog), "{provider} {model}");
            }
        }
    }
}

#[test]
fn what_is_priced_by_tokens_minds_no_other_unit() {
    let (pricing, usage) = (pricing(), Usage::plain(1_000, 1_000));
    for (provider, model) in [("openai", "gpt-4o-mini-tts"), ("openai", "gpt-4o-transcribe"), ("openai", "gpt-5-mini")]
    {
        let plain = pricing.quote(&query(provider, model, &usage)).unwrap();
        assert_eq!(plain.priced, Priced::Catalog);
        assert_eq!(pricing.quote(&query(provider, model, &seconds(90))).unwrap(), plain, "{model}");
    }
    // Priced by both, it is charged for both.
    let both = pricing.quote(&query("mistral", "voxtral-small-latest", &seconds(3_600))).unwrap();
    assert_eq!((both.cost, both.priced), (Nusd(1_000 * 100 + 1_000 * 400 + 240_000_000), Priced::Catalog));
}

#[test]
fn an_unknown_model_is_counted_at_the_dearest_of_what_its_call_is_told_in() {
    let pricing = pricing();
    for (provider, usage) in [
        ("openai", seconds(3_600)),
        ("openai", told(&[("input_characters", 100_000)])),
        ("groq", seconds(3_600)),
        ("mistral", told(&[("input_document_pages", 500), ("input_annotated_document_pages", 500)])),
        ("mistral", seconds(7_200)),
    ] {
        let models: Vec<_> = pricing.list().models(provider).collect();
        let all = models.iter().filter_map(|model| pricing.listed(&query(provider, model, &usage)));
        let dearest = all.map(|found| found.amount.round()).max().unwrap();
        let quote = pricing.quote(&query(provider, "no-such-model", &usage)).unwrap();
        assert_eq!((quote.cost, quote.priced), (dearest, Priced::Unknown), "{provider} {usage:?}");
    }
}

#[test]
fn a_batch_has_its_own_price_by_the_second_too() {
    let pricing = pricing();
    let usage = seconds(3_600);
    let plain = query("groq", "whisper-large-v3", &usage);
    let batch = pricing.quote(&Query { batch: true, ..plain }).unwrap();
    assert_eq!((batch.cost, batch.priced), (Nusd(111_000_000 / 2), Priced::Catalog));
}

/// A list of one model that is free by the token until it is priced by the second, or by what nobody knows yet.
fn turning(price: &str) -> PriceList {
    let json = format!(
        r#"[{{"id":"acme","name":"Acme","api_pattern":"acme","models":[
        {{"id":"dear","match":{{"equals":"dear"}},"prices":{{"input_mtok":5,"output_mtok":5}}}},
        {{"id":"m","match":{{"equals":"m"}},"prices":[{{"prices":{{}}}},
        {{"constraint":{{"start_time":"00:37:23Z","end_time":"16:30:00Z"}},"prices":{{{price}}}}}]}}]}}]"#
    );
    PriceList::from_json(json.as_bytes()).unwrap()
}

#[test]
fn a_model_that_turns_from_free_turns_on_the_second() {
    for price in [r#""audio_hours":1"#, r#""output_smells_kcount":1"#] {
        let pricing = Pricing::new(turning(price), Vec::new());
        let usage = Usage::plain(1_000_000, 0);
        let turn: DateTime<Utc> = "2026-11-22T00:37:23Z".parse().unwrap();
        for (at, wanted) in [
            (turn - Duration::seconds(1), (Nusd::ZERO, Priced::Catalog)),
            (turn, (Nusd::dollars(5), Priced::Unknown)),
            (turn - Duration::seconds(1), (Nusd::ZERO, Priced::Catalog)),
        ] {
            let query = Query { at, ..query("acme", "m", &usage) };
            assert_eq!(said(&pricing, &query), [wanted; 3], "{price} {at}");
        }
    }
}
