//! Door: the metering proxy. A call that comes to `/{provider}/…` is held, passed on as it is, watched as its answer
//! comes back, and settled with what the provider reported.
//!
//! [`network`] is the whole network door: what names a provider is passed on (`front`), the rest is the API's. A call
//! walks through `pass`: whose it is (`attribution`, `keys`), what it asks for (`body`), whether the meter admits it,
//! upstream (`upstream`, over connections that `connect` makes), and back through `answer`, whose end settles it, unless it
//! goes on in the `background`. What is not metered goes through `look`, as far as `unseen` lets it. Deliberately not here:
//! what bytes mean (`providers`) and what is decided (`meter`).

mod answer;
mod attribution;
mod background;
mod body;
mod call;
mod connect;
mod decode;
mod ending;
mod front;
mod headers;
mod keys;
mod look;
mod pass;
mod refuse;
mod unseen;
mod upstream;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::Request;
use tower::Service;

use crate::config::Upstream;
use crate::http::{self as api, App};
use background::Background;
use front::Front;
use upstream::Upstreams;

/// What every proxied call needs.
pub struct Proxy {
    app: Arc<App>,
    upstreams: Upstreams,
    background: Arc<Background>,
}

impl Proxy {
    pub fn new(app: Arc<App>, upstreams: &[Upstream]) -> Arc<Proxy> {
        Arc::new(Proxy { app, upstreams: Upstreams::new(upstreams), background: Arc::default() })
    }
}

/// The network's door at `address`: the API, and the proxy.
pub fn network(
    proxy: &Arc<Proxy>,
    address: SocketAddr,
) -> impl Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + use<> {
    api::guarded(&proxy.app, address, Front::new(api::router(&proxy.app), Arc::clone(proxy)))
}
