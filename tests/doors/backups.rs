//! Backups by schedule: when they are made, how many are kept, and what is told of one that fails.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use chrono_tz::Tz;
use http::Method;
use serde_json::{Value, json};
use spendlight::ledger::{self, BackupSchedule, Every, Settings};
use spendlight::upkeep::Upkeep;

use crate::program::Program;
use crate::world::World;

async fn schedule(world: &World, every: &str, keep: u64) {
    let schedule = json!({"backup_schedule": {"every": every, "keep": keep}});
    world.put("/v1/settings", schedule).await.expect(200);
}

async fn backups(world: &World) -> Value {
    world.owner(Method::GET, "/v1/data", None).await.expect(200)["backups"].clone()
}

/// The names of the backups, oldest first, without their beginning.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder.join("backups"))
        .map(|files| files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    names.sort_unstable();
    names.into_iter().map(|name| name.trim_start_matches("spendlight-2026-").to_owned()).collect()
}

#[tokio::test]
async fn a_schedule_makes_up_once_for_what_was_missed_and_removes_only_its_own_oldest() {
    let mut world = World::new();
    world.spend("a", "house", 0.25).await.expect(201);
    let asked = world.owner(Method::POST, "/v1/data/backup", Some(json!({}))).await.expect(201);
    assert_eq!(backups(&world).await["next_at"], Value::Null, "without a schedule nothing is due");
    schedule(&world, "daily", 2).await;
    let mut upkeep = Upkeep::default();
    upkeep.look(&world.app).await;
    assert_eq!(names(world.path()).len(), 1, "a schedule counts from the last backup, asked for or not");
    assert_eq!(backups(&world).await["next_at"], "2026-11-23T12:00:00.000Z");
    world.advance(TimeDelta::days(1));
    upkeep.look(&world.app).await;
    upkeep.look(&world.app).await;
    let first = "11-23T120000.000Z-scheduled.sqlite3";
    assert_eq!(names(world.path()), ["11-22T120000.000Z.sqlite3", first], "it is made when it is due, and once");
    assert_eq!(backups(&world).await["next_at"], "2026-11-24T12:00:00.000Z");
    world.advance(TimeDelta::days(5));
    world.restart();
    let mut upkeep = Upkeep::default();
    upkeep.look(&world.app).await;
    world.advance(TimeDelta::days(1));
    upkeep.look(&world.app).await;
    let two = ["11-28T120000.000Z-scheduled.sqlite3", "11-29T120000.000Z-scheduled.sqlite3"];
    assert_eq!(
        names(world.path()),
        ["11-22T120000.000Z.sqlite3", two[0], two[1]],
        "the newest two, and what was asked for"
    );
    assert_eq!(backups(&world).await["files"][2], asked["file"], "they are listed by their moment");
    world.advance(-TimeDelta::days(3));
    upkeep.look(&world.app).await;
    assert_eq!(names(world.path()).len(), 3, "a clock that is set back keeps no backup away");
    schedule(&world, "weekly", 2).await;
    assert_eq!(backups(&world).await["next_at"], "2026-12-03T12:00:00.000Z");
    schedule(&world, "never", 2).await;
    world.advance(TimeDelta::days(90));
    upkeep.look(&world.app).await;
    assert_eq!(names(world.path()).len(), 3);
}

#[tokio::test]
async fn a_backup_by_schedule_that_fails_is_told_once_and_tried_again_every_hour() {
    let world = World::at("2026-11-22T20:00:00Z", Tz::UTC);
    let mut heard = world.app.notices.subscribe();
    fs::write(world.path().join("backups"), "in the way of the folder").unwrap();
    schedule(&world, "daily", 7).await;
    let mut upkeep = Upkeep::default();
    upkeep.look(&world.app).await;
    let notice = heard.try_recv().unwrap();
    assert_eq!((notice.title.as_str(), notice.view), ("A backup failed", "#/settings/data"));
    let told = backups(&world).await;
    assert_eq!(notice.body, format!("{} It is tried again every hour.", told["failed"]["detail"].as_str().unwrap()));
    assert_eq!(told["next_at"], "2026-11-22T21:00:00.000Z", "the page tells when");
    for (minutes, tried_at) in [(59, "2026-11-22T20:00:00.000Z"), (1, "2026-11-22T21:00:00.000Z")] {
        world.advance(TimeDelta::minutes(minutes));
        upkeep.look(&world.app).await;
        assert_eq!(backups(&world).await["failed"]["at"], tried_at);
    }
    assert!(heard.try_recv().is_err(), "once is enough");
    fs::remove_file(world.path().join("backups")).unwrap();
    world.advance(TimeDelta::hours(1));
    upkeep.look(&world.app).await;
    assert_eq!(backups(&world).await["failed"], Value::Null);
    assert_eq!(names(world.path()).len(), 1);

    fs::remove_dir_all(world.path().join("backups")).unwrap();
    fs::write(world.path().join("backups"), "in the way again").unwrap();
    world.put("/v1/settings", json!({"notifications": {"quiet_hours": {"enabled": true}}})).await.expect(200);
    world.advance(TimeDelta::days(1));
    upkeep.look(&world.app).await;
    assert!(heard.try_recv().is_err(), "quiet hours are kept");
    world.advance(TimeDelta::hours(10));
    upkeep.look(&world.app).await;
    assert_eq!(heard.try_recv().unwrap().title, "A backup failed", "after them it is told, and after a success it was");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_kept_is_refused() {
    let world = World::new();
    for (wrong, why) in [
        (json!({"every": "daily", "keep": 0}), "backup_schedule.keep must be from 1 to 99"),
        (json!({"every": "hourly"}), "backup_schedule.every"),
        (json!({"often": "daily"}), "backup_schedule"),
    ] {
        let detail = world.put("/v1/settings", json!({"backup_schedule": wrong})).await.refused(422);
        assert!(detail.contains(why), "{detail}");
    }
    assert_eq!(backups(&world).await["schedule"], json!({"every": "never", "keep": 7}), "and nothing is changed");
}

#[tokio::test]
async fn what_is_overdue_is_made_when_the_server_starts() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ledger::open(&folder.path().join(ledger::FILE)).unwrap();
    let backup_schedule = BackupSchedule { every: Every::Weekly, keep: 1 };
    let settings = Settings { backup_schedule, ..Settings::default() };
    writer.transaction(|writer| writer.put_settings(&settings)).unwrap();
    drop(writer);
    let program = Program::start(folder.path());
    let begun = Instant::now();
    while !names(folder.path()).iter().any(|name| name.ends_with("-scheduled.sqlite3")) {
        assert!(begun.elapsed() < Duration::from_secs(30), "a backup that is due is made");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    program.end();
}
