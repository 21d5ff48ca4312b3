//! `spendlight backup` and `spendlight restore`: the ledger into a file, and back. A restore works without the ledger
//! too, for that may be what is broken.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::client::{self, Door};
use super::say;
use crate::clock::Clock;
use crate::ledger::{self, LedgerError, Owner, OwnerError};
use crate::paths;
use crate::server::{Spendlight, Where};

/// A large ledger on a slow disk takes its time.
const PATIENCE: Duration = Duration::from_secs(3_600);

#[derive(Args)]
pub struct BackupArgs {
    /// A file that is not there yet, or a folder; else the data folder's own place for backups
    file: Option<PathBuf>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct RestoreArgs {
    /// A backup, or any ledger that is not in use
    file: PathBuf,
    /// Check the file and tell what is in it, and change nothing
    #[arg(long)]
    check: bool,
}

pub async fn back_up(door: &Door, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let file = args.file.as_deref().map(std::path::absolute).transpose()?;
    let body = json!({"file": file});
    let made = door.ask_within(PATIENCE, Method::POST, "/v1/data/backup", Some(&body)).await?.good()?;
    if args.json {
        say(&serde_json::to_string_pretty(&made)?);
    } else {
        let file = made.get("file").and_then(Value::as_str).unwrap_or_default();
        let (entries, bytes) = (made["entries"].as_i64().unwrap_or(0), made["bytes"].as_u64().unwrap_or(0));
        say(&format!("backed up  {}, {bytes} bytes  {file}", counted(entries)));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn restore(place: &Where, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let file = std::path::absolute(&args.file)?;
    let data = paths::data_folder(place.data_dir.clone())?;
    match Owner::take(&data) {
        Ok(owner) if args.check => {
            let candidate = ledger::examine(&data, &file).map_err(|e| unfit(&file, e))?;
            tell(&file, candidate.facts.entries, candidate.lacks);
            drop(owner);
        }
        Ok(owner) => {
            let candidate = ledger::stage(&data, &file, Clock::System.now()).map_err(|e| unfit(&file, e))?;
            // The next start takes it in, and that may as well be now.
            drop(owner);
            let opened = Spendlight::open(place)?;
            let failed = opened.app.meter.not_restored().map(str::to_owned);
            opened.close();
            if let Some(why) = failed {
                return Err(anyhow!("{why} It lies ready for the next start."));
            }
            tell(&file, candidate.facts.entries, candidate.lacks);
            say(&format!("restored   the ledger before it is kept in {}", data.display()));
        }
        Err(OwnerError::Taken { pid, .. }) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(ask(&client::running(place, &pid)?, &file, args.check))?;
        }
        Err(e) => return Err(e.into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Has the Spendlight that runs lay it ready.
async fn ask(door: &Door, file: &Path, check: bool) -> anyhow::Result<()> {
    let path = if check { "/v1/data/restore/check" } else { "/v1/data/restore" };
    let answer = door.ask_within(PATIENCE, Method::POST, path, Some(&json!({"file": file}))).await?.good();
    let candidate = answer.with_context(|| format!("{} is not restored", file.display()))?;
    tell(file, candidate["entries"].as_i64().unwrap_or(0), candidate["lacks_entries"].as_i64());
    if !check {
        say("ready      it takes the ledger's place when Spendlight is started the next time");
    }
    Ok(())
}

fn tell(file: &Path, entries: i64, lacks: Option<i64>) {
    say(&format!("sound      {}  {}", counted(entries), file.display()));
    match lacks {
        Some(0) => say("complete   it has every entry of the ledger"),
        Some(lacks) => say(&format!("lacks      {} of the ledger", counted(lacks))),
        None => say("lacks      nobody knows: the ledger cannot be read"),
    }
}

fn counted(entries: i64) -> String {
    format!("{entries} {}", if entries == 1 { "entry" } else { "entries" })
}

fn unfit(file: &Path, e: LedgerError) -> anyhow::Error {
    match e {
        LedgerError::Unfit(problem) => anyhow!("{} {problem}", file.display()),
        other => other.into(),
    }
}
