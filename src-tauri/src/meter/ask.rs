//! Asking: a call waits until its user has answered, and the answers.
//!
//! The wait ends by the meter's clock, which also runs while the machine sleeps, and in any case by a timer. A caller who
//! leaves takes the question along. Deliberately not here: which calls are asked about, and what an answer means for
//! them: that is decided anew, under the lock (`check`).

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::oneshot;

use super::questions::{Call, Question, QuestionState, Told, Unasked, WAITING_MAX};
use super::verdict::{CheckRequest, Reason, Verdict};
use super::{Change, Meter, MeterError, Shared, State};
use crate::domain::budget::Action;
use crate::domain::standing::Standing;
use crate::words;

/// What the user says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The call that is asked about may go past the budgets that ask.
    AllowOnce,
    /// The budget gets another limit until midnight: this one, or the one that is offered.
    Raise(Option<i64>),
    /// Nobody who waits for this answer may go.
    Deny,
}

/// A place among those who wait. Dropped, it is given up.
pub struct Waiting {
    shared: Arc<Shared>,
    ticket: u64,
    told: oneshot::Receiver<Told>,
    patience: Duration,
}

impl Waiting {
    /// Waits for the answer.
    pub async fn told(mut self) -> Told {
        tokio::select! {
            biased;
            told = &mut self.told => return told.unwrap_or(Told::Unanswered),
            () = tokio::time::sleep(self.patience) => {}
        }
        let now = self.shared.clock.now();
        let mut state = self.shared.state();
        let news = state.questions.run_out(self.ticket, now);
        self.shared.announce_questions(news);
        drop(state);
        // An answer that came meanwhile counts.
        self.told.try_recv().unwrap_or(Told::Unanswered)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let now = self.shared.clock.now();
        let mut state = self.shared.state();
        let news = state.questions.leave(self.ticket, now);
        self.shared.announce_questions(news);
    }
}

/// How far a call has come with its user's leave.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leave {
    /// It may go past the budgets that ask.
    pub given: bool,
    /// When its wait ends, and for how long in all it waits; none before it has begun to.
    patience: Option<(DateTime<Utc>, u64)>,
}

impl Leave {
    /// How long the call waits in all.
    pub fn seconds(&self) -> u64 {
        self.patience.map_or(0, |(_, seconds)| seconds)
    }
}

/// The budget that asks about a call: the binding one, when no budget that blocks denies it.
pub fn asking(verdict: &Verdict) -> Option<&Standing> {
    let denial = verdict.denial.as_ref().filter(|denial| denial.reason == Reason::BudgetExceeded)?;
    let blocks = |s: &Standing| s.budget.action == Action::Block && !s.admits(verdict.ceiling.quantity(s.budget.unit));
    if verdict.standings.iter().any(blocks) { None } else { denial.binding.as_ref() }
}

impl Meter {
    /// Lets a call that `verdict` denies wait for its user, if a budget asks. None when none does, and when nobody is to be
    /// asked; the verdict then says why.
    pub(super) fn ask_user(
        &self,
        state: &mut State,
        request: &CheckRequest<'_>,
        verdict: &mut Verdict,
        leave: &mut Leave,
    ) -> Option<Waiting> {
        let standing = asking(verdict)?.clone();
        // A command that has opened the ledger for itself hears of no question, so it must not wait for an answer.
        if self.shared.changes.receiver_count() == 0 {
            add(verdict, words::nobody_to_ask());
            return None;
        }
        let seconds = state.tallies.settings.ask_seconds;
        let until = standing.now + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0));
        let (until, _) = *leave.patience.get_or_insert((until, seconds));
        let call = Call {
            provider: request.provider.clone().into_owned(),
            model: request.model.clone().into_owned(),
            project: request.project.as_deref().map(str::to_owned),
            ceiling: verdict.ceiling,
        };
        match state.questions.join(&standing, call, until) {
            Ok((ticket, told, news)) => {
                self.shared.announce_questions(news);
                let patience = (until - standing.now).to_std().unwrap_or_default();
                Some(Waiting { shared: Arc::clone(&self.shared), ticket, told, patience })
            }
            Err(unasked) => {
                let why = match unasked {
                    Unasked::Crowded => words::too_many_wait(WAITING_MAX),
                    Unasked::DeniedUntil(until) => words::denied_until(until, standing.zone),
                };
                add(verdict, &why);
                None
            }
        }
    }

    /// The open questions, oldest first.
    pub fn questions(&self) -> Vec<Question> {
        let now = self.now();
        let mut state = self.shared.state();
        self.turn_state(&mut state, now);
        state.questions.open()
    }

    /// Answers a question, and returns it as it has ended.
    ///
    /// # Errors
    /// [`MeterError::NotFound`] when it is not open any more; for a raise, [`MeterError::Invalid`] for a limit that is no
    /// higher than the one in force, and that the ledger did not take it: then the question stays open.
    pub async fn answer_question(&self, id: &str, answer: Answer) -> Result<Question, MeterError> {
        let now = self.now();
        let question = {
            let mut state = self.shared.state();
            self.turn_state(&mut state, now);
            let question = state.questions.get(id).ok_or_else(|| gone(id))?;
            let ended = match answer {
                Answer::AllowOnce => Some((true, QuestionState::Allowed)),
                Answer::Deny => Some((false, QuestionState::Denied)),
                Answer::Raise(limit) if limit.is_some_and(|limit| limit <= question.standing.limit) => {
                    return Err(MeterError::invalid("limit", "must be more than the limit in force"));
                }
                Answer::Raise(_) => None,
            };
            if let Some((allowed, state_after)) = ended {
                let news = state.questions.answer(id, allowed, now).ok_or_else(|| gone(id))?;
                self.shared.announce_questions(news);
                return Ok(Question { state: state_after, ..question });
            }
            state.questions.set_raising(id, true);
            question
        };
        let limit = if let Answer::Raise(Some(limit)) = answer { limit } else { question.raise_to };
        // Whoever waits for a budget that is edited is decided on anew, once the edit is on disk.
        match self.raise_until_midnight(&question.standing.budget.id, limit).await {
            Ok(()) => Ok(Question { state: QuestionState::Raised, ..question }),
            Err(e) => {
                self.shared.state().questions.set_raising(id, false);
                Err(e)
            }
        }
    }
}

impl State {
    /// Looks at the open questions as things stand now.
    pub(super) fn turn_questions(&mut self, shared: &Shared, now: DateTime<Utc>) {
        if self.questions.is_empty() {
            return;
        }
        let State { tallies, holds, questions, .. } = self;
        let standing_of = |id: &str| {
            let (index, tally) = tallies.budgets.iter().enumerate().find(|(_, tally)| tally.budget.id == id)?;
            tally.budget.enabled.then(|| tally.standing(holds.reserved(index), now))
        };
        let news = questions.turn(now, tallies.settings.paused, standing_of);
        shared.announce_questions(news);
    }
}

impl Shared {
    /// Tells of questions that have begun, changed or ended. The lock is held, so that they are told in their order.
    fn announce_questions(&self, news: Vec<Question>) {
        if news.is_empty() {
            return;
        }
        for question in news {
            self.announce(Change::Question(Arc::new(question)));
        }
        self.question_bell.notify_one();
        self.announce_status();
    }
}

/// Adds to the reason of a verdict that denies.
pub fn add(verdict: &mut Verdict, sentence: &str) {
    if let Some(denial) = &mut verdict.denial {
        denial.sentence.push(' ');
        denial.sentence.push_str(sentence);
    }
}

fn gone(id: &str) -> MeterError {
    MeterError::NotFound(format!("no question {id:?} is open: it has been answered, or its time has run out"))
}
