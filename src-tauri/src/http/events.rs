//! `GET /v1/events`: what changes, as it changes (server-sent events): `status`, `entry`, `alert`, `question`,
//! `settings`.
//!
//! One task turns the meter's changes into text for all listeners, so that a hundred of them cost one serialisation. The
//! status is told at most every 50 ms, whatever the load.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{self, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::BroadcastStream;

use super::app::App;
use super::questions::QuestionBody;
use super::status::status_json;
use super::wire::{AlertBody, EntryBody};
use crate::events::Event;
use crate::meter::Change;

/// The shortest time between two status events.
const STATUS_EVERY: Duration = Duration::from_millis(50);

/// Turns the meter's changes into events, until the app ends.
pub fn spawn(app: &Arc<App>) -> JoinHandle<()> {
    let (app, mut changes) = (Arc::clone(app), app.meter.changes());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                change = changes.recv() => match change {
                    Ok(change) => tell(&app, &change),
                    // Whoever lists entries will find what was missed here.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                () = app.meter.status_changed() => {
                    if app.events.receiver_count() > 0 {
                        send(&app, "status", status_json(&app));
                    }
                    tokio::time::sleep(STATUS_EVERY).await;
                }
            }
            // What waits here to be told to nobody would keep every entry of it in memory.
            let from_now = changes.resubscribe();
            if app.events.receiver_count() == 0 {
                changes = from_now;
                // To be woken by every call in order to tell nobody would cost each of them more than its pricing.
                tokio::time::sleep(STATUS_EVERY).await;
            }
        }
    })
}

fn tell(app: &App, change: &Change) {
    if app.events.receiver_count() == 0 {
        return;
    }
    match change {
        Change::Entries(entries) => {
            for entry in entries.iter() {
                send(app, "entry", serde_json::to_string(&EntryBody::new(entry)).unwrap_or_default());
            }
        }
        Change::Alert(alert) => {
            let body = AlertBody::new(alert, app.meter.zone_of(&alert.budget_id));
            send(app, "alert", serde_json::to_string(&body).unwrap_or_default());
        }
        Change::Question(question) => {
            send(app, "question", serde_json::to_string(&QuestionBody::new(question)).unwrap_or_default());
        }
    }
}

fn send(app: &App, name: &'static str, json: String) {
    // Nobody listening is no error.
    let _ = app.events.send(Event { name, json: Arc::from(json) });
}

/// What changes, as it changes.
#[utoipa::path(get, path = "/v1/events", tag = "standing", responses(
    (status = 200, content_type = "text/event-stream", body = String)))]
pub async fn events(State(app): State<Arc<App>>) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let later = BroadcastStream::new(app.events.subscribe()).filter_map(async |event| {
        let event = event.ok().filter(|event| event.name != "show")?;
        Some(Ok(sse::Event::default().event(event.name).data(&*event.json)))
    });
    let now = stream::iter([Ok(sse::Event::default().event("status").data(status_json(&app)))]);
    Sse::new(now.chain(later)).keep_alive(KeepAlive::default())
}
