//! How a call has ended: from what was seen of its answer to what is written down of it.

use crate::meter::{Settlement, Spent};
use crate::providers::Seen;

/// How a body has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The provider has sent all of it.
    Whole,
    /// The provider's connection broke.
    Broken,
    /// The client left.
    Left,
}

/// What is written down of a call whose answer, with this status, was seen so far.
pub fn settlement(seen: Seen, status: u16, end: End) -> Settlement {
    let Seen { reported, provisional, model, service_tier, output_tokens, complete, failed, error_type, .. } = seen;
    let settlement = |spent, ok, error: Option<String>| Settlement {
        spent,
        model: model.as_deref().map(kept),
        service_tier: service_tier.as_deref().map(kept),
        ok,
        status: Some(status),
        error,
    };
    // What the provider refuses, or sends elsewhere, it does not charge for.
    if status >= 300 {
        return settlement(Spent::Nothing, false, error_type);
    }
    let error = match end {
        _ if failed => Some(error_type.unwrap_or_else(|| "error in the answer".to_owned())),
        _ if complete => None,
        End::Whole => Some("unreadable: the answer is not what its kind should be".to_owned()),
        End::Broken => Some("interrupted: the provider's answer broke off".to_owned()),
        End::Left => Some("abandoned: the client left before the end".to_owned()),
    };
    let spent = match reported {
        Some(reported) => {
            let provisional = provisional || reported.guessed;
            if provisional { Spent::Provisional(reported.into()) } else { Spent::Reported(reported.into()) }
        }
        None => Spent::Unreported { output_tokens },
    };
    settlement(spent, error.is_none(), error)
}

/// The longest name of a model or tier that is kept, in characters.
const NAME_CHARS_MAX: usize = 100;

/// A name of a request or an answer, as it is written down.
pub fn kept(name: &str) -> String {
    if name.len() <= NAME_CHARS_MAX && name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return name.to_owned();
    }
    let mut kept = String::with_capacity(name.len().min(NAME_CHARS_MAX));
    kept.extend(name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX));
    kept
}
