//! About the server itself: whether it is well, how it is described, and what it says to a wrong method.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use utoipa::OpenApi;

use super::problem::Problem;

#[derive(OpenApi)]
#[openapi(
    info(title = "Spendlight", description = "What calls to language models cost, and whether the next one may go. \
        Every route answers on the loopback interface alone; the owner's need `Authorization: Bearer` with the owner \
        token."),
    components(schemas(Problem)),
    tags(
        (name = "calls", description = "Before a call and after it"),
        (name = "standing", description = "Where everything stands"),
        (name = "figures", description = "Sums and charts"),
        (name = "ledger", description = "The entries"),
        (name = "budgets"), (name = "keys", description = "Who may ask, and the providers' own keys"),
        (name = "alerts"), (name = "prices"),
        (name = "owner", description = "Settings and the kill switch"), (name = "server")
    )
)]
struct Description;

pub fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

pub async fn openapi(description: Arc<utoipa::openapi::OpenApi>) -> Response {
    ([(CONTENT_TYPE, "application/json")], description.to_json().unwrap_or_default()).into_response()
}

/// Whether the server answers.
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, body = String)))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

pub async fn wrong_method() -> Problem {
    let detail = "This address does not take that method; /openapi.json tells what there is.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Not that way", detail)
}
