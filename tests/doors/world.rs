//! A small world: a data folder of its own, a meter whose clock is turned by hand, an app, and its two doors, asked
//! without a socket. A world can be closed and opened again, as a restart does.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{CONTENT_TYPE, HOST, HeaderMap};
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use spendlight::clock::Clock;
use spendlight::config::Upstream;
use spendlight::domain::budget::first_budgets;
use spendlight::domain::money::parse_nanos;
use spendlight::http::{self as door, App, Surroundings};
use spendlight::keychain::{Keychain, Secret, Vault, VaultError};
use spendlight::ledger::{self, Settings};
use spendlight::meter::{Meter, Opened, Opening};
use spendlight::notify::{Desktop, NotifyError, Shown, Speaker};
use spendlight::proxy::{self, Proxy};
use spendlight::words::{Notice, NoticeAction};
use tempfile::TempDir;
use tower::ServiceExt;

pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub const PORT: u16 = 7575;

/// A Sunday noon in UTC, well within its day, week and month.
pub const NOON: &str = "2026-11-22T12:00:00Z";

pub fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A keychain that forgets with the world; one that does not work says so.
#[derive(Clone, Default)]
pub struct Drawer {
    pub broken: bool,
    pub keys: Arc<Mutex<HashMap<String, Secret>>>,
}

impl Drawer {
    fn open(&self) -> Result<std::sync::MutexGuard<'_, HashMap<String, Secret>>, VaultError> {
        if self.broken { Err(VaultError("nobody answers".to_owned())) } else { Ok(self.keys.lock().unwrap()) }
    }
}

impl Vault for Drawer {
    fn get(&self, provider: &str) -> Result<Option<Secret>, VaultError> {
        Ok(self.open()?.get(provider).cloned())
    }

    fn set(&self, provider: &str, key: &Secret) -> Result<(), VaultError> {
        self.open()?.insert(provider.to_owned(), key.clone());
        Ok(())
    }

    fn remove(&self, provider: &str) -> Result<(), VaultError> {
        self.open()?.remove(provider);
        Ok(())
    }
}

/// A desktop that remembers what it was shown; one that does not work says why.
#[derive(Clone, Default)]
pub struct Screen {
    pub shown: Arc<Mutex<Vec<Notice>>>,
    pub broken: Arc<Mutex<Option<NotifyError>>>,
}

impl Screen {
    /// The titles and texts of what was shown since the last time.
    pub fn take(&self) -> Vec<(String, String)> {
        let shown: Vec<_> = self.shown.lock().unwrap().drain(..).collect();
        shown
            .into_iter()
            .map(|notice| (notice.title.replace('\u{a0}', " "), notice.body.replace('\u{a0}', " ")))
            .collect()
    }
}

impl Desktop for Screen {
    fn show<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<Box<dyn Shown>, NotifyError>> {
        let broken = self.broken.lock().unwrap().clone();
        let shown: Result<Box<dyn Shown>, _> = broken.map_or(Ok(Box::new(Unread)), Err);
        if shown.is_ok() {
            self.shown.lock().unwrap().push(notice.clone());
        }
        std::future::ready(shown).boxed()
    }

    fn service(&self) -> BoxFuture<'_, Option<String>> {
        std::future::ready(Some("small desktop".to_owned())).boxed()
    }
}

/// A notice that nobody clicks.
struct Unread;

impl Shown for Unread {
    fn clicked(&self) -> BoxFuture<'_, Option<NoticeAction>> {
        std::future::pending().boxed()
    }

    fn take_away(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}

pub struct World {
    pub clock: Clock,
    /// What stands for the system's keychain from the next start on.
    pub drawer: Drawer,
    /// What stands for the desktop.
    pub screen: Screen,
    /// The environment from the next start on.
    pub environment: Vec<(String, String)>,
    /// Where calls can be passed on to.
    pub upstreams: Vec<Upstream>,
    pub app: Arc<App>,
    /// The door that calls go through, as long as where they can be passed on to stays.
    proxy: Mutex<Option<(Vec<Upstream>, Arc<Proxy>)>>,
    /// None while it is closed.
    opened: Option<Opened>,
    feed: String,
    folder: TempDir,
}

/// An answer of either door.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub async fn read(response: Response) -> Answer {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body of an answer that must have `status`.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "the answer must be {status}: {}", self.text());
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// The detail of a refusal, which must be a problem of `status`.
    #[track_caller]
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "the refusal must be {status}: {}", self.text());
        let kind = self.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "a refusal is a problem: {}", self.text());
        let problem = self.json();
        for part in ["type", "title", "detail"] {
            assert!(problem[part].as_str().is_some_and(|t| !t.is_empty()), "a problem has a {part}: {problem}");
        }
        assert_eq!(problem["status"], status, "a problem repeats its status");
        problem["detail"].as_str().unwrap().to_owned()
    }
}

impl World {
    /// A world at noon in UTC, without budgets.
    pub fn new() -> World {
        World::at(NOON, Tz::UTC)
    }

    pub fn at(now: &str, zone: Tz) -> World {
        World::made(utc(now), zone, false, "http://127.0.0.1:9/")
    }

    /// A world with the budgets of a first start.
    pub fn with_first_budgets() -> World {
        World::made(utc(NOON), Tz::UTC, true, "http://127.0.0.1:9/")
    }

    pub fn with_feed(feed: &str) -> World {
        World::made(utc(NOON), Tz::UTC, false, feed)
    }

    pub fn made(now: DateTime<Utc>, zone: Tz, budgets: bool, feed: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        // The machine's zone is not the test's business, so one is chosen before the first start.
        let mut writer = ledger::open(&folder.path().join(ledger::FILE)).unwrap();
        writer
            .transaction(|writer| {
                writer.put_settings(&Settings { time_zone: Some(zone), ..Settings::default() })?;
                if budgets { first_budgets().iter().try_for_each(|budget| writer.put_budget(budget)) } else { Ok(()) }
            })
            .unwrap();
        drop(writer);
        World::open_in(folder, Clock::simulated(now), feed.to_owned())
    }

    /// A world over whatever lies in `folder`.
    pub fn open_in(folder: TempDir, clock: Clock, feed: String) -> World {
        let (drawer, screen) = (Drawer::default(), Screen::default());
        let (opened, app) = open(folder.path(), &clock, &feed, &drawer, &screen, &[]);
        World {
            clock,
            drawer,
            screen,
            environment: Vec::new(),
            upstreams: Vec::new(),
            app,
            proxy: Mutex::default(),
            opened: Some(opened),
            feed,
            folder,
        }
    }

    pub fn meter(&self) -> &Arc<Meter> {
        &self.app.meter
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn ledger_file(&self) -> PathBuf {
        self.path().join(ledger::FILE)
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub fn close(&mut self) {
        self.proxy.get_mut().unwrap().take();
        if let Some(opened) = self.opened.take() {
            opened.close();
        }
    }

    pub fn restart(&mut self) {
        self.close();
        let (opened, app) =
            open(self.folder.path(), &self.clock, &self.feed, &self.drawer, &self.screen, &self.environment);
        (self.opened, self.app) = (Some(opened), app);
    }

    /// What `SELECT` says of the ledger's file: one number.
    pub fn number(&self, sql: &str) -> i64 {
        let conn = rusqlite::Connection::open(self.ledger_file()).unwrap();
        conn.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Asks the window's door: the request is the owner's.
    pub async fn owner(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = request(method, path, body, None);
        Answer::read(door::owner(&self.app).oneshot(request).await.unwrap()).await
    }

    /// Asks the network's door as any local program does.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.knock(request(method, path, body, Some("127.0.0.1:7575"))).await
    }

    /// Asks the network's door with a request as it is.
    pub async fn knock(&self, request: Request<Body>) -> Answer {
        Answer::read(self.pass(request).await).await
    }

    /// The same, for an answer that is not over when it begins.
    pub async fn pass(&self, request: Request<Body>) -> Response {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
        let proxy = {
            let mut kept = self.proxy.lock().unwrap();
            let made = kept.take().filter(|(upstreams, _)| *upstreams == self.upstreams);
            let made =
                made.unwrap_or_else(|| (self.upstreams.clone(), Proxy::new(Arc::clone(&self.app), &self.upstreams)));
            Arc::clone(&kept.insert(made).1)
        };
        proxy::network(&proxy, address).oneshot(request).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn check(&self, body: Value) -> Answer {
        self.post("/v1/check", body).await
    }

    pub async fn record(&self, body: Value) -> Answer {
        self.post("/v1/record", body).await
    }

    /// Records a call of a known cost.
    pub async fn spend(&self, call_id: &str, provider: &str, cost_usd: f64) -> Answer {
        self.record(json!({"call_id": call_id, "provider": provider, "model": "m", "cost_usd": cost_usd})).await
    }

    /// Adds a budget as the owner.
    pub async fn budget(&self, body: Value) -> Value {
        self.owner(Method::POST, "/v1/budgets", Some(body)).await.expect(201)
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.owner(Method::PUT, path, Some(body)).await
    }

    /// The standing of a budget.
    pub async fn standing(&self, id: &str) -> Value {
        let status = self.get("/v1/status").await.expect(200);
        let all = status["budgets"].as_array().unwrap();
        all.iter().find(|standing| standing["budget"] == id).unwrap_or_else(|| panic!("{id} has a standing")).clone()
    }

    pub async fn alerts(&self) -> Vec<Value> {
        self.get("/v1/alerts").await.expect(200)["alerts"].as_array().unwrap().clone()
    }
}

fn open(
    folder: &Path,
    clock: &Clock,
    feed: &str,
    drawer: &Drawer,
    screen: &Screen,
    environment: &[(String, String)],
) -> (Opened, Arc<App>) {
    let opening = Opening { data_folder: folder.to_owned(), clock: clock.clone(), configured_prices: Vec::new() };
    let opened = opening.open().unwrap();
    let around = Surroundings {
        owner_token: TOKEN.to_owned(),
        data_folder: folder.to_owned(),
        price_feed: feed.to_owned(),
        keychain: Keychain::new(folder, drawer.clone(), environment.to_vec()),
        speaker: Speaker::new(screen.clone()),
    };
    let app = App::new(Arc::clone(&opened.meter), around);
    (opened, app)
}

pub fn request(method: Method, path: &str, body: Option<Value>, host: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(host) = host {
        request = request.header(HOST, host);
    }
    match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}

/// Every file under a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The names of the files under a folder that hold `bytes`.
pub fn found_in(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let holds = |path: &PathBuf| std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes);
    files(folder)
        .iter()
        .filter(|path| holds(path))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// A number of dollars on the wire, in nano-dollars.
#[track_caller]
pub fn nanos(dollars: &Value) -> i64 {
    assert!(dollars.is_number(), "an amount is a JSON number: {dollars}");
    i64::try_from(parse_nanos(&dollars.to_string()).unwrap()).unwrap()
}

/// Puts fixed words in place of what changes from run to run.
pub fn masked(mut value: Value, names: &[&str]) -> Value {
    fn walk(value: &mut Value, names: &[&str]) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    if names.contains(&name.as_str()) && !field.is_null() {
                        *field = json!(format!("[{name}]"));
                    } else {
                        walk(field, names);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, names)),
            _ => {}
        }
    }
    walk(&mut value, names);
    value
}
