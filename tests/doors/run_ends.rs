//! How a run ends: with its command's status, by a signal, killed, or beside others; and that nothing of it is left.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Program, command, run};
use crate::provider::{Provider, Step, whole};
use crate::proxy::completion;
use crate::run::{call, data, err, nothing_is_left};

/// Starts a run of a script in its background, once it has said a line.
fn begun(data: &Path, script: &str) -> Child {
    // Where the tests are started with a signal ignored, a shell could not wait for it.
    let args = ["run", "--max", "1", "--", "env", "--default-signal=HUP", "sh", "-c", script];
    let mut child = command(data).args(args).stderr(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "ready\n");
    child
}

fn signal(child: &Child, name: &str) {
    Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
}

/// A command that waits for a signal, which it writes down.
fn waiting(file: &Path) -> String {
    let file = file.display();
    let trap = |name: &str, status: u8| format!("trap 'echo {name} >> {file}; exit {status}' {name}; ");
    format!("{}{}{}echo ready; while :; do sleep 0.02; done", trap("TERM", 5), trap("HUP", 6), trap("INT", 7))
}

fn runs(data: &Path) -> usize {
    std::fs::read_dir(data.join("runs")).map_or(0, Iterator::count)
}

async fn keys(data: &Path, program: &Program) -> Vec<Value> {
    let token = std::fs::read_to_string(data.join("owner-token")).unwrap();
    let asked = reqwest::Client::new().get(format!("http://{}/v1/keys", program.address)).bearer_auth(token.trim());
    asked.send().await.unwrap().json::<Value>().await.unwrap()["keys"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_as_its_command_does() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    let plain = data.path().join("plain");
    std::fs::write(&plain, "text").unwrap();
    let plain = plain.to_str().unwrap();
    for (command, status, words) in [
        (&["sh", "-c", "exit 7"][..], 7, ""),
        (&["sh", "-c", "kill -KILL $$"], 137, ""),
        (&["sh", "-c", "kill -TERM $$"], 143, ""),
        (&["no-such-command", "--max"], 127, "no-such-command: command not found"),
        (&[plain], 126, plain),
        (&["true"], 0, ""),
    ] {
        let output = run(data.path(), &[&["run", "--"], command].concat());
        assert_eq!(output.status.code(), Some(status), "{command:?}: {}", err(&output));
        assert!(err(&output).contains(words), "{command:?}: {}", err(&output));
        nothing_is_left(data.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_is_sent_to_the_run_reaches_its_command_and_the_run_ends_after_it() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    for (name, status) in [("TERM", 5), ("HUP", 6)] {
        let file = data.path().join(name);
        let mut child = begun(data.path(), &waiting(&file));
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(status), "{name}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{name}\n"), "the command heard it, once");
        nothing_is_left(data.path());
    }
}

/// Runs a run on a terminal of its own, presses Ctrl-C once the command is ready, or has somebody else send what Ctrl-C
/// does to the run alone, and ends as the run does.
const ON_A_TERMINAL: &str = "
import os, pty, signal, sys
pid, terminal = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job has it ignored
    os.execv(sys.argv[2], sys.argv[2:])
said = b''
while b'ready' not in said:
    said += os.read(terminal, 1024)
os.write(terminal, b'\\x03') if sys.argv[1] == 'keys' else os.kill(pid, signal.SIGINT)
try:
    while os.read(terminal, 1024): pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_reaches_the_command_once_from_the_terminals_keys_or_by_the_run() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    for by in ["keys", "kill"] {
        let file = data.path().join(by);
        let of_run = command(data.path());
        let mut python = Command::new("python3");
        python.args(["-c", ON_A_TERMINAL, by]).arg(of_run.get_program()).args(of_run.get_args());
        let status = python.args(["run", "--", "sh", "-c", &waiting(&file)]).status().unwrap();
        assert_eq!(status.code(), Some(7), "{by}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "INT\n", "once, by {by}");
        nothing_is_left(data.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_left_goes_with_the_next_run_or_start() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    let killed = || {
        let mut child = begun(data.path(), "echo ready; read line");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(runs(data.path()), 1, "a killed run leaves its file behind");
    };
    killed();
    nothing_is_left(data.path());

    let program = Program::start(data.path());
    killed();
    assert_eq!(keys(data.path(), &program).await.len(), 1, "and its key");
    let mut living = begun(data.path(), "echo ready; sleep 0.6");
    assert_eq!(runs(data.path()), 1, "the next run took it away");
    let left = keys(data.path(), &program).await;
    assert_eq!(left.len(), 1, "a run that goes on keeps its key");
    assert!(left[0]["name"].as_str().unwrap().starts_with("Run of env, "), "and is told by its name: {}", left[0]);
    assert_eq!(run(data.path(), &["run", "true"]).status.code(), Some(0));
    assert_eq!(keys(data.path(), &program).await, left, "whatever other runs do");
    living.wait().unwrap();
    killed();
    program.kill();
    let program = Program::start(data.path());
    assert_eq!((keys(data.path(), &program).await.len(), runs(data.path())), (0, 0), "a start takes it away too");
    program.end();
    nothing_is_left(data.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_side_by_side_share_one_spendlight_until_the_last_of_them_ends() {
    let provider = Provider::json(&completion()).await;
    let data = data(&provider);
    let go = data.path().join("go");
    let script = format!("echo ready; while [ ! -e {} ]; do sleep 0.02; done; {}", go.display(), call(1));
    let others_began = data.path().join("others-began");
    let until = format!("echo ready; while [ ! -e {} ]; do sleep 0.02; done", others_began.display());
    let mut first = begun(data.path(), &until);
    let others: Vec<Child> = (0..3).map(|_| begun(data.path(), &script)).collect();
    std::fs::write(&others_began, "").unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(first.try_wait().unwrap(), None, "the one that the others go through waits for them");
    std::fs::write(&go, "").unwrap();
    for mut other in others {
        assert_eq!(other.wait().unwrap().code(), Some(0), "its call has gone through");
    }
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_eq!(provider.got().len(), 3);
    nothing_is_left(data.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_its_command_did_not_wait_for_is_on_the_receipt() {
    let slow = vec![Step::Wait, Step::Send(whole(200, "application/json", completion().to_string().as_bytes()))];
    let provider = Provider::that(slow).await;
    let data = data(&provider);
    let left = call(1).replace("curl -sf", "curl -sf --max-time 0.5");
    let output = run(data.path(), &["run", "--", "sh", "-c", &left]);
    assert_eq!(output.status.code(), Some(9), "{}", err(&output));
    assert!(err(&output).contains("calls   1, 1 failed, 1 estimated\n"), "{}", err(&output));

    let behind = format!("({}) & sleep 0.5", call(1).replace("-o /dev/null", "-o /dev/null --max-time 8"));
    let args = ["run", "--", "sh", "-c", &behind];
    let output = command(data.path()).args(args).stdout(Stdio::null()).stdin(Stdio::null()).output().unwrap();
    assert!(err(&output).contains("calls   0, 1 still under way\n"), "the wait has an end: {}", err(&output));
    assert_eq!(json!(runs(data.path())), json!(0));
}
