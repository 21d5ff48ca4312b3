//! Questions: the calls that wait for their user's answer, and what is asked about them.
//!
//! A budget asks one question at a time, about the call that has waited longest; the others wait behind it. A question
//! that runs out denies everyone behind it too, because nobody is there, and one that is denied denies those who come
//! until it would have run out. Deliberately not here: the waiting itself, the clock, and who hears of a question.
//! Nothing of it is on disk: a question ends with the process, as the calls do that wait for it.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::oneshot;

use super::check::new_call_id;
use super::verdict::Ceiling;
use crate::domain::quantity::LARGEST;
use crate::domain::standing::Standing;
use crate::words::{self, Notice};

/// How many calls may wait at once, whatever for: each keeps a connection open, and nobody reads so many questions.
pub const WAITING_MAX: usize = 64;

/// What has become of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum QuestionState {
    Open,
    /// Its call goes.
    Allowed,
    /// The budget has been raised, and who waited is decided on anew.
    Raised,
    Denied,
    /// Its time has run out.
    Unanswered,
    /// There is nothing to ask any more: the caller has left, the call fits, or the budget has changed.
    Withdrawn,
}

/// A call that would cross a budget, and whose user is asked whether it may.
#[derive(Debug, Clone)]
pub struct Question {
    /// Of this question alone, also across restarts.
    pub id: String,
    pub state: QuestionState,
    /// The budget that asks, as it stands.
    pub standing: Standing,
    pub call: Call,
    /// How many calls wait for the answer, this one among them.
    pub waiting: usize,
    /// A limit under which all of them fit: the one in force, and so many times the budget's own as it takes.
    pub raise_to: i64,
    pub asked_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Question {
    /// The question, as the desktop says it.
    pub fn notice(&self) -> Notice {
        words::question(&words::Asked {
            standing: &self.standing,
            model: &self.call.model,
            project: self.call.project.as_deref(),
            call: self.call.ceiling.quantity(self.standing.budget.unit),
            waiting: self.waiting,
            until: self.expires_at,
        })
    }
}

/// What is told of a call that waits.
#[derive(Debug, Clone)]
pub struct Call {
    pub provider: String,
    pub model: String,
    pub project: Option<String>,
    pub ceiling: Ceiling,
}

/// What a waiting call is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Something has changed: to be decided on anew.
    Again,
    /// It may go past the budgets that ask.
    Allowed,
    Denied,
    Unanswered,
}

/// Why a call is denied without a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// [`WAITING_MAX`] calls wait already.
    Crowded,
    /// The user has denied a call of this budget, and is left alone until then.
    DeniedUntil(DateTime<Utc>),
}

struct Waiter {
    ticket: u64,
    call: Call,
    expires_at: DateTime<Utc>,
    tell: oneshot::Sender<Told>,
}

/// A question and who waits for its answer, whose time runs out first at the front. There is always somebody.
struct Asked {
    id: String,
    standing: Standing,
    asked_at: DateTime<Utc>,
    /// Whether the user has answered that the budget be raised, which is under way.
    raising: bool,
    waiters: VecDeque<Waiter>,
}

impl Asked {
    fn seen(&self, state: QuestionState) -> Option<Question> {
        let first = self.waiters.front()?;
        Some(Question {
            id: self.id.clone(),
            state,
            standing: self.standing.clone(),
            call: first.call.clone(),
            waiting: self.waiters.len(),
            raise_to: self.raise_to(),
            asked_at: self.asked_at,
            expires_at: first.expires_at,
        })
    }

    fn raise_to(&self) -> i64 {
        let s = &self.standing;
        let calls = self.waiters.iter().map(|waiter| i128::from(waiter.call.ceiling.quantity(s.budget.unit)));
        let wanted = i128::from(s.used) + i128::from(s.reserved) + i128::from(s.budget.buffer) + calls.sum::<i128>();
        let (limit, step) = (i128::from(s.limit), i128::from(s.budget.limit.max(1)));
        let steps = ((wanted - limit).max(1) + step - 1) / step;
        i64::try_from(limit + steps * step).unwrap_or(LARGEST).min(LARGEST)
    }

    /// How many calls, from the front, fit together as the budget stands.
    fn fitting(&self) -> usize {
        let mut sum = 0_i64;
        let fits = |waiter: &&Waiter| {
            sum = sum.saturating_add(waiter.call.ceiling.quantity(self.standing.budget.unit));
            self.standing.admits(sum)
        };
        self.waiters.iter().take_while(fits).count()
    }
}

/// All of them. What each change returns is what there is to tell: questions that have ended, begun or changed.
#[derive(Default)]
pub struct Questions {
    asked: Vec<Asked>,
    /// Budgets whose user has denied a call, and until when they are left alone.
    denied: Vec<(String, DateTime<Utc>)>,
    tickets: u64,
}

impl Questions {
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// The open questions, oldest first.
    pub fn open(&self) -> Vec<Question> {
        self.asked.iter().filter_map(|asked| asked.seen(QuestionState::Open)).collect()
    }

    pub fn get(&self, id: &str) -> Option<Question> {
        self.asked.iter().find(|asked| asked.id == id)?.seen(QuestionState::Open)
    }

    /// Lets a call wait until `expires_at` for an answer about the budget of `standing`: a ticket to leave with, where the
    /// answer will come, and the question.
    ///
    /// # Errors
    /// Nobody is asked, and why.
    #[allow(clippy::type_complexity, reason = "three things that part at once")]
    pub fn join(
        &mut self,
        standing: &Standing,
        call: Call,
        expires_at: DateTime<Utc>,
    ) -> Result<(u64, oneshot::Receiver<Told>, Vec<Question>), Unasked> {
        let now = standing.now;
        let id = &standing.budget.id;
        if let Some((_, until)) = self.denied.iter().find(|(denied, until)| denied == id && now < *until) {
            return Err(Unasked::DeniedUntil(*until));
        }
        if self.asked.iter().map(|asked| asked.waiters.len()).sum::<usize>() >= WAITING_MAX {
            return Err(Unasked::Crowded);
        }
        self.tickets += 1;
        let ticket = self.tickets;
        let (tell, told) = oneshot::channel();
        let waiter = Waiter { ticket, call, expires_at, tell };
        let index = match self.asked.iter().position(|asked| asked.standing.budget.id == *id) {
            Some(index) => index,
            None => {
                let id = new_call_id(now);
                let standing = standing.clone();
                self.asked.push(Asked { id, standing, asked_at: now, raising: false, waiters: VecDeque::new() });
                self.asked.len() - 1
            }
        };
        let Some(asked) = self.asked.get_mut(index) else { return Err(Unasked::Crowded) };
        let before = asked.waiters.front().map(|first| first.ticket);
        let place = asked.waiters.partition_point(|other| other.expires_at <= expires_at);
        let ended = if place == 0 { asked.seen(QuestionState::Withdrawn) } else { None };
        asked.waiters.insert(place, waiter);
        // One that comes back goes before those who came after it, and then the question is about it.
        if place == 0 && before.is_some() {
            (asked.id, asked.asked_at) = (new_call_id(now), now);
        }
        Ok((ticket, told, ended.into_iter().chain(asked.seen(QuestionState::Open)).collect()))
    }

    /// The answer to question `id` is that its call may go, or (`allowed` is false) that everyone behind it may not.
    /// None when there is no such question any more.
    pub fn answer(&mut self, id: &str, allowed: bool, now: DateTime<Utc>) -> Option<Vec<Question>> {
        let index = self.asked.iter().position(|asked| asked.id == id)?;
        if allowed {
            return Some(self.tell(index, 1, Told::Allowed, QuestionState::Allowed, now));
        }
        let asked = self.asked.get(index)?;
        if let Some(first) = asked.waiters.front() {
            let budget = &asked.standing.budget.id;
            self.denied.retain(|(denied, _)| denied != budget);
            self.denied.push((budget.clone(), first.expires_at));
        }
        Some(self.tell(index, WAITING_MAX, Told::Denied, QuestionState::Denied, now))
    }

    /// Says that question `id` is being answered by raising its budget, or is not after all.
    pub fn set_raising(&mut self, id: &str, raising: bool) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == id) {
            asked.raising = raising;
        }
    }

    /// The caller with this ticket has left.
    pub fn leave(&mut self, ticket: u64, now: DateTime<Utc>) -> Vec<Question> {
        match self.place(ticket) {
            Some((index, 0)) => self.tell(index, 1, Told::Unanswered, QuestionState::Withdrawn, now),
            Some((index, place)) => self.drop_out(index, place),
            None => Vec::new(),
        }
    }

    /// The time of the call with this ticket has run out.
    pub fn run_out(&mut self, ticket: u64, now: DateTime<Utc>) -> Vec<Question> {
        match self.place(ticket) {
            Some((index, 0)) => self.tell(index, WAITING_MAX, Told::Unanswered, QuestionState::Unanswered, now),
            Some((index, place)) => self.drop_out(index, place),
            None => Vec::new(),
        }
    }

    /// Looks at every question as things stand now: its time may have run out, its budget may have been edited
    /// (`standing_of` finds another one, or none), or its call may fit by now.
    pub fn turn(
        &mut self,
        now: DateTime<Utc>,
        paused: bool,
        standing_of: impl Fn(&str) -> Option<Standing>,
    ) -> Vec<Question> {
        self.denied.retain(|(_, until)| now < *until);
        let mut news = Vec::new();
        for index in (0..self.asked.len()).rev() {
            let Some(asked) = self.asked.get_mut(index) else { continue };
            let over = asked.waiters.front().is_none_or(|first| first.expires_at <= now);
            let before = Arc::clone(&asked.standing.budget);
            let same = standing_of(&before.id).filter(|standing| !paused && Arc::ptr_eq(&standing.budget, &before));
            let (count, told, state) = match same {
                _ if over => (WAITING_MAX, Told::Unanswered, QuestionState::Unanswered),
                Some(standing) => {
                    asked.standing = standing;
                    (asked.fitting(), Told::Again, QuestionState::Withdrawn)
                }
                None if asked.raising => (WAITING_MAX, Told::Again, QuestionState::Raised),
                None => (WAITING_MAX, Told::Again, QuestionState::Withdrawn),
            };
            if count > 0 {
                news.extend(self.tell(index, count, told, state, now));
            }
        }
        news
    }

    fn place(&self, ticket: u64) -> Option<(usize, usize)> {
        let place = |asked: &Asked| asked.waiters.iter().position(|waiter| waiter.ticket == ticket);
        self.asked.iter().enumerate().find_map(|(index, asked)| Some((index, place(asked)?)))
    }

    /// One of those behind a question goes; the question stays.
    fn drop_out(&mut self, index: usize, place: usize) -> Vec<Question> {
        let Some(asked) = self.asked.get_mut(index) else { return Vec::new() };
        if let Some(waiter) = asked.waiters.remove(place) {
            let _ = waiter.tell.send(Told::Unanswered);
        }
        asked.seen(QuestionState::Open).into_iter().collect()
    }

    /// Ends a question, tells the first `count` who wait for it, and asks about the next, if there is one.
    fn tell(
        &mut self,
        index: usize,
        count: usize,
        told: Told,
        state: QuestionState,
        now: DateTime<Utc>,
    ) -> Vec<Question> {
        let Some(asked) = self.asked.get_mut(index) else { return Vec::new() };
        let mut news: Vec<_> = asked.seen(state).into_iter().collect();
        let count = count.min(asked.waiters.len());
        for waiter in asked.waiters.drain(..count) {
            // Whoever has left needs no answer.
            let _ = waiter.tell.send(told);
        }
        if asked.waiters.is_empty() {
            self.asked.remove(index);
        } else {
            (asked.id, asked.asked_at, asked.raising) = (new_call_id(now), now, false);
            news.extend(asked.seen(QuestionState::Open));
        }
        news
    }
}
