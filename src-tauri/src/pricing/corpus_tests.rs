//! Pricing against the recorded exchanges: our figure for our reading of each is the library's figure for its own.
#![allow(clippy::print_stdout, reason = "what differs, and why, is told to whoever runs it")]

use chrono::{DateTime, Utc};
use genai_prices::{Calculator, ExtractRequest, PriceRequest};
use serde_json::Value;

use super::list::catalog_id;
use super::{PriceList, Pricing, Query};
use crate::domain::priced::Priced;
use crate::providers::Reported;
use crate::providers::corpus::{Exchange, exchanges, from_response};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

/// The library's name for the response's shape.
fn flavor(exchange: &Exchange, reported: &Reported) -> &'static str {
    match (exchange.provider.as_str(), reported.kind) {
        ("gemini" | "groq" | "mistral" | "anthropic", _) => "default",
        (_, "compaction") => "responses",
        (_, kind) => kind,
    }
}

/// The library's usage and price, read and worked out without us; `None` where it cannot read the response.
fn library(exchange: &Exchange, reported: &Reported) -> Option<(genai_prices::Usage, i64)> {
    let provider = catalog_id(&exchange.provider);
    let request = ExtractRequest::from_value(&exchange.body).with_provider_id(provider);
    let request = request.with_api_flavor(flavor(exchange, reported));
    let usage = Calculator::bundled().extract_provider_usage(&request).ok()?.usage;
    let request = PriceRequest::new(exchange.usage["model"].as_str()?, &usage).with_provider_id(provider);
    let mut request = request.with_timestamp(now());
    if let Some(tier) = &reported.service_tier {
        request = request.with_price_context("service_tier", tier);
    }
    let price = Calculator::bundled().calculate(&request).ok()?;
    Some((usage, (price.total_price * 1e9 + 0.5).floor() as i64))
}

fn read(exchange: &Exchange) -> Reported {
    from_response(&exchange.provider, &exchange.body).unwrap()
}

fn query<'a>(exchange: &'a Exchange, reported: &'a Reported) -> Query<'a> {
    Query {
        provider: &exchange.provider,
        model: exchange.usage["model"].as_str().unwrap(),
        usage: &reported.usage,
        at: now(),
        service_tier: reported.service_tier.as_deref(),
        batch: false,
    }
}

/// Why the library's reading may differ, as far as that is known to be its gap and not ours.
fn gap(reported: &Reported, theirs: &genai_prices::Usage) -> Option<&'static str> {
    let differs = |key: &str, ours: u64| theirs.get(key).unwrap_or(0.0) != ours as f64;
    let detail = |key: &str| reported.usage.details.get(key).copied().unwrap_or(0);
    if ["web_searches", "storage_searches"].iter().any(|key| differs(key, detail(key))) {
        Some("it does not count the searches in the output")
    } else if differs("cache_read_tokens", reported.usage.cache_read_tokens) {
        Some("it does not read the cached part")
    } else if reported.usage.details.keys().any(|class| class.contains("audio")) {
        Some("it takes sound for text where it has no rate for it")
    } else {
        None
    }
}

#[test]
fn every_recorded_exchange_costs_what_the_library_says() {
    let Some(exchanges) = exchanges() else { return };
    let pricing = Pricing::new(PriceList::bundled(), Vec::new());
    let (mut same, mut unread, mut wrong) = (0, 0, Vec::new());
    for exchange in &exchanges {
        let reported = read(exchange);
        let quote = pricing.quote(&query(exchange, &reported)).unwrap();
        let name = format!("{} {}{} {}", exchange.id, exchange.provider, exchange.path, exchange.usage["model"]);
        match library(exchange, &reported) {
            Some((_, cost)) if quote.cost.0 == cost && quote.priced == Priced::Catalog => same += 1,
            Some((usage, cost)) => match gap(&reported, &usage) {
                Some(reason) => println!("{name}: {} where the library says {cost}: {reason}", quote.cost.0),
                None => wrong.push(format!("{name}: {quote:?}, the library says {cost}")),
            },
            None => {
                unread += 1;
                println!("{name}: {quote:?}, unread by the library");
            }
        }
    }
    println!("{same} the same, {unread} unread by the library, of {}", exchanges.len());
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(same >= 850, "only {same} exchanges were compared");
}

/// Parts are never less than the total they stand for.
#[test]
fn what_a_total_leaves_out_is_priced() {
    let Some(exchanges) = exchanges() else { return };
    let pricing = Pricing::new(PriceList::bundled(), Vec::new());
    for exchange in &exchanges {
        let reported = read(exchange);
        let whole = query(exchange, &reported);
        let parts: Vec<Query<'_>> = reported.parts.iter().map(|part| part_query(whole, part)).collect();
        if !parts.is_empty() {
            let (total, parts) = (pricing.quote(&whole).unwrap(), pricing.quote_parts(&parts).unwrap());
            println!("{}: the total {}, its parts {}", exchange.id, total.cost.0, parts.cost.0);
            assert!(parts.cost >= total.cost, "{} has parts that cost less than their total", exchange.id);
        }
    }
}

fn part_query<'a>(whole: Query<'a>, part: &'a crate::providers::Part) -> Query<'a> {
    Query { model: part.model.as_deref().unwrap_or(whole.model), usage: &part.usage, ..whole }
}

/// OpenRouter names its own cost: a word from outside on how near the price list is. Prices move, so this only tells.
#[test]
fn openrouters_own_costs_are_near_ours() {
    let Some(exchanges) = exchanges() else { return };
    let pricing = Pricing::new(PriceList::bundled(), Vec::new());
    let (mut count, mut differing, mut ours_total, mut theirs_total) = (0, 0, 0, 0);
    for exchange in &exchanges {
        let reported = read(exchange);
        let Some(usd) = reported.reported_cost_usd else { continue };
        let theirs = (usd * 1e9 + 0.5).floor() as i64;
        let quote = pricing.quote(&query(exchange, &reported)).unwrap();
        count += 1;
        ours_total += quote.cost.0;
        theirs_total += theirs;
        if (quote.cost.0 - theirs).abs() > 1 {
            differing += 1;
            let byok = exchange.body.pointer("/usage/is_byok").and_then(Value::as_bool).unwrap_or(false);
            println!("{} {}: ours {quote:?}, its own {theirs}, byok {byok}", exchange.id, exchange.usage["model"]);
        }
    }
    println!("{count} with a cost, {differing} differ; in all ours {ours_total}, its own {theirs_total} nano-dollars");
}
