//! Which requests are the proxy's: those whose path begins with a provider's name, or with `/p/{project}/` before one.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use futures_util::future::Either;
use http::Request;
use tower::Service;

use super::Proxy;
use super::attribution::decoded;
use super::upstream::Upstream;

/// Where a call is going.
pub struct Way {
    pub upstream: Arc<Upstream>,
    /// The project that the path names.
    pub project: Option<String>,
    /// How much of the path is ours, in bytes.
    pub ours: usize,
}

impl Proxy {
    /// Where a request with this path is to be passed on to, if anywhere.
    pub fn way(&self, path: &str) -> Option<Way> {
        let rest = path.strip_prefix('/')?;
        let (first, after) = segment(rest);
        if first != "p" {
            let upstream = self.upstreams.get(first)?;
            return Some(Way { upstream, project: None, ours: 1 + first.len() });
        }
        let (project, rest) = segment(after?);
        let (name, _) = segment(rest?);
        let upstream = self.upstreams.get(name)?;
        Some(Way { upstream, project: Some(decoded(project)), ours: "/p/".len() + project.len() + 1 + name.len() })
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
            None => Either::Right(self.api.call(request)),
        }
    }
}
