//! Deliveries: takes alerts from the meter to the desktop, each once, and carries out what their reader clicks.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::domain::alert::{Alert, AlertState};
use crate::events::Event;
use crate::http::App;
use crate::notify::Speaker;
use crate::words::{self, Notice, NoticeAction};

/// How often the ledger is asked for alerts that nobody announced: those of an earlier run.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Delivers alerts and notices until the app ends.
pub fn spawn(app: &Arc<App>) -> JoinHandle<()> {
    let app = Arc::clone(app);
    let mut notices = app.notices.subscribe();
    tokio::spawn(async move {
        let speaker = Speaker::default();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                _ = look.tick() => deliver(&app, &speaker).await,
                () = app.meter.alert_written() => deliver(&app, &speaker).await,
                notice = notices.recv() => if let Ok(notice) = notice {
                    say(&app, &speaker, &notice).await;
                },
            }
        }
    })
}

/// Says what is no alert: nothing of it is kept.
async fn say(app: &Arc<App>, speaker: &Speaker, notice: &Notice) {
    let (heard, runtime) = (Arc::clone(app), tokio::runtime::Handle::current());
    let clicked = move |action| match action {
        NoticeAction::Resume => {
            runtime.spawn(async move { heard.meter.resume().await });
        }
        _ => show(&heard, "#/dashboard"),
    };
    if let Err(e) = speaker.show(notice, clicked).await {
        tracing::warn!("{:?} was not shown: {e}", notice.title);
    }
}

async fn deliver(app: &Arc<App>, speaker: &Speaker) {
    let alerts = match app.meter.pending_alerts().await {
        Ok(alerts) => alerts,
        Err(e) => {
            tracing::warn!("alerts cannot be read, so none is delivered: {e}");
            return;
        }
    };
    for alert in alerts {
        if !matches!(app.meter.begin_delivery(alert.id).await, Ok(true)) {
            continue;
        }
        let notice = words::notice(&alert, app.meter.zone_of(&alert.budget_id));
        let clicked = {
            let (app, alert, runtime) = (Arc::clone(app), alert.clone(), tokio::runtime::Handle::current());
            move |action| carry_out(&app, &alert, action, &runtime)
        };
        let shown = speaker.show(&notice, clicked).await;
        if let Err(e) = &shown {
            tracing::warn!("{:?} was not shown: {e}", notice.title);
        }
        if let Err(e) = app.meter.end_delivery(alert.id, shown.is_ok()).await {
            tracing::warn!("how the delivery came out cannot be written down: {e}");
        }
    }
}

fn carry_out(app: &Arc<App>, alert: &Alert, action: NoticeAction, runtime: &tokio::runtime::Handle) {
    let id = alert.id;
    match action {
        NoticeAction::Open => show(app, &format!("#/dashboard?budget={}", encoded(&alert.budget_id))),
        NoticeAction::Raise => show(app, &format!("#/settings/budgets?raise={}", encoded(&alert.budget_id))),
        NoticeAction::Acknowledge => {
            let app = Arc::clone(app);
            runtime.spawn(async move { app.meter.set_alert_state(id, AlertState::Acknowledged).await });
        }
        // No alert offers it.
        NoticeAction::Resume => {}
    }
}

/// A budget's id, as it stands in an address.
fn encoded(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

fn show(app: &App, fragment: &str) {
    let json = serde_json::json!({ "fragment": fragment }).to_string();
    // Without a window nobody listens, and there is nothing to show.
    let _ = app.events.send(Event { name: "show", json: Arc::from(json) });
}
