//! Denials: how many calls have been denied, by what and since when.
//!
//! They are counted in memory, since a check must not wait for a disk, and written down from time to time: a crash forgets
//! the last moment's, and an end those that the ledger would not take.

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::committer::{Edit, Request};
use super::tallies::Tallies;
use super::verdict::{Reason, Verdict};
use super::{Meter, State};
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

    /// What this denier has denied.
    pub fn by(&self, denier: &Denier) -> Option<Denied> {
        self.0.iter().find(|count| count.denier == *denier).map(|count| count.denied)
    }

    /// Puts what is counted in place of what was written down last.
    pub fn count_denied_since(&self, alert: &mut Alert) {
        if let Some(denied) = self.by(&Denier::alert(alert)) {
            alert.denied_calls = denied.calls;
        }
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

    /// What is not written down yet, which its taker will do. What denies no more is forgotten.
    fn take_unwritten(&mut self, tallies: &Tallies, now: DateTime<Utc>) -> Unwritten {
        let pause = tallies.settings.pause();
        self.0.retain(|Count { denier, unwritten, .. }| {
            let exists = tallies.budgets.iter().any(|tally| tally.budget.id == denier.budget_id);
            *unwritten > 0 || pause.as_ref() == Some(denier) || (exists && now < denier.window.end)
        });
        let unwritten = self.0.iter_mut().filter(|count| count.unwritten > 0);
        unwritten
            .map(|count| {
                let calls = std::mem::take(&mut count.unwritten);
                (count.denier.clone(), Denied { calls, ..count.denied })
            })
            .collect()
    }

    /// Takes back what could not be written down, from the only one who takes it.
    fn put_back(&mut self, unwritten: &Unwritten) {
        for count in &mut self.0 {
            let of_it = unwritten.iter().filter(|(denier, _)| *denier == count.denier);
            count.unwritten += of_it.map(|(_, denied)| denied.calls).sum::<u64>();
        }
    }
}

impl Meter {
    /// Counts a call that a pause has denied, or budgets have: for each of them.
    pub(super) fn count_denied(&self, verdict: &Verdict) {
        let Some(denial) = &verdict.denial else { return };
        let denies = |s: &&Standing| s.budget.action.blocks() && !s.admits(verdict.ceiling.quantity(s.budget.unit));
        let now = self.now();
        let mut state = self.shared.state();
        let State { tallies, denials, .. } = &mut *state;
        match denial.reason {
            Reason::BudgetExceeded => {
                verdict.standings.iter().filter(denies).for_each(|s| denials.count(Denier::budget(s), now));
            }
            // Where it has been resumed meanwhile, there is none to count it for.
            Reason::Paused => tallies.settings.pause().into_iter().for_each(|pause| denials.count(pause, now)),
            Reason::PriceUnknown | Reason::LedgerUnwritable => return,
        }
        drop(state);
        self.shared.announce_status();
    }

    /// Writes down how many calls have been denied. What the ledger does not take is written the next time.
    pub async fn write_denied(&self) {
        let unwritten = self.take_unwritten();
        if !unwritten.is_empty() && self.ask(|reply| Request::Edit(write(unwritten.clone()), reply)).await.is_err() {
            self.shared.state().denials.put_back(&unwritten);
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
        let State { tallies, denials, .. } = &mut *self.shared.state();
        denials.take_unwritten(tallies, self.now())
    }
}

fn write(unwritten: Unwritten) -> Edit {
    Box::new(move |writer, tallies, now| {
        unwritten.iter().try_for_each(|(denier, denied)| writer.add_denied(denier, denied))?;
        Ok(writer.forget_denied(now, tallies.settings.pause().as_ref())?)
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use crate::domain::money::Nusd;
    use crate::meter::CheckRequest;
    use crate::meter::tests::open;

    #[tokio::test]
    async fn what_the_ledger_does_not_take_is_written_the_next_time() {
        let folder = TempDir::new().unwrap();
        let opened = open(&folder);
        let meter = &opened.meter;
        meter.pause().await.unwrap();
        let call = CheckRequest {
            provider: "house".into(),
            model: "m".into(),
            cost: Some(Nusd(1)),
            ..CheckRequest::default()
        };
        meter.check(&call).await.unwrap();
        let refused = meter.take_unwritten();
        assert_eq!(refused.len(), 1);
        meter.check(&call).await.unwrap();
        meter.shared.state().denials.put_back(&refused);
        meter.write_denied().await;
        assert!(meter.take_unwritten().is_empty(), "once");
        opened.close();
        let denied = open(&folder).meter.snapshot().paused_denied;
        assert_eq!(denied.map(|denied| denied.calls), Some(2));
    }
}
