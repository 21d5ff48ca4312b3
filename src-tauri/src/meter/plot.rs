//! Plots: one selection of the ledger as columns and series, with what is expected of the rest and the line of even
//! spending. The chart draws it; the page reads it out.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::series::Column as Sums;
use super::{Meter, MeterError};
use crate::chart::{self, REST, SeriesColour, palette};
use crate::domain::pace;
use crate::domain::quantity::Unit;
use crate::domain::window::{Window, WindowKind, day_of, start_of_day};
use crate::ledger::usage::{By, Totals};
use crate::words;

/// Series that are told apart; what is left is one more, "other".
const SERIES_MAX: usize = 6;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum PlotRange {
    #[serde(rename = "today")]
    Today,
    #[default]
    #[serde(rename = "month")]
    Month,
    #[serde(rename = "30d")]
    Days,
    #[serde(rename = "12m")]
    Months,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlotBy {
    #[default]
    Provider,
    Model,
    Project,
    Session,
}

impl PlotBy {
    pub(super) fn by(self) -> By {
        match self {
            PlotBy::Provider => By::Provider,
            PlotBy::Model => By::Model,
            PlotBy::Project => By::Project,
            PlotBy::Session => By::Session,
        }
    }
}

#[derive(Debug, Clone)]
pub struct PlotSeries {
    pub key: Option<String>,
    pub provider: Option<String>,
    pub total: i64,
    pub colour: SeriesColour,
}

#[derive(Debug, Clone)]
pub struct PlotColumn {
    pub window: Window,
    pub label: String,
    /// Whether an axis may carry the label.
    pub labelled: bool,
    /// Whether now is in it.
    pub current: bool,
    pub calls: i64,
    /// Values by series, as indices into [`Plot::series`].
    pub parts: Vec<(usize, i64)>,
    pub projected: i64,
}

impl PlotColumn {
    pub fn total(&self) -> i64 {
        self.parts.iter().fold(0, |sum, (_, value)| sum.saturating_add(*value))
    }
}

#[derive(Debug, Clone)]
pub struct Plot {
    pub range: PlotRange,
    pub by: PlotBy,
    pub unit: Unit,
    pub zone: Tz,
    pub title: String,
    pub columns: Vec<PlotColumn>,
    pub series: Vec<PlotSeries>,
    pub rule: Option<chart::Rule>,
}

impl Meter {
    /// The ledger's numbers for a chart.
    ///
    /// # Errors
    /// That the ledger could not be read.
    pub async fn plot(&self, range: PlotRange, by: PlotBy, unit: Unit) -> Result<Plot, MeterError> {
        let (now, zone) = (self.now(), self.zone());
        let (kind, from, to) = span(range, now, zone);
        let windows = Meter::columns(kind, from, to, zone)?;
        let span = Window {
            kind: if range == PlotRange::Today { WindowKind::Day } else { WindowKind::Month },
            start: from,
            end: to,
        };
        let sums = self.series(windows, by.by()).await?;
        let value = |totals: &Totals| if unit == Unit::Usd { totals.cost.0 } else { totals.tokens() };
        let (series, index) = ranked(&sums, by, &value);
        let used = series.iter().fold(0, |sum: i64, series| sum.saturating_add(series.total));
        let to_come = match range {
            PlotRange::Today | PlotRange::Month => {
                pace::to_come(&span, now, used, sums.iter().map(|column| column.window))
            }
            PlotRange::Days | PlotRange::Months => vec![0; sums.len()],
        };
        let columns = sums
            .iter()
            .zip(to_come)
            .map(|(column, projected)| {
                let mut parts: BTreeMap<usize, i64> = BTreeMap::new();
                for group in &column.groups {
                    let place = index.get(&(group.key.clone(), group.provider.clone())).copied();
                    let sum = parts.entry(place.unwrap_or(SERIES_MAX)).or_default();
                    *sum = sum.saturating_add(value(&group.totals));
                }
                let (label, labelled) = label(range, column.window.start, zone);
                PlotColumn {
                    window: column.window,
                    label,
                    labelled,
                    current: column.window.contains(now),
                    calls: column.groups.iter().map(|group| group.totals.calls).sum(),
                    parts: parts.into_iter().filter(|(_, value)| *value > 0).collect(),
                    projected,
                }
            })
            .collect();
        let title = title(range, now, zone);
        let rule = if unit == Unit::Usd { self.rule(range, now, zone) } else { None };
        Ok(Plot { range, by, unit, zone, title, columns, series, rule })
    }

    /// The line of even spending: the monthly limits together, spread over the days of the month.
    fn rule(&self, range: PlotRange, now: DateTime<Utc>, zone: Tz) -> Option<chart::Rule> {
        let limit = self.month_limit(now)?;
        let whole = words::limit(Unit::Usd, limit.0);
        match range {
            PlotRange::Today => None,
            PlotRange::Months => Some(chart::Rule { value: limit.0, label: format!("{whole} a month") }),
            PlotRange::Month | PlotRange::Days => {
                let month = Window::holding(WindowKind::Month, now, zone);
                let days = (day_of(month.end, zone) - day_of(month.start, zone)).num_days().max(1);
                let value = limit.0 / days;
                let day = words::money(crate::domain::money::Nusd(value));
                Some(chart::Rule { value, label: format!("{day} a day fits {whole}") })
            }
        }
    }
}

/// What a range is called: "November".
pub(super) fn title(range: PlotRange, now: DateTime<Utc>, zone: Tz) -> String {
    match range {
        PlotRange::Today => "Today".to_owned(),
        PlotRange::Month => words::month_name(now, zone).to_owned(),
        PlotRange::Days => "30 days".to_owned(),
        PlotRange::Months => "12 months".to_owned(),
    }
}

/// The columns' kind, and the span they cover.
pub(super) fn span(range: PlotRange, now: DateTime<Utc>, zone: Tz) -> (WindowKind, DateTime<Utc>, DateTime<Utc>) {
    let today = Window::holding(WindowKind::Day, now, zone);
    match range {
        PlotRange::Today => (WindowKind::Hour, today.start, today.end),
        PlotRange::Month => {
            let month = Window::holding(WindowKind::Month, now, zone);
            (WindowKind::Day, month.start, month.end)
        }
        PlotRange::Days => {
            let first = day_of(now, zone) - TimeDelta::days(29);
            (WindowKind::Day, start_of_day(first, zone), today.end)
        }
        PlotRange::Months => {
            let month = Window::holding(WindowKind::Month, now, zone);
            let first = day_of(month.start, zone);
            let first = first.checked_sub_months(chrono::Months::new(11)).unwrap_or(first);
            (WindowKind::Month, start_of_day(first, zone), month.end)
        }
    }
}

/// A column's label, and whether an axis should carry it.
fn label(range: PlotRange, start: DateTime<Utc>, zone: Tz) -> (String, bool) {
    let local = start.with_timezone(&zone);
    match range {
        PlotRange::Today => (format!("{:02}", local.hour()), local.hour().is_multiple_of(3) || local.hour() == 23),
        PlotRange::Month => {
            let day = day_of(start, zone).day();
            (day.to_string(), day == 1 || day.is_multiple_of(5))
        }
        PlotRange::Days => {
            let monday = day_of(start, zone).weekday() == chrono::Weekday::Mon;
            (words::short_date(start, zone), monday)
        }
        PlotRange::Months => (day_of(start, zone).format("%b").to_string(), true),
    }
}

type Index = BTreeMap<(Option<String>, Option<String>), usize>;

/// The series, largest first, and where each key went.
fn ranked(columns: &[Sums], by: PlotBy, value: &impl Fn(&Totals) -> i64) -> (Vec<PlotSeries>, Index) {
    let mut totals: BTreeMap<(Option<String>, Option<String>), i64> = BTreeMap::new();
    for group in columns.iter().flat_map(|column| &column.groups) {
        let sum = totals.entry((group.key.clone(), group.provider.clone())).or_default();
        *sum = sum.saturating_add(value(&group.totals));
    }
    let mut sorted: Vec<_> = totals.into_iter().filter(|(_, total)| *total > 0).collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest = sorted.split_off(sorted.len().min(SERIES_MAX));
    let index = sorted.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect();
    if !rest.is_empty() {
        let total = rest.iter().fold(0, |sum: i64, (_, total)| sum.saturating_add(*total));
        sorted.push(((Some(REST.to_owned()), None), total));
    }
    let keys: Vec<_> = sorted.iter().map(|((key, provider), _)| (key.as_deref(), provider.as_deref())).collect();
    let colours = palette(&keys, by == PlotBy::Provider);
    let series = sorted
        .into_iter()
        .zip(colours)
        .map(|(((key, provider), total), colour)| PlotSeries { key, provider, total, colour })
        .collect();
    (series, index)
}

impl Plot {
    pub fn total(&self) -> i64 {
        self.series.iter().fold(0, |sum, series| sum.saturating_add(series.total))
    }

    pub fn projected_total(&self) -> i64 {
        self.columns.iter().fold(0, |sum, column| sum.saturating_add(column.projected))
    }

    /// As the chart room takes it.
    pub fn chart(&self) -> chart::Chart {
        chart::Chart {
            unit: if self.unit == Unit::Usd { chart::Unit::Usd } else { chart::Unit::Tokens },
            columns: self
                .columns
                .iter()
                .map(|column| chart::Column {
                    label: (column.labelled || column.current).then(|| column.label.clone()),
                    current: column.current,
                    segments: column
                        .parts
                        .iter()
                        .map(|(series, value)| chart::Segment { series: *series, value: *value })
                        .collect(),
                    projected: column.projected,
                })
                .collect(),
            series: self
                .series
                .iter()
                .map(|series| chart::Series {
                    key: series.key.clone(),
                    provider: series.provider.clone(),
                    colour: series.colour.clone(),
                })
                .collect(),
            rule: self.rule.clone(),
        }
    }

    /// The plot in one sentence, for who cannot see it.
    pub fn sentence(&self) -> String {
        let amount = |value| match self.unit {
            Unit::Usd => words::money(crate::domain::money::Nusd(value)),
            unit => format!("{} tokens", words::limit(unit, value)),
        };
        let span = match self.range {
            PlotRange::Today => "today by the hour".to_owned(),
            PlotRange::Month => format!("in {} by the day", self.title),
            PlotRange::Days => "in the last 30 days by the day".to_owned(),
            PlotRange::Months => "in the last 12 months by the month".to_owned(),
        };
        let what = if self.unit == Unit::Usd { "Spend" } else { "Tokens" };
        let mut sentence = format!("{what} {span}: {}", amount(self.total()));
        if self.projected_total() > 0 {
            let expected = self.total().saturating_add(self.projected_total());
            sentence.push_str(&format!(" so far, {} projected", amount(expected)));
        }
        let highest = self.columns.iter().max_by_key(|column| column.total()).filter(|column| column.total() > 0);
        if let Some(highest) = highest {
            sentence.push_str(&format!("; the highest column is {} with {}", highest.label, amount(highest.total())));
        }
        sentence.push('.');
        sentence
    }
}
