//! The command line's door: `spendlight`.
//!
//! Every command but `serve`, `run` and `restore` speaks the same API as everyone: to the Spendlight that runs, or, when none does, to the
//! ledger it opens itself for a moment. `run` speaks it too, and serves while its command runs where nobody else does;
//! `restore` must do without a ledger that can be opened.

mod alerts;
mod budgets;
mod calls;
mod client;
mod data;
mod export;
mod keys;
mod numbers;
mod provider_keys;
mod retention;
mod run;
mod serve;
mod status;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::locale;
use crate::server::Where;

#[cfg(feature = "desktop")]
pub use client::show;
pub use serve::{log_to_stderr, run as serve};

/// Know what your calls to language models cost, and stop them before they cost too much.
#[derive(Parser)]
#[command(name = "spendlight", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: Where,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server without a screen
    Serve,
    /// Run a command and tell what its calls cost; with --max, stop them before they cost more
    Run(run::RunArgs),
    /// Where every budget stands
    Status(status::StatusArgs),
    /// May this call go? Exits with 3 when it may not
    Check(calls::CheckArgs),
    /// Write a call down
    Record(calls::RecordArgs),
    /// List, add, change and remove budgets
    Budgets(budgets::BudgetsArgs),
    /// List alerts, and acknowledge, dismiss or snooze one
    Alerts(alerts::AlertsArgs),
    /// List, issue and revoke Spendlight keys
    Keys(keys::KeysArgs),
    /// List, set and remove the providers' own keys: one goes upstream where a proxied call brings a Spendlight key
    ProviderKeys(provider_keys::ProviderKeysArgs),
    /// Back the ledger up into a file, while it is in use or not
    Backup(data::BackupArgs),
    /// Put a backup in the ledger's place; the ledger before it is kept
    Restore(data::RestoreArgs),
    /// Write the ledger's entries out as CSV or NDJSON, to standard output or into a file
    Export(export::ExportArgs),
    /// How long single calls are kept; what they add up to is kept for good
    Retention(retention::RetentionArgs),
    /// Print the owner token, which lets a script change budgets and settings
    Token,
}

/// A check said no.
const DENIED: u8 = 3;

/// Runs the command line and says how it ended: 0, 1 for what went wrong, 2 for a command that is not understood, 3 for a
/// denied check. `run` ends as its command does.
pub fn main() -> ExitCode {
    locale::follow_the_system();
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Serve => serve(&cli.place),
        Command::Run(args) => run::run(&cli.place, &args),
        Command::Status(args) => client::with(&cli.place, async |door| status::run(door, &args).await),
        Command::Check(args) => client::with(&cli.place, async |door| calls::check(door, &args).await),
        Command::Record(args) => client::with(&cli.place, async |door| calls::record(door, &args).await),
        Command::Budgets(args) => client::with(&cli.place, async |door| budgets::run(door, &args).await),
        Command::Alerts(args) => client::with(&cli.place, async |door| alerts::run(door, &args).await),
        Command::Keys(args) => client::with(&cli.place, async |door| keys::run(door, &args).await),
        Command::ProviderKeys(args) => client::with(&cli.place, async |door| provider_keys::run(door, &args).await),
        Command::Backup(args) => client::with(&cli.place, async |door| data::back_up(door, &args).await),
        Command::Restore(args) => data::restore(&cli.place, &args),
        Command::Export(args) => client::with(&cli.place, async |door| export::run(door, &args).await),
        Command::Retention(args) => client::with(&cli.place, async |door| retention::run(door, &args).await),
        Command::Token => client::token(&cli.place),
    };
    match outcome {
        Ok(code) => code,
        Err(e) => {
            // Whoever closed the pipe has read enough.
            let _ = writeln!(std::io::stderr(), "spendlight: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
