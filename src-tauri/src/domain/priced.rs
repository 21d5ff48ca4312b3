//! Where a cost comes from. How a cost is worked out is the pricing room's business.

use serde::{Deserialize, Serialize};

/// What stands behind a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priced {
    /// The price list knows the model, and the tier where one was named.
    Catalog,
    /// A price the user has set.
    Override,
    /// The caller named the cost, or the provider itself in its answer (OpenRouter does).
    Caller,
    /// No price is known for the model or its tier: the cost is a high guess.
    Unknown,
}

impl Priced {
    pub fn as_str(self) -> &'static str {
        match self {
            Priced::Catalog => "catalog",
            Priced::Override => "override",
            Priced::Caller => "caller",
            Priced::Unknown => "unknown",
        }
    }
}
