//! Spendlight's promises, tested at its doors: one program, a module for each promise or door.
//!
//! Each test builds a small [`world`], asks as a script or the window would, and looks at the answer and the ledger.
//! The clock is turned by hand; only what kills a process, fills a disk or opens a socket runs the real program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod alerts;
mod backtest;
mod backups;
mod beyond;
mod calls;
mod cli;
mod concurrency;
mod corpus;
mod costs;
mod data;
mod data_ends;
mod disk;
mod errors;
mod exports;
mod figures;
mod guard;
mod history;
mod keys;
mod kill;
mod model;
mod notifications;
mod oracle;
mod owner;
mod path_keys;
mod prices;
mod privacy;
mod program;
mod provider;
mod provider_keys;
mod proxy;
mod proxy_ends;
mod questions;
mod records;
mod refusals;
mod retention;
mod run;
mod run_ends;
mod snooze;
mod sockets;
mod store;
mod tidy;
mod tls;
mod units;
mod windows;
mod world;
