//! A refusal in the client's own dialect, so that its SDK raises the error it would raise for its provider's.
//!
//! Deliberately not here: which status and headers go with it, and the sentence.

use serde_json::json;

use super::dialect::Dialect;

/// The body of a refusal: JSON as the dialect's own errors are. `code` is our word for the reason (OpenAI's dialect alone
/// has a place for it), `message` one sentence.
pub fn refusal(dialect: Dialect, status: u16, code: &str, message: &str) -> Vec<u8> {
    let body = match dialect {
        Dialect::OpenAi => {
            json!({"error": {"message": message, "type": openai(status), "param": null, "code": code}})
        }
        Dialect::Anthropic => json!({"type": "error", "error": {"type": anthropic(status), "message": message}}),
        Dialect::Gemini => json!({"error": {"code": status, "message": message, "status": google(status)}}),
    };
    body.to_string().into_bytes()
}

/// Source: OpenAI's guide to error codes; `insufficient_quota` is its own word for a spent budget.
fn openai(status: u16) -> &'static str {
    match status {
        402 => "insufficient_quota",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}

/// Source: Anthropic's list of errors.
fn anthropic(status: u16) -> &'static str {
    match status {
        402 => "billing_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        503 => "overloaded_error",
        504 => "timeout_error",
        _ => "api_error",
    }
}

/// Source: `google.rpc.Code`, and its mapping to HTTP. None is mapped to 402; a spent budget is a resource exhausted.
fn google(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 | 429 => "RESOURCE_EXHAUSTED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        400..=499 => "INVALID_ARGUMENT",
        502 | 503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_refusal_is_an_error_of_the_clients_dialect() {
        let body = |dialect, status| -> Value {
            serde_json::from_slice(&refusal(dialect, status, "budget_exceeded", "No.")).unwrap()
        };
        assert_eq!(
            body(Dialect::OpenAi, 402),
            json!({"error": {"message": "No.", "type": "insufficient_quota", "param": null, "code": "budget_exceeded"}})
        );
        assert_eq!(
            body(Dialect::Anthropic, 402),
            json!({"type": "error", "error": {"type": "billing_error", "message": "No."}})
        );
        assert_eq!(
            body(Dialect::Gemini, 402),
            json!({"error": {"code": 402, "message": "No.", "status": "RESOURCE_EXHAUSTED"}})
        );
    }

    #[test]
    fn every_status_has_its_word() {
        for (status, words) in [
            (400, ["invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"]),
            (401, ["authentication_error", "authentication_error", "UNAUTHENTICATED"]),
            (403, ["permission_error", "permission_error", "PERMISSION_DENIED"]),
            (404, ["not_found_error", "not_found_error", "NOT_FOUND"]),
            (413, ["invalid_request_error", "request_too_large", "INVALID_ARGUMENT"]),
            (429, ["rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"]),
            (502, ["server_error", "api_error", "UNAVAILABLE"]),
            (503, ["server_error", "overloaded_error", "UNAVAILABLE"]),
            (504, ["server_error", "timeout_error", "DEADLINE_EXCEEDED"]),
        ] {
            assert_eq!([openai(status), anthropic(status), google(status)], words, "{status}");
        }
    }
}
