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

    /// Whether a case that is not run unasked is asked for.
    pub fn is_named(&self, case: &str) -> bool {
        !self.wanted.is_empty() && self.wants(case)
    }

    /// Whether any case is wanted whose name begins like this.
    pub fn wants_any(&self, beginning: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|word| word.starts_with(beginning))
    }

    pub fn head(&self) {
        if let Some(busy) = busy().filter(|busy| *busy > 1.0) {
            println!("Other programs are busy (load {busy:.1}): the figures waver.\n");
        }
        println!("{:<54} {:>16} {:>16} {:>8} {:>8}", "", "spendlight", "against", "seen", "target");
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

    /// What ours adds to going direct, to what a bare proxy adds: of the provider, a bare proxy and ours.
    pub fn added(&self, case: &str, target: f64, [direct, bare, ours]: &[Vec<Round>; 3], of: fn(&Round) -> f64) {
        let adds = |rounds: &[Round]| {
            median(&rounds.iter().zip(direct).map(|(round, direct)| of(round) - of(direct)).collect::<Vec<_>>())
        };
        self.times(case, target, adds(ours), adds(bare));
        self.note_failed([direct.as_slice(), bare, ours]);
    }

    /// The processor's time a call, to what it is elsewhere or was before.
    pub fn cost(&self, case: &str, target: f64, ours: &[Round], base: &[Round]) {
        let cpu = |rounds: &[Round]| median_of(rounds, |round| round.cpu_us);
        self.times(case, target, cpu(ours), cpu(base));
    }

    fn times(&self, case: &str, target: f64, ours_us: f64, base_us: f64) {
        let ratio = ours_us / base_us;
        let text = |us: f64| format!("{us:.1} us");
        let (seen, wanted) = (format!("{ratio:.2}"), format!("<={target}"));
        self.line(case, &text(ours_us), &text(base_us), &seen, &wanted, ratio <= target);
    }

    /// The longest pause within an answer, as the usual round has it.
    pub fn pause(&self, case: &str, stall_us: f64, ours: &[Round], bare: &[Round]) {
        let pause = |rounds: &[Round]| median_of(rounds, |round| round.pause_us);
        let text = |us: f64| format!("{us:.0} us");
        let seen = pause(ours);
        self.line(case, &text(seen), &text(pause(bare)), &text(seen), &format!("<{stall_us}"), seen < stall_us);
    }

    /// MiB that were needed for a while.
    pub fn memory(&self, case: &str, target_mib: f64, seen_mib: f64) {
        let text = format!("{seen_mib:.1} MiB");
        self.line(case, &text, "", &text, &format!("<{target_mib}"), seen_mib < target_mib);
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
        println!("{case:<54} {ours:>16} {base:>16} {seen:>8} {target:>8}  {verdict}");
        self.short.set(self.short.get() + usize::from(!good));
    }

    fn note_failed<const N: usize>(&self, of: [&[Round]; N]) {
        let failed: usize = of.iter().copied().flatten().map(|round| round.failed).sum();
        self.failed.set(self.failed.get() + failed);
    }

    fn latencies(&self, ours: &[Round], base: &[Round]) {
        for (name, figure) in [
            ("    p50", (|r: &Round| r.p50_us) as fn(&Round) -> f64),
            ("    p99", |r| r.p99_us),
            ("    processor's time a call", |r| r.cpu_us),
        ] {
            let text = |rounds: &[Round]| format!("{:.0} us", median_of(rounds, figure));
            println!("{name:<54} {:>16} {:>16}", text(ours), text(base));
        }
        self.note_failed([ours, base]);
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
