//! Outcomes: what each request of a transaction came to, kept until the transaction is committed or lost, and then told.

use std::sync::Arc;

use super::committer::{Reply, Request};
use super::draft::Recorded;
use super::{Change, MeterError, Shared};
use crate::ledger::Reservation;

/// What a request came to, to be told once it is committed.
pub enum Outcome {
    Record(Result<Recorded, MeterError>, Reply<Recorded>),
    RecordAll(Vec<Result<Recorded, MeterError>>, Reply<Vec<Result<Recorded, MeterError>>>),
    Done(Result<(), MeterError>, Reply<()>),
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
            Request::Lapse(_) | Request::Stop => Outcome::Nothing,
        }
    }

    /// Tells the caller, who may have left, and everyone who watches.
    pub fn announce(self, shared: &Shared) {
        let new_entry = |result: &Result<Recorded, MeterError>| match result {
            Ok(recorded) if !recorded.replayed => shared.announce(Change::Entry(Arc::clone(&recorded.entry))),
            _ => {}
        };
        match self {
            Outcome::Record(result, reply) => {
                new_entry(&result);
                let _ = reply.send(result);
            }
            Outcome::RecordAll(results, reply) => {
                results.iter().for_each(new_entry);
                let _ = reply.send(Ok(results));
            }
            Outcome::Done(result, reply) | Outcome::Reserved(_, result, reply) => {
                let _ = reply.send(result);
            }
            Outcome::Nothing => {}
        }
    }

    pub fn fail(self, error: &MeterError) {
        let unwritable = || MeterError::Unwritable(error.to_string());
        match self {
            Outcome::Record(_, reply) => drop(reply.send(Err(unwritable()))),
            Outcome::RecordAll(_, reply) => drop(reply.send(Err(unwritable()))),
            Outcome::Done(_, reply) | Outcome::Reserved(_, _, reply) => drop(reply.send(Err(unwritable()))),
            Outcome::Nothing => {}
        }
    }
}
