//! Spendlight keys: the hash of each, and what is known of it. None ever goes; a revoked one only says since when.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::text::{from_json, json, time};
use super::{Result, Writer};
use crate::domain::key::{Key, KeyHash};

impl Writer {
    /// Every key with its hash, in the order they were issued.
    pub fn keys(&self) -> Result<Vec<(KeyHash, Key)>> {
        let mut select = self.conn().prepare(
            "SELECT hash, id, name, project, models, created_ms, last_used_ms, revoked_ms FROM keys ORDER BY rowid",
        )?;
        let mut rows = select.query([])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let key = Key {
                id: row.get(1)?,
                name: row.get(2)?,
                project: row.get(3)?,
                models: from_json(&row.get::<_, String>(4)?)?,
                created_at: time(row.get(5)?),
                last_used_at: row.get::<_, Option<i64>>(6)?.map(time),
                revoked_at: row.get::<_, Option<i64>>(7)?.map(time),
            };
            keys.push((row.get(0)?, key));
        }
        Ok(keys)
    }

    /// Whether a key has this id, or has had it.
    pub fn has_key(&self, id: &str) -> Result<bool> {
        Ok(self.conn().query_row("SELECT EXISTS (SELECT 1 FROM keys WHERE id = ?1)", [id], |row| row.get(0))?)
    }

    /// Writes a new key down.
    pub fn insert_key(&self, hash: &KeyHash, key: &Key) -> Result<()> {
        self.conn().execute(
            "INSERT INTO keys (id, hash, name, project, models, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![key.id, hash, key.name, key.project, json(&key.models)?, key.created_at.timestamp_millis()],
        )?;
        Ok(())
    }

    /// Revokes a key; one that is revoked stays as it is.
    pub fn revoke_key(&self, id: &str, now: DateTime<Utc>) -> Result<()> {
        self.conn().execute(
            "UPDATE keys SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL",
            params![id, now.timestamp_millis()],
        )?;
        Ok(())
    }

    /// Writes down when a key was last used.
    pub fn put_key_used(&self, id: &str, at: DateTime<Utc>) -> Result<()> {
        self.conn().execute("UPDATE keys SET last_used_ms = ?2 WHERE id = ?1", params![id, at.timestamp_millis()])?;
        Ok(())
    }
}
