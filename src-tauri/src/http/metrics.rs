//! `GET /metrics`: the standings and totals for Prometheus.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use super::app::App;
use crate::domain::money::Nusd;
use crate::domain::quantity::Unit;
use crate::domain::standing::Standing;

/// The standings and totals in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "server", responses((status = 200, body = String)))]
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let snapshot = app.meter.snapshot();
    let lifetime = app.meter.lifetime();
    let mut text = String::with_capacity(4_096);
    let mut one = |name: &str, kind: &str, help: &str, value: &dyn std::fmt::Display| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    };
    one("spendlight_calls_total", "counter", "Calls in the ledger.", &lifetime.calls);
    one("spendlight_failed_calls_total", "counter", "Calls that failed.", &lifetime.failed);
    one("spendlight_input_tokens_total", "counter", "Input tokens.", &lifetime.input_tokens);
    one("spendlight_output_tokens_total", "counter", "Output tokens.", &lifetime.output_tokens);
    one("spendlight_cost_usd_total", "counter", "Cost in US dollars.", &lifetime.cost);
    one("spendlight_in_flight", "gauge", "Calls that are held.", &snapshot.in_flight_count);
    let waiting: usize = snapshot.questions.iter().map(|question| question.waiting).sum();
    one("spendlight_waiting", "gauge", "Calls that wait for their user's answer.", &waiting);
    one("spendlight_alerts_new", "gauge", "Alerts nobody has taken note of.", &snapshot.alerts_new);
    one("spendlight_paused", "gauge", "1 while every call is denied.", &i32::from(snapshot.paused));
    one(
        "spendlight_ledger_writable",
        "gauge",
        "1 while the ledger takes records.",
        &i32::from(snapshot.broken.is_none()),
    );
    type Gauge = (&'static str, &'static str, fn(&Standing) -> i64);
    let gauges: [Gauge; 4] = [
        ("limit", "The limit in force.", |s| s.limit),
        ("used", "What is used in the current window.", |s| s.used),
        ("reserved", "What is held.", |s| s.reserved),
        ("remaining", "What is left.", Standing::remaining),
    ];
    for (name, help, value) in gauges {
        let _ = writeln!(text, "# HELP spendlight_budget_{name} {help}\n# TYPE spendlight_budget_{name} gauge");
        for s in &snapshot.standings {
            let _ = write!(
                text,
                "spendlight_budget_{name}{{budget=\"{}\",window=\"{}\",unit=\"{}\"}} ",
                escaped(&s.budget.id),
                s.budget.window.as_str(),
                s.budget.unit.as_str()
            );
            let _ = match s.budget.unit {
                Unit::Usd => writeln!(text, "{}", Nusd(value(s))),
                Unit::Tokens | Unit::Requests => writeln!(text, "{}", value(s)),
            };
        }
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
