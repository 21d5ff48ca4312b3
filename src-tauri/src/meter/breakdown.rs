//! A breakdown: the sums of a chart's span by key, the largest first, as exact as the chart above it.

use super::plot::{self, PlotBy, PlotRange};
use super::{Meter, MeterError};
use crate::domain::quantity::Unit;
use crate::ledger::usage::{self, KeySum, Totals};

/// The sums of a span.
#[derive(Debug, Clone)]
pub struct Breakdown {
    /// What the span is called: "November".
    pub title: String,
    /// The largest first, as many as were asked for.
    pub groups: Vec<KeySum>,
    /// How many more keys there are, and what they come to together.
    pub others: usize,
    pub rest: Totals,
    pub total: Totals,
}

impl Meter {
    /// The sums of a chart's span by key, ordered by what is shown of them: dollars, or tokens.
    ///
    /// # Errors
    /// That the ledger could not be read.
    pub async fn breakdown(
        &self,
        range: PlotRange,
        by: PlotBy,
        unit: Unit,
        limit: usize,
    ) -> Result<Breakdown, MeterError> {
        let (now, zone) = (self.now(), self.zone());
        // Every range is made of whole days.
        let (_, from, to) = plot::span(range, now, zone);
        let mut groups = self.read(move |conn| usage::by_key(conn, by.by(), from, to)).await?;
        let value = |totals: &Totals| if unit == Unit::Usd { totals.cost.0 } else { totals.tokens() };
        groups.sort_by(|a, b| {
            let (left, right) = ((value(&b.totals), b.totals.calls), (value(&a.totals), a.totals.calls));
            left.cmp(&right).then_with(|| (&a.key, &a.provider).cmp(&(&b.key, &b.provider)))
        });
        let others = groups.split_off(groups.len().min(limit));
        let sum = |sums: &[KeySum]| {
            let mut all = Totals::default();
            for sum in sums {
                all.add(&sum.totals);
            }
            all
        };
        let (rest, mut total) = (sum(&others), sum(&groups));
        total.add(&rest);
        Ok(Breakdown { title: plot::title(range, now, zone), groups, others: others.len(), rest, total })
    }
}
