//! The desk: what lives on the main thread, and how the rest of the program leaves a message there.
//!
//! Trays, menus and windows belong to the main thread on every system. Other threads put a message into a short queue
//! and wake the event loop, which reads it. Deliberately not here: how any of it looks.

use std::sync::mpsc::{self, Receiver, SyncSender};

use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

use super::bridge::Owner;
use super::clipboard::Clip;
use super::dress::Dress;
use super::glance::{self, Glance};
use super::menu::Choice;
use super::status::Status;
use super::tray::Tray;
use super::windows;
use crate::words;

use crate::ledger::Theme;

/// Messages that may wait. They are few: a status four times a second at the most, and clicks.
const WAITING_MAX: usize = 64;

/// What the main thread is told.
pub enum Message {
    Status(Box<Status>),
    Theme(Theme),
    /// Open the window, at a view if one is named.
    Open(Option<String>),
    /// The light was clicked, there.
    Glance((f64, f64)),
    /// There is a place for a tray now; whether it was taken goes back through the channel.
    TrayHost(Option<oneshot::Sender<bool>>),
    /// There is no place for a tray, and why.
    #[cfg(target_os = "linux")]
    NoTray(String),
}

/// Where messages for the main thread are left.
#[derive(Clone)]
pub struct Desk {
    to_front: SyncSender<Message>,
    handle: AppHandle,
}

impl Desk {
    pub fn new(handle: AppHandle) -> (Desk, Receiver<Message>) {
        let (to_front, inbox) = mpsc::sync_channel(WAITING_MAX);
        (Desk { to_front, handle }, inbox)
    }

    /// Leaves a message and wakes the main thread. A full queue drops it: that thread is then too busy to be told more.
    pub fn send(&self, message: Message) {
        if self.to_front.try_send(message).is_err() {
            tracing::warn!("the desktop is busy and missed a change");
        }
        if let Err(error) = self.handle.run_on_main_thread(|| {}) {
            tracing::debug!(%error, "the desktop has ended");
        }
    }
}

/// What the main thread keeps.
pub struct Front {
    handle: AppHandle,
    runtime: tokio::runtime::Handle,
    owner: Owner,
    inbox: Receiver<Message>,
    tray: Option<Tray>,
    status: Status,
    dress: Dress,
    glance: Glance,
    clip: Clip,
}

impl Front {
    pub fn new(
        handle: AppHandle,
        runtime: tokio::runtime::Handle,
        owner: Owner,
        inbox: Receiver<Message>,
        theme: Theme,
    ) -> Front {
        let (status, clip) = (Status::default(), Clip::default());
        Front {
            handle,
            runtime,
            owner,
            inbox,
            tray: None,
            status,
            dress: Dress::new(theme),
            glance: Glance::default(),
            clip,
        }
    }

    /// Reads what was left on the desk. Of several statuses only the last is shown.
    pub fn read(&mut self) {
        let mut changed = false;
        while let Ok(message) = self.inbox.try_recv() {
            match message {
                Message::Status(status) => (self.status, changed) = (*status, true),
                Message::Theme(theme) => self.dress.wear(&self.handle, theme),
                Message::Open(view) => self.open(view.as_deref()),
                Message::Glance(light) => self.glance(light),
                Message::TrayHost(answer) => {
                    let made = self.make_tray();
                    if let Some(answer) = answer {
                        // Whoever asked may have stopped waiting.
                        let _ = answer.send(made);
                    }
                }
                #[cfg(target_os = "linux")]
                Message::NoTray(why) => self.do_without_tray(&why),
            }
        }
        if changed && let Some(tray) = &mut self.tray {
            tray.show(&self.status);
        }
    }

    fn make_tray(&mut self) -> bool {
        if self.tray.is_some() {
            return true;
        }
        match Tray::new(&self.status) {
            Ok(tray) => self.tray = Some(tray),
            Err(error) => self.do_without_tray(&error.to_string()),
        }
        self.tray.is_some()
    }

    /// Without a tray the window is the only way in, so it must not stay closed.
    fn do_without_tray(&mut self, why: &str) {
        tracing::warn!("there is no tray to show the light in: {why}");
        if self.handle.get_webview_window(windows::MAIN).is_none() {
            self.open(None);
        }
    }

    pub fn open(&mut self, view: Option<&str>) {
        let handle = &self.handle;
        // Not every desktop gives a window the focus that it then could lose.
        self.glance.close(handle);
        let opened = match handle.get_webview_window(windows::MAIN) {
            Some(_) => windows::open(handle, view),
            None => self.dress.around(handle, || windows::open(handle, view)),
        };
        if let Err(error) = opened {
            tracing::error!(%error, "the window could not be opened");
        }
    }

    fn glance(&mut self, light: (f64, f64)) {
        let handle = &self.handle;
        if !self.glance.opens(handle) {
            return;
        }
        let budgets = self.status.budgets.len();
        if let Err(error) = self.dress.around(handle, || glance::open(handle, light, budgets)) {
            tracing::error!(%error, "the glance could not be opened");
            self.open(None);
        }
    }

    pub fn glance_focused(&mut self, focused: bool) {
        self.glance.focused(&self.handle, focused);
    }

    /// Does what an entry of the menu stands for.
    pub fn choose(&mut self, id: &str) {
        match Choice::from_id(id) {
            Some(Choice::Open) => self.open(None),
            Some(Choice::Budget(id)) => self.open(Some(&words::view_of_budget(&id))),
            Some(Choice::Raise(id)) => self.open(Some(&words::view_of_raise(&id))),
            Some(Choice::Alerts) => self.open(Some("#/alerts")),
            Some(Choice::Settings) => self.open(Some("#/settings/budgets")),
            Some(Choice::Pause) => self.post("/v1/pause".to_owned(), "{}".to_owned()),
            Some(Choice::Resume) => self.post("/v1/resume".to_owned(), "{}".to_owned()),
            Some(Choice::Answer(answer, question)) => {
                self.post(format!("/v1/questions/{question}/answer"), format!(r#"{{"answer":"{answer}"}}"#));
            }
            Some(Choice::Copy) => self.copy_address(),
            Some(Choice::Quit) => self.handle.exit(0),
            None => tracing::debug!(id, "not an entry of the menu"),
        }
    }

    fn post(&self, path: String, body: String) {
        let owner = self.owner.clone();
        self.runtime.spawn(async move {
            if let Err(error) = owner.post(&path, body).await {
                tracing::error!(path, %error, "what was chosen in the menu did not happen");
            }
        });
    }

    /// Where there is no clipboard the address is shown instead.
    fn copy_address(&mut self) {
        let Some(address) = self.status.address.clone() else { return };
        if let Err(error) = self.clip.keep(&format!("http://{address}")) {
            tracing::warn!(%error, "the address could not be copied");
            self.open(Some("#/settings/connection"));
        }
    }
}

/// Ends the desktop when the process is asked to end.
pub async fn end_when_told(handle: AppHandle) {
    match told_to_end().await {
        Ok(()) => handle.exit(0),
        Err(error) => tracing::warn!(%error, "signals cannot be heard"),
    }
}

#[cfg(unix)]
async fn told_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut end, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    tokio::select! {
        _ = end.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn told_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
