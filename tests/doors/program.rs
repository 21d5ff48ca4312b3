//! The real program, for what needs a process: a socket, a kill, a full disk, a command line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

/// A running `spendlight serve`. It is killed when it is dropped.
pub struct Program {
    child: Mutex<Child>,
    printed: Mutex<BufReader<ChildStdout>>,
    pub address: String,
    http: reqwest::Client,
}

impl Program {
    /// Starts the server over `data` on a free port and waits until it listens.
    pub fn start(data: &Path) -> Program {
        Program::started(command(data).stderr(Stdio::null()))
    }

    /// The same, with variables of its environment set.
    pub fn start_with(data: &Path, environment: &[(&str, String)]) -> Program {
        Program::started(command(data).envs(environment.iter().cloned()).stderr(Stdio::null()))
    }

    /// The same, with all there is to log in a file.
    pub fn start_with_log(data: &Path, log: &Path) -> Program {
        let log = std::fs::File::create(log).unwrap();
        Program::started(command(data).env("SPENDLIGHT_LOG", "trace").stderr(log))
    }

    fn started(command: &mut Command) -> Program {
        let mut child = command.args(["serve", "--port", "0"]).spawn().unwrap();
        let mut said = String::new();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        printed.read_line(&mut said).unwrap();
        let address = said.trim().strip_prefix("Spendlight listens on http://").map(str::to_owned);
        let Some(address) = address else {
            let _ = child.kill();
            panic!("the server says where it listens: {said:?}")
        };
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        Program { child: Mutex::new(child), printed: Mutex::new(printed), address, http }
    }

    /// What it prints after its address.
    pub fn said_more(&self) -> String {
        let mut said = String::new();
        self.printed.lock().unwrap().read_line(&mut said).unwrap();
        said
    }

    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// Status and body of a POST; an error when there was no whole answer.
    pub async fn post(&self, path: &str, body: &Value) -> reqwest::Result<(u16, Value)> {
        let answer = self.http.post(format!("http://{}{path}", self.address)).json(body).send().await?;
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    /// The same as the owner of the ledger in `data`.
    pub async fn owner(&self, data: &Path, path: &str, body: &Value) -> reqwest::Result<(u16, Value)> {
        let token = std::fs::read_to_string(data.join("owner-token")).unwrap();
        let request = self.http.post(format!("http://{}{path}", self.address)).bearer_auth(token.trim());
        let answer = request.json(body).send().await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null)))
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("http://{}{path}", self.address)).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Ends it as a crash would: no handler runs.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Ends it as the system does, politely, and waits.
    pub fn end(&self) {
        let pid = self.pid().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(self.child.lock().unwrap().wait().unwrap().success(), "a polite end is a success");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `spendlight` over `data`, told of nothing else on this machine: no configuration, no desktop to speak to.
pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spendlight"));
    command
        .arg("--data-dir")
        .arg(data)
        .arg("--config")
        .arg(data.join("no-config.toml"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .env("SPENDLIGHT_LOG", "error")
        .env("LC_ALL", "C.UTF-8")
        .env_remove("SPENDLIGHT_DATA_DIR")
        .env_remove("HTTPS_PROXY")
        .env_remove("ALL_PROXY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub fn run(data: &Path, args: &[&str]) -> Output {
    command(data).args(args).output().unwrap()
}

/// Runs a command to its end with `input` on its standard input.
pub fn run_with_input(data: &Path, args: &[&str], input: &str) -> Output {
    let mut child = command(data).args(args).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What a command prints to a terminal, up to the line with `last`, and then it is ended; none without script(1).
pub fn in_a_terminal(data: &Path, args: &[&str], last: &str) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let line: Vec<String> =
        [env!("CARGO_BIN_EXE_spendlight"), "--data-dir", data.to_str()?, "--config", "/nonexistent"]
            .iter()
            .chain(args)
            .map(|word| format!("'{word}'"))
            .collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &format!("exec {}", line.join(" ")), "/dev/null"]);
    script.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").env("SPENDLIGHT_LOG", "error");
    let mut child = script.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut seen = String::new();
    let mut printed = BufReader::new(child.stdout.take()?);
    while printed.read_line(&mut seen).is_ok_and(|n| n > 0) && !seen.contains(last) {}
    let _ = child.kill();
    let _ = child.wait();
    Some(seen)
}

/// Says that a test could not do its work here, past the capture of a passing test's output.
pub fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}
