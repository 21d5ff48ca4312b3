//! Settings: what the user edits while Spendlight runs, and the few facts the ledger keeps about itself.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::text::{from_json, json, time};
use super::{BackupSchedule, KeepCalls, Result, Writer};
use crate::domain::currency::Currency;
use crate::domain::denied::Denier;
use crate::domain::quiet::QuietHours;
use crate::pricing::Override;

/// What a check of a model without a known price gets from a blocking dollar budget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPrice {
    #[default]
    Deny,
    /// Counted at the provider's dearest known model.
    CountHigh,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// Which alerts the desktop speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationSettings {
    pub enabled: bool,
    pub warning: bool,
    pub critical: bool,
    pub exceeded: bool,
    /// Whether it speaks once a window of a limit that will be reached more than an hour early.
    pub forecast: bool,
    /// Whether critical and exceeded ones may make a sound.
    pub sound: bool,
    pub quiet_hours: QuietHours,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        NotificationSettings {
            enabled: true,
            warning: true,
            critical: true,
            exceeded: true,
            forecast: false,
            sound: false,
            quiet_hours: QuietHours::default(),
        }
    }
}

/// How long a call may wait for its user's answer. Longer than a minute, programs give up by themselves.
pub const ASK_SECONDS: std::ops::RangeInclusive<u64> = 5..=60;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The zone of days and months; the machine's own where none is chosen.
    pub time_zone: Option<Tz>,
    pub unknown_price: UnknownPrice,
    pub theme: Theme,
    pub notifications: NotificationSettings,
    pub paused: bool,
    /// When it was paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Whether a check or a record needs a Spendlight key.
    pub require_key: bool,
    /// How long a call waits for an answer, within [`ASK_SECONDS`].
    pub ask_seconds: u64,
    /// Whether a stream through the proxy is asked to report its usage where its client did not ask for that.
    pub add_usage: bool,
    pub backup_schedule: BackupSchedule,
    /// Whether the tray program starts without opening its window.
    pub start_hidden: bool,
    /// What amounts are shown in; US dollars where none is chosen.
    pub currency: Option<Currency>,
    /// How long single calls are kept; what they add up to is kept for good.
    pub keep_calls: KeepCalls,
}

impl Settings {
    /// The pause that goes on, as what denies calls.
    pub fn pause(&self) -> Option<Denier> {
        self.paused.then(|| Denier::pause(self.paused_at))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            time_zone: None,
            unknown_price: UnknownPrice::default(),
            theme: Theme::default(),
            notifications: NotificationSettings::default(),
            paused: false,
            paused_at: None,
            require_key: false,
            ask_seconds: *ASK_SECONDS.end(),
            add_usage: true,
            backup_schedule: BackupSchedule::default(),
            start_hidden: false,
            currency: None,
            keep_calls: KeepCalls::default(),
        }
    }
}

const SETTINGS: &str = "settings";

impl Writer {
    /// The user's settings; none before the first start has written them.
    pub fn settings(&self) -> Result<Option<Settings>> {
        self.setting(SETTINGS)
    }

    pub fn put_settings(&self, settings: &Settings) -> Result<()> {
        self.put_setting(SETTINGS, settings)
    }

    pub(super) fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let mut select = self.conn().prepare_cached("SELECT value FROM settings WHERE name = ?1")?;
        let text: Option<String> = select.query_row([name], |row| row.get(0)).optional()?;
        text.map(|text| from_json(&text)).transpose()
    }

    pub(super) fn put_setting<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let mut put = self.conn().prepare_cached("INSERT OR REPLACE INTO settings VALUES (?1, ?2)")?;
        put.execute(params![name, json(value)?])?;
        Ok(())
    }

    pub fn price_overrides(&self) -> Result<Vec<Override>> {
        price_overrides(self.conn())
    }

    pub fn put_price_override(&self, price: &Override, now: DateTime<Utc>) -> Result<()> {
        let rate = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.conn().execute(
            "INSERT OR REPLACE INTO price_overrides VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                price.provider,
                price.model,
                rate(price.input),
                rate(price.output),
                price.cache_read.map(rate),
                price.cache_write.map(rate),
                now.timestamp_millis()
            ],
        )?;
        Ok(())
    }

    /// False when there is no such override.
    pub fn remove_price_override(&self, provider: &str, model: &str) -> Result<bool> {
        let removed = self
            .conn()
            .execute("DELETE FROM price_overrides WHERE provider = ?1 AND model = ?2", params![provider, model])?;
        Ok(removed == 1)
    }
}

/// When a price was set that was set while running; none where that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSet {
    pub provider: String,
    pub model: String,
    pub at: Option<DateTime<Utc>>,
}

pub fn prices_set(conn: &Connection) -> Result<Vec<PriceSet>> {
    let mut select = conn.prepare("SELECT provider, model, set_ms FROM price_overrides")?;
    let rows = select.query_map([], |row| {
        Ok(PriceSet { provider: row.get(0)?, model: row.get(1)?, at: row.get::<_, Option<i64>>(2)?.map(time) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The prices that were set while running.
pub fn price_overrides(conn: &Connection) -> Result<Vec<Override>> {
    let mut select = conn.prepare(
        "SELECT provider, model, input_nusd_per_million, output_nusd_per_million, cache_read_nusd_per_million,
           cache_write_nusd_per_million FROM price_overrides ORDER BY provider, model",
    )?;
    let rate = |n: i64| u64::try_from(n).unwrap_or(0);
    let rows = select.query_map([], |row| {
        Ok(Override {
            provider: row.get(0)?,
            model: row.get(1)?,
            input: rate(row.get(2)?),
            output: rate(row.get(3)?),
            cache_read: row.get::<_, Option<i64>>(4)?.map(rate),
            cache_write: row.get::<_, Option<i64>>(5)?.map(rate),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
