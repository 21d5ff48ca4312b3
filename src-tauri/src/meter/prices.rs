//! Prices while running: the list in use, the user's own prices over it, and a newer list from the feed.
//!
//! A bad file never takes the place of a good one, and no entry is ever priced again: what a call cost was written down
//! with it.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Meter, MeterError};
use crate::domain::money::Nusd;
use crate::domain::usage::Usage;
use crate::ledger;
use crate::ledger::usage::{self, By, RollupGrain};
use crate::paths;
use crate::pricing::{Differences, Override, PriceList, Pricing, Query, Quote, Rates};

/// Where the list in use comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceStatus {
    /// When it was downloaded; none for the list that came with the program.
    pub downloaded_at: Option<DateTime<Utc>>,
    pub models: usize,
}

impl PriceStatus {
    /// The date of the list: when it was downloaded, or published.
    pub fn at(&self) -> DateTime<Utc> {
        self.downloaded_at.unwrap_or_else(PriceList::bundled_at)
    }
}

/// Over how many days a model is in use that had a call in them, and how many of them are told.
const IN_USE_DAYS: i64 = 30;
const IN_USE_MAX: usize = 20;

/// A model that calls are made to, and what the list says it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    pub provider: String,
    pub model: String,
    /// What its calls have cost of late.
    pub cost: Nusd,
    /// None where no price by tokens is known for it.
    pub rates: Option<Rates>,
    /// The day since which it costs that; none where the list tells of no other price, or the price is the user's own.
    pub since: Option<DateTime<Utc>>,
    /// Whether it is the user's own price, which goes before the list's.
    pub own: bool,
}

/// A downloaded price list that may be taken into use.
#[derive(Debug)]
pub struct Offer {
    pub id: String,
    pub list: PriceList,
    pub differences: Differences,
    bytes: Vec<u8>,
}

#[allow(clippy::needless_pass_by_value, reason = "as an error is handed over")]
fn unreadable(e: tokio::task::JoinError) -> MeterError {
    MeterError::Feed(format!("The price list could not be read, so the prices in use stay: {e}."))
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
        self.edit(move |writer, _, now| Ok(writer.put_price_override(&price, now)?)).await?;
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

    /// The models that calls of the last [`IN_USE_DAYS`] days were made to, the dearest first, and what each costs now.
    ///
    /// # Errors
    /// That the ledger could not be read.
    pub async fn models_in_use(&self) -> Result<Vec<InUse>, MeterError> {
        let (now, pricing) = (self.now(), self.pricing.load_full());
        let from = now - TimeDelta::days(IN_USE_DAYS);
        self.read(move |conn| {
            let mut sums: Vec<(String, String, Nusd)> = Vec::new();
            for sum in usage::sums(conn, RollupGrain::Day, By::Model, from, DateTime::<Utc>::MAX_UTC)? {
                let (Some(provider), Some(model)) = (sum.provider, sum.key) else { continue };
                match sums.iter_mut().find(|known| known.0 == provider && known.1 == model) {
                    Some(known) => known.2 = Nusd(known.2.0.saturating_add(sum.totals.cost.0)),
                    None => sums.push((provider, model, sum.totals.cost)),
                }
            }
            sums.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.1.cmp(&b.1)));
            let list = pricing.list();
            Ok(sums
                .into_iter()
                .take(IN_USE_MAX)
                .map(|(provider, model, cost)| {
                    let own = pricing.own(&provider, &model);
                    InUse {
                        rates: own.map_or_else(|| list.rates(&provider, &model, now), |own| Some(own.rates())),
                        since: if own.is_some() { None } else { list.since(&provider, &model, now) },
                        own: own.is_some(),
                        provider,
                        model,
                        cost,
                    }
                })
                .collect())
        })
        .await
    }

    /// Reads a downloaded price list and tells what it would change. It is kept until it is taken, or another one comes.
    ///
    /// # Errors
    /// [`MeterError::Feed`] for bytes that are no price list.
    pub async fn offer_prices(&self, bytes: Vec<u8>) -> Result<Arc<Offer>, MeterError> {
        let (now, pricing, id) = (self.now(), self.pricing.load_full(), self.new_call_id());
        let read = tokio::task::spawn_blocking(move || {
            let list = PriceList::from_json(&bytes).map_err(|e| {
                MeterError::Feed(format!(
                    "The feed sent something that is no price list, so the prices in use stay: {e}."
                ))
            })?;
            let differences = pricing.list().differences(&list, now);
            Ok::<_, MeterError>(Offer { id, list, differences, bytes })
        });
        let offer = Arc::new(read.await.map_err(unreadable)??);
        self.price_offer.store(Some(Arc::clone(&offer)));
        Ok(offer)
    }

    /// Takes the price list into use that was offered under this id, and keeps it for the next start.
    ///
    /// # Errors
    /// [`MeterError::Conflict`] when another one has been offered since, or it has been taken.
    pub async fn take_offered_prices(&self, id: &str) -> Result<(), MeterError> {
        let gone = || MeterError::Conflict("these prices are no longer on offer; look for new ones again".to_owned());
        let offer = self.price_offer.load_full().filter(|offer| offer.id == id).ok_or_else(gone)?;
        let (path, now) = (paths::prices_file(&self.data_folder), self.now());
        let kept = {
            let offer = Arc::clone(&offer);
            tokio::task::spawn_blocking(move || paths::write_private(&path, &offer.bytes))
        };
        kept.await
            .map_err(unreadable)?
            .map_err(|e| MeterError::Unwritable(format!("the price list cannot be kept: {e}")))?;
        let models = offer.list.model_count();
        self.price_status.store(Arc::new(PriceStatus { downloaded_at: Some(now), models }));
        self.pricing.rcu(|pricing| Pricing::new(offer.list.clone(), pricing.overrides().to_vec()));
        self.price_offer.store(None);
        Ok(())
    }
}
