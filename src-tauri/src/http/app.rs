//! What every handler may use.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;
use tokio::sync::{Notify, broadcast};

use super::export_file::Exports;
use super::spell::Spelling;
use crate::events::Event;
use crate::keychain::Keychain;
use crate::login::AtLogin;
use crate::meter::Meter;
use crate::notify::Speaker;
use crate::words::{self, Notice};

/// How many events a slow listener may be behind before it misses some.
const EVENTS_KEPT: usize = 512;

/// How many notices may wait to be said.
const NOTICES_KEPT: usize = 16;

pub struct App {
    pub meter: Arc<Meter>,
    /// Providers' own keys.
    pub keychain: Keychain,
    /// The way to the desktop.
    pub speaker: Speaker,
    pub events: broadcast::Sender<Event>,
    /// What is to be said on the desktop beside alerts.
    pub notices: broadcast::Sender<Notice>,
    pub(super) owner_token: String,
    pub(super) data_folder: PathBuf,
    pub(super) price_feed: String,
    pub(super) spelling: Spelling,
    pub(super) exports: Exports,
    address: ArcSwapOption<SocketAddr>,
    not_listening: ArcSwapOption<Silence>,
    /// Rung when the door is to be tried again at once.
    listen_bell: Notify,
    has_window: AtomicBool,
    at_login: OnceLock<Box<dyn AtLogin>>,
}

/// Why there is no network door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// "port 7575 is in use".
    pub why: String,
    /// Who listens there instead, where that is known: "python3 (process 41208)".
    pub holder: Option<String>,
}

/// What is around an app besides its meter.
pub struct Surroundings {
    pub owner_token: String,
    pub data_folder: PathBuf,
    /// Where a newer price list is to be had.
    pub price_feed: String,
    pub keychain: Keychain,
    pub speaker: Speaker,
}

impl App {
    pub fn new(meter: Arc<Meter>, around: Surroundings) -> Arc<App> {
        Arc::new(App {
            meter,
            keychain: around.keychain,
            speaker: around.speaker,
            events: broadcast::Sender::new(EVENTS_KEPT),
            notices: broadcast::Sender::new(NOTICES_KEPT),
            owner_token: around.owner_token,
            data_folder: around.data_folder,
            price_feed: around.price_feed,
            spelling: Spelling::default(),
            exports: Exports::default(),
            address: ArcSwapOption::empty(),
            not_listening: ArcSwapOption::empty(),
            listen_bell: Notify::new(),
            has_window: AtomicBool::new(false),
            at_login: OnceLock::new(),
        })
    }

    /// Says where the network door is.
    pub fn listens_at(&self, address: SocketAddr) {
        self.address.store(Some(Arc::new(address)));
        self.not_listening.store(None);
        self.meter.show_status();
    }

    /// Says why there is no network door.
    pub fn does_not_listen(&self, silence: Silence) {
        self.address.store(None);
        let before = self.not_listening.swap(Some(Arc::new(silence.clone())));
        if before.is_none() {
            self.say(words::not_listening(&silence.why, silence.holder.as_deref()));
        }
        if before.as_deref() != Some(&silence) {
            self.meter.show_status();
        }
    }

    /// Has the door tried again at once.
    pub(super) fn listen_again(&self) {
        self.listen_bell.notify_one();
    }

    /// Waits until the door is to be tried again.
    pub async fn listen_wanted(&self) {
        self.listen_bell.notified().await;
    }

    /// Says something on the desktop, once, if the user wants to hear of anything.
    pub fn say(&self, notice: Notice) {
        if self.meter.settings().notifications.enabled {
            // Where nobody speaks for the desktop, there is nobody to hear it.
            let _ = self.notices.send(notice);
        }
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address.load().as_deref().copied()
    }

    pub(super) fn not_listening(&self) -> Option<Arc<Silence>> {
        self.not_listening.load_full()
    }

    /// Asks for the window, at a view.
    pub fn show(&self, fragment: &str) {
        let json = serde_json::json!({ "fragment": fragment }).to_string();
        // Without a window nobody listens, and there is nothing to show.
        let _ = self.events.send(Event { name: "show", json: Arc::from(json) });
    }

    /// Says that somebody shows the window when an event `show` asks for it.
    pub fn has_window(&self) {
        self.has_window.store(true, Ordering::Relaxed);
    }

    /// Says that the user's session can start this program. Only the first word counts.
    pub fn can_start_at_login(&self, session: Box<dyn AtLogin>) {
        let _ = self.at_login.set(session);
    }

    pub(super) fn at_login(&self) -> Option<&dyn AtLogin> {
        self.at_login.get().map(Box::as_ref)
    }

    /// Whether it does; none where it cannot, or cannot tell.
    pub(super) fn starts_at_login(&self) -> Option<bool> {
        let asked = self.at_login()?.is_on();
        asked.inspect_err(|e| tracing::warn!("whether Spendlight starts at login cannot be told: {e}")).ok()
    }

    /// Tells listeners of what has just changed.
    pub(super) fn tell(&self, name: &'static str, body: &impl serde::Serialize) {
        let json = serde_json::to_string(body).unwrap_or_default();
        // Nobody listening is no error.
        let _ = self.events.send(Event { name, json: Arc::from(json) });
    }

    pub(super) fn can_show(&self) -> bool {
        self.has_window.load(Ordering::Relaxed)
    }
}
