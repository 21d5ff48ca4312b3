//! Standings in the answers that every call waits for: most of a standing stays the same from call to call, and spelling
//! it out would cost more than deciding. What stays is kept as text until the budget is edited or its window passes.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::wire::{Lasting, Moving};
use crate::domain::budget::Budget;
use crate::domain::standing::Standing;
use crate::domain::window::Window;

/// What stands in an answer where its standings belong.
const PLACE: &[u8] = b"\"budgets\":[]";

/// The lasting part of one budget's standings. Holding the budget keeps its address from being given to another.
struct Spelled {
    budget: Arc<Budget>,
    window: Window,
    text: Box<[u8]>,
}

/// The lasting parts, by their budgets' addresses.
#[derive(Default)]
pub struct Spelling {
    known: ArcSwap<HashMap<usize, Arc<Spelled>>>,
}

impl Spelling {
    /// Puts the standings into an answer whose list of them is empty.
    pub fn put(&self, answer: Vec<u8>, standings: &[Standing]) -> serde_json::Result<Vec<u8>> {
        let Some(at) = memchr::memmem::find(&answer, PLACE) else { return Ok(answer) };
        let (before, after) = answer.split_at(at + PLACE.len() - 1);
        let mut bytes = Vec::with_capacity(answer.len() + standings.len() * 512);
        bytes.extend_from_slice(before);
        for (index, standing) in standings.iter().enumerate() {
            if index > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(&self.lasting(standing)?.text);
            let start = bytes.len();
            serde_json::to_writer(&mut bytes, &Moving::new(standing))?;
            // Two objects become one: the second one's brace gives way to a comma.
            if let Some(brace) = bytes.get_mut(start) {
                *brace = b',';
            }
        }
        bytes.extend_from_slice(after);
        Ok(bytes)
    }

    fn lasting(&self, standing: &Standing) -> serde_json::Result<Arc<Spelled>> {
        let address = Arc::as_ptr(&standing.budget).addr();
        if let Some(spelled) = self.known.load().get(&address)
            && Arc::ptr_eq(&spelled.budget, &standing.budget)
            && spelled.window == standing.window
        {
            return Ok(Arc::clone(spelled));
        }
        let mut text = serde_json::to_vec(&Lasting::new(standing))?;
        text.pop();
        let budget = Arc::clone(&standing.budget);
        let spelled = Arc::new(Spelled { budget, window: standing.window, text: text.into_boxed_slice() });
        self.known.rcu(|known| {
            // An edited budget is another one with the same id.
            let others = known.iter().filter(|(_, other)| other.budget.id != spelled.budget.id);
            let mut known: HashMap<_, _> = others.map(|(address, other)| (*address, Arc::clone(other))).collect();
            known.insert(address, Arc::clone(&spelled));
            known
        });
        Ok(spelled)
    }
}
