//! Budgets, in the order their owner made them.

use chrono_tz::Tz;
use rusqlite::{OptionalExtension, params};

use super::text::{from_json, json, time, word};
use super::{LedgerError, Result, Writer};
use crate::domain::budget::{Budget, Override, Scope};

impl Writer {
    pub fn budgets(&self) -> Result<Vec<Budget>> {
        let mut select = self.conn().prepare(
            "SELECT id, name, provider, model, project, user, key, window, unit, limit_value, buffer, action,
               thresholds, time_zone, enabled, raised_limit, raised_until_ms FROM budgets ORDER BY position",
        )?;
        let mut rows = select.query([])?;
        let mut budgets = Vec::new();
        while let Some(row) = rows.next()? {
            let zone: Option<String> = row.get(13)?;
            let raised = match (row.get::<_, Option<i64>>(15)?, row.get::<_, Option<i64>>(16)?) {
                (Some(limit), Some(until_ms)) => Some(Override { limit, until: time(until_ms) }),
                _ => None,
            };
            budgets.push(Budget {
                id: row.get(0)?,
                name: row.get(1)?,
                scope: Scope {
                    provider: row.get(2)?,
                    model: row.get(3)?,
                    project: row.get(4)?,
                    user: row.get(5)?,
                    key: row.get(6)?,
                },
                window: word(&row.get::<_, String>(7)?)?,
                unit: word(&row.get::<_, String>(8)?)?,
                limit: row.get(9)?,
                buffer: row.get(10)?,
                action: word(&row.get::<_, String>(11)?)?,
                thresholds: from_json(&row.get::<_, String>(12)?)?,
                time_zone: zone
                    .map(|name| name.parse::<Tz>().map_err(|e| LedgerError::Unreadable(e.to_string())))
                    .transpose()?,
                enabled: row.get(14)?,
                raised,
            });
        }
        Ok(budgets)
    }

    /// Writes a budget down, in place of one with its id or behind the others.
    pub fn put_budget(&self, b: &Budget) -> Result<()> {
        let position: Option<i64> = self
            .conn()
            .query_row("SELECT position FROM budgets WHERE id = ?1", [&b.id], |row| row.get(0))
            .optional()?;
        let position = match position {
            Some(position) => position,
            None => {
                self.conn().query_row("SELECT coalesce(max(position), 0) + 1 FROM budgets", [], |row| row.get(0))?
            }
        };
        self.conn().execute(
            "INSERT OR REPLACE INTO budgets VALUES
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
            params![
                b.id,
                position,
                b.name,
                b.scope.provider,
                b.scope.model,
                b.scope.project,
                b.scope.user,
                b.scope.key,
                b.window.as_str(),
                b.unit.as_str(),
                b.limit,
                b.buffer,
                b.action.as_str(),
                json(&b.thresholds)?,
                b.time_zone.map(Tz::name),
                b.enabled,
                b.raised.map(|r| r.limit),
                b.raised.map(|r| r.until.timestamp_millis()),
            ],
        )?;
        Ok(())
    }

    /// False when there is no such budget.
    pub fn remove_budget(&self, id: &str) -> Result<bool> {
        Ok(self.conn().execute("DELETE FROM budgets WHERE id = ?1", [id])? == 1)
    }
}
