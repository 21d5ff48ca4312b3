//! The meter: the heart. It decides whether a call may go, holds its ceiling, writes down what it cost, and knows where
//! every budget stands.
//!
//! It owns the standings in memory, the clock and the ledger. A check reads memory only. What is written goes through
//! the [`committer`], one thread, and is acknowledged after its commit. Deliberately not here: HTTP, and what a
//! provider's bytes mean.

mod admit;
mod alerts;
mod ask;
mod backtest;
mod backups;
mod breakdown;
mod check;
mod committer;
mod data;
mod days;
mod denials;
mod draft;
mod edit;
mod explain;
mod holds;
mod keys;
mod open;
mod outcome;
mod outputs;
mod plot;
mod prices;
mod questions;
mod record;
mod report;
mod retention;
mod series;
mod settling;
mod tallies;
mod verdict;
mod windowed;

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rusqlite::Connection;
use tokio::sync::{Notify, broadcast, oneshot};

pub use admit::{About, Admission, Held, Settlement, Spent};
pub use ask::Answer;
pub use backtest::{BACKTEST_DAYS, Backtest};
pub use breakdown::Breakdown;
pub use data::LedgerFile;
pub use days::{Day, Days};
pub use draft::Recorded;
pub use edit::SettingsChange;
pub use keys::NewKey;
pub use open::{Opened, Opening};
pub use plot::{Plot, PlotBy, PlotColumn, PlotRange, PlotSeries};
pub use prices::{InUse, Offer, PriceStatus};
pub use questions::{Call, Question, QuestionState};
pub use record::{CALL_ID_BYTES_MAX, RecordRequest, Reported};
pub use report::{Snapshot, Summary};
pub use series::{COLUMNS_MAX, Column};
pub use verdict::{Ceiling, CheckRequest, Denial, Fits, PAUSED, Reason, Verdict};

use crate::clock::Clock;
use crate::domain::alert::Alert;
use crate::domain::entry::Entry;
use crate::domain::standing::Standing;
use crate::ledger::{Journal, LedgerError, Readers, Reservation, Writer};
use crate::pricing::{Override, Pricing};
use committer::Request;
use denials::Denials;
use holds::Holds;
use outputs::Outputs;
use questions::Questions;
use settling::{Counting, Settling};
use tallies::Tallies;

/// Why the meter did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum MeterError {
    /// A field that is wrong, and what is wrong with it.
    #[error("{field} {problem}")]
    Invalid { field: String, problem: String },
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    NotFound(String),
    /// The ledger did not take it; nothing has been written.
    #[error("{0}")]
    Unwritable(String),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The price feed could not be had, or was no price list.
    #[error("{0}")]
    Feed(String),
    /// A backup could not be made or taken.
    #[error("{0}")]
    Backup(String),
}

impl MeterError {
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> MeterError {
        MeterError::Invalid { field: field.into(), problem: problem.into() }
    }
}

/// What has just changed.
#[derive(Debug, Clone)]
pub enum Change {
    /// What one transaction has written down.
    Entries(Arc<[Arc<Entry>]>),
    Alert(Arc<Alert>),
    /// A question has begun, changed or ended.
    Question(Arc<Question>),
}

/// How many changes a slow watcher may be behind before it misses some.
const CHANGES_KEPT: usize = 1_024;

/// What a check needs, all of it.
struct State {
    tallies: Tallies,
    holds: Holds,
    questions: Questions,
    denials: Denials,
}

impl State {
    fn holds(&self, call_id: &str) -> bool {
        self.holds.is_held(call_id)
    }

    fn let_go(&mut self, call_id: &str) -> Option<Arc<Reservation>> {
        self.holds.let_go(call_id, &self.tallies.budgets)
    }

    /// Holds something else for a call that is held.
    fn hold_instead(&mut self, reservation: Arc<Reservation>) {
        let State { holds, tallies, .. } = self;
        if holds.is_held(&reservation.call_id) {
            holds.hold(reservation, &tallies.budgets);
        }
    }

    fn reweigh(&mut self) {
        self.holds.reweigh(&self.tallies.budgets);
    }

    /// The standings of the enabled budgets that count this entry.
    fn standings_of(&self, entry: &Entry, now: DateTime<Utc>) -> Vec<Standing> {
        let call = entry.attribution();
        self.standings(now, |tally| tally.counts(&call))
    }

    fn standings(&self, now: DateTime<Utc>, wanted: impl Fn(&tallies::Tally) -> bool) -> Vec<Standing> {
        let tallies = self.tallies.budgets.iter().enumerate().filter(|(_, tally)| wanted(tally));
        let standing = |(index, tally): (usize, &tallies::Tally)| {
            let standing = tally.standing(self.holds.reserved(index), now);
            Standing { denied: self.denials.by_budget(&standing), ..standing }
        };
        tallies.map(standing).collect()
    }
}

/// What the meter and its committer share.
struct Shared {
    clock: Clock,
    state: Mutex<State>,
    changes: broadcast::Sender<Change>,
    /// Rung when the standings may have changed; whoever shows them decides how often to look.
    bell: Notify,
    /// Rung when an alert waits to be delivered.
    alert_bell: Notify,
    /// Rung when a question has begun, changed or ended.
    question_bell: Notify,
    /// Rung when something that is done from time to time may be due now.
    upkeep_bell: Notify,
    /// Why the last write to the ledger failed, if it did.
    broken: ArcSwapOption<String>,
    /// What is held for calls that are being passed on.
    journal: Journal,
    /// Calls that were passed on and wait to be written down.
    settling: Settling,
    /// Calls that are over and not yet counted.
    counting: Counting,
    /// What models have been seen to produce.
    outputs: Mutex<Outputs>,
    /// Where those who ask are waiting, where it is known.
    runtime: Option<tokio::runtime::Handle>,
}

impl Shared {
    /// The state. Nothing that holds it can panic half-way, so a poisoned lock is as good as a sound one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outputs(&self) -> MutexGuard<'_, Outputs> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self, change: Change) {
        // Nobody watching is no error.
        let _ = self.changes.send(change);
    }

    fn announce_status(&self) {
        self.bell.notify_one();
    }
}

pub struct Meter {
    shared: Arc<Shared>,
    pricing: ArcSwap<Pricing>,
    price_status: ArcSwap<PriceStatus>,
    /// A price list that was downloaded and not taken yet.
    price_offer: ArcSwapOption<Offer>,
    /// Prices from the configuration file.
    configured_prices: Vec<Override>,
    readers: Arc<Readers>,
    requests: Sender<Request>,
    data_folder: std::path::PathBuf,
    jobs: data::Jobs,
}

impl Meter {
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    /// The user's zone.
    pub fn zone(&self) -> Tz {
        self.shared.state().tallies.zone
    }

    /// The zone of a budget's windows; the user's own for a budget that is gone.
    pub fn zone_of(&self, budget_id: &str) -> Tz {
        let tallies = &self.shared.state().tallies;
        let tally = tallies.budgets.iter().find(|tally| tally.budget.id == budget_id);
        tally.map_or(tallies.zone, |tally| tally.used.zone)
    }

    /// Everything that changes from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.shared.changes.subscribe()
    }

    /// Waits until the standings may have changed.
    pub async fn status_changed(&self) {
        self.shared.bell.notified().await;
    }

    /// Has the standings shown anew, since something beside them has changed that is shown with them.
    pub fn show_status(&self) {
        self.shared.announce_status();
    }

    /// Waits until an alert has been written down.
    pub async fn alert_written(&self) {
        self.shared.alert_bell.notified().await;
    }

    /// Waits until a question has begun, changed or ended.
    pub async fn question_changed(&self) {
        self.shared.question_bell.notified().await;
    }

    /// Waits until something that is done from time to time may be due.
    pub async fn upkeep_wanted(&self) {
        self.shared.upkeep_bell.notified().await;
    }

    /// An id for a call that brought none.
    pub fn new_call_id(&self) -> String {
        check::new_call_id(self.now())
    }

    pub fn is_writable(&self) -> bool {
        self.shared.broken.load().is_none()
    }

    /// Why the last write to the ledger failed, if it did.
    pub fn broken(&self) -> Option<Arc<String>> {
        self.shared.broken.load_full()
    }

    /// Lets reservations go whose deadline has passed, and moves on to windows that have begun.
    pub fn turn(&self) {
        let now = self.now();
        let changed = self.turn_state(&mut self.shared.state(), now);
        if changed {
            self.shared.announce_status();
        }
    }

    /// True when anything changed.
    fn turn_state(&self, state: &mut State, now: DateTime<Utc>) -> bool {
        let rolled = state.tallies.next_roll() <= now;
        if rolled {
            state.tallies.roll(now);
            state.reweigh();
        }
        let lapsed = state.holds.lapse(now, &state.tallies.budgets);
        let any = !lapsed.is_empty();
        if any {
            // The ledger learns of it in its own time: until it does, a restart would let them lapse again.
            let _ = self.requests.send(Request::Lapse(lapsed));
        }
        state.turn_questions(&self.shared, now);
        rolled || any
    }

    /// Asks the ledger whether it can be written again.
    pub async fn probe(&self) -> bool {
        self.edit(|writer, _, now| Ok(writer.put_probe(now)?)).await.is_ok()
    }

    /// Runs `read` on a reading connection, off the async threads.
    ///
    /// # Errors
    /// That the ledger could not be read.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, MeterError> {
        let readers = Arc::clone(&self.readers);
        match tokio::task::spawn_blocking(move || readers.with(read)).await {
            Ok(outcome) => Ok(outcome?),
            Err(e) => Err(MeterError::Unwritable(format!("a reader ended early: {e}"))),
        }
    }

    /// Waits until everything that was asked of the ledger before has been committed, or refused.
    ///
    /// # Errors
    /// That the ledger did not take it.
    pub async fn written(&self) -> Result<(), MeterError> {
        self.ask(Request::Wait).await
    }

    fn stop(&self) {
        self.write_denied_last();
        // If the committer is gone already, there is nothing to stop.
        let _ = self.requests.send(Request::Stop);
    }

    async fn edit(
        &self,
        edit: impl FnOnce(&mut Writer, &mut Tallies, DateTime<Utc>) -> Result<(), MeterError> + Send + 'static,
    ) -> Result<(), MeterError> {
        self.ask(|reply| Request::Edit(Box::new(edit), reply)).await
    }

    /// Hands a request to the committer and waits for its commit.
    async fn ask<T>(&self, request: impl FnOnce(committer::Reply<T>) -> Request) -> Result<T, MeterError> {
        let (reply, answer) = oneshot::channel();
        let gone = || MeterError::Unwritable("the ledger has been closed".to_owned());
        self.requests.send(request(reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// An open reservation's ceiling, for whoever settles it.
    pub fn reservation(&self, call_id: &str) -> Option<Arc<Reservation>> {
        self.shared.state().holds.get(call_id).cloned()
    }
}

#[cfg(test)]
mod tests;
