//! The committer: the one thread that writes. It commits everything that is waiting as one transaction, and answers only
//! after the commit, so that many callers share one wait for the disk and none is told of what is not on it.
//!
//! It works on a copy of the tallies; when the transaction is committed the copy becomes what everyone sees, and when it
//! is not, nothing has happened.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::admit::{TRIES_MAX, another_try, came_to_nothing};
use super::draft::{Draft, Recorded, alike};
use super::outcome::Outcome;
use super::settling::Settled;
use super::tallies::Tallies;
use super::{Change, MeterError, Shared, alerts};
use crate::domain::alert::{Alert, FORECAST};
use crate::domain::entry::Entry;
use crate::ledger::{self, Inserted, Reservation, Resolution, Writer};

/// How many requests are committed together at the most.
const BATCH_MAX: usize = 512;

/// How many calls that nobody waits for are written before whoever has something to do goes first. Each time costs as much as
/// half a call.
const YIELD_EACH: usize = 4;

/// How long calls that nobody waits for are gathered: they share one wait for the disk, and one wakening.
const GATHER: Duration = Duration::from_millis(50);

pub type Reply<T> = oneshot::Sender<Result<T, MeterError>>;

/// Work on the ledger and the tallies that is neither a record nor a reservation.
pub type Edit = Box<dyn FnOnce(&mut Writer, &mut Tallies, DateTime<Utc>) -> Result<(), MeterError> + Send>;

/// A request to the committer.
pub enum Request {
    Record(Box<Draft>, Reply<Recorded>),
    RecordAll(Vec<Draft>, Reply<Vec<Result<Recorded, MeterError>>>),
    Reserve(Arc<Reservation>, Reply<()>),
    /// Calls that nobody waits for have begun to gather in `settling`.
    Gather,
    /// One of them.
    Settle(Settled),
    Release(String, Reply<()>),
    Lapse(Vec<String>),
    Edit(Edit, Reply<()>),
    /// To be told when everything that was asked before has been committed.
    Wait(Reply<()>),
    /// Everything that was asked before is to be committed, and nothing after it.
    Stop,
}

/// One transaction in the making.
struct Batch<'a> {
    writer: &'a mut Writer,
    draft: &'a mut Tallies,
    shared: &'a Shared,
    now: DateTime<Utc>,
    /// Calls whose reservations end with this transaction.
    resolved: Vec<String>,
    alerts: Vec<Alert>,
    edited: bool,
}

/// Serves requests until it is told to stop.
pub fn run(mut writer: Writer, shared: &Shared, requests: &Receiver<Request>) {
    let mut draft = shared.state().tallies.clone();
    let mut waiting = Vec::with_capacity(BATCH_MAX);
    while let Ok(first) = requests.recv() {
        waiting.push(first);
        waiting.extend(requests.try_iter().take(BATCH_MAX - 1));
        gather(&mut waiting, requests);
        waiting.retain(|request| !matches!(request, Request::Gather));
        let stop = waiting.iter().position(|request| matches!(request, Request::Stop));
        if let Some(stop) = stop {
            waiting.truncate(stop);
        }
        waiting.extend(shared.settling.take().into_iter().map(Request::Settle));
        if !waiting.is_empty() {
            commit(&mut writer, shared, &mut draft, &mut waiting);
        }
        if stop.is_some() {
            return;
        }
    }
}

/// Lets calls that nobody waits for come together for a moment, unless somebody waits for something else.
fn gather(waiting: &mut Vec<Request>, requests: &Receiver<Request>) {
    if waiting.iter().all(|request| matches!(request, Request::Gather)) {
        waiting.extend(requests.recv_timeout(GATHER).ok());
    }
}

fn commit(writer: &mut Writer, shared: &Shared, draft: &mut Tallies, waiting: &mut Vec<Request>) {
    let now = shared.clock.now();
    draft.roll(now);
    let durable =
        waiting.iter().any(|request| !matches!(request, Request::Reserve(..) | Request::Lapse(..) | Request::Wait(..)));
    if let Err(e) = writer.begin(durable) {
        return fail(writer, shared, draft, waiting.drain(..).map(Outcome::refused).collect(), &e);
    }
    let mut batch = Batch { writer, draft, shared, now, resolved: Vec::new(), alerts: Vec::new(), edited: false };
    let mut outcomes = Vec::with_capacity(waiting.len());
    let mut broken = None;
    for request in waiting.drain(..) {
        if broken.is_some() {
            outcomes.push(Outcome::refused(request));
            continue;
        }
        let nobody_waits = matches!(request, Request::Settle(_));
        let (outcome, error) = batch.serve(request);
        outcomes.push(outcome);
        if nobody_waits && outcomes.len() % YIELD_EACH == 0 {
            std::thread::yield_now();
        }
        broken = error;
    }
    let Batch { resolved, alerts, edited, .. } = batch;
    let committed = match broken {
        Some(e) => Err(e),
        None => writer.commit(),
    };
    match committed {
        Ok(()) => {
            // Only a commit that waited for the disk tells that the disk does its work.
            if durable {
                shared.broken.store(None);
            }
            publish(shared, draft, outcomes, &resolved, alerts, edited, now);
        }
        Err(e) => fail(writer, shared, draft, outcomes, &e),
    }
}

/// Makes a committed batch what everyone sees, then answers.
fn publish(
    shared: &Shared,
    draft: &Tallies,
    mut outcomes: Vec<Outcome>,
    resolved: &[String],
    mut alerts: Vec<Alert>,
    edited: bool,
    now: DateTime<Utc>,
) {
    let seen = draft.clone();
    // What is let go is thrown away once others may go on.
    let mut gone = Vec::with_capacity(resolved.len());
    {
        let mut state = shared.state();
        // What is held weighs on windows: those of another time, or of other budgets, are weighed anew.
        let rolled = state.tallies.next_roll() <= now;
        state.tallies = seen;
        state.tallies.roll(now);
        if edited || rolled {
            state.reweigh();
        }
        gone.extend(resolved.iter().filter_map(|call_id| state.let_go(call_id)));
        for outcome in &mut outcomes {
            match outcome {
                Outcome::Record(Ok(recorded), _) => recorded.standings = state.standings_of(&recorded.entry, now),
                Outcome::Reserved(reservation, Err(_), _) => {
                    state.let_go(&reservation.call_id);
                }
                _ => {}
            }
        }
        if edited {
            state.turn_questions(shared, now);
        }
        for alert in &mut alerts {
            state.denials.count_denied_since(alert);
        }
    }
    for outcome in &outcomes {
        if let Outcome::Settled(Settled { slot: Some(slot), .. }, _) = outcome {
            shared.journal.free(*slot);
        }
    }
    let entries: Arc<[Arc<Entry>]> = outcomes.iter().flat_map(Outcome::entries).cloned().collect();
    shared.outputs().learn(&entries);
    tell(shared, outcomes);
    if !entries.is_empty() {
        shared.announce(Change::Entries(entries));
    }
    if !alerts.is_empty() {
        shared.alert_bell.notify_one();
    }
    for alert in alerts {
        shared.announce(Change::Alert(Arc::new(alert)));
    }
    shared.announce_status();
}

/// Tells everyone who waits what became of it. Waking many callers one by one from here costs more than committing what they
/// asked for, so one task of theirs does it, and the next transaction begins meanwhile. What nobody waits for is thrown away
/// here, where nobody waits.
fn tell(shared: &Shared, mut outcomes: Vec<Outcome>) {
    outcomes.retain(Outcome::is_awaited);
    match &shared.runtime {
        Some(runtime) if outcomes.len() > 1 => {
            runtime.spawn(async { outcomes.into_iter().for_each(Outcome::tell) });
        }
        _ => outcomes.into_iter().for_each(Outcome::tell),
    }
}

/// Undoes a batch that the ledger did not take, and tells everyone.
fn fail(writer: &mut Writer, shared: &Shared, draft: &mut Tallies, outcomes: Vec<Outcome>, e: &ledger::LedgerError) {
    writer.rollback();
    tracing::error!("the ledger cannot be written: {e}");
    let error = MeterError::Unwritable(e.to_string());
    {
        let mut state = shared.state();
        *draft = state.tallies.clone();
        for outcome in &outcomes {
            if let Outcome::Reserved(reservation, ..) = outcome {
                state.let_go(&reservation.call_id);
            }
        }
    }
    shared.broken.store(Some(Arc::new(e.cause())));
    // What has been passed on has been spent: it is tried again with whatever comes next.
    shared.settling.put_back(outcomes.into_iter().filter_map(|outcome| outcome.fail(&error)).collect());
    shared.announce_status();
}

impl Batch<'_> {
    /// Serves one request. An error in the second place means that the whole transaction is lost.
    fn serve(&mut self, request: Request) -> (Outcome, Option<ledger::LedgerError>) {
        match request {
            Request::Record(draft, reply) => {
                let (result, lost) = split(self.record(&draft));
                (Outcome::Record(result, reply), lost)
            }
            Request::RecordAll(drafts, reply) => {
                let mut results = Vec::with_capacity(drafts.len());
                for draft in drafts {
                    let (result, lost) = split(self.record(&draft));
                    results.push(result);
                    if lost.is_some() {
                        return (Outcome::RecordAll(results, reply), lost);
                    }
                }
                (Outcome::RecordAll(results, reply), None)
            }
            Request::Settle(mut settled) => {
                let (result, lost) = split(self.settle(&mut settled));
                if let Err(e) = &result {
                    tracing::warn!("a call that was passed on is not written down: {e}");
                }
                (Outcome::Settled(settled, result.is_ok_and(|recorded| !recorded.replayed)), lost)
            }
            Request::Reserve(reservation, reply) => {
                let (result, lost) = split(self.reserve(&reservation));
                (Outcome::Reserved(reservation, result, reply), lost)
            }
            Request::Release(call_id, reply) => {
                let (result, lost) = split(self.release(call_id));
                (Outcome::Done(result, reply), lost)
            }
            Request::Gather | Request::Stop => (Outcome::Nothing, None),
            Request::Wait(reply) => (Outcome::Done(Ok(()), reply), None),
            Request::Lapse(calls) => {
                let lapsed = calls
                    .iter()
                    .try_for_each(|id| self.writer.resolve_reservation(id, Resolution::Lapsed, self.now).map(|_| ()));
                (Outcome::Nothing, lapsed.err())
            }
            Request::Edit(edit, reply) => {
                self.edited = true;
                let flushed = self.writer.flush().map_err(MeterError::from);
                let (result, lost) = split(flushed.and_then(|()| edit(self.writer, self.draft, self.now)));
                (Outcome::Done(result, reply), lost)
            }
        }
    }

    fn record(&mut self, draft: &Draft) -> Result<Recorded, MeterError> {
        let recorded = self.write(draft)?;
        let call_id = &draft.entry.call_id;
        if !recorded.replayed && self.shared.state().holds(call_id) {
            self.writer.resolve_reservation(call_id, Resolution::Settled, self.now)?;
            self.resolved.push(call_id.clone());
        }
        Ok(recorded)
    }

    /// Writes a call down that was passed on, and ends its hold whatever becomes of it: a conflict means that somebody
    /// else has recorded it. Where a try under its id was denied meanwhile, it is written down as a further one.
    fn settle(&mut self, Settled { draft, held, .. }: &mut Settled) -> Result<Recorded, MeterError> {
        let call_id = draft.entry.call_id.clone();
        if *held {
            self.resolved.push(call_id.clone());
        }
        let mut written = self.write(draft);
        for number in 2..=TRIES_MAX {
            if !matches!(written, Err(MeterError::Conflict(_)))
                || !self.writer.call(&draft.entry.call_id)?.is_some_and(|stored| came_to_nothing(&stored))
            {
                break;
            }
            Arc::make_mut(&mut draft.entry).call_id = another_try(&call_id, number);
            written = self.write(draft);
        }
        written
    }

    fn write(&mut self, draft: &Draft) -> Result<Recorded, MeterError> {
        let entry = &draft.entry;
        if !self.draft.can_hold(entry) {
            return Err(MeterError::invalid("cost_usd", "would make the ledger's total larger than it can hold"));
        }
        match self.writer.insert_entry(entry, self.now)? {
            Inserted::New => {}
            Inserted::Already(stored) if alike(&stored, draft) => {
                return Ok(Recorded { entry: Arc::from(stored), replayed: true, standings: Vec::new() });
            }
            Inserted::Already(stored) => {
                return Err(MeterError::Conflict(format!(
                    "call_id {:?} has been recorded differently",
                    stored.call_id
                )));
            }
            Inserted::Gone => {
                return Err(MeterError::Conflict(format!(
                    "call_id {:?} was recorded long ago, and is counted; its entry is no longer kept",
                    entry.call_id
                )));
            }
        }
        if entry.counted {
            self.draft.count(entry);
            self.speak(entry)?;
        }
        Ok(Recorded { entry: Arc::clone(entry), replayed: false, standings: Vec::new() })
    }

    /// Writes down an alert for each budget that this entry took over a threshold, or that is now going to be full early.
    fn speak(&mut self, entry: &Entry) -> Result<(), MeterError> {
        let call = entry.attribution();
        let now = self.now;
        let settings = Arc::clone(&self.draft.settings);
        for tally in self.draft.budgets.iter_mut().filter(|tally| tally.counts(&call)) {
            if !tally.used.window.contains(entry.at) {
                continue;
            }
            let foretold = || (settings.notifications.forecast && tally.to_foretell(now)).then_some(FORECAST);
            let Some(threshold) = tally.to_say(now).or_else(foretold) else { continue };
            let mut alert = alerts::crossed(&tally.standing(0, now), threshold, &entry.call_id);
            alert.deliveries.push(alerts::first_delivery(&settings.notifications, &alert));
            tally.said.push((threshold, alert.limit));
            if let Some(id) = self.writer.insert_alert(&alert)? {
                alert.id = id;
                self.draft.alerts_new += 1;
                self.alerts.push(alert);
            }
        }
        Ok(())
    }

    fn reserve(&mut self, reservation: &Reservation) -> Result<(), MeterError> {
        if self.writer.insert_reservation(reservation)? {
            return Ok(());
        }
        let call_id = &reservation.call_id;
        let was = match self.writer.reservation_resolution(call_id)? {
            Some(Some(resolution)) => resolution,
            _ => "recorded".to_owned(),
        };
        Err(MeterError::Conflict(format!("call_id {call_id:?} has been {was} already: a new call needs a new one")))
    }

    fn release(&mut self, call_id: String) -> Result<(), MeterError> {
        if self.writer.resolve_reservation(&call_id, Resolution::Released, self.now)? {
            self.resolved.push(call_id);
            return Ok(());
        }
        match self.writer.reservation_resolution(&call_id)?.flatten().as_deref() {
            Some("settled") => Err(MeterError::Conflict(format!("call_id {call_id:?} has been recorded already"))),
            Some(_) => Ok(()),
            None => Err(MeterError::NotFound(format!("no reservation is held under call_id {call_id:?}"))),
        }
    }
}

/// Parts what went wrong with one request from what went wrong with the ledger, which loses the whole transaction.
fn split<T>(result: Result<T, MeterError>) -> (Result<T, MeterError>, Option<ledger::LedgerError>) {
    match result {
        Err(MeterError::Ledger(e)) => (Err(MeterError::Unwritable(e.to_string())), Some(e)),
        other => (other, None),
    }
}
