//! `spendlight retention`: how long single calls are kept. What would go is told before, and it is asked.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, ValueEnum};
use http::Method;
use serde_json::{Value, json};

use super::client::Door;
use super::say;

/// Taking a million calls out takes minutes: whoever records goes first.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// How long single calls are kept.
#[derive(Clone, Copy, ValueEnum)]
enum Keep {
    /// Every call is kept
    Forever,
    /// Two years
    #[value(name = "24")]
    Months24,
    /// A year
    #[value(name = "12")]
    Months12,
    /// Half a year
    #[value(name = "6")]
    Months6,
    /// A quarter of a year
    #[value(name = "3")]
    Months3,
}

impl Keep {
    /// As the API spells it.
    fn word(self) -> &'static str {
        match self {
            Keep::Forever => "forever",
            Keep::Months24 => "24_months",
            Keep::Months12 => "12_months",
            Keep::Months6 => "6_months",
            Keep::Months3 => "3_months",
        }
    }
}

#[derive(Args)]
pub struct RetentionArgs {
    /// How many months single calls are kept; without it, what is set is told
    keep: Option<Keep>,
    /// Take out what is older without asking
    #[arg(long, requires = "keep")]
    yes: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(door: &Door, args: &RetentionArgs) -> anyhow::Result<ExitCode> {
    if let Some(keep) = args.keep
        && !set(door, keep, args.yes).await?
    {
        say("nothing is changed");
        return Ok(ExitCode::FAILURE);
    }
    let data = door.ask(Method::GET, "/v1/data", None).await?.good()?;
    let (retention, ledger) = (&data["retention"], &data["ledger"]);
    if args.json {
        let body = json!({"keep_calls": retention["keep_calls"], "before": retention["before"],
            "gone_calls": ledger["gone_calls"], "gone_until": ledger["gone_until"]});
        say(&serde_json::to_string_pretty(&body)?);
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("kept   {}", kept(&retention["keep_calls"])));
    if let Some(until) = day(&ledger["gone_until"]) {
        let gone = calls(ledger["gone_calls"].as_i64().unwrap_or(0));
        say(&format!("gone   {gone} up to {until}; what they add up to is kept"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Keeps single calls for so long from now on. False where the user does not want what that takes out.
async fn set(door: &Door, keep: Keep, yes: bool) -> anyhow::Result<bool> {
    let path = format!("/v1/data/retention?keep_calls={}", keep.word());
    let would = door.ask(Method::GET, &path, None).await?.good()?;
    let entries = would["entries"].as_i64().unwrap_or(0);
    if entries > 0 && !yes {
        let span = [&would["oldest_at"], &would["newest_at"]].map(|at| day(at).unwrap_or_default());
        let what = format!("{} from {} to {}", calls(entries), span[0], span[1]);
        if !std::io::stdin().is_terminal() {
            bail!("{what} would be taken out, which cannot be undone; say --yes to have it done");
        }
        let mut terminal = std::io::stderr();
        write!(terminal, "{what} will be taken out, which cannot be undone. Their totals stay. Go on? [y/N] ")?;
        terminal.flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if !["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) {
            return Ok(false);
        }
    }
    door.ask(Method::PUT, "/v1/settings", Some(&json!({"keep_calls": keep.word()}))).await?.good()?;
    door.ask_within(PATIENCE, Method::POST, "/v1/data/retention", Some(&json!({}))).await?.good()?;
    Ok(true)
}

/// "single calls for 12 months".
fn kept(keep: &Value) -> String {
    match keep.as_str().and_then(|word| word.strip_suffix("_months")) {
        Some(months) => format!("single calls for {months} months"),
        None => "every call".to_owned(),
    }
}

fn calls(n: i64) -> String {
    format!("{n} {}", if n == 1 { "call" } else { "calls" })
}

fn day(at: &Value) -> Option<&str> {
    at.as_str()?.get(..10)
}
