//! Deliveries: takes alerts from the meter to the desktop, each once, and questions for as long as they are open; and
//! carries out what their reader clicks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::domain::alert::Alert;
use crate::domain::standing::Level;
use crate::http::App;
use crate::meter::{Answer, MeterError};
use crate::words::{self, Held, Notice, NoticeAction};

/// How often the ledger is asked for alerts that nobody announced: those of an earlier run, and those that had to wait.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Delivers alerts and notices until the app ends.
pub fn spawn(app: &Arc<App>) -> JoinHandle<()> {
    let app = Arc::clone(app);
    let mut notices = app.notices.subscribe();
    tokio::spawn(async move {
        let mut asked = HashMap::new();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                _ = look.tick() => deliver(&app).await,
                () = app.meter.alert_written() => deliver(&app).await,
                () = app.meter.question_changed() => ask(&app, &mut asked).await,
                notice = notices.recv() => if let Ok(notice) = notice {
                    say(&app, &notice).await;
                },
            }
        }
    })
}

/// Shows the questions that are open and not shown, and takes back those that are shown and not open any more. `asked`
/// holds the end of each that is shown: dropped, it takes the notification away.
async fn ask(app: &Arc<App>, asked: &mut HashMap<String, oneshot::Sender<()>>) {
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
        if let Err(e) = app.speaker.show_until(&notice, until_ended, clicked).await {
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
        _ => return app.show(words::DASHBOARD),
    };
    runtime.spawn(async move {
        if let Err(e) = app.meter.answer_question(&id, answer).await {
            tracing::warn!("the answer came too late, or did not hold: {e}");
        }
    });
}

/// Says what is neither alert nor question: nothing of it is kept.
async fn say(app: &Arc<App>, notice: &Notice) {
    let (heard, runtime, view) = (Arc::clone(app), tokio::runtime::Handle::current(), notice.view);
    let clicked = move |action| match action {
        NoticeAction::Resume => {
            runtime.spawn(async move { heard.meter.resume().await });
        }
        _ => heard.show(view),
    };
    if let Err(e) = app.speaker.show(notice, clicked).await {
        tracing::warn!("{:?} was not shown: {e}", notice.title);
    }
}

/// Delivers what is due: in quiet hours nothing but what goes through them, and after them as one what had to wait. What
/// was put aside and comes back is one as well: it tells of an earlier time.
pub async fn deliver(app: &Arc<App>) {
    if let Err(e) = app.meter.return_alerts().await {
        tracing::warn!("alerts that were put aside do not come back: {e}");
    }
    let alerts = match app.meter.pending_alerts().await {
        Ok(alerts) => alerts,
        Err(e) => {
            tracing::warn!("alerts cannot be read, so none is delivered: {e}");
            return;
        }
    };
    let (mut waited, mut returned) = (Vec::new(), Vec::new());
    for alert in alerts {
        if let Some(reason) = app.meter.unwanted(&alert) {
            noted(app.meter.drop_delivery(alert.id, reason).await);
        } else if let Some(until) = app.meter.quiet_for(&alert) {
            if alert.waits_until() != Some(until) {
                noted(app.meter.hold_delivery(alert.id, until).await);
            }
        } else if noted(app.meter.begin_delivery(alert.id).await) {
            if alert.returned_at.is_some() {
                returned.push(alert);
            } else if alert.waits_until().is_some() {
                waited.push(alert);
            } else {
                let notice = words::notice(&alert, app.meter.zone_of(&alert.budget_id));
                tell(app, vec![alert], notice).await;
            }
        }
    }
    for (alerts, held) in [(waited, Held::QuietHours), (returned, Held::Snoozed)] {
        if !alerts.is_empty() {
            let zoned: Vec<_> = alerts.iter().map(|alert| (alert, app.meter.zone_of(&alert.budget_id))).collect();
            let notice = words::summary(held, &zoned, app.meter.now(), app.meter.zone());
            tell(app, alerts, notice).await;
        }
    }
}

/// Shows the notice of alerts whose delivery has begun, and writes down how it came out.
async fn tell(app: &Arc<App>, alerts: Vec<Alert>, mut notice: Notice) {
    notice.sound = notice.urgent >= Level::Critical && app.meter.settings().notifications.sound;
    let ids: Vec<_> = alerts.iter().map(|alert| alert.id).collect();
    let clicked = {
        let (app, runtime) = (Arc::clone(app), tokio::runtime::Handle::current());
        move |action| carry_out(&app, &alerts, action, &runtime)
    };
    let failed = app.speaker.show(&notice, clicked).await.err();
    if let Some(e) = &failed {
        tracing::warn!("{:?} was not shown: {e}", notice.title);
    }
    for id in ids {
        noted(app.meter.end_delivery(id, failed.as_ref().map(ToString::to_string)).await);
    }
}

/// Whether a delivery was moved on.
fn noted(moved: Result<bool, MeterError>) -> bool {
    moved.unwrap_or_else(|e| {
        tracing::warn!("how a delivery goes on cannot be written down: {e}");
        false
    })
}

fn carry_out(app: &Arc<App>, alerts: &[Alert], action: NoticeAction, runtime: &tokio::runtime::Handle) {
    match (action, alerts) {
        (NoticeAction::Open, [alert]) => app.show(&words::view_of_budget(&alert.budget_id)),
        (NoticeAction::Open, _) => app.show("#/alerts"),
        (NoticeAction::Raise, [alert]) => app.show(&words::view_of_raise(&alert.budget_id)),
        (NoticeAction::Acknowledge, _) => {
            let (app, ids) = (Arc::clone(app), alerts.iter().map(|alert| alert.id).collect::<Vec<_>>());
            runtime.spawn(async move {
                for id in ids {
                    if let Err(e) = app.meter.acknowledge_alert(id).await {
                        tracing::warn!("an alert was not acknowledged: {e}");
                    }
                }
            });
        }
        // No alert offers them, and of several none is raised.
        _ => {}
    }
}
