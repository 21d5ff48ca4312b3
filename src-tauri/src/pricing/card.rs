//! A rate card: one model's prices as exact step functions of the input's size, so that a ceiling, and what a usual call
//! did cost, are worked out in integers, without the library.
//!
//! The price of long context applies to the whole request: beyond a border all rates are others. The borders are found
//! by asking the library, which does not show its data. Deliberately not here: modalities and searches, for which the
//! library is asked call by call.

use chrono::{DateTime, Utc};

use super::convert::{FEMTOS_A_NANO, femtos_each, plain_to_library, to_femtos, to_library};
use super::list::PriceList;
use super::tier::Processing;
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::usage::Usage;

/// No context is this long: beyond it no border is looked for.
const SIZE_MAX: u64 = 1 << 40;

/// Nearer than this to half a nano-dollar, the library's own rounding decides. Its sums are off by far less below
/// [`EXACT_NANOS`].
const UNSURE_FEMTOS: u64 = 1_000;

/// Some 275 dollars: beyond, the library's sums are too coarse to foretell how they round.
const EXACT_NANOS: u128 = 1 << 38;

/// Femto-dollars: for a token of each kind, and for the request by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// Input that no cache had part in.
    input: u64,
    cache_read: u64,
    cache_write: u64,
    /// Output that was not reasoning.
    output: u64,
    reasoning: u64,
    request: u64,
}

impl Line {
    fn covers(&self, other: &Line) -> bool {
        let kinds =
            |line: &Line| [line.input, line.cache_read, line.cache_write, line.output, line.reasoning, line.request];
        kinds(self).iter().zip(kinds(other)).all(|(a, b)| *a >= b)
    }

    /// What a call costs by this line, in femto-dollars; `None` where the parts of its usage contradict each other.
    fn femtos(&self, usage: &Usage) -> Option<u128> {
        let cached = usage.cache_read_tokens.checked_add(usage.cache_write_tokens)?;
        let parts = [
            (self.input, usage.input_tokens.checked_sub(cached)?),
            (self.cache_read, usage.cache_read_tokens),
            (self.cache_write, usage.cache_write_tokens),
            (self.output, usage.output_tokens.checked_sub(usage.reasoning_tokens)?),
            (self.reasoning, usage.reasoning_tokens),
            (self.request, 1),
        ];
        parts.iter().try_fold(0_u128, |sum, &(rate, tokens)| sum.checked_add(u128::from(rate) * u128::from(tokens)))
    }
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
    /// Whether the library's price is the sum of these rates, so that the card tells what a call did cost.
    sums_up: bool,
    /// How many tokens of input and output together the model takes at the most, where that is known.
    pub context_window: Option<u64>,
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
        let at_nothing = nothing
            .iter()
            .zip(&least)
            .map(|(none, one)| Line { output: none.output, reasoning: none.reasoning, request: none.request, ..*one })
            .collect();
        let mut steps = vec![Step { from: 0, lines: at_nothing }];
        if steps[0].lines != least {
            steps.push(Step { from: 1, lines: least.clone() });
        }
        self.borders(at, (1, &least), (SIZE_MAX, &most), &mut steps);
        for step in &mut steps {
            keep_dearest(&mut step.lines);
        }
        let known = steps.iter().any(|step| !step.lines.is_empty());
        let sums_up = self.priced == Priced::Catalog && self.sum_up(at, &steps);
        let context_window = match self.models.as_slice() {
            [model] => self.list.context_window(self.provider, model, at),
            _ => None,
        };
        known.then_some(Card { steps, priced: self.priced, sums_up, context_window })
    }

    /// Whether the one price of each step is the library's for usage of all kinds, at both ends of the step.
    fn sum_up(&self, at: DateTime<Utc>, steps: &[Step]) -> bool {
        let ([model], [way]) = (self.models.as_slice(), self.ways.as_slice()) else { return false };
        steps.iter().enumerate().all(|(index, step)| {
            let [line] = step.lines.as_slice() else { return false };
            let last = steps.get(index + 1).map_or(step.from + 1_000_000, |next| next.from - 1);
            [step.from, last].into_iter().all(|size| {
                let parts =
                    Usage { cache_read_tokens: size / 3, cache_write_tokens: size / 7, ..Usage::plain(size, 7_001) };
                let usage = Usage { reasoning_tokens: 3_001, ..parts };
                let told = self.list.price(self.provider, model, at, *way, &to_library(&usage)).ok();
                let ours = line.femtos(&usage);
                told.zip(ours)
                    .is_some_and(|(told, ours)| to_femtos(told.total_price).abs_diff(ours) < u128::from(UNSURE_FEMTOS))
            })
        })
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
        let pairs = self.models.iter().flat_map(|model| self.ways.iter().map(move |way| (model, way)));
        let lines = pairs.filter_map(|(model, way)| {
            let price = |told: &genai_prices::Usage| self.list.price(self.provider, model, at, *way, told).ok();
            let plain = Usage::plain(size, OUTPUT);
            let sized = price(&plain_to_library(size, OUTPUT))?;
            let read =
                price(&to_library(&Usage { cache_read_tokens: size, reasoning_tokens: OUTPUT, ..plain.clone() }))?;
            let written = price(&to_library(&Usage { cache_write_tokens: size, ..plain }))?;
            // Few models charge for the request itself; for all others the two sides are the whole.
            let request = if sized.input_price + sized.output_price < sized.total_price {
                femtos_each(price(&plain_to_library(0, 0))?.total_price, 1)
            } else {
                0
            };
            let each = |usd| if size == 0 { 0 } else { femtos_each(usd, size) };
            Some(Line {
                input: each(sized.input_price),
                cache_read: each(read.input_price),
                cache_write: each(written.input_price),
                output: femtos_each(sized.output_price, OUTPUT),
                reasoning: femtos_each(read.output_price, OUTPUT),
                request,
            })
        });
        lines.collect()
    }
}

/// Drops the lines that another one is never cheaper than.
fn keep_dearest(lines: &mut Vec<Line>) {
    lines.sort_unstable_by_key(|line| std::cmp::Reverse(*line));
    let mut kept: Vec<Line> = Vec::with_capacity(1);
    for line in lines.iter() {
        if !kept.iter().any(|other| other.covers(line)) {
            kept.push(*line);
        }
    }
    *lines = kept;
}

impl Card {
    /// Whether nothing costs anything by it.
    pub fn is_nothing(&self) -> bool {
        let free = Line { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0, request: 0 };
        self.steps.iter().flat_map(|step| &step.lines).all(|line| *line == free)
    }

    fn lines(&self, input_tokens: u64) -> &[Line] {
        let step = self.steps.iter().rev().find(|step| step.from <= input_tokens);
        step.map_or(&[][..], |step| step.lines.as_slice())
    }

    /// What a call did cost, to the nano-dollar that the library's own figure rounds to; `None` where only the library
    /// can tell.
    pub fn cost(&self, usage: &Usage) -> Option<Nusd> {
        let [line] = self.lines(usage.input_tokens) else { return None };
        if !self.sums_up || !usage.details.is_empty() {
            return None;
        }
        let femtos = line.femtos(usage)?;
        let (nanos, rest) = match u64::try_from(femtos) {
            Ok(few) => (u128::from(few / FEMTOS_A_NANO), few % FEMTOS_A_NANO),
            Err(_) => return None,
        };
        if nanos > EXACT_NANOS || rest.abs_diff(FEMTOS_A_NANO / 2) < UNSURE_FEMTOS {
            return None;
        }
        let rounded = nanos + u128::from(rest > FEMTOS_A_NANO / 2);
        i64::try_from(rounded).ok().map(Nusd)
    }

    /// The most that this many tokens cost, rounded up to a whole nano-dollar, where no cache has part in them.
    pub fn most(&self, input_tokens: u64, output_tokens: u64) -> Nusd {
        let (input, output) = (u128::from(input_tokens), u128::from(output_tokens));
        let femtos = self.lines(input_tokens).iter().map(|line| {
            let dearer = line.output.max(line.reasoning);
            let tokens = (u128::from(line.input) * input).saturating_add(u128::from(dearer) * output);
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
