//! The owner's right: budgets, settings, prices, alerts and the pause switch are theirs alone.
//!
//! The guard grants it to a request with the owner token, the window's door to every request of the window.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::problem::Problem;

/// Proof that a request is the owner's. A handler that takes it refuses everyone else.
#[derive(Debug, Clone, Copy)]
pub struct Owner;

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Owner, Response> {
        parts.extensions.get::<Owner>().copied().ok_or_else(|| Problem::unauthorized().into_response())
    }
}
