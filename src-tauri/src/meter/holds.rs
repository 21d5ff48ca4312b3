//! Holds: the open reservations in memory, what they hold of each budget, and when they lapse.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hashbrown::HashMap;

use super::tallies::Tally;
use crate::ledger::Reservation;

#[derive(Debug, Default)]
pub struct Holds {
    open: HashMap<String, Arc<Reservation>>,
    deadlines: BTreeSet<(DateTime<Utc>, String)>,
    /// What is reserved of each budget, in the order of the tallies.
    reserved: Vec<i128>,
}

impl Holds {
    pub fn get(&self, call_id: &str) -> Option<&Arc<Reservation>> {
        self.open.get(call_id)
    }

    pub fn is_held(&self, call_id: &str) -> bool {
        self.open.contains_key(call_id)
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
        self.open.values().filter(|reservation| reservation.key.as_deref() == Some(id)).count()
    }

    /// The open reservations, newest first.
    pub fn newest(&self, limit: usize) -> Vec<Arc<Reservation>> {
        let mut all: Vec<_> = self.open.values().collect();
        all.sort_unstable_by(|a, b| (b.at, &b.call_id).cmp(&(a.at, &a.call_id)));
        all.into_iter().take(limit).cloned().collect()
    }

    pub fn hold(&mut self, reservation: Arc<Reservation>, tallies: &[Tally]) {
        self.weigh(&reservation, tallies, 1);
        self.deadlines.insert((reservation.deadline, reservation.call_id.clone()));
        self.open.insert(reservation.call_id.clone(), reservation);
    }

    /// Lets a reservation go; none when it was not held.
    pub fn let_go(&mut self, call_id: &str, tallies: &[Tally]) -> Option<Arc<Reservation>> {
        let reservation = self.open.remove(call_id)?;
        self.deadlines.remove(&(reservation.deadline, reservation.call_id.clone()));
        self.weigh(&reservation, tallies, -1);
        Some(reservation)
    }

    /// Lets everything go whose deadline has passed, and says what.
    pub fn lapse(&mut self, now: DateTime<Utc>, tallies: &[Tally]) -> Vec<String> {
        let mut lapsed = Vec::new();
        while let Some((deadline, call_id)) = self.deadlines.first() {
            if *deadline > now {
                break;
            }
            let call_id = call_id.clone();
            self.let_go(&call_id, tallies);
            lapsed.push(call_id);
        }
        lapsed
    }

    /// Weighs everything anew, after the budgets have changed.
    pub fn reweigh(&mut self, tallies: &[Tally]) {
        self.reserved = vec![0; tallies.len()];
        for reservation in self.open.values() {
            add_to(&mut self.reserved, reservation, tallies, 1);
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
