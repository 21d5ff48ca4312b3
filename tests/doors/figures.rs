//! What is read: status, usage, summary, entries, export, charts, events, metrics, the description. Their shapes, and that
//! all of them tell the same sums.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::StreamExt;
use http::Method;
use serde_json::{Value, json};
use spendlight::meter::Change;
use tower::ServiceExt;

use crate::world::{World, masked, nanos, request};

/// A world with a handful of calls of three days, two providers and two projects.
async fn some_days() -> World {
    let world = World::with_first_budgets();
    for (id, at, provider, cost, project) in [
        ("a", "2026-11-20T08:30:00Z", "openai", 0.25, Some("eval")),
        ("b", "2026-11-21T09:30:00Z", "gemini", 0.125, None),
        ("c", "2026-11-22T00:00:00Z", "openai", 0.000_000_001, Some("eval")),
        ("d", "2026-11-22T11:59:59.999Z", "openai", 0.5, Some("chat")),
    ] {
        let mut body = json!({"call_id": id, "at": at, "provider": provider, "model": format!("{provider}-model"),
            "cost_usd": cost, "input_tokens": 1000, "output_tokens": 500, "latency_ms": 800, "ok": id != "b"});
        body["project"] = json!(project);
        world.record(body).await.expect(201);
    }
    world
}

const SUM: i64 = 875_000_001;

#[tokio::test]
async fn the_canonical_answers_have_their_shape() {
    let world = some_days().await;
    world.check(json!({"provider": "gemini", "model": "m", "cost_usd": 0.1, "reserve": true, "call_id": "e"})).await;
    let status = world.get("/v1/status").await.expect(200);
    insta::assert_json_snapshot!("status", masked(status, &["version"]));
    insta::assert_json_snapshot!("summary", world.get("/v1/summary").await.expect(200));
    let usage = "/v1/usage?from=2026-11-21T00:00:00Z&to=2026-11-23T00:00:00Z&by=model";
    insta::assert_json_snapshot!("usage", world.get(usage).await.expect(200));
    insta::assert_json_snapshot!("budgets", world.get("/v1/budgets").await.expect(200));
    let settings = world.get("/v1/settings").await.expect(200);
    insta::assert_json_snapshot!("settings", masked(settings, &["ledger_path", "ledger_bytes"]));
    let prices = world.get("/v1/prices").await.expect(200);
    insta::assert_json_snapshot!("prices", masked(prices, &["models", "rates"]));
}

#[tokio::test]
async fn every_route_is_described_and_nothing_else() {
    let world = World::new();
    let answer = world.get("/openapi.json").await;
    let description = answer.expect(200);
    assert_eq!(
        description.to_string(),
        serde_json::from_str::<Value>(&spendlight::http::openapi_json()).unwrap().to_string()
    );
    let mut routes = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    routes.sort();
    insta::assert_json_snapshot!("routes", routes);
    for route in &routes {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{id}", "1").replace("{call_id}", "1");
        if path != "/v1/events" {
            let asked = request(method.parse().unwrap(), &path, (method != "GET").then(|| json!({})), None);
            let response = spendlight::http::owner(&world.app).oneshot(asked).await.unwrap();
            assert_ne!(response.status(), 405, "{route} is described, so it is there");
        }
    }
}

#[tokio::test]
async fn every_total_is_the_sum_of_the_entries() {
    let world = some_days().await;
    let entries = world.get("/v1/entries?limit=500").await.expect(200);
    let sum: i64 = entries["entries"].as_array().unwrap().iter().map(|e| nanos(&e["cost_usd"])).sum();
    assert_eq!(sum, SUM);
    let status = world.get("/v1/status").await.expect(200);
    assert_eq!(nanos(&status["month"]["cost_usd"]), SUM);
    assert_eq!(nanos(&status["today"]["cost_usd"]), 500_000_001);
    let summary = world.get("/v1/summary").await.expect(200);
    assert_eq!(nanos(&summary["lifetime"]["cost_usd"]), SUM);
    assert_eq!(nanos(&summary["yesterday"]["cost_usd"]), 125_000_000);
    assert_eq!(nanos(&summary["peak_day"]["cost_usd"]), 500_000_001);
    let metrics = world.get("/metrics").await;
    assert!(metrics.text().contains("\nspendlight_cost_usd_total 0.875000001\n"), "{}", metrics.text());
    for bucket in ["hour", "day", "week", "month"] {
        for by in ["provider", "model", "project", "session", "user", "operation"] {
            let path = format!("/v1/usage?bucket={bucket}&by={by}");
            let usage = world.get(&path).await.expect(200);
            let groups =
                usage["buckets"].as_array().unwrap().iter().flat_map(|b| b["groups"].as_array().unwrap().clone());
            let sum: i64 = groups.map(|group| nanos(&group["cost_usd"])).sum();
            assert_eq!(sum, SUM, "{path} must tell every nano-dollar");
        }
    }
    for by in ["provider", "model", "project", "session"] {
        let chart = world.get(&format!("/v1/chart.json?range=month&by={by}")).await.expect(200);
        assert_eq!(nanos(&chart["total"]), SUM, "the chart by {by}");
        let columns: i64 = chart["columns"].as_array().unwrap().iter().map(|c| nanos(&c["total"])).sum();
        assert_eq!(columns, SUM, "its columns by {by}");
        let series: i64 = chart["series"].as_array().unwrap().iter().map(|s| nanos(&s["total"])).sum();
        assert_eq!(series, SUM, "its series by {by}");
    }
    let csv = world.get("/v1/export?format=csv").await.text();
    assert_eq!(csv.lines().count(), 5, "a head and four lines: {csv}");
    assert!(csv.contains("0.000000001"), "a nano-dollar is spelled out");
    let ndjson = world.get("/v1/export?format=ndjson").await.text();
    let lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<_> = lines.iter().map(|line| line["call_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c", "d"], "oldest first");
    assert_eq!(lines.iter().map(|line| nanos(&line["cost_usd"])).sum::<i64>(), SUM);
}

#[tokio::test]
async fn a_breakdown_is_the_chart_by_key_to_the_nano_dollar() {
    let world = some_days().await;
    let night = json!({"call_id": "e", "at": "2026-11-22T01:00:00Z", "provider": "gemini", "model": "m", "session": "night",
        "input_tokens": 500, "output_tokens": 50, "cost_usd": 0.01});
    world.record(night).await.expect(201);
    for range in ["today", "month", "30d", "12m"] {
        for by in ["provider", "model", "project", "session"] {
            for (unit, field) in [("usd", "cost_usd"), ("tokens", "input_tokens")] {
                let asked = format!("range={range}&by={by}&unit={unit}");
                let chart = world.get(&format!("/v1/chart.json?{asked}")).await.expect(200);
                let told = world.get(&format!("/v1/breakdown?{asked}")).await.expect(200);
                assert_eq!(told["title"], chart["title"], "{asked}");
                let value = |sums: &Value| match unit {
                    "usd" => nanos(&sums["cost_usd"]),
                    _ => sums["input_tokens"].as_i64().unwrap() + sums["output_tokens"].as_i64().unwrap(),
                };
                let charted = if unit == "usd" { nanos(&chart["total"]) } else { chart["total"].as_i64().unwrap() };
                let groups = told["groups"].as_array().unwrap();
                let values: Vec<i64> = groups.iter().map(value).collect();
                assert_eq!((values.iter().sum::<i64>(), value(&told["total"])), (charted, charted), "{asked}");
                assert!(values.is_sorted_by(|a, b| a >= b), "the largest first: {asked} {values:?}");
                assert_eq!(groups[0]["key"], chart["series"][0]["key"], "{asked}");
                let one = world.get(&format!("/v1/breakdown?{asked}&limit=1")).await.expect(200);
                assert_eq!(one["groups"], json!([groups[0]]), "{asked}");
                assert_eq!(one["others"], groups.len() - 1, "{asked}");
                let rest: i64 = groups[1..].iter().map(|group| nanos(&group[field])).sum();
                assert_eq!(nanos(&one["rest"][field]), rest, "what is left is told as a sum: {asked}");
            }
        }
    }
    for (query, field) in [("limit=0", "limit"), ("limit=501", "limit"), ("range=week", "range"), ("by=user", "by")] {
        let detail = world.get(&format!("/v1/breakdown?{query}")).await.refused(422);
        assert!(detail.contains(field), "{query}: {detail}");
    }
}

#[tokio::test]
async fn whoever_projects_a_month_or_a_day_projects_the_same() {
    let world = World::new();
    for window in ["month", "day"] {
        world.budget(json!({"id": window, "window": window, "limit": 10})).await;
    }
    let figures = async || {
        let status = world.get("/v1/status").await.expect(200);
        let forecast = |at: usize| nanos(&status["budgets"][at]["forecast"]["at_end"]);
        let figures = vec![nanos(&world.get("/v1/summary").await.expect(200)["month_projection_usd"]), forecast(0)];
        for (range, at) in [("month", 0), ("today", 1)] {
            let chart = world.get(&format!("/v1/chart.json?range={range}")).await.expect(200);
            let ahead = chart["columns"].as_array().unwrap().iter().map(|c| nanos(&c["projected"])).sum::<i64>();
            assert_eq!(nanos(&chart["projected_total"]), ahead, "the columns are all of {range}");
            assert_eq!(nanos(&chart["total"]) + ahead, forecast(at), "the chart's {range} is the budget's");
        }
        figures
    };
    assert_eq!(figures().await, [0, 0]);
    world.spend("first", "house", 0.43).await.expect(201);
    // 21.5 days of 30 have passed: a first day tells as much as a later one.
    assert_eq!(figures().await, [600_000_000, 600_000_000]);
    world.spend("second", "other", 0.001_234_567).await.expect(201);
    let [figure, forecast] = figures().await[..] else { panic!("there are two") };
    assert_eq!(figure, forecast, "to the nano-dollar");
}

#[tokio::test]
async fn entries_come_newest_first_in_pages_that_miss_and_repeat_nothing() {
    let world = World::new();
    for n in 0..25 {
        let at = (world.clock.now() - TimeDelta::minutes(n / 3)).to_rfc3339();
        let body = json!({"call_id": format!("c{n}"), "at": at, "provider": "house", "model": "m", "cost_usd": 0.1,
            "session": if n % 2 == 0 { "even" } else { "odd" }, "ok": n % 5 != 0});
        world.record(body).await.expect(201);
    }
    let (mut seen, mut times, mut path) = (Vec::new(), Vec::new(), "/v1/entries?limit=7".to_owned());
    loop {
        let page = world.get(&path).await.expect(200);
        for entry in page["entries"].as_array().unwrap() {
            seen.push(entry["call_id"].as_str().unwrap().to_owned());
            times.push(entry["at"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/entries?limit=7&cursor={cursor}"),
            None => break,
        }
    }
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25, "every entry is on one page");
    let count = async |filter: &str| {
        let page = world.get(&format!("/v1/entries?limit=500&{filter}")).await.expect(200);
        page["entries"].as_array().unwrap().len()
    };
    assert_eq!(count("session=even").await, 13);
    assert_eq!(count("ok=false").await, 5);
    assert_eq!(count("session=odd&ok=false").await, 2);
    assert_eq!(count("q=C2").await, 6, "c2 and c20 to c24, whatever the case");
    assert_eq!(count("q=%25").await, 0, "a sign of a pattern is only a sign");
    assert_eq!(count("provider=nobody").await, 0);
    assert_eq!(count("from=2026-11-22T12:00:00Z").await, 3, "the span begins with its start");
    assert_eq!(count("to=2026-11-22T12:00:00Z").await, 22, "and ends before its end");
}

#[tokio::test]
async fn an_export_gives_no_spreadsheet_a_formula() {
    let world = World::new();
    for (n, text) in ["=1+1", "+1", "-1", "@sum", "a,\"b\""].iter().enumerate() {
        let body = json!({"call_id": n.to_string(), "provider": "house", "model": text, "cost_usd": 0});
        world.record(body).await.expect(201);
    }
    let csv = world.get("/v1/export?format=csv").await.text();
    for cell in [",'=1+1,", ",'+1,", ",'-1,", ",'@sum,", ",\"a,\"\"b\"\"\","] {
        assert!(csv.contains(cell), "{cell} must stand as text: {csv}");
    }
}

#[tokio::test]
async fn charts_are_drawn_in_every_range_theme_and_unit() {
    let world = some_days().await;
    for range in ["today", "month", "30d", "12m"] {
        for rest in ["", "&unit=tokens&theme=dark&by=model", "&width=160&height=120", "&by=session"] {
            let svg = world.get(&format!("/v1/chart.svg?range={range}{rest}")).await;
            assert_eq!((svg.status, svg.header("content-type")), (200, Some("image/svg+xml")), "{range}{rest}");
            roxmltree::Document::parse(&svg.text()).expect("a chart is XML");
        }
    }
    let png = world.get("/v1/chart.png?width=300&height=200").await;
    assert!(png.status == 200 && png.bytes.starts_with(b"\x89PNG\r\n"), "a PNG is one");
}

#[tokio::test]
async fn events_begin_with_the_status_and_tell_what_changes() {
    let world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 1})).await;
    let task = spendlight::http::spawn_events(&world.app);
    let asked = request(Method::GET, "/v1/events", None, None);
    let response = spendlight::http::owner(&world.app).oneshot(asked).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let mut heard = String::new();
    let mut hear = async |wanted: &str| {
        let listen = async {
            while !heard.contains(wanted) {
                heard.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
            }
        };
        let heard_it = tokio::time::timeout(Duration::from_secs(20), listen).await.is_ok();
        assert!(heard_it, "{wanted:?} must be heard: {heard}");
        heard.clear();
    };
    hear("event: status\n").await;
    world.spend("loud", "house", 0.9).await.expect(201);
    hear("event: alert\n").await;
    world.spend("soft", "house", 0.001).await.expect(201);
    hear("\"call_id\":\"soft\"").await;
    task.abort();
}

#[tokio::test]
async fn what_nobody_listens_to_is_not_kept_in_memory() {
    let world = World::new();
    let mut changes = world.app.meter.changes();
    let task = spendlight::http::spawn_events(&world.app);
    let mut entries = Vec::new();
    for call in 0..200 {
        world.spend(&format!("call-{call}"), "house", 0.001).await.expect(201);
        let Change::Entries(told) = changes.recv().await.unwrap() else { panic!("no budget is there to speak") };
        entries.extend(told.iter().map(Arc::downgrade));
    }
    drop(changes);
    let forgotten = async {
        while entries.iter().any(|entry| entry.strong_count() > 0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // One by one, twenty a second, would take ten seconds.
    let forgotten = tokio::time::timeout(Duration::from_secs(4), forgotten).await;
    let kept = entries.iter().filter(|entry| entry.strong_count() > 0).count();
    assert!(forgotten.is_ok(), "all entries are let go, but for {kept}");
    task.abort();
}

#[tokio::test]
async fn the_server_says_that_it_is_well_and_shows_its_pages() {
    let world = World::new();
    assert_eq!(world.get("/healthz").await.text(), "ok\n");
    let page = world.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    let policy = page.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'none'"]
    {
        assert!(policy.contains(part), "the policy has {part}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "nothing inline is ever run: {policy}");
    for path in ["/style/app.css", "/api.js", "/views/dashboard.js"] {
        world.get(path).await.text();
        assert_eq!(world.get(path).await.status, 200, "{path} is served");
    }
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/ui/index.html", "/views/"] {
        world.get(path).await.refused(404);
    }
}
