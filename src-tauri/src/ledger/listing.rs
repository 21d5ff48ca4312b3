//! Lists of entries: which are wanted, a page of them, all of them in bounded steps, and what a span of them came to.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Result;
use super::entries::{COLUMNS, read};
use super::text::time;
use crate::domain::entry::{DENIED, Entry, Outcome, Source, UsageSource};
use crate::domain::money::Nusd;

/// Where a page of entries ended: the next one begins before this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub at_ms: i64,
    pub id: i64,
}

/// Which entries are wanted; what is not given does not filter.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub project: Option<String>,
    pub session: Option<String>,
    pub key: Option<String>,
    pub ok: Option<bool>,
    pub outcome: Option<Outcome>,
    pub source: Option<Source>,
    /// Text that occurs in the model, project, session, user, operation, error or call id.
    pub text: Option<String>,
    /// Nothing that was written after this one, so that pages and sums agree while more is recorded.
    pub as_of: Option<i64>,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub before: Option<Cursor>,
    /// How many are passed over first.
    pub skip: usize,
    pub limit: usize,
}

/// What the entries of a span came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanSum {
    pub entries: i64,
    /// Those that count.
    pub calls: i64,
    pub cost: Nusd,
}

/// How far a list of everything reaches, and the number of the entry that was written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
    pub as_of: i64,
}

/// A page of entries, newest first, and where the next one begins, if there is more.
pub fn page(conn: &Connection, filter: &EntryFilter, page: Page) -> Result<(Vec<Entry>, Option<Cursor>)> {
    let (mut condition, mut values) = conditions(filter);
    if let Some(cursor) = page.before {
        condition.push_str(" AND (at_ms, id) < (?, ?)");
        values.extend([Value::from(cursor.at_ms), Value::from(cursor.id)]);
    }
    values.extend([whole(page.limit).saturating_add(1), whole(page.skip)].map(Value::from));
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE {condition} ORDER BY at_ms DESC, id DESC LIMIT ? OFFSET ?");
    let mut select = conn.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    let (mut entries, mut last, mut next) = (Vec::new(), None, None);
    while let Some(row) = rows.next()? {
        if entries.len() == page.limit {
            next = last;
            break;
        }
        let (entry, id) = read(row)?;
        last = Some(Cursor { at_ms: entry.at.timestamp_millis(), id });
        entries.push(entry);
    }
    Ok((entries, next))
}

/// The next entries after `after` in time's order, for reading everything in bounded steps.
pub fn chunk(
    conn: &Connection,
    filter: &EntryFilter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<(Vec<Entry>, Option<Cursor>)> {
    let (mut condition, mut values) = conditions(filter);
    if let Some(cursor) = after {
        condition.push_str(" AND (at_ms, id) > (?, ?)");
        values.extend([Value::from(cursor.at_ms), Value::from(cursor.id)]);
    }
    values.push(Value::from(whole(limit)));
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE {condition} ORDER BY at_ms, id LIMIT ?");
    let mut select = conn.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    let (mut entries, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let (entry, id) = read(row)?;
        last = Some(Cursor { at_ms: entry.at.timestamp_millis(), id });
        entries.push(entry);
    }
    Ok((entries, last))
}

/// What the entries of a list came to.
pub fn span_sum(conn: &Connection, filter: &EntryFilter) -> Result<SpanSum> {
    let (condition, values) = conditions(filter);
    let sql = format!(
        "SELECT count(*), coalesce(sum(counted), 0), coalesce(sum(CASE WHEN counted THEN cost_nusd END), 0)
         FROM entries WHERE {condition}"
    );
    let mut select = conn.prepare_cached(&sql)?;
    Ok(select.query_row(params_from_iter(values), |row| {
        Ok(SpanSum { entries: row.get(0)?, calls: row.get(1)?, cost: Nusd(row.get(2)?) })
    })?)
}

/// How far the ledger reaches; none where it is empty.
pub fn extent(conn: &Connection) -> Result<Option<Extent>> {
    let mut select = conn.prepare_cached(
        "SELECT (SELECT min(at_ms) FROM entries), (SELECT max(at_ms) FROM entries), (SELECT max(id) FROM entries)",
    )?;
    let (first, last, as_of) = select.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let (Some(first), Some(last), Some(as_of)) = (first, last, as_of) else { return Ok(None) };
    Ok(Some(Extent { first: time(first), last: time(last), as_of }))
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn conditions(filter: &EntryFilter) -> (String, Vec<Value>) {
    let (mut sql, mut values) = ("1".to_owned(), Vec::new());
    let mut add = |condition: &str, value: Value| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.push(value);
    };
    if let Some(from) = filter.from {
        add("at_ms >= ?", Value::from(from.timestamp_millis()));
    }
    if let Some(to) = filter.to {
        add("at_ms < ?", Value::from(to.timestamp_millis()));
    }
    if let Some(as_of) = filter.as_of {
        // The sign keeps SQLite from going through the table in the order of writing instead of by time.
        add("+id <= ?", Value::from(as_of));
    }
    let texts = [
        ("provider", &filter.provider),
        ("model", &filter.model),
        ("project", &filter.project),
        ("session", &filter.session),
        ("key", &filter.key),
    ];
    for (column, wanted) in texts {
        if let Some(wanted) = wanted {
            add(&format!("{column} = ?"), Value::from(wanted.clone()));
        }
    }
    if let Some(ok) = filter.ok {
        add("ok = ?", Value::from(i64::from(ok)));
    }
    if let Some(source) = filter.source {
        add("source = ?", Value::from(source.as_str().to_owned()));
    }
    // Whoever records a call may call its error what they like: only what is written down here does not count.
    match filter.outcome {
        Some(Outcome::Ok) => add("ok = ?", Value::from(1)),
        Some(Outcome::Denied) => add("NOT ok AND NOT counted AND instr(error, ?) = 1", Value::from(DENIED.to_owned())),
        Some(Outcome::Failed) => {
            add("NOT ok AND (counted OR error IS NULL OR instr(error, ?) <> 1)", Value::from(DENIED.to_owned()));
        }
        Some(Outcome::Odd) => {
            let estimated = Value::from(UsageSource::Estimated.as_str().to_owned());
            add("(NOT ok OR priced = 'unknown' OR usage_source = ?)", estimated);
        }
        None => {}
    }
    if let Some(text) = &filter.text {
        add(
            "instr(lower(concat_ws(char(10), model, project, session, user, operation, error, call_id)), lower(?)) > 0",
            Value::from(text.clone()),
        );
    }
    (sql, values)
}
