//! The history day by day: what the entries of a list came to on each day of the user's zone, newest first.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Meter, MeterError};
use crate::domain::window::{Window, WindowKind};
use crate::ledger::{self, EntryFilter, Gone, SpanSum};

/// How long one answer counts. What is left is asked for anew, so that the first days are there at once however dear the
/// filter is; a day is never parted.
const PATIENCE: Duration = Duration::from_millis(120);

/// A day that has entries, as far as the list reaches into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub sum: SpanSum,
}

/// The days of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    pub days: Vec<Day>,
    /// The number of the entry that was written last before they were counted.
    pub as_of: i64,
    /// Until when to ask for the days that are left; none where there are none.
    pub next_to: Option<DateTime<Utc>>,
    /// The calls that are in no list any more.
    pub gone: Gone,
}

impl Meter {
    /// The days that have entries of a list.
    ///
    /// # Errors
    /// That the ledger could not be read.
    pub async fn days(&self, filter: EntryFilter) -> Result<Days, MeterError> {
        let zone = self.zone();
        self.read(move |conn| {
            let begun = Instant::now();
            let mut found =
                Days { days: Vec::new(), as_of: filter.as_of.unwrap_or(0), next_to: None, gone: ledger::gone(conn)? };
            let Some(extent) = ledger::extent(conn)? else { return Ok(found) };
            found.as_of = filter.as_of.unwrap_or(extent.as_of);
            let first = filter.from.map_or(extent.first, |from| from.max(extent.first));
            let beyond = extent.last + TimeDelta::milliseconds(1);
            let mut to = filter.to.map_or(beyond, |to| to.min(beyond));
            while to > first {
                if begun.elapsed() > PATIENCE {
                    found.next_to = Some(to);
                    break;
                }
                let day = Window::holding(WindowKind::Day, to - TimeDelta::milliseconds(1), zone);
                let start = filter.from.map_or(day.start, |from| from.max(day.start));
                let end = filter.to.map_or(day.end, |to| to.min(day.end));
                let of_day =
                    EntryFilter { from: Some(start), to: Some(end), as_of: Some(found.as_of), ..filter.clone() };
                let sum = ledger::span_sum(conn, &of_day)?;
                if sum.entries > 0 {
                    found.days.push(Day { start, end, sum });
                }
                to = day.start;
            }
            Ok(found)
        })
        .await
    }
}
