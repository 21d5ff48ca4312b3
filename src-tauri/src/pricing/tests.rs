//! The rules of pricing, one test each; the real price list is their world.
#![allow(clippy::print_stdout, reason = "the times that are measured are told to whoever runs it")]

use chrono::{DateTime, Duration, Utc};
use genai_prices::{Calculator, PriceRequest, UsageKey};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-11-22T12:00:00Z")
}

fn pricing() -> Pricing {
    Pricing::new(PriceList::bundled(), Vec::new())
}

fn query<'a>(provider: &'a str, model: &'a str, usage: &'a Usage) -> Query<'a> {
    Query { provider, model, usage, at: now(), service_tier: None, batch: false }
}

fn ask_of<'a>(query: &Query<'a>) -> Ask<'a> {
    let Query { provider, model, at, service_tier, batch, .. } = *query;
    Ask { provider, model, at, service_tier, batch }
}

/// The library's own figure for plain usage, in whole nano-dollars, half up.
fn library(provider: &str, model: &str, at: DateTime<Utc>, usage: (u64, u64), context: &[(&str, &str)]) -> i64 {
    let usage = genai_prices::Usage::from([
        (UsageKey::INPUT_TOKENS, usage.0 as f64),
        (UsageKey::OUTPUT_TOKENS, usage.1 as f64),
    ]);
    let mut request = PriceRequest::new(model, &usage).with_provider_id(provider).with_timestamp(at);
    for (key, value) in context {
        request = request.with_price_context(key, value);
    }
    (Calculator::bundled().calculate(&request).unwrap().total_price * 1e9 + 0.5).floor() as i64
}

fn own(provider: &str, model: &str, input: u64, output: u64) -> Override {
    Override { provider: provider.into(), model: model.into(), input, output, cache_read: None, cache_write: None }
}

#[test]
fn the_date_of_the_bundled_list_is_that_of_its_version() {
    let lock = include_str!("../../../Cargo.lock");
    let known = "name = \"genai-prices\"\nversion = \"0.2.1\"\n";
    assert!(lock.contains(known), "another version: look up when it was published, and say so in PriceList");
    assert_eq!(PriceList::bundled_at().to_rfc3339(), "2026-10-30T19:03:29+00:00");
}

#[test]
fn a_known_model_costs_what_the_list_says_at_that_time() {
    let (pricing, usage) = (pricing(), Usage::plain(1_000_000, 1_000_000));
    for (time, cost) in [("2025-06-09T23:59:59Z", 50_000_000_000), ("2025-06-10T00:00:00Z", 10_000_000_000)] {
        let quote = pricing.quote(&Query { at: at(time), ..query("openai", "o3", &usage) }).unwrap();
        assert_eq!((quote.cost, quote.priced), (Nusd(cost), Priced::Catalog), "{time}");
        assert_eq!(quote.model_matched.as_deref(), Some("o3"));
    }
}

#[test]
fn our_names_of_providers_are_the_lists() {
    let (pricing, usage) = (pricing(), Usage::plain(1000, 1000));
    for (ours, theirs, model) in [("gemini", "google", "gemini-2.5-flash"), ("xai", "x-ai", "grok-4")] {
        let quote = pricing.quote(&query(ours, model, &usage)).unwrap();
        assert_eq!(quote.cost.0, library(theirs, model, now(), (1000, 1000), &[]));
        assert!(pricing.list().knows_provider(ours));
    }
    assert!(!pricing.list().knows_provider("nobody"));
}

#[test]
fn cache_classes_have_their_own_rates() {
    let mut usage = Usage { cache_read_tokens: 500_000, cache_write_tokens: 400_000, ..Usage::plain(1_000_000, 0) };
    let cost = |usage: &Usage| pricing().quote(&query("anthropic", "claude-opus-4-5", usage)).unwrap().cost.0;
    assert_eq!(cost(&usage), 500_000_000 + 250_000_000 + 2_500_000_000, "5, 0.5 and 6.25 dollars a million");
    usage.details.insert("cache_write_1h_tokens".into(), 400_000);
    assert_eq!(cost(&usage), 500_000_000 + 250_000_000 + 4_000_000_000, "an hour's writes are 10");
}

#[test]
fn a_search_has_its_fee() {
    let mut usage = Usage::default();
    usage.details.insert("web_searches".into(), 3);
    assert_eq!(pricing().quote(&query("anthropic", "claude-sonnet-4-5", &usage)).unwrap().cost, Nusd(30_000_000));
}

#[test]
fn contradicting_classes_are_counted_without_a_discount_and_marked() {
    let overlapping = Usage { cache_read_tokens: 90_000, cache_write_tokens: 90_000, ..Usage::plain(100_000, 10) };
    let quote = pricing().quote(&query("anthropic", "claude-sonnet-4-5", &overlapping)).unwrap();
    assert_eq!(quote.cost.0, library("anthropic", "claude-sonnet-4-5", now(), (100_000, 10), &[]));
    assert_eq!(quote.priced, Priced::Unknown);
}

#[test]
fn audio_beside_a_cache_of_unnamed_contents_is_priced() {
    let mut usage = Usage { cache_read_tokens: 1000, ..Usage::plain(5000, 10) };
    usage.details.insert("input_audio_tokens".into(), 300);
    let quote = pricing().quote(&query("gemini", "gemini-2.5-flash", &usage)).unwrap();
    assert_eq!((quote.cost, quote.priced), (Nusd(3700 * 300 + 1000 * 30 + 300 * 1000 + 10 * 2500), Priced::Catalog));
}

#[test]
fn sound_that_the_list_has_no_rate_for_is_counted_at_the_dearest_of_its_provider_and_marked() {
    let pricing = pricing();
    let sound = |input, output| {
        let details = [("input_audio_tokens", input), ("output_audio_tokens", output)];
        let details = details.into_iter().map(|(class, count)| (class.to_owned(), count)).collect();
        Usage { details, ..Usage::plain(1_000, 1_200) }
    };
    // Text of gpt-4o-audio-preview is 2.50 and 10 dollars; sound of gpt-4o-realtime-preview, the dearest, 40 and 80.
    let usage = sound(900, 1_000);
    let quote = pricing.quote(&query("openai", "gpt-4o-audio-preview", &usage)).unwrap();
    let expected = 100 * 2_500 + 900 * 40_000 + 200 * 10_000 + 1_000 * 80_000;
    assert_eq!((quote.cost, quote.priced), (Nusd(expected), Priced::Unknown));
    let explained = pricing.explain(&query("openai", "gpt-4o-audio-preview", &usage)).unwrap();
    let lines: Vec<_> = explained.lines.iter().map(|line| (line.class.as_str(), line.count, line.rate)).collect();
    assert!(lines.contains(&("output_audio_tokens", 1_000, Nusd::dollars(80))), "{lines:?}");
    assert_eq!((explained.cost, explained.rest_femtos), (quote.cost, 0), "{lines:?}");

    // Without sound it is a model like any other.
    let text = pricing.quote(&query("openai", "gpt-4o-audio-preview", &Usage::plain(1_000, 1_200))).unwrap();
    assert_eq!((text.cost, text.priced), (Nusd(1_000 * 2_500 + 1_200 * 10_000), Priced::Catalog));
    // All that these give out, or take in, is sound; and Google says that it costs what text does.
    for (provider, model) in [
        ("openai", "gpt-audio"),
        ("openai", "gpt-4o-mini-tts"),
        ("openai", "gpt-4o-transcribe"),
        ("gemini", "gemini-2.5-pro"),
    ] {
        assert_eq!(pricing.quote(&query(provider, model, &usage)).unwrap().priced, Priced::Catalog, "{model}");
    }
}

#[test]
fn a_tier_with_a_price_has_that_price() {
    let (pricing, usage) = (pricing(), Usage::plain(10_000, 1_000));
    for (tier, context) in [("flex", "flex"), ("priority", "priority"), ("PRIORITY", "priority"), ("fast", "fast")] {
        let quote = pricing.quote(&Query { service_tier: Some(tier), ..query("openai", "gpt-5.4", &usage) }).unwrap();
        let wanted = library("openai", "gpt-5.4", now(), (10_000, 1_000), &[("service_tier", context)]);
        assert_eq!((quote.cost.0, quote.priced), (wanted, Priced::Catalog), "{tier}");
    }
}

#[test]
fn names_of_the_standard_tier_are_the_standard() {
    let (pricing, usage) = (pricing(), Usage::plain(10_000, 1_000));
    let standard = pricing.quote(&query("openai", "gpt-5.4", &usage)).unwrap();
    for tier in ["", "auto", "default", "standard", "STANDARD", "on_demand", "ON_DEMAND", "provisioned"] {
        let quote = pricing.quote(&Query { service_tier: Some(tier), ..query("openai", "gpt-5.4", &usage) }).unwrap();
        assert_eq!(quote, standard, "{tier}");
    }
}

#[test]
fn a_tier_without_a_price_is_marked_and_never_below_the_standard() {
    let (pricing, usage) = (pricing(), Usage::plain(10_000, 1_000));
    let cost = |tier, model, time| {
        let quote = Query { service_tier: Some(tier), at: at(time), ..query("openai", model, &usage) };
        let quote = pricing.quote(&quote).unwrap();
        assert_eq!(quote.priced, Priced::Unknown, "{tier}");
        quote.cost.0
    };
    let known = |context: &[(&str, &str)]| library("openai", "gpt-5.4", now(), (10_000, 1_000), context);
    let priority = known(&[("service_tier", "priority")]).max(known(&[("service_tier", "fast")]));
    assert!(priority > known(&[]));
    assert_eq!(cost("scale", "gpt-5.4", "2026-11-22T12:00:00Z"), priority, "an unheard-of tier is the dearest known");
    let standard = library("openai", "gpt-4-turbo", now(), (10_000, 1_000), &[]);
    assert_eq!(cost("priority", "gpt-4-turbo", "2026-11-22T12:00:00Z"), standard);
    assert_eq!(cost("flex", "gpt-4-turbo", "2026-11-22T12:00:00Z"), standard);
    assert_eq!(cost("flex", "gpt-5.4", "2026-10-11T23:59:59Z"), known(&[]), "flex is priced from the 12th on");
}

#[test]
fn anthropics_fast_mode_is_counted_high_where_the_list_leaves_it_out() {
    let (pricing, usage) = (pricing(), Usage::plain(10_000, 1_000));
    let fast = Query { service_tier: Some("fast"), ..query("anthropic", "claude-opus-4-6", &usage) };
    let quote = pricing.quote(&fast).unwrap();
    // 30 and 150 dollars for a million.
    assert_eq!((quote.cost, quote.priced), (Nusd(10_000 * 30_000 + 1_000 * 150_000), Priced::Unknown));
    let ceiling = pricing.ceiling(&ask_of(&fast), 10_000, 1_000).unwrap();
    assert_eq!((ceiling.cost, ceiling.priced), (quote.cost, Priced::Unknown));
    assert!(pricing.knows(&ask_of(&fast)), "the model itself is known");
    let cost = |tier| pricing.quote(&Query { service_tier: tier, ..fast }).unwrap().cost;
    assert_eq!(cost(Some("priority")), cost(None), "it says nothing of other tiers");
}

#[test]
fn anthropics_batch_tier_means_batch() {
    let (pricing, usage) = (pricing(), Usage::plain(10_000, 1_000));
    let plain = query("anthropic", "claude-sonnet-4-5", &usage);
    let tier = pricing.quote(&Query { service_tier: Some("batch"), ..plain }).unwrap();
    assert_eq!(tier, pricing.quote(&Query { batch: true, ..plain }).unwrap());
    assert_eq!((tier.cost.0 * 2, tier.priced), (pricing.quote(&plain).unwrap().cost.0, Priced::Catalog));
}

#[test]
fn gemini_tiers_are_found_by_vertex_names_too() {
    let (pricing, usage) = (pricing(), Usage::plain(10_000, 1_000));
    let time = at("2027-02-01T00:00:00Z");
    let quote = |tier| {
        let query = Query { service_tier: Some(tier), at: time, ..query("gemini", "gemini-3.8-flash-tts", &usage) };
        pricing.quote(&query).unwrap()
    };
    for (vertex, tier) in [("ON_DEMAND_FLEX", "flex"), ("ON_DEMAND_PRIORITY", "priority")] {
        let wanted = library("google", "gemini-3.8-flash-tts", time, (10_000, 1_000), &[("service_tier", tier)]);
        assert_eq!((quote(vertex).cost.0, quote(vertex).priced), (wanted, Priced::Catalog));
        assert_eq!(quote(vertex), quote(tier));
    }
    assert!(quote("flex").cost < quote("standard").cost && quote("standard").cost < quote("priority").cost);
    assert_eq!(quote("PROVISIONED_THROUGHPUT").priced, Priced::Unknown, "it is paid for in advance");
}

#[test]
fn an_unknown_model_costs_what_its_providers_dearest_does() {
    let pricing = pricing();
    let usages = [
        Usage::plain(1_000, 1_000),
        Usage::plain(0, 1),
        Usage::plain(300_000, 0),
        Usage { cache_read_tokens: 90_000, cache_write_tokens: 9_000, ..Usage::plain(100_000, 10) },
        Usage { cache_write_tokens: 100_000, ..Usage::plain(100_000, 0) },
        Usage { cache_read_tokens: 500_000, ..Usage::plain(500_000, 7) },
    ];
    for provider in
        ["openai", "gemini", "anthropic", "groq", "mistral", "deepseek", "cerebras", "openrouter", "fireworks"]
    {
        for usage in &usages {
            let models: Vec<_> = pricing.list().models(provider).collect();
            let dearest = models.iter().filter_map(|model| pricing.listed(&query(provider, model, usage)));
            let dearest = dearest.map(|found| found.amount.round()).max().unwrap();
            let quote = pricing.quote(&query(provider, "no-such-model", usage)).unwrap();
            assert_eq!((quote.cost, quote.priced), (dearest, Priced::Unknown), "{provider} {usage:?}");
        }
    }
}

#[test]
fn a_provider_nobody_knows_is_an_error_and_not_free() {
    let (pricing, usage) = (pricing(), Usage::plain(1, 1));
    let unknown = UnknownProvider("nobody".into());
    assert_eq!(pricing.quote(&query("nobody", "m", &usage)), Err(unknown.clone()));
    assert_eq!(pricing.ceiling(&ask_of(&query("nobody", "m", &usage)), 1, 1), Err(unknown));
}

#[test]
fn overrides_win_the_exact_before_the_longest_beginning() {
    let overrides = vec![
        own("openai", "*", 1_000_000_000, 0),
        own("openai", "gpt-5*", 2_000_000_000, 0),
        own("openai", "gpt-5.4", 3_000_000_000, 0),
        own("google", "gemini*", 4_000_000_000, 0),
    ];
    let (pricing, usage) = (Pricing::new(PriceList::bundled(), overrides), Usage::plain(1_000_000, 9));
    let found = [("openai", "o3", 1), ("openai", "gpt-5-mini", 2), ("openai", "GPT-5.4", 3), ("gemini", "gemini-x", 4)];
    for (provider, model, dollars) in found {
        let quote = pricing.quote(&query(provider, model, &usage)).unwrap();
        assert_eq!((quote.cost, quote.priced), (Nusd::dollars(dollars), Priced::Override), "{model}");
        let ceiling = pricing.ceiling(&ask_of(&query(provider, model, &usage)), 1_000_000, 9).unwrap();
        assert_eq!((ceiling.cost, ceiling.priced), (Nusd::dollars(dollars), Priced::Override), "{model}");
    }
    assert_eq!(pricing.quote(&query("anthropic", "claude-opus-4-5", &usage)).unwrap().priced, Priced::Catalog);
}

#[test]
fn an_override_is_rounded_once_half_up_and_caches_default_to_the_input() {
    let mut price = own("mine", "m", 1_500_000, 500_000);
    let usage = Usage { cache_read_tokens: 1, cache_write_tokens: 1, ..Usage::plain(3, 1) };
    let cost = |price: &Override| {
        let pricing = Pricing::new(PriceList::bundled(), vec![price.clone()]);
        pricing.quote(&query("mine", "m", &usage)).unwrap().cost
    };
    assert_eq!(cost(&price), Nusd(5), "three times 1.5 and 0.5 are 5");
    (price.cache_read, price.cache_write) = (Some(0), Some(100_000));
    assert_eq!(cost(&price), Nusd(2), "1.5 and 0 and 0.1 and 0.5 are 2.1");
    (price.input, price.cache_write) = (1_900_000, Some(100_000));
    assert_eq!(cost(&price), Nusd(3), "1.9 and 0.1 and 0.5 are 2.5");
}

#[test]
fn a_provider_that_only_the_user_knows_is_counted_at_its_dearest() {
    let overrides = vec![own("mine", "a", 1_000_000, 0), own("mine", "b", 9_000_000, 0)];
    let (pricing, usage) = (Pricing::new(PriceList::bundled(), overrides), Usage::plain(10, 0));
    let quote = pricing.quote(&query("mine", "c", &usage)).unwrap();
    assert_eq!((quote.cost, quote.priced), (Nusd(90), Priced::Unknown));
    let ceiling = pricing.ceiling(&ask_of(&query("mine", "c", &usage)), 10, 0).unwrap();
    assert_eq!((ceiling.cost, ceiling.priced), (Nusd(90), Priced::Unknown));
}

#[test]
fn parts_are_summed_and_rounded_once() {
    let pricing = Pricing::new(PriceList::bundled(), vec![own("mine", "m", 400_000, 0)]);
    let usage = Usage::plain(1, 0);
    let part = query("mine", "m", &usage);
    assert_eq!(pricing.quote(&part).unwrap().cost, Nusd(0));
    assert_eq!(pricing.quote_parts(&[part, part]).unwrap().cost, Nusd(1), "0.4 and 0.4 are 0.8");
    let unknown = query("openai", "no-such-model", &usage);
    assert_eq!(pricing.quote_parts(&[part, unknown, part]).unwrap().priced, Priced::Unknown);
}

#[test]
fn a_file_that_is_no_price_list_is_refused() {
    for bytes in [&b""[..], b"{}", b"not json", b"[{}]"] {
        assert!(matches!(PriceList::from_json(bytes), Err(PriceListError::Invalid(_))));
    }
    assert!(matches!(PriceList::from_json(b"[]"), Err(PriceListError::Empty)));
    let bare = br#"[{"id":"acme","name":"Acme","api_pattern":"acme","models":[]}]"#;
    assert!(matches!(PriceList::from_json(bare), Err(PriceListError::Empty)));
}

/// A list of one model whose price has a time of day, two borders of long context and a price per request.
fn odd_list(start: &str) -> PriceList {
    let price = |base: f64| {
        format!(
            r#"{{"input_mtok":{{"base":{base},"tiers":[{{"start":1000,"price":{}}},{{"start":128000,"price":{}}}]}},
            "output_mtok":{{"base":7.5,"tiers":[{{"start":0,"price":8.25}},{{"start":5000,"price":9}}]}},"requests_kcount":2}}"#,
            base * 2.0,
            base * 3.0
        )
    };
    let json = format!(
        r#"[{{"id":"acme","name":"Acme","api_pattern":"acme","models":[{{"id":"m","match":{{"equals":"m"}},"prices":[
        {{"prices":{}}},{{"constraint":{{"start_time":"{start}","end_time":"16:30:00Z"}},"prices":{}}}]}}]}}]"#,
        price(0.333),
        price(0.1)
    );
    PriceList::from_json(json.as_bytes()).unwrap()
}

fn assert_tight(pricing: &Pricing, query: &Query<'_>, input: u64, output: u64) -> Result<(), TestCaseError> {
    let usage = Usage::plain(input, output);
    let quote = pricing.quote(&Query { usage: &usage, ..*query }).unwrap();
    let ceiling = pricing.ceiling(&ask_of(query), input, output).unwrap();
    let over = ceiling.cost.0 - quote.cost.0;
    let name = format!("{query:?} {input} {output}: quote {quote:?}, ceiling {ceiling:?}");
    prop_assert!((0..=1).contains(&over), "a ceiling is the quote or a nano-dollar more: {name}");
    prop_assert_eq!(ceiling.priced, quote.priced, "{}", name);
    Ok(())
}

#[test]
fn a_ceiling_holds_on_both_sides_of_every_border() {
    for start in ["00:30:00Z", "00:37:23Z"] {
        let (pricing, usage) = (Pricing::new(odd_list(start), Vec::new()), Usage::default());
        for time in ["00:29:59", "00:30:00", "00:37:22", "00:37:23", "00:37:24", "00:44:59", "16:29:59", "16:30:00"] {
            for input in [0, 1, 2, 999, 1000, 1001, 5000, 5001, 127_999, 128_000, 128_001, 10_000_000] {
                let query = Query { at: at(&format!("2026-11-22T{time}Z")), ..query("acme", "m", &usage) };
                assert_tight(&pricing, &query, input, 12_345).unwrap();
                assert_tight(&pricing, &query, input, 0).unwrap();
            }
        }
    }
}

/// A card kept for longer than a price holds would answer with the price before.
#[test]
fn a_price_with_a_time_of_day_begins_on_the_second() {
    let pricing = Pricing::new(odd_list("00:30:00Z"), Vec::new());
    let usage = Usage::default();
    let ceiling = |time| pricing.ceiling(&ask_of(&Query { at: at(time), ..query("acme", "m", &usage) }), 1_000_000, 0);
    assert_eq!(ceiling("2026-11-22T00:29:59Z").unwrap().cost, Nusd(999_000_000 + 2_000_000));
    assert_eq!(ceiling("2026-11-22T00:30:00Z").unwrap().cost, Nusd(300_000_000 + 2_000_000));
    assert_eq!(ceiling("2026-11-22T16:29:59Z").unwrap().cost, Nusd(300_000_000 + 2_000_000));
    assert_eq!(ceiling("2026-11-22T16:30:00Z").unwrap().cost, Nusd(999_000_000 + 2_000_000));
}

#[test]
fn deepseek_off_peak_is_in_its_ceilings() {
    let (pricing, usage) = (pricing(), Usage::default());
    for model in ["deepseek-chat", "deepseek-reasoner", "deepseek-v4-flash", "deepseek-v4-pro"] {
        for quarter in 0..96 {
            for day in ["2025-06-01T00:00:00Z", "2026-11-22T00:00:00Z"] {
                let time = at(day) + Duration::minutes(15 * quarter);
                let query = Query { at: time, ..query("deepseek", model, &usage) };
                assert_tight(&pricing, &query, 123_456, 7_890).unwrap();
            }
        }
    }
}

#[test]
fn kept_cards_are_bounded() {
    let pricing = pricing();
    let usage = Usage::default();
    for quarter in 0..5000 {
        let time = now() + Duration::minutes(15 * quarter);
        pricing.ceiling(&ask_of(&Query { at: time, ..query("groq", "llama-3.1-8b-instant", &usage) }), 1, 1).unwrap();
    }
    assert!(pricing.cards.len() <= 4096, "{} cards are kept", pricing.cards.len());
}

fn providers() -> Vec<&'static str> {
    vec!["openai", "gemini", "anthropic", "groq", "mistral", "openrouter", "cerebras", "deepseek", "xai"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_ceiling_is_the_quote_or_a_nano_dollar_more(
        provider in prop::sample::select(providers()),
        pick in any::<prop::sample::Index>(),
        known in prop::bool::weighted(0.9),
        input in prop_oneof![0_u64..10_000_000, 99_990_u64..100_010, 127_990_u64..128_010, 199_990_u64..200_010, 271_990_u64..272_010],
        output in 0_u64..10_000_000,
        second in prop_oneof![1_700_000_000_i64..1_830_000_000, 1_795_300_000_i64..1_795_400_000],
        tier in prop::sample::select(vec![None, None, Some("default"), Some("flex"), Some("priority"), Some("scale"), Some("batch")]),
        batch in prop::bool::weighted(0.1),
    ) {
        // One world for all cases, so that kept cards are met again.
        static WORLD: std::sync::LazyLock<Pricing> = std::sync::LazyLock::new(pricing);
        let models: Vec<_> = WORLD.list().models(provider).collect();
        let model = if known { &*models[pick.index(models.len())] } else { "no-such-model" };
        let time = DateTime::from_timestamp(second, 0).unwrap();
        // The dearest of OpenRouter's 900 models are sorted out anew each day: a few days are enough.
        let time = if provider == "openrouter" && !known { now() } else { time };
        let usage = Usage::default();
        let query = Query { provider, model, usage: &usage, at: time, service_tier: tier, batch };
        assert_tight(&WORLD, &query, input, output)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn a_call_just_made_costs_what_the_library_says_to_the_nano_dollar(
        provider in prop::sample::select(providers()),
        pick in any::<prop::sample::Index>(),
        input in prop_oneof![0_u64..3_000, 0_u64..1_000_000, 199_990_u64..200_010, 271_990_u64..272_010],
        output in prop_oneof![0_u64..3_000, 0_u64..1_000_000],
        (read, written, reasoning) in (0_u64..=100, 0_u64..=100, 0_u64..=100),
        tier in prop::sample::select(vec![None, None, Some("flex"), Some("priority"), Some("scale")]),
        second in prop_oneof![Just(0_i64), 0_i64..86_400],
    ) {
        static WORLD: std::sync::LazyLock<Pricing> = std::sync::LazyLock::new(pricing);
        let models: Vec<_> = WORLD.list().models(provider).collect();
        let model = &*models[pick.index(models.len())];
        let cache_read_tokens = input * read / 100;
        let usage = Usage {
            cache_read_tokens,
            cache_write_tokens: (input - cache_read_tokens) * written / 100,
            reasoning_tokens: output * reasoning / 100,
            ..Usage::plain(input, output)
        };
        let time = now() + Duration::seconds(second);
        let query = Query { provider, model, usage: &usage, at: time, service_tier: tier, batch: false };
        let quote = WORLD.quote(&query).unwrap();
        prop_assert_eq!(WORLD.quote_now(&query).unwrap(), (quote.cost, quote.priced), "{} {}: {:?}", provider, model, usage);
    }
}

#[test]
fn usual_models_are_priced_from_their_cards() {
    let (pricing, usage) =
        (pricing(), Usage { cache_read_tokens: 1_000, reasoning_tokens: 50, ..Usage::plain(2_001, 101) });
    for (provider, model) in [
        ("openai", "gpt-5-mini"),
        ("gemini", "gemini-2.5-pro"),
        ("anthropic", "claude-sonnet-4-5"),
        ("groq", "llama-3.1-8b-instant"),
    ] {
        let ask = ask_of(&query(provider, model, &usage));
        let from_card = pricing.cards.read(&ask, |card| card.cost(&usage), || pricing.card(&ask)).flatten();
        assert!(from_card.is_some(), "{provider} {model} has no card that sums up");
    }
}

/// Run with `--release -- --ignored --nocapture`; a check must take less than a microsecond in all.
#[test]
#[ignore = "a measurement"]
fn how_long_ceilings_and_quotes_take() {
    let pricing = pricing();
    let usage = Usage::plain(300_000, 1_000);
    for (provider, model, tier) in [
        ("openai", "gpt-5.4", None),
        ("gemini", "gemini-2.5-pro", Some("standard")),
        ("openrouter", "anthropic/claude-sonnet-4.5", None),
        ("openai", "no-such-model", None),
        ("openrouter", "no-such-model", None),
    ] {
        let query = Query { service_tier: tier, ..query(provider, model, &usage) };
        let time = |runs: u32, run: &dyn Fn()| {
            let begun = std::time::Instant::now();
            (0..runs).for_each(|_| run());
            begun.elapsed() / runs
        };
        let ceiling = || drop(std::hint::black_box(pricing.ceiling(&ask_of(&query), 300_000, 1_000)));
        let quote = || drop(std::hint::black_box(pricing.quote(&query)));
        let (first, then) = (time(1, &ceiling), time(1_000_000, &ceiling));
        let (first_quote, quotes) = (time(1, &quote), time(1_000, &quote));
        println!("{provider} {model}: ceiling {then:?} (first {first:?}), quote {quotes:?} (first {first_quote:?})");
    }
}
