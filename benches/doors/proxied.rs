//! What the proxy adds to a call, beside what a proxy adds that does nothing else.

use std::time::Duration;

use crate::load::{self, Load, Round, Target};
use crate::product::{Product, Room};
use crate::report::{Report, median};
use crate::{OPEN_ROUND, OPEN_ROUNDS, ROUND, ROUNDS, in_turn};

const JSON: &str =
    r#"{"model":"gpt-5-mini","max_completion_tokens":256,"messages":[{"role":"user","content":"Say hello."}]}"#;
const STREAM: &str = r#"{"model":"gpt-5-mini","stream":true,"max_completion_tokens":256,"messages":[{"role":"user","content":"Say hello."}]}"#;
/// A stream whose client asks for its usage: nothing is added to it.
const ASKED: &str = r#"{"model":"gpt-5-mini","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":256,"messages":[{"role":"user","content":"Say hello."}]}"#;
const PATH: &str = "/v1/chat/completions";
const FILE: &str = "/v1/files/file-1/content";

/// How long a pause within a stream is a stall: what waiting to fill a packet costs.
const STALL_US: f64 = 40_000.0;

const LONG_CALLS: usize = 1_000_000;

/// The three that are asked in turn: the provider itself, a bare proxy before it, and ours.
struct Trio {
    direct: Target,
    bare: Target,
    ours: Target,
}

pub struct Proxied {
    mock: Product,
    bare: Product,
    ours: Product,
}

impl Proxied {
    pub fn start(room: &Room) -> Proxied {
        let mock = Product::own(&["--as", "mock"]);
        let bare = Product::own(&["--as", "bare", &mock.address.to_string()]);
        let ours = Product::proxy(&room.folder("proxy"), mock.address);
        ours.raise_budgets();
        Proxied { mock, bare, ours }
    }

    fn trio(&self, path: &str, body: &str) -> Trio {
        Trio {
            direct: Target::new("the provider", &self.mock, path, body),
            bare: Target::new("bare proxy", &self.bare, path, body),
            ours: Target::new("spendlight", &self.ours, &format!("/openai{path}"), body),
        }
    }

    pub fn measure(&self, report: &Report) {
        let case = "proxied JSON at 2,000 a second";
        if report.wants(case) {
            let load = Load::Open { rate: 2_000, time: OPEN_ROUND };
            let seen = self.trio(PATH, JSON).in_turn(OPEN_ROUNDS, load);
            report.added(&format!("{case}: added p50"), 1.6, &seen, |round| round.p50_us);
            report.added(&format!("{case}: added p99"), 2.0, &seen, |round| round.p99_us);
            report.cost(&format!("{case}: processor's time"), 2.0, &seen[2], &seen[1]);
        }
        for (case, body) in [
            ("proxied JSON, 64 connections, to a bare proxy", JSON),
            ("proxied streams, 64 connections", STREAM),
            ("proxied streams with their usage, 64", ASKED),
        ] {
            if report.wants(case) {
                let trio = self.trio(PATH, body);
                let load = Load::Closed { connections: 64, time: ROUND };
                let [ours, bare] = in_turn([&trio.ours, &trio.bare], ROUNDS, load);
                let ratios: Vec<f64> = ours.iter().zip(&bare).map(|(a, b)| a.rate / b.rate).collect();
                report.at_least(case, 0.6, &ours, &bare, median(&ratios));
            }
        }
        let case = "proxied stream of 100 events";
        if report.wants(case) {
            let seen = self.trio(PATH, STREAM).in_turn(ROUNDS, Load::Closed { connections: 1, time: ROUND });
            report.added(&format!("{case}: added to the first byte"), 1.5, &seen, |round| round.first_us);
            report.pause(&format!("{case}: longest pause"), STALL_US, &seen[2], &seen[1]);
        }
        let case = "proxied prompt of 200 kB";
        if report.wants(case) {
            let text = "What is said here is long and says little. ".repeat(200 * 1024 / 43);
            let body = JSON.replace("Say hello.", &text);
            let seen = self.trio(PATH, &body).in_turn(ROUNDS, Load::Closed { connections: 1, time: ROUND });
            report.added(&format!("{case}: added p50"), 3.0, &seen, |round| round.p50_us);
        }
        let case = "proxied file of 10 MB, memory";
        if report.wants(case) {
            let file = self.trio(FILE, "{}").ours;
            let before = self.ours.memory_kib();
            load::run(&file, Load::Closed { connections: 4, time: Duration::from_secs(2) });
            report.memory(case, 16.0, self.ours.memory_kib().saturating_sub(before) as f64 / 1024.0);
        }
        // Too long to be run unasked.
        let case = "proxied calls, the millionth to the first";
        if report.is_named(case) {
            let trio = self.trio(PATH, JSON);
            let load = Load::Closed { connections: 16, time: ROUND };
            let first: Vec<Round> = (0..ROUNDS).map(|_| load::run(&trio.ours, load)).collect();
            let mut calls = 0.0;
            while calls < LONG_CALLS as f64 {
                let round = load::run(&trio.ours, Load::Closed { connections: 16, time: Duration::from_secs(10) });
                calls += round.rate * 10.0;
            }
            let last: Vec<Round> = (0..ROUNDS).map(|_| load::run(&trio.ours, load)).collect();
            report.cost(case, 1.05, &last, &first);
        }
    }
}

impl Trio {
    /// The provider, a bare proxy and ours, each in its turn.
    fn in_turn(&self, rounds: usize, load: Load) -> [Vec<Round>; 3] {
        in_turn([&self.direct, &self.bare, &self.ours], rounds, load)
    }
}
