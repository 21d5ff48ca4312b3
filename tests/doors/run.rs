//! `spendlight run`: the real program around real commands, with a provider of ours upstream. What a command is told, how
//! its calls are counted, and what a cap does. How a run ends is in `run_ends.rs`.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::program::{Program, command, run};
use crate::provider::Provider;
use crate::proxy::{completion, question};
use crate::world::{found_in, nanos};

/// One call, as a script makes it; `-f` makes a denied one an error.
pub fn call(n: usize) -> String {
    let body = question("gpt-5-mini");
    let one = format!(
        "curl -sf -o /dev/null \"$OPENAI_BASE_URL/chat/completions\" -H 'authorization: Bearer sk-mine' \
         -H 'content-type: application/json' -d '{body}' || exit 9\n"
    );
    one.repeat(n)
}

/// A data folder whose calls for openai go to `provider`.
pub fn data(provider: &Provider) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let config = format!("[providers.openai]\nupstream = 'http://{}'\n", provider.address);
    std::fs::write(data.path().join("no-config.toml"), config).unwrap();
    data
}

pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json_of(data: &Path, args: &[&str]) -> Value {
    serde_json::from_slice(&run(data, args).stdout).unwrap()
}

/// Nothing of any run is in the lists, nor beside the ledger.
#[track_caller]
pub fn nothing_is_left(data: &Path) {
    assert_eq!(json_of(data, &["keys", "--json"])["keys"], json!([]), "no key is left");
    let budgets = json_of(data, &["budgets", "--json"]);
    let ids: Vec<_> = budgets["budgets"].as_array().unwrap().iter().map(|budget| budget["id"].clone()).collect();
    assert_eq!(ids, ["openai-day", "openai-month", "gemini-day", "gemini-month"], "no budget of a run is left");
    let files: Vec<_> = std::fs::read_dir(data.join("runs")).into_iter().flatten().collect();
    assert!(files.is_empty(), "no file of a run is left: {files:?}");
}

/// Every entry, the newest first.
async fn entries(data: &Path) -> Vec<Value> {
    let program = Program::start(data);
    let entries = program.get("/v1/entries?limit=500").await["entries"].as_array().unwrap().clone();
    program.end();
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_told_where_its_sdks_find_the_proxy_and_keeps_what_it_has() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    let mut command = command(data.path());
    command.env("OPENAI_API_KEY", "sk-mine").env("GROQ_BASE_URL", "http://elsewhere.example");
    let output =
        command.env_remove("NO_PROXY").env("no_proxy", "intranet").args(["run", "--", "env"]).output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |name: &str| told.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
    let openai = value("OPENAI_BASE_URL").expect("the SDKs of OpenAI read it");
    let (base, rest) = openai.split_once("/k/sl-").expect("the key is in the path");
    assert!(base.starts_with("http://127.0.0.1:") && rest.ends_with("/openai/v1"), "{openai}");
    assert_eq!(value("OPENAI_API_BASE"), Some(openai));
    let run = openai.strip_suffix("/openai/v1").unwrap();
    assert_eq!(value("ANTHROPIC_BASE_URL"), Some(&*format!("{run}/anthropic")), "Anthropic's add the version");
    assert_eq!(value("GOOGLE_GEMINI_BASE_URL"), Some(&*format!("{run}/gemini")));
    assert_eq!(value("OPENAI_API_KEY"), Some("sk-mine"));
    assert_eq!(value("GROQ_BASE_URL"), Some("http://elsewhere.example"), "what leads elsewhere is left alone");
    assert!(err(&output).contains("GROQ_BASE_URL is set and leads past Spendlight"), "and said: {}", err(&output));
    assert_eq!(value("no_proxy"), Some("intranet,127.0.0.1"), "no other proxy stands between");
    assert!(err(&output).contains("no call came through Spendlight"), "{}", err(&output));
    nothing_is_left(data.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_with_the_runs_key_and_project_and_told_at_the_end() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    for running in [false, true] {
        let program = running.then(|| Program::start(data.path()));
        let output = run(data.path(), &["run", "--project", "eval", "sh", "-c", &call(3)]);
        assert!(output.status.success(), "{}", err(&output));
        let receipt = err(&output);
        assert!(receipt.contains("spendlight: Run of sh, "), "{receipt}");
        for line in
            ["calls   3\n", "tokens  3,000 in, 300 out\n", "cost    $0.0014\n", "gpt-5-mini-2025-08-07, 3 calls\n"]
        {
            assert!(receipt.contains(line), "{line:?} must be in {receipt}");
        }
        assert!(!receipt.contains("denied") && !receipt.contains("failed"), "{receipt}");
        nothing_is_left(data.path());
        if let Some(program) = program {
            assert_eq!(program.get("/v1/status").await["today"]["calls"], 6, "they went through the running one");
            program.end();
        }
    }
    let entries = entries(data.path()).await;
    assert_eq!(entries.len(), 6);
    for entry in &entries {
        assert_eq!(
            (&entry["project"], &entry["source"], &entry["counted"]),
            (&json!("eval"), &json!("proxy"), &json!(true))
        );
        assert!(entry["key"].as_str().unwrap().starts_with("run-"), "{entry}");
        assert_eq!(nanos(&entry["cost_usd"]), 450_000);
    }
    assert_ne!(entries[0]["key"], entries[5]["key"], "every run has a key of its own");
    assert!(
        provider.got().iter().all(|got| got.header("authorization") == Some("Bearer sk-mine")),
        "its own key passes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_lets_so_much_go_denies_the_rest_and_is_told_by_a_status_of_its_own() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    // Each costs $0.00045, and may cost $0.0002 by its request.
    let output = run(data.path(), &["run", "--max", "0.001", "--", "sh", "-c", &call(4)]);
    assert_eq!(output.status.code(), Some(122), "{}", err(&output));
    assert_eq!(provider.got().len(), 2, "the third would go over it");
    let receipt = err(&output);
    for words in
        ["calls   2\n", "cost    $0.0009 of $0.0010\n", "denied  1 by --max $0.0010\n", "(the command's own was 9)"]
    {
        assert!(receipt.contains(words), "{words:?} must be in {receipt}");
    }
    nothing_is_left(data.path());
    let entries = entries(data.path()).await;
    let key = entries[0]["key"].as_str().unwrap();
    assert_eq!(entries[0]["error"], format!("denied: budget_exceeded by {key}"), "the ledger says which budget");

    let swallowed = format!("({}); exit 0", call(4));
    let output = run(data.path(), &["run", "--max", "0.001", "--", "sh", "-c", &swallowed]);
    assert_eq!(output.status.code(), Some(122), "whatever the command makes of it: {}", err(&output));
    let enough = run(data.path(), &["run", "--max", "1", "--", "sh", "-c", &call(4)]);
    assert_eq!(enough.status.code(), Some(0), "{}", err(&enough));
    assert!(err(&enough).contains("of $1.00"), "{}", err(&enough));
    nothing_is_left(data.path());
}

/// A run of a script within a run.
fn within(max: &str, inner: &str, script: &str) -> [String; 7] {
    let spendlight = env!("CARGO_BIN_EXE_spendlight");
    let inner =
        format!("{spendlight} --data-dir \"$DATA\" --config \"$DATA/no-config.toml\" run {inner} -- sh -c '{script}'");
    ["run", "--max", max, "--", "sh", "-c", &inner].map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_within_a_run_is_part_of_it_and_both_caps_hold() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    let script = call(4).replace('\'', "'\\''");
    // Each costs $0.00045, and may cost $0.0002 by its request.
    for (outer, inner, status, passed, words) in [
        ("0.001", "", 122, 2, ["cost    $0.0009 of $0.0010\n", "denied  1 by --max $0.0010\n"]),
        ("0.001", "--max 5", 122, 2, ["cost    $0.0009 of $5.00\n", "denied  1 by --max $0.0010\n"]),
        ("5", "--max 0.001 --project inner", 122, 2, ["cost    $0.0009 of $0.0010\n", "cost    $0.0009 of $5.00\n"]),
        ("5", "", 0, 4, ["cost    $0.0018\n", "cost    $0.0018 of $5.00\n"]),
    ] {
        let before = provider.got().len();
        let args = within(outer, inner, &script);
        let output = command(data.path()).env("DATA", data.path()).args(args).output().unwrap();
        let said = err(&output);
        assert_eq!(output.status.code(), Some(status), "{outer} around {inner:?}: {said}");
        assert_eq!(provider.got().len() - before, passed, "{outer} around {inner:?}: {said}");
        for words in words {
            assert!(said.contains(words), "{words:?} must be in {said}");
        }
        nothing_is_left(data.path());
    }
    let entries = entries(data.path()).await;
    let of_inner = |entry: &&Value| entry["project"] == "inner";
    assert_eq!(entries.iter().filter(of_inner).count(), 3, "two calls and one that was denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_budget_denies_is_told_by_its_name_and_is_not_the_caps() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    run(data.path(), &["budgets", "set", "openai-day", "--limit", "0.000001"]);
    let output = run(data.path(), &["run", "--max", "1", "--", "sh", "-c", &call(1)]);
    assert_eq!(output.status.code(), Some(9), "the command's own status: {}", err(&output));
    assert!(err(&output).contains("denied  1 by the budget OpenAI today\n"), "{}", err(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_cap_is_refused_before_anything_starts() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    for wrong in ["0", "-0.5", "NaN", "inf", "1e30", "cheap", "", "0,50"] {
        let output = run(data.path(), &["run", "--max", wrong, "--", "touch", "started"]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", err(&output));
        assert!(err(&output).contains("--max"), "{wrong:?}: {}", err(&output));
    }
    let output = run(data.path(), &["run", "--project", &"x".repeat(201), "--", "true"]);
    assert!(output.status.code() == Some(1) && err(&output).contains("project"), "{}", err(&output));
    nothing_is_left(data.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_run_is_nowhere_but_in_its_address() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    let log = data.path().join("log");
    let program = Program::start_with_log(data.path(), &log);
    let script = format!("echo $OPENAI_BASE_URL; curl -s ${{OPENAI_BASE_URL%/openai/v1}}/nobody/v1; {}", call(1));
    let mut command = command(data.path());
    let output = command.env("SPENDLIGHT_LOG", "trace").args(["run", "--", "sh", "-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let key = said.split('/').find(|part| part.starts_with("sl-")).expect("the command was told a key").to_owned();
    assert_eq!(said.matches(&key).count(), 1, "no answer repeats it: {said}");
    assert!(!err(&output).contains(&key), "{}", err(&output));
    let answers = [program.get("/v1/entries").await, program.get("/v1/status").await];
    assert!(answers.iter().all(|answer| !answer.to_string().contains(&key)), "{answers:?}");
    program.end();
    assert!(std::fs::metadata(&log).unwrap().len() > 0, "all there is to log is in the file");
    assert_eq!(found_in(data.path(), key.as_bytes()), Vec::<String>::new(), "in no file, the log's among them");
    let got = provider.got();
    assert_eq!(got.len(), 1);
    assert!(!got[0].head.contains(&key), "nor upstream: {}", got[0].head);
}
