//! Drafts: calls about to be written down, and whether one that was written down before is the same.

use std::sync::Arc;

use crate::domain::entry::Entry;
use crate::domain::standing::Standing;

/// An entry to be, and which of its facts its caller named rather than we.
#[derive(Debug, Clone)]
pub struct Draft {
    pub entry: Arc<Entry>,
    pub names_time: bool,
    pub names_cost: bool,
}

/// A call that is on disk.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub entry: Arc<Entry>,
    /// Whether it had been recorded before, alike.
    pub replayed: bool,
    /// The standings of the budgets that count it, after it; empty for a replay.
    pub standings: Vec<Standing>,
}

/// Whether a stored entry is what a caller says again: all that the caller named is the same.
pub fn alike(stored: &Entry, draft: &Draft) -> bool {
    let said = &draft.entry;
    stored.provider == said.provider
        && stored.model == said.model
        && stored.usage == said.usage
        && stored.ok == said.ok
        && stored.status == said.status
        && stored.error == said.error
        && stored.latency_ms == said.latency_ms
        && stored.service_tier == said.service_tier
        && stored.batch == said.batch
        && stored.project == said.project
        && stored.session == said.session
        && stored.user == said.user
        && stored.operation == said.operation
        && stored.key == said.key
        && stored.tags == said.tags
        && (!draft.names_time || stored.at == said.at)
        && (!draft.names_cost || stored.cost == said.cost)
}
