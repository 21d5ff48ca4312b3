//! Who may knock: the network door's guard.
//!
//! Loopback keeps other machines out, not other pages in the user's browser. A page elsewhere can send requests here,
//! under a name of its own that leads here, or blindly; so every request needs a loopback `Host` with our port, no
//! foreign `Origin`, and a JSON body, which a page can only send after asking, and nobody here says yes. There are no CORS
//! headers. The window's door does not pass through here: it is inside the process.

use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::future::Either;
use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, ORIGIN, TRANSFER_ENCODING,
};
use http::{Method, Request, StatusCode};
use subtle::ConstantTimeEq;
use tower::Service;

use super::owner::Owner;
use super::problem::Problem;

/// Where a browser says that a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[derive(Clone)]
pub struct Guard<S> {
    inner: S,
    rules: Arc<Rules>,
}

struct Rules {
    port: u16,
    token: String,
}

impl<S> Guard<S> {
    /// Guards `inner`, which is reached at `address`, and whose owner has `token`.
    pub fn new(inner: S, address: SocketAddr, token: String) -> Guard<S> {
        Guard { inner, rules: Arc::new(Rules { port: address.port(), token }) }
    }
}

impl<S> Service<Request<Body>> for Guard<S>
where
    S: Service<Request<Body>, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response, S::Error>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.rules.admit(&request) {
            Ok(owner) => {
                if owner {
                    request.extensions_mut().insert(Owner);
                }
                Either::Right(self.inner.call(request))
            }
            Err(problem) => Either::Left(ready(Ok(problem.into_response()))),
        }
    }
}

impl Rules {
    /// Whether the request may pass, and whether it is the owner's.
    fn admit(&self, request: &Request<Body>) -> Result<bool, Problem> {
        let headers = request.headers();
        self.host(request)?;
        self.origin(headers)?;
        content(request)?;
        Ok(self.owner(headers))
    }

    fn host(&self, request: &Request<Body>) -> Result<(), Problem> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(Problem::bad_request("A request needs exactly one Host header."));
        };
        let ours = host.to_str().is_ok_and(|host| self.is_ours(host));
        let named = request.uri().authority().is_none_or(|authority| self.is_ours(authority.as_str()));
        if ours && named {
            return Ok(());
        }
        let detail = format!("Spendlight answers to 127.0.0.1:{0}, localhost:{0} and [::1]:{0} alone.", self.port);
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", "Not for this host", detail))
    }

    /// Whether a host with its port is a loopback name of ours.
    fn is_ours(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else { return false };
        port.parse() == Ok(self.port)
            && !port.starts_with('+')
            && (name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost"))
    }

    fn origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        for origin in headers.get_all(ORIGIN) {
            let ours = origin.to_str().ok().and_then(|o| o.strip_prefix("http://")).is_some_and(|o| self.is_ours(o));
            if !ours {
                return Err(Problem::forbidden("Pages of other origins can neither read nor write here."));
            }
        }
        let site = headers.get(FETCH_SITE).map(|site| site.as_bytes());
        if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
            return Err(Problem::forbidden("Pages of other sites can neither read nor write here."));
        }
        Ok(())
    }

    fn owner(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else { return false };
        let Some((scheme, token)) = value.split_once(' ') else { return false };
        scheme.eq_ignore_ascii_case("bearer") && token.trim().as_bytes().ct_eq(self.token.as_bytes()).into()
    }
}

/// A body sent to the API must be JSON; one without bytes needs no name.
fn content(request: &Request<Body>) -> Result<(), Problem> {
    if !matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
        || !request.uri().path().starts_with("/v1/")
    {
        return Ok(());
    }
    let headers = request.headers();
    let wanted = if request.uri().path() == "/v1/record/batch" { "application/x-ndjson" } else { "application/json" };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    match essence {
        Some(essence) if essence.eq_ignore_ascii_case(wanted) => Ok(()),
        None if !has_body(headers) => Ok(()),
        _ => Err(Problem::unsupported(wanted)),
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}
