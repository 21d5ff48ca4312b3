//! What is known: money, usage, windows, budgets, standings, entries, alerts, quiet hours, keys.
//!
//! Pure: no I/O, no clock, no async, no SQL, and no floating point in anything that is added up. Every other room may
//! use this one; it uses none.

pub mod alert;
pub mod budget;
pub mod currency;
pub mod denied;
pub mod entry;
pub mod key;
pub mod money;
pub mod pace;
pub mod priced;
pub mod quantity;
pub mod quiet;
pub mod run;
pub mod snooze;
pub mod standing;
pub mod usage;
pub mod window;
