//! The table, and what its figures mean.

use std::cell::Cell;
use std::time::Instant;

use crate::load::Round;

pub struct Report {
    wanted: Vec<String>,
    started: Instant,
    short: Cell<usize>,
    failed: Cell<usize>,
}

impl Report {
    pub fn new(wanted: &[String]) -> Report {
        Report { wanted: wanted.to_vec(), started: Instant::now(), short: Cell::new(0), failed: Cell::new(0) }
    }

    pub fn wants(&self, case: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|word| case.contains(word.as_str()))
    }

    pub fn head(&self) {
        if let Some(busy) = busy().filter(|busy| *busy > 1.0) {
            println!("Other programs are busy (load {busy:.1}): the figures waver.\n");
        }
        println!("{:<44} {:>16} {:>16} {:>8} {:>8}", "", "spendlight", "against", "seen", "target");
    }

    /// Rates, and their ratio.
    pub fn at_least(&self, case: &str, target: f64, ours: &[Round], base: &[Round], ratio: f64) {
        let rate = |rounds: &[Round]| format!("{:.0}/s", median_of(rounds, |r| r.rate));
        self.line(case, &rate(ours), &rate(base), &format!("{ratio:.2}"), &format!(">={target}"), ratio >= target);
        self.latencies(ours, base);
    }

    /// How far the slowest answers are from the usual ones.
    pub fn at_most(&self, case: &str, target: f64, ours: &[Round], base: &[Round]) {
        let spread = |rounds: &[Round]| median_of(rounds, |r| r.p99_us / r.p50_us);
        let (ratio, other) = (spread(ours), spread(base));
        let texts = (format!("{ratio:.1}"), format!("{other:.1}"));
        self.line(case, &texts.0, &texts.1, &texts.0, &format!("<={target}"), ratio <= target);
        self.latencies(ours, base);
    }

    /// Milliseconds from the start of the process to its first answer.
    pub fn start(&self, case: &str, target_ms: f64, starts_ms: &[f64]) {
        let seen = median(starts_ms);
        let text = format!("{seen:.0} ms");
        self.line(case, &text, "", &text, &format!("<{target_ms}"), seen < target_ms);
    }

    pub fn foot(&self) {
        let seconds = self.started.elapsed().as_secs();
        println!("\n{} short of their targets. Medians of rounds in turn; {seconds} s in all.", self.short.get());
        if self.failed.get() > 0 {
            println!("{} requests had no good answer: the figures above do not count.", self.failed.get());
        }
    }

    fn line(&self, case: &str, ours: &str, base: &str, seen: &str, target: &str, good: bool) {
        let verdict = if good { "PASS" } else { "short of target" };
        println!("{case:<44} {ours:>16} {base:>16} {seen:>8} {target:>8}  {verdict}");
        self.short.set(self.short.get() + usize::from(!good));
    }

    fn latencies(&self, ours: &[Round], base: &[Round]) {
        for (name, figure) in [
            ("    p50", (|r: &Round| r.p50_us) as fn(&Round) -> f64),
            ("    p99", |r| r.p99_us),
            ("    processor's time a call", |r| r.cpu_us),
        ] {
            let text = |rounds: &[Round]| format!("{:.0} us", median_of(rounds, figure));
            println!("{name:<44} {:>16} {:>16}", text(ours), text(base));
        }
        let failed: usize = ours.iter().chain(base).map(|round| round.failed).sum();
        self.failed.set(self.failed.get() + failed);
    }
}

/// How many programs wanted the processors in the last minute, where the system tells.
fn busy() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

fn median_of(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    median(&rounds.iter().map(figure).collect::<Vec<_>>())
}

pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
