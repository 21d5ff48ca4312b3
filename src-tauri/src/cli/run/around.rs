//! The run that this one is within, if it is. Its calls go on with the key of the outer one, whose cap and receipt take
//! them in; a cap of its own is a budget of that key too, over what it has spent so far.

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::Value;

use super::environment;
use super::host::Host;
use super::receipt::Receipt;
use crate::domain::money::Nusd;

/// By which a run tells its command, and whatever that starts, which run it is within.
pub const VARIABLE: &str = "SPENDLIGHT_RUN";

pub struct Around {
    /// The outermost run's, and its key's.
    pub id: String,
    pub key: String,
    /// When this run began.
    pub since: DateTime<Utc>,
    /// What the key had spent by then.
    pub spent: Nusd,
}

impl Around {
    /// The run around this one, by the environment `own`: it counts for as long as its key is good at this Spendlight.
    ///
    /// # Errors
    /// Spendlight does not answer.
    pub async fn find(
        host: &Host,
        now: DateTime<Utc>,
        own: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Option<Around>> {
        let (Some(id), Some(key)) = (own(VARIABLE), environment::key_in(&host.base, &own)) else { return Ok(None) };
        let keys = host.door.ask(Method::GET, "/v1/keys", None).await?.good()?;
        let mut keys = keys.get("keys").and_then(Value::as_array).into_iter().flatten();
        let good = keys.any(|key| key.get("id").is_some_and(|known| known == &id) && key["revoked_at"].is_null());
        if !good {
            return Ok(None);
        }
        let spent = Receipt::read(&host.door, &id, None, 0).await?.cost();
        Ok(Some(Around { id, key, since: now, spent }))
    }
}
