//! A rate card: one model's plain prices as exact step functions of the input's size, so that a ceiling is worked out
//! in integers, without the library.
//!
//! The price of long context applies to the whole request: beyond a border both rates are others. The borders are found
//! by asking the library, which does not show its data. Deliberately not here: caches and modalities, of which a
//! request that has not been made says nothing.

use chrono::{DateTime, Utc};

use super::convert::{femtos_each, plain_to_library};
use super::list::PriceList;
use super::tier::Processing;
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;

/// No context is this long: beyond it no border is looked for.
const SIZE_MAX: u64 = 1 << 40;

const FEMTOS_A_NANO: u64 = 1_000_000;

/// Femto-dollars: a token of input, a token of output, and the request by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    input: u64,
    output: u64,
    request: u64,
}

/// From `from` tokens of input on, the dearest of `lines` is the price.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    from: u64,
    lines: Vec<Line>,
}

/// One model's price, or the dearest of several.
#[derive(Debug, PartialEq, Eq)]
pub struct Card {
    steps: Vec<Step>,
    pub priced: Priced,
}

/// Models and ways of processing among which the price is the dearest.
pub struct Subject<'a> {
    pub list: &'a PriceList,
    pub provider: &'a str,
    pub models: Vec<&'a str>,
    pub ways: Vec<Processing<'a>>,
    pub priced: Priced,
}

impl Subject<'_> {
    /// The prices at a moment; `None` if none of the models has one.
    pub fn card(&self, at: DateTime<Utc>) -> Option<Card> {
        let (nothing, least, most) = (self.lines(at, 0), self.lines(at, 1), self.lines(at, SIZE_MAX));
        let at_nothing = nothing.iter().zip(&least).map(|(none, one)| Line { input: one.input, ..*none }).collect();
        let mut steps = vec![Step { from: 0, lines: at_nothing }];
        if steps[0].lines != least {
            steps.push(Step { from: 1, lines: least.clone() });
        }
        self.borders(at, (1, &least), (SIZE_MAX, &most), &mut steps);
        for step in &mut steps {
            keep_dearest(&mut step.lines);
        }
        let known = steps.iter().any(|step| !step.lines.is_empty());
        known.then_some(Card { steps, priced: self.priced })
    }

    /// Whether the card holds at another moment too, seen at its borders: two questions a step in place of the
    /// forty a border takes.
    pub fn holds(&self, card: &Card, at: DateTime<Utc>) -> bool {
        card.steps.iter().enumerate().all(|(index, step)| {
            let last = card.steps.get(index + 1).map_or(SIZE_MAX, |next| next.from - 1);
            [step.from.max(1), last].into_iter().filter(|&size| size >= 1 && size <= last).all(|size| {
                let mut lines = self.lines(at, size);
                keep_dearest(&mut lines);
                lines == step.lines
            })
        })
    }

    /// The steps between two sizes. Rates only ever rise with the size, so equal ends mean that nothing changes between.
    fn borders(&self, at: DateTime<Utc>, low: (u64, &Vec<Line>), high: (u64, &Vec<Line>), steps: &mut Vec<Step>) {
        if low.1 == high.1 {
            return;
        }
        if low.0 + 1 == high.0 {
            steps.push(Step { from: high.0, lines: high.1.clone() });
            return;
        }
        let middle = low.0 + (high.0 - low.0) / 2;
        let lines = self.lines(at, middle);
        self.borders(at, low, (middle, &lines), steps);
        self.borders(at, (middle, &lines), high, steps);
    }

    fn lines(&self, at: DateTime<Utc>, size: u64) -> Vec<Line> {
        const OUTPUT: u64 = 1_000_000;
        let price = |model, way, input, output| {
            self.list.price(self.provider, model, at, way, &plain_to_library(input, output)).ok()
        };
        let pairs = self.models.iter().flat_map(|model| self.ways.iter().map(move |way| (model, way)));
        let lines = pairs.filter_map(|(model, way)| {
            let sized = price(model, *way, size, OUTPUT)?;
            // Few models charge for the request itself; for all others the two sides are the whole.
            let request = if sized.input_price + sized.output_price < sized.total_price {
                femtos_each(price(model, *way, 0, 0)?.total_price, 1)
            } else {
                0
            };
            Some(Line {
                input: if size == 0 { 0 } else { femtos_each(sized.input_price, size) },
                output: femtos_each(sized.output_price, OUTPUT),
                request,
            })
        });
        lines.collect()
    }
}

/// Drops the lines that another one is never cheaper than.
fn keep_dearest(lines: &mut Vec<Line>) {
    lines.sort_unstable_by_key(|line| std::cmp::Reverse((line.input, line.output, line.request)));
    let mut kept: Vec<Line> = Vec::with_capacity(1);
    for line in lines.iter() {
        if !kept.iter().any(|k| k.input >= line.input && k.output >= line.output && k.request >= line.request) {
            kept.push(*line);
        }
    }
    *lines = kept;
}

impl Card {
    /// The most that this many tokens cost, rounded up to a whole nano-dollar.
    pub fn cost(&self, input_tokens: u64, output_tokens: u64) -> Nusd {
        let step = self.steps.iter().rev().find(|step| step.from <= input_tokens);
        let lines = step.map_or(&[][..], |step| step.lines.as_slice());
        let (input, output) = (u128::from(input_tokens), u128::from(output_tokens));
        let femtos = lines.iter().map(|line| {
            let tokens = (u128::from(line.input) * input).saturating_add(u128::from(line.output) * output);
            tokens.saturating_add(u128::from(line.request))
        });
        let femtos = femtos.max().unwrap_or(0);
        // Division of 128 bits is slow, and needed only beyond some 18,000 dollars.
        let nanos = match u64::try_from(femtos) {
            Ok(few) => u128::from(few.div_ceil(FEMTOS_A_NANO)),
            Err(_) => femtos.div_ceil(u128::from(FEMTOS_A_NANO)),
        };
        // Beyond 2^48 nano-dollars the library's own sums are no longer exact to the nano-dollar.
        Nusd(i64::try_from(nanos.saturating_add(nanos >> 48)).unwrap_or(i64::MAX))
    }
}
