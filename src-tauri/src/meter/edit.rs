//! Edits: budgets, settings and the pause switch. Each is one transaction, and the tallies are read anew from the ledger
//! within it, so that what is shown afterwards is exact.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::tallies::{Tallies, Tally};
use super::{Meter, MeterError};
use crate::clock::machine_zone;
use crate::domain::budget::{Budget, Override};
use crate::domain::currency::Currency;
use crate::domain::window::{Window, WindowKind};
use crate::ledger::{BackupSchedule, KeepCalls, NotificationSettings, Settings, Theme, UnknownPrice};

/// How many budgets there may be: each is looked at by every check.
const BUDGETS_MAX: usize = 200;

/// Changes to the settings; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct SettingsChange {
    /// `Some(None)` goes back to the machine's own zone.
    pub time_zone: Option<Option<Tz>>,
    pub unknown_price: Option<UnknownPrice>,
    pub theme: Option<Theme>,
    pub notifications: Option<NotificationSettings>,
    pub paused: Option<bool>,
    pub require_key: Option<bool>,
    /// How long a call waits for an answer.
    pub ask_seconds: Option<u64>,
    pub add_usage: Option<bool>,
    pub backup_schedule: Option<BackupSchedule>,
    pub start_hidden: Option<bool>,
    /// `Some(None)` goes back to US dollars.
    pub currency: Option<Option<Currency>>,
    pub keep_calls: Option<KeepCalls>,
}

impl SettingsChange {
    fn apply(self, settings: &mut Settings, now: DateTime<Utc>) {
        if let Some(time_zone) = self.time_zone {
            settings.time_zone = time_zone;
        }
        if let Some(unknown_price) = self.unknown_price {
            settings.unknown_price = unknown_price;
        }
        if let Some(theme) = self.theme {
            settings.theme = theme;
        }
        if let Some(notifications) = self.notifications {
            settings.notifications = notifications;
        }
        if let Some(paused) = self.paused {
            settings.paused_at = paused.then(|| settings.paused_at.unwrap_or(now));
            settings.paused = paused;
        }
        if let Some(require_key) = self.require_key {
            settings.require_key = require_key;
        }
        if let Some(ask_seconds) = self.ask_seconds {
            settings.ask_seconds = ask_seconds;
        }
        if let Some(add_usage) = self.add_usage {
            settings.add_usage = add_usage;
        }
        if let Some(backup_schedule) = self.backup_schedule {
            settings.backup_schedule = backup_schedule;
        }
        if let Some(start_hidden) = self.start_hidden {
            settings.start_hidden = start_hidden;
        }
        if let Some(currency) = self.currency {
            settings.currency = currency;
        }
        if let Some(keep_calls) = self.keep_calls {
            settings.keep_calls = keep_calls;
        }
    }
}

impl Meter {
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.shared.state().tallies.settings)
    }

    pub fn budgets(&self) -> Vec<Arc<Budget>> {
        self.shared.state().tallies.budgets.iter().map(|tally| Arc::clone(&tally.budget)).collect()
    }

    pub fn budget(&self, id: &str) -> Result<Arc<Budget>, MeterError> {
        self.budgets().into_iter().find(|budget| budget.id == id).ok_or_else(|| no_budget(id))
    }

    /// Adds a budget.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] for one that is not sound, [`MeterError::Conflict`] when its id is taken.
    pub async fn add_budget(&self, budget: Budget) -> Result<(), MeterError> {
        self.put_budget(budget, |tallies, budget| {
            if tallies.budgets.iter().any(|tally| tally.budget.id == budget.id) {
                return Err(MeterError::Conflict(format!("a budget with the id {:?} exists", budget.id)));
            }
            if tallies.budgets.len() >= BUDGETS_MAX {
                return Err(MeterError::Conflict(format!(
                    "there are {BUDGETS_MAX} budgets already, which is the most"
                )));
            }
            Ok(())
        })
        .await
    }

    /// Puts a budget in place of the one with its id.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] for one that is not sound, [`MeterError::NotFound`] when there is none to replace.
    pub async fn replace_budget(&self, budget: Budget) -> Result<(), MeterError> {
        self.put_budget(budget, |tallies, budget| {
            let known = tallies.budgets.iter().any(|tally| tally.budget.id == budget.id);
            if known { Ok(()) } else { Err(no_budget(&budget.id)) }
        })
        .await
    }

    async fn put_budget(
        &self,
        budget: Budget,
        may: impl FnOnce(&Tallies, &Budget) -> Result<(), MeterError> + Send + 'static,
    ) -> Result<(), MeterError> {
        budget.check().map_err(|e| MeterError::invalid(e.field, e.problem))?;
        self.edit(move |writer, tallies, now| {
            may(tallies, &budget)?;
            writer.put_budget(&budget)?;
            let tally = Tally::read(Arc::new(budget), tallies.zone, now, writer)?;
            match tallies.budgets.iter_mut().find(|known| known.budget.id == tally.budget.id) {
                Some(known) => *known = tally,
                None => tallies.budgets.push(tally),
            }
            Ok(())
        })
        .await
    }

    /// Gives a budget another limit until its zone's next midnight.
    pub(super) async fn raise_until_midnight(&self, id: &str, limit: i64) -> Result<(), MeterError> {
        let id = id.to_owned();
        self.edit(move |writer, tallies, now| {
            let Some(known) = tallies.budgets.iter_mut().find(|tally| tally.budget.id == id) else {
                return Err(no_budget(&id));
            };
            let until = Window::holding(WindowKind::Day, now, known.used.zone).end;
            let budget = Budget { raised: Some(Override { limit, until }), ..(*known.budget).clone() };
            budget.check().map_err(|e| MeterError::invalid(e.field, e.problem))?;
            writer.put_budget(&budget)?;
            known.budget = Arc::new(budget);
            Ok(())
        })
        .await
    }

    pub async fn remove_budget(&self, id: &str) -> Result<(), MeterError> {
        let id = id.to_owned();
        self.edit(move |writer, tallies, _| {
            if !writer.remove_budget(&id)? {
                return Err(no_budget(&id));
            }
            tallies.budgets.retain(|tally| tally.budget.id != id);
            Ok(())
        })
        .await
    }

    /// Denies every check and every proxied call from now on.
    pub async fn pause(&self) -> Result<(), MeterError> {
        self.change_settings(SettingsChange { paused: Some(true), ..SettingsChange::default() }).await
    }

    /// Lets calls go again.
    pub async fn resume(&self) -> Result<(), MeterError> {
        self.change_settings(SettingsChange { paused: Some(false), ..SettingsChange::default() }).await
    }

    /// Changes the settings. Another time zone makes the rollups and the standings anew, for its days.
    pub async fn change_settings(&self, change: SettingsChange) -> Result<(), MeterError> {
        self.edit(move |writer, tallies, now| {
            let mut settings = (*tallies.settings).clone();
            change.apply(&mut settings, now);
            writer.put_settings(&settings)?;
            let zone = settings.time_zone.unwrap_or_else(machine_zone);
            tallies.settings = Arc::new(settings);
            if zone != writer.rollup_zone() {
                writer.rebuild_rollups(zone)?;
                *tallies = Tallies::read(writer, Arc::clone(&tallies.settings), zone, now)?;
            }
            Ok(())
        })
        .await?;
        self.shared.upkeep_bell.notify_one();
        Ok(())
    }
}

fn no_budget(id: &str) -> MeterError {
    MeterError::NotFound(format!("no budget has the id {id:?}"))
}
