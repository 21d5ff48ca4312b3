//! Budgets that ask: a call that would cross one waits for its user, every answer releases the same request, no answer
//! denies it, and no answer takes a call past a budget that blocks.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use http::Method;
use serde_json::{Value, json};
use spendlight::meter::{Change, Question, QuestionState};
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinHandle;

use crate::world::{Answer, World, nanos, utc};

const CENT: i64 = 10_000_000;

/// A world whose budget `day` of a dollar asks, with 99 cents of it spent.
async fn nearly_spent() -> Arc<World> {
    let world = World::new();
    world.budget(json!({"id": "day", "name": "House today", "window": "day", "limit": 1, "action": "ask"})).await;
    world.spend("before", "house", 0.99).await.expect(201);
    Arc::new(world)
}

/// A call of so many cents that is to be reserved.
fn call(call_id: &str, cents: u32) -> Value {
    json!({"provider": "house", "model": "m", "project": "eval", "cost_usd": f64::from(cents) / 100.0,
        "call_id": call_id, "reserve": true})
}

/// Somebody who asks for a call and waits for the answer.
fn held(world: &Arc<World>, body: Value) -> JoinHandle<Answer> {
    let world = Arc::clone(world);
    tokio::spawn(async move { world.check(body).await })
}

/// What the meter tells of questions.
struct Told(Receiver<Change>);

impl Told {
    fn of(world: &World) -> Told {
        Told(world.meter().changes())
    }

    /// Waits until a question is told of that is as wanted.
    async fn until(&mut self, wanted: impl Fn(&Question) -> bool) -> Arc<Question> {
        let told = async {
            loop {
                match self.0.recv().await.unwrap() {
                    Change::Question(question) if wanted(&question) => return question,
                    _ => {}
                }
            }
        };
        // Only so that a broken meter fails the test and does not hang it.
        tokio::time::timeout(Duration::from_secs(60), told).await.expect("what was waited for is told")
    }

    /// Waits until so many calls wait behind an open question.
    async fn waiting(&mut self, calls: usize) -> Arc<Question> {
        self.until(|question| question.state == QuestionState::Open && question.waiting == calls).await
    }
}

async fn answer(world: &World, id: &str, body: Value) -> Answer {
    world.owner(Method::POST, &format!("/v1/questions/{id}/answer"), Some(body)).await
}

async fn open(world: &World) -> Vec<Value> {
    world.get("/v1/questions").await.expect(200)["questions"].as_array().unwrap().clone()
}

async fn reserved(world: &World, budget: &str) -> i64 {
    nanos(&world.standing(budget).await["reserved"])
}

#[track_caller]
fn denied(answer: &Answer, sentence: &str) {
    let verdict = answer.expect(402);
    assert_eq!((&verdict["allowed"], &verdict["reason"]), (&json!(false), &json!("budget_exceeded")));
    assert_eq!(answer.header("x-should-retry"), Some("false"), "a denial is not to be tried again");
    assert!(verdict["detail"].as_str().unwrap().ends_with(sentence), "{:?} says {sentence:?}", verdict["detail"]);
}

#[tokio::test]
async fn a_call_waits_and_goes_when_it_is_allowed_once() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let asked = held(&world, call("a", 3));
    let question = told.waiting(1).await;
    assert!(!asked.is_finished(), "the call waits for the answer");
    let listed = open(&world).await;
    assert_eq!(listed[0]["id"], question.id);
    assert_eq!((&listed[0]["state"], &listed[0]["budget"]), (&json!("open"), &json!("day")));
    assert_eq!((&listed[0]["model"], &listed[0]["project"]), (&json!("m"), &json!("eval")));
    assert_eq!((&listed[0]["ceiling"]["cost_usd"], &listed[0]["raise_to"]), (&json!(0.03), &json!(2)));
    assert_eq!(listed[0]["expires_at"], "2026-11-22T12:01:00.000Z");
    assert_eq!(listed[0]["title"], "House today would go over $1.00");
    assert_eq!(listed[0]["text"], "m of project eval wants up to $0.03; $0.99 is spent. It waits until 12:01:00.");
    assert_eq!(world.get("/v1/status").await.expect(200)["questions"][0]["id"], question.id, "the status tells it too");
    assert_eq!(reserved(&world, "day").await, 0, "what waits holds nothing");
    let ended = answer(&world, &question.id, json!({"answer": "allow_once"})).await.expect(200);
    assert_eq!((&ended["id"], &ended["state"]), (&json!(question.id), &json!("allowed")));
    let verdict = asked.await.unwrap().expect(200);
    assert_eq!(
        (&verdict["allowed"], &verdict["reserved"], &verdict["call_id"]),
        (&json!(true), &json!(true), &json!("a"))
    );
    let warning = "House today: $0.99 of $1.00 is used, and this call may go over it. The user allowed it once.";
    assert_eq!(verdict["warnings"], json!([warning]));
    assert_eq!(reserved(&world, "day").await, 3 * CENT);
    assert_eq!(open(&world).await, [json!(null); 0]);
    answer(&world, &question.id, json!({"answer": "deny"})).await.refused(404);
    let next = held(&world, call("b", 3));
    told.waiting(1).await;
    next.abort();
}

#[tokio::test]
async fn raising_lets_everyone_go_who_waits_and_ends_at_midnight() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let asked: Vec<_> = (0..5).map(|n| held(&world, call(&format!("c{n}"), 30))).collect();
    let question = told.waiting(5).await;
    assert_eq!(open(&world).await.len(), 1, "one budget asks one question");
    assert_eq!(question.raise_to, 300 * CENT, "all of them fit under what is offered");
    let raised = answer(&world, &question.id, json!({"answer": "raise"})).await.expect(200);
    assert_eq!(raised["state"], "raised");
    for one in asked {
        assert_eq!(one.await.unwrap().expect(200)["warnings"], json!([]), "under its limit nobody is warned");
    }
    told.until(|ended| ended.id == question.id && ended.state == QuestionState::Raised).await;
    let budget = world.get("/v1/budgets/day").await.expect(200);
    assert_eq!((&budget["limit"], &budget["action"]), (&json!(1), &json!("ask")));
    assert_eq!(budget["override"], json!({"limit": 3, "until": "2026-11-23T00:00:00.000Z"}));
    assert_eq!(reserved(&world, "day").await, 150 * CENT);
}

#[tokio::test]
async fn the_user_may_name_the_limit_and_midnight_is_the_budgets_own() {
    let world = World::new();
    let zone = json!({"id": "t", "window": "day", "unit": "tokens", "limit": 100, "action": "ask", "time_zone": "Asia/Kolkata"});
    world.budget(zone).await;
    let world = Arc::new(world);
    let mut told = Told::of(&world);
    let ask = json!({"provider": "house", "model": "m", "cost_usd": 0, "estimated_tokens": 150, "reserve": true});
    let asked = held(&world, ask);
    let question = told.waiting(1).await;
    assert_eq!(question.raise_to, 200);
    for (limit, field) in [(json!(100), "limit"), (json!(1.5), "limit"), (json!(-1), "limit"), (json!("more"), "limit")]
    {
        let refused = answer(&world, &question.id, json!({"answer": "raise", "limit": limit})).await.refused(422);
        assert!(refused.contains(field), "{limit}: {refused}");
    }
    answer(&world, &question.id, json!({"answer": "deny", "limit": 200})).await.refused(422);
    answer(&world, &question.id, json!({"answer": "perhaps"})).await.refused(422);
    answer(&world, &question.id, json!({"answer": "raise", "limit": 151})).await.expect(200);
    asked.await.unwrap().expect(200);
    let raised = &world.get("/v1/budgets/t").await.expect(200)["override"];
    assert_eq!(*raised, json!({"limit": 151, "until": "2026-11-22T18:30:00.000Z"}));
}

#[tokio::test]
async fn denying_denies_everyone_who_waits_and_who_comes_before_the_question_would_have_ended() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let asked: Vec<_> = (0..3).map(|n| held(&world, call(&format!("c{n}"), 3))).collect();
    let question = told.waiting(3).await;
    assert_eq!(answer(&world, &question.id, json!({"answer": "deny"})).await.expect(200)["state"], "denied");
    for one in asked {
        denied(&one.await.unwrap(), "The user was asked, and denied it.");
    }
    world.advance(TimeDelta::milliseconds(59_999));
    let soon = world.check(call("soon", 3)).await;
    denied(&soon, "The user has denied such a call, and is asked again from 12:01:00.");
    world.advance(TimeDelta::milliseconds(1));
    let later = held(&world, call("later", 3));
    told.waiting(1).await;
    later.abort();
    assert_eq!(world.number("SELECT count(*) FROM reservations"), 0, "nothing that was denied was ever held");
}

#[tokio::test]
async fn no_answer_denies() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let first = held(&world, call("first", 3));
    told.waiting(1).await;
    world.advance(TimeDelta::milliseconds(59_999));
    let last = held(&world, call("last", 3));
    let question = told.waiting(2).await;
    world.meter().turn();
    assert_eq!(open(&world).await.len(), 1, "not a moment earlier");
    world.advance(TimeDelta::milliseconds(1));
    world.meter().turn();
    assert!(world.meter().questions().is_empty(), "and not a moment later");
    told.until(|ended| ended.id == question.id && ended.state == QuestionState::Unanswered).await;
    for one in [first, last] {
        denied(&one.await.unwrap(), "The user was asked, and nobody answered within 60 seconds.");
    }
    assert_eq!(reserved(&world, "day").await, 0);
    assert_eq!(world.number("SELECT count(*) FROM reservations"), 0, "nothing was held");
    answer(&world, &question.id, json!({"answer": "allow_once"})).await.refused(404);
}

#[tokio::test]
async fn a_call_that_nobody_answered_is_told_the_numbers_of_its_denial() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let waiting = held(&world, call("a", 3));
    told.waiting(1).await;
    world.spend("meanwhile", "house", 0.25).await.expect(201);
    world.advance(TimeDelta::seconds(60));
    world.meter().turn();
    let denied = waiting.await.unwrap().expect(402);
    assert_eq!(denied["call_id"], "a");
    assert!(denied["detail"].as_str().unwrap().contains("$1.24 of $1.00 is used"), "{denied}");
}

#[tokio::test]
async fn a_clock_that_stands_still_holds_nobody_for_ever() {
    let world = nearly_spent().await;
    world.put("/v1/settings", json!({"ask_seconds": 5})).await.expect(200);
    let _told = Told::of(&world);
    denied(&world.check(call("a", 3)).await, "The user was asked, and nobody answered within 5 seconds.");
    assert_eq!(open(&world).await.len(), 0);
}

#[tokio::test]
async fn where_nobody_hears_of_a_question_nobody_waits() {
    let world = nearly_spent().await;
    denied(&world.check(call("a", 3)).await, "Spendlight does not run, so nobody could be asked.");
    assert_eq!(open(&world).await.len(), 0);
}

#[tokio::test]
async fn allowing_one_asks_about_the_next() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let first = held(&world, call("first", 2));
    let one = told.waiting(1).await;
    let second = held(&world, call("second", 3));
    assert_eq!(told.waiting(2).await.id, one.id, "who comes later waits behind the same question");
    answer(&world, &one.id, json!({"answer": "allow_once"})).await.expect(200);
    assert_eq!(first.await.unwrap().expect(200)["call_id"], "first", "the oldest is the one that was asked about");
    let next = told.waiting(1).await;
    assert_ne!(next.id, one.id, "an answer to the first must not be one to the next");
    assert_eq!(next.call.ceiling.cost.0, 3 * CENT);
    assert!(!second.is_finished());
    answer(&world, &next.id, json!({"answer": "deny"})).await.expect(200);
    denied(&second.await.unwrap(), "The user was asked, and denied it.");
}

#[tokio::test]
async fn a_caller_who_leaves_takes_the_question_along() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let first = held(&world, call("first", 2));
    let one = told.waiting(1).await;
    let second = held(&world, call("second", 3));
    told.waiting(2).await;
    first.abort();
    told.until(|ended| ended.id == one.id && ended.state == QuestionState::Withdrawn).await;
    let next = told.waiting(1).await;
    assert_eq!(next.call.ceiling.cost.0, 3 * CENT, "the next is asked about");
    second.abort();
    told.until(|ended| ended.id == next.id && ended.state == QuestionState::Withdrawn).await;
    assert_eq!(open(&world).await.len(), 0);
    answer(&world, &next.id, json!({"answer": "allow_once"})).await.refused(404);
    assert_eq!(world.number("SELECT count(*) FROM reservations"), 0);
}

#[tokio::test]
async fn a_check_that_reserves_nothing_does_not_wait() {
    let world = nearly_spent().await;
    let mut ask = call("a", 3);
    ask["reserve"] = json!(false);
    denied(&world.check(ask).await, "The user is asked only about calls that are to be reserved.");
    assert_eq!(open(&world).await.len(), 0);
    let mut fits = call("b", 1);
    fits["reserve"] = json!(false);
    world.check(fits).await.expect(200);
}

#[tokio::test]
async fn nobody_is_asked_about_a_call_that_another_budget_blocks() {
    let world = nearly_spent().await;
    world.budget(json!({"id": "hard", "window": "month", "limit": 1})).await;
    let refused = world.check(call("a", 3)).await.expect(402);
    assert_eq!(refused["binding"]["budget"], "hard");
    world.owner(Method::DELETE, "/v1/budgets/hard", None).await.expect(204);
    let unknown = json!({"provider": "openai", "model": "no-such-model", "reserve": true});
    world.budget(json!({"id": "other", "window": "month", "limit": 100, "action": "ask"})).await;
    assert_eq!(world.check(unknown).await.expect(402)["reason"], "price_unknown", "it counts as one that blocks");
    assert_eq!(open(&world).await.len(), 0);
}

#[tokio::test]
async fn what_changes_meanwhile_is_decided_on_anew() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let edited = held(&world, call("edited", 3));
    let question = told.waiting(1).await;
    world.put("/v1/budgets/day", json!({"window": "day", "limit": 1.01, "action": "ask"})).await.expect(200);
    told.until(|ended| ended.id == question.id && ended.state == QuestionState::Withdrawn).await;
    told.waiting(1).await;
    assert!(!edited.is_finished(), "it does not fit yet");
    world.put("/v1/budgets/day", json!({"window": "day", "limit": 1.02, "action": "warn"})).await.expect(200);
    edited.await.unwrap().expect(200);
    world.post("/v1/release", json!({"call_id": "edited"})).await.expect(204);
    world.put("/v1/budgets/day", json!({"window": "day", "limit": 1, "action": "ask"})).await.expect(200);
    let paused = held(&world, call("paused", 3));
    told.waiting(1).await;
    world.owner(Method::POST, "/v1/pause", Some(json!({}))).await.expect(200);
    assert_eq!(paused.await.unwrap().expect(402)["reason"], "paused");
    world.owner(Method::POST, "/v1/resume", Some(json!({}))).await.expect(200);
    world.check(call("small", 1)).await.expect(200);
    let fits = held(&world, call("fits", 1));
    told.waiting(1).await;
    world.post("/v1/release", json!({"call_id": "small"})).await.expect(204);
    world.meter().turn();
    assert_eq!(fits.await.unwrap().expect(200)["warnings"], json!([]), "what fits by now needs no answer");
}

#[tokio::test]
async fn who_waits_into_the_next_day_goes_without_an_answer() {
    let world = World::at("2026-11-22T23:59:30Z", Tz::UTC);
    world.budget(json!({"id": "day", "window": "day", "limit": 1, "action": "ask"})).await;
    world.spend("before", "house", 1.0).await.expect(201);
    let world = Arc::new(world);
    let mut told = Told::of(&world);
    let asked = held(&world, call("a", 3));
    told.waiting(1).await;
    world.advance(TimeDelta::seconds(30));
    world.meter().turn();
    let verdict = asked.await.unwrap().expect(200);
    assert_eq!(utc(verdict["expires_at"].as_str().unwrap()), utc("2026-11-23T00:10:00Z"), "held from when it goes");
}

#[tokio::test]
async fn only_the_owner_answers() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let asked = held(&world, call("a", 3));
    let question = told.waiting(1).await;
    let path = format!("/v1/questions/{}/answer", question.id);
    world.post(&path, json!({"answer": "allow_once"})).await.refused(401);
    assert_eq!(open(&world).await.len(), 1, "the call that asks must not answer itself");
    answer(&world, "none", json!({"answer": "allow_once"})).await.refused(404);
    answer(&world, "none", json!({"answer": "raise", "limit": 2})).await.refused(404);
    assert!(!asked.is_finished());
    asked.abort();
}

#[tokio::test]
async fn no_more_than_sixty_four_wait() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let asked: Vec<_> = (0..64).map(|n| held(&world, call(&format!("c{n}"), 3))).collect();
    told.waiting(64).await;
    let refused = world.check(call("one-more", 3)).await;
    denied(&refused, "64 calls wait for the user's answer already, so nobody was asked.");
    asked.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_answer_takes_a_call_past_a_budget_that_blocks() {
    for word in ["allow_once", "raise"] {
        let world = World::new();
        world.budget(json!({"id": "soft", "window": "day", "limit": 0.05, "action": "ask"})).await;
        world.budget(json!({"id": "hard", "window": "day", "limit": 0.12, "buffer": 0.02})).await;
        let world = Arc::new(world);
        let mut told = Told::of(&world);
        let asked: Vec<_> = (0..32).map(|n| held(&world, call(&format!("{word}-{n}"), 1))).collect();
        told.waiting(27).await;
        while let Some(question) = open(&world).await.first() {
            // The question may have gone by itself meanwhile.
            answer(&world, question["id"].as_str().unwrap(), json!({"answer": word})).await;
        }
        let mut admitted = 0;
        for one in asked {
            let one = one.await.unwrap();
            admitted += i64::from(one.status == 200);
            assert!([200, 402].contains(&one.status), "{}", one.text());
        }
        let held = reserved(&world, "hard").await;
        assert_eq!((admitted, held), (10, 10 * CENT), "used + reserved <= limit - buffer, whatever the answer: {word}");
    }
}

#[tokio::test]
async fn how_long_a_call_waits_is_a_setting() {
    let mut world = World::new();
    assert_eq!(world.get("/v1/settings").await.expect(200)["ask_seconds"], 60);
    for seconds in [4, 61] {
        let refused = world.put("/v1/settings", json!({"ask_seconds": seconds})).await.refused(422);
        assert!(refused.contains("ask_seconds"), "{refused}");
    }
    world.put("/v1/settings", json!({"ask_seconds": 20})).await.expect(200);
    world.restart();
    assert_eq!(world.get("/v1/settings").await.expect(200)["ask_seconds"], 20);
    world.budget(json!({"id": "day", "window": "day", "limit": 1, "action": "ask"})).await;
    let world = Arc::new(world);
    let mut told = Told::of(&world);
    let asked = held(&world, call("a", 300));
    assert_eq!(told.waiting(1).await.expires_at, utc("2026-11-22T12:00:20Z"));
    asked.abort();
}

#[tokio::test]
async fn listeners_hear_of_a_question_when_it_begins_and_ends() {
    let world = nearly_spent().await;
    let mut told = Told::of(&world);
    let mut events = world.app.events.subscribe();
    let turning = spendlight::http::spawn_events(&world.app);
    let asked = held(&world, call("a", 3));
    let question = told.waiting(1).await;
    answer(&world, &question.id, json!({"answer": "deny"})).await.expect(200);
    for state in ["open", "denied"] {
        let event = loop {
            let event = events.recv().await.unwrap();
            if event.name == "question" {
                break event;
            }
        };
        let body: Value = serde_json::from_str(&event.json).unwrap();
        assert_eq!((&body["id"], &body["state"]), (&json!(question.id), &json!(state)));
    }
    asked.await.unwrap().expect(402);
    turning.abort();
}
