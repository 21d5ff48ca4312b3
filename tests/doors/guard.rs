//! Who may knock at the network's door: this machine's programs may ask and record, its owner may change things, and a
//! web page in the user's browser can neither read nor write.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN};
use http::{Method, Request};
use serde_json::json;

use crate::world::{Answer, TOKEN, World};

const OURS: &str = "127.0.0.1:7575";

fn get(headers: &[(&str, &str)]) -> Request<Body> {
    let request = headers.iter().fold(Request::builder().uri("/v1/status"), |r, (name, value)| r.header(*name, *value));
    request.body(Body::empty()).unwrap()
}

fn post(path: &str, kind: Option<&str>, body: &'static str) -> Request<Body> {
    let mut request = Request::builder().method(Method::POST).uri(path).header(HOST, OURS);
    if let Some(kind) = kind {
        request = request.header(CONTENT_TYPE, kind);
    }
    request.header(CONTENT_LENGTH, body.len()).body(Body::from(body)).unwrap()
}

/// No answer may open the door to a page elsewhere.
fn without_cors(answer: &Answer) {
    for name in answer.headers.keys() {
        assert!(!name.as_str().starts_with("access-control-"), "no CORS header is ever sent: {name}");
    }
}

#[tokio::test]
async fn only_a_loopback_host_with_our_port_is_answered() {
    let world = World::new();
    for host in ["127.0.0.1:7575", "localhost:7575", "LocalHost:7575", "[::1]:7575"] {
        assert_eq!(world.knock(get(&[("host", host)])).await.status, 200, "{host} is ours");
    }
    for host in [
        "127.0.0.1",
        "localhost",
        "127.0.0.1:7576",
        "127.0.0.1:+7575",
        "127.0.0.1:07575x",
        "evil.example:7575",
        "localhost.evil.example:7575",
        "127.0.0.1.evil.example:7575",
        "evil.example",
        "0.0.0.0:7575",
        "127.0.0.2:7575",
        "::1:7575",
        "user@127.0.0.1:7575",
        "",
    ] {
        let answer = world.knock(get(&[("host", host)])).await;
        answer.refused(421);
        without_cors(&answer);
    }
    world.knock(get(&[])).await.refused(400);
    world.knock(get(&[("host", OURS), ("host", OURS)])).await.refused(400);
    let mut named = get(&[("host", OURS)]);
    *named.uri_mut() = "http://evil.example:7575/v1/status".parse().unwrap();
    world.knock(named).await.refused(421);
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused() {
    let world = World::new();
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:7576",
        "https://127.0.0.1:7575",
        "http://localhost",
        "file://",
        "",
    ] {
        let answer = world.knock(get(&[("host", OURS), ("origin", origin)])).await;
        answer.refused(403);
        without_cors(&answer);
    }
    world.knock(get(&[("host", OURS), ("origin", "http://127.0.0.1:7575")])).await.expect(200);
    world.knock(get(&[("host", OURS), ("origin", "http://127.0.0.1:7575"), ("origin", "null")])).await.refused(403);
    for site in ["cross-site", "same-site", "anything"] {
        world.knock(get(&[("host", OURS), ("sec-fetch-site", site)])).await.refused(403);
    }
    for site in ["same-origin", "none"] {
        world.knock(get(&[("host", OURS), ("sec-fetch-site", site)])).await.expect(200);
    }
    let asks_first = Request::builder()
        .method(Method::OPTIONS)
        .uri("/v1/record")
        .header(HOST, OURS)
        .header(ORIGIN, "https://evil.example")
        .header("access-control-request-method", "POST")
        .body(Body::empty())
        .unwrap();
    let answer = world.knock(asks_first).await;
    answer.refused(403);
    without_cors(&answer);
}

#[tokio::test]
async fn a_body_must_be_what_no_page_can_send_without_asking() {
    let world = World::new();
    let record = r#"{"provider":"house","model":"m","cost_usd":0.1}"#;
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("application/jsonp"),
        Some(""),
    ] {
        world.knock(post("/v1/record", kind, record)).await.refused(415);
    }
    assert_eq!(world.number("SELECT count(*) FROM entries"), 0, "nothing is written after a refusal");
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(world.knock(post("/v1/record", Some(kind), record)).await.status, 201, "{kind} is JSON");
    }
    world.knock(post("/v1/record/batch", Some("application/json"), record)).await.refused(415);
    assert_eq!(world.knock(post("/v1/record/batch", Some("application/x-ndjson"), record)).await.status, 200);
}

/// Every route that changes what the user decided.
const OWNERS: [(&str, &str); 13] = [
    ("POST", "/v1/budgets"),
    ("PUT", "/v1/budgets/openai-day"),
    ("DELETE", "/v1/budgets/openai-day"),
    ("PUT", "/v1/settings"),
    ("POST", "/v1/pause"),
    ("POST", "/v1/resume"),
    ("POST", "/v1/alerts/1/acknowledge"),
    ("POST", "/v1/alerts/1/dismiss"),
    ("POST", "/v1/alerts/1/snooze"),
    ("PUT", "/v1/prices/overrides"),
    ("DELETE", "/v1/prices/overrides?provider=a&model=b"),
    ("POST", "/v1/prices/refresh"),
    ("POST", "/v1/show"),
];

#[tokio::test]
async fn what_is_the_owners_needs_the_owners_token() {
    let world = World::with_first_budgets();
    let before = world.get("/v1/budgets").await.expect(200);
    let ask = |method: &str, path: &str, authorization: Option<String>| {
        let mut request = Request::builder().method(method).uri(path).header(HOST, OURS);
        request = request.header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        world.knock(request.body(Body::from("{}")).unwrap())
    };
    for (method, path) in OWNERS {
        let wrong = [
            None,
            Some("Bearer wrong".to_owned()),
            Some(format!("Basic {TOKEN}")),
            Some(TOKEN.to_owned()),
            Some(format!("Bearer {TOKEN}x")),
            Some(format!("Bearer {}", &TOKEN[1..])),
            Some("Bearer ".to_owned()),
        ];
        for authorization in wrong {
            let answer = ask(method, path, authorization.clone()).await;
            answer.refused(401);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{method} {path}: 401 says how");
        }
        let answer = ask(method, path, Some(format!("Bearer {TOKEN}"))).await;
        assert_ne!(answer.status, 401, "{method} {path} is the owner's: {}", answer.text());
    }
    let kept = world.get("/v1/budgets").await.expect(200);
    let ids = |budgets: &serde_json::Value| budgets["budgets"].as_array().unwrap().len();
    assert_eq!(ids(&kept), ids(&before) - 1, "only the owner's own removal was carried out");
    let ask = json!({"provider": "house", "model": "m", "cost_usd": 0.1});
    world.check(ask.clone()).await.expect(200);
    world.record(ask).await.expect(201);
}
