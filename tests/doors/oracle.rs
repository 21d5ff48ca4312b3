//! The oracle: what every budget must stand at, worked out in the simplest way there is, from a list of all calls. It
//! shares no code with the meter: a window is "the same date, week, month or hour on the wall clock".

use chrono::{DateTime, Datelike, Offset, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub id: String,
    pub provider: &'static str,
    pub project: Option<&'static str>,
    pub user: Option<&'static str>,
    pub cost: i64,
    pub tokens: i64,
    /// When it was made, or until when it is held.
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub struct Limit {
    pub provider: Option<&'static str>,
    pub project: Option<&'static str>,
    pub user: Option<&'static str>,
    pub window: &'static str,
    pub unit: &'static str,
    pub limit: i64,
    pub buffer: i64,
    pub blocks: bool,
    pub enabled: bool,
    pub zone: Option<Tz>,
    pub raised: Option<(i64, DateTime<Utc>)>,
}

impl Limit {
    fn counts(&self, call: &Call) -> bool {
        self.provider.is_none_or(|p| p == call.provider)
            && (self.project.is_none() || self.project == call.project)
            && (self.user.is_none() || self.user == call.user)
    }

    fn quantity(&self, call: &Call) -> i64 {
        match self.unit {
            "usd" => call.cost,
            "tokens" => call.tokens,
            _ => 1,
        }
    }

    pub fn limit_at(&self, now: DateTime<Utc>) -> i64 {
        self.raised.filter(|(_, until)| now < *until).map_or(self.limit, |(limit, _)| limit)
    }
}

/// Instants are in the same window when their keys are the same.
pub fn key(window: &str, at: DateTime<Utc>, zone: Tz) -> Vec<i64> {
    let local = at.with_timezone(&zone);
    let date = [i64::from(local.year()), i64::from(local.month()), i64::from(local.day())];
    let clock = [i64::from(local.hour()), i64::from(local.offset().fix().local_minus_utc())];
    match window {
        "minute" => [&date[..], &clock[..], &[i64::from(local.minute())]].concat(),
        "hour" => [&date[..], &clock[..]].concat(),
        "day" => date.to_vec(),
        "week" => vec![i64::from(local.iso_week().year()), i64::from(local.iso_week().week())],
        "month" => date[..2].to_vec(),
        _ => Vec::new(),
    }
}

pub struct Oracle {
    pub now: DateTime<Utc>,
    pub zone: Tz,
    pub calls: Vec<Call>,
    pub held: Vec<Call>,
    pub limits: Vec<(String, Limit)>,
}

impl Oracle {
    pub fn advance(&mut self, by: TimeDelta) {
        self.now += by;
        let now = self.now;
        self.held.retain(|call| call.at > now);
    }

    pub fn used(&self, limit: &Limit) -> i64 {
        let zone = limit.zone.unwrap_or(self.zone);
        let current = key(limit.window, self.now, zone);
        let calls = self.calls.iter().filter(|call| limit.counts(call) && key(limit.window, call.at, zone) == current);
        calls.map(|call| limit.quantity(call)).sum()
    }

    pub fn reserved(&self, limit: &Limit) -> i64 {
        self.held.iter().filter(|call| limit.counts(call)).map(|call| limit.quantity(call)).sum()
    }

    /// Promise 2: `used + reserved + this call <= limit - buffer` for every blocking budget.
    pub fn admits(&self, call: &Call) -> bool {
        let blocking = self.limits.iter().filter(|(_, l)| l.enabled && l.blocks && l.counts(call));
        blocking
            .into_iter()
            .all(|(_, l)| self.used(l) + self.reserved(l) + l.quantity(call) <= l.limit_at(self.now) - l.buffer)
    }

    /// Calls, tokens and nano-dollars of the calls in the window of `kind` around now.
    pub fn sums(&self, kind: &str) -> (i64, i64, i64) {
        let current = key(kind, self.now, self.zone);
        let calls = self.calls.iter().filter(|call| key(kind, call.at, self.zone) == current);
        calls.fold((0, 0, 0), |(n, tokens, cost), call| (n + 1, tokens + call.tokens, cost + call.cost))
    }
}
