//! `spendlight keys`: list, issue, revoke. The key is the only thing that issuing prints on stdout, so that a script can
//! take it.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Map, Value, json};

use super::client::Door;
use super::say;

#[derive(Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: Option<KeysCommand>,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// List the keys, without what they are
    List,
    /// Issue a key and print it, this once
    Issue {
        /// What the key is for
        #[arg(long)]
        name: String,
        /// The project of its calls
        #[arg(long)]
        project: Option<String>,
        /// A model it may use, or the beginning of its name followed by *; may be given several times, or never for all
        #[arg(long)]
        model: Vec<String>,
        /// Your own id for it; made from the name where it is not given
        #[arg(long)]
        id: Option<String>,
    },
    /// Refuse a key from now on
    Revoke {
        /// The key's id, as `spendlight keys` lists it
        id: String,
    },
}

pub async fn run(door: &Door, args: &KeysArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        None | Some(KeysCommand::List) => list(door, args.json).await?,
        Some(KeysCommand::Issue { name, project, model, id }) => {
            let mut body = Map::new();
            body.insert("name".to_owned(), json!(name));
            body.insert("models".to_owned(), json!(model));
            for (field, text) in [("project", project), ("id", id)] {
                if let Some(text) = text {
                    body.insert(field.to_owned(), json!(text));
                }
            }
            let issued = door.ask(Method::POST, "/v1/keys", Some(&Value::Object(body))).await?.good()?;
            if args.json {
                say(&serde_json::to_string_pretty(&issued)?);
            } else {
                say(text(&issued, "key"));
                // Whoever closed the pipe has the key.
                let told = format!("Issued as {}. It is not shown again.", text(&issued, "id"));
                let _ = writeln!(std::io::stderr(), "{told}");
            }
        }
        Some(KeysCommand::Revoke { id }) => {
            door.ask(Method::DELETE, &format!("/v1/keys/{id}"), None).await?.good()?;
            say(&format!("revoked  {id}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(door: &Door, as_json: bool) -> anyhow::Result<()> {
    let answer = door.ask(Method::GET, "/v1/keys", None).await?.good()?;
    if as_json {
        say(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    let keys = answer.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() {
        say("No key is issued.");
    }
    for key in keys {
        say(&line(key));
    }
    Ok(())
}

/// `nightly-eval  Nightly eval  project eval, gpt-5-mini*, last used 2026-11-22`
fn line(key: &Value) -> String {
    let models = key.get("models").and_then(Value::as_array).into_iter().flatten();
    let models: Vec<&str> = models.filter_map(Value::as_str).collect();
    let day = |field| text(key, field).get(..10).map(str::to_owned);
    let mut parts = Vec::new();
    if !text(key, "project").is_empty() {
        parts.push(format!("project {}", text(key, "project")));
    }
    parts.push(if models.is_empty() { "all models".to_owned() } else { models.join(" ") });
    parts.push(match (day("revoked_at"), day("last_used_at")) {
        (Some(day), _) => format!("revoked {day}"),
        (None, Some(day)) => format!("last used {day}"),
        (None, None) => "never used".to_owned(),
    });
    format!("{:<22}  {:<24}  {}", text(key, "id"), text(key, "name"), parts.join(", "))
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}
