//! How many calls have been denied, and by what.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::text::{time, word};
use super::{Result, Writer};
use crate::domain::denied::{Denied, Denier};
use crate::domain::window::Window;

impl Writer {
    /// Adds calls to those that have been denied by this denier.
    pub fn add_denied(&self, denier: &Denier, denied: &Denied) -> Result<()> {
        self.conn()
            .prepare_cached(
                "INSERT INTO denials (budget_id, window, window_start_ms, window_end_ms, limit_value, since_ms, calls)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, since_ms = min(since_ms, excluded.since_ms)",
            )?
            .execute(params![
                denier.budget_id,
                denier.window.kind.as_str(),
                denier.window.start.timestamp_millis(),
                denier.window.end.timestamp_millis(),
                denier.limit,
                denied.since.timestamp_millis(),
                i64::try_from(denied.calls).unwrap_or(i64::MAX),
            ])?;
        Ok(())
    }

    /// What has been denied in windows that are not over at `now`, by budgets that there are, and by pauses.
    pub fn denied(&self, now: DateTime<Utc>) -> Result<Vec<(Denier, Denied)>> {
        let mut select = self.conn().prepare(
            "SELECT budget_id, window, window_start_ms, window_end_ms, limit_value, since_ms, calls FROM denials
             WHERE window_end_ms > ?1 AND (budget_id = '' OR budget_id IN (SELECT id FROM budgets))",
        )?;
        let mut rows = select.query([now.timestamp_millis()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let window =
                Window { kind: word(&row.get::<_, String>(1)?)?, start: time(row.get(2)?), end: time(row.get(3)?) };
            let denier = Denier { budget_id: row.get(0)?, window, limit: row.get(4)? };
            let calls = u64::try_from(row.get::<_, i64>(6)?).unwrap_or(0);
            found.push((denier, Denied { calls, since: time(row.get(5)?) }));
        }
        Ok(found)
    }

    /// Forgets what was denied in windows that are over and by budgets that are gone, unless an alert tells of it; and by every
    /// pause but `pause`.
    pub fn forget_denied(&self, now: DateTime<Utc>, pause: Option<&Denier>) -> Result<()> {
        self.conn().execute(
            "DELETE FROM denials WHERE CASE budget_id
               WHEN '' THEN window_start_ms IS NOT ?2
               ELSE (window_end_ms <= ?1 OR budget_id NOT IN (SELECT id FROM budgets)) AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.budget_id = denials.budget_id
                 AND a.window = denials.window AND a.window_start_ms = denials.window_start_ms)
             END",
            params![now.timestamp_millis(), pause.map(|pause| pause.window.start.timestamp_millis())],
        )?;
        Ok(())
    }
}
