//! Backups and restores that are cut off: by kill -9 at any step, and by a full disk. Needs strace or root in places;
//! says so where it has neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use spendlight::ledger::FILE;

use crate::disk::SmallDisk;
use crate::program::{Program, command, run, skipped};

fn record(data: &Path, id: &str) {
    let args = ["record", "--provider", "house", "--model", "m", "--cost-usd", "0.5", "--call-id", id];
    assert!(run(data, &args).status.success());
}

fn calls(file: &Path) -> Vec<String> {
    let conn = Connection::open(file).unwrap();
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{}", file.display());
    let mut select = conn.prepare("SELECT call_id FROM entries ORDER BY call_id").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// A copy of a folder's files, so that looking at it changes nothing.
fn copied(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    copy
}

/// The ledger that a restore kept.
fn kept(folder: &Path) -> Option<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.into_iter().find(|path| {
        path.to_string_lossy().contains("ledger-before-") && path.extension().is_some_and(|e| e == "sqlite3")
    })
}

/// `spendlight status` over `data`, killed when it makes its `nth` call of the system's `name`. Whether it came to its end;
/// none without strace.
fn status_killed_at(data: &Path, name: &str, nth: usize) -> Option<bool> {
    let program = command(data);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={name}")]);
    strace.args(["-e", &format!("inject={name}:signal=SIGKILL:when={nth}")]);
    strace.arg(program.get_program()).args(program.get_args()).arg("status").stdin(Stdio::null());
    for (name, value) in program.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        strace.env(name, value);
    }
    strace.output().ok().map(|output| output.status.success())
}

/// Everything that brings a change to the disk, or to the folder.
const CHANGES: [&str; 8] = ["fsync", "fdatasync", "rename", "link", "linkat", "unlink", "ftruncate", "pwrite64"];

#[tokio::test]
async fn a_restore_that_is_killed_at_any_step_leaves_the_old_ledger_or_the_new_one_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (start, backup) = (folder.path().join("start"), folder.path().join("backup.sqlite3"));
    record(&start, "old");
    assert!(run(&start, &["backup", backup.to_str().unwrap()]).status.success());
    let program = Program::start(&start);
    let call = json!({"call_id": "newer", "provider": "house", "model": "m", "cost_usd": 0.5});
    assert_eq!(program.post("/v1/record", &call).await.unwrap().0, 201);
    assert_eq!(program.owner(&start, "/v1/data/restore", &json!({"file": backup})).await.unwrap().0, 202);
    // So that there is a log, and nothing was put in order.
    program.kill();
    let mut killed = 0;
    for name in CHANGES {
        // The first ones of a start are all that a restore makes.
        for nth in 1..20 {
            let data = copied(&start);
            match status_killed_at(data.path(), name, nth) {
                None => return skipped("a_restore_that_is_killed", "there is no strace here"),
                Some(true) => break,
                Some(false) => killed += 1,
            }
            let copy = copied(data.path());
            let now = calls(&copy.path().join(FILE));
            let is_new = now == ["old"];
            assert!(is_new || now == ["newer", "old"], "{name} {nth}: the ledger is the old or the new one: {now:?}");
            if is_new {
                let kept = kept(copy.path()).expect("the ledger before it is kept");
                assert_eq!(calls(&kept), ["newer", "old"], "{name} {nth}: whole");
            }
            assert!(run(data.path(), &["status"]).status.success(), "{name} {nth}: the next start goes on");
            assert_eq!(calls(&data.path().join(FILE)), ["old"], "{name} {nth}: and finishes it");
            let kept = kept(data.path()).unwrap();
            assert_eq!(calls(&kept), ["newer", "old"], "{name} {nth}: with the ledger before it kept");
        }
    }
    assert!(killed > 20, "it was killed at its steps: {killed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_no_half_file_and_the_ledger_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let padding = "x".repeat(190);
    let program = Program::start(&data);
    for n in 0..3_000 {
        let call = json!({"call_id": format!("c{n}"), "provider": "house", "model": "m", "cost_usd": 0.001, "tags": {"p": padding}});
        if n % 3 == 0 {
            assert_eq!(program.post("/v1/record", &call).await.unwrap().0, 201);
        }
    }
    drop(program);
    let backups = data.join("backups");
    let mut cut_off = 0;
    for life in 0..12 {
        let program = Program::start(&data);
        let wish = json!({});
        let asked = program.owner(&data, "/v1/data/backup", &wish);
        let asked = tokio::time::timeout(Duration::from_millis(3 + life * 5), asked);
        let answered = matches!(asked.await, Ok(Ok((201, _))));
        program.kill();
        cut_off += usize::from(!answered);
        for path in fs::read_dir(&backups).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|ending| ending == "sqlite3") {
                assert_eq!(calls(&path).len(), 1_000, "what has a backup's name is one");
            }
        }
    }
    assert!(cut_off > 0, "some were cut off");
    assert_eq!(calls(&data.join(FILE)).len(), 1_000);
    let program = Program::start(&data);
    assert_eq!(program.owner(&data, "/v1/data/backup", &json!({})).await.unwrap().0, 201);
    let parts =
        fs::read_dir(&backups).unwrap().filter(|f| f.as_ref().unwrap().path().to_string_lossy().ends_with(".part"));
    assert_eq!(parts.count(), 0, "and what they left is gone after the next one");
}

#[tokio::test]
async fn a_full_disk_keeps_no_half_backup_and_the_failure_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (data, small) = (folder.path().join("data"), folder.path().join("small"));
    fs::create_dir(&small).unwrap();
    let Some(_disk) = SmallDisk::mount(&small) else {
        return skipped("a_full_disk_keeps_no_half_backup", "no small disk can be mounted here (it takes root)");
    };
    let program = Program::start(&data);
    for n in 0..20 {
        let call = json!({"call_id": format!("c{n}"), "provider": "house", "model": "m", "cost_usd": 0.001});
        assert_eq!(program.post("/v1/record", &call).await.unwrap().0, 201);
    }
    // Fails half-way, with the disk full: that is what it is for.
    let _ = fs::write(small.join("filler"), vec![1_u8; 8 * 1024 * 1024]);
    let (status, problem) = program.owner(&data, "/v1/data/backup", &json!({"file": small})).await.unwrap();
    assert_eq!((status, &problem["type"]), (507, &json!("backup-failed")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("full"), "{problem}");
    let left: Vec<_> = fs::read_dir(&small).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["filler"], "nothing of it is left");
    drop(program);
    assert_eq!(failed(&data).as_deref(), problem["detail"].as_str(), "it is still told after a restart");
    fs::remove_file(small.join("filler")).unwrap();
    assert!(run(&data, &["backup", small.to_str().unwrap()]).status.success());
    assert_eq!(failed(&data), None, "until one is made");
}

/// Why the last backup was not made, as the ledger keeps it.
fn failed(data: &Path) -> Option<String> {
    let conn = Connection::open(data.join(FILE)).unwrap();
    let text: String =
        conn.query_row("SELECT value FROM settings WHERE name = 'backups'", [], |row| row.get(0)).unwrap();
    let backups: Value = serde_json::from_str(&text).unwrap();
    backups["failed"]["why"].as_str().map(str::to_owned)
}
