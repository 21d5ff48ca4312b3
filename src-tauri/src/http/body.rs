//! Bodies: read whole within a bound, then parsed so that an error names the field and never quotes its value, which
//! might be a secret in the wrong place.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::spell::Spelling;
use crate::domain::standing::Standing;

/// The largest body of a request that carries no provider's response.
pub const SMALL_BYTES: usize = 256 * 1024;

/// The largest body that may carry a provider's response, pictures and all.
pub const LARGE_BYTES: usize = 32 * 1024 * 1024;

/// How much of a body that is too large is still read away, so that the connection can go on.
const DRAINED_BYTES: usize = 64 * 1024 * 1024;

/// A body of at most `MAX` bytes.
pub struct Body<const MAX: usize>(pub Bytes);

pub type SmallBody = Body<SMALL_BYTES>;
pub type LargeBody = Body<LARGE_BYTES>;

impl<const MAX: usize, S: Send + Sync> FromRequest<S> for Body<MAX> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        read(request.into_body(), MAX).await.map(Body).map_err(IntoResponse::into_response)
    }
}

async fn read(mut body: axum::body::Body, max: usize) -> Result<Bytes, Problem> {
    let broken = |e| Problem::bad_request(format!("The body ended early: {e}."));
    let Some(first) = body.frame().await else { return Ok(Bytes::new()) };
    let first = first.map_err(broken)?.into_data().unwrap_or_default();
    // Nearly every body comes in one piece, which needs no copy.
    if http_body::Body::is_end_stream(&body) && first.len() <= max {
        return Ok(first);
    }
    let mut all = BytesMut::from(first);
    let mut seen = all.len();
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(broken)?.into_data().unwrap_or_default();
        seen += data.len();
        if seen > DRAINED_BYTES {
            break;
        }
        if seen <= max {
            all.extend_from_slice(&data);
        }
    }
    if seen > max { Err(Problem::too_large(max)) } else { Ok(all.freeze()) }
}

/// Parses a JSON body.
///
/// # Errors
/// 400 for what is no JSON, 422 for a field that is missing, unknown or of the wrong kind.
pub fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    // The fast way says too little about an error, so only then is the body read again, slowly.
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(_) if bytes.trim_ascii().is_empty() => Err(Problem::bad_request("The body is empty.")),
        Err(_) => explain::<T>(bytes),
    }
}

/// What most answers fit into without growing.
const ANSWER_BYTES: usize = 1_024;

/// A JSON answer with standings, which `body` leaves empty as `budgets`.
pub fn json_with<T: Serialize>(status: StatusCode, body: &T, spelling: &Spelling, standings: &[Standing]) -> Response {
    let mut bytes = Vec::with_capacity(ANSWER_BYTES);
    match serde_json::to_writer(&mut bytes, body).and_then(|()| spelling.put(bytes, standings)) {
        Ok(bytes) => {
            let mut response = Response::new(axum::body::Body::from(bytes));
            *response.status_mut() = status;
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(e) => {
            let detail = format!("The answer could not be written: {e}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Spendlight failed", detail).into_response()
        }
    }
}

fn explain<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = match serde_path_to_error::deserialize(&mut json) {
        Ok(value) => {
            return match json.end() {
                Ok(()) => Ok(value),
                Err(e) => Err(not_json(&e)),
            };
        }
        Err(error) => error,
    };
    let path = error.path().to_string();
    let inner = error.into_inner();
    if !inner.is_data() {
        let mut problem = not_json(&inner);
        if path != "." && path != "?" {
            problem.detail = format!("{} It breaks off at {path}.", problem.detail);
            problem.field = Some(path);
        }
        return Err(problem);
    }
    Err(wrong_field(&path, &inner.to_string()))
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("The body is not JSON: line {}, column {}.", error.line(), error.column()))
}

/// Puts serde's words about a field into ours.
pub fn wrong_field(path: &str, message: &str) -> Problem {
    let message = message.rsplit_once(" at line ").map_or(message, |(words, _)| words);
    let quoted = |words: &str| words.split('`').nth(1).map(str::to_owned);
    let within = |name: String| if path == "." || path == "?" { name } else { format!("{path}.{name}") };
    if message.starts_with("missing field")
        && let Some(name) = quoted(message)
    {
        return Problem::field(within(name), "is missing");
    }
    if message.starts_with("unknown field")
        && let Some(name) = quoted(message)
    {
        let name: String = name.chars().take(100).collect();
        // The path may or may not have gone down into the field itself.
        let field = if path == name || path.ends_with(&format!(".{name}")) { path.to_owned() } else { within(name) };
        return Problem::field(field, "is not a field of this request");
    }
    if message.starts_with("duplicate field")
        && let Some(name) = quoted(message)
    {
        return Problem::field(within(name), "is given twice");
    }
    // Null is how some say that there is nothing; what may be left out has taken it as that already.
    if message.starts_with("invalid type: null") && path != "." && !path.ends_with(']') {
        return Problem::field(path, "is missing");
    }
    if path == "." {
        return Problem::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-field",
            "A field is wrong",
            format!("The body {}.", expectation(message)),
        );
    }
    Problem::field(path, expectation(message))
}

/// "invalid type: string "abc", expected u64" without the value: "must be a whole number".
fn expectation(message: &str) -> String {
    let Some((_, expected)) = message.rsplit_once("expected ") else { return message.to_owned() };
    let plain = match expected {
        "u64" | "u32" | "u16" | "u8" | "i64" => "a whole number",
        "a string" | "a borrowed string" | "a string slice" => "text",
        "a boolean" => "true or false",
        "f64" | "f32" => "a number",
        "a map" => "an object",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "an object",
        other if message.starts_with("unknown variant") => {
            return format!("must be one of {}", other.replace('`', "").replace("one of ", ""));
        }
        other => other,
    };
    format!("must be {plain}")
}
