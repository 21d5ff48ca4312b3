//! What is measured, each in a process of its own: the `spendlight` that ships, and this program in its other parts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

/// High enough that nothing is denied.
const LIMIT: u32 = 1_000_000;

/// How long an answer outside of the rounds may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder beside what cargo builds, on a disk and not in memory, and gone at the end.
pub struct Room(PathBuf);

impl Room {
    pub fn new() -> Room {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("doors-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Room(path)
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running program that has said where it listens.
pub struct Product {
    child: Child,
    pub address: SocketAddr,
    token: String,
}

impl Product {
    /// The `spendlight` that ships, on the ledger in `folder`, passing calls for OpenAI on to `upstream`.
    pub fn proxy(folder: &Path, upstream: SocketAddr) -> Product {
        let config = format!("[providers.openai]\nupstream = \"http://{upstream}\"\n");
        std::fs::write(folder.join("config.toml"), config).unwrap();
        Product::spendlight(folder)
    }

    /// The `spendlight` that ships, on the ledger in `folder`.
    pub fn spendlight(folder: &Path) -> Product {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spendlight"));
        command.args(["serve", "--port", "0", "--data-dir"]).arg(folder);
        command.arg("--config").arg(folder.join("config.toml")).env("SPENDLIGHT_LOG", "warn");
        let mut product = Product::start(&mut command);
        product.token = std::fs::read_to_string(folder.join("owner-token")).unwrap().trim().to_owned();
        product
    }

    /// This program in another part.
    pub fn own(arguments: &[&str]) -> Product {
        Product::start(Command::new(std::env::current_exe().unwrap()).args(arguments))
    }

    /// How many milliseconds `spendlight` takes from its start to its first answer.
    pub fn spendlight_timed(folder: &Path) -> f64 {
        let started = Instant::now();
        let product = Product::spendlight(folder);
        product.ask("GET", "/v1/status", "application/json", "");
        let elapsed = started.elapsed();
        product.end();
        elapsed.as_secs_f64() * 1e3
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The most memory it has needed so far, in KiB; nothing where the system does not tell.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        peak.trim().trim_end_matches(" kB").parse().unwrap_or(0)
    }

    fn start(command: &mut Command) -> Product {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().expect("it says where it listens").unwrap();
        let address = line.rsplit_once("http://").and_then(|(_, address)| address.parse().ok());
        // Whatever else it prints is read away, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Product { child, address: address.expect("an address at the end of the line"), token: String::new() }
    }

    /// Raises every budget, as its owner would.
    pub fn raise_budgets(&self) {
        let mut budgets: Value = serde_json::from_str(&self.ask("GET", "/v1/budgets", "application/json", "")).unwrap();
        for budget in budgets["budgets"].as_array_mut().unwrap() {
            budget["limit"] = json!(LIMIT);
            let path = format!("/v1/budgets/{}", budget["id"].as_str().unwrap());
            self.ask("PUT", &path, "application/json", &budget.to_string());
        }
    }

    /// Records many calls of several models and projects.
    pub fn fill(&self, entries: usize) {
        let models = ["gpt-5-mini", "gpt-5", "gpt-4o-mini"];
        for from in (0..entries).step_by(5_000) {
            let mut lines = String::new();
            for number in from..entries.min(from + 5_000) {
                let call = json!({ "provider": "openai", "model": models[number % 3], "input_tokens": 900 + number % 700,
                    "output_tokens": 50 + number % 300, "project": format!("project-{}", number % 5),
                    "session": format!("session-{}", number % 50), "latency_ms": 300 + number % 2_000 });
                lines.push_str(&call.to_string());
                lines.push('\n');
            }
            self.ask("POST", "/v1/record/batch", "application/x-ndjson", &lines);
        }
    }

    /// One request on a connection of its own; a refusal ends the run.
    fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (address, token, length) = (self.address, &self.token, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: {kind}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    /// Ends it politely, so that it leaves its ledger as a user's quit does.
    pub fn end(mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers every request on a free port of loopback until the process is ended, without a router.
pub fn serve_each<B, E, F>(answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static)
where
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        println!("listens on http://{}", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                // A client that leaves is no failure.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(answer))
                    .await;
            });
        }
    });
}

/// Serves `router` on a free port of loopback, as Spendlight serves its own, until the process is ended.
pub fn serve(router: axum::Router) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        println!("listens on http://{}", listener.local_addr().unwrap());
        let listener = axum::serve::ListenerExt::tap_io(listener, |connection| {
            let _ = connection.set_nodelay(true);
        });
        axum::serve(listener, router).await.unwrap();
    });
}
