//! Query strings and the variable parts of addresses, read so that every error is a problem, and names the parameter.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The parameters of a request.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Response> {
        read(parts.uri.query().unwrap_or_default()).map(Query)
    }
}

/// A query string as its parameters; the refusal of a wrong one names it.
#[allow(clippy::result_large_err, reason = "what an extractor rejects with is a response")]
pub fn read<T: DeserializeOwned>(query: &str) -> Result<T, Response> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        super::body::wrong_field(&path, &error.into_inner().to_string()).into_response()
    })
}

/// The variable part of an address.
pub struct Path(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Path {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path, Response> {
        match axum::extract::Path::<String>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(part)) => Ok(Path(part)),
            Err(_) => Err(Problem::bad_request("The address is not UTF-8 text.").into_response()),
        }
    }
}

/// A time as a parameter: RFC 3339.
pub fn time(field: &'static str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Problem> {
    text.map(|text| {
        // A plus sign in a query string arrives as a space unless it was escaped.
        DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
            .map(|at| at.to_utc())
            .map_err(|_| Problem::field(field, "must be a time like 2026-11-22T14:40:05Z"))
    })
    .transpose()
}

/// A time zone by its IANA name.
pub fn zone(field: &'static str, name: Option<&str>) -> Result<Option<Tz>, Problem> {
    name.map(|name| {
        name.parse().map_err(|_| Problem::field(field, "must be the IANA name of a time zone, like Europe/Berlin"))
    })
    .transpose()
}
