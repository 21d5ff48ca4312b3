//! `spendlight budgets`: list, add, change, remove.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Map, Value, json};

use super::client::Door;
use super::{numbers, say};

#[derive(Args)]
pub struct BudgetsArgs {
    #[command(subcommand)]
    command: Option<BudgetsCommand>,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum BudgetsCommand {
    /// Add a budget
    Add(BudgetFields),
    /// Change what is named of a budget; the rest stays
    Set {
        /// The budget's id, as `spendlight budgets` lists it
        id: String,
        #[command(flatten)]
        fields: BudgetFields,
    },
    /// Remove a budget
    Remove { id: String },
}

#[derive(Args)]
struct BudgetFields {
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    provider: Option<String>,
    /// A model's name, or its beginning followed by *
    #[arg(long)]
    model: Option<String>,
    #[arg(long)]
    project: Option<String>,
    #[arg(long)]
    user: Option<String>,
    /// The id of a Spendlight key
    #[arg(long)]
    key: Option<String>,
    /// minute, hour, day, week, month or total
    #[arg(long)]
    window: Option<String>,
    /// usd, tokens or requests
    #[arg(long)]
    unit: Option<String>,
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::amount)]
    limit: Option<f64>,
    /// What is kept back of the limit
    #[arg(long, allow_negative_numbers = true, value_parser = numbers::amount)]
    buffer: Option<f64>,
    /// block, warn or ask
    #[arg(long)]
    action: Option<String>,
    /// Percentages at which to speak, like 80,95
    #[arg(long, value_delimiter = ',', allow_negative_numbers = true, value_parser = numbers::percent)]
    thresholds: Option<Vec<u8>>,
    /// An IANA name, like Europe/Berlin
    #[arg(long)]
    time_zone: Option<String>,
    #[arg(long)]
    enabled: Option<bool>,
}

impl BudgetFields {
    /// Puts what is named over `budget`.
    fn over(&self, budget: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                budget.insert(name.to_owned(), value);
            }
        };
        put("name", self.name.as_ref().map(|v| json!(v)));
        put("window", self.window.as_ref().map(|v| json!(v)));
        put("unit", self.unit.as_ref().map(|v| json!(v)));
        put("limit", self.limit.map(number));
        put("buffer", self.buffer.map(number));
        put("action", self.action.as_ref().map(|v| json!(v)));
        put("thresholds", self.thresholds.as_ref().map(|v| json!(v)));
        put("time_zone", self.time_zone.as_ref().map(|v| json!(v)));
        put("enabled", self.enabled.map(|v| json!(v)));
        let scope = budget.entry("scope").or_insert_with(|| json!({}));
        let parts = [
            ("provider", &self.provider),
            ("model", &self.model),
            ("project", &self.project),
            ("user", &self.user),
            ("key", &self.key),
        ];
        for (name, part) in parts {
            if let (Some(part), Some(scope)) = (part, scope.as_object_mut()) {
                scope.insert(name.to_owned(), json!(part));
            }
        }
    }
}

/// A whole number is written as one, so that 1000000 tokens stay what was typed.
#[allow(clippy::cast_possible_truncation, reason = "only where nothing is cut off")]
fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { json!(n as i64) } else { json!(n) }
}

pub async fn run(door: &Door, args: &BudgetsArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        None => list(door, args.json).await?,
        Some(BudgetsCommand::Add(fields)) => {
            let mut budget = Map::new();
            fields.over(&mut budget);
            let added = door.ask(Method::POST, "/v1/budgets", Some(&Value::Object(budget))).await?.good()?;
            say(&format!("added    {}", line(&added, None)));
        }
        Some(BudgetsCommand::Set { id, fields }) => {
            let path = format!("/v1/budgets/{id}");
            let mut budget = door.ask(Method::GET, &path, None).await?.good()?;
            if let Some(budget) = budget.as_object_mut() {
                fields.over(budget);
            }
            let changed = door.ask(Method::PUT, &path, Some(&budget)).await?.good()?;
            say(&format!("changed  {}", line(&changed, in_force(&standings(door).await?, &changed))));
        }
        Some(BudgetsCommand::Remove { id }) => {
            door.ask(Method::DELETE, &format!("/v1/budgets/{id}"), None).await?.good()?;
            say(&format!("removed  {id}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(door: &Door, as_json: bool) -> anyhow::Result<()> {
    let answer = door.ask(Method::GET, "/v1/budgets", None).await?.good()?;
    if as_json {
        say(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    let standings = standings(door).await?;
    for budget in answer.get("budgets").and_then(Value::as_array).into_iter().flatten() {
        say(&line(budget, in_force(&standings, budget)));
    }
    Ok(())
}

/// Where the budgets stand: there, and not in the budgets themselves, is the limit in force now.
async fn standings(door: &Door) -> anyhow::Result<Vec<Value>> {
    let mut status = door.ask(Method::GET, "/v1/status", None).await?.good()?;
    let standings = status.get_mut("budgets").map(Value::take);
    Ok(standings.and_then(|standings| standings.as_array().cloned()).unwrap_or_default())
}

/// The limit in force of `budget`; none where it is off.
fn in_force<'a>(standings: &'a [Value], budget: &Value) -> Option<&'a Value> {
    standings.iter().find(|standing| standing.get("budget") == budget.get("id"))?.get("limit")
}

/// `openai-day  OpenAI today  1 usd a day, blocks`; while it is raised, `3 usd a day, raised from 1, blocks`.
fn line(budget: &Value, in_force: Option<&Value>) -> String {
    let text = |name: &str| budget.get(name).and_then(Value::as_str).unwrap_or_default();
    let off = if budget.get("enabled") == Some(&Value::Bool(false)) { ", off" } else { "" };
    let own = budget.get("limit").cloned().unwrap_or_default();
    let limit = in_force.unwrap_or(&own);
    let raised = if *limit == own { String::new() } else { format!(", raised from {own}") };
    let span = match text("window") {
        "total" => "in total".to_owned(),
        "hour" => "an hour".to_owned(),
        window => format!("a {window}"),
    };
    format!(
        "{:<22}  {:<24}  {limit} {} {span}{raised}, {}s{off}",
        text("id"),
        text("name"),
        text("unit"),
        text("action")
    )
}
