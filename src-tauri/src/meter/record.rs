//! Record: a call went; write down what it used and cost.
//!
//! A record is never refused for its price: the call has happened. What is refused is what cannot be true.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::check::{new_call_id, stand_in};
use super::committer::Request;
use super::draft::{Draft, Recorded};
use super::{Meter, MeterError};
use crate::domain::entry::{Entry, Source, UsageSource};
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::quantity::LARGEST;
use crate::domain::usage::Usage;
use crate::pricing::{self, Query};
use crate::providers::{self, Part};

/// The longest call id, in bytes.
pub const CALL_ID_BYTES_MAX: usize = 200;

/// How long ago a call may have been made to be priced by the rates that are at hand: a long stream's time.
const JUST_NOW: TimeDelta = TimeDelta::minutes(15);

/// How far ahead of our clock a caller's may be.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

/// What a provider reported of a call, or its caller said.
#[derive(Debug, Clone, Default)]
pub struct Reported {
    pub usage: Usage,
    /// The parts that are priced on their own, where a call had several.
    pub parts: Vec<Part>,
    /// What the provider itself says that it cost, in US dollars: the word that counts, but for the user's own prices.
    pub cost_usd: Option<f64>,
}

impl Reported {
    pub fn usage(usage: Usage) -> Reported {
        Reported { usage, ..Reported::default() }
    }
}

impl From<providers::Reported> for Reported {
    fn from(read: providers::Reported) -> Reported {
        Reported { usage: read.usage, parts: read.parts, cost_usd: read.reported_cost_usd }
    }
}

/// A call that has been made. Its texts are checked by the door.
#[derive(Debug, Clone)]
pub struct RecordRequest {
    pub call_id: Option<String>,
    pub provider: String,
    pub model: String,
    pub reported: Reported,
    pub usage_source: UsageSource,
    /// The cost, where the caller knows it better than our prices.
    pub cost: Option<Nusd>,
    pub at: Option<DateTime<Utc>>,
    pub latency_ms: Option<u64>,
    pub ok: bool,
    pub status: Option<u16>,
    pub error: Option<String>,
    pub service_tier: Option<String>,
    pub batch: bool,
    pub project: Option<String>,
    pub session: Option<String>,
    pub user: Option<String>,
    pub operation: Option<String>,
    pub key: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub source: Source,
}

impl Meter {
    /// Writes a call down; when this returns it is on disk.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] names what cannot be true; [`MeterError::Conflict`] when the call has been recorded
    /// differently; [`MeterError::Unwritable`] when the ledger did not take it.
    pub async fn record(&self, request: RecordRequest) -> Result<Recorded, MeterError> {
        let draft = Box::new(self.draft(request)?);
        self.ask(|reply| Request::Record(draft, reply)).await
    }

    /// Writes many calls down in one transaction. Each has its own outcome, in order.
    ///
    /// # Errors
    /// That the ledger did not take them: then none has been written.
    pub async fn record_all(
        &self,
        requests: Vec<RecordRequest>,
    ) -> Result<Vec<Result<Recorded, MeterError>>, MeterError> {
        let drafts: Vec<Result<Draft, MeterError>> = requests.into_iter().map(|request| self.draft(request)).collect();
        let mut refused = Vec::with_capacity(drafts.len());
        let mut sound = Vec::with_capacity(drafts.len());
        for draft in drafts {
            match draft {
                Ok(draft) => {
                    sound.push(draft);
                    refused.push(None);
                }
                Err(e) => refused.push(Some(e)),
            }
        }
        let mut recorded = self.ask(|reply| Request::RecordAll(sound, reply)).await?.into_iter();
        let lost = || Err(MeterError::Unwritable("the transaction was lost".to_owned()));
        Ok(refused.into_iter().map(|e| e.map_or_else(|| recorded.next().unwrap_or_else(lost), Err)).collect())
    }

    /// Ends a call's reservation at nothing. Twice is as good as once.
    ///
    /// # Errors
    /// [`MeterError::NotFound`] for a call that was never reserved, [`MeterError::Conflict`] for one that has been
    /// recorded.
    pub async fn release(&self, call_id: String) -> Result<(), MeterError> {
        self.ask(|reply| Request::Release(call_id, reply)).await
    }

    pub(super) fn draft(&self, request: RecordRequest) -> Result<Draft, MeterError> {
        let now = self.now();
        let names_time = request.at.is_some();
        let at = request.at.unwrap_or(now);
        if at > now + AHEAD_MAX {
            return Err(MeterError::invalid("at", "must not be more than 5 minutes ahead"));
        }
        if at < DateTime::UNIX_EPOCH {
            return Err(MeterError::invalid("at", "must not be before 1970"));
        }
        // The ledger keeps milliseconds: what is finer would make a replay look different.
        let at = DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at);
        request.reported.usage.check_reported().map_err(|e| MeterError::invalid(e.field, e.problem))?;
        let (cost, priced) = self.cost(&request, at)?;
        let call_id = request.call_id.clone().unwrap_or_else(|| new_call_id(now));
        Ok(Draft {
            names_time,
            names_cost: request.cost.is_some(),
            entry: Arc::new(entry(request, call_id, at, cost, priced)),
        })
    }

    pub(super) fn cost(&self, request: &RecordRequest, at: DateTime<Utc>) -> Result<(Nusd, Priced), MeterError> {
        if let Some(cost) = request.cost {
            return Ok((cost, Priced::Caller));
        }
        let pricing = self.pricing.load();
        // A cost that rounds to nothing may as well be one that nobody has worked out.
        if let Some(cost) = request.reported.cost_usd.map(pricing::money).filter(|cost| *cost > Nusd::ZERO)
            && pricing.own(&request.provider, &request.model).is_none()
        {
            return Ok((Nusd(cost.0.min(LARGEST)), Priced::Caller));
        }
        let query = |model, usage| Query {
            provider: &request.provider,
            model,
            usage,
            at,
            service_tier: request.service_tier.as_deref(),
            batch: request.batch,
        };
        let plain = request.reported.parts.is_empty();
        let quote = if plain && self.now() - at < JUST_NOW {
            pricing.quote_now(&query(&request.model, &request.reported.usage))
        } else if plain {
            pricing.quote(&query(&request.model, &request.reported.usage)).map(|quote| (quote.cost, quote.priced))
        } else {
            let parts: Vec<_> = request
                .reported
                .parts
                .iter()
                .map(|part| query(part.model.as_deref().unwrap_or(&request.model), &part.usage))
                .collect();
            pricing.quote_parts(&parts).map(|quote| (quote.cost, quote.priced))
        };
        let (cost, priced) = match quote {
            Err(_) if request.source == Source::Proxy => stand_in(&pricing, at, &request.reported.usage)?,
            quote => quote.map_err(|_| MeterError::invalid("provider", UNKNOWN_PROVIDER))?,
        };
        Ok((Nusd(cost.0.min(LARGEST)), priced))
    }
}

/// What is written down of a call whose cost is known.
pub(super) fn entry(request: RecordRequest, call_id: String, at: DateTime<Utc>, cost: Nusd, priced: Priced) -> Entry {
    Entry {
        call_id,
        at,
        provider: request.provider,
        model: request.model,
        usage: request.reported.usage,
        cost,
        priced,
        usage_source: request.usage_source,
        source: request.source,
        latency_ms: request.latency_ms,
        ok: request.ok,
        status: request.status,
        error: request.error,
        service_tier: request.service_tier,
        batch: request.batch,
        project: request.project,
        session: request.session,
        user: request.user,
        operation: request.operation,
        key: request.key,
        tags: request.tags,
        counted: true,
    }
}

/// What to do about a provider that nobody knows a price for. It does not repeat the name, which may be a key that was
/// pasted into the wrong field.
pub const UNKNOWN_PROVIDER: &str = "is not known and has no price: name the cost_usd of its calls, or set a price for \
    its models in Settings, Prices, or with PUT /v1/prices/overrides";
