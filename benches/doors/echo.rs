//! The limit for a check: axum reads JSON and answers the same as JSON. Nothing is decided.

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Call {
    provider: String,
    model: String,
    input_tokens: u64,
    max_output_tokens: u64,
    project: String,
}

pub fn run() {
    crate::product::serve(Router::new().route("/v1/check", post(echo)));
}

async fn echo(Json(call): Json<Call>) -> Json<Call> {
    Json(call)
}
