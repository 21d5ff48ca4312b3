//! Outcomes: what each request of a transaction came to, kept until the transaction is committed or lost, and then told.

use std::sync::Arc;

use super::MeterError;
use super::committer::{Reply, Request};
use super::draft::Recorded;
use super::settling::Settled;
use crate::domain::entry::Entry;
use crate::ledger::Reservation;

/// What a request came to, to be told once it is committed.
pub enum Outcome {
    Record(Result<Recorded, MeterError>, Reply<Recorded>),
    RecordAll(Vec<Result<Recorded, MeterError>>, Reply<Vec<Result<Recorded, MeterError>>>),
    Done(Result<(), MeterError>, Reply<()>),
    /// A call that was passed on, its place in the journal, and whether it is new.
    Settled(Settled, bool),
    /// A reservation that was refused by the ledger must not stay held.
    Reserved(Arc<Reservation>, Result<(), MeterError>, Reply<()>),
    Nothing,
}

impl Outcome {
    /// The outcome of a request that was not served because the transaction was lost before.
    pub fn refused(request: Request) -> Outcome {
        let lost = || MeterError::Unwritable("the transaction was lost".to_owned());
        match request {
            Request::Record(_, reply) => Outcome::Record(Err(lost()), reply),
            Request::RecordAll(_, reply) => Outcome::RecordAll(Vec::new(), reply),
            Request::Reserve(reservation, reply) => Outcome::Reserved(reservation, Err(lost()), reply),
            Request::Release(_, reply) | Request::Edit(_, reply) | Request::Wait(reply) => {
                Outcome::Done(Err(lost()), reply)
            }
            Request::Settle(settled) => Outcome::Settled(settled, false),
            Request::Lapse(_) | Request::Gather | Request::Stop => Outcome::Nothing,
        }
    }

    /// The entries it has added to the ledger.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let settled = match self {
            Outcome::Settled(settled, true) => Some(&settled.draft.entry),
            _ => None,
        };
        let results = match self {
            Outcome::Record(result, _) => std::slice::from_ref(result),
            Outcome::RecordAll(results, _) => results.as_slice(),
            Outcome::Settled(..) | Outcome::Done(..) | Outcome::Reserved(..) | Outcome::Nothing => &[],
        };
        let recorded = results.iter().flatten().filter(|recorded| !recorded.replayed).map(|recorded| &recorded.entry);
        recorded.chain(settled)
    }

    /// Whether somebody waits to be told.
    pub fn is_awaited(&self) -> bool {
        !matches!(self, Outcome::Settled(..) | Outcome::Nothing)
    }

    /// Tells the caller, who may have left.
    pub fn tell(self) {
        match self {
            Outcome::Record(result, reply) => drop(reply.send(result)),
            Outcome::RecordAll(results, reply) => drop(reply.send(Ok(results))),
            Outcome::Done(result, reply) | Outcome::Reserved(_, result, reply) => drop(reply.send(result)),
            Outcome::Settled(..) | Outcome::Nothing => {}
        }
    }

    /// Tells the caller that the transaction was lost; what nobody waits for comes back to be tried again.
    pub fn fail(self, error: &MeterError) -> Option<Settled> {
        let unwritable = || MeterError::Unwritable(error.to_string());
        match self {
            Outcome::Record(_, reply) => drop(reply.send(Err(unwritable()))),
            Outcome::RecordAll(_, reply) => drop(reply.send(Err(unwritable()))),
            Outcome::Done(_, reply) | Outcome::Reserved(_, _, reply) => drop(reply.send(Err(unwritable()))),
            Outcome::Settled(settled, _) => return Some(settled),
            Outcome::Nothing => {}
        }
        None
    }
}
