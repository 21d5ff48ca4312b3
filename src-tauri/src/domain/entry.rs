//! An entry: one immutable line of the ledger, and the words it is made of.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::budget::Attribution;
use super::money::Nusd;
use super::priced::Priced;
use super::quantity::Unit;
use super::usage::Usage;

/// Where an entry's token counts come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UsageSource {
    #[default]
    Reported,
    Estimated,
}

impl UsageSource {
    pub fn as_str(self) -> &'static str {
        match self {
            UsageSource::Reported => "reported",
            UsageSource::Estimated => "estimated",
        }
    }
}

/// The door through which an entry came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Api,
    Proxy,
    Import,
    Cli,
}

impl Source {
    pub const fn as_str(self) -> &'static str {
        match self {
            Source::Api => "api",
            Source::Proxy => "proxy",
            Source::Import => "import",
            Source::Cli => "cli",
        }
    }
}

/// How the error of a call begins that was denied here; the reason follows it.
pub const DENIED: &str = "denied: ";

/// What the model of a call is called that names none, and whose API has none by itself.
pub const NO_MODEL: &str = "unspecified";

/// How a call ended, as calls are looked for. Denied is ours, failed is the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Ok,
    Failed,
    Denied,
    /// Failed or denied, or its cost is not sure: estimated, or without a known price.
    Odd,
}

/// A call that has been written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub call_id: String,
    /// When the call was made.
    pub at: DateTime<Utc>,
    pub provider: String,
    pub model: String,
    pub usage: Usage,
    pub cost: Nusd,
    pub priced: Priced,
    pub usage_source: UsageSource,
    pub source: Source,
    pub latency_ms: Option<u64>,
    pub ok: bool,
    /// The provider's HTTP status, where it is known.
    pub status: Option<u16>,
    pub error: Option<String>,
    pub service_tier: Option<String>,
    /// Whether it went through the provider's batch API.
    pub batch: bool,
    pub project: Option<String>,
    pub session: Option<String>,
    pub user: Option<String>,
    pub operation: Option<String>,
    pub key: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// Whether it counts in budgets and sums. A call that was denied does not, nor an answer that was only fetched
    /// again; neither costs anything.
    pub counted: bool,
}

impl Entry {
    pub fn attribution(&self) -> Attribution<'_> {
        Attribution {
            provider: &self.provider,
            model: &self.model,
            project: self.project.as_deref(),
            user: self.user.as_deref(),
            key: self.key.as_deref(),
        }
    }

    /// What the entry adds to a budget of `unit`.
    pub fn quantity(&self, unit: Unit) -> i64 {
        match unit {
            _ if !self.counted => 0,
            Unit::Usd => self.cost.0,
            Unit::Tokens => i64::try_from(self.usage.total_tokens()).unwrap_or(i64::MAX),
            Unit::Requests => 1,
        }
    }
}
