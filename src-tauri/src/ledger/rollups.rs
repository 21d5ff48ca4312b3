//! Rollups: sums by hour and day in the user's zone, kept in the transaction of the entries they sum up, so that no
//! chart or summary ever scans entries.
//!
//! A batch's additions are gathered in memory and written once for each key before the commit. Where a clock window
//! begins depends on the zone alone, so a change of the zone rebuilds everything from the entries.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use chrono_tz::Tz;
use hashbrown::Equivalent;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};

use super::Result;
use super::text::time;
use crate::domain::entry::Entry;
use crate::domain::window::{Window, WindowKind};

/// The grains of the rollup tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grain {
    Hour,
    Day,
}

impl Grain {
    pub const BOTH: [Grain; 2] = [Grain::Hour, Grain::Day];

    pub fn column(self) -> i64 {
        match self {
            Grain::Hour => 0,
            Grain::Day => 1,
        }
    }

    pub fn window(self) -> WindowKind {
        match self {
            Grain::Hour => WindowKind::Hour,
            Grain::Day => WindowKind::Day,
        }
    }
}

type Attribute = fn(&Entry) -> Option<&str>;

/// The dimensions of `rollups_by`, with the numbers they have there.
const DIMENSIONS: [(i64, Attribute); 3] =
    [(0, |e| e.session.as_deref()), (1, |e| e.user.as_deref()), (2, |e| e.operation.as_deref())];

/// Latency classes: 16 to an octave, so that a percentile is within about 4 % of the truth.
const CLASSES_PER_OCTAVE: f64 = 16.0;

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a statistic, not money")]
pub fn latency_class(latency_ms: u64) -> i64 {
    ((latency_ms.max(1) as f64).log2() * CLASSES_PER_OCTAVE).round() as i64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a statistic, not money"
)]
pub fn latency_of_class(class: i64) -> u64 {
    (class as f64 / CLASSES_PER_OCTAVE).exp2().round() as u64
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums([i64; 8]);

impl Sums {
    fn add(&mut self, entry: &Entry) {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let of = [
            1,
            i64::from(!entry.ok),
            count(entry.usage.input_tokens),
            count(entry.usage.output_tokens),
            count(entry.usage.cache_read_tokens),
            count(entry.usage.cache_write_tokens),
            count(entry.usage.reasoning_tokens),
            entry.cost.0,
        ];
        for (sum, part) in self.0.iter_mut().zip(of) {
            *sum = sum.saturating_add(part);
        }
    }
}

/// Grain, start, provider, model, project.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key(Grain, i64, String, String, String);

/// Grain, start, dimension, its value.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ByKey(Grain, i64, i64, String);

/// The same keys, borrowed from an entry: nearly every one stands in its map already, and needs no copy then.
#[derive(PartialEq, Eq, Hash)]
struct KeyOf<'a>(Grain, i64, &'a str, &'a str, &'a str);

#[derive(PartialEq, Eq, Hash)]
struct ByKeyOf<'a>(Grain, i64, i64, &'a str);

impl Equivalent<Key> for KeyOf<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self == KeyOf(key.0, key.1, &key.2, &key.3, &key.4)
    }
}

impl From<&KeyOf<'_>> for Key {
    fn from(key: &KeyOf<'_>) -> Key {
        Key(key.0, key.1, key.2.to_owned(), key.3.to_owned(), key.4.to_owned())
    }
}

impl Equivalent<ByKey> for ByKeyOf<'_> {
    fn equivalent(&self, key: &ByKey) -> bool {
        *self == ByKeyOf(key.0, key.1, key.2, &key.3)
    }
}

impl From<&ByKeyOf<'_>> for ByKey {
    fn from(key: &ByKeyOf<'_>) -> ByKey {
        ByKey(key.0, key.1, key.2, key.3.to_owned())
    }
}

fn add<K, Q>(map: &mut hashbrown::HashMap<K, Sums>, key: &Q, entry: &Entry)
where
    K: Hash + Eq + for<'a> From<&'a Q>,
    Q: Hash + Equivalent<K>,
{
    match map.get_mut(key) {
        Some(sums) => sums.add(entry),
        None => map.entry(K::from(key)).or_default().add(entry),
    }
}

/// The additions of one transaction, and the zone its windows are of.
#[derive(Debug)]
pub struct Rollups {
    zone: Tz,
    sums: hashbrown::HashMap<Key, Sums>,
    sums_by: hashbrown::HashMap<ByKey, Sums>,
    latencies: HashMap<(i64, i64), i64>,
    /// The last entry's windows: the next entry is nearly always in the same ones.
    latest: [Window; 2],
}

impl Rollups {
    pub fn new(zone: Tz) -> Rollups {
        let windows = Grain::BOTH.map(|grain| Window::holding(grain.window(), time(0), zone));
        let (sums, sums_by) = (hashbrown::HashMap::new(), hashbrown::HashMap::new());
        Rollups { zone, sums, sums_by, latencies: HashMap::new(), latest: windows }
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    pub fn clear(&mut self) {
        self.sums.clear();
        self.sums_by.clear();
        self.latencies.clear();
    }

    pub fn add(&mut self, entry: &Entry) {
        if !entry.counted {
            return;
        }
        for (grain, latest) in Grain::BOTH.into_iter().zip(0..) {
            if !self.latest[latest].contains(entry.at) {
                self.latest[latest] = Window::holding(grain.window(), entry.at, self.zone);
            }
            let start_ms = self.latest[latest].start.timestamp_millis();
            let project = entry.project.as_deref().unwrap_or_default();
            let key = KeyOf(grain, start_ms, &entry.provider, &entry.model, project);
            add(&mut self.sums, &key, entry);
            for (dimension, value) in DIMENSIONS {
                if let Some(value) = value(entry) {
                    let key = ByKeyOf(grain, start_ms, dimension, value);
                    add(&mut self.sums_by, &key, entry);
                }
            }
            if grain == Grain::Day
                && let Some(latency_ms) = entry.latency_ms
            {
                *self.latencies.entry((start_ms, latency_class(latency_ms))).or_default() += 1;
            }
        }
    }

    /// Writes the gathered additions into the open transaction.
    pub fn flush(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        if !self.sums.is_empty() {
            let mut add = conn.prepare_cached(&format!("{ADD} {ADD_UP}"))?;
            for (Key(grain, start, provider, model, project), Sums(s)) in self.sums.drain() {
                add.execute(params![
                    grain.column(),
                    start,
                    provider,
                    model,
                    project,
                    s[0],
                    s[1],
                    s[2],
                    s[3],
                    s[4],
                    s[5],
                    s[6],
                    s[7]
                ])?;
            }
        }
        if !self.sums_by.is_empty() {
            let mut add = conn.prepare_cached(&format!("{ADD_BY} {ADD_UP}"))?;
            for (ByKey(grain, start, dimension, key), Sums(s)) in self.sums_by.drain() {
                add.execute(params![
                    grain.column(),
                    start,
                    dimension,
                    key,
                    s[0],
                    s[1],
                    s[2],
                    s[3],
                    s[4],
                    s[5],
                    s[6],
                    s[7]
                ])?;
            }
        }
        if !self.latencies.is_empty() {
            let mut add = conn.prepare_cached(&format!("{ADD_LATENCY} {ADD_UP_LATENCY}"))?;
            for ((start, class), calls) in self.latencies.drain() {
                add.execute(params![start, class, calls])?;
            }
        }
        Ok(())
    }
}

const ADD: &str = "INSERT INTO rollups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const ADD_BY: &str = "INSERT INTO rollups_by VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const ADD_LATENCY: &str = "INSERT INTO latencies VALUES (?1, ?2, ?3)";

/// What a rollup that is there already does with further sums.
pub(super) const ADD_UP: &str = "
    ON CONFLICT DO UPDATE SET
      calls = calls + excluded.calls, failed = failed + excluded.failed,
      input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
      cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens,
      cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
      reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens, cost_nusd = cost_nusd + excluded.cost_nusd";

pub(super) const ADD_UP_LATENCY: &str = "ON CONFLICT DO UPDATE SET calls = calls + excluded.calls";

/// Makes all rollups anew, for the windows of `zone`, in the open transaction: from the entries, and from what stayed of
/// those that are gone.
pub fn rebuild(conn: &Connection, zone: Tz) -> Result<()> {
    teach_windows(conn, zone)?;
    conn.execute_batch("DELETE FROM rollups; DELETE FROM rollups_by; DELETE FROM latencies;")?;
    for grain in Grain::BOTH {
        let (column, kind) = (grain.column(), grain.window().as_str());
        conn.execute_batch(&format!(
            "INSERT INTO rollups SELECT {column}, window_start('{kind}', at_ms) AS start_ms, provider, model,
               coalesce(project, ''), {SUMS} FROM entries WHERE counted GROUP BY start_ms, provider, model, coalesce(project, '');
             INSERT INTO rollups SELECT {column}, window_start('{kind}', start_ms) AS begins_ms, provider, model, project,
               {SUMS_OF_SUMS} FROM gone_quarters WHERE true GROUP BY begins_ms, provider, model, project {ADD_UP};"
        ))?;
        for (dimension, name) in [(0, "session"), (1, "user"), (2, "operation")] {
            conn.execute_batch(&format!(
                "INSERT INTO rollups_by SELECT {column}, window_start('{kind}', at_ms) AS start_ms, {dimension}, {name},
                   {SUMS} FROM entries WHERE counted AND {name} IS NOT NULL GROUP BY start_ms, {name};"
            ))?;
        }
        conn.execute_batch(&format!(
            "INSERT INTO rollups_by SELECT {column}, window_start('{kind}', start_ms) AS begins_ms, dimension, key,
               {SUMS_OF_SUMS} FROM gone_quarters_by WHERE true GROUP BY begins_ms, dimension, key {ADD_UP};"
        ))?;
    }
    conn.execute_batch(&format!(
        "INSERT INTO latencies SELECT window_start('day', at_ms) AS start_ms, latency_class(latency_ms) AS class,
           count(*) FROM entries WHERE counted AND latency_ms IS NOT NULL GROUP BY start_ms, class;
         INSERT INTO latencies SELECT window_start('day', start_ms) AS begins_ms, class, sum(calls)
           FROM gone_latencies WHERE true GROUP BY begins_ms, class {ADD_UP_LATENCY};"
    ))?;
    Ok(())
}

pub(super) const SUMS: &str = "count(*), sum(NOT ok), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),
    sum(cache_write_tokens), sum(reasoning_tokens), sum(cost_nusd)";

const SUMS_OF_SUMS: &str = "sum(calls), sum(failed), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),
    sum(cache_write_tokens), sum(reasoning_tokens), sum(cost_nusd)";

/// Gives this connection's SQL the function that a rebuild needs.
fn teach_windows(conn: &Connection, zone: Tz) -> rusqlite::Result<()> {
    let latest = Mutex::new(Grain::BOTH.map(|grain| Window::holding(grain.window(), time(0), zone)));
    conn.create_scalar_function("window_start", 2, FunctionFlags::SQLITE_UTF8, move |call| {
        let which = usize::from(call.get_raw(0).as_str()? == "day");
        let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
        let at = time(call.get(1)?);
        if !latest[which].contains(at) {
            latest[which] = Window::holding(latest[which].kind, at, zone);
        }
        Ok(latest[which].start.timestamp_millis())
    })
}
