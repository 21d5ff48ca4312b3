//! The receipt: what the calls of a run were, and what was denied and why, from the entries of its key.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use serde_json::Value;

use super::super::client::Door;
use crate::domain::entry::DENIED;
use crate::domain::money::{Nusd, parse_nanos};
use crate::domain::quantity::Unit;
use crate::words;

/// How many entries are asked for at once: as many as may be.
const PAGE: usize = 500;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    models: BTreeMap<String, Sum>,
    failed: u64,
    estimated: u64,
    unpriced: u64,
    /// How many calls were denied for each reason, in the ledger's words.
    denied: BTreeMap<String, u64>,
    /// Calls whose entries are still to come.
    under_way: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    calls: u64,
    input_tokens: u64,
    output_tokens: u64,
    cost_nusd: i64,
}

impl Sum {
    fn add(&mut self, other: &Sum) {
        self.calls += other.calls;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cost_nusd = self.cost_nusd.saturating_add(other.cost_nusd);
    }
}

impl Receipt {
    /// Reads the entries of a key, from a moment on where one is given; so many more are to come.
    ///
    /// # Errors
    /// Spendlight does not answer.
    pub async fn read(door: &Door, key: &str, since: Option<DateTime<Utc>>, under_way: u64) -> anyhow::Result<Receipt> {
        let mut receipt = Receipt { under_way, ..Receipt::default() };
        let since = since.map(|since| format!("&from={}", since.to_rfc3339_opts(SecondsFormat::Millis, true)));
        let first = format!("/v1/entries?key={key}&limit={PAGE}{}", since.unwrap_or_default());
        let mut path = first.clone();
        loop {
            let page = door.ask(Method::GET, &path, None).await?.good()?;
            for entry in page.get("entries").and_then(Value::as_array).into_iter().flatten() {
                receipt.add(entry);
            }
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(cursor) => path = format!("{first}&cursor={cursor}"),
                None => return Ok(receipt),
            }
        }
    }

    fn add(&mut self, entry: &Value) {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let count = |name: &str| entry.get(name).and_then(Value::as_u64).unwrap_or(0);
        let is = |name: &str| entry.get(name) == Some(&Value::Bool(true));
        if let Some(why) = text("error").strip_prefix(DENIED) {
            *self.denied.entry(why.to_owned()).or_default() += 1;
        }
        if !is("counted") {
            return;
        }
        let cost = entry.get("cost_usd").map(ToString::to_string).unwrap_or_default();
        self.models.entry(text("model").to_owned()).or_default().add(&Sum {
            calls: 1,
            input_tokens: count("input_tokens"),
            output_tokens: count("output_tokens"),
            cost_nusd: parse_nanos(&cost).ok().and_then(|nanos| i64::try_from(nanos).ok()).unwrap_or(0),
        });
        self.failed += u64::from(!is("ok"));
        self.estimated += u64::from(text("usage_source") == "estimated");
        self.unpriced += u64::from(text("priced") == "unknown");
    }

    /// What all of its calls have cost.
    pub fn cost(&self) -> Nusd {
        Nusd(self.models.values().fold(0, |sum, model| sum.saturating_add(model.cost_nusd)))
    }

    /// How many calls the run's own cap denied.
    pub fn capped(&self, run: &str) -> u64 {
        self.denied.get(&by_budget(run)).copied().unwrap_or(0)
    }

    /// The receipt as a terminal shows it. `name_of` tells what a budget is called.
    pub fn lines(&self, run: &str, max: Option<Nusd>, name_of: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let mut all = Sum::default();
        self.models.values().for_each(|sum| all.add(sum));
        if all.calls + self.under_way == 0 && self.denied.is_empty() {
            return vec!["  no call came through Spendlight".to_owned()];
        }
        let mut lines = Vec::new();
        let mut line = |name: &str, text: String| lines.push(format!("  {name:<7} {text}"));
        let mut calls = vec![number(all.calls)];
        for (n, what) in [
            (self.failed, "failed"),
            (self.estimated, "estimated"),
            (self.unpriced, "without a known price, counted at the dearest"),
            (self.under_way, "still under way"),
        ] {
            if n > 0 {
                calls.push(format!("{} {what}", number(n)));
            }
        }
        line("calls", calls.join(", "));
        line("tokens", format!("{} in, {} out", number(all.input_tokens), number(all.output_tokens)));
        // The parts are told as their sum is.
        let told = |cost_nusd| match max {
            Some(Nusd(max)) => words::amount(Unit::Usd, cost_nusd, max, &[]),
            None => words::money(Nusd(cost_nusd)),
        };
        let of = max.map(|Nusd(max)| format!(" of {}", words::limit(Unit::Usd, max))).unwrap_or_default();
        line("cost", told(all.cost_nusd) + &of);
        let mut models: Vec<_> = self.models.iter().collect();
        models.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.cost_nusd));
        for (model, sum) in models {
            let calls = if sum.calls == 1 { "1 call".to_owned() } else { format!("{} calls", number(sum.calls)) };
            line("", format!("{:<10} {model}, {calls}", told(sum.cost_nusd)));
        }
        for (why, n) in &self.denied {
            line("denied", format!("{} {}", number(*n), self.reason(why, run, max, &name_of)));
        }
        lines
    }

    fn reason(&self, why: &str, run: &str, max: Option<Nusd>, name_of: impl Fn(&str) -> Option<String>) -> String {
        match (why, max) {
            ("paused", _) => "while Spendlight was paused".to_owned(),
            ("price_unknown", _) => "for want of a known price".to_owned(),
            ("key_refused", _) => "since their key is for other models".to_owned(),
            (_, Some(Nusd(max))) if why == by_budget(run) => format!("by --max {}", words::limit(Unit::Usd, max)),
            _ => match why.strip_prefix(BY_BUDGET) {
                Some(id) => format!("by the budget {}", name_of(id).unwrap_or_else(|| id.to_owned())),
                None => why.to_owned(),
            },
        }
    }
}

/// What the ledger says of a call that a budget denied, before the budget's id.
const BY_BUDGET: &str = "budget_exceeded by ";

fn by_budget(id: &str) -> String {
    format!("{BY_BUDGET}{id}")
}

fn number(n: u64) -> String {
    words::amount(Unit::Requests, i64::try_from(n).unwrap_or(i64::MAX), i64::MAX, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_cost_is_told_as_exactly_as_the_whole() {
        let mut receipt = Receipt::default();
        receipt.add(&serde_json::json!({"model": "gpt-5-mini", "counted": true, "ok": true, "cost_usd": 0.00625}));
        let lines = receipt.lines("run", Some(Nusd(10_000_000)), |_| None);
        let costs: Vec<&str> =
            lines.iter().filter_map(|line| line.split_whitespace().find(|w| w.starts_with('$'))).collect();
        assert_eq!(costs, ["$0.0063", "$0.0063"], "{lines:?}");
    }
}
