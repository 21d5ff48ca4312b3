//! How an entry's cost comes about by the prices in use: for whoever looks at one call. Nothing is priced again by it.

use std::sync::Arc;

use super::{Meter, MeterError};
use crate::domain::entry::Entry;
use crate::pricing::{Explanation, Query};

impl Meter {
    /// How the cost of a call comes about, at the prices of its own time as they are known now. None where it counts
    /// nowhere, or where nothing is known of its provider.
    ///
    /// # Errors
    /// That it could not be worked out.
    pub async fn explain(&self, entry: Arc<Entry>) -> Result<Option<Explanation>, MeterError> {
        if !entry.counted {
            return Ok(None);
        }
        let pricing = self.pricing.load_full();
        let work = tokio::task::spawn_blocking(move || {
            let query = Query {
                provider: &entry.provider,
                model: &entry.model,
                usage: &entry.usage,
                at: entry.at,
                service_tier: entry.service_tier.as_deref(),
                batch: entry.batch,
            };
            pricing.explain(&query).ok()
        });
        work.await.map_err(|e| MeterError::Unwritable(format!("the cost could not be explained: {e}")))
    }
}
