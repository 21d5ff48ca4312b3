//! Which requests are the proxy's: those whose path begins with a provider's name, with `/p/{project}/` before one, or
//! with `/k/{key}/` before either, for programs that can be given a base URL and no header.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::future::Either;
use http::Request;
use tower::Service;

use super::Proxy;
use super::attribution::decoded;
use super::upstream::Upstream;
use crate::http::Problem;

/// Where a call is going.
pub struct Way {
    pub upstream: Arc<Upstream>,
    /// The Spendlight key that the path brings.
    pub key: Option<String>,
    /// The project that the path names.
    pub project: Option<String>,
    /// How much of the path is ours, in bytes.
    pub ours: usize,
}

impl Proxy {
    /// Where a request with this path is to be passed on to, if anywhere.
    pub fn way(&self, path: &str) -> Option<Way> {
        let mut rest = path.strip_prefix('/')?;
        let (mut key, mut project) = (None, None);
        for (letter, named) in [("k", &mut key), ("p", &mut project)] {
            if let (first, Some(after)) = segment(rest)
                && first == letter
            {
                let (name, after) = segment(after);
                *named = Some(decoded(name));
                rest = after?;
            }
        }
        let (name, _) = segment(rest);
        let upstream = self.upstreams.get(name)?;
        Some(Way { upstream, key, project, ours: path.len() - rest.len() + name.len() })
    }
}

/// The first segment, and what follows its slash.
fn segment(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

/// The API, with the proxy before it.
#[derive(Clone)]
pub struct Front<S> {
    api: S,
    proxy: Arc<Proxy>,
}

impl<S> Front<S> {
    pub fn new(api: S, proxy: Arc<Proxy>) -> Front<S> {
        Front { api, proxy }
    }
}

type Passing = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Front<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Passing, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.api.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let path = request.uri().path();
        // Most requests by far are the API's.
        if path.starts_with("/v1/") {
            return Either::Right(self.api.call(request));
        }
        match self.proxy.way(path) {
            Some(way) => {
                let proxy = Arc::clone(&self.proxy);
                Either::Left(Box::pin(async move { Ok(proxy.pass(way, request).await) }))
            }
            // The API would repeat the path, and with it the key.
            None if path.starts_with("/k/") => {
                let lost = Problem::not_found("After /k/ and the key there must be the name of a provider.");
                Either::Left(Box::pin(std::future::ready(Ok(lost.into_response()))))
            }
            None => Either::Right(self.api.call(request)),
        }
    }
}
