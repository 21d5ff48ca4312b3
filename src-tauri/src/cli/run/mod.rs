//! `spendlight run`: a command whose calls go through the proxy under a key of their own, capped if it is asked to be, and a
//! receipt at its end.
//!
//! The key and its budget are the run's alone, but for a run within another (`around.rs`): they go when it ends, and what
//! a run that was killed left behind goes with the next start (`ledger/lease.rs`). The key stands in the base URLs that the
//! command is told, so that the provider's key it sends passes untouched.

mod around;
mod child;
mod environment;
mod host;
mod receipt;
mod title;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::client::{Answer, Door};
use crate::clock::{Clock, machine_zone};
use crate::config::Config;
use crate::domain::money::{NANOS, Nusd, parse_nanos};
use crate::domain::quantity::LARGEST;
use crate::domain::run;
use crate::ledger::{Lease, abandoned_runs};
use crate::paths;
use crate::server::Where;
use around::Around;
use child::Signals;
use environment::Environment;
use host::Host;
use receipt::Receipt;

/// --max denied a call. Not among what shells, `timeout` and `xargs` end with.
const CAPPED: u8 = 122;

/// How long calls are waited for that were under way when the command ended, and how often they are looked for.
const SETTLE_WITHIN: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);

const MORE: &str = "\
The command is told to send its calls through Spendlight, by the variables that SDKs read:
OPENAI_BASE_URL, ANTHROPIC_BASE_URL, GOOGLE_GEMINI_BASE_URL and others. Its own provider keys stay as
they are. One of these variables that is set already and leads to a provider that Spendlight knows
leads there through Spendlight; one that leads elsewhere is left alone, and said.

A run within a run is part of it: its calls count in both, and both caps hold.

When no Spendlight runs, one runs for as long as the command does.

Exit status:
  that of the command, 128 + N where signal N ended it
  122  --max denied a call, whatever the command made of it
  126  the command cannot be run
  127  there is no such command
  1    Spendlight could not be reached or started; 2 for an option that is not understood";

#[derive(Args)]
#[command(after_help = MORE)]
pub struct RunArgs {
    /// The most that all of its calls may cost together, in dollars; a call that could take it over is denied
    #[arg(long, value_name = "USD", value_parser = dollars, allow_hyphen_values = true)]
    max: Option<Nusd>,
    /// The project of its calls
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

fn dollars(text: &str) -> Result<Nusd, String> {
    let nanos = parse_nanos(text).map_err(|e| format!("{e}: dollars, like 0.50"))?;
    if nanos <= 0 {
        return Err("must be more than 0".to_owned());
    }
    let within = i64::try_from(nanos).ok().filter(|nanos| *nanos <= LARGEST);
    within.map(Nusd).ok_or_else(|| format!("must be at most {}", LARGEST / NANOS))
}

/// Runs the command and says how it ended.
pub fn run(place: &Where, args: &RunArgs) -> anyhow::Result<ExitCode> {
    // What the desktop could not show is no concern of a terminal's.
    super::serve::log("warn,spendlight::deliver=error,zbus=error");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let status = runtime.block_on(under_lease(place, args))?;
    runtime.shutdown_background();
    Ok(ExitCode::from(status))
}

async fn under_lease(place: &Where, args: &RunArgs) -> anyhow::Result<u8> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|e| anyhow!("the system has no random bytes: {e}"))?;
    let now = Clock::System.now();
    let title = title::title(&args.command, now, machine_zone());
    let mut run = Run { id: run::id(now, random), title, args, around: None };
    let config = Config::read(paths::config_file(place.config.clone()).as_deref())?;
    let data = paths::data_folder(place.data_dir.clone())?;
    // Before there is anything that must not be left behind.
    let mut signals = Signals::listen()?;
    let lease =
        Lease::take(&data, &run.id).with_context(|| format!("the data folder {} cannot be used", data.display()))?;
    let host = match Host::find(place).await {
        Ok(host) => host,
        Err(e) => {
            lease.end();
            return Err(e);
        }
    };
    clean_up(&host.door, &data).await;
    let outcome = match Around::find(&host, now, own).await {
        Ok(around) => {
            run.around = around;
            run.through(&host, &config, &mut signals).await
        }
        Err(e) => Err(e),
    };
    match run.leave_nothing(&host.door).await {
        Ok(()) => lease.end(),
        // The lease lies there for whoever starts next.
        Err(e) => tell(&format!("the run's key and budget go with the next start of Spendlight: {e:#}")),
    }
    host.close(&data, &run.id, &mut signals).await;
    outcome
}

struct Run<'a> {
    /// Of the run, its key and its budget.
    id: String,
    title: String,
    args: &'a RunArgs,
    around: Option<Around>,
}

/// A variable of our own environment.
fn own(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Run<'_> {
    /// The id of the key that its calls have.
    fn key(&self) -> &str {
        self.around.as_ref().map_or(&self.id, |around| &around.id)
    }

    async fn through(&self, host: &Host, config: &Config, signals: &mut Signals) -> anyhow::Result<u8> {
        let key = self.issue(&host.door).await?;
        let project = self.args.project.as_deref();
        let mut environment = Environment::of(&host.base, &key, project, &config.upstreams, own);
        environment.set.push((around::VARIABLE, around::named(self.key(), &key)));
        for name in &environment.past {
            tell(&format!(
                "{name} is set and leads past Spendlight: what goes there is neither counted nor capped. Unset it, or \
                 name its address as a provider in config.toml."
            ));
        }
        for name in &environment.rekeyed {
            tell(&format!(
                "{name} has a Spendlight key: within the run its calls have the run's, so that the key's budgets and \
                 models do not hold for them."
            ));
        }
        let mut child = match child::start(&self.args.command, &environment.set) {
            Ok(child) => child,
            Err(e) => {
                tell(&e.to_string());
                return Ok(e.status());
            }
        };
        let ended = child::wait(&mut child, signals).await?;
        let (status, by_signal) = child::code(ended);
        let under_way = self.settled(&host.door).await;
        match self.receipt(&host.door, under_way).await {
            Ok(receipt) if receipt.capped(&self.id) > 0 && !by_signal => {
                tell(&format!("--max was reached: exit status {CAPPED} (the command's own was {status})"));
                Ok(CAPPED)
            }
            Ok(_) => Ok(status),
            Err(e) => {
                tell(&format!("there is no receipt: {e:#}"));
                Ok(status)
            }
        }
    }

    /// Issues the key, unless it is the outer run's, and the budget where there is to be one.
    async fn issue(&self, door: &Door) -> anyhow::Result<String> {
        let (key, spent) = match &self.around {
            Some(around) => (around.key.clone(), around.spent),
            None => {
                let key = json!({"id": self.id, "name": self.title, "project": self.args.project});
                let issued = door.ask(Method::POST, "/v1/keys", Some(&key)).await?.good()?;
                let key = issued.get("key").and_then(Value::as_str).map(str::to_owned);
                (key.ok_or_else(|| anyhow!("Spendlight issued no key"))?, Nusd::ZERO)
            }
        };
        if let Some(max) = self.args.max {
            let limit = Nusd(max.0.saturating_add(spent.0).min(LARGEST));
            let budget = json!({"id": self.id, "name": self.title, "scope": {"key": self.key()}, "window": "total",
                "unit": "usd", "limit": limit, "action": "block"});
            door.ask(Method::POST, "/v1/budgets", Some(&budget)).await?.good()?;
        }
        Ok(key)
    }

    /// Waits for calls that are still being settled; tells how many are not when the wait is over.
    async fn settled(&self, door: &Door) -> u64 {
        let path = format!("/v1/keys/{}", self.key());
        let under_way = async || {
            let key = door.ask(Method::GET, &path, None).await.map(|answer| answer.body).unwrap_or_default();
            key.get("in_flight").and_then(Value::as_u64).unwrap_or(0)
        };
        let all = async {
            while under_way().await > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        match tokio::time::timeout(SETTLE_WITHIN, all).await {
            Ok(()) => 0,
            Err(_) => under_way().await,
        }
    }

    async fn receipt(&self, door: &Door, under_way: u64) -> anyhow::Result<Receipt> {
        let budgets = door.ask(Method::GET, "/v1/budgets", None).await?.good()?;
        // Whatever has been denied is written down before the revocation is, or the removal.
        self.leave_nothing(door).await?;
        let since = self.around.as_ref().map(|around| around.since);
        let receipt = Receipt::read(door, self.key(), since, under_way).await?;
        let name_of = |id: &str| {
            let mut all = budgets.get("budgets")?.as_array()?.iter();
            all.find(|budget| budget.get("id").is_some_and(|known| known == id))?
                .get("name")?
                .as_str()
                .map(str::to_owned)
        };
        tell(&self.title);
        for line in receipt.lines(&self.id, self.args.max, name_of) {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        Ok(receipt)
    }

    async fn leave_nothing(&self, door: &Door) -> anyhow::Result<()> {
        gone(door.ask(Method::DELETE, &format!("/v1/keys/{}", self.id), None).await?)?;
        gone(door.ask(Method::DELETE, &format!("/v1/budgets/{}", self.id), None).await?)
    }
}

/// Takes away what runs left behind whose processes were killed.
async fn clean_up(door: &Door, data: &Path) {
    for lease in abandoned_runs(data) {
        let (key, budget) = (format!("/v1/keys/{}", lease.id()), format!("/v1/budgets/{}", lease.id()));
        let mut all = true;
        for path in [key, budget] {
            all &= door.ask(Method::DELETE, &path, None).await.and_then(gone).is_ok();
        }
        if all {
            lease.end();
        }
    }
}

/// What is not there need not be removed.
fn gone(answer: Answer) -> anyhow::Result<()> {
    if answer.status == 404 { Ok(()) } else { answer.good().map(drop) }
}

/// Says something beside what the command says.
fn tell(sentence: &str) {
    // Whoever closed the pipe has read enough.
    let _ = writeln!(std::io::stderr(), "spendlight: {sentence}");
}
