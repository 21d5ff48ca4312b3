//! How a connection to a provider is made: encrypted, within a time, and through the proxy that the environment names, if
//! it names one. A provider's own SDK would go through it too; behind Spendlight it only sees this machine.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::TryFutureExt;
use http::Uri;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service};

use crate::http::innermost;

/// How long a connection may take to be made, whatever it goes through. How long an answer takes is the provider's and the
/// client's affair.
const WITHIN: Duration = Duration::from_secs(10);

/// How long a connection is quiet before the system asks whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(50);

type Plain = TokioIo<TcpStream>;
pub type Secure = BoxCloneSyncService<Uri, MaybeHttpsStream<Plain>, BoxError>;

/// Connections without TLS, always directly.
pub fn plain() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(WITHIN));
    // Requests are small and whole: waiting for more to send would only hold them back.
    connector.set_nodelay(true);
    connector.set_keepalive(Some(KEEPALIVE));
    connector
}

/// Connections with TLS, through `HTTPS_PROXY` or `ALL_PROXY` where one is set and `NO_PROXY` does not name the provider.
///
/// # Errors
/// The system's certificates cannot be read.
pub fn secure() -> Result<Secure, String> {
    let tls = HttpsConnectorBuilder::new()
        .try_with_platform_verifier()
        .map_err(|e| format!("this system's certificates cannot be read: {e}"))?;
    let outward = Outward { direct: plain(), proxies: Arc::new(Matcher::from_env()) };
    let connector = tls.https_only().enable_all_versions().wrap_connector(outward);
    Ok(BoxCloneSyncService::new(Timeout::new(connector, WITHIN)))
}

/// Whether a host is this machine, which is nearer than any proxy.
pub fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Directly or through a proxy.
#[derive(Clone)]
struct Outward {
    direct: HttpConnector,
    proxies: Arc<Matcher>,
}

#[derive(Debug, thiserror::Error)]
#[error("the proxy {proxy} does not get through to it: {why}")]
struct NoWay {
    proxy: Uri,
    why: String,
}

impl Service<Uri> for Outward {
    type Response = Plain;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Plain, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.direct.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, provider: Uri) -> Self::Future {
        let local = provider.host().is_some_and(is_local);
        match self.proxies.intercept(&provider).filter(|_| !local) {
            Some(proxy) => self.through(&proxy, provider),
            None => Box::pin(self.direct.call(provider).map_err(Into::into)),
        }
    }
}

impl Outward {
    fn through(&self, proxy: &Intercept, provider: Uri) -> <Outward as Service<Uri>>::Future {
        let (at, direct) = (proxy.uri().clone(), self.direct.clone());
        let proxied = at.clone();
        let no_way = move |why: String| BoxError::from(NoWay { proxy: proxied, why });
        match at.scheme_str() {
            Some("http") => {
                let tunnel = Tunnel::new(at, direct);
                let mut tunnel = match proxy.basic_auth() {
                    Some(who) => tunnel.with_auth(who.clone()),
                    None => tunnel,
                };
                Box::pin(tunnel.call(provider).map_err(|e| no_way(innermost(&e))))
            }
            Some("socks5" | "socks5h") => {
                let socks = SocksV5::new(at, direct);
                let mut socks = match proxy.raw_auth() {
                    Some((user, password)) => socks.with_auth(user.to_owned(), password.to_owned()),
                    None => socks,
                };
                Box::pin(socks.call(provider).map_err(|e| no_way(innermost(&e))))
            }
            _ => {
                let other = no_way("it is spoken to by http or socks5 alone".to_owned());
                Box::pin(std::future::ready(Err(other)))
            }
        }
    }
}
