//! A disk that is full or fails: records are refused rather than lost, blocking budgets deny, budgets that warn let go and
//! say so, and all is well again when the disk is. Needs root, and strace for a disk that fails; says so where it has
//! neither.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Program, run, skipped};

/// A small disk of its own, taken away when it is dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    pub fn mount(at: &Path) -> Option<SmallDisk> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"]).arg(at).output().ok()?;
        mount.status.success().then(|| SmallDisk(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn record(id: u32) -> Value {
    json!({"call_id": format!("c{id}"), "provider": "house", "model": "m", "cost_usd": 0.001,
        "tags": {"padding": "x".repeat(190)}})
}

/// Records until one is refused, and says how many were taken.
async fn record_until_refused(program: &Program, from: u32) -> u32 {
    for id in from..from + 20_000 {
        match program.post("/v1/record", &record(id)).await.unwrap() {
            (201, _) => {}
            (503, problem) => {
                assert_eq!(problem["type"], "ledger-unwritable", "{problem}");
                return id;
            }
            other => panic!("a record is taken or refused with 503: {other:?}"),
        }
    }
    panic!("a failing disk must refuse some record")
}

/// Records once until it is taken again, without a restart.
async fn record_until_taken(program: &Program, id: u32) {
    let begun = Instant::now();
    while program.post("/v1/record", &record(id)).await.unwrap().0 >= 300 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the ledger must recover without a restart");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn check(program: &Program, provider: &str, reserve: bool) -> (u16, Value) {
    let ask = json!({"provider": provider, "model": "m", "cost_usd": 0.001, "reserve": reserve});
    program.post("/v1/check", &ask).await.unwrap()
}

fn add_budgets(data: &Path) {
    for (provider, action) in [("strict", "block"), ("lax", "warn")] {
        let args = ["budgets", "add", "--provider", provider, "--window", "day", "--limit", "5", "--action", action];
        assert!(run(data, &args).status.success());
    }
}

/// What checks are told while nothing can be written.
async fn looks_unwritable(program: &Program, holds: bool) {
    for reserve in [false, true] {
        let (status, verdict) = check(program, "strict", reserve).await;
        assert_eq!(
            (status, &verdict["reason"]),
            (402, &json!("ledger_unwritable")),
            "a blocking budget denies: {verdict}"
        );
        let (status, verdict) = check(program, "lax", reserve).await;
        assert_eq!(status, 200, "a warning budget lets go: {verdict}");
        assert_eq!(verdict["reserved"], reserve && holds, "what is said to be held is: {verdict}");
        let warnings = verdict["warnings"].to_string();
        assert!(warnings.contains("cannot be written"), "and says so: {warnings}");
    }
    let status = program.get("/v1/status").await;
    assert_eq!(status["ledger_writable"], false);
    let sentence = status["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("Spendlight cannot write its ledger: "), "{sentence}");
    let reason = status["reason"].as_str().unwrap();
    assert!(reason.contains("until its disk has room and its folder may be written to"), "what to do: {reason}");
}

async fn looks_well(program: &Program, entries: u32) {
    for provider in ["strict", "lax"] {
        let (status, verdict) = check(program, provider, true).await;
        assert_eq!((status, &verdict["reserved"]), (200, &json!(true)), "{verdict}");
    }
    let lifetime = program.get("/v1/summary").await["lifetime"].clone();
    assert_eq!(lifetime["calls"], entries, "every record that was acknowledged, and no other: {lifetime}");
}

#[tokio::test]
async fn a_full_disk_refuses_records_and_recovers_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path()) else {
        return skipped("a_full_disk", "no small disk can be mounted here (it takes root)");
    };
    let data = folder.path().join("data");
    add_budgets(&data);
    let program = Program::start(&data);
    assert_eq!(program.post("/v1/record", &record(0)).await.unwrap().0, 201);
    let filler = folder.path().join("filler");
    // Fails half-way, with the disk full: that is what it is for.
    let _ = std::fs::write(&filler, vec![1_u8; 8 * 1024 * 1024]);
    let taken = record_until_refused(&program, 1).await;
    looks_unwritable(&program, false).await;
    let sentence = program.get("/v1/status").await["sentence"].clone();
    assert_eq!(sentence, "Spendlight cannot write its ledger: its disk is full");
    std::fs::remove_file(&filler).unwrap();
    record_until_taken(&program, taken).await;
    looks_well(&program, taken + 1).await;
    program.kill();
    let again = Program::start(&data);
    assert_eq!(again.get("/v1/summary").await["lifetime"]["calls"], taken + 1, "and so it is after a crash");
}

/// strace at work on a process; it lets go when it is dropped. It tells of every further thread, and would end if nobody
/// could hear it.
struct Strace {
    child: Child,
    _tells: BufReader<ChildStderr>,
}

impl Strace {
    /// Attaches, with the calls of `trace` and what is done to them, and waits until it has.
    fn attach(pid: u32, log: &Path, args: &[&str]) -> Option<Strace> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-y", "-o"]).arg(log).args(args).args(["-p", &pid.to_string()]);
        let mut child = strace.stderr(Stdio::piped()).spawn().ok()?;
        let mut said = String::new();
        let mut tells = BufReader::new(child.stderr.take()?);
        tells.read_line(&mut said).ok()?;
        if said.contains("attached") {
            return Some(Strace { child, _tells: tells });
        }
        let _ = child.kill();
        let _ = child.wait();
        None
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // It must let go of the process in its own way: killed, it could leave it stopped.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_disk_that_does_not_sync_refuses_records_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add_budgets(&data);
    let program = Program::start(&data);
    assert_eq!(program.post("/v1/record", &record(0)).await.unwrap().0, 201);
    let failing = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"];
    let Some(strace) = Strace::attach(program.pid(), &folder.path().join("log"), &failing) else {
        return skipped("a_disk_that_does_not_sync", "strace cannot attach here");
    };
    assert_eq!(record_until_refused(&program, 1).await, 1, "a record that is not on disk is not acknowledged");
    // A reservation waits for no sync, so it can still be held; that does not make the ledger a sound one.
    looks_unwritable(&program, true).await;
    let (_, verdict) = check(&program, "strict", false).await;
    assert_eq!(verdict["reason"], "ledger_unwritable", "a held reservation does not hide a failing disk");
    drop(strace);
    record_until_taken(&program, 1).await;
    looks_well(&program, 2).await;
    program.kill();
    let again = Program::start(&data);
    assert_eq!(again.get("/v1/summary").await["lifetime"]["calls"], 2);
}

#[tokio::test]
async fn a_record_is_synced_between_its_request_and_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let program = Program::start(&data);
    assert_eq!(program.post("/v1/record", &record(0)).await.unwrap().0, 201);
    let log = folder.path().join("log");
    let watching = ["-s", "4096", "-e", "trace=fsync,fdatasync,recvfrom,read,sendto,write,writev"];
    let Some(strace) = Strace::attach(program.pid(), &log, &watching) else {
        return skipped("a_record_is_synced", "strace cannot attach here");
    };
    for id in 1..4 {
        assert_eq!(program.post("/v1/record", &record(id)).await.unwrap().0, 201);
    }
    drop(strace);
    let log = std::fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    for id in 1..4 {
        let request = format!("\\\"call_id\\\":\\\"c{id}\\\"");
        let about: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].contains(&request)).collect();
        let answer = about.iter().find(|n| lines[**n].contains("HTTP/1.1 201")).expect("the answer was seen");
        let asked = about.iter().find(|n| lines[**n].contains("POST /v1/record")).expect("the request was seen");
        let synced =
            lines[*asked..*answer].iter().any(|line| line.contains("sync(") && line.contains("ledger.sqlite3-wal"));
        assert!(
            synced,
            "promise 1: the log is synced before the answer is sent:\n{}",
            lines[*asked..=*answer].join("\n")
        );
    }
}
