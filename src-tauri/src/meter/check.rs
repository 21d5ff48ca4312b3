//! Check: may this call go? And reserve: hold its ceiling until it is resolved.
//!
//! A check reads memory alone. A reserve decides and holds under one lock, so that however many ask at once,
//! `used + reserved + this call <= limit - buffer` for every blocking budget; it is answered once the ledger has it. A call
//! that only budgets deny that ask waits for its user's answer first, and is then decided on anew.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use super::ask::{Leave, Waiting, add, asking};
use super::committer::Request;
use super::questions::Told;
use super::record::UNKNOWN_PROVIDER;
use super::verdict::{Ceiling, CheckRequest, Denial, Fits, PAUSED, Reason, Verdict};
use super::{Meter, MeterError, State};
use crate::domain::budget::Action;
use crate::domain::entry::NO_MODEL;
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::quantity::{LARGEST, Unit};
use crate::domain::standing::Standing;
use crate::domain::usage::Usage;
use crate::ledger::{Reservation, UnknownPrice};
use crate::pricing::{Ask, Pricing, Query};
use crate::providers::Part;

/// How far a reserve has come.
enum Step {
    /// It is held; the flag tells that it was before.
    Held(Verdict, Arc<Reservation>, bool),
    Denied(Verdict),
    /// It is denied unless the user says otherwise.
    Asked(Verdict, Waiting),
    /// It would be denied, and a call that is over still holds more than it has spent.
    Early,
}

/// For how long a ceiling is held, and of which windows.
#[derive(Debug, Clone, Copy)]
pub struct Ttl {
    pub time: TimeDelta,
    /// See [`Reservation::dated`].
    pub dated: bool,
}

/// What has become of a call that wants its ceiling held.
pub enum Obtained {
    /// It is held in memory, and is yet to be written down.
    Held {
        verdict: Verdict,
        hold: Arc<Reservation>,
        /// Whether it was held before.
        again: bool,
        /// Whether its user has let it past the budgets that ask.
        leave: bool,
    },
    Denied(Verdict),
}

impl Meter {
    /// Whether a call may go now.
    ///
    /// # Errors
    /// [`MeterError::Invalid`] for a provider that nobody knows a price for.
    pub async fn check(&self, request: &CheckRequest<'_>) -> Result<Verdict, MeterError> {
        let mut verdict = self.verdict(request)?;
        if verdict.denial.is_some() && self.shared.counting.is_under_way() {
            self.shared.counting.done().await;
            verdict = self.verdict(request)?;
        }
        self.count_denied(&verdict);
        Ok(verdict)
    }

    fn verdict(&self, request: &CheckRequest<'_>) -> Result<Verdict, MeterError> {
        let mut verdict = self.decide_now(request)?;
        if asking(&verdict).is_some() {
            add(&mut verdict, crate::words::only_when_reserved());
        }
        Ok(verdict)
    }

    fn decide_now(&self, request: &CheckRequest<'_>) -> Result<Verdict, MeterError> {
        let now = self.now();
        let ceiling = self.ceiling(request, now)?;
        let mut state = self.shared.state();
        self.turn_state(&mut state, now);
        Ok(self.decide(&state, request, ceiling, now, self.is_writable(), false))
    }

    /// Whether a call may go now; if it may, its ceiling is held for `ttl`, on disk. A call that only budgets deny that
    /// ask is answered when the user has answered, or has not in time. Dropping the future takes the question back.
    ///
    /// # Errors
    /// As [`Meter::check`]; and [`MeterError::Conflict`] for a call that has been recorded, released or has lapsed, or
    /// is held with another ceiling.
    pub async fn reserve(&self, request: &CheckRequest<'_>, ttl: TimeDelta) -> Result<Verdict, MeterError> {
        let (mut verdict, held, again, leave) = match self.obtain(request, Ttl { time: ttl, dated: false }).await? {
            Obtained::Held { verdict, hold, again, leave } => (verdict, hold, again, leave),
            Obtained::Denied(verdict) => return Ok(verdict),
        };
        // Whoever asks again may be early: the first one's commit is under way, and is waited for.
        let committed = match again {
            true => self.ask(Request::Wait).await,
            false => self.ask(|reply| Request::Reserve(Arc::clone(&held), reply)).await,
        };
        match committed {
            Ok(()) => {
                let now = self.now();
                let state = self.shared.state();
                if again && !state.holds(&held.call_id) {
                    let call_id = &held.call_id;
                    return Err(MeterError::Conflict(format!("call_id {call_id:?} is not held any more")));
                }
                verdict.standings = standings(&state, request, now);
                verdict.expires_at = Some(held.deadline);
                Ok(verdict)
            }
            // The ledger does not hold it, even if it can be written again by now: the budgets decide what that means.
            Err(MeterError::Unwritable(_)) => Ok(self.decide_unwritten(request, verdict.ceiling, leave)),
            Err(e) => Err(e),
        }
    }

    /// Whether a call may go that nothing is held for, since what it costs shows nowhere. Where only budgets deny it that
    /// ask, its user is asked.
    ///
    /// # Errors
    /// As [`Meter::check`].
    pub async fn has_room(&self, request: &CheckRequest<'_>) -> Result<Verdict, MeterError> {
        let ttl = Ttl { time: TimeDelta::minutes(1), dated: false };
        Ok(match self.obtain(request, ttl).await? {
            Obtained::Held { verdict, hold, again, .. } => {
                if !again {
                    self.shared.state().let_go(&hold.call_id);
                }
                verdict
            }
            Obtained::Denied(verdict) => verdict,
        })
    }

    /// Holds a call's ceiling in memory, once its user has answered where a budget asks. Dropping the future takes the
    /// question back.
    pub(super) async fn obtain(&self, request: &CheckRequest<'_>, ttl: Ttl) -> Result<Obtained, MeterError> {
        let mut leave = Leave::default();
        let mut early = true;
        let denied = loop {
            match self.hold(request, ttl, &mut leave, early)? {
                Step::Early => {
                    early = false;
                    self.shared.counting.done().await;
                }
                Step::Held(verdict, hold, again) => {
                    return Ok(Obtained::Held { verdict, hold, again, leave: leave.given });
                }
                Step::Denied(verdict) => break verdict,
                Step::Asked(mut verdict, waiting) => match waiting.told().await {
                    Told::Again => {}
                    Told::Allowed => leave.given = true,
                    Told::Denied => {
                        add(&mut verdict, crate::words::user_denied());
                        break verdict;
                    }
                    Told::Unanswered => {
                        // Its numbers are those of now, not of when it began to wait.
                        let now = self.decide_now(request)?;
                        if now.denial.is_some() {
                            verdict = Verdict { call_id: verdict.call_id, ..now };
                        }
                        add(&mut verdict, &crate::words::unanswered(leave.seconds()));
                        break verdict;
                    }
                },
            }
        };
        self.count_denied(&denied);
        Ok(Obtained::Denied(denied))
    }

    /// What the budgets say of a call whose hold could not be written down.
    pub(super) fn decide_unwritten(&self, request: &CheckRequest<'_>, ceiling: Ceiling, leave: bool) -> Verdict {
        let state = self.shared.state();
        self.decide(&state, request, ceiling, self.now(), false, leave)
    }

    /// Decides about a call and, under the same lock, holds it or lets it wait for its user. `early` where it may be asked
    /// again once everything that is over has been counted.
    fn hold(&self, request: &CheckRequest<'_>, ttl: Ttl, leave: &mut Leave, early: bool) -> Result<Step, MeterError> {
        let now = self.now();
        let ceiling = self.ceiling(request, now)?;
        let mut state = self.shared.state();
        self.turn_state(&mut state, now);
        let known = request.call_id.as_ref().and_then(|call_id| state.holds.get(call_id).cloned());
        if let Some(held) = known {
            return Ok(Step::Held(same_again(&state, request, &held, now)?, held, true));
        }
        let mut verdict = self.decide(&state, request, ceiling, now, self.is_writable(), leave.given);
        if verdict.denial.is_some() {
            if early && self.shared.counting.is_under_way() {
                return Ok(Step::Early);
            }
            return Ok(match self.ask_user(&mut state, request, &mut verdict, leave) {
                Some(waiting) => Step::Asked(verdict, waiting),
                None => Step::Denied(verdict),
            });
        }
        let reservation = Arc::new(reservation(&verdict, request, now, ttl));
        let State { holds, tallies, .. } = &mut *state;
        holds.hold(Arc::clone(&reservation), &tallies.budgets);
        Ok(Step::Held(verdict, reservation, false))
    }

    fn ceiling(&self, request: &CheckRequest<'_>, now: DateTime<Utc>) -> Result<Ceiling, MeterError> {
        let (input_tokens, output_tokens) = request.sizes();
        if let Some(cost) = request.cost {
            return Ok(Ceiling { input_tokens, output_tokens, cost, priced: Priced::Caller });
        }
        let pricing = self.pricing.load();
        let price = |input, output| price(&pricing, request, now, input, output);
        let (mut cost, priced) = price(input_tokens, output_tokens)?;
        if let (Some(all), None, None) = (request.estimated_tokens, request.input_tokens, request.max_output_tokens) {
            // Nobody said how it splits: the dearer side counts.
            cost = price(all, 0)?.0.max(price(0, all)?.0);
        }
        Ok(Ceiling { input_tokens, output_tokens, cost, priced })
    }

    fn decide(
        &self,
        state: &State,
        request: &CheckRequest<'_>,
        ceiling: Ceiling,
        now: DateTime<Utc>,
        writable: bool,
        leave: bool,
    ) -> Verdict {
        let standings = standings(state, request, now);
        let mut warnings = Vec::new();
        let mut denying: Option<&Standing> = None;
        for standing in &standings {
            let call = ceiling.quantity(standing.budget.unit);
            if standing.admits(call) {
                continue;
            }
            match standing.budget.action {
                Action::Warn => warnings.push(crate::words::warned(standing, call)),
                Action::Ask if leave => warnings.push(crate::words::allowed_once(standing, call)),
                _ if denying.is_none_or(|other| other.window.end < standing.window.end) => denying = Some(standing),
                Action::Block | Action::Ask => {}
            }
        }
        let denial = self.deny(state, request, &ceiling, &standings, denying, &mut warnings, now, writable);
        let call_id = match &request.call_id {
            Some(given) => given.clone().into_owned(),
            None => new_call_id(now),
        };
        Verdict { call_id, ceiling, standings, warnings, expires_at: None, denial }
    }

    /// Why the call may not go, if it may not: the first reason that holds.
    #[allow(clippy::too_many_arguments, reason = "everything a verdict rests on, in one place")]
    fn deny(
        &self,
        state: &State,
        request: &CheckRequest<'_>,
        ceiling: &Ceiling,
        standings: &[Standing],
        denying: Option<&Standing>,
        warnings: &mut Vec<String>,
        now: DateTime<Utc>,
        writable: bool,
    ) -> Option<Denial> {
        let blocks = |standing: &&Standing| standing.budget.action.blocks();
        let denial = |reason, binding: Option<&Standing>, sentence| {
            let fits = if reason == Reason::BudgetExceeded {
                self.fits(request, ceiling, standings, now)
            } else {
                Fits { max_output_tokens: Some(0), cost: Some(Nusd::ZERO) }
            };
            Some(Denial { reason, binding: binding.cloned(), fits, sentence })
        };
        if state.tallies.settings.paused {
            return denial(Reason::Paused, None, PAUSED.to_owned());
        }
        if !writable {
            let blocking = standings.iter().find(blocks);
            if blocking.is_some() {
                let sentence = "The ledger cannot be written, so blocking budgets deny every call.".to_owned();
                return denial(Reason::LedgerUnwritable, blocking, sentence);
            }
            warnings.push("The ledger cannot be written: what this call costs may not be counted.".to_owned());
        }
        if ceiling.priced == Priced::Unknown {
            let known = self.pricing.load().knows(&ask(request, now));
            let blocking = standings.iter().find(|s| blocks(s) && s.budget.unit == Unit::Usd);
            if let Some(blocking) = blocking
                && state.tallies.settings.unknown_price == UnknownPrice::Deny
                && !known
            {
                let sentence = crate::words::price_unknown(&request.provider, &request.model);
                return denial(Reason::PriceUnknown, Some(blocking), sentence);
            }
            warnings.push(crate::words::counted_high(&request.provider, &request.model, known));
        }
        let binding = denying?;
        let sentence = crate::words::denied(binding, ceiling.quantity(binding.budget.unit));
        denial(Reason::BudgetExceeded, Some(binding), sentence)
    }

    /// What would still go.
    fn fits(&self, request: &CheckRequest<'_>, ceiling: &Ceiling, standings: &[Standing], now: DateTime<Utc>) -> Fits {
        let blocking = || standings.iter().filter(|s| s.budget.action.blocks());
        let least = |unit| blocking().filter(|s| s.budget.unit == unit).map(Standing::fits).min();
        if least(Unit::Requests).is_some_and(|left| left < 1) {
            return Fits { max_output_tokens: Some(0), cost: Some(Nusd::ZERO) };
        }
        let (dollars, tokens) = (least(Unit::Usd), least(Unit::Tokens));
        let pricing = self.pricing.load();
        let n = request.n.max(1);
        let goes = |output: u64| {
            let output = output.saturating_mul(n);
            let all = i64::try_from(ceiling.input_tokens.saturating_add(output)).unwrap_or(i64::MAX);
            tokens.is_none_or(|left| all <= left)
                && dollars.is_none_or(|left| match request.cost {
                    Some(cost) => cost.0 <= left,
                    None => price(&pricing, request, now, ceiling.input_tokens, output)
                        .is_ok_and(|(cost, _)| cost.0 <= left),
                })
        };
        let max_output_tokens = (dollars.is_some() || tokens.is_some()).then(|| {
            let (mut fits, mut beyond) = (0, ceiling.output_tokens / n + 1);
            while beyond - fits > 1 {
                let middle = fits + (beyond - fits) / 2;
                if goes(middle) { fits = middle } else { beyond = middle }
            }
            fits
        });
        Fits { max_output_tokens, cost: dollars.map(Nusd) }
    }
}

fn standings(state: &State, request: &CheckRequest<'_>, now: DateTime<Utc>) -> Vec<Standing> {
    let call = request.attribution();
    state.standings(now, |tally| tally.counts(&call))
}

/// The answer to a caller who asks to hold what is held for it already.
fn same_again(
    state: &State,
    request: &CheckRequest<'_>,
    held: &Reservation,
    now: DateTime<Utc>,
) -> Result<Verdict, MeterError> {
    let (input_tokens, output_tokens) = request.sizes();
    let same = held.provider == request.provider
        && held.model == request.model
        && held.project.as_deref() == request.project.as_deref()
        && held.user.as_deref() == request.user.as_deref()
        && held.key.as_deref() == request.key.as_deref()
        && (held.ceiling_input_tokens, held.ceiling_output_tokens) == (input_tokens, output_tokens)
        && request.cost.is_none_or(|cost| cost == held.ceiling);
    if !same {
        let call_id = &held.call_id;
        return Err(MeterError::Conflict(format!("call_id {call_id:?} is held for another call")));
    }
    Ok(Verdict {
        call_id: held.call_id.clone(),
        ceiling: Ceiling { input_tokens, output_tokens, cost: held.ceiling, priced: held.priced },
        standings: standings(state, request, now),
        warnings: Vec::new(),
        expires_at: Some(held.deadline),
        denial: None,
    })
}

fn reservation(verdict: &Verdict, request: &CheckRequest<'_>, now: DateTime<Utc>, ttl: Ttl) -> Reservation {
    let owned = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
    Reservation {
        call_id: verdict.call_id.clone(),
        at: now,
        deadline: now + ttl.time,
        provider: request.provider.clone().into_owned(),
        model: request.model.clone().into_owned(),
        project: owned(&request.project),
        user: owned(&request.user),
        key: owned(&request.key),
        ceiling: verdict.ceiling.cost,
        ceiling_input_tokens: verdict.ceiling.input_tokens,
        ceiling_output_tokens: verdict.ceiling.output_tokens,
        priced: verdict.ceiling.priced,
        dated: ttl.dated,
    }
}

fn ask<'a>(request: &'a CheckRequest<'_>, at: DateTime<Utc>) -> Ask<'a> {
    Ask {
        provider: &request.provider,
        model: &request.model,
        at,
        service_tier: request.service_tier.as_deref(),
        batch: false,
    }
}

/// The most that the call can cost by any tier that may serve it: `auto` leaves the choice to the provider, which may
/// take the dearer one; and so does OpenAI's request without a tier, whose project may have one set.
fn price(
    pricing: &Pricing,
    request: &CheckRequest<'_>,
    now: DateTime<Utc>,
    input_tokens: u64,
    output_tokens: u64,
) -> Result<(Nusd, Priced), MeterError> {
    let told = match price_at(pricing, request, ask(request, now), input_tokens, output_tokens) {
        Err(_) if request.proxied => return stand_in(pricing, now, &Usage::plain(input_tokens, output_tokens)),
        told => told?,
    };
    let open = match request.service_tier.as_deref() {
        Some(tier) => tier.eq_ignore_ascii_case("auto"),
        None => request.proxied && request.provider == "openai",
    };
    if !open {
        return Ok(told);
    }
    let dearer = Ask { service_tier: Some("priority"), ..ask(request, now) };
    Ok(match price_at(pricing, request, dearer, input_tokens, output_tokens)? {
        (_, Priced::Unknown) => told,
        (cost, _) => (told.0.max(cost), told.1),
    })
}

fn price_at(
    pricing: &Pricing,
    request: &CheckRequest<'_>,
    ask: Ask<'_>,
    input_tokens: u64,
    output_tokens: u64,
) -> Result<(Nusd, Priced), MeterError> {
    let unknown = |_| MeterError::invalid("provider", UNKNOWN_PROVIDER);
    let mut most = None;
    if request.units.is_empty() {
        let plain = pricing.ceiling(&ask, input_tokens, output_tokens).map_err(unknown)?;
        most = Some((plain.cost, plain.priced));
    }
    for dearer in request.dearer(input_tokens, output_tokens) {
        let Ask { provider, model, at, service_tier, batch } = ask;
        let query = Query { provider, model, usage: &dearer, at, service_tier, batch };
        let quote = pricing.quote(&query).map_err(unknown)?;
        // The ceiling is rounded up, a quote to the nearest.
        let cost = Nusd(quote.cost.0.saturating_add(1));
        most = match most {
            Some((known, priced)) if quote.priced != Priced::Unknown => Some((cost.max(known), priced)),
            Some((known, _)) => Some((cost.max(known), Priced::Unknown)),
            None => Some((cost, quote.priced)),
        };
    }
    let (mut cost, mut priced) = most.unwrap_or((Nusd::ZERO, Priced::Unknown));
    if let Some(Part { model, usage }) = &request.beside {
        let model = model.as_deref().unwrap_or(ask.model);
        let query = Query { provider: ask.provider, model, usage, at: ask.at, service_tier: None, batch: false };
        let quote = pricing.quote(&query).map_err(unknown)?;
        cost = Nusd(cost.0.saturating_add(quote.cost.0).saturating_add(1));
        if quote.priced == Priced::Unknown {
            priced = Priced::Unknown;
        }
    }
    Ok((Nusd(cost.0.min(LARGEST)), priced))
}

/// What a call that passes through to a provider that nobody knows a price for is counted at: as if it were OpenAI's
/// dearest. It has no other figure, and is no less a call for that.
///
/// # Errors
/// The list knows no OpenAI.
pub(super) fn stand_in(pricing: &Pricing, at: DateTime<Utc>, usage: &Usage) -> Result<(Nusd, Priced), MeterError> {
    let query = Query { provider: "openai", model: NO_MODEL, usage, at, service_tier: None, batch: false };
    let quote = pricing.quote(&query).map_err(|_| MeterError::invalid("provider", UNKNOWN_PROVIDER))?;
    Ok((Nusd(quote.cost.0.saturating_add(1).min(LARGEST)), Priced::Unknown))
}

/// A new call's id: its time, then chance (UUIDv7).
pub fn new_call_id(now: DateTime<Utc>) -> String {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos())).to_string()
}
