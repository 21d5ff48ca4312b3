//! Reports: where everything stands now, from memory; and the figures of a summary, from the rollups.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Meter, MeterError, Question};
use crate::domain::budget::Attribution;
use crate::domain::denied::Denied;
use crate::domain::money::Nusd;
use crate::domain::pace;
use crate::domain::quantity::Unit;
use crate::domain::standing::Standing;
use crate::domain::window::{Window, WindowKind};
use crate::ledger::Reservation;
use crate::ledger::usage::{self, RollupGrain, Totals};

/// How many calls in flight are named; all are counted.
const IN_FLIGHT_MAX: usize = 20;

/// Over how many days percentiles and peaks are taken.
const RECENT_DAYS: i64 = 30;

/// Where everything stands at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub now: DateTime<Utc>,
    pub zone: Tz,
    /// Of the enabled budgets, in their owner's order.
    pub standings: Vec<Standing>,
    pub today: Totals,
    pub month: Totals,
    pub calls_ever: i64,
    pub paused: bool,
    /// Since when, where that is known.
    pub paused_at: Option<DateTime<Utc>>,
    /// What has been denied since.
    pub paused_denied: Option<Denied>,
    /// Why the ledger cannot be written, if it cannot.
    pub broken: Option<Arc<String>>,
    pub alerts_new: i64,
    /// The newest calls in flight.
    pub in_flight: Vec<Arc<Reservation>>,
    pub in_flight_count: usize,
    /// What the user is asked, oldest first.
    pub questions: Vec<Question>,
}

/// The figures of a summary.
#[derive(Debug, Clone)]
pub struct Summary {
    pub today: Totals,
    pub yesterday: Totals,
    pub month: Totals,
    pub month_projection: Nusd,
    /// The monthly dollar limits of the blocking and warning budgets together, where there are any.
    pub month_limit: Option<Nusd>,
    pub last_week: Nusd,
    pub week_before: Nusd,
    pub peak_day: Option<(DateTime<Utc>, Nusd)>,
    pub peak_hour: Option<(DateTime<Utc>, Nusd)>,
    pub lifetime: Totals,
    pub since: Option<DateTime<Utc>>,
    /// Of the last 30 days.
    pub latency_p50_p95_ms: Option<[u64; 2]>,
}

impl Meter {
    pub fn snapshot(&self) -> Snapshot {
        let now = self.now();
        let mut state = self.shared.state();
        self.turn_state(&mut state, now);
        Snapshot {
            now,
            zone: state.tallies.zone,
            standings: state.standings(now, |tally| tally.budget.enabled),
            today: state.tallies.today.sum,
            month: state.tallies.month.sum,
            calls_ever: state.tallies.lifetime.calls,
            paused: state.tallies.settings.paused,
            paused_at: state.tallies.settings.paused_at,
            paused_denied: state.tallies.settings.pause().and_then(|pause| state.denials.by(&pause)),
            broken: self.broken(),
            alerts_new: state.tallies.alerts_new,
            in_flight: state.holds.newest(IN_FLIGHT_MAX),
            in_flight_count: state.holds.len(),
            questions: state.questions.open(),
        }
    }

    /// The standings of the enabled budgets that count a call.
    pub fn standings_of(&self, call: &Attribution<'_>) -> Vec<Standing> {
        let now = self.now();
        let mut state = self.shared.state();
        self.turn_state(&mut state, now);
        state.standings(now, |tally| tally.counts(call))
    }

    /// Whether a budget that blocks or asks counts this call: if one does, a price must be known.
    pub fn blocks(&self, call: &Attribution<'_>) -> bool {
        self.standings_of(call).iter().any(|standing| standing.budget.action.blocks())
    }

    /// The sums over every call there ever was.
    pub fn lifetime(&self) -> Totals {
        self.shared.state().tallies.lifetime
    }

    pub async fn summary(&self) -> Result<Summary, MeterError> {
        let Snapshot { now, zone, today, month, .. } = self.snapshot();
        let lifetime = self.lifetime();
        let month_limit = self.month_limit(now);
        let this_month = Window::holding(WindowKind::Month, now, zone);
        let month_projection = Nusd(pace::at_end(&this_month, now, month.cost.0));
        self.read(move |conn| {
            let day = |days_ago: i64| {
                let noon = Window::holding(WindowKind::Day, now, zone).start + TimeDelta::hours(12);
                Window::holding(WindowKind::Day, noon - TimeDelta::days(days_ago), zone)
            };
            let cost = |from: i64, to: i64| {
                usage::total(conn, RollupGrain::Day, day(from).start, day(to).end).map(|totals| totals.cost)
            };
            let (recent, tomorrow) = (day(RECENT_DAYS - 1).start, day(0).end);
            Ok(Summary {
                today,
                yesterday: usage::total(conn, RollupGrain::Day, day(1).start, day(1).end)?,
                month,
                month_projection,
                month_limit,
                last_week: cost(6, 0)?,
                week_before: cost(13, 7)?,
                peak_day: usage::peak(conn, RollupGrain::Day, recent, tomorrow)?,
                peak_hour: usage::peak(conn, RollupGrain::Hour, recent, tomorrow)?,
                lifetime,
                since: usage::since(conn)?,
                latency_p50_p95_ms: usage::latency_percentiles(conn, recent, tomorrow, [50, 95])?,
            })
        })
        .await
    }

    /// The sum of the enabled budgets' monthly dollar limits.
    pub fn month_limit(&self, now: DateTime<Utc>) -> Option<Nusd> {
        let budgets = self.budgets();
        let monthly = budgets
            .iter()
            .filter(|b| b.enabled && b.window == WindowKind::Month && b.unit == Unit::Usd)
            .map(|b| b.limit_at(now));
        monthly.fold(None, |sum: Option<i64>, limit| Some(sum.unwrap_or(0).saturating_add(limit))).map(Nusd)
    }
}
