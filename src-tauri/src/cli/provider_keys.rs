//! `spendlight provider-keys`: list, set, remove. A key is read from standard input and never from the arguments, which any
//! program of this machine can see.

use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::client::Door;
use super::say;

#[derive(Args)]
pub struct ProviderKeysArgs {
    #[command(subcommand)]
    command: Option<ProviderKeysCommand>,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum ProviderKeysCommand {
    /// List whose keys are kept, and where
    List,
    /// Keep a provider's key, read from standard input, in the system's keychain
    Set {
        /// openai, gemini, anthropic, ...
        provider: String,
        /// Keep it in a file in the data folder that only you can read
        #[arg(long)]
        file: bool,
    },
    /// Forget a provider's key
    Remove { provider: String },
}

pub async fn run(door: &Door, args: &ProviderKeysArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        None | Some(ProviderKeysCommand::List) => list(door, args.json).await?,
        Some(ProviderKeysCommand::Set { provider, file }) => {
            let key = read_key(provider)?;
            let store = if *file { "file" } else { "keychain" };
            let body = json!({"key": key.trim(), "store": store});
            door.ask(Method::PUT, &format!("/v1/provider-keys/{provider}"), Some(&body)).await?.good()?;
            say(&format!("set      {provider}, in the {store}"));
        }
        Some(ProviderKeysCommand::Remove { provider }) => {
            door.ask(Method::DELETE, &format!("/v1/provider-keys/{provider}"), None).await?.good()?;
            say(&format!("removed  {provider}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the key: all of what is piped in, one line of what is typed.
fn read_key(provider: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut key = Zeroizing::new(String::new());
    let mut input = std::io::stdin().lock();
    let read = if input.is_terminal() {
        let _ = writeln!(std::io::stderr(), "Paste the key of {provider} and press Enter:");
        std::io::BufRead::read_line(&mut input, &mut key)
    } else {
        input.read_to_string(&mut key)
    };
    read.context("the key cannot be read from standard input")?;
    Ok(key)
}

async fn list(door: &Door, as_json: bool) -> anyhow::Result<()> {
    let answer = door.ask(Method::GET, "/v1/provider-keys", None).await?.good()?;
    if as_json {
        say(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    let kept = answer.get("provider_keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if kept.is_empty() {
        say("No provider's key is kept.");
    }
    for kept in kept {
        let text = |name: &str| kept.get(name).and_then(Value::as_str).unwrap_or_default();
        say(&format!("{:<22}  {}", text("provider"), text("store")));
    }
    Ok(())
}
