//! Providers behind TLS: who they are is proven by the system's certificates, calls share a connection, and HTTP/2 is
//! spoken where it is offered.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::program::Program;
use crate::proxy::{completion, question};

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    versions: Mutex<Vec<Version>>,
}

/// A provider's name that nothing on this machine has.
const ELSEWHERE: &str = "provider.test";

/// A provider at https://localhost, and the certificate that vouches for it.
struct Secure {
    address: SocketAddr,
    seen: Arc<Seen>,
    authority: String,
}

impl Secure {
    async fn that_offers(protocols: &[&str]) -> Secure {
        Secure::serving(protocols, |stream, seen| async move {
            let answer = service_fn(move |request| answer(Arc::clone(&seen), request));
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(TokioIo::new(stream), answer).await;
        })
        .await
    }

    /// One of HTTP/2 that answers every call with the frame that `with` makes for its stream.
    async fn that_turns_away(with: fn([u8; 4]) -> Vec<u8>) -> Secure {
        Secure::serving(&["h2"], move |mut stream, seen| async move {
            // Its settings, which are the usual ones.
            stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
            let mut preface = [0; 24];
            stream.read_exact(&mut preface).await.unwrap();
            let mut head = [0; 9];
            while stream.read_exact(&mut head).await.is_ok() {
                let [a, b, c, kind, _, ref id @ ..] = head;
                let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
                stream.read_exact(&mut payload).await.unwrap();
                if kind == HEADERS {
                    seen.versions.lock().unwrap().push(Version::HTTP_2);
                    stream.write_all(&with(*id)).await.unwrap();
                }
            }
        })
        .await
    }

    async fn serving<F>(
        protocols: &[&str],
        serve: impl Fn(TlsStream<TcpStream>, Arc<Seen>) -> F + Clone + Send + 'static,
    ) -> Secure
    where
        F: Future<Output = ()> + Send,
    {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), ELSEWHERE.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
        let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let secure = Secure { address, seen: Arc::clone(&seen), authority: made.cert.pem() };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, seen, serve) = (acceptor.clone(), Arc::clone(&seen), serve.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    seen.connections.fetch_add(1, Ordering::SeqCst);
                    serve(stream, seen).await;
                });
            }
        });
        secure
    }

    /// Spendlight before it, which trusts the certificates in `trusted` alone.
    fn behind(&self, data: &Path, trusted: &str) -> Program {
        Program::start_with(data, &self.trusting("localhost", data, trusted))
    }

    /// What is configured for a Spendlight before it, at that name, and its environment.
    fn trusting(&self, name: &str, data: &Path, trusted: &str) -> [(&'static str, String); 1] {
        let config = format!("[providers.openai]\nupstream = 'https://{name}:{}'\n", self.address.port());
        std::fs::write(data.join("no-config.toml"), config).unwrap();
        let file = data.join("trusted.pem");
        std::fs::write(&file, trusted).unwrap();
        [("SSL_CERT_FILE", file.to_str().unwrap().to_owned())]
    }
}

async fn answer(seen: Arc<Seen>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    seen.versions.lock().unwrap().push(request.version());
    request.into_body().collect().await?;
    let body = Full::new(completion().to_string().into());
    Ok(Response::builder().header("content-type", "application/json").body(body).unwrap())
}

/// Waits for the one call's entry: it has failed, and cost nothing.
async fn is_written_down_as_free(program: &Program) {
    let mut entries = program.get("/v1/entries").await;
    while entries["entries"][0].is_null() {
        tokio::time::sleep(Duration::from_millis(10)).await;
        entries = program.get("/v1/entries").await;
    }
    assert_eq!((&entries["entries"][0]["ok"], &entries["entries"][0]["cost_usd"]), (&json!(false), &json!(0)));
}

/// Kinds of frames, and why a stream is reset. Source: RFC 9113, 6 and 7.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
const REFUSED_STREAM: u8 = 7;

const CHAT: &str = "/openai/v1/chat/completions";

#[tokio::test(flavor = "multi_thread")]
async fn calls_share_a_connection_and_speak_the_newest_version_that_is_offered() {
    for (offered, spoken) in [(&["h2", "http/1.1"][..], Version::HTTP_2), (&["http/1.1"], Version::HTTP_11)] {
        let secure = Secure::that_offers(offered).await;
        let data = tempfile::tempdir().unwrap();
        let program = secure.behind(data.path(), &secure.authority);
        for _ in 0..5 {
            let (status, said) = program.post(CHAT, &question("gpt-5-mini")).await.unwrap();
            assert_eq!((status, said), (200, completion()));
        }
        assert_eq!(secure.seen.versions.lock().unwrap().as_slice(), [spoken; 5]);
        assert_eq!(secure.seen.connections.load(Ordering::SeqCst), 1, "the connection is kept: {spoken:?}");
        program.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_taken_for_a_provider_without_proof() {
    let secure = Secure::that_offers(&["http/1.1"]).await;
    let another = Secure::that_offers(&["http/1.1"]).await;
    let data = tempfile::tempdir().unwrap();
    let program = secure.behind(data.path(), &another.authority);
    let (status, said) = program.post(CHAT, &question("gpt-5-mini")).await.unwrap();
    let sentence = said["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(status, 502, "{said}");
    assert!(sentence.contains("certificate"), "it says what is wrong: {sentence}");
    assert!(secure.seen.versions.lock().unwrap().is_empty(), "nothing was sent");
    is_written_down_as_free(&program).await;
    program.end();
}

/// A proxy of the network that lets everybody with this name and password through to the provider at `to`.
async fn proxy(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, heard) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let told = Arc::clone(&heard);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let told = Arc::clone(&told);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                // "me:secret", as Basic has it.
                let known = head.to_lowercase().contains("proxy-authorization: basic bwu6c2vjcmv0");
                told.lock().unwrap().push(head);
                if !known {
                    return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await.unwrap();
                }
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut provider = TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut provider).await;
            });
        }
    });
    (address, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environments_proxy_is_gone_through_and_a_provider_on_this_machine_is_not() {
    let secure = Secure::that_offers(&["h2", "http/1.1"]).await;
    let (proxy, heard) = proxy(secure.address).await;
    for (name, user, status) in [(ELSEWHERE, "me:secret@", 200), (ELSEWHERE, "", 502), ("localhost", "", 200)] {
        let data = tempfile::tempdir().unwrap();
        let [trusted] = secure.trusting(name, data.path(), &secure.authority);
        let program = Program::start_with(data.path(), &[trusted, ("HTTPS_PROXY", format!("http://{user}{proxy}"))]);
        heard.lock().unwrap().clear();
        let (seen, said) = program.post(CHAT, &question("gpt-5-mini")).await.unwrap();
        assert_eq!(seen, status, "{name} by {user}: {said}");
        let heard = heard.lock().unwrap();
        if name == "localhost" {
            assert!(heard.is_empty(), "{heard:?}");
            continue;
        }
        assert_eq!(heard.len(), 1);
        let asked = format!("CONNECT {ELSEWHERE}:{} ", secure.address.port());
        assert!(heard[0].starts_with(&asked), "{}", heard[0]);
        assert!(!heard[0].contains("sk-"), "no key is told to a proxy");
        if status == 502 {
            let sentence = said["error"]["message"].as_str().unwrap_or_default();
            assert!(sentence.contains(&format!("the proxy http://{proxy}/ does not get through")), "{sentence}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_never_says_who_it_is_is_given_up() {
    // Takes connections, and is silent.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let config =
        format!("[providers.openai]\nupstream = 'https://localhost:{}'\n", listener.local_addr().unwrap().port());
    std::fs::write(data.path().join("no-config.toml"), config).unwrap();
    let program = Program::start(data.path());
    let (status, said) = program.post(CHAT, &question("gpt-5-mini")).await.unwrap();
    assert_eq!(status, 502, "{said}");
    is_written_down_as_free(&program).await;
    assert_eq!(program.get("/v1/status").await["in_flight_count"], 0, "nothing stays held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_a_provider_has_not_begun_with_costs_nothing_and_may_be_tried_again() {
    let refused = |id: [u8; 4]| [&[0, 0, 4, RST_STREAM, 0][..], &id, &[0, 0, 0, REFUSED_STREAM]].concat();
    // The last stream it serves is none, and there is no error.
    let going = |_| [&[0, 0, 8, GOAWAY, 0][..], &[0; 4], &[0; 8]].concat();
    for turns_away in [refused as fn([u8; 4]) -> Vec<u8>, going] {
        let secure = Secure::that_turns_away(turns_away).await;
        let data = tempfile::tempdir().unwrap();
        let program = secure.behind(data.path(), &secure.authority);
        let (status, said) = program.post(CHAT, &question("gpt-5-mini")).await.unwrap();
        let sentence = said["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(status, 502, "{said}");
        assert!(sentence.ends_with("turned the call away before beginning with it."), "{sentence}");
        assert_eq!(secure.seen.versions.lock().unwrap().len(), 1, "it had been asked");
        is_written_down_as_free(&program).await;
        assert_eq!(program.get("/v1/status").await["in_flight_count"], 0, "nothing stays held");
        program.end();
    }
}
