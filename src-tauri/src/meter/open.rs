//! Opening: from a data folder to a meter that stands exactly where the ledger says.

use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::TimeDelta;
use tokio::sync::{Notify, broadcast};

use super::committer;
use super::data::Jobs;
use super::denials::Denials;
use super::holds::Holds;
use super::prices;
use super::questions::Questions;
use super::settling::{Counting, Settling};
use super::tallies::Tallies;
use super::{CHANGES_KEPT, Meter, Shared, State};
use crate::clock::{Clock, machine_zone};
use crate::domain::budget::first_budgets;
use crate::ledger::{self, Journal, Lease, LedgerError, Passing, Resolution, Settings, Slot, Writer, checkpoint};
use crate::pricing::{Override, Pricing};

/// Resolved reservations are remembered this long, so that a late release or record is answered rightly.
const RESOLVED_KEPT: TimeDelta = TimeDelta::days(7);

/// What a meter is opened with.
pub struct Opening {
    pub data_folder: PathBuf,
    pub clock: Clock,
    /// Prices from the configuration file; those set while running win over them.
    pub configured_prices: Vec<Override>,
}

/// An open meter, and the threads behind it.
pub struct Opened {
    pub meter: Arc<Meter>,
    committer: JoinHandle<()>,
    checkpoints: JoinHandle<()>,
    stop_checkpoints: Sender<()>,
}

impl Opened {
    /// Waits until everything asked of the meter is on disk; what is asked later is refused.
    pub fn close(self) {
        self.meter.stop();
        if self.committer.join().is_err() {
            tracing::error!("the committer ended early");
        }
        self.meter.forget_settled();
        drop(self.stop_checkpoints);
        if self.checkpoints.join().is_err() {
            tracing::error!("the checkpoints ended early");
        }
    }
}

impl Opening {
    /// Opens the ledger in the data folder, which the caller must own, and reads where everything stands.
    ///
    /// # Errors
    /// What [`ledger::open`] says, or that the ledger could not be read.
    pub fn open(self) -> Result<Opened, LedgerError> {
        // Decoding the price list takes as long as reading a large ledger: the two go side by side.
        let folder = self.data_folder.clone();
        let list = thread::spawn(move || prices::load(&folder));
        let path = self.data_folder.join(ledger::FILE);
        let taken_in = ledger::take_in(&self.data_folder);
        let not_restored = taken_in
            .as_ref()
            .err()
            .map(|e| format!("The backup could not be put in the ledger's place: {}.", e.cause()));
        if let Some(why) = &not_restored {
            tracing::error!("{why}");
        }
        let mut writer = ledger::open(&path)?;
        let abandoned = ledger::abandoned_runs(&self.data_folder);
        let Stand { tallies, mut holds, denials } =
            writer.transaction(|writer| stand(writer, &self.clock, &abandoned))?;
        abandoned.into_iter().for_each(Lease::end);
        let unusable = |e| LedgerError::Unreadable(format!("the journal of holds cannot be used: {e}"));
        let (journal, passing) = Journal::open(&self.data_folder).map_err(unusable)?;
        let left = left_under_way(&writer, &journal, passing)?;
        for (_, Passing { hold, .. }) in &left {
            holds.hold(Arc::clone(hold), &tallies.budgets);
        }
        let jobs = Jobs::new(writer.backups()?, not_restored);
        let overrides = prices::together(writer.price_overrides()?, &self.configured_prices);
        let (list, price_status) = list.join().unwrap_or_else(|_| prices::bundled());
        let readers = Arc::new(writer.readers());
        let (requests, waiting) = mpsc::channel();
        let shared = Arc::new(Shared {
            clock: self.clock,
            state: Mutex::new(State { tallies, holds, questions: Questions::default(), denials }),
            changes: broadcast::Sender::new(CHANGES_KEPT),
            bell: Notify::new(),
            alert_bell: Notify::new(),
            question_bell: Notify::new(),
            upkeep_bell: Notify::new(),
            broken: ArcSwapOption::empty(),
            journal,
            settling: Settling::default(),
            counting: Counting::default(),
            outputs: Mutex::default(),
            runtime: tokio::runtime::Handle::try_current().ok(),
        });
        let committer = {
            let shared = Arc::clone(&shared);
            spawn("committer", move || committer::run(writer, &shared, &waiting))?
        };
        let (stop_checkpoints, stop) = mpsc::channel();
        let checkpoints = spawn("checkpoints", move || checkpoint::run(&path, &stop))?;
        let meter = Arc::new(Meter {
            shared,
            pricing: ArcSwap::from_pointee(Pricing::new(list, overrides)),
            price_status: ArcSwap::from_pointee(price_status),
            price_offer: ArcSwapOption::empty(),
            configured_prices: self.configured_prices,
            readers,
            requests,
            data_folder: self.data_folder,
            jobs,
        });
        meter.settle_interrupted(left);
        Ok(Opened { meter, committer, checkpoints, stop_checkpoints })
    }
}

/// The calls in the journal that were not over when the last run ended: those without an entry.
fn left_under_way(
    writer: &Writer,
    journal: &Journal,
    passing: Vec<(Slot, Passing)>,
) -> Result<Vec<(Slot, Passing)>, LedgerError> {
    let mut left = Vec::new();
    for (slot, passing) in passing {
        if writer.has_entry(&passing.hold.call_id)? {
            journal.free(slot);
        } else {
            left.push((slot, passing));
        }
    }
    if left.is_empty() {
        journal.forget();
    }
    Ok(left)
}

/// Where everything stands when a meter is opened.
struct Stand {
    tallies: Tallies,
    holds: Holds,
    denials: Denials,
}

/// Reads where everything stands, and puts right what time has changed since the last start, and what runs left behind.
fn stand(writer: &mut Writer, clock: &Clock, abandoned: &[Lease]) -> Result<Stand, LedgerError> {
    let now = clock.now();
    let settings = match writer.settings()? {
        Some(settings) => settings,
        None => {
            let settings = Settings::default();
            writer.put_settings(&settings)?;
            first_budgets().iter().try_for_each(|budget| writer.put_budget(budget))?;
            settings
        }
    };
    let zone = settings.time_zone.unwrap_or_else(machine_zone);
    if zone != writer.rollup_zone() {
        writer.rebuild_rollups(zone)?;
    }
    for run in abandoned {
        writer.revoke_key(run.id(), now)?;
        writer.remove_budget(run.id())?;
    }
    writer.forget_resolved(now - RESOLVED_KEPT)?;
    writer.give_up_sending(now)?;
    writer.forget_denied(now, settings.pause().as_ref())?;
    let denials = Denials::new(writer.denied(now)?);
    let tallies = Tallies::read(writer, Arc::new(settings), zone, now)?;
    let mut holds = Holds::default();
    for reservation in writer.open_reservations()? {
        if reservation.deadline <= now {
            writer.resolve_reservation(&reservation.call_id, Resolution::Lapsed, now)?;
        } else {
            holds.hold(Arc::new(reservation), &tallies.budgets);
        }
    }
    Ok(Stand { tallies, holds, denials })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, LedgerError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|e| LedgerError::Unreadable(format!("the {name} thread could not be started: {e}")))
}
