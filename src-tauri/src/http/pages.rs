//! The windows' pages, for a browser: the files of `ui/` as they were built in. They hold nothing secret; what they show
//! they ask for, with the owner token that their reader brought.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{Method, Uri};
use include_dir::{Dir, include_dir};

use super::problem::Problem;
use crate::domain::key::Key;

static UI: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/ui");

/// Nothing but what is served here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub async fn page(method: Method, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let Some(file) = UI.get_file(path) else {
        // A path may bring a key, which is not repeated.
        let named = uri.path().split('/').any(|part| Key::is_meant_by(part) || part == "k");
        let place = if named { "this path" } else { uri.path() };
        return Problem::not_found(format!("there is nothing at {place}")).into_response();
    };
    if method != Method::GET && method != Method::HEAD {
        return super::meta::wrong_method().await.into_response();
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let headers = [
        (CONTENT_TYPE, kind.essence_str()),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, file.contents()).into_response()
}
