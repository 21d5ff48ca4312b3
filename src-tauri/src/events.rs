//! Events: what has just changed, as text that is ready for the wire. The server's stream of events and the windows
//! listen to the same ones.

use std::sync::Arc;

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// `status`, `entry`, `alert`, `question`, `settings`, or `show`: somebody asks for the window.
    pub name: &'static str,
    /// Its data, as JSON.
    pub json: Arc<str>,
}
