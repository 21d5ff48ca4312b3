//! The ledger's own rules: what the database refuses whoever asks, and that a commit waits for the disk when it must.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use super::{FILE, Inserted, LedgerError, Owner, OwnerError, Reservation, Resolution, Writer, open};
use crate::domain::entry::{Entry, Source, UsageSource};
use crate::domain::money::Nusd;
use crate::domain::priced::Priced;
use crate::domain::usage::Usage;

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn ledger() -> (TempDir, Writer) {
    let folder = tempfile::tempdir().unwrap();
    let writer = open(&folder.path().join(FILE)).unwrap();
    (folder, writer)
}

fn entry(call_id: &str, cost: i64) -> Entry {
    Entry {
        call_id: call_id.to_owned(),
        at: noon(),
        provider: "house".to_owned(),
        model: "m".to_owned(),
        usage: Usage::plain(10, 5),
        cost: Nusd(cost),
        priced: Priced::Caller,
        usage_source: UsageSource::Reported,
        source: Source::Api,
        latency_ms: Some(120),
        ok: true,
        status: None,
        error: None,
        service_tier: None,
        batch: false,
        project: None,
        session: Some("s".to_owned()),
        user: None,
        operation: None,
        key: None,
        tags: BTreeMap::new(),
        counted: true,
    }
}

fn reservation(call_id: &str) -> Reservation {
    Reservation {
        call_id: call_id.to_owned(),
        at: noon(),
        deadline: noon() + TimeDelta::hours(1),
        provider: "house".to_owned(),
        model: "m".to_owned(),
        project: None,
        user: None,
        key: None,
        ceiling: Nusd(10),
        ceiling_input_tokens: 1,
        ceiling_output_tokens: 1,
        priced: Priced::Caller,
        dated: false,
    }
}

fn refusal(writer: &Writer, sql: &str) -> String {
    writer.conn().execute(sql, []).expect_err("the database must refuse this").to_string()
}

#[test]
fn the_database_itself_keeps_entries_as_they_are() {
    let (_folder, mut writer) = ledger();
    writer.transaction(|w| w.insert_entry(&entry("a", 7), noon())).unwrap();
    for sql in ["UPDATE entries SET cost_nusd = 0", "DELETE FROM entries", "UPDATE entries SET error = 'x'"] {
        assert!(refusal(&writer, sql).contains("an entry is immutable"), "{sql} must be refused");
    }
    let columns = "id, call_id, at_ms, recorded_ms, provider, model, input_tokens, output_tokens, cache_read_tokens,
        cache_write_tokens, reasoning_tokens, cost_nusd, priced, usage_source, source, ok, batch";
    let replace =
        format!("INSERT OR REPLACE INTO entries ({columns}) SELECT {} FROM entries", columns.replace("cost_nusd", "0"));
    assert!(refusal(&writer, &replace).contains("an entry is immutable"), "nor may another take its place");
}

#[test]
fn a_call_is_written_down_once() {
    let (_folder, mut writer) = ledger();
    let inserted = writer.transaction(|w| {
        w.insert_entry(&entry("a", 7), noon())?;
        w.insert_entry(&entry("a", 8), noon())
    });
    assert!(
        matches!(inserted, Ok(Inserted::Already(stored)) if stored.cost == Nusd(7)),
        "the first word about a call stands"
    );
    let sum: i64 = writer.conn().query_row("SELECT sum(cost_nusd) FROM rollups", [], |row| row.get(0)).unwrap();
    assert_eq!(sum, 14, "the rollups count it once in the hour and once in the day");
}

#[test]
fn a_reservation_is_resolved_once() {
    let (_folder, mut writer) = ledger();
    writer.transaction(|w| w.insert_reservation(&reservation("r")).map(|new| assert!(new))).unwrap();
    assert!(writer.resolve_reservation("r", Resolution::Released, noon()).unwrap());
    assert!(!writer.resolve_reservation("r", Resolution::Settled, noon()).unwrap(), "it has ended already");
    let again = refusal(&writer, "UPDATE reservations SET resolution = 'settled' WHERE call_id = 'r'");
    assert!(again.contains("resolved once"), "the database refuses a second end: {again}");
    assert!(!writer.insert_reservation(&reservation("r")).unwrap(), "nor does it begin again");
    writer.transaction(|w| w.insert_entry(&entry("spent", 1), noon())).unwrap();
    assert!(!writer.insert_reservation(&reservation("spent")).unwrap(), "a recorded call is not held again");
}

#[test]
fn a_transaction_that_is_undone_leaves_nothing_of_its_rollups() {
    let (_folder, mut writer) = ledger();
    writer.begin(true).unwrap();
    writer.insert_entry(&entry("lost", 5), noon()).unwrap();
    writer.rollback();
    writer.transaction(|w| w.insert_entry(&entry("kept", 3), noon())).unwrap();
    let sums: (i64, i64) = writer
        .conn()
        .query_row("SELECT (SELECT sum(cost_nusd) FROM entries), (SELECT sum(cost_nusd) FROM rollups)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(sums, (3, 6), "a rolled back entry is in no sum");
}

#[test]
fn a_durable_commit_waits_for_the_disk() {
    let (_folder, mut writer) = ledger();
    let synchronous = |w: &Writer| -> i64 { w.conn().query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap() };
    let journal: String = writer.conn().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!((journal.as_str(), synchronous(&writer)), ("wal", 2), "WAL and synchronous=FULL from the start");
    for (durable, expected) in [(false, 1), (true, 2), (false, 1), (true, 2)] {
        writer.begin(durable).unwrap();
        assert_eq!(synchronous(&writer), expected, "only what is not a record may do without the sync");
        writer.insert_entry(&entry(&format!("{durable}"), 1), noon()).unwrap();
        writer.commit().unwrap();
    }
}

#[test]
fn a_ledger_from_a_newer_spendlight_is_left_alone() {
    let (folder, writer) = ledger();
    writer.conn().pragma_update(None, "user_version", 99).unwrap();
    drop(writer);
    let path = folder.path().join(FILE);
    let error = open(&path).expect_err("a newer schema is refused");
    assert!(matches!(error, LedgerError::FromTheFuture(_)));
    let sentence = error.to_string();
    assert!(sentence.contains("newer Spendlight") && sentence.contains("update"), "a plain sentence: {sentence}");
    let conn = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99, "nothing was changed");
}

#[test]
fn what_is_no_ledger_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    std::fs::write(&path, vec![7; 8192]).unwrap();
    let error = open(&path).expect_err("garbage is no ledger").to_string();
    assert!(error.contains("cannot be opened"), "{error}");
}

#[test]
fn one_process_owns_a_ledger_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let owner = Owner::take(folder.path()).unwrap();
    match Owner::take(folder.path()) {
        Err(OwnerError::Taken { pid, .. }) => assert_eq!(pid, std::process::id().to_string(), "the owner is named"),
        other => panic!("a second owner must be refused: {other:?}"),
    }
    drop(owner);
    Owner::take(folder.path()).expect("a ledger that was let go can be taken");
}
