//! A request's body, as far as it must be read before any of it goes: all of it, and what it asks for.

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::decode::{Decode, Encoding};
use crate::http::Problem;
use crate::providers::{self, Asked, Endpoint};

/// The largest body of a call that spends: what it asks for must be read before any of it goes. Others pass as they come.
const BODY_BYTES_MAX: usize = 128 * 1024 * 1024;

/// From this size on, reading what a request asks for would keep others waiting.
const LONG_BYTES: usize = 256 * 1024;

/// All of a body.
pub(super) async fn whole(body: Body) -> Result<Bytes, Problem> {
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(e) if e.is::<LengthLimitError>() => Err(Problem::too_large(BODY_BYTES_MAX)),
        Err(_) => Err(Problem::bad_request("The body broke off.")),
    }
}

/// Reads what a request asks for.
pub(super) async fn asked(endpoint: &Endpoint, headers: &HeaderMap, body: &Bytes) -> Result<Asked, Problem> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (kind, encoding) = (text(CONTENT_TYPE), text(CONTENT_ENCODING));
    let (endpoint, body) = (endpoint.clone(), body.clone());
    let long = body.len() >= LONG_BYTES;
    let long = long || encoding.is_some();
    let read = move || {
        let plain = decoded(encoding.as_deref(), &body, BODY_BYTES_MAX)?;
        Some(providers::asked(&endpoint, kind.as_deref(), &plain))
    };
    let asked = if long { tokio::task::spawn_blocking(read).await.ok().flatten() } else { read() };
    asked.ok_or_else(|| Problem::unsupported("one that Spendlight can read: plain, gzip, deflate, br or zstd"))
}

/// Undoes the encoding of a request's body, as far as `max` bytes, to read what it asks for.
fn decoded(content_encoding: Option<&str>, body: &Bytes, max: usize) -> Option<Bytes> {
    let mut decode: Box<Decode> = match Encoding::of(content_encoding) {
        Encoding::Plain => return Some(body.clone()),
        Encoding::Encoded(decode) => decode,
        Encoding::Unknown => return None,
    };
    let mut all = Vec::new();
    for piece in body.chunks(16 * 1024) {
        all.extend(decode.push(piece).ok()?);
        if all.len() > max {
            return None;
        }
    }
    Some(all.into())
}
