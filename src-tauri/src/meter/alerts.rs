//! Alerts: the fact that an entry crossed a threshold, and its way to the desktop.
//!
//! A delivery is marked as begun before the desktop is asked: a crash in between loses one word rather than saying it
//! twice.

use chrono::{DateTime, Utc};

use super::{Meter, MeterError};
use crate::domain::alert::{Alert, AlertState, Delivery, DeliveryState};
use crate::domain::budget::Action;
use crate::domain::snooze::Snooze;
use crate::domain::standing::{Level, Standing};
use crate::ledger::{self, AlertFilter, NotificationSettings};

/// The only way an alert goes so far.
const DESKTOP: &str = "desktop";

/// The alert for a standing that has crossed `threshold` with the call's entry; of a forecast, that will cross its limit.
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
        snoozed_until: None,
        returned_at: None,
        answered_at: None,
        denied_calls: 0,
        deliveries: Vec::new(),
    }
}

/// Where a delivery to the desktop begins: pending, or off because the user turned this kind off.
pub fn first_delivery(settings: &NotificationSettings, alert: &Alert) -> Delivery {
    let unwanted = unwanted(settings, alert);
    let state = if unwanted.is_some() { DeliveryState::Off } else { DeliveryState::Pending };
    delivery(state, alert.at, None, unwanted.map(str::to_owned))
}

/// Why an alert is not to be shown on the desktop, as the end of a sentence; none when it is.
pub fn unwanted(settings: &NotificationSettings, alert: &Alert) -> Option<&'static str> {
    let (wanted, otherwise) = match alert.level {
        _ if !settings.enabled => (false, "notifications are turned off"),
        _ if alert.is_forecast() => (settings.forecast, "forecasts are turned off"),
        Level::Exceeded => (settings.exceeded, "exceeded limits are turned off"),
        Level::Critical => (settings.critical, "critical alerts are turned off"),
        Level::Warning | Level::Ok => (settings.warning, "warnings are turned off"),
    };
    (!wanted).then_some(otherwise)
}

impl Meter {
    /// Alerts, newest first.
    pub async fn alerts(&self, filter: AlertFilter, limit: usize) -> Result<Vec<Alert>, MeterError> {
        let mut alerts = self.read(move |conn| ledger::alerts(conn, &filter, limit)).await?;
        let state = self.shared.state();
        alerts.iter_mut().for_each(|alert| state.denials.count_denied_since(alert));
        drop(state);
        Ok(alerts)
    }

    /// Acknowledges an alert and returns it as it is then. One that still waits for the desktop is not shown there any
    /// more.
    pub async fn acknowledge_alert(&self, id: i64) -> Result<Alert, MeterError> {
        self.answer_alert(id, AlertState::Acknowledged).await
    }

    /// Dismisses an alert; otherwise as [`Meter::acknowledge_alert`].
    pub async fn dismiss_alert(&self, id: i64) -> Result<Alert, MeterError> {
        self.answer_alert(id, AlertState::Dismissed).await
    }

    async fn answer_alert(&self, id: i64, state: AlertState) -> Result<Alert, MeterError> {
        self.edit(move |writer, tallies, now| {
            if !writer.answer_alert(id, state, now)? {
                return Err(no_alert(id));
            }
            let answered = delivery(DeliveryState::Off, now, None, Some("it was answered before".to_owned()));
            writer.move_delivery(id, DeliveryState::Pending, &answered)?;
            tallies.alerts_new = writer.count_new_alerts()?;
            Ok(())
        })
        .await?;
        self.alert(id).await
    }

    /// Puts an alert aside: it is not new, and not told on the desktop, until it comes back by itself.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] for a time that cannot be, [`MeterError::Conflict`] for an alert that has been answered.
    pub async fn snooze_alert(&self, id: i64, snooze: Snooze) -> Result<Alert, MeterError> {
        let until = snooze.until(self.now(), self.zone()).map_err(|problem| MeterError::invalid("until", problem))?;
        self.alert(id).await?;
        self.edit(move |writer, tallies, _| {
            if !writer.snooze_alert(id, until)? {
                return Err(MeterError::Conflict("the alert has been answered already".to_owned()));
            }
            tallies.alerts_new = writer.count_new_alerts()?;
            Ok(())
        })
        .await?;
        self.alert(id).await
    }

    /// Makes alerts new again whose time has come, to be told once more.
    pub async fn return_alerts(&self) -> Result<(), MeterError> {
        let now = self.now();
        // This is asked all day, and hardly ever is there anything to write.
        if !self.read(move |conn| ledger::any_alert_returns(conn, now)).await? {
            return Ok(());
        }
        self.edit(|writer, tallies, now| {
            writer.return_alerts(DESKTOP, now)?;
            tallies.alerts_new = writer.count_new_alerts()?;
            Ok(())
        })
        .await
    }

    async fn alert(&self, id: i64) -> Result<Alert, MeterError> {
        let mut alert = self.read(move |conn| ledger::alert(conn, id)).await?.ok_or_else(|| no_alert(id))?;
        self.shared.state().denials.count_denied_since(&mut alert);
        Ok(alert)
    }

    /// Alerts that wait for the desktop to be asked, oldest first.
    pub async fn pending_alerts(&self) -> Result<Vec<Alert>, MeterError> {
        self.read(ledger::pending_alerts).await
    }

    /// Why an alert is not to be shown on the desktop, by the settings as they are now; none when it is.
    pub fn unwanted(&self, alert: &Alert) -> Option<&'static str> {
        unwanted(&self.settings().notifications, alert)
    }

    /// Whether it is a quiet hour.
    pub fn is_quiet(&self) -> bool {
        self.settings().notifications.quiet_hours.until(self.now(), self.zone()).is_some()
    }

    /// Until when an alert has to wait because of quiet hours; none when it need not.
    pub fn quiet_for(&self, alert: &Alert) -> Option<DateTime<Utc>> {
        let quiet = self.settings().notifications.quiet_hours;
        let goes_through = quiet.let_exceeded_through && alert.level == Level::Exceeded;
        quiet.until(self.now(), self.zone()).filter(|_| !goes_through)
    }

    /// Takes an alert for delivery. False when somebody has already.
    pub async fn begin_delivery(&self, id: i64) -> Result<bool, MeterError> {
        self.move_delivery(id, DeliveryState::Pending, DeliveryState::Sending, None, None).await
    }

    /// Has a delivery wait that has not begun.
    pub async fn hold_delivery(&self, id: i64, until: DateTime<Utc>) -> Result<bool, MeterError> {
        self.move_delivery(id, DeliveryState::Pending, DeliveryState::Pending, Some(until), None).await
    }

    /// Gives up a delivery that has not begun.
    pub async fn drop_delivery(&self, id: i64, reason: &str) -> Result<bool, MeterError> {
        self.move_delivery(id, DeliveryState::Pending, DeliveryState::Off, None, Some(reason.to_owned())).await
    }

    /// Says how a delivery that was begun came out: why it failed, if it did.
    pub async fn end_delivery(&self, id: i64, failed: Option<String>) -> Result<bool, MeterError> {
        let to = if failed.is_some() { DeliveryState::Failed } else { DeliveryState::Delivered };
        self.move_delivery(id, DeliveryState::Sending, to, None, failed).await
    }

    async fn move_delivery(
        &self,
        id: i64,
        from: DeliveryState,
        to: DeliveryState,
        until: Option<DateTime<Utc>>,
        reason: Option<String>,
    ) -> Result<bool, MeterError> {
        let (send, moved) = std::sync::mpsc::channel();
        self.edit(move |writer, _, now| {
            let _ = send.send(writer.move_delivery(id, from, &delivery(to, now, until, reason))?);
            Ok(())
        })
        .await?;
        Ok(moved.try_recv().unwrap_or(false))
    }
}

fn no_alert(id: i64) -> MeterError {
    MeterError::NotFound(format!("no alert has the id {id}"))
}

fn delivery(state: DeliveryState, at: DateTime<Utc>, until: Option<DateTime<Utc>>, reason: Option<String>) -> Delivery {
    Delivery { channel: DESKTOP.to_owned(), state, at, until, reason }
}
