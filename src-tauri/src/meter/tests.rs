//! What only the inside can arrange: requests that must meet in one transaction, and a committer that is held up or gone.

use std::sync::mpsc;
use std::time::Duration;

use chrono::TimeDelta;
use tempfile::TempDir;

use super::record::{RecordRequest, Reported};
use super::verdict::{CheckRequest, DEFAULT_OUTPUT_TOKENS};
use super::{About, Admission, Meter, MeterError, Opened, Opening, Reason, Settlement, Spent};
use crate::clock::Clock;
use crate::domain::budget::{Action, Budget, DEFAULT_THRESHOLDS, Scope};
use crate::domain::entry::{Source, UsageSource};
use crate::domain::money::Nusd;
use crate::domain::quantity::Unit;
use crate::domain::usage::Usage;
use crate::domain::window::WindowKind;

const HOUR: TimeDelta = TimeDelta::hours(1);

pub(super) fn open(folder: &TempDir) -> Opened {
    let clock = Clock::simulated("2026-11-22T12:00:00Z".parse().unwrap());
    Opening { data_folder: folder.path().to_owned(), clock, configured_prices: Vec::new() }.open().unwrap()
}

fn budget(id: &str, limit_nusd: i64) -> Budget {
    Budget {
        id: id.to_owned(),
        name: id.to_owned(),
        scope: Scope { provider: Some("house".to_owned()), ..Scope::default() },
        window: WindowKind::Day,
        unit: Unit::Usd,
        limit: limit_nusd,
        buffer: 0,
        action: Action::Block,
        thresholds: DEFAULT_THRESHOLDS.to_vec(),
        time_zone: None,
        enabled: true,
        raised: None,
    }
}

fn call(id: &str, cost_nusd: i64) -> RecordRequest {
    RecordRequest {
        call_id: Some(id.to_owned()),
        provider: "house".to_owned(),
        model: "m".to_owned(),
        reported: Reported::usage(Usage::plain(10, 5)),
        usage_source: UsageSource::Reported,
        cost: Some(Nusd(cost_nusd)),
        at: None,
        latency_ms: None,
        ok: true,
        status: None,
        error: None,
        service_tier: None,
        batch: false,
        project: None,
        session: None,
        user: None,
        operation: None,
        key: None,
        tags: std::collections::BTreeMap::new(),
        source: Source::Api,
    }
}

fn ask(id: &str, cost_nusd: i64) -> CheckRequest<'_> {
    CheckRequest {
        provider: "house".into(),
        model: "m".into(),
        cost: Some(Nusd(cost_nusd)),
        call_id: Some(id.into()),
        ..CheckRequest::default()
    }
}

fn used(meter: &Meter, id: &str) -> i64 {
    meter.snapshot().standings.iter().find(|standing| standing.budget.id == id).map_or(-1, |standing| standing.used)
}

/// Holds the committer up until the returned end is dropped: what is asked meanwhile meets in one transaction.
async fn hold_up(meter: &std::sync::Arc<Meter>) -> mpsc::Sender<()> {
    let (go, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let meter = std::sync::Arc::clone(meter);
    tokio::spawn(async move {
        meter
            .edit(move |_, _, _| {
                let _ = begun.send(());
                let _ = wait.recv_timeout(Duration::from_secs(30));
                Ok(())
            })
            .await
    });
    has_begun.await.unwrap();
    go
}

#[tokio::test]
async fn a_record_counts_towards_a_budget_that_is_edited_in_its_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(&folder);
    let meter = std::sync::Arc::clone(&opened.meter);
    meter.add_budget(budget("old", 1_000)).await.unwrap();
    let go = hold_up(&meter).await;
    let together = async {
        let release = async {
            tokio::task::yield_now().await;
            drop(go);
        };
        tokio::join!(
            meter.record(call("a", 300)),
            meter.replace_budget(budget("old", 2_000)),
            meter.add_budget(budget("new", 5_000)),
            meter.record(call("b", 40)),
            meter.record(call("c", 5)),
            release,
        )
    };
    let (a, replaced, added, b, c, ()) = together.await;
    assert!(a.is_ok() && b.is_ok() && c.is_ok() && replaced.is_ok() && added.is_ok());
    assert_eq!((used(&meter, "old"), used(&meter, "new")), (345, 345), "an edit must not lose its neighbours");
    drop(meter);
    opened.close();
    let again = open(&folder);
    assert_eq!((used(&again.meter, "old"), used(&again.meter, "new")), (345, 345), "and a restart says the same");
    again.close();
}

#[tokio::test]
async fn a_reservation_that_the_ledger_did_not_take_is_never_an_admission() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(&folder);
    let meter = std::sync::Arc::clone(&opened.meter);
    meter.add_budget(budget("b", 1_000)).await.unwrap();
    opened.close();
    let verdict = meter.reserve(&ask("late", 10), HOUR).await.unwrap();
    let reason = verdict.denial.map(|denial| denial.reason);
    assert_eq!(reason, Some(Reason::LedgerUnwritable), "what is not in the ledger is not held");
    let late = meter.record(call("late", 10)).await;
    assert!(matches!(late, Err(MeterError::Unwritable(_))), "a closed ledger takes no records: {late:?}");
}

#[tokio::test]
async fn a_second_ask_for_the_same_reservation_waits_for_the_first_ones_commit() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(&folder);
    let meter = std::sync::Arc::clone(&opened.meter);
    meter.add_budget(budget("b", 1_000)).await.unwrap();
    let go = hold_up(&meter).await;
    let (first_ask, second_ask) = (ask("same", 10), ask("same", 10));
    let first = meter.reserve(&first_ask, HOUR);
    let second = meter.reserve(&second_ask, HOUR);
    tokio::pin!(first, second);
    for _ in 0..50 {
        assert!(futures_util::poll!(first.as_mut()).is_pending(), "nothing is acknowledged before its commit");
        assert!(futures_util::poll!(second.as_mut()).is_pending(), "nor is the same thing asked again");
        tokio::task::yield_now().await;
    }
    drop(go);
    assert!(first.await.unwrap().expires_at.is_some() && second.await.unwrap().expires_at.is_some());
    assert_eq!(meter.snapshot().in_flight_count, 1, "the same call is held once");
    opened.close();
}

#[tokio::test]
async fn many_requests_share_a_transaction_and_each_has_its_own_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(&folder);
    let meter = std::sync::Arc::clone(&opened.meter);
    meter.add_budget(budget("b", 1_000_000)).await.unwrap();
    let go = hold_up(&meter).await;
    let asked: Vec<_> = (0..600)
        .map(|n| {
            let meter = std::sync::Arc::clone(&meter);
            tokio::spawn(async move { meter.record(call(&format!("c{}", n % 400), n % 400)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    drop(go);
    let (mut new, mut replayed) = (0, 0);
    for answer in asked {
        if answer.await.unwrap().unwrap().replayed { replayed += 1 } else { new += 1 }
    }
    assert_eq!((new, replayed), (400, 200), "each call counts once, whoever says it how often");
    assert_eq!(used(&meter, "b"), (0..400).sum::<i64>());
    opened.close();
}

/// A client may ask for its next call as soon as it has the answer of the one before, which is then yet to be counted.
#[tokio::test]
async fn a_call_is_not_denied_for_what_an_answer_that_is_over_might_have_cost() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(&folder);
    let meter = &opened.meter;
    meter.add_budget(budget("day", 1_000)).await.unwrap();
    let Admission::Held(mut first) = meter.admit(&ask("first", 900), About::default()).await.unwrap() else {
        panic!("there is room for the first")
    };
    let next = || {
        let meter = std::sync::Arc::clone(meter);
        // Without an id of its own it is decided on at once.
        let request = CheckRequest { call_id: None, ..ask("", 500) };
        async move { meter.admit(&request, About::default()).await.unwrap() }
    };
    assert!(matches!(next().await, Admission::Denied(_)), "the first is under way and may cost all of its ceiling");
    first.goes();
    first.is_over();
    let asks = tokio::spawn(next());
    tokio::task::yield_now().await;
    let spent = Spent::Nothing;
    first.settle(Settlement { spent, model: None, service_tier: None, ok: false, status: Some(500), error: None });
    assert!(matches!(asks.await.unwrap(), Admission::Held(_)), "the first has cost nothing");
}

/// The price list tells how much a model can take: `gpt-3.5-turbo-0613` 4,095 tokens, a guard of Groq's 512.
#[tokio::test]
async fn a_call_without_a_maximum_is_not_held_for_more_than_its_model_can_produce() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(&folder);
    let usual = |provider, model| opened.meter.typical_output(provider, model);
    assert_eq!(usual("openrouter", "openai/gpt-3.5-turbo-0613"), 4_095);
    assert_eq!(usual("groq", "meta-llama/llama-prompt-guard-2-22m"), 512);
    assert_eq!(usual("openai", "gpt-5-mini"), DEFAULT_OUTPUT_TOKENS, "it can produce more than is usual");
    assert_eq!(usual("house", "m"), DEFAULT_OUTPUT_TOKENS, "nobody knows what it can produce");
}
