//! The run that this one is within, if it is. Its calls go on with the key of the outer one, whose cap and receipt take
//! them in; a cap of its own is a budget of that key too, over what it has spent so far.

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::Value;

use super::environment;
use super::host::Host;
use super::receipt::Receipt;
use crate::domain::key::Key;
use crate::domain::money::Nusd;

/// By which a run tells its command, and whatever that starts, which run it is within: its id, and a mark of its key.
pub const VARIABLE: &str = "SPENDLIGHT_RUN";

/// What the variable says of the run with this id and key.
pub fn named(id: &str, key: &str) -> String {
    format!("{id}.{}", mark(key))
}

/// By which a run's key is told from any other that a script may have put in its place.
fn mark(key: &str) -> String {
    Key::hash(key)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

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
        let named = own(VARIABLE).unwrap_or_default();
        let Some((id, marked)) = named.rsplit_once('.') else { return Ok(None) };
        let Some(key) = environment::key_in(&host.base, &own, |key| mark(key) == marked) else { return Ok(None) };
        let keys = host.door.ask(Method::GET, "/v1/keys", None).await?.good()?;
        let mut keys = keys.get("keys").and_then(Value::as_array).into_iter().flatten();
        let good = keys.any(|key| key.get("id").is_some_and(|known| known == id) && key["revoked_at"].is_null());
        if !good {
            return Ok(None);
        }
        let spent = Receipt::read(&host.door, id, None, 0).await?.cost();
        Ok(Some(Around { id: id.to_owned(), key, since: now, spent }))
    }
}
