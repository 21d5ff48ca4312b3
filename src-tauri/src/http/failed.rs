//! The door of a Spendlight that could not start: it has nothing to tell but why, and what to do. The window and the tray
//! show that as they show any state, so that whoever starts it from a desktop is told at all.

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::problem::Problem;
use super::status::failed_json;
use crate::words::State;

/// Answers `/v1/status` with `state`, and everything else with the same as a problem.
pub fn router(state: State) -> Router {
    let state = Arc::new(state);
    let status = {
        let state = Arc::clone(&state);
        move || async move { ([(CONTENT_TYPE, "application/json")], failed_json(&state)) }
    };
    let refused = move || async move {
        let detail = format!("{}. {}", state.sentence, state.reason);
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-started", "Spendlight could not start", detail)
            .into_response()
    };
    Router::new().route("/v1/status", get(status)).fallback(refused)
}
