//! Alerts: the recorded fact that a threshold was crossed, or is going to be, with its delivery.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::quantity::Unit;
use super::standing::Level;
use super::window::Window;

/// What its reader has done with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    New,
    /// Put aside until a time, and then new again.
    Snoozed,
    Acknowledged,
    Dismissed,
}

impl AlertState {
    pub fn as_str(self) -> &'static str {
        match self {
            AlertState::New => "new",
            AlertState::Snoozed => "snoozed",
            AlertState::Acknowledged => "acknowledged",
            AlertState::Dismissed => "dismissed",
        }
    }
}

/// How far a delivery has come. `Sending` is written before the desktop is asked, so that a crash in between does
/// not speak twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    Pending,
    Sending,
    Delivered,
    Failed,
    /// It is not to be shown; the delivery says why.
    Off,
}

impl DeliveryState {
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Pending => "pending",
            DeliveryState::Sending => "sending",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Failed => "failed",
            DeliveryState::Off => "off",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub channel: String,
    pub state: DeliveryState,
    pub at: DateTime<Utc>,
    /// How long it waits: until quiet hours end.
    pub until: Option<DateTime<Utc>>,
    /// Why it was not shown, as the end of a sentence: "warnings are turned off".
    pub reason: Option<String>,
}

/// The threshold of an alert that tells of none that was crossed, but that the limit will be reached.
pub const FORECAST: u8 = 0;

/// A crossed threshold, or the forecast of a limit. `limit` and `used` count the unit's smallest part and are those of the moment it crossed.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub level: Level,
    pub budget_id: String,
    /// The budget's name when it crossed: the budget may be renamed or removed later.
    pub budget_name: String,
    pub window: Window,
    /// In percent; 100 is the limit itself, [`FORECAST`] a limit that will be reached.
    pub threshold: u8,
    pub percent: i64,
    pub unit: Unit,
    pub limit: i64,
    pub used: i64,
    /// Whether the budget blocked when it crossed.
    pub blocks: bool,
    /// Whether it asked before it denied a call; only one that blocks can.
    pub asks: bool,
    /// When the limit would be reached at the pace of that moment.
    pub exhausted_at: Option<DateTime<Utc>>,
    /// The entry that crossed.
    pub call_id: String,
    pub state: AlertState,
    /// While it is snoozed: when it comes back.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When it last came back after it had been snoozed.
    pub returned_at: Option<DateTime<Utc>>,
    /// When it was acknowledged or dismissed.
    pub answered_at: Option<DateTime<Utc>>,
    /// How many calls the budget has denied so far in that window under that limit.
    pub denied_calls: u64,
    /// In the order they began: one, and another for each time it came back.
    pub deliveries: Vec<Delivery>,
}

impl Alert {
    /// Whether it tells what will be, and not what is.
    pub fn is_forecast(&self) -> bool {
        self.threshold == FORECAST
    }

    /// Until when its delivery has been made to wait, though that may be over.
    pub fn waits_until(&self) -> Option<DateTime<Utc>> {
        self.deliveries.iter().find_map(|delivery| delivery.until)
    }
}
