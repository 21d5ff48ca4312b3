//! Which headers go on: all of them, but those that are about the connection, and our own.

use http::HeaderMap;
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};

/// What our own headers begin with.
pub const OURS: &str = "x-spendlight-";

static HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Takes out of a request what does not go upstream. Its host and its length are told anew.
pub fn for_upstream(headers: &mut HeaderMap) {
    // Of a body without bytes nobody tells the length anew, and some servers want it.
    let empty = headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0");
    strip(headers, |name| match *name {
        HOST | EXPECT => true,
        CONTENT_LENGTH => !empty,
        _ => name.as_str().starts_with(OURS),
    });
}

/// Takes out of an answer what is about the connection to the provider.
pub fn for_client(headers: &mut HeaderMap) {
    strip(headers, |_| false);
}

/// Takes out what is about one connection alone, and what else `goes`.
fn strip(headers: &mut HeaderMap, goes: impl Fn(&HeaderName) -> bool) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let gone = |name: &&HeaderName| HOP_BY_HOP.contains(name) || named.contains(name) || goes(name);
    let gone: Vec<HeaderName> = headers.keys().filter(gone).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_connection_and_what_is_ours_stays_here() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, X-Mine"),
            ("x-mine", "1"),
            ("transfer-encoding", "chunked"),
            ("host", "127.0.0.1:7575"),
            ("content-length", "3"),
            ("x-spendlight-project", "eval"),
            ("authorization", "Bearer k"),
            ("openai-beta", "assistants=v2"),
        ] {
            headers.append(name, value.parse().unwrap());
        }
        for_upstream(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["authorization", "openai-beta"]);
    }
}
