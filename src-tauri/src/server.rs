//! The server: from a data folder to an open door, and back.
//!
//! What belongs to a running Spendlight is put together here, and taken apart in the right order: the door first, then
//! whatever works in the background, then the ledger, so that nothing acknowledged is lost.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;
use tower::ServiceExt;

use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::eager::Eager;
use crate::http::{self as api, App, Silence, Surroundings};
use crate::keychain::Keychain;
use crate::ledger::{LedgerError, Owner, OwnerError};
use crate::meter::{Meter, Opened, Opening};
use crate::notify::{Speaker, SystemDesktop};
use crate::proxy::{self, Proxy};
use crate::{deliver, paths, port, upkeep, words};

/// How often windows and deadlines are looked at when nobody asks.
const TURN_EVERY: Duration = Duration::from_secs(1);

/// How often a ledger that could not be written is tried again.
const PROBE_EVERY: Duration = Duration::from_secs(2);

/// How often a port that is in use is tried again.
const LISTEN_EVERY: Duration = Duration::from_secs(5);

/// How long to wait after a connection could not be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// How long requests may take to finish when the server ends.
const FINISH_WITHIN: Duration = Duration::from_secs(2);

/// What a user says on the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Where {
    /// The folder of the ledger
    #[arg(long, global = true, value_name = "DIR", env = "SPENDLIGHT_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// The port to listen on; 0 picks a free one
    #[arg(long, global = true, value_name = "N")]
    pub port: Option<u16>,
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Owner(#[from] OwnerError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the data folder cannot be used: {0}")]
    Folder(#[from] io::Error),
}

/// An open ledger with everything around it.
pub struct Spendlight {
    pub app: Arc<App>,
    pub proxy: Arc<Proxy>,
    pub port: u16,
    pub data_folder: PathBuf,
    opened: Opened,
    background: Vec<JoinHandle<()>>,
    /// Let go last.
    _owner: Owner,
}

impl Spendlight {
    /// Takes the ledger and reads where everything stands. Within the runtime that will serve, many answers cost less.
    ///
    /// # Errors
    /// Another process has the ledger, or it or the configuration cannot be read.
    pub fn open(place: &Where) -> Result<Spendlight, StartError> {
        let config = Config::read(paths::config_file(place.config.clone()).as_deref())?;
        let data_folder = paths::data_folder(place.data_dir.clone())?;
        let owner = Owner::take(&data_folder)?;
        let owner_token = owner_token(&data_folder)?;
        let opened =
            Opening { data_folder: data_folder.clone(), clock: Clock::System, configured_prices: config.prices }
                .open()?;
        let around = Surroundings {
            owner_token,
            data_folder: data_folder.clone(),
            price_feed: config.price_feed,
            keychain: Keychain::system(&data_folder),
            speaker: Speaker::new(SystemDesktop),
        };
        let app = App::new(Arc::clone(&opened.meter), around);
        let proxy = Proxy::new(Arc::clone(&app), &config.upstreams);
        let port = place.port.unwrap_or(config.port);
        Ok(Spendlight { app, proxy, port, data_folder, opened, background: Vec::new(), _owner: owner })
    }

    /// Starts what works in the background: windows that pass, events, deliveries.
    pub fn work(&mut self) {
        self.background.push(tokio::spawn(turn(Arc::clone(&self.app.meter))));
        self.background.push(tokio::spawn(write_denied(Arc::clone(&self.app.meter))));
        self.background.push(api::spawn_events(&self.app));
        self.background.push(deliver::spawn(&self.app));
        let meter = Arc::clone(&self.app.meter);
        self.background.push(tokio::spawn(async move { meter.learn_outputs().await }));
    }

    /// Has done what the ledger needs from time to time, for as long as this runs.
    pub fn keep_up(&mut self) {
        self.background.push(upkeep::spawn(&self.app));
    }

    /// Opens the door.
    ///
    /// # Errors
    /// The port is in use, or may not be opened.
    pub async fn listen(&self) -> io::Result<TcpListener> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        self.app.listens_at(address);
        self.tell(address)?;
        Ok(listener)
    }

    /// Keeps the address where others look for it.
    ///
    /// # Errors
    /// The data folder cannot be written.
    pub fn tell(&self, address: SocketAddr) -> io::Result<()> {
        paths::write_private(&paths::address_file(&self.data_folder), address.to_string().as_bytes())
    }

    /// Lets nobody else find the door from now on.
    pub fn hide(&self) {
        let _ = std::fs::remove_file(paths::address_file(&self.data_folder));
    }

    /// Opens the door as soon as the port is free, and serves until the task is ended. Meanwhile the state says why
    /// nobody is served.
    pub fn listen_when_possible(&mut self) {
        let (app, proxy) = (Arc::clone(&self.app), Arc::clone(&self.proxy));
        let (port, data_folder) = (self.port, self.data_folder.clone());
        self.background.push(tokio::spawn(async move {
            loop {
                match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                    Ok(listener) => {
                        if let Ok(address) = listener.local_addr() {
                            app.listens_at(address);
                            let file = paths::address_file(&data_folder);
                            if let Err(e) = paths::write_private(&file, address.to_string().as_bytes()) {
                                tracing::warn!("the address cannot be kept in {}: {e}", file.display());
                            }
                            tracing::info!("listening on http://{address}");
                            serve(&proxy, listener, std::future::pending()).await;
                        }
                        return;
                    }
                    Err(e) => {
                        let silence = silence(port, &e);
                        tracing::warn!("not listening: {}", silence.why);
                        app.does_not_listen(silence);
                    }
                }
                tokio::select! {
                    () = tokio::time::sleep(LISTEN_EVERY) => {}
                    () = app.listen_wanted() => {}
                }
            }
        }));
    }

    /// Ends everything; what has been asked of the ledger is on disk afterwards.
    pub fn close(self) {
        self.hide();
        for task in &self.background {
            task.abort();
        }
        self.opened.close();
    }
}

/// Why the door cannot be opened, and who is in the way.
pub fn silence(port: u16, error: &io::Error) -> Silence {
    let in_use = error.kind() == io::ErrorKind::AddrInUse;
    let holder = in_use.then(|| port::listener(port)).flatten().map(|other| {
        let is_ours = other.name.starts_with("spendlight");
        let name = if is_ours { "another Spendlight" } else { other.name.as_str() };
        format!("{name} (process {})", other.pid)
    });
    Silence { why: api::not_listening_because(port, error), holder }
}

impl StartError {
    /// The state of a Spendlight that could not start for this: what happened, and what to do.
    pub fn state(&self) -> words::State {
        let again = "then start Spendlight again";
        let cure = match self {
            StartError::Owner(OwnerError::Taken { .. }) => format!("Quit the other one, {again}."),
            StartError::Config(_) => format!("Correct it, {again}."),
            StartError::Ledger(LedgerError::FromTheFuture(_)) => "The ledger is left as it is.".to_owned(),
            StartError::Owner(_) | StartError::Ledger(_) | StartError::Folder(_) => {
                format!("See that its disk has room and that you may write to its folder, {again}.")
            }
        };
        words::not_started(&self.to_string(), &cure)
    }
}

/// Serves the network door on `listener` until `end`.
pub async fn serve(proxy: &Arc<Proxy>, listener: TcpListener, end: impl Future<Output = ()>) {
    let address = listener.local_addr().unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let door = proxy::network(proxy, address);
    let under_way = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(end);
    loop {
        let stream = tokio::select! {
            stream = accept(&listener) => stream,
            // Those that are over are forgotten.
            Some(_) = connections.join_next() => continue,
            () = &mut end => break,
        };
        let door = door.clone().map_request(|request: http::Request<Incoming>| request.map(Body::new));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(door));
        // A client that leaves is no failure.
        connections.spawn(Eager::new(under_way.watch(connection)));
    }
    drop(listener);
    // Whoever listens to events does so for ever: nobody is waited for longer than a moment.
    let _ = tokio::time::timeout(FINISH_WITHIN, under_way.shutdown()).await;
    // Calls that are still passed on are settled by what was seen of them, while there is somebody to write it down.
    connections.shutdown().await;
}

/// The next connection.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and whole: waiting for more to send would only hold them back.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(e) => {
                // Mostly too many files are open: it may be better in a moment.
                tracing::warn!("a connection cannot be accepted: {e}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// Keeps windows and deadlines moving when nobody asks, and tries a ledger that could not be written.
async fn turn(meter: Arc<Meter>) {
    let mut turns = tokio::time::interval(TURN_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        turns.tick().await;
        meter.turn();
        if !meter.is_writable() {
            tokio::time::sleep(PROBE_EVERY).await;
            meter.probe().await;
        }
    }
}

/// Writes down how many calls have been denied, beside [`turn`], which must not wait for a disk.
async fn write_denied(meter: Arc<Meter>) {
    let mut turns = tokio::time::interval(TURN_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        turns.tick().await;
        if meter.is_writable() {
            meter.write_denied().await;
        }
    }
}

/// The owner token, made at the first start.
fn owner_token(data_folder: &Path) -> io::Result<String> {
    let file = paths::token_file(data_folder);
    if let Ok(token) = std::fs::read_to_string(&file) {
        let token = token.trim();
        if token.len() >= 32 {
            return Ok(token.to_owned());
        }
    }
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|e| io::Error::other(e.to_string()))?;
    let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    paths::write_private(&file, token.as_bytes())?;
    Ok(token)
}
