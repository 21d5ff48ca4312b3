//! `spendlight check` and `spendlight record`: the two requests of a script, for a shell.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};

use super::client::Door;
use super::{DENIED, numbers, say};

/// Whose call it is.
#[derive(Args)]
struct CallArgs {
    /// openai, gemini, anthropic, ...
    #[arg(long)]
    provider: String,
    #[arg(long)]
    project: Option<String>,
    #[arg(long)]
    session: Option<String>,
    #[arg(long)]
    user: Option<String>,
    #[arg(long)]
    operation: Option<String>,
    /// Your own id of the call; the same id never counts twice
    #[arg(long)]
    call_id: Option<String>,
    #[arg(long)]
    service_tier: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

impl CallArgs {
    fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("provider".to_owned(), json!(self.provider));
        let texts = [
            ("project", &self.project),
            ("session", &self.session),
            ("user", &self.user),
            ("operation", &self.operation),
            ("call_id", &self.call_id),
            ("service_tier", &self.service_tier),
        ];
        for (name, text) in texts {
            put(&mut body, name, text.as_ref());
        }
        body
    }
}

fn put<T: Into<Value> + Clone>(body: &mut Map<String, Value>, name: &str, value: Option<&T>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.clone().into());
    }
}

#[derive(Args)]
pub struct CheckArgs {
    #[command(flatten)]
    call: CallArgs,
    #[arg(long)]
    model: String,
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    input_tokens: Option<u64>,
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    max_output_tokens: Option<u64>,
    /// The most it can cost, in dollars
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::amount)]
    cost_usd: Option<f64>,
    /// Hold the ceiling until the call is recorded
    #[arg(long)]
    reserve: bool,
    /// For how long to hold it
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    ttl_seconds: Option<u64>,
}

pub async fn check(door: &Door, args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let mut body = args.call.body();
    put(&mut body, "model", Some(&args.model));
    put(&mut body, "input_tokens", args.input_tokens.as_ref());
    put(&mut body, "max_output_tokens", args.max_output_tokens.as_ref());
    put(&mut body, "cost_usd", args.cost_usd.as_ref());
    put(&mut body, "ttl_seconds", args.ttl_seconds.as_ref());
    put(&mut body, "reserve", args.reserve.then_some(true).as_ref());
    let answer = door.ask(Method::POST, "/v1/check", Some(&Value::Object(body))).await?;
    let denied = answer.body.get("allowed") == Some(&Value::Bool(false));
    let verdict = if denied { answer.body } else { answer.good()? };
    if args.call.json {
        say(&serde_json::to_string_pretty(&verdict)?);
    } else if denied {
        say(&format!("denied   {}", text(&verdict, "detail")));
    } else {
        let ceiling = verdict.pointer("/ceiling/cost_usd").cloned().unwrap_or_default();
        say(&format!("allowed  up to ${ceiling}  {}", text(&verdict, "call_id")));
        for warning in verdict.get("warnings").and_then(Value::as_array).into_iter().flatten() {
            say(&format!("warning  {}", warning.as_str().unwrap_or_default()));
        }
    }
    Ok(if denied { ExitCode::from(DENIED) } else { ExitCode::SUCCESS })
}

#[derive(Args)]
pub struct RecordArgs {
    #[command(flatten)]
    call: CallArgs,
    #[arg(long)]
    model: Option<String>,
    /// All of the input, cached tokens included
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    input_tokens: Option<u64>,
    /// All of the output, reasoning included
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    output_tokens: Option<u64>,
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    cache_read_tokens: Option<u64>,
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    cache_write_tokens: Option<u64>,
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    reasoning_tokens: Option<u64>,
    /// The provider's own JSON response, in place of the counts; - reads it from standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["input_tokens", "output_tokens"])]
    response: Option<PathBuf>,
    /// What it cost, in dollars, where you know; else it is priced
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::amount)]
    cost_usd: Option<f64>,
    /// When it was made, like 2026-11-22T14:40:05Z; else now
    #[arg(long)]
    at: Option<String>,
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::count)]
    latency_ms: Option<u64>,
    /// The call failed
    #[arg(long)]
    failed: bool,
    #[arg(long, requires = "failed")]
    error: Option<String>,
}

pub async fn record(door: &Door, args: &RecordArgs) -> anyhow::Result<ExitCode> {
    let mut body = args.call.body();
    put(&mut body, "model", args.model.as_ref());
    put(&mut body, "input_tokens", args.input_tokens.as_ref());
    put(&mut body, "output_tokens", args.output_tokens.as_ref());
    put(&mut body, "cache_read_tokens", args.cache_read_tokens.as_ref());
    put(&mut body, "cache_write_tokens", args.cache_write_tokens.as_ref());
    put(&mut body, "reasoning_tokens", args.reasoning_tokens.as_ref());
    put(&mut body, "cost_usd", args.cost_usd.as_ref());
    put(&mut body, "at", args.at.as_ref());
    put(&mut body, "latency_ms", args.latency_ms.as_ref());
    put(&mut body, "error", args.error.as_ref());
    put(&mut body, "ok", args.failed.then_some(false).as_ref());
    if let Some(path) = &args.response {
        let text = if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        } else {
            std::fs::read_to_string(path)
        };
        let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
        let response: Value = serde_json::from_str(&text).context("the response is not JSON")?;
        body.insert("response".to_owned(), response);
    }
    let answer = door.ask(Method::POST, "/v1/record", Some(&Value::Object(body))).await?.good()?;
    if args.call.json {
        say(&serde_json::to_string_pretty(&answer)?);
        return Ok(ExitCode::SUCCESS);
    }
    let entry = answer.get("entry").cloned().unwrap_or_default();
    let replayed = if answer.get("replayed") == Some(&Value::Bool(true)) { "  recorded before" } else { "" };
    let cost = entry.get("cost_usd").cloned().unwrap_or_default();
    say(&format!("recorded  ${cost}  {}  {}{replayed}", text(&entry, "priced"), text(&entry, "call_id")));
    Ok(ExitCode::SUCCESS)
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}
