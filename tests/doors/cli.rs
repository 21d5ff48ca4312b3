//! The command line: every command with a running server and without one, its exit status, and `--json`.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::program::{Program, in_a_terminal, run, run_with_input, skipped};
use crate::world::nanos;

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The answer of a command that must end with `status`.
#[track_caller]
fn ends(data: &Path, status: i32, args: &[&str]) -> String {
    let output = run(data, args);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {} {}", out(&output), err(&output));
    out(&output)
}

#[track_caller]
fn json_of(data: &Path, status: i32, args: &[&str]) -> Value {
    serde_json::from_str(&ends(data, status, args)).unwrap()
}

/// The same life, whoever has the ledger.
fn a_day_of_commands(data: &Path) {
    let added =
        ends(data, 0, &["budgets", "add", "--provider", "house", "--window", "day", "--limit", "1", "--name", "House"]);
    assert!(added.starts_with("added") && added.contains("house-day"), "{added}");
    let listed = ends(data, 0, &["budgets"]);
    assert!(listed.contains("openai-day") && listed.contains("house-day"), "{listed}");
    assert_eq!(json_of(data, 0, &["budgets", "--json"])["budgets"].as_array().unwrap().len(), 5);
    let changed = ends(data, 0, &["budgets", "set", "house-day", "--limit", "0.5"]);
    assert!(changed.contains("0.5 usd a day"), "what is not named stays: {changed}");

    let call = ["--provider", "house", "--model", "m"];
    let check = |cost: &str, rest: &[&str], status| {
        ends(data, status, &[&["check"], &call[..], &["--cost-usd", cost], rest].concat())
    };
    assert!(check("0.2", &[], 0).starts_with("allowed"));
    assert!(check("0.6", &[], 3).starts_with("denied"), "3 is no");
    let verdict = json_of(data, 3, &[&["check"], &call[..], &["--cost-usd", "0.6", "--json"]].concat());
    assert_eq!((&verdict["allowed"], &verdict["reason"]), (&json!(false), &json!("budget_exceeded")));
    check("0.4", &["--reserve", "--call-id", "held"], 0);
    check("0.2", &[], 3);

    let recorded = ends(
        data,
        0,
        &[&["record"], &call[..], &["--cost-usd", "0.3", "--call-id", "held", "--project", "p"]].concat(),
    );
    assert!(recorded.starts_with("recorded  $0.3") && recorded.contains("held"), "{recorded}");
    let again = ends(
        data,
        0,
        &[&["record"], &call[..], &["--cost-usd", "0.3", "--call-id", "held", "--project", "p"]].concat(),
    );
    assert!(again.contains("recorded before"), "{again}");
    let other = run(data, &[&["record"], &call[..], &["--cost-usd", "0.4", "--call-id", "held"]].concat());
    assert!(other.status.code() == Some(1) && err(&other).contains("recorded differently"), "{}", err(&other));
    let failed = json_of(
        data,
        0,
        &[&["record"], &call[..], &["--cost-usd", "0", "--failed", "--error", "e", "--json"]].concat(),
    );
    assert_eq!((&failed["entry"]["ok"], &failed["entry"]["error"]), (&json!(false), &json!("e")));
    let response = json!({"model": "gpt-5-mini", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}).to_string();
    let read = run_with_input(data, &["record", "--provider", "openai", "--response", "-", "--json"], &response);
    let entry: Value = serde_json::from_str(&out(&read)).unwrap();
    assert_eq!((&entry["entry"]["input_tokens"], &entry["entry"]["model"]), (&json!(10), &json!("gpt-5-mini")));

    let status = json_of(data, 0, &["status", "--json"]);
    assert_eq!(status["today"]["calls"], 3);
    let house = status["budgets"].as_array().unwrap().iter().find(|b| b["budget"] == "house-day").unwrap();
    assert_eq!((nanos(&house["used"]), nanos(&house["reserved"])), (300_000_000, 0));
    let told = ends(data, 0, &["status"]);
    assert!(told.lines().count() >= 6 && told.contains("House"), "{told}");
    assert_eq!(ends(data, 0, &["status", "--line"]).lines().count(), 1);

    ends(data, 0, &["budgets", "remove", "house-day"]);
    let gone = run(data, &["budgets", "remove", "house-day"]);
    assert!(gone.status.code() == Some(1) && err(&gone).contains("no budget has the id"), "{}", err(&gone));
    let wrong = run(data, &["budgets", "add", "--window", "year", "--limit", "1"]);
    assert!(wrong.status.code() == Some(1) && err(&wrong).contains("window"), "{}", err(&wrong));
    for not_understood in
        [&["chek"][..], &["check", "--provider", "house"], &["record", "--provider"], &["status", "--jsn"]]
    {
        assert_eq!(run(data, not_understood).status.code(), Some(2), "{not_understood:?}");
    }
    for (wrong, said) in [
        (&["check", "--provider", "house", "--model", "m", "--max-output-tokens", "-5"][..], "--max-output-tokens"),
        (&["record", "--provider", "house", "--model", "m", "--latency-ms", "soon"], "--latency-ms"),
        (&["record", "--provider", "house", "--model", "m", "--cost-usd", "-0.1"], "--cost-usd"),
        (&["record", "--provider", "house", "--model", "m", "--cost-usd", "NaN"], "--cost-usd"),
        (&["budgets", "add", "--window", "day", "--limit", "-1"], "--limit"),
        (&["budgets", "add", "--window", "day", "--limit", "1", "--thresholds", "80,100"], "--thresholds"),
    ] {
        let output = run(data, wrong);
        let said = format!("for '{said} <");
        assert!(output.status.code() == Some(2) && err(&output).contains(&said), "{wrong:?}: {}", err(&output));
        assert!(err(&output).contains("must be"), "{wrong:?} says what would do: {}", err(&output));
    }
    let csv = ends(data, 0, &["export"]);
    assert!(csv.starts_with("call_id,at,provider") && csv.lines().count() == 4, "{csv}");
    let narrowed = ends(data, 0, &["export", "--format", "ndjson", "--outcome", "failed", "--provider", "house"]);
    let failed: Value = serde_json::from_str(narrowed.trim()).unwrap();
    assert_eq!(failed["error"], "e");
    let file = data.join("calls.csv");
    let name = file.to_str().unwrap();
    assert!(ends(data, 0, &["export", name]).starts_with("exported  "));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), csv, "a file has what standard output would have had");
    let again = run(data, &["export", name]);
    assert!(again.status.code() == Some(1) && err(&again).contains("not written over"), "{}", err(&again));
    let wrong = run(data, &["export", "--from", "noon", &format!("{name}.2")]);
    assert!(wrong.status.code() == Some(1) && err(&wrong).contains("from must be a time"), "{}", err(&wrong));
    let left = std::fs::read_dir(data).unwrap().filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("calls.csv."))
    });
    assert_eq!(left.count(), 0, "what was not written leaves nothing");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(ends(data, 0, &["token"]).trim().len(), 64);
    assert_eq!(ends(data, 0, &["provider-keys"]), "No provider's key is kept.\n");
    assert_eq!(ends(data, 0, &["keys"]), "No key is issued.\n");
}

#[test]
fn alerts_are_listed_narrowed_snoozed_and_answered() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    assert_eq!(ends(data, 0, &["alerts"]), "No alert is like that.\n");
    ends(data, 0, &["budgets", "add", "--provider", "house", "--window", "day", "--limit", "1", "--name", "House"]);
    ends(data, 0, &["record", "--provider", "house", "--model", "m", "--cost-usd", "0.9"]);
    let listed = ends(data, 0, &["alerts", "--state", "new", "--level", "warning", "--budget", "house-day"]);
    assert!(listed.starts_with("1 ") && listed.ends_with("warning   House is at 90 %\n"), "{listed}");
    assert_eq!(ends(data, 0, &["alerts", "--budget", "openai-day"]), "No alert is like that.\n");
    let snoozed = ends(data, 0, &["alerts", "snooze", "1", "--until", "morning"]);
    assert!(snoozed.contains("(snoozed until 2"), "{snoozed}");
    let found = json_of(data, 0, &["alerts", "--state", "snoozed", "--json"]);
    assert_eq!(found["alerts"].as_array().unwrap().len(), 1);
    let answered = ends(data, 0, &["alerts", "dismiss", "1"]);
    assert!(answered.contains("(dismissed 2"), "{answered}");
    for (wrong, said) in [
        (&["alerts", "snooze", "1"][..], "answered already"),
        (&["alerts", "acknowledge", "7"], "no alert has the id 7"),
        (&["alerts", "snooze", "1", "--until", "noon"], "until must be"),
    ] {
        let output = run(data, wrong);
        assert!(output.status.code() == Some(1) && err(&output).contains(said), "{wrong:?}: {}", err(&output));
    }
    assert_eq!(run(data, &["alerts", "--state", "old"]).status.code(), Some(2));
}

#[test]
fn commands_open_the_ledger_themselves_when_nobody_runs() {
    let data = tempfile::tempdir().unwrap();
    let token = ends(data.path(), 0, &["token"]);
    a_day_of_commands(data.path());
    assert_eq!(ends(data.path(), 0, &["token"]), token, "the token stays");
}

#[tokio::test]
async fn commands_ask_the_one_that_runs() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path());
    a_day_of_commands(data.path());
    assert_eq!(program.get("/v1/status").await["today"]["calls"], 3, "they have all gone through the running one");
    let second = run(data.path(), &["serve", "--port", "0"]);
    assert_eq!(second.status.code(), Some(1), "one process owns a ledger at a time");
    let said = err(&second);
    assert!(said.contains(&format!("process {}", program.pid())), "and the second is told which: {said}");
    program.end();
    let after = json_of(data.path(), 0, &["status", "--json"]);
    assert_eq!(after["today"]["calls"], 3, "what the server recorded, the next command reads");
}

#[tokio::test]
async fn a_raised_budget_is_listed_at_the_limit_in_force() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path());
    let token = ends(data.path(), 0, &["token"]);
    let raise =
        json!({"id": "day", "window": "day", "limit": 2, "override": {"limit": 3, "until": "2999-01-01T00:00:00Z"}});
    let asked = reqwest::Client::new().post(format!("http://{}/v1/budgets", program.address)).bearer_auth(token.trim());
    assert_eq!(asked.json(&raise).send().await.unwrap().status(), 201);
    let listed = ends(data.path(), 0, &["budgets"]);
    assert!(listed.contains("3 usd a day, raised from 2, blocks"), "{listed}");
    assert!(listed.contains("1 usd a day, blocks"), "{listed}");
    let told = ends(data.path(), 0, &["status"]);
    assert!(told.contains("$0 of $3.00"), "as status does: {told}");
    let changed = ends(data.path(), 0, &["budgets", "set", "day", "--action", "warn"]);
    assert!(changed.contains("3 usd a day, raised from 2, warns"), "{changed}");
}

#[test]
fn the_owner_token_is_printed_to_a_terminal_alone_and_colours_too() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let program = Program::start_with_log(data.path(), &log);
    let token = ends(data.path(), 0, &["token"]);
    let said = program.said_more();
    assert!(said.contains("spendlight token") && !said.contains(token.trim()), "a pipe gets no token: {said}");
    // An alert that no desktop can show is a line in the log.
    ends(data.path(), 0, &["record", "--provider", "openai", "--model", "m", "--cost-usd", "0.99"]);
    let told = || std::fs::read_to_string(&log).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !told().contains("was not shown") && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    program.end();
    let logged = told();
    assert!(!logged.is_empty() && !logged.contains('\u{1b}'), "a file gets no colours: {logged}");
    match in_a_terminal(data.path(), &["serve", "--port", "0"], "#token=") {
        Some(seen) => assert!(seen.contains(&format!("#token={}", token.trim())), "a terminal gets it: {seen}"),
        None => skipped("the_owner_token_is_printed_to_a_terminal_alone", "there is no script(1)"),
    }
}

#[tokio::test]
async fn a_port_in_use_is_said() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = Program::start(first.path());
    let port = program.address.split_once(':').unwrap().1;
    let output = run(second.path(), &["serve", "--port", port]);
    assert!(
        output.status.code() == Some(1) && err(&output).contains(&format!("port {port} is in use")),
        "{}",
        err(&output)
    );
}

#[test]
fn a_ledger_from_the_future_and_a_wrong_configuration_end_with_a_sentence() {
    let data = tempfile::tempdir().unwrap();
    ends(data.path(), 0, &["status"]);
    std::fs::write(data.path().join("no-config.toml"), "prot = 1").unwrap();
    let wrong = run(data.path(), &["status"]);
    assert!(wrong.status.code() == Some(1) && err(&wrong).contains("prot"), "{}", err(&wrong));
    std::fs::remove_file(data.path().join("no-config.toml")).unwrap();
    let ledger = rusqlite::Connection::open(data.path().join(spendlight::ledger::FILE)).unwrap();
    ledger.pragma_update(None, "user_version", 77).unwrap();
    drop(ledger);
    let future = run(data.path(), &["status"]);
    assert_eq!(future.status.code(), Some(1));
    assert!(err(&future).contains("newer Spendlight") && !err(&future).contains("panicked"), "{}", err(&future));
}

#[tokio::test]
async fn numbers_are_written_as_the_system_says_and_read_by_machines_as_ever() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start_with(data.path(), &[("LC_ALL", "de_DE.UTF-8".to_owned())]);
    let call = json!({"call_id": "one", "provider": "openai", "model": "gpt-5-mini", "cost_usd": 0.9});
    program.post("/v1/record", &call).await.unwrap();
    let status = program.get("/v1/status").await;
    assert_eq!(status["locale"], "de-DE");
    assert!(status["lines"].to_string().contains("$0,90 of $1,00"), "{status}");
    assert_eq!(status["budgets"][0]["used"], 0.9);
    let wish = json!({"provider": "openai", "model": "gpt-5-mini", "cost_usd": 0.2});
    let (code, denied) = program.post("/v1/check", &wish).await.unwrap();
    assert_eq!(code, 402, "{denied}");
    assert!(denied.to_string().contains("$0,90"), "{denied}");
    let export = reqwest::get(format!("http://{}/v1/export?format=csv", program.address)).await.unwrap();
    assert!(export.text().await.unwrap().contains(",0.9,"), "what is exported is for machines");
}

#[tokio::test]
async fn dates_have_the_month_first_where_the_system_has_it_so() {
    for (locale, month_first) in [("en_US.UTF-8", true), ("en_GB.UTF-8", false)] {
        let data = tempfile::tempdir().unwrap();
        let program = Program::start_with(data.path(), &[("LC_ALL", String::new()), ("LC_TIME", locale.to_owned())]);
        let call = json!({"call_id": "one", "provider": "openai", "model": "gpt-5-mini", "cost_usd": 10});
        program.post("/v1/record", &call).await.unwrap();
        let status = program.get("/v1/status").await;
        assert_eq!(status["month_first"], month_first);
        let sentence = status["sentence"].as_str().unwrap();
        let (_, end) = sentence.split_once("denied until ").unwrap();
        assert_eq!(end.ends_with(" 1"), month_first, "{sentence}");
        assert_eq!(end.starts_with("1 "), !month_first, "{sentence}");
    }
}
