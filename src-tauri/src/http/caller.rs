//! Who a call is from: the holder of a Spendlight key, the owner, or, unless a key is required, any local program.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::app::App;
use super::owner::Owner;
use super::problem::Problem;
use crate::domain::key::{Key, KeyRefused};

/// The header for a Spendlight key, for those whose `Authorization` is taken.
pub const KEY: &str = "x-spendlight-key";

/// What the description says of that header.
pub const KEY_WORDS: &str = "A Spendlight key, `sl-…`, which may come as `Authorization: Bearer` too. The call is its \
    holder's, and of its project unless the body names one. Needed only where the owner has said so, and then by proxied \
    calls too.";

/// The key with which a call is made, if it is.
#[derive(Debug, Clone)]
pub struct Caller(pub Option<Arc<Key>>);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Caller, Response> {
        let refused = |why: KeyRefused| Problem::from(why).into_response();
        match presented(&parts.headers) {
            // What is no text is no key either.
            Some(text) => app.meter.key_of(text.unwrap_or_default()).map(|key| Caller(Some(key))).map_err(refused),
            None if app.meter.requires_key() && parts.extensions.get::<Owner>().is_none() => {
                Err(refused(KeyRefused::Missing))
            }
            None => Ok(Caller(None)),
        }
    }
}

impl Caller {
    pub fn id(&self) -> Option<&str> {
        self.0.as_deref().map(|key| key.id.as_str())
    }

    /// The project of a call that names none.
    pub fn project(&self) -> Option<&str> {
        self.0.as_deref().and_then(|key| key.project.as_deref())
    }

    /// # Errors
    /// [`KeyRefused::Model`] for a model that the key may not use.
    pub fn admit(&self, model: &str) -> Result<(), KeyRefused> {
        self.0.as_deref().map_or(Ok(()), |key| key.admit(model))
    }
}

/// What was sent as a Spendlight key: under its own name, or as a bearer's token that looks like one. The owner token and
/// providers' keys do not.
fn presented(headers: &HeaderMap) -> Option<Option<&str>> {
    if let Some(value) = headers.get(KEY) {
        return Some(value.to_str().ok().map(str::trim));
    }
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && Key::is_meant_by(token)).then_some(Some(token))
}
