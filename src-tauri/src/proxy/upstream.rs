//! Upstream: where providers are, and the connections to them, which are kept and shared by all calls.
//!
//! Redirects are not followed: the client sees them, and where a call goes is the configuration's to say alone.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Body;
use h2::Reason;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connect;
use crate::config;
use crate::http::innermost;
use crate::providers::Dialect;

/// How long an idle connection is kept. Providers close theirs after a minute or more; being first avoids a call on a
/// connection that is about to close.
const IDLE: Duration = Duration::from_secs(50);

/// How often a quiet HTTP/2 connection with calls on it is asked whether it is still there, and how long it may think.
const ALIVE_EVERY: Duration = Duration::from_secs(30);
const ALIVE_WITHIN: Duration = Duration::from_secs(20);

/// How much of an answer may wait for its client before its provider is told to wait, and of all answers of a connection:
/// so much more that one unread answer keeps no other from coming.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 256 << 20;

/// A provider as calls are passed on to it.
#[derive(Debug)]
pub struct Upstream {
    pub name: String,
    pub dialect: Dialect,
    scheme: Scheme,
    authority: Authority,
    /// What stands before every path; without a slash at its end.
    base: String,
}

impl Upstream {
    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        connect::is_local(self.authority.host())
    }

    /// The address of `path` and its query, which begin with a slash, as they came.
    pub fn uri(&self, path: &str) -> Result<Uri, http::Error> {
        let path: PathAndQuery = match (self.base.as_str(), path.is_empty()) {
            ("", true) => PathAndQuery::from_static("/"),
            ("", false) => path.parse()?,
            (base, _) => format!("{base}{path}").parse()?,
        };
        let (scheme, authority) = (self.scheme.clone(), self.authority.clone());
        Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build()
    }
}

pub struct Upstreams {
    by_name: HashMap<String, Arc<Upstream>>,
    plain: Client<HttpConnector, Body>,
    /// Made when it is first needed: reading the system's certificates takes as long as starting.
    secure: OnceLock<Result<Client<connect::Secure, Body>, String>>,
}

/// Why there is no answer from upstream.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The provider never had the call, or says that it has not begun with it.
    #[error("{0}")]
    Unreached(String),
    /// The call went, and the connection broke before an answer came.
    #[error("{0}")]
    Broken(String),
}

impl Upstreams {
    /// `upstreams` have been checked by the configuration; one whose address is no address is left out.
    pub fn new(upstreams: &[config::Upstream]) -> Upstreams {
        let by_name = upstreams.iter().filter_map(|told| {
            let parts = told.url.parse::<Uri>().ok()?.into_parts();
            let base = parts.path_and_query.as_ref().map_or("", PathAndQuery::path).trim_end_matches('/').to_owned();
            let (scheme, authority) = (parts.scheme?, parts.authority?);
            let upstream = Upstream { name: told.name.clone(), dialect: told.dialect, scheme, authority, base };
            Some((told.name.clone(), Arc::new(upstream)))
        });
        Upstreams { by_name: by_name.collect(), plain: client(connect::plain()), secure: OnceLock::new() }
    }

    pub fn get(&self, name: &str) -> Option<Arc<Upstream>> {
        self.by_name.get(name).cloned()
    }

    /// Sends a call on its way, and returns with the head of its answer.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, NoAnswer> {
        let sent = match request.uri().scheme_str() {
            Some("http") => self.plain.request(request),
            _ => match self.secure.get_or_init(|| connect::secure().map(client)) {
                Ok(client) => client.request(request),
                Err(why) => return Err(NoAnswer::Unreached(why.clone())),
            },
        };
        sent.await.map_err(|e| no_answer(&e))
    }
}

fn client<C>(connector: C) -> Client<C, Body>
where
    C: hyper_util::client::legacy::connect::Connect + Clone,
{
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http2_initial_stream_window_size(STREAM_WINDOW_BYTES)
        .http2_initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_keep_alive_interval(ALIVE_EVERY)
        .http2_keep_alive_timeout(ALIVE_WITHIN)
        .build(connector)
}

fn no_answer(error: &Error) -> NoAnswer {
    if error.is_connect() {
        NoAnswer::Unreached(innermost(error))
    } else if is_turned_away(error) {
        NoAnswer::Unreached("it turned the call away before beginning with it".to_owned())
    } else {
        NoAnswer::Broken(innermost(error))
    }
}

/// Whether it is certain that the provider has not begun with the call: it was never written, its stream was refused, or it
/// is beyond the last one that a connection which is being closed still serves. Source: RFC 9113, 6.8 and 8.7.
fn is_turned_away(error: &Error) -> bool {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source()).any(|error| {
        let unwritten = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled);
        let refused = error.downcast_ref::<h2::Error>().is_some_and(|error| {
            let by_reset = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
            let by_going = error.is_go_away() && error.reason() == Some(Reason::NO_ERROR);
            error.is_remote() && (by_reset || by_going)
        });
        unwritten || refused
    })
}
