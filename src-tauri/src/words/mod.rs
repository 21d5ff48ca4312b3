//! Every English sentence about a standing: the tray, the command line, the status route and the notifications say the
//! same thing in the same words because they all take it from here.
//!
//! Pure: what is known comes in as standings and alerts, which carry their own "now". Deliberately not here: a clock,
//! any I/O, refusals of a malformed request, and the pages' own labels.

mod amount;
mod ask;
mod denial;
mod evidence;
mod lines;
mod moment;
mod name;
mod notice;
mod phrase;
mod price;
mod state;
mod summary;
mod view;

pub use amount::{amount, limit, money, percent};
pub use ask::{
    Asked, denied_until, nobody_to_ask, only_when_reserved, question, too_many_wait, unanswered, user_denied,
};
pub use denial::{allowed_once, denied, warned};
pub use lines::{menu_line, status_lines};
pub use moment::{beginning_at, month_name, short_date};
pub use name::{called, default_name, provider_name, subject};
pub use notice::{Notice, NoticeAction, backup_failed, example, not_listening, notice, paused};
pub use price::{counted_high, price_unknown};
pub use state::{Overall, State, StateWord, not_started, state};
pub use summary::{Held, summary};
pub use view::{DASHBOARD, view_of_budget, view_of_raise};

#[cfg(test)]
mod tests;
