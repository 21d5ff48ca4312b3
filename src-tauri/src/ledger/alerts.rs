//! Alerts and their deliveries. The database lets a threshold speak once for each budget, window and limit.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::text::{time, word};
use super::{Result, Writer};
use crate::domain::alert::{Alert, AlertState, Delivery, DeliveryState};
use crate::domain::standing::Level;
use crate::domain::window::Window;

const COLUMNS: &str = "id, at_ms, level, budget_id, budget_name, window, window_start_ms, window_end_ms, threshold,
    percent, unit, limit_value, used, blocks, exhausted_ms, call_id, state, asks,
    snoozed_until_ms, returned_ms, answered_ms,
    (SELECT calls FROM denials d WHERE d.budget_id = alerts.budget_id AND d.window = alerts.window
       AND d.window_start_ms = alerts.window_start_ms AND d.limit_value = alerts.limit_value)";

/// Neither answered nor put aside.
const UNANSWERED: &str = " AND state = 'new' AND snoozed_until_ms IS NULL";

/// Which alerts are wanted; what is not given does not filter.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    pub from: Option<DateTime<Utc>>,
    pub level: Option<Level>,
    pub state: Option<AlertState>,
    /// The budget's id.
    pub budget: Option<String>,
}

impl Writer {
    /// Writes an alert down with its deliveries. None when this threshold has spoken already for this budget, window and
    /// limit.
    pub fn insert_alert(&self, a: &Alert) -> Result<Option<i64>> {
        let inserted = self
            .conn()
            .prepare_cached(
                "INSERT INTO alerts (at_ms, level, budget_id, budget_name, window, window_start_ms, window_end_ms,
                   threshold, percent, unit, limit_value, used, blocks, exhausted_ms, call_id, state, asks)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'new', ?16)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                a.at.timestamp_millis(),
                a.level.as_str(),
                a.budget_id,
                a.budget_name,
                a.window.kind.as_str(),
                a.window.start.timestamp_millis(),
                a.window.end.timestamp_millis(),
                a.threshold,
                a.percent,
                a.unit.as_str(),
                a.limit,
                a.used,
                a.blocks,
                a.exhausted_at.map(|at| at.timestamp_millis()),
                a.call_id,
                a.asks,
            ])?;
        if inserted == 0 {
            return Ok(None);
        }
        let id = self.conn().last_insert_rowid();
        for delivery in &a.deliveries {
            self.conn()
                .prepare_cached(
                    "INSERT INTO deliveries (alert_id, channel, turn, state, at_ms, until_ms, reason)
                     VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    id,
                    delivery.channel,
                    delivery.state.as_str(),
                    delivery.at.timestamp_millis(),
                    delivery.until.map(|at| at.timestamp_millis()),
                    delivery.reason,
                ])?;
        }
        Ok(Some(id))
    }

    /// What has been said for a budget in a window: threshold and limit of each alert.
    pub fn said(&self, budget_id: &str, window: &Window) -> Result<Vec<(u8, i64)>> {
        let mut select = self.conn().prepare_cached(
            "SELECT threshold, limit_value FROM alerts WHERE budget_id = ?1 AND window = ?2 AND window_start_ms = ?3",
        )?;
        let rows = select
            .query_map(params![budget_id, window.kind.as_str(), window.start.timestamp_millis()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Writes an answer down with its time; the same answer a second time changes nothing. False when there is no such
    /// alert.
    pub fn answer_alert(&self, id: i64, state: AlertState, now: DateTime<Utc>) -> Result<bool> {
        let answered = self.conn().execute(
            "UPDATE alerts SET answered_ms = CASE WHEN state = ?2 THEN answered_ms ELSE ?3 END, state = ?2,
               snoozed_until_ms = NULL
             WHERE id = ?1",
            params![id, state.as_str(), now.timestamp_millis()],
        )?;
        Ok(answered == 1)
    }

    /// Puts an alert aside. False when it has been answered, or when there is none.
    pub fn snooze_alert(&self, id: i64, until: DateTime<Utc>) -> Result<bool> {
        let snoozed = self.conn().execute(
            "UPDATE alerts SET snoozed_until_ms = ?2 WHERE id = ?1 AND state = 'new'",
            params![id, until.timestamp_millis()],
        )?;
        Ok(snoozed == 1)
    }

    /// Makes alerts new again that were put aside until now, each with another delivery unless one of it still waits.
    /// How many they were.
    pub fn return_alerts(&self, channel: &str, now: DateTime<Utc>) -> Result<usize> {
        let now = now.timestamp_millis();
        self.conn().execute(
            "INSERT INTO deliveries (alert_id, channel, turn, state, at_ms)
             SELECT id, ?1, (SELECT count(*) FROM deliveries WHERE alert_id = id AND channel = ?1), 'pending', ?2
             FROM alerts WHERE snoozed_until_ms <= ?2
               AND NOT EXISTS (SELECT 1 FROM deliveries WHERE alert_id = id AND channel = ?1 AND state = 'pending')",
            params![channel, now],
        )?;
        let returned = self.conn().execute(
            "UPDATE alerts SET snoozed_until_ms = NULL, returned_ms = ?1 WHERE snoozed_until_ms <= ?1",
            [now],
        )?;
        Ok(returned)
    }

    /// Marks as failed what an earlier run began to deliver and did not finish: it may have been seen.
    pub fn give_up_sending(&self, now: DateTime<Utc>) -> Result<()> {
        self.conn().execute(
            "UPDATE deliveries SET state = 'failed', at_ms = ?1, reason = 'Spendlight ended while it was being shown'
             WHERE state = 'sending'",
            [now.timestamp_millis()],
        )?;
        Ok(())
    }

    pub fn count_new_alerts(&self) -> Result<i64> {
        count_new(self.conn())
    }

    /// Puts a delivery in place of that of its channel. False when that was not in state `from`.
    pub fn move_delivery(&self, alert_id: i64, from: DeliveryState, to: &Delivery) -> Result<bool> {
        let moved = self.conn().execute(
            "UPDATE deliveries SET state = ?4, at_ms = ?5, until_ms = ?6, reason = ?7
             WHERE alert_id = ?1 AND channel = ?2 AND state = ?3",
            params![
                alert_id,
                to.channel,
                from.as_str(),
                to.state.as_str(),
                to.at.timestamp_millis(),
                to.until.map(|at| at.timestamp_millis()),
                to.reason,
            ],
        )?;
        Ok(moved == 1)
    }
}

/// Alerts, newest first.
pub fn list(conn: &Connection, filter: &AlertFilter, limit: usize) -> Result<Vec<Alert>> {
    let (mut sql, mut values) = (format!("SELECT {COLUMNS} FROM alerts WHERE 1"), Vec::new());
    if let Some(from) = filter.from {
        sql.push_str(" AND at_ms >= ?");
        values.push(Value::from(from.timestamp_millis()));
    }
    if let Some(level) = filter.level {
        sql.push_str(" AND level = ?");
        values.push(Value::from(level.as_str().to_owned()));
    }
    match filter.state {
        None => {}
        Some(AlertState::New) => sql.push_str(UNANSWERED),
        Some(AlertState::Snoozed) => sql.push_str(" AND snoozed_until_ms IS NOT NULL"),
        Some(state) => {
            sql.push_str(" AND state = ?");
            values.push(Value::from(state.as_str().to_owned()));
        }
    }
    if let Some(budget) = &filter.budget {
        sql.push_str(" AND budget_id = ?");
        values.push(Value::from(budget.clone()));
    }
    sql.push_str(" ORDER BY at_ms DESC, id DESC LIMIT ?");
    values.push(Value::from(i64::try_from(limit).unwrap_or(i64::MAX)));
    query(conn, &sql, values)
}

pub fn alert(conn: &Connection, id: i64) -> Result<Option<Alert>> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE id = ?");
    Ok(query(conn, &sql, vec![Value::from(id)])?.pop())
}

/// Alerts the desktop has not been asked to show, oldest first. Those that are put aside are not due.
pub fn pending(conn: &Connection) -> Result<Vec<Alert>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alerts WHERE id IN (SELECT alert_id FROM deliveries WHERE state = 'pending')
           AND snoozed_until_ms IS NULL ORDER BY id"
    );
    query(conn, &sql, Vec::new())
}

pub fn count_new(conn: &Connection) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM alerts WHERE 1{UNANSWERED}");
    Ok(conn.query_row(&sql, [], |row| row.get(0))?)
}

/// Whether an alert has been put aside until a time that has come.
pub fn any_returns(conn: &Connection, now: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM alerts WHERE snoozed_until_ms <= ?1)";
    Ok(conn.query_row(sql, [now.timestamp_millis()], |row| row.get(0))?)
}

fn query(conn: &Connection, sql: &str, values: Vec<Value>) -> Result<Vec<Alert>> {
    let mut select = conn.prepare_cached(sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        let mut alert = read(row)?;
        alert.deliveries = deliveries(conn, alert.id)?;
        alerts.push(alert);
    }
    Ok(alerts)
}

fn read(row: &Row<'_>) -> Result<Alert> {
    let moment = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(time));
    let snoozed_until = moment(18)?;
    let state = word(&row.get::<_, String>(16)?)?;
    Ok(Alert {
        id: row.get(0)?,
        at: time(row.get(1)?),
        level: word(&row.get::<_, String>(2)?)?,
        budget_id: row.get(3)?,
        budget_name: row.get(4)?,
        window: Window { kind: word(&row.get::<_, String>(5)?)?, start: time(row.get(6)?), end: time(row.get(7)?) },
        threshold: row.get(8)?,
        percent: row.get(9)?,
        unit: word(&row.get::<_, String>(10)?)?,
        limit: row.get(11)?,
        used: row.get(12)?,
        blocks: row.get(13)?,
        exhausted_at: moment(14)?,
        call_id: row.get(15)?,
        // In the ledger a snoozed alert is a new one with a time.
        state: if snoozed_until.is_some() { AlertState::Snoozed } else { state },
        asks: row.get(17)?,
        snoozed_until,
        returned_at: moment(19)?,
        answered_at: moment(20)?,
        denied_calls: row.get::<_, Option<i64>>(21)?.map_or(0, |calls| u64::try_from(calls).unwrap_or(0)),
        deliveries: Vec::new(),
    })
}

fn deliveries(conn: &Connection, alert_id: i64) -> Result<Vec<Delivery>> {
    let mut select = conn.prepare_cached(
        "SELECT channel, state, at_ms, until_ms, reason FROM deliveries WHERE alert_id = ?1
         ORDER BY channel, turn",
    )?;
    let mut rows = select.query([alert_id])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Delivery {
            channel: row.get(0)?,
            state: word(&row.get::<_, String>(1)?)?,
            at: time(row.get(2)?),
            until: row.get::<_, Option<i64>>(3)?.map(time),
            reason: row.get(4)?,
        });
    }
    Ok(found)
}
