//! Random lives of a ledger against the oracle: checks, reservations, records of now and of the past, releases, lapses,
//! edits of budgets, turns of the clock across days and changes of the clocks, new zones, restarts. After every step each
//! budget stands where the oracle says, and at the end so does every total that is shown anywhere.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use http::Method;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use spendlight::domain::money::Nusd;

use crate::oracle::{Call, Limit, Oracle};
use crate::world::{World, nanos, utc};

const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__Havana,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::America__New_York,
];

#[derive(Debug, Clone)]
enum Step {
    /// Ask for a call; hold it for so many seconds if any.
    Ask(Call, Option<i64>),
    /// Record a new call made so many seconds from now.
    Record(Call, i64),
    /// Record one that is held, at another cost.
    Settle(usize, i64),
    /// Record one again.
    Again(usize),
    Release(usize),
    Advance(i64),
    Put(usize, Limit),
    Remove(usize),
    Zone(Tz),
    Restart,
}

fn call() -> impl Strategy<Value = Call> {
    (
        prop::sample::select(vec!["openai", "house"]),
        prop::option::of(prop::sample::select(vec!["eval", "chat"])),
        prop::option::of(prop::sample::select(vec!["ann", "bob"])),
        (0_i64..8, 0_i64..3),
        0_i64..8,
    )
        // Coarse amounts, so that sums often meet a limit to the nano-dollar, or miss it by one.
        .prop_map(|(provider, project, user, (cost, odd), tokens)| Call {
            id: String::new(),
            provider,
            project,
            user,
            cost: cost * 50_000_000 + odd,
            tokens: tokens * 50,
            at: DateTime::UNIX_EPOCH,
        })
}

fn limit() -> impl Strategy<Value = Limit> {
    let part = |names: [&'static str; 2]| prop::option::weighted(0.3, prop::sample::select(names.to_vec()));
    (
        (part(["openai", "house"]), part(["eval", "chat"]), part(["ann", "bob"])),
        prop::sample::select(vec!["minute", "hour", "day", "week", "month", "total"]),
        prop::sample::select(vec!["usd", "tokens", "requests"]),
        (1_i64..12, 0_i64..3),
        0_i64..3,
        (any::<bool>(), prop::bool::weighted(0.9)),
        prop::option::weighted(0.3, prop::sample::select(ZONES.to_vec())),
        prop::option::weighted(0.2, (1_i64..4, 0_i64..100_000)),
    )
        .prop_map(
            |((provider, project, user), window, unit, (size, odd), buffer, (blocks, enabled), zone, raised)| {
                let scale = match unit {
                    "usd" => 100_000_000,
                    "tokens" => 100,
                    _ => 1,
                };
                let limit = size * scale + odd;
                // The oracle's clock starts here; a raise ends somewhere in the days after.
                let raised = raised.map(|(times, s)| (limit * times + 1, start() + TimeDelta::seconds(s * 3)));
                let buffer = limit * buffer * 3 / 10;
                Limit { provider, project, user, window, unit, limit, buffer, blocks, enabled, zone, raised }
            },
        )
}

fn start() -> DateTime<Utc> {
    utc("2026-10-24T20:00:00Z")
}

/// Now, a little ahead, lately, long ago.
fn ago() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 0_i64..=300, -7_200_i64..0, -400_000_i64..0, -4_000_000_i64..0]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (call(), prop::option::of(1_i64..20_000)).prop_map(|(call, ttl)| Step::Ask(call, ttl)),
        5 => (call(), ago()).prop_map(|(call, s)| Step::Record(call, s)),
        3 => (0_usize..9, 0_i64..500_000_000).prop_map(|(n, cost)| Step::Settle(n, cost)),
        1 => (0_usize..99).prop_map(Step::Again),
        1 => (0_usize..9).prop_map(Step::Release),
        4 => prop_oneof![0_i64..90, 0_i64..5_000, 0_i64..200_000].prop_map(Step::Advance),
        2 => (0_usize..6, limit()).prop_map(|(n, limit)| Step::Put(n, limit)),
        1 => (0_usize..6).prop_map(Step::Remove),
        1 => prop::sample::select(ZONES.to_vec()).prop_map(Step::Zone),
        1 => Just(Step::Restart),
    ]
}

fn dollars(nusd: i64) -> Value {
    serde_json::to_value(Nusd(nusd)).unwrap()
}

fn body(call: &Call) -> Value {
    json!({"call_id": call.id, "provider": call.provider, "model": "m", "project": call.project, "user": call.user,
        "cost_usd": dollars(call.cost)})
}

fn record_body(call: &Call) -> Value {
    let mut body = body(call);
    body["input_tokens"] = json!(call.tokens);
    body["output_tokens"] = json!(0);
    body["at"] = json!(call.at.to_rfc3339());
    body
}

fn limit_body(id: &str, l: &Limit) -> Value {
    let amount = |n: i64| if l.unit == "usd" { dollars(n) } else { json!(n) };
    let raised = l.raised.map(|(limit, until)| json!({"limit": amount(limit), "until": until.to_rfc3339()}));
    json!({"id": id, "scope": {"provider": l.provider, "project": l.project, "user": l.user}, "window": l.window,
        "unit": l.unit, "limit": amount(l.limit), "buffer": amount(l.buffer),
        "action": if l.blocks { "block" } else { "warn" }, "enabled": l.enabled,
        "time_zone": l.zone.map(Tz::name), "override": raised})
}

struct Life {
    world: World,
    oracle: Oracle,
    /// Where the next call gets its id from.
    count: usize,
}

impl Life {
    async fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let Life { world, oracle, count } = self;
        *count += 1;
        let named = |call: &Call, at| Call { id: format!("call-{count}"), at, ..call.clone() };
        match step {
            Step::Ask(call, ttl) => {
                let call = named(call, oracle.now + TimeDelta::seconds(ttl.unwrap_or(0)));
                let mut ask = body(&call);
                ask["estimated_tokens"] = json!(call.tokens);
                ask["reserve"] = json!(ttl.is_some());
                ask["ttl_seconds"] = json!(ttl);
                let answer = world.check(ask).await;
                prop_assert_eq!(
                    answer.status == 200,
                    oracle.admits(&call),
                    "promise 2: {} {}",
                    answer.status,
                    answer.text()
                );
                if ttl.is_some() && answer.status == 200 {
                    oracle.held.push(call);
                }
            }
            Step::Record(call, seconds) => {
                let call = named(call, oracle.now + TimeDelta::seconds(*seconds));
                let answer = world.record(record_body(&call)).await;
                prop_assert_eq!(answer.status, 201, "a record is never refused: {}", answer.text());
                oracle.calls.push(call);
            }
            Step::Settle(n, cost) if !oracle.held.is_empty() => {
                let held = oracle.held.remove(n % oracle.held.len());
                let call = Call { cost: *cost, at: oracle.now, ..held };
                prop_assert_eq!(world.record(record_body(&call)).await.status, 201);
                oracle.calls.push(call);
            }
            Step::Again(n) if !oracle.calls.is_empty() => {
                let call = &oracle.calls[n % oracle.calls.len()];
                prop_assert_eq!(world.record(record_body(call)).await.status, 200, "the same call never counts twice");
            }
            Step::Release(n) if !oracle.held.is_empty() => {
                let held = oracle.held.remove(n % oracle.held.len());
                prop_assert_eq!(world.post("/v1/release", json!({"call_id": held.id})).await.status, 204);
            }
            Step::Advance(seconds) => {
                world.advance(TimeDelta::seconds(*seconds));
                oracle.advance(TimeDelta::seconds(*seconds));
            }
            Step::Put(n, limit) => {
                let id = format!("b{n}");
                let known = oracle.limits.iter_mut().find(|(known, _)| *known == id);
                let (method, path) = match known {
                    Some(known) => {
                        known.1 = limit.clone();
                        (Method::PUT, format!("/v1/budgets/{id}"))
                    }
                    None => {
                        oracle.limits.push((id.clone(), limit.clone()));
                        (Method::POST, "/v1/budgets".to_owned())
                    }
                };
                let answer = world.owner(method, &path, Some(limit_body(&id, limit))).await;
                prop_assert!(answer.status < 300, "{}", answer.text());
            }
            Step::Remove(n) => {
                let id = format!("b{n}");
                let status = world.owner(Method::DELETE, &format!("/v1/budgets/{id}"), None).await.status;
                let known = oracle.limits.iter().any(|(known, _)| *known == id);
                prop_assert_eq!(status, if known { 204 } else { 404 });
                oracle.limits.retain(|(known, _)| *known != id);
            }
            Step::Zone(zone) => {
                oracle.zone = *zone;
                let answer = world.put("/v1/settings", json!({"time_zone": zone.name()})).await;
                prop_assert_eq!(answer.status, 200);
            }
            Step::Restart => world.restart(),
            Step::Settle(..) | Step::Again(_) | Step::Release(_) => {}
        }
        self.compare()
    }

    /// Every budget stands where the oracle says.
    fn compare(&self) -> Result<(), TestCaseError> {
        let snapshot = self.world.meter().snapshot();
        let enabled: Vec<_> = self.oracle.limits.iter().filter(|(_, limit)| limit.enabled).collect();
        prop_assert_eq!(snapshot.standings.len(), enabled.len());
        for (id, limit) in enabled {
            let standing = snapshot.standings.iter().find(|s| s.budget.id == *id).unwrap();
            let told = (standing.used, standing.reserved, standing.limit);
            let expected = (self.oracle.used(limit), self.oracle.reserved(limit), limit.limit_at(self.oracle.now));
            prop_assert_eq!(told, expected, "{} {:?} at {}", id, limit, self.oracle.now);
        }
        let told = |t: &spendlight::ledger::usage::Totals| (t.calls, t.tokens(), t.cost.0);
        prop_assert_eq!(told(&snapshot.today), self.oracle.sums("day"), "today at {}", self.oracle.now);
        prop_assert_eq!(told(&snapshot.month), self.oracle.sums("month"), "the month at {}", self.oracle.now);
        prop_assert_eq!(snapshot.in_flight_count, self.oracle.held.len());
        Ok(())
    }

    /// Every total that is shown anywhere is the sum of the entries, to the nano-dollar.
    async fn compare_totals(&self) -> Result<(), TestCaseError> {
        let world = &self.world;
        let (calls, _, cost) = self.oracle.sums("total");
        prop_assert_eq!(world.number("SELECT coalesce(sum(cost_nusd), 0) FROM entries"), cost);
        for grain in 0..2 {
            let sums = world.number(&format!("SELECT coalesce(sum(cost_nusd), 0) FROM rollups WHERE grain = {grain}"));
            prop_assert_eq!(sums, cost, "rollups of grain {}", grain);
        }
        let summary = world.get("/v1/summary").await.json();
        prop_assert_eq!(
            (nanos(&summary["lifetime"]["cost_usd"]), summary["lifetime"]["calls"].as_i64()),
            (cost, Some(calls))
        );
        let metrics = world.get("/metrics").await.text();
        prop_assert!(metrics.contains(&format!("\nspendlight_cost_usd_total {}\n", Nusd(cost))), "{}", metrics);
        for (bucket, by) in [("hour", "provider"), ("day", "user"), ("week", "project"), ("month", "model")] {
            let path = format!("/v1/usage?bucket={bucket}&by={by}&from=2026-08-30T00:00:00Z");
            let usage = world.get(&path).await.json();
            let groups = usage["buckets"].as_array().unwrap().iter().flat_map(|b| b["groups"].as_array().unwrap());
            let sum: i64 = groups.map(|group| nanos(&group["cost_usd"])).sum();
            prop_assert_eq!(sum, cost, "{}", path);
        }
        Ok(())
    }
}

fn live(zone: Tz, steps: &[Step]) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::made(start(), zone, false, "");
        let oracle = Oracle { now: start(), zone, calls: Vec::new(), held: Vec::new(), limits: Vec::new() };
        let mut life = Life { world, oracle, count: 0 };
        for step in steps {
            life.take(step).await?;
        }
        life.compare_totals().await?;
        life.world.restart();
        life.compare()?;
        life.compare_totals().await
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ledgers_life_is_what_the_oracle_says(
        zone in prop::sample::select(ZONES.to_vec()),
        limits in prop::collection::vec(limit(), 2..6),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let puts = limits.into_iter().enumerate().map(|(n, limit)| Step::Put(n, limit));
        live(zone, &puts.chain(steps).collect::<Vec<_>>())?;
    }
}
