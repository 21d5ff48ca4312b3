//! What a caller is told of a call whose price is not known, in one sentence.

use super::name::provider_name;
use crate::domain::entry::NO_MODEL;

/// Why a budget in dollars does not let it go.
pub fn price_unknown(provider: &str, model: &str) -> String {
    let remedy = match model {
        NO_MODEL => "name one, also beside a stored prompt",
        _ => "set one in Settings, Prices, or with PUT /v1/prices/overrides",
    };
    format!("{}: {remedy}.", unknown(provider, model))
}

/// What becomes of it where it goes all the same; `known` where the model itself has a price.
pub fn counted_high(provider: &str, model: &str, known: bool) -> String {
    if known {
        return format!(
            "{model} of {} has a price, and something that this call asks for has none: it is counted high.",
            provider_name(provider)
        );
    }
    format!("{}: it is counted like the provider's dearest model.", unknown(provider, model))
}

fn unknown(provider: &str, model: &str) -> String {
    if model == NO_MODEL {
        return "The request names no model, so that no price is known for it".to_owned();
    }
    format!("No price is known for {model} of {}", provider_name(provider))
}
