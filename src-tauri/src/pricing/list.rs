//! The price list: the library's data, bundled or read from a file, and one question to it.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use genai_prices::{Calculator, ErrorKind, PriceCalculation, PriceRequest, Usage};

use super::tier::{Processing, STANDARD};

/// A snapshot of prices, cheap to share.
#[derive(Debug, Clone)]
pub struct PriceList {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Bundled(&'static Calculator),
    Loaded(Arc<Calculator>),
}

/// Why a file is no price list.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PriceListError {
    #[error("not a price list: {0}")]
    Invalid(#[from] genai_prices::Error),
    #[error("the price list names no model")]
    Empty,
}

/// Why the list has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Miss {
    Provider,
    Model,
    /// The list cannot take the classes of this usage together.
    Usage,
}

/// The price list's name for a provider of ours; a provider without one is asked for by its own name.
pub fn catalog_id(provider: &str) -> &str {
    match provider {
        "gemini" => "google",
        "xai" => "x-ai",
        other => other,
    }
}

/// Our name for a provider of the price list.
pub(super) fn own_name(catalog_id: &str) -> &str {
    match catalog_id {
        "google" => "gemini",
        "x-ai" => "xai",
        other => other,
    }
}

impl PriceList {
    /// When the list that comes with the program was published, in seconds since 1970: 2026-10-30, 19:03:29 UTC.
    /// Source: `pubtime` of genai-prices 0.2.1 in the index of crates.io.
    const BUNDLED_S: i64 = 1_793_387_009;

    /// When the list that comes with the program was published.
    pub fn bundled_at() -> DateTime<Utc> {
        DateTime::from_timestamp(Self::BUNDLED_S, 0).unwrap_or_default()
    }

    /// The list that comes with the program. The first call decodes it, which takes some 45 ms.
    pub fn bundled() -> PriceList {
        PriceList { source: Source::Bundled(Calculator::bundled()) }
    }

    /// A list in the format published at [`genai_prices::REMOTE_DATA_URL`].
    ///
    /// # Errors
    /// The bytes are no such list, or one without a single model.
    pub fn from_json(bytes: &[u8]) -> Result<PriceList, PriceListError> {
        let list = PriceList { source: Source::Loaded(Arc::new(Calculator::from_json(bytes)?)) };
        if list.model_count() == 0 { Err(PriceListError::Empty) } else { Ok(list) }
    }

    /// Models of all providers.
    pub fn model_count(&self) -> usize {
        self.calculator().providers().map(|provider| provider.models().count()).sum()
    }

    /// Every model, with the list's own name for its provider.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.calculator()
            .providers()
            .flat_map(|provider| provider.models().map(move |model| (provider.id(), model.id())))
    }

    /// Whether the list has the provider, under our name for it or by an alias of its own.
    pub fn knows_provider(&self, provider: &str) -> bool {
        self.calculator().find_provider(Some(catalog_id(provider)), None).is_ok_and(|found| found.is_some())
    }

    /// The names of a provider's models, as requests spell them.
    pub(super) fn models(&self, provider: &str) -> impl Iterator<Item = Cow<'_, str>> {
        let found = self.calculator().find_provider(Some(catalog_id(provider)), None).ok().flatten();
        // The list names Fireworks' models by the last part of their names alone, by which it does not find them.
        let before = if provider == "fireworks" { "accounts/fireworks/models/" } else { "" };
        found.into_iter().flat_map(|provider| provider.models().map(|model| model.id())).map(move |id| match before {
            "" => Cow::Borrowed(id),
            before => Cow::Owned(format!("{before}{id}")),
        })
    }

    /// The price of this usage, which takes 2 to 10 µs. A tier that the list does not price is the standard, or what is
    /// known of it otherwise.
    pub(super) fn price(
        &self,
        provider: &str,
        model: &str,
        at: DateTime<Utc>,
        processing: Processing<'_>,
        usage: &Usage,
    ) -> Result<PriceCalculation, Miss> {
        let mut price = self.own_price(provider, model, at, processing, usage)?;
        if let Some(times) = processing.times_the_standard(provider)
            && self.own_price(provider, model, at, STANDARD, usage)?.total_price == price.total_price
        {
            price.input_price *= times;
            price.output_price *= times;
            price.total_price *= times;
        }
        Ok(price)
    }

    /// The price of this usage by the list alone, which takes tiers that it does not know for the standard.
    pub(super) fn own_price(
        &self,
        provider: &str,
        model: &str,
        at: DateTime<Utc>,
        processing: Processing<'_>,
        usage: &Usage,
    ) -> Result<PriceCalculation, Miss> {
        let mut request = PriceRequest::new(model, usage).with_provider_id(catalog_id(provider)).with_timestamp(at);
        if let Some(tier) = processing.tier {
            request = request.with_price_context("service_tier", tier);
        }
        if processing.batch {
            request = request.with_price_context("processing", "batch");
        }
        self.calculator().calculate(&request).map_err(|error| match error.kind() {
            ErrorKind::ProviderNotFound => Miss::Provider,
            ErrorKind::InvalidUsage => Miss::Usage,
            _ => Miss::Model,
        })
    }

    /// How many tokens of input and output together a model takes at the most, where the list says.
    pub(super) fn context_window(&self, provider: &str, model: &str, at: DateTime<Utc>) -> Option<u64> {
        let known = self.price(provider, model, at, STANDARD, &Usage::default()).ok()?;
        let provider = self.calculator().find_provider(Some(catalog_id(provider)), None).ok()??;
        provider.models().find(|model| model.id() == known.model_id)?.context_window()
    }

    fn calculator(&self) -> &Calculator {
        match &self.source {
            Source::Bundled(calculator) => calculator,
            Source::Loaded(calculator) => calculator,
        }
    }
}
