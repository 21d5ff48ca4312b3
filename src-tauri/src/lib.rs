//! Spendlight: a light in the tray for LLM spend.
//!
//! The map, lowest first; a room uses only those above it here. `ARCHITECTURE.md` tells how a call walks through them.

/// Charts, drawn from numbers. Pure.
pub mod chart;
/// Door: the commands.
pub mod cli;
/// What time it is: the only file that asks.
pub mod clock;
/// What is known before the ledger opens.
pub mod config;
/// Alerts on their way to the desktop.
pub mod deliver;
/// Door: tray and windows.
#[cfg(feature = "desktop")]
pub mod desktop;
/// What is known: money, windows, budgets, standings, entries. Pure.
pub mod domain;
/// A connection that is polled again at once when it has woken itself.
pub mod eager;
/// What has just changed, ready for the wire.
pub mod events;
/// Door: the JSON API.
pub mod http;
/// Providers' own keys, and where they are kept.
pub mod keychain;
/// What is remembered: the only room with SQL.
pub mod ledger;
/// How numbers and dates are written where their reader is.
pub mod locale;
/// Whether the user's session starts Spendlight.
pub mod login;
/// What is decided: check, reserve, record, standings, alerts.
pub mod meter;
/// What is said on the desktop, and heard of it.
pub mod notify;
/// Where things lie on the disk.
pub mod paths;
/// Who is in the way on a port.
pub mod port;
/// What calls cost: the one wrapper around the price library.
pub mod pricing;
/// What each provider's bytes mean. Pure.
pub mod providers;
/// Door: the metering proxy.
pub mod proxy;
/// Everything put together, and taken apart.
pub mod server;
/// The tray program: server, tray and windows in one process.
#[cfg(feature = "desktop")]
pub mod tray;
/// What is done with the ledger when nobody asks for it.
pub mod upkeep;
/// Every English sentence about a standing. Pure.
pub mod words;
