//! A proxy that does only what cannot be left out: it passes requests on over kept connections, and their answers back.

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::product::serve_each;

pub fn run(upstream: &str) {
    let upstream: http::uri::Authority = upstream.parse().unwrap();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    // Made within the runtime, at the first request.
    let client = std::sync::OnceLock::<Client<HttpConnector, Incoming>>::new();
    let shared = std::sync::Arc::new((client, connector, upstream));
    serve_each(move |request| {
        let (client, connector, upstream) = &*shared;
        let client = client.get_or_init(|| Client::builder(TokioExecutor::new()).build(connector.clone()));
        pass(client.clone(), upstream.clone(), request)
    });
}

async fn pass(
    client: Client<HttpConnector, Incoming>,
    upstream: http::uri::Authority,
    mut request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, hyper_util::client::legacy::Error> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    (parts.scheme, parts.authority) = (Some(http::uri::Scheme::HTTP), Some(upstream));
    *request.uri_mut() = Uri::from_parts(parts).unwrap();
    request.headers_mut().remove(HOST);
    Ok(client.request(request).await?.map(BodyExt::boxed))
}
