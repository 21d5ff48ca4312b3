//! Which key goes upstream: the client's own, untouched, or, for a client with a Spendlight key, the stored one in its
//! place. No key is kept, logged or part of an error.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

use crate::domain::key::{Key, KeyRefused};
use crate::http::{self as api, App};
use crate::keychain::Secret;
use crate::providers::{Dialect, KeyPlace};

use super::upstream::Upstream;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// Azure's clients send theirs here.
const AZURE_API_KEY: HeaderName = HeaderName::from_static("api-key");

/// Where a client's key may be, other than under our own name.
const PLACES: [HeaderName; 4] = [AUTHORIZATION, API_KEY, GOOG_API_KEY, AZURE_API_KEY];

/// The parameter of the query in which Gemini's clients may send theirs.
const IN_QUERY: &str = "key";

/// The key that stands in a header, without the word before it.
fn key_in<'a>(headers: &'a HeaderMap, place: &HeaderName) -> Option<&'a str> {
    let text = headers.get(place)?.to_str().ok()?.trim();
    if place != AUTHORIZATION {
        return Some(text);
    }
    // Ours is known by its beginning, with the scheme or without.
    let Some((scheme, key)) = text.split_once(' ') else { return Key::is_meant_by(text).then_some(text) };
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// The Spendlight key of a request, wherever it is.
fn presented<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<Cow<'a, str>> {
    if let Some(value) = headers.get(api::KEY) {
        // What is no text is no key either.
        return Some(value.to_str().unwrap_or_default().trim().into());
    }
    let in_header = PLACES.iter().filter_map(|place| key_in(headers, place)).find(|text| Key::is_meant_by(text));
    in_header.map(Cow::Borrowed).or_else(|| {
        let query = uri.query()?;
        let (_, key) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == IN_QUERY)?;
        Key::is_meant_by(&key).then_some(key)
    })
}

/// Who calls.
pub struct Caller {
    pub key: Option<Arc<Key>>,
    owner: bool,
}

impl Caller {
    /// A key in the path goes before any other: whoever handed out the address has said whose its calls are.
    ///
    /// # Errors
    /// A key that is not good, or none where one is needed.
    pub fn of(
        app: &App,
        in_path: Option<&str>,
        headers: &HeaderMap,
        uri: &Uri,
        owner: bool,
    ) -> Result<Caller, KeyRefused> {
        match in_path.map(Cow::Borrowed).or_else(|| presented(headers, uri)) {
            Some(text) => Ok(Caller { key: Some(app.meter.key_of(&text)?), owner }),
            None if app.meter.requires_key() && !owner => Err(KeyRefused::Missing),
            None => Ok(Caller { key: None, owner }),
        }
    }

    /// Takes out of the headers what the provider must not see, and puts the stored key in. False when there is no key of
    /// this provider to put in, and the client sent none of its own.
    pub async fn swap(&self, app: &App, upstream: &Upstream, headers: &mut HeaderMap, query: Option<&str>) -> bool {
        if self.key.is_none() && !self.owner {
            return true;
        }
        let mut place = None;
        for header in PLACES {
            let ours = key_in(headers, &header)
                .is_some_and(|text| Key::is_meant_by(text) || (self.owner && header == AUTHORIZATION));
            if ours {
                headers.remove(&header);
                place = place.or(Some(header));
            }
        }
        let own_in_query = query.is_some_and(|query| {
            form_urlencoded::parse(query.as_bytes()).any(|(name, key)| name == IN_QUERY && !Key::is_meant_by(&key))
        });
        // A client may send its provider's key beside ours.
        if own_in_query || PLACES.iter().any(|place| headers.contains_key(place)) {
            return true;
        }
        match app.keychain.get(&upstream.name).await {
            Some(secret) => put(headers, upstream.dialect, place, &secret),
            // A provider on this machine may need none.
            None => self.owner || upstream.is_local(),
        }
    }
}

/// Puts a stored key where the client's was, but for Anthropic, which takes none of its keys as a bearer's token.
fn put(headers: &mut HeaderMap, dialect: Dialect, place: Option<HeaderName>, secret: &Secret) -> bool {
    let place = match (place, dialect) {
        (Some(place), dialect) if place != AUTHORIZATION || dialect != Dialect::Anthropic => place,
        _ => match dialect.key() {
            KeyPlace::Bearer => AUTHORIZATION,
            KeyPlace::Header(name) => HeaderName::from_static(name),
        },
    };
    let value = if place == AUTHORIZATION {
        HeaderValue::try_from(format!("Bearer {}", secret.expose()))
    } else {
        HeaderValue::try_from(secret.expose())
    };
    // A secret is made of what a header can carry.
    let Ok(mut value) = value else { return false };
    value.set_sensitive(true);
    headers.insert(place, value);
    true
}

/// The query without a Spendlight key.
pub fn without_ours(query: &str) -> Cow<'_, str> {
    let ours = |pair: &str| {
        form_urlencoded::parse(pair.as_bytes()).any(|(name, key)| name == IN_QUERY && Key::is_meant_by(&key))
    };
    if !query.split('&').any(ours) {
        return Cow::Borrowed(query);
    }
    Cow::Owned(query.split('&').filter(|pair| !ours(pair)).collect::<Vec<_>>().join("&"))
}
