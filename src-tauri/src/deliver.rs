//! Deliveries: takes alerts from the meter to the desktop, each once, and questions for as long as they are open; and
//! carries out what their reader clicks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::domain::alert::{Alert, AlertState};
use crate::events::Event;
use crate::http::App;
use crate::meter::Answer;
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
        let mut asked = HashMap::new();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                _ = look.tick() => deliver(&app, &speaker).await,
                () = app.meter.alert_written() => deliver(&app, &speaker).await,
                () = app.meter.question_changed() => ask(&app, &speaker, &mut asked).await,
                notice = notices.recv() => if let Ok(notice) = notice {
                    say(&app, &speaker, &notice).await;
                },
            }
        }
    })
}

/// Shows the questions that are open and not shown, and takes back those that are shown and not open any more. `asked`
/// holds the end of each that is shown: dropped, it takes the notification away.
async fn ask(app: &Arc<App>, speaker: &Speaker, asked: &mut HashMap<String, oneshot::Sender<()>>) {
    let questions = app.meter.questions();
    asked.retain(|id, _| questions.iter().any(|question| question.id == *id));
    if !app.meter.settings().notifications.enabled {
        return;
    }
    for question in questions {
        if asked.contains_key(&question.id) {
            continue;
        }
        let (end, ended) = oneshot::channel();
        asked.insert(question.id.clone(), end);
        let notice = question.notice();
        let clicked = {
            let (app, id, runtime) = (Arc::clone(app), question.id, tokio::runtime::Handle::current());
            move |action| answer(app, id, action, &runtime)
        };
        let until_ended = async {
            let _ = ended.await;
        };
        if let Err(e) = speaker.show_until(&notice, until_ended, clicked).await {
            tracing::warn!("{:?} was not shown: {e}", notice.title);
        }
    }
}

fn answer(app: Arc<App>, id: String, action: NoticeAction, runtime: &tokio::runtime::Handle) {
    let answer = match action {
        NoticeAction::AllowOnce => Answer::AllowOnce,
        NoticeAction::Raise => Answer::Raise(None),
        NoticeAction::Deny => Answer::Deny,
        // The dashboard asks too.
        _ => return show(&app, "#/dashboard"),
    };
    runtime.spawn(async move {
        if let Err(e) = app.meter.answer_question(&id, answer).await {
            tracing::warn!("the answer came too late, or did not hold: {e}");
        }
    });
}

/// Says what is neither alert nor question: nothing of it is kept.
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
        // No alert offers them.
        NoticeAction::Resume | NoticeAction::AllowOnce | NoticeAction::Deny => {}
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
