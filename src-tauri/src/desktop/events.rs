//! The events' way to the desktop: to the page in the window, if there is one, and to the tray.
//!
//! A change is shown at once; of many in a row, the window is told ten times a second and the tray four times, of the
//! last ones. A minute's silence is broken by asking: time passes, and forecasts with it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tauri::AppHandle;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

use super::bridge::Owner;
use super::desk::{Desk, Message};
use super::windows;
use crate::events::Event;
use crate::ledger::Theme;

const WINDOW_PACE: Duration = Duration::from_millis(100);
const TRAY_PACE: Duration = Duration::from_millis(250);
const SILENCE: Duration = Duration::from_secs(60);

/// Calls and alerts that wait for the window's next turn; of more, only the last are told.
const WAITING_MAX: usize = 50;

/// What still has to be told, and when it may be.
struct Carrier {
    handle: AppHandle,
    desk: Desk,
    for_page: VecDeque<Event>,
    status_for_page: Option<Arc<str>>,
    status_for_tray: Option<Arc<str>>,
    page_at: Instant,
    tray_at: Instant,
}

/// Carries events to the desktop until there are no more.
pub async fn carry(handle: AppHandle, mut events: broadcast::Receiver<Event>, owner: Owner, desk: Desk) {
    let now = Instant::now();
    let mut carrier = Carrier {
        handle,
        desk,
        for_page: VecDeque::new(),
        status_for_page: None,
        status_for_tray: None,
        page_at: now,
        tray_at: now,
    };
    let mut silent_until = now;
    loop {
        let wake = carrier.next_turn().map_or(silent_until, |turn| turn.min(silent_until));
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => {
                    if event.name == "status" {
                        silent_until = Instant::now() + SILENCE;
                    }
                    carrier.take(event);
                }
                // The latest status is among those that were kept.
                Err(RecvError::Lagged(missed)) => tracing::debug!(missed, "the desktop missed some changes"),
                Err(RecvError::Closed) => return,
            },
            () = tokio::time::sleep_until(wake) => {}
        }
        let now = Instant::now();
        if silent_until <= now {
            silent_until = now + SILENCE;
            carrier.ask(&owner).await;
        }
        carrier.tell(now);
    }
}

impl Carrier {
    fn take(&mut self, event: Event) {
        match event.name {
            "show" => self.desk.send(Message::Open(view(&event.json))),
            "settings" => {
                match theme(&event.json) {
                    Ok(theme) => self.desk.send(Message::Theme(theme)),
                    Err(error) => tracing::warn!(%error, "the settings could not be understood"),
                }
                self.queue(event);
            }
            "status" => {
                self.status_for_page = Some(event.json.clone());
                self.status_for_tray = Some(event.json);
            }
            _ => self.queue(event),
        }
    }

    fn queue(&mut self, event: Event) {
        if self.for_page.len() >= WAITING_MAX {
            self.for_page.pop_front();
        }
        self.for_page.push_back(event);
    }

    async fn ask(&mut self, owner: &Owner) {
        match owner.ask("GET", "/v1/status", None).await {
            Ok(answer) if answer.status == 200 => self.take(Event { name: "status", json: answer.body.into() }),
            Ok(answer) => tracing::warn!(status = answer.status, "the status could not be read"),
            Err(error) => tracing::warn!(%error, "the status could not be asked for"),
        }
    }

    fn next_turn(&self) -> Option<Instant> {
        let page = (self.status_for_page.is_some() || !self.for_page.is_empty()).then_some(self.page_at);
        let tray = self.status_for_tray.is_some().then_some(self.tray_at);
        [page, tray].into_iter().flatten().min()
    }

    fn tell(&mut self, now: Instant) {
        if self.page_at <= now && (self.status_for_page.is_some() || !self.for_page.is_empty()) {
            self.page_at = now + WINDOW_PACE;
            for event in self.for_page.drain(..) {
                windows::tell(&self.handle, event.name, &event.json);
            }
            if let Some(json) = self.status_for_page.take() {
                windows::tell(&self.handle, "status", &json);
            }
        }
        if self.tray_at <= now
            && let Some(json) = self.status_for_tray.take()
        {
            self.tray_at = now + TRAY_PACE;
            match serde_json::from_str(&json) {
                Ok(status) => self.desk.send(Message::Status(Box::new(status))),
                Err(error) => tracing::warn!(%error, "the status could not be understood"),
            }
        }
    }
}

/// The theme that the settings name.
fn theme(json: &str) -> serde_json::Result<Theme> {
    #[derive(Deserialize)]
    struct Settings {
        theme: Theme,
    }
    serde_json::from_str(json).map(|settings: Settings| settings.theme)
}

/// The view a "show" names, if it does.
fn view(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Show {
        fragment: String,
    }
    let show: Show = serde_json::from_str(json).ok()?;
    Some(show.fragment).filter(|fragment| fragment.starts_with("#/"))
}
