//! Holds: the open reservations in memory, what they hold of each budget, and when they lapse.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hashbrown::{Equivalent, HashSet};

use super::tallies::Tally;
use crate::ledger::Reservation;

/// When a hold lapses, and its number: no two are the same.
type Deadline = (DateTime<Utc>, u64);

/// A reservation that is open, found by its call.
#[derive(Debug)]
struct Open {
    reservation: Arc<Reservation>,
    number: u64,
}

impl Open {
    fn deadline(&self) -> Deadline {
        (self.reservation.deadline, self.number)
    }
}

impl Hash for Open {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reservation.call_id.hash(state);
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Open) -> bool {
        self.reservation.call_id == other.reservation.call_id
    }
}

impl Eq for Open {}

impl Equivalent<Open> for str {
    fn equivalent(&self, open: &Open) -> bool {
        self == open.reservation.call_id
    }
}

#[derive(Debug, Default)]
pub struct Holds {
    open: HashSet<Open>,
    deadlines: BTreeMap<Deadline, Arc<Reservation>>,
    /// How many have been held since the start.
    held: u64,
    /// What is reserved of each budget, in the order of the tallies.
    reserved: Vec<i128>,
}

impl Holds {
    pub fn get(&self, call_id: &str) -> Option<&Arc<Reservation>> {
        self.open.get(call_id).map(|open| &open.reservation)
    }

    pub fn is_held(&self, call_id: &str) -> bool {
        self.open.contains(call_id)
    }

    /// What is reserved of the budget at `index`.
    pub fn reserved(&self, index: usize) -> i64 {
        let sum = self.reserved.get(index).copied().unwrap_or(0);
        i64::try_from(sum).unwrap_or(i64::MAX)
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// How many calls with this key are held.
    pub fn with_key(&self, id: &str) -> usize {
        self.open.iter().filter(|open| open.reservation.key.as_deref() == Some(id)).count()
    }

    /// The open reservations, newest first.
    pub fn newest(&self, limit: usize) -> Vec<Arc<Reservation>> {
        let mut all: Vec<_> = self.open.iter().map(|open| &open.reservation).collect();
        all.sort_unstable_by(|a, b| (b.at, &b.call_id).cmp(&(a.at, &a.call_id)));
        all.into_iter().take(limit).cloned().collect()
    }

    /// Holds a reservation, in place of the one that its call had.
    pub fn hold(&mut self, reservation: Arc<Reservation>, tallies: &[Tally]) {
        self.weigh(&reservation, tallies, 1);
        self.held += 1;
        let open = Open { number: self.held, reservation: Arc::clone(&reservation) };
        self.deadlines.insert(open.deadline(), reservation);
        if let Some(before) = self.open.replace(open) {
            self.forget(&before, tallies);
        }
    }

    /// Lets a reservation go; none when it was not held.
    pub fn let_go(&mut self, call_id: &str, tallies: &[Tally]) -> Option<Arc<Reservation>> {
        let open = self.open.take(call_id)?;
        self.forget(&open, tallies);
        Some(open.reservation)
    }

    /// Takes out of the sums and the deadlines what is not open any more.
    fn forget(&mut self, open: &Open, tallies: &[Tally]) {
        self.deadlines.remove(&open.deadline());
        self.weigh(&open.reservation, tallies, -1);
    }

    /// Lets everything go whose deadline has passed, and says what.
    pub fn lapse(&mut self, now: DateTime<Utc>, tallies: &[Tally]) -> Vec<String> {
        let mut lapsed = Vec::new();
        while let Some((_, reservation)) =
            self.deadlines.first_key_value().filter(|((deadline, _), _)| *deadline <= now)
        {
            let call_id = reservation.call_id.clone();
            self.let_go(&call_id, tallies);
            lapsed.push(call_id);
        }
        lapsed
    }

    /// Weighs everything anew, after the budgets have changed.
    pub fn reweigh(&mut self, tallies: &[Tally]) {
        self.reserved = vec![0; tallies.len()];
        for open in &self.open {
            add_to(&mut self.reserved, &open.reservation, tallies, 1);
        }
    }

    fn weigh(&mut self, reservation: &Reservation, tallies: &[Tally], sign: i128) {
        self.reserved.resize(tallies.len(), 0);
        add_to(&mut self.reserved, reservation, tallies, sign);
    }
}

fn add_to(reserved: &mut [i128], reservation: &Reservation, tallies: &[Tally], sign: i128) {
    let call = reservation.attribution();
    for (sum, tally) in reserved.iter_mut().zip(tallies) {
        let here = !reservation.dated || tally.used.window.contains(reservation.at);
        if here && tally.budget.scope.matches(&call) {
            *sum += sign * i128::from(reservation.quantity(tally.budget.unit));
        }
    }
}
