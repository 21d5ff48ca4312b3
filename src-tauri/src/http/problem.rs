//! Every refusal: an RFC 9457 problem that names what is wrong, made in this one place.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::key::KeyRefused;
use crate::keychain::KeychainError;
use crate::meter::MeterError;

/// Tells SDKs that asking again at once is pointless.
pub const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A refusal, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem it is, as a stable name.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    /// One sentence for a person.
    pub detail: String,
    /// The field that is wrong, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Problem {
        Problem { kind, title, status: status.as_u16(), detail: detail.into(), field: None }
    }

    /// A field whose value is wrong. The detail begins with its name.
    pub fn field(field: impl Into<String>, problem: impl std::fmt::Display) -> Problem {
        let field = field.into();
        let detail = format!("{field} {problem}");
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-field", "A field is wrong", detail);
        Problem { field: Some(field), ..problem }
    }

    pub fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be understood", detail)
    }

    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not from here", detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, "conflict", "It contradicts what is there", detail)
    }

    pub fn unauthorized() -> Problem {
        let detail = "Only the owner may do this: send `Authorization: Bearer` with the owner token, which \
                      `spendlight token` prints.";
        Problem::new(StatusCode::UNAUTHORIZED, "owner-only", "This is the owner's", detail)
    }

    pub fn too_large(limit_bytes: usize) -> Problem {
        let detail = format!("The body is larger than {limit_bytes} bytes.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
    }

    pub fn unsupported(wanted: &str) -> Problem {
        let detail = format!("The content-type of the body must be {wanted}.");
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The body is of another kind",
            detail,
        )
    }

    /// The user's session does not take what is to start at login.
    pub fn login_refused(error: &std::io::Error) -> Problem {
        let title = "The session did not take it";
        let detail = format!("What starts at login could not be changed: {error}");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "login", title, detail)
    }

    fn unwritable(detail: String) -> Problem {
        let detail = format!("The ledger cannot be written, so nothing has been recorded: {detail}");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ledger-unwritable", "The ledger cannot be written", detail)
    }
}

impl From<MeterError> for Problem {
    fn from(error: MeterError) -> Problem {
        match error {
            MeterError::Invalid { field, problem } => Problem::field(field, problem),
            MeterError::Conflict(detail) => Problem::conflict(detail),
            MeterError::NotFound(detail) => Problem::not_found(detail),
            MeterError::Unwritable(detail) => Problem::unwritable(detail),
            MeterError::Ledger(e) => Problem::unwritable(e.to_string()),
            MeterError::Feed(detail) => {
                Problem::new(StatusCode::BAD_GATEWAY, "price-feed", "The price feed was of no use", detail)
            }
            MeterError::Backup(detail) => {
                Problem::new(StatusCode::INSUFFICIENT_STORAGE, "backup-failed", "The backup failed", detail)
            }
        }
    }
}

impl From<KeyRefused> for Problem {
    fn from(refused: KeyRefused) -> Problem {
        let (status, kind, title) = match &refused {
            KeyRefused::Missing => (StatusCode::UNAUTHORIZED, "key-required", "A key is needed"),
            KeyRefused::Unknown => (StatusCode::UNAUTHORIZED, "key-unknown", "The key is not known"),
            KeyRefused::Revoked { .. } | KeyRefused::Over { .. } => {
                (StatusCode::UNAUTHORIZED, "key-revoked", "The key is revoked")
            }
            KeyRefused::Model { .. } => (StatusCode::FORBIDDEN, "key-refused", "Not with this key"),
        };
        Problem::new(status, kind, title, refused.to_string())
    }
}

impl From<KeychainError> for Problem {
    fn from(error: KeychainError) -> Problem {
        let detail = error.to_string();
        match error {
            KeychainError::Unsound => Problem::field("key", detail),
            KeychainError::NotFound => Problem::not_found(detail),
            KeychainError::FromEnvironment { .. } => Problem::conflict(detail),
            KeychainError::Unavailable { .. } => {
                let title = "The keychain cannot be used";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "keychain-unavailable", title, detail)
            }
            KeychainError::File(_) => {
                let title = "The provider keys cannot be used";
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "provider-keys", title, detail)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().extend(headers);
        response
    }
}

/// The innermost cause, which says it best: "Connection refused", "invalid peer certificate".
pub fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
