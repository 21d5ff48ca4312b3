//! `/v1/notifications/test`: sends one, and tells what became of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::owner::Owner;
use super::problem::Problem;
use crate::notify::NotifyError;
use crate::words;

/// What became of a test.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// The desktop has taken it.
    Sent,
    NoBus,
    NoService,
    Silent,
    Refused,
}

#[derive(Serialize, ToSchema)]
pub struct TestBody {
    outcome: Outcome,
    /// The same in a sentence, with what can be done.
    text: String,
}

/// Sends a notification, quiet hours or not, and tells what became of it.
#[utoipa::path(post, path = "/v1/notifications/test", tag = "owner", responses(
    (status = 200, body = TestBody), (status = 401, body = Problem)))]
pub async fn test(_: Owner, State(app): State<Arc<App>>) -> Json<TestBody> {
    let notice = words::example();
    let open = {
        let app = Arc::clone(&app);
        move |_| app.show("#/settings/notifications")
    };
    let (outcome, text) = match app.speaker.show(&notice, open).await {
        Ok(()) => {
            let service = app.speaker.service().await.unwrap_or_else(|| "The desktop".to_owned());
            let text = format!("Sent. {service} has taken it; where nothing is seen, it is set not to disturb.");
            (Outcome::Sent, text)
        }
        Err(e) => {
            let outcome = match e {
                NotifyError::NoBus => Outcome::NoBus,
                NotifyError::NoService => Outcome::NoService,
                NotifyError::Silent => Outcome::Silent,
                NotifyError::Refused(_) => Outcome::Refused,
            };
            (outcome, format!("Not sent: {e}. {}", advice(&e)))
        }
    };
    Json(TestBody { outcome, text })
}

/// What can be done about it.
fn advice(error: &NotifyError) -> &'static str {
    match error {
        NotifyError::NoBus => "Start Spendlight from within your desktop's session.",
        NotifyError::NoService => "Install or start one, such as dunst or mako.",
        NotifyError::Silent | NotifyError::Refused(_) => "Alerts are kept in the list all the same.",
    }
}
