//! Alerts: the fact that an entry crossed a threshold, and its way to the desktop.
//!
//! A delivery is marked as begun before the desktop is asked: a crash in between loses one word rather than saying it
//! twice.

use chrono::{DateTime, Utc};

use super::{Meter, MeterError};
use crate::domain::alert::{Alert, AlertState, DeliveryState};
use crate::domain::budget::Action;
use crate::domain::standing::{Level, Standing};
use crate::ledger::{self, AlertFilter, NotificationSettings};

/// The alert for a standing that has crossed `threshold` with the call's entry.
pub fn crossed(standing: &Standing, threshold: u8, call_id: &str) -> Alert {
    let budget = &standing.budget;
    let level = if threshold >= 100 {
        Level::Exceeded
    } else if budget.thresholds.last() == Some(&threshold) {
        Level::Critical
    } else {
        Level::Warning
    };
    Alert {
        id: 0,
        at: standing.now,
        level,
        budget_id: budget.id.clone(),
        budget_name: budget.name.clone(),
        window: standing.window,
        threshold,
        percent: standing.percent(),
        unit: budget.unit,
        limit: standing.limit,
        used: standing.used,
        blocks: budget.action.blocks(),
        asks: budget.action == Action::Ask,
        exhausted_at: standing.forecast().exhausted_at,
        call_id: call_id.to_owned(),
        state: AlertState::New,
        deliveries: Vec::new(),
    }
}

/// Where a delivery to the desktop begins: pending, or off because the user turned this level off.
pub fn first_delivery(settings: &NotificationSettings, level: Level) -> DeliveryState {
    let wanted = settings.enabled
        && match level {
            Level::Exceeded => settings.exceeded,
            Level::Critical => settings.critical,
            Level::Warning | Level::Ok => settings.warning,
        };
    if wanted { DeliveryState::Pending } else { DeliveryState::Off }
}

impl Meter {
    /// Alerts, newest first.
    pub async fn alerts(&self, filter: AlertFilter, limit: usize) -> Result<Vec<Alert>, MeterError> {
        self.read(move |conn| ledger::alerts(conn, &filter, limit)).await
    }

    /// Acknowledges or dismisses an alert, and returns it as it is then.
    pub async fn set_alert_state(&self, id: i64, state: AlertState) -> Result<Alert, MeterError> {
        let missing = move || MeterError::NotFound(format!("no alert has the id {id}"));
        self.edit(move |writer, tallies, _| {
            if !writer.set_alert_state(id, state)? {
                return Err(missing());
            }
            tallies.alerts_new = writer.count_new_alerts()?;
            Ok(())
        })
        .await?;
        self.read(move |conn| ledger::alert(conn, id)).await?.ok_or_else(missing)
    }

    /// Alerts that wait for the desktop to be asked, oldest first.
    pub async fn pending_alerts(&self) -> Result<Vec<Alert>, MeterError> {
        self.read(ledger::pending_alerts).await
    }

    /// Takes an alert for delivery. False when somebody has already.
    pub async fn begin_delivery(&self, id: i64) -> Result<bool, MeterError> {
        self.move_delivery(id, DeliveryState::Pending, DeliveryState::Sending).await
    }

    /// Says how a delivery that was begun came out.
    pub async fn end_delivery(&self, id: i64, delivered: bool) -> Result<bool, MeterError> {
        let to = if delivered { DeliveryState::Delivered } else { DeliveryState::Failed };
        self.move_delivery(id, DeliveryState::Sending, to).await
    }

    async fn move_delivery(&self, id: i64, from: DeliveryState, to: DeliveryState) -> Result<bool, MeterError> {
        let (send, moved) = std::sync::mpsc::channel();
        self.edit(move |writer, _, now: DateTime<Utc>| {
            let _ = send.send(writer.move_delivery(id, from, to, now)?);
            Ok(())
        })
        .await?;
        Ok(moved.try_recv().unwrap_or(false))
    }
}
