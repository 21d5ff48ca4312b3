//! A provider that says what a test wants it to: a real socket, real HTTP/1.1, and a memory of what it was sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use spendlight::config::Upstream;
use spendlight::providers::Dialect;

/// What a provider does when it is asked, in order.
#[derive(Clone)]
pub enum Step {
    /// Sends these bytes as they are.
    Send(Vec<u8>),
    /// Waits until the test lets it go on.
    Wait,
    /// Breaks the connection off.
    Break,
}

/// A request as the provider got it.
#[derive(Debug, Clone)]
pub struct Got {
    /// Request line and headers, names in small letters.
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Steps = dyn Fn(&Got) -> Vec<Step> + Send + Sync;

pub struct Provider {
    pub address: String,
    got: Arc<Mutex<Vec<Got>>>,
    go_on: Arc<Notify>,
}

impl Provider {
    /// One that answers every request with these steps.
    pub async fn that(steps: Vec<Step>) -> Provider {
        Provider::which(move |_| steps.clone()).await
    }

    /// One that answers each request with the steps for it.
    pub async fn which(steps: impl Fn(&Got) -> Vec<Step> + Send + Sync + 'static) -> Provider {
        let steps: Arc<Steps> = Arc::new(steps);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (got, go_on) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let provider = Provider { address, got: Arc::clone(&got), go_on: Arc::clone(&go_on) };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, Arc::clone(&steps), Arc::clone(&got), Arc::clone(&go_on)));
            }
        });
        provider
    }

    /// One that answers with JSON.
    pub async fn json(body: &serde_json::Value) -> Provider {
        Provider::that(vec![Step::Send(whole(200, "application/json", body.to_string().as_bytes()))]).await
    }

    pub fn upstream(&self, name: &str, dialect: Dialect) -> Upstream {
        Upstream { name: name.to_owned(), url: format!("http://{}", self.address), dialect }
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub fn go_on(&self) {
        self.go_on.notify_one();
    }
}

/// An answer with its length.
pub fn whole(status: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    encoded(status, kind, None, body)
}

/// The same, with its body's encoding.
pub fn encoded(status: u16, kind: &str, encoding: Option<&str>, body: &[u8]) -> Vec<u8> {
    let encoding = encoding.map_or(String::new(), |name| format!("content-encoding: {name}\r\n"));
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\n{encoding}content-length: {length}\r\n\r\n")
            .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The head of a stream of events, whose pieces are [`chunk`]s.
pub fn events() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()
}

pub fn chunk(data: &str) -> Vec<u8> {
    format!("{:x}\r\n{data}\r\n", data.len()).into_bytes()
}

async fn answer(mut stream: TcpStream, steps: Arc<Steps>, got: Arc<Mutex<Vec<Got>>>, go_on: Arc<Notify>) {
    let mut waiting = Vec::new();
    while let Some(request) = read(&mut stream, &mut waiting).await {
        let steps = steps(&request);
        got.lock().unwrap().push(request);
        for step in &steps {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(bytes).await.is_err() {
                        return;
                    }
                }
                Step::Wait => go_on.notified().await,
                Step::Break => return,
            }
        }
    }
}

/// Reads one request with its body, which must have a length or come in chunks.
async fn read(stream: &mut TcpStream, waiting: &mut Vec<u8>) -> Option<Got> {
    let end = loop {
        if let Some(end) = waiting.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, waiting).await?;
    };
    let head = String::from_utf8_lossy(&waiting[..end]).into_owned();
    waiting.drain(..end + 4);
    let mut got = Got { head, body: Vec::new() };
    if got.header("transfer-encoding").is_some() {
        while !waiting.ends_with(b"0\r\n\r\n") {
            more(stream, waiting).await?;
        }
        got.body = std::mem::take(waiting);
        return Some(got);
    }
    let length = got.header("content-length").map_or(0, |length| length.parse().unwrap());
    while waiting.len() < length {
        more(stream, waiting).await?;
    }
    got.body = waiting.drain(..length).collect();
    Some(got)
}

async fn more(stream: &mut TcpStream, waiting: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 16 * 1024];
    let read = stream.read(&mut piece).await.ok()?;
    waiting.extend_from_slice(&piece[..read]);
    (read > 0).then_some(())
}
