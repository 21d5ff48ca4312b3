//! Prices while running: the list in use, the user's own prices over it, and a newer list from the feed.
//!
//! A bad file never takes the place of a good one, and no entry is ever priced again: what a call cost was written down
//! with it.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Meter, MeterError};
use crate::domain::usage::Usage;
use crate::ledger;
use crate::paths;
use crate::pricing::{Override, PriceList, Pricing, Query, Quote};

/// Where the list in use comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceStatus {
    /// When it was downloaded; none for the list that came with the program.
    pub downloaded_at: Option<DateTime<Utc>>,
    pub models: usize,
}

/// The list in the data folder, or the bundled one where there is none that can be read.
pub fn load(data_folder: &Path) -> (PriceList, PriceStatus) {
    let path = paths::prices_file(data_folder);
    let Ok(bytes) = std::fs::read(&path) else { return bundled() };
    match PriceList::from_json(&bytes) {
        Ok(list) => {
            let modified = std::fs::metadata(&path).and_then(|m| m.modified()).ok();
            let status = PriceStatus { downloaded_at: modified.map(DateTime::from), models: list.model_count() };
            (list, status)
        }
        Err(e) => {
            tracing::warn!("{} is not used, the bundled prices are: {e}", path.display());
            bundled()
        }
    }
}

pub fn bundled() -> (PriceList, PriceStatus) {
    let list = PriceList::bundled();
    let models = list.model_count();
    (list, PriceStatus { downloaded_at: None, models })
}

/// The prices set while running, then those of the configuration file that none of them stands for.
pub fn together(set: Vec<Override>, configured: &[Override]) -> Vec<Override> {
    let mut all = set;
    for price in configured {
        if !all.iter().any(|known| known.provider == price.provider && known.model == price.model) {
            all.push(price.clone());
        }
    }
    all
}

impl Meter {
    pub fn price_status(&self) -> Arc<PriceStatus> {
        self.price_status.load_full()
    }

    /// What a call of this usage costs now.
    pub fn quote(&self, provider: &str, model: &str, usage: &Usage) -> Result<Quote, MeterError> {
        let query = Query { provider, model, usage, at: self.now(), service_tier: None, batch: false };
        self.pricing.load().quote(&query).map_err(|e| MeterError::NotFound(e.to_string()))
    }

    /// The prices that the user has set, those of the configuration file included.
    pub fn price_overrides(&self) -> Vec<Override> {
        self.pricing.load().overrides().to_vec()
    }

    pub async fn set_price(&self, price: Override) -> Result<(), MeterError> {
        self.edit(move |writer, _, _| Ok(writer.put_price_override(&price)?)).await?;
        self.use_overrides().await
    }

    pub async fn remove_price(&self, provider: String, model: String) -> Result<(), MeterError> {
        self.edit(move |writer, _, _| {
            if writer.remove_price_override(&provider, &model)? {
                Ok(())
            } else {
                Err(MeterError::NotFound(format!("no price is set for {model:?} of {provider:?}")))
            }
        })
        .await?;
        self.use_overrides().await
    }

    async fn use_overrides(&self) -> Result<(), MeterError> {
        let set = self.read(ledger::price_overrides).await?;
        let overrides = together(set, &self.configured_prices);
        self.pricing.rcu(|pricing| Pricing::new(pricing.list().clone(), overrides.clone()));
        Ok(())
    }

    /// Takes a downloaded price list into use, and keeps it for the next start.
    ///
    /// # Errors
    /// [`MeterError::Feed`] for bytes that are no price list: the list in use stays.
    pub async fn use_prices(&self, bytes: Vec<u8>) -> Result<(), MeterError> {
        let path = paths::prices_file(&self.data_folder);
        let now = self.now();
        let kept = tokio::task::spawn_blocking(move || {
            let list = PriceList::from_json(&bytes)
                .map_err(|e| MeterError::Feed(format!("the feed sent something that is no price list: {e}")))?;
            paths::write_private(&path, &bytes)
                .map_err(|e| MeterError::Unwritable(format!("the price list cannot be kept: {e}")))?;
            Ok::<_, MeterError>(list)
        });
        let list: PriceList =
            kept.await.map_err(|e| MeterError::Feed(format!("the price list could not be read: {e}")))??;
        self.price_status.store(Arc::new(PriceStatus { downloaded_at: Some(now), models: list.model_count() }));
        self.pricing.rcu(|pricing| Pricing::new(list.clone(), pricing.overrides().to_vec()));
        Ok(())
    }
}
