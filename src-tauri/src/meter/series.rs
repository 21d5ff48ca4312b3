//! Series: usage in columns of time, for charts and `GET /v1/usage`, summed up from the rollups.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Meter, MeterError};
use crate::domain::window::{Window, WindowKind};
use crate::ledger::usage::{self, By, KeySum, RollupGrain, Sum};

/// How many columns an answer may have.
pub const COLUMNS_MAX: usize = 3_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub window: Window,
    pub groups: Vec<KeySum>,
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
}

/// Puts sums into the columns that hold them. Both are in time's order.
fn gather(columns: Vec<Window>, sums: Vec<Sum>) -> Vec<Column> {
    let mut columns: Vec<Column> = columns.into_iter().map(|window| Column { window, groups: Vec::new() }).collect();
    let mut index = 0;
    // Where each key stands in the column: there may be thousands of sessions in a month.
    let mut places: HashMap<(Option<String>, Option<String>), usize> = HashMap::new();
    for sum in sums {
        while index < columns.len() && columns[index].window.end <= sum.start {
            index += 1;
            places.clear();
        }
        let Some(column) = columns.get_mut(index).filter(|column| column.window.contains(sum.start)) else { continue };
        match places.entry((sum.key, sum.provider)) {
            Entry::Occupied(place) => column.groups[*place.get()].totals.add(&sum.totals),
            Entry::Vacant(place) => {
                let (key, provider) = place.key().clone();
                place.insert(column.groups.len());
                column.groups.push(KeySum { key, provider, totals: sum.totals });
            }
        }
    }
    for column in &mut columns {
        column.groups.sort_by(|a, b| (b.totals.cost, &b.key).cmp(&(a.totals.cost, &a.key)));
    }
    columns
}
