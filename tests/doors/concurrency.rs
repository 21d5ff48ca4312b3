//! Many at once: nobody is admitted beyond a limit, nothing is lost, nothing counts twice.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::world::{World, nanos};

async fn all<T: Send + 'static>(tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    tasks.into_iter().collect::<JoinSet<_>>().join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_never_get_more_than_the_budget_has() {
    let world = Arc::new(World::new());
    world.budget(json!({"id": "day", "window": "day", "limit": 1, "buffer": 0.05})).await;
    world.budget(json!({"id": "calls", "window": "hour", "unit": "requests", "limit": 200})).await;
    let admitted = all((0..64).map(|task| {
        let world = Arc::clone(&world);
        async move {
            let mut admitted = 0_i64;
            for n in 0..8 {
                let call_id = format!("{task}-{n}");
                let ask =
                    json!({"provider": "house", "model": "m", "cost_usd": 0.01, "reserve": true, "call_id": call_id});
                let answer = world.check(ask).await;
                assert!([200, 402, 429].contains(&answer.status), "{}", answer.text());
                if answer.status != 200 {
                    continue;
                }
                match n % 4 {
                    0 => drop(world.post("/v1/release", json!({"call_id": call_id})).await.expect(204)),
                    // What is spent is what was held, so the promise can be read from the outcome.
                    1 => {
                        drop(world.spend(&call_id, "house", 0.01).await.expect(201));
                        admitted += 1;
                    }
                    _ => admitted += 1,
                }
            }
            admitted
        }
    }))
    .await;
    let admitted: i64 = admitted.iter().sum();
    let standing = world.standing("day").await;
    let (used, reserved) = (nanos(&standing["used"]), nanos(&standing["reserved"]));
    assert_eq!(used + reserved, admitted * 10_000_000, "what was admitted is used or held, and nothing else is");
    assert!(used + reserved <= 950_000_000, "used + reserved <= limit - buffer, however many ask: {used} + {reserved}");
    assert_eq!(admitted, 95, "with so many asking, all of it goes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_records_at_once_are_all_there() {
    let mut world = World::new();
    world.budget(json!({"id": "day", "window": "day", "limit": 1000})).await;
    let shared = Arc::new(world);
    let answers = all((0..64).map(|task| {
        let world = Arc::clone(&shared);
        async move {
            for n in 0..10 {
                world.spend(&format!("{task}-{n}"), "house", 0.001).await.expect(201);
                // Whoever was answered can read it.
                world.get(&format!("/v1/entries/{task}-{n}")).await.expect(200);
            }
        }
    }))
    .await;
    assert_eq!(answers.len(), 64);
    world = Arc::into_inner(shared).unwrap();
    for restarted in [false, true] {
        assert_eq!(world.number("SELECT count(*) FROM entries"), 640, "restarted: {restarted}");
        assert_eq!(nanos(&world.standing("day").await["used"]), 640_000_000, "restarted: {restarted}");
        world.restart();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_call_from_thirty_two_at_once_counts_once() {
    let world = Arc::new(World::new());
    world.budget(json!({"id": "day", "window": "day", "limit": 10})).await;
    let ask = json!({"provider": "house", "model": "m", "cost_usd": 0.5, "reserve": true, "call_id": "same"});
    let held = all((0..32).map(|_| {
        let (world, ask) = (Arc::clone(&world), ask.clone());
        async move { world.check(ask).await.status }
    }))
    .await;
    assert_eq!(held, [200; 32], "the same reservation asked for again is the same reservation");
    assert_eq!(nanos(&world.standing("day").await["reserved"]), 500_000_000);
    let mut answers = all((0..32).map(|_| {
        let world = Arc::clone(&world);
        async move { world.spend("same", "house", 0.25).await.status }
    }))
    .await;
    answers.sort_unstable();
    assert_eq!(answers[30..], [200, 201], "one of them is new");
    assert_eq!(answers[..31], [200; 31], "the others are replays");
    let standing = world.standing("day").await;
    assert_eq!((nanos(&standing["used"]), nanos(&standing["reserved"])), (250_000_000, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn budgets_edited_under_load_lose_no_call() {
    let world = Arc::new(World::new());
    let budget = |limit: i64| json!({"id": "day", "window": "day", "limit": limit});
    world.budget(budget(1000)).await;
    let calls = all((0..16).map(|task| {
        let world = Arc::clone(&world);
        async move {
            for n in 0..20 {
                world.spend(&format!("{task}-{n}"), "house", 0.001).await.expect(201);
            }
        }
    }));
    let edits = async {
        for n in 0..40 {
            world.put("/v1/budgets/day", budget(1000 + n)).await.expect(200);
            let zone: Value = if n % 2 == 0 { json!("Asia/Kolkata") } else { json!("UTC") };
            if n % 8 < 2 {
                world.put("/v1/settings", json!({"time_zone": zone})).await.expect(200);
            }
        }
    };
    tokio::join!(calls, edits);
    assert_eq!(nanos(&world.standing("day").await["used"]), 320_000_000, "an edit must not lose a call beside it");
    assert_eq!(nanos(&world.get("/v1/status").await.expect(200)["today"]["cost_usd"]), 320_000_000);
}
