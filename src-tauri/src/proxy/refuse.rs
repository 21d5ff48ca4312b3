//! Refusals of proxied calls: in the client's own dialect, so that its SDK raises one error, and does not try again.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::http::{Problem, SHOULD_RETRY};
use crate::meter::{Denial, Reason};
use crate::providers::{self, Dialect};

/// The header of every answer that names its call.
pub const CALL_ID: HeaderName = HeaderName::from_static("x-spendlight-call-id");

/// A refusal: status, our word for the reason, one sentence.
pub fn refusal(dialect: Dialect, status: StatusCode, code: &str, sentence: &str) -> Response {
    let mut response = Response::new(Body::from(providers::refusal(dialect, status.as_u16(), code, sentence)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    response
}

/// What is wrong with a request, as our API would say it.
pub fn problem(dialect: Dialect, problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    refusal(dialect, status, problem.kind, &problem.detail)
}

/// The budgets do not let it go.
pub fn denied(dialect: Dialect, denial: &Denial) -> Response {
    let wait = denial.frees_up_in_seconds();
    let status = if wait.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::PAYMENT_REQUIRED };
    let mut response = refusal(dialect, status, word(denial.reason), &denial.sentence);
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub fn word(reason: Reason) -> &'static str {
    match reason {
        Reason::BudgetExceeded => "budget_exceeded",
        Reason::Paused => "paused",
        Reason::PriceUnknown => "price_unknown",
        Reason::LedgerUnwritable => "ledger_unwritable",
    }
}

/// The same for the ledger, with the budget where one decided: "budget_exceeded by openai-day".
pub fn why(denial: &Denial) -> String {
    let word = word(denial.reason);
    match denial.binding.as_ref().filter(|_| denial.reason == Reason::BudgetExceeded) {
        Some(binding) => format!("{word} by {}", binding.budget.id),
        None => word.to_owned(),
    }
}

/// Names the call that an answer is of.
pub fn name(headers: &mut HeaderMap, call_id: &str) {
    // An id that a header brought can go back in one; one with other letters goes back as it was written.
    let id = percent_encoding::utf8_percent_encode(call_id, percent_encoding::CONTROLS).to_string();
    if let Ok(value) = HeaderValue::try_from(id) {
        headers.insert(CALL_ID, value);
    }
}
