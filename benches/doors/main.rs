//! How near the doors come to what the machine can do: `make bench`.
//!
//! Every figure is a ratio within one run, of Spendlight to a program that does only what cannot be left out, both under
//! the same load, in turn. A machine that is busy or slow is so for both. What falls short of its target is said, and the
//! run succeeds all the same: it reports, and asserts nothing. All of it stays on loopback, bounded in count and time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "not shipped")]

mod bare;
mod echo;
mod floor;
mod load;
mod mock;
mod product;
mod proxied;
mod report;

use std::time::Duration;

use load::{Load, Target};
use product::Product;
use report::{Report, median};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(1_000);
const OPEN_ROUNDS: usize = 5;
const OPEN_ROUND: Duration = Duration::from_secs(3);
const STARTS: usize = 5;
const ENTRIES: usize = 100_000;

const CHECK: &str =
    r#"{"provider":"openai","model":"gpt-5-mini","input_tokens":1200,"max_output_tokens":256,"project":"bench"}"#;
const RESERVE: &str = r#"{"provider":"openai","model":"gpt-5-mini","input_tokens":1200,"max_output_tokens":256,"project":"bench","reserve":true}"#;
const RECORD: &str = r#"{"provider":"openai","model":"gpt-5-mini","input_tokens":1200,"output_tokens":100,"cache_read_tokens":1024,"reasoning_tokens":64,"project":"bench","session":"bench-1","latency_ms":812}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--as", "echo"] => echo::run(),
        ["--as", "mock"] => mock::run(),
        ["--as", "bare", upstream] => bare::run(upstream),
        ["--as", "floor", ledger] => floor::run(ledger),
        _ => measure(&arguments),
    }
}

/// Measures everything, or the cases whose names contain one of `wanted`.
fn measure(wanted: &[String]) {
    let room = product::Room::new();
    let report = Report::new(wanted);
    let spendlight = Product::spendlight(&room.folder("spendlight"));
    spendlight.raise_budgets();
    let echo = Product::own(&["--as", "echo"]);
    let floor_ledger = room.folder("floor").join("floor.db");
    let floor = Product::own(&["--as", "floor", floor_ledger.to_str().unwrap()]);

    let check = Target::new("spendlight", &spendlight, "/v1/check", CHECK);
    let bare = Target::new("echo", &echo, "/v1/check", CHECK);
    let record = Target::new("spendlight", &spendlight, "/v1/record", RECORD);
    let least = Target::new("floor", &floor, "/v1/record", RECORD);
    let reserve = Target::new("reserve", &spendlight, "/v1/check", RESERVE);

    report.head();
    for (case, target, ours, base, connections) in [
        ("check, 64 connections, to a bare echo", 0.8, &check, &bare, 64),
        ("record, 64 connections, to the floor", 0.7, &record, &least, 64),
        ("record, 1 connection, to the floor", 0.7, &record, &least, 1),
        ("check with reserve, 1 connection, to record", 1.0, &reserve, &record, 1),
    ] {
        if report.wants(case) {
            let [ours, base] = in_turn([ours, base], ROUNDS, Load::Closed { connections, time: ROUND });
            let ratios: Vec<f64> = ours.iter().zip(&base).map(|(a, b)| a.rate / b.rate).collect();
            report.at_least(case, target, &ours, &base, median(&ratios));
        }
    }
    let case = "record at 1,000 a second, p99 to p50";
    if report.wants(case) {
        let [ours, base] = in_turn([&record, &least], OPEN_ROUNDS, Load::Open { rate: 1_000, time: OPEN_ROUND });
        report.at_most(case, 5.0, &ours, &base);
    }
    let case = "cold start with 100,000 entries";
    if report.wants(case) {
        let folder = room.folder("full");
        let full = Product::spendlight(&folder);
        full.raise_budgets();
        full.fill(ENTRIES);
        full.end();
        let starts: Vec<f64> = (0..STARTS).map(|_| Product::spendlight_timed(&folder)).collect();
        report.start(case, 100.0, &starts);
    }
    drop((spendlight, echo, floor));
    if report.wants_any("proxied") {
        proxied::Proxied::start(&room).measure(&report);
    }
    report.foot();
}

/// Puts targets under the same load, in turn: A B, B A, A B, so that none always goes first.
fn in_turn<const N: usize>(targets: [&Target; N], rounds: usize, load: Load) -> [Vec<load::Round>; N] {
    let warm_up = load.shortened();
    for target in targets {
        load::run(target, warm_up);
    }
    let mut seen = [const { Vec::new() }; N];
    for round in 0..rounds {
        for place in 0..N {
            let which = if round % 2 == 0 { place } else { N - 1 - place };
            seen[which].push(load::run(targets[which], load));
        }
    }
    seen
}
