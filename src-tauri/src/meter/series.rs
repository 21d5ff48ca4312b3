//! Series: usage in columns of time, for charts and `GET /v1/usage`, and what is to be expected of the columns to come.
//!
//! Everything is summed up from the rollups. What is expected of an hour or a day is the mean of the same hour, or the
//! same weekday, of the four weeks before; of a ledger younger than that, the mean of what it has.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::{Meter, MeterError};
use crate::domain::window::{Window, WindowKind, day_of};
use crate::ledger::usage::{self, By, RollupGrain, Sum, Totals};

/// How many columns an answer may have.
pub const COLUMNS_MAX: usize = 3_000;

/// How far back an expectation looks.
const LOOK_BACK: TimeDelta = TimeDelta::days(28);

/// One key's sums in one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// None: calls without this attribute.
    pub key: Option<String>,
    pub provider: Option<String>,
    pub totals: Totals,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub window: Window,
    pub groups: Vec<Group>,
}

/// What is expected of the rest of a span: cost (nano-dollars) and tokens of each column, the current one's rest
/// included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    pub columns: HashMap<DateTime<Utc>, (i64, i64)>,
}

impl Projection {
    /// The expected cost of all columns, in nano-dollars.
    pub fn total(&self) -> i64 {
        self.columns.values().fold(0, |sum, (cost, _)| sum.saturating_add(*cost))
    }
}

impl Meter {
    /// The windows of `kind` that overlap `[from, to)` in `zone`.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] when they are too many to answer.
    pub fn columns(
        kind: WindowKind,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Vec<Window>, MeterError> {
        let mut columns = Vec::new();
        let mut window = Window::holding(kind, from, zone);
        while window.start < to {
            if columns.len() == COLUMNS_MAX {
                let problem =
                    format!("gives more than {COLUMNS_MAX} buckets: ask for a shorter span or a longer bucket");
                return Err(MeterError::invalid("from", problem));
            }
            columns.push(window);
            window = window.next(zone);
        }
        Ok(columns)
    }

    /// Sums by column and key.
    ///
    /// # Errors
    /// That the ledger could not be read, or a zone whose hours are not those of the ledger's rollups.
    pub async fn series(&self, columns: Vec<Window>, by: By) -> Result<Vec<Column>, MeterError> {
        let (Some(first), Some(last)) = (columns.first(), columns.last()) else { return Ok(Vec::new()) };
        let (from, to) = (first.start, last.end);
        let zone = self.zone();
        // Days, weeks and months of the user's zone are made of whole days; all else of hours.
        let is_hour = |at: DateTime<Utc>| Window::holding(WindowKind::Hour, at, zone).start == at;
        if !columns.iter().all(|column| is_hour(column.start) && is_hour(column.end)) {
            let problem = format!("has hours that are not those of {}, by which the ledger sums up", zone.name());
            return Err(MeterError::invalid("time_zone", problem));
        }
        let whole_days = first.kind != WindowKind::Hour
            && columns.iter().all(|c| Window::holding(WindowKind::Day, c.start, zone).start == c.start);
        let grain = if whole_days { RollupGrain::Day } else { RollupGrain::Hour };
        let sums = self.read(move |conn| usage::sums(conn, grain, by, from, to)).await?;
        Ok(gather(columns, sums))
    }

    /// What is expected of the rest of a month (by days) or of a day (by hours).
    pub async fn projection(&self, span: Window) -> Result<Projection, MeterError> {
        let (now, zone) = (self.now(), self.zone());
        if !span.contains(now) {
            return Ok(Projection::default());
        }
        let (grain, kind) = match span.kind {
            WindowKind::Day => (RollupGrain::Hour, WindowKind::Hour),
            _ => (RollupGrain::Day, WindowKind::Day),
        };
        let columns = Meter::columns(kind, span.start, span.end, zone)?;
        let current = Window::holding(kind, now, zone);
        let past = Window::holding(kind, now - LOOK_BACK, zone).start;
        let (sums, since) = self
            .read(move |conn| Ok((usage::sums(conn, grain, By::Provider, past, current.end)?, usage::since(conn)?)))
            .await?;
        let Some(since) = since else { return Ok(Projection::default()) };
        let known = Window::holding(kind, since.max(past), zone).start;
        let place = |at: DateTime<Utc>| match kind {
            WindowKind::Hour => at.with_timezone(&zone).hour(),
            _ => day_of(at, zone).weekday().num_days_from_monday(),
        };
        let mut means: HashMap<u32, Mean> = HashMap::new();
        let mut overall = Mean::default();
        for window in Meter::columns(kind, known, current.start, zone)? {
            means.entry(place(window.start)).or_default().columns += 1;
            overall.columns += 1;
        }
        let mut so_far = (0_i64, 0_i64);
        for sum in &sums {
            if sum.start == current.start {
                so_far = (so_far.0 + sum.totals.cost.0, so_far.1.saturating_add(sum.totals.tokens()));
            } else if sum.start >= known {
                means.entry(place(sum.start)).or_default().add(sum);
                overall.add(sum);
            }
        }
        let expected = |at| means.get(&place(at)).filter(|mean| mean.columns > 0).unwrap_or(&overall).mean();
        let mut projection = Projection::default();
        for window in columns.into_iter().filter(|window| window.start >= current.start) {
            let (mut cost, mut tokens) = expected(window.start);
            if window.start == current.start {
                (cost, tokens) = ((cost - so_far.0).max(0), (tokens - so_far.1).max(0));
            }
            projection.columns.insert(window.start, (cost, tokens));
        }
        Ok(projection)
    }
}

/// A mean in the making.
#[derive(Debug, Default)]
struct Mean {
    columns: i64,
    cost: i64,
    tokens: i64,
}

impl Mean {
    fn add(&mut self, sum: &Sum) {
        self.cost = self.cost.saturating_add(sum.totals.cost.0);
        self.tokens = self.tokens.saturating_add(sum.totals.tokens());
    }

    fn mean(&self) -> (i64, i64) {
        let columns = self.columns.max(1);
        (self.cost / columns, self.tokens / columns)
    }
}

/// Puts sums into the columns that hold them. Both are in time's order.
fn gather(columns: Vec<Window>, sums: Vec<Sum>) -> Vec<Column> {
    let mut columns: Vec<Column> = columns.into_iter().map(|window| Column { window, groups: Vec::new() }).collect();
    let mut index = 0;
    for sum in sums {
        while index < columns.len() && columns[index].window.end <= sum.start {
            index += 1;
        }
        let Some(column) = columns.get_mut(index).filter(|column| column.window.contains(sum.start)) else { continue };
        match column.groups.iter_mut().find(|group| group.key == sum.key && group.provider == sum.provider) {
            Some(group) => group.totals.add(&sum.totals),
            None => column.groups.push(Group { key: sum.key, provider: sum.provider, totals: sum.totals }),
        }
    }
    for column in &mut columns {
        column.groups.sort_by(|a, b| (b.totals.cost, &b.key).cmp(&(a.totals.cost, &a.key)));
    }
    columns
}
