//! Denials: how many calls have been denied, by what and since when.
//!
//! They are counted in memory, since a check must not wait for a disk, and written down from time to time: a crash forgets
//! the last moment's.

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::committer::{Edit, Request};
use super::verdict::{Reason, Verdict};
use super::{Meter, MeterError};
use crate::domain::alert::Alert;
use crate::domain::denied::{Denied, Denier};
use crate::domain::standing::Standing;

/// What one denier has denied.
#[derive(Debug)]
struct Count {
    denier: Denier,
    denied: Denied,
    /// How many of them are not in the ledger yet.
    unwritten: u64,
}

/// What has been denied in windows that are not over.
#[derive(Debug, Default)]
pub struct Denials(Vec<Count>);

/// Denied calls that are to be written down.
type Unwritten = Vec<(Denier, Denied)>;

impl Denials {
    pub fn new(written: Vec<(Denier, Denied)>) -> Denials {
        Denials(written.into_iter().map(|(denier, denied)| Count { denier, denied, unwritten: 0 }).collect())
    }

    /// What a budget has denied in its window and under its limit.
    pub fn by_budget(&self, s: &Standing) -> Option<Denied> {
        self.0.iter().find(|count| count.denier.is(s)).map(|count| count.denied)
    }

    /// What the pause has denied that began at `began`.
    pub fn by_pause(&self, began: Option<DateTime<Utc>>) -> Option<Denied> {
        self.by(&Denier::pause(began))
    }

    fn by(&self, denier: &Denier) -> Option<Denied> {
        self.0.iter().find(|count| count.denier == *denier).map(|count| count.denied)
    }

    fn count(&mut self, denier: Denier, now: DateTime<Utc>) {
        match self.0.iter_mut().find(|count| count.denier == denier) {
            Some(count) => {
                count.denied.calls += 1;
                count.unwritten += 1;
            }
            None => self.0.push(Count { denier, denied: Denied { calls: 1, since: now }, unwritten: 1 }),
        }
    }

    /// What is not written down yet, which its taker will do. Windows that are over are forgotten.
    fn take_unwritten(&mut self, now: DateTime<Utc>) -> Unwritten {
        self.0.retain(|count| count.unwritten > 0 || now < count.denier.window.end);
        let unwritten = self.0.iter_mut().filter(|count| count.unwritten > 0);
        unwritten
            .map(|count| {
                let calls = std::mem::take(&mut count.unwritten);
                (count.denier.clone(), Denied { calls, ..count.denied })
            })
            .collect()
    }

    /// Takes back what could not be written down.
    fn put_back(&mut self, unwritten: Unwritten) {
        for (denier, denied) in unwritten {
            match self.0.iter_mut().find(|count| count.denier == denier) {
                Some(count) => count.unwritten += denied.calls,
                None => self.0.push(Count { denier, denied, unwritten: denied.calls }),
            }
        }
    }
}

impl Meter {
    /// Counts a call that a budget or a pause has denied.
    pub(super) fn count_denied(&self, verdict: &Verdict) {
        let Some(denial) = &verdict.denial else { return };
        let mut state = self.shared.state();
        let denier = match (denial.reason, &denial.binding) {
            (Reason::BudgetExceeded, Some(standing)) => Denier::budget(standing),
            (Reason::Paused, _) => Denier::pause(state.tallies.settings.paused_at),
            _ => return,
        };
        state.denials.count(denier, self.now());
        drop(state);
        self.shared.announce_status();
    }

    /// Puts what is counted in place of what was written down last.
    pub(super) fn count_denied_since(&self, alert: &mut Alert) {
        if let Some(denied) = self.shared.state().denials.by(&Denier::alert(alert)) {
            alert.denied_calls = denied.calls;
        }
    }

    /// Writes down how many calls have been denied. What the ledger does not take is written the next time.
    pub async fn write_denied(&self) {
        let unwritten = self.take_unwritten();
        if !unwritten.is_empty() && self.ask(|reply| Request::Edit(write(unwritten.clone()), reply)).await.is_err() {
            self.shared.state().denials.put_back(unwritten);
        }
    }

    /// Has them written down with all that was asked before, and waits for nothing.
    pub(super) fn write_denied_last(&self) {
        let unwritten = self.take_unwritten();
        if !unwritten.is_empty() {
            // If the committer is gone already, so is the ledger.
            let _ = self.requests.send(Request::Edit(write(unwritten), oneshot::channel().0));
        }
    }

    fn take_unwritten(&self) -> Unwritten {
        self.shared.state().denials.take_unwritten(self.now())
    }
}

fn write(unwritten: Unwritten) -> Edit {
    Box::new(move |writer, _, _| {
        unwritten.iter().try_for_each(|(denier, denied)| writer.add_denied(denier, denied)).map_err(MeterError::from)
    })
}
