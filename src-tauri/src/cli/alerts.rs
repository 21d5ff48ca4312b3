//! `spendlight alerts`: list, acknowledge, dismiss, snooze.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Value, json};

use super::client::Door;
use super::say;

#[derive(Args)]
pub struct AlertsArgs {
    #[command(subcommand)]
    command: Option<AlertsCommand>,
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<StateArg>,
    /// Only those of this level
    #[arg(long, value_enum)]
    level: Option<LevelArg>,
    /// Only those of this budget, by its id
    #[arg(long)]
    budget: Option<String>,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum StateArg {
    New,
    Snoozed,
    Acknowledged,
    Dismissed,
}

#[derive(Clone, Copy, ValueEnum)]
enum LevelArg {
    Warning,
    Critical,
    Exceeded,
}

#[derive(Subcommand)]
enum AlertsCommand {
    /// Take note of an alert
    Acknowledge {
        /// The alert's number, as `spendlight alerts` lists it
        id: i64,
    },
    /// Put an alert away
    Dismiss { id: i64 },
    /// Put an alert aside; it comes back by itself
    Snooze {
        id: i64,
        /// hour, morning (the next 08:00), or a time like 2026-11-22T14:40:05Z
        #[arg(long, default_value = "hour")]
        until: String,
    },
}

pub async fn run(door: &Door, args: &AlertsArgs) -> anyhow::Result<ExitCode> {
    let (id, act, body) = match &args.command {
        None => {
            list(door, args).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(AlertsCommand::Acknowledge { id }) => (id, "acknowledge", json!({})),
        Some(AlertsCommand::Dismiss { id }) => (id, "dismiss", json!({})),
        Some(AlertsCommand::Snooze { id, until }) => (id, "snooze", json!({ "until": until })),
    };
    let alert = door.ask(Method::POST, &format!("/v1/alerts/{id}/{act}"), Some(&body)).await?.good()?;
    say(&line(&alert));
    Ok(ExitCode::SUCCESS)
}

async fn list(door: &Door, args: &AlertsArgs) -> anyhow::Result<()> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let words = [("state", args.state.map(word)), ("level", args.level.map(word)), ("budget", args.budget.clone())];
    for (name, value) in words {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    let answer = door.ask(Method::GET, &format!("/v1/alerts?{}", query.finish()), None).await?.good()?;
    if args.json {
        say(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    let alerts = answer.get("alerts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if alerts.is_empty() {
        say("No alert is like that.");
    }
    for alert in alerts {
        say(&line(alert));
    }
    Ok(())
}

/// A choice, as the API spells it.
fn word(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// `12  2026-11-22T14:40:05.000Z  critical  OpenAI today is at 95 %  (snoozed until 2026-11-22T15:40:05.000Z)`
fn line(alert: &Value) -> String {
    let text = |name: &str| alert.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = alert.get("id").and_then(Value::as_i64).unwrap_or_default();
    let state = match text("state") {
        "new" => String::new(),
        "snoozed" => format!("  (snoozed until {})", text("snoozed_until")),
        state if text("answered_at").is_empty() => format!("  ({state})"),
        state => format!("  ({state} {})", text("answered_at")),
    };
    format!("{id:<4}  {}  {:<8}  {}{state}", text("at"), text("level"), text("title").replace('\u{a0}', " "))
}
