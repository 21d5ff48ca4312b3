//! What time it is. The only file that asks the machine; everyone else is told, and tests turn the clock by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// A clock with a twin that tests set.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Milliseconds since 1970, as somebody set them.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    pub fn simulated(at: DateTime<Utc>) -> Clock {
        Clock::Simulated(Arc::new(AtomicI64::new(at.timestamp_millis())))
    }

    /// The time, in whole milliseconds: what the ledger keeps of it.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that may")]
    pub fn now(&self) -> DateTime<Utc> {
        let ms = match self {
            Clock::System => Utc::now().timestamp_millis(),
            Clock::Simulated(ms) => ms.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_millis(ms).unwrap_or_default()
    }

    /// Moves a simulated clock on; the system's goes by itself.
    pub fn advance(&self, by: TimeDelta) {
        if let Clock::Simulated(ms) = self {
            ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        }
    }
}

/// The machine's time zone; UTC where it has none that is known.
pub fn machine_zone() -> Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}
