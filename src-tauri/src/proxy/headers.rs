//! Which headers go on: all of them, but those that are about the connection, and our own.

use http::HeaderMap;
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};

/// What our own headers begin with.
pub const OURS: &str = "x-spendlight-";

const HOP_BY_HOP: [HeaderName; 9] = [
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
    strip_hop_by_hop(headers);
    // Of a body without bytes nobody tells the length anew, and some servers want it.
    let empty = headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0");
    for name in [HOST, EXPECT] {
        headers.remove(name);
    }
    if !empty {
        headers.remove(CONTENT_LENGTH);
    }
    let ours: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with(OURS)).cloned().collect();
    for name in ours {
        headers.remove(name);
    }
}

/// Takes out of an answer what is about the connection to the provider.
pub fn for_client(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
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
