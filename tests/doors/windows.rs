//! Windows in the user's zone: where they begin and end across the changes of the clocks, and that a new zone makes every
//! sum anew.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;

use crate::world::{World, nanos, utc};

const PENNY: i64 = 10_000_000;

/// A world with a budget of each kind of window, at `now`.
async fn with_windows(now: &str, zone: Tz) -> World {
    let world = World::at(now, zone);
    for window in ["minute", "hour", "day", "week", "month", "total"] {
        world.budget(json!({"id": window, "window": window, "limit": 100})).await;
    }
    world
}

async fn record_at(world: &World, at: DateTime<Utc>) {
    let body = json!({"at": at.to_rfc3339(), "provider": "house", "model": "m", "cost_usd": 0.01});
    world.record(body).await.expect(201);
}

#[tokio::test]
async fn a_day_is_23_or_25_hours_where_the_clocks_change() {
    for (zone, noon, start, end) in [
        (Tz::Europe__Berlin, "2026-03-29T12:00:00Z", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        (Tz::Europe__Berlin, "2026-10-25T12:00:00Z", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        // Midnight is missing in Havana's spring and in Cairo's: the day begins at one.
        (Tz::America__Havana, "2026-03-08T18:00:00Z", "2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"),
        (Tz::Africa__Cairo, "2026-04-24T12:00:00Z", "2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"),
        // Midnight comes twice in Havana's autumn: the day begins at the first.
        (Tz::America__Havana, "2026-11-01T18:00:00Z", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"),
        (Tz::Asia__Kathmandu, "2026-11-22T12:00:00Z", "2026-11-22T00:00:00+05:45", "2026-11-23T00:00:00+05:45"),
        (Tz::Australia__Lord_Howe, "2026-04-05T02:00:00Z", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30"),
    ] {
        let world = with_windows(noon, zone).await;
        let window = world.standing("day").await["window"].clone();
        assert_eq!((window["start"].as_str(), window["end"].as_str()), (Some(start), Some(end)), "{zone}");
        let (first, last) = (utc(start), utc(end) - TimeDelta::milliseconds(1));
        for at in [first - TimeDelta::milliseconds(1), first, utc(noon)] {
            record_at(&world, at).await;
        }
        assert_eq!(
            nanos(&world.standing("day").await["used"]),
            2 * PENNY,
            "{zone}: its start is in, what is before not"
        );
        world.advance(last - utc(noon));
        assert_eq!(nanos(&world.standing("day").await["used"]), 2 * PENNY, "{zone}: it lasts until its last moment");
        world.advance(TimeDelta::milliseconds(1));
        let next = world.standing("day").await;
        assert_eq!((nanos(&next["used"]), next["window"]["start"].as_str()), (0, Some(end)), "{zone}: the next begins");
    }
}

#[tokio::test]
async fn every_window_passes_and_begins_empty() {
    let mut world = with_windows("2026-11-22T12:00:30Z", Tz::Europe__Berlin).await;
    record_at(&world, world.clock.now()).await;
    let steps = [
        ("minute", TimeDelta::seconds(30)),
        ("hour", TimeDelta::minutes(59)),
        ("day", TimeDelta::hours(10)),
        ("week", TimeDelta::zero()),
        ("month", TimeDelta::days(8)),
    ];
    for (index, (window, by)) in steps.iter().enumerate() {
        world.advance(*by);
        for restarted in [false, true] {
            for (passed, _) in &steps[..=index] {
                let used = nanos(&world.standing(passed).await["used"]);
                assert_eq!(used, 0, "{passed} has passed when {window} has, restarted: {restarted}");
            }
            if *window != "day" {
                // A Sunday's midnight ends the day and the week at once.
                for (open, _) in &steps[index + 1..] {
                    assert_eq!(
                        nanos(&world.standing(open).await["used"]),
                        PENNY,
                        "{open} is still open after {window}"
                    );
                }
            }
            world.restart();
        }
    }
    assert_eq!(nanos(&world.standing("total").await["used"]), PENNY, "everything has no end");
}

#[tokio::test]
async fn a_new_zone_makes_days_and_sums_anew() {
    let mut world = with_windows("2026-11-22T12:00:00Z", Tz::UTC).await;
    world.budget(json!({"id": "berlin", "window": "day", "limit": 100, "time_zone": "Europe/Berlin"})).await;
    // Every half hour of a day and a half back.
    for half_hours in 0..72 {
        record_at(&world, world.clock.now() - TimeDelta::minutes(30 * half_hours)).await;
    }
    let day = async |world: &World, id: &str| nanos(&world.standing(id).await["used"]) / PENNY;
    assert_eq!((day(&world, "day").await, day(&world, "berlin").await), (25, 27));
    for (zone, expected) in
        [("Asia/Kathmandu", 36), ("America/St_Johns", 18), ("Pacific/Kiritimati", 5), ("Asia/Kolkata", 36), ("UTC", 25)]
    {
        world.put("/v1/settings", json!({"time_zone": zone})).await.expect(200);
        for restarted in [false, true] {
            assert_eq!(day(&world, "day").await, expected, "{zone}, restarted: {restarted}");
            assert_eq!(day(&world, "berlin").await, 27, "a budget's own zone is its own");
            let status = world.get("/v1/status").await.expect(200);
            assert_eq!(nanos(&status["today"]["cost_usd"]) / PENNY, expected, "{zone}: the rollups agree");
            assert_eq!(nanos(&status["month"]["cost_usd"]) / PENNY, 72);
            let usage = world.get("/v1/usage?bucket=day&from=2026-11-20T00:00:00Z").await.expect(200);
            let buckets = usage["buckets"].as_array().unwrap();
            let sum: i64 =
                buckets.iter().flat_map(|b| b["groups"].as_array().unwrap()).map(|g| nanos(&g["cost_usd"])).sum();
            assert_eq!(sum / PENNY, 72, "{zone}: no call is lost between the days");
            world.restart();
        }
    }
}

#[tokio::test]
async fn usage_in_another_zone_tells_the_same_sum() {
    let world = World::new();
    for hours in 0..48 {
        record_at(&world, world.clock.now() - TimeDelta::hours(hours)).await;
    }
    for zone in ["Europe/Berlin", "America/New_York", "Asia/Tokyo"] {
        let path = format!("/v1/usage?bucket=day&from=2026-11-19T00:00:00Z&time_zone={zone}");
        let usage = world.get(&path).await.expect(200);
        let buckets = usage["buckets"].as_array().unwrap();
        let sum: i64 =
            buckets.iter().flat_map(|b| b["groups"].as_array().unwrap()).map(|g| nanos(&g["cost_usd"])).sum();
        assert_eq!(sum / PENNY, 48, "{zone}");
    }
}
