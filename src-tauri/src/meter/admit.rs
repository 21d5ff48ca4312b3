//! Admitting: a call that is passed on is held before its first byte goes, and settled when it is over, however it ends.
//!
//! Its hold goes to the journal, not through the committer, so that no call waits for a disk; nor does anyone wait for its
//! entry. Dropping a [`Held`] settles it as far as is known, so that nothing stays held and nothing spent is forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::check::{Obtained, Ttl};
use super::committer::Request;
use super::draft::Draft;
use super::record::{self, CALL_ID_BYTES_MAX, RecordRequest, Reported};
use super::settling::Settled;
use super::verdict::{CheckRequest, Verdict};
use super::{Meter, MeterError};
use crate::domain::budget::is_version;
use crate::domain::entry::{Entry, Source, UsageSource};
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::usage::Usage;
use crate::ledger::{self, Passing, Reservation, Slot};
use crate::providers::Part;

/// How long a call that is passed on is held at the most. What is not over by then is settled when it is.
const HELD_AT_MOST: TimeDelta = TimeDelta::hours(24);

/// What an entry tells of a call beside what a check is asked.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub session: Option<String>,
    pub operation: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// Whether a call may be passed on.
pub enum Admission {
    Held(Held),
    Denied(Verdict),
}

/// What a call has spent, as far as is known.
#[derive(Debug)]
pub enum Spent {
    Reported(Reported),
    /// Reported along the way, and not the last word.
    Provisional(Reported),
    /// Nobody said; so many tokens of output were seen.
    Unreported {
        output_tokens: u64,
    },
    /// Nobody said, and it may have gone on unseen: all that it was held for.
    AtMost,
    /// Nothing: the provider refused it, or never had it.
    Nothing,
}

/// How a call has ended.
#[derive(Debug)]
pub struct Settlement {
    pub spent: Spent,
    /// The model that answered, where the answer says.
    pub model: Option<String>,
    /// The tier that served it, where the answer says.
    pub service_tier: Option<String>,
    pub ok: bool,
    /// The provider's HTTP status, where one came.
    pub status: Option<u16>,
    pub error: Option<String>,
}

/// A call that is being passed on.
pub struct Held {
    meter: Arc<Meter>,
    passing: Passing,
    /// See [`CheckRequest::beside`].
    beside: Option<Part>,
    /// See [`CheckRequest::audio`].
    audio: bool,
    /// None where the ledger could not be written and no budget minded.
    slot: Option<Slot>,
    sent: bool,
    /// Its answer has gone to the client, and what it has spent is being counted.
    over: bool,
    settled: bool,
}

impl Meter {
    /// Holds a call that is to be passed on, if it may go. A call that only budgets deny that ask waits for its user.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] for a provider that nobody knows a price for, [`MeterError::Conflict`] for a call that is
    /// held or written down already.
    pub async fn admit(self: &Arc<Self>, request: &CheckRequest<'_>, about: About) -> Result<Admission, MeterError> {
        if let Some(call_id) = &request.call_id {
            let free = self.free_id(call_id).await?;
            if free != *call_id {
                let request = CheckRequest { call_id: Some(free.into()), ..request.clone() };
                return Box::pin(self.admit(&request, about)).await;
            }
        }
        let (verdict, hold, leave) = match self.obtain(request, Ttl { time: HELD_AT_MOST, dated: true }).await? {
            Obtained::Held { again: true, hold, .. } => {
                return Err(MeterError::Conflict(format!("call_id {:?} is held already", hold.call_id)));
            }
            Obtained::Held { verdict, hold, leave, .. } => (verdict, hold, leave),
            Obtained::Denied(verdict) => return Ok(Admission::Denied(verdict)),
        };
        let About { session, operation, tags } = about;
        let service_tier = request.service_tier.as_deref().map(str::to_owned);
        let units = request.units.clone();
        let passing = Passing { hold: Arc::clone(&hold), service_tier, session, operation, tags, units };
        let slot = match self.shared.journal.hold(&passing) {
            Ok(slot) => Some(slot),
            Err(e) => {
                tracing::error!("a hold cannot be written down: {e}");
                let verdict = self.decide_unwritten(request, verdict.ceiling, leave);
                if verdict.denial.is_some() {
                    self.shared.state().let_go(&hold.call_id);
                    return Ok(Admission::Denied(verdict));
                }
                None
            }
        };
        self.shared.announce_status();
        let (meter, beside) = (Arc::clone(self), request.beside.clone());
        // Where it is counted in other units, these are its sound.
        let audio = request.audio && request.units.is_empty();
        Ok(Admission::Held(Held { meter, passing, beside, audio, slot, sent: false, over: false, settled: false }))
    }

    /// The id under which a call goes that its client names so: another one where a try under it was denied or failed.
    async fn free_id(&self, call_id: &str) -> Result<String, MeterError> {
        let mut free = call_id.to_owned();
        for try_ in 2..=TRIES_MAX {
            let asked = free.clone();
            let found =
                self.read(move |conn| Ok((ledger::entry(conn, &asked)?, ledger::is_gone(conn, &asked)?))).await?;
            match found.0 {
                None if found.1 => break,
                None => return Ok(free),
                Some(entry) if came_to_nothing(&entry) => free = another_try(call_id, try_),
                Some(_) => break,
            }
        }
        Err(MeterError::Conflict(format!("call_id {call_id:?} has been written down already")))
    }

    /// Writes down, in its own time, a call that counts nowhere: one that was denied, or an answer fetched again.
    ///
    /// # Errors
    /// As [`Meter::record`], for what cannot be true.
    pub fn note(&self, request: RecordRequest) -> Result<(), MeterError> {
        let mut draft = self.draft(request)?;
        Arc::make_mut(&mut draft.entry).counted = false;
        self.settle_later(Settled { draft, slot: None, held: false });
        Ok(())
    }

    /// Writes a call down in its own time that was not held, since nobody knew before that it would spend.
    ///
    /// # Errors
    /// As [`Meter::record`], for what cannot be true.
    pub fn record_later(&self, request: RecordRequest) -> Result<(), MeterError> {
        let draft = self.draft(request)?;
        self.settle_later(Settled { draft, slot: None, held: false });
        Ok(())
    }

    fn settle_later(&self, settled: Settled) {
        if self.shared.settling.add(settled) {
            // A committer that is gone leaves the hold in the journal, and the next start settles it.
            let _ = self.requests.send(Request::Gather);
        }
    }

    /// Empties the journal when nothing in it is still under way.
    pub(super) fn forget_settled(&self) {
        if self.shared.settling.take().is_empty() && self.shared.state().holds.len() == 0 {
            self.shared.journal.forget();
        }
    }

    /// Settles, at their ceilings, calls that an earlier run has left under way.
    pub(super) fn settle_interrupted(&self, left: Vec<(Slot, Passing)>) {
        for (slot, passing) in left {
            let Passing { hold, .. } = &passing;
            let usage = at_most(&passing, hold.ceiling_output_tokens);
            let error = "interrupted: Spendlight ended while the call was under way";
            let request = RecordRequest {
                reported: Reported::usage(usage),
                usage_source: UsageSource::Estimated,
                ok: false,
                error: Some(error.to_owned()),
                ..asked(&passing)
            };
            let draft = draft(request, hold, hold.ceiling, hold.priced);
            self.settle_later(Settled { draft, slot: Some(slot), held: true });
        }
    }
}

/// How often a client may try a call under one id.
pub(super) const TRIES_MAX: usize = 1_000;

/// Whether an entry is of a try that was denied or has failed, so that another one may follow under its id.
pub(super) fn came_to_nothing(entry: &Entry) -> bool {
    !entry.ok && entry.cost == Nusd::ZERO
}

/// The id of a further try. An id can be so long that this needs a part of it.
pub(super) fn another_try(call_id: &str, number: usize) -> String {
    let most = call_id.len().min(CALL_ID_BYTES_MAX - 6);
    let end = (0..=most).rev().find(|at| call_id.is_char_boundary(*at)).unwrap_or(0);
    format!("{}~{number}", &call_id[..end])
}

impl Held {
    pub fn provider(&self) -> &str {
        &self.passing.hold.provider
    }

    pub fn call_id(&self) -> &str {
        &self.passing.hold.call_id
    }

    /// From here on the provider may charge for the call.
    pub fn goes(&mut self) {
        self.sent = true;
    }

    /// The answer has gone to the client, who may ask for the next call before this one is settled.
    pub fn is_over(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            self.meter.shared.counting.begin();
        }
    }

    /// The answer that has gone to the client was not the call's last word.
    pub fn goes_on(&mut self) {
        if std::mem::take(&mut self.over) {
            self.meter.shared.counting.end();
        }
    }

    /// Writes the call down with what it has spent, and lets its ceiling go.
    pub fn settle(mut self, settlement: Settlement) {
        self.settled = true;
        self.write(settlement);
    }

    fn write(&self, settlement: Settlement) {
        let Settlement { spent, model, service_tier, ok, status, error } = settlement;
        let hold = &self.passing.hold;
        let known = match spent {
            Spent::Nothing => Some(Nusd::ZERO),
            Spent::AtMost => Some(hold.ceiling),
            _ => None,
        };
        let (reported, usage_source) = match spent {
            Spent::Reported(reported) => (reported, UsageSource::Reported),
            Spent::Provisional(reported) => (reported, UsageSource::Estimated),
            Spent::Unreported { output_tokens } => {
                (self.at_most(self.likely_output(output_tokens)), UsageSource::Estimated)
            }
            Spent::AtMost => (self.at_most(hold.ceiling_output_tokens), UsageSource::Estimated),
            Spent::Nothing => (Reported::default(), UsageSource::Reported),
        };
        let base = asked(&self.passing);
        let mut request = RecordRequest {
            model: model.unwrap_or_else(|| hold.model.clone()),
            service_tier: service_tier.or_else(|| base.service_tier.clone()),
            reported,
            usage_source,
            latency_ms: u64::try_from((self.meter.now() - hold.at).num_milliseconds()).ok(),
            ok,
            status,
            error,
            ..base
        };
        let (cost, priced) = match known {
            Some(cost) => (cost, hold.priced),
            None => self.price(&mut request),
        };
        // The budgets that have let it go are those of the model that was asked for: they must count it, too.
        if !is_version(&hold.model, &request.model) {
            request.model.clone_from(&hold.model);
        }
        let draft = draft(request, hold, cost, priced);
        self.meter.shared.state().hold_instead(spent_of(&draft.entry, hold));
        if self.over {
            self.meter.shared.counting.end();
        }
        self.meter.settle_later(Settled { draft, slot: self.slot, held: true });
    }

    /// What a call has used that nobody reports, but for its output: at most sound, where sound is in it, and with what
    /// another model may have used within it.
    fn at_most(&self, output_tokens: u64) -> Reported {
        let mut usage = at_most(&self.passing, output_tokens);
        if self.audio {
            let sound = [("input_audio_tokens", usage.input_tokens), ("output_audio_tokens", usage.output_tokens)];
            usage.details.extend(sound.map(|(class, count)| (class.to_owned(), count)));
        }
        let parts = match &self.beside {
            Some(beside) => vec![Part { model: None, usage: usage.clone() }, beside.clone()],
            None => Vec::new(),
        };
        Reported { usage, parts, cost_usd: None }
    }

    /// What the call did cost. Where its model is priced by what the answer does not report, by what was asked for.
    fn price(&self, request: &mut RecordRequest) -> (Nusd, Priced) {
        let known = self.price_as_told(request);
        let details = &request.reported.usage.details;
        let untold = self.passing.units.keys().all(|unit| !details.contains_key(unit));
        if known.1 != Priced::Unknown || !untold || self.passing.units.is_empty() {
            return known;
        }
        let mut measured = request.clone();
        measured.reported.usage.details.extend(self.passing.units.clone());
        measured.usage_source = UsageSource::Estimated;
        let (cost, priced) = self.price_as_told(&mut measured);
        if priced == Priced::Unknown {
            return known;
        }
        *request = measured;
        (cost, priced)
    }

    /// The cost of the usage as it is, under the name by which its price is known: the answer's for the model, else the
    /// request's.
    fn price_as_told(&self, request: &mut RecordRequest) -> (Nusd, Priced) {
        let hold = &self.passing.hold;
        let by_answer = self.meter.cost(request, hold.at);
        if request.model != hold.model && !by_answer.as_ref().is_ok_and(|(_, priced)| *priced != Priced::Unknown) {
            let answered = std::mem::replace(&mut request.model, hold.model.clone());
            match self.meter.cost(request, hold.at) {
                Ok((cost, priced)) if priced != Priced::Unknown => return (cost, priced),
                _ => request.model = answered,
            }
        }
        by_answer.unwrap_or_else(|e| {
            // Its price was known when it was held, and is not any more.
            tracing::warn!("a call is settled at its ceiling: {e}");
            let usage = at_most(&self.passing, hold.ceiling_output_tokens);
            request.reported = Reported::usage(usage);
            request.usage_source = UsageSource::Estimated;
            (hold.ceiling, hold.priced)
        })
    }

    /// Output tokens of a call that nobody reports: what was seen; if nothing was, what is usual, within its ceiling.
    fn likely_output(&self, seen: u64) -> u64 {
        let hold = &self.passing.hold;
        match seen {
            0 => hold.ceiling_output_tokens.min(self.meter.typical_output(&hold.provider, &hold.model)),
            seen => seen,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let (spent, error) = match self.sent {
            true => (Spent::Unreported { output_tokens: 0 }, "abandoned: the client left before the answer"),
            false => (Spent::Nothing, "abandoned: the client left before the call was passed on"),
        };
        let error = Some(error.to_owned());
        self.write(Settlement { spent, model: None, service_tier: None, ok: false, status: None, error });
    }
}

/// The usage of a call that nobody reports, but for its output.
fn at_most(passing: &Passing, output_tokens: u64) -> Usage {
    let Passing { hold, units, .. } = passing;
    Usage { details: units.clone(), ..Usage::plain(hold.ceiling_input_tokens, output_tokens) }
}

/// What is known of a call by its request.
fn asked(passing: &Passing) -> RecordRequest {
    let Passing { hold, service_tier, session, operation, tags, .. } = passing;
    RecordRequest {
        call_id: Some(hold.call_id.clone()),
        provider: hold.provider.clone(),
        model: hold.model.clone(),
        reported: Reported::default(),
        usage_source: UsageSource::Reported,
        cost: None,
        at: Some(hold.at),
        latency_ms: None,
        ok: true,
        status: None,
        error: None,
        service_tier: service_tier.clone(),
        batch: false,
        project: hold.project.clone(),
        session: session.clone(),
        user: hold.user.clone(),
        operation: operation.clone(),
        key: hold.key.clone(),
        tags: tags.clone(),
        source: Source::Proxy,
    }
}

/// What a call that is over holds until its entry is on the disk: what it has spent, so that whoever asks next is decided
/// on by that and not by its ceiling.
fn spent_of(entry: &Entry, hold: &Reservation) -> Arc<Reservation> {
    Arc::new(Reservation {
        model: entry.model.clone(),
        ceiling: entry.cost,
        ceiling_input_tokens: entry.usage.input_tokens,
        ceiling_output_tokens: entry.usage.output_tokens,
        ..hold.clone()
    })
}

fn draft(request: RecordRequest, hold: &Reservation, cost: Nusd, priced: Priced) -> Draft {
    let entry = record::entry(request, hold.call_id.clone(), hold.at, cost, priced);
    Draft { entry: Arc::new(entry), names_time: true, names_cost: true }
}
