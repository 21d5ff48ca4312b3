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

    /// What has been denied in windows that are not over at `now`.
    pub fn denied(&self, now: DateTime<Utc>) -> Result<Vec<(Denier, Denied)>> {
        let mut select = self.conn().prepare(
            "SELECT budget_id, window, window_start_ms, window_end_ms, limit_value, since_ms, calls FROM denials
             WHERE window_end_ms > ?1",
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

    /// Forgets what was denied in windows that are over and of which no alert tells, and by earlier pauses than the one that
    /// began at `paused_at`.
    pub fn forget_denied(&self, now: DateTime<Utc>, paused_at: Option<DateTime<Utc>>) -> Result<()> {
        self.conn().execute(
            "DELETE FROM denials WHERE CASE budget_id
               WHEN '' THEN window_start_ms IS NOT ?2
               ELSE window_end_ms <= ?1 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.budget_id = denials.budget_id
                 AND a.window = denials.window AND a.window_start_ms = denials.window_start_ms)
             END",
            params![now.timestamp_millis(), paused_at.map(|at| at.timestamp_millis())],
        )?;
        Ok(())
    }
}
