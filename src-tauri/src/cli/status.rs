//! `spendlight status`: the sentence, then a line for each budget.

use std::process::ExitCode;

use clap::Args;
use http::Method;
use serde_json::Value;

use super::client::Door;
use super::say;

#[derive(Args)]
pub struct StatusArgs {
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Print the sentence alone
    #[arg(long, conflicts_with = "json")]
    line: bool,
}

pub async fn run(door: &Door, args: &StatusArgs) -> anyhow::Result<ExitCode> {
    let status = door.ask(Method::GET, "/v1/status", None).await?.good()?;
    if args.json {
        say(&serde_json::to_string_pretty(&status)?);
        return Ok(ExitCode::SUCCESS);
    }
    let lines = status.get("lines").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for line in lines.iter().take(if args.line { 1 } else { usize::MAX }) {
        say(line.as_str().unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}
