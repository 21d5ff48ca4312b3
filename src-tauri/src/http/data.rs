//! `/v1/data`: the ledger as a file. Where it is, its backups, and a backup put in its place. All of it is the owner's.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::body::{SmallBody, parse};
use super::owner::Owner;
use super::problem::Problem;
use super::query::Query;
use super::stamp::Stamp;
use crate::domain::money::Nusd;
use crate::ledger::{self, BackedUp, BackupSchedule, Candidate, Facts, KeepCalls, NotBackedUp, Restored};

/// The ledger's file and what it holds.
#[derive(Serialize, ToSchema)]
struct LedgerBody {
    path: String,
    folder: String,
    /// With its log.
    bytes: u64,
    /// The part of them that is empty, which new entries fill first.
    free_bytes: u64,
    #[serde(flatten)]
    holds: FactsBody,
}

/// What a ledger holds.
#[derive(Serialize, ToSchema)]
struct FactsBody {
    entries: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_at: Option<Stamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    newest_at: Option<Stamp>,
    /// Of every call there ever was.
    #[schema(value_type = f64)]
    cost_usd: Nusd,
    /// The calls that are kept as totals alone, since single calls are not kept for so long.
    gone_calls: i64,
    /// When the last of them was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    gone_until: Option<Stamp>,
}

impl From<Facts> for FactsBody {
    fn from(facts: Facts) -> FactsBody {
        FactsBody {
            entries: facts.entries,
            oldest_at: facts.oldest.map(Stamp),
            newest_at: facts.newest.map(Stamp),
            cost_usd: facts.cost,
            gone_calls: facts.gone.calls,
            gone_until: facts.gone.until.map(Stamp),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct BackedUpBody {
    #[schema(value_type = String, format = DateTime)]
    at: Stamp,
    file: String,
    bytes: u64,
    entries: i64,
}

impl From<BackedUp> for BackedUpBody {
    fn from(made: BackedUp) -> BackedUpBody {
        BackedUpBody {
            at: Stamp(made.at),
            file: made.file.display().to_string(),
            bytes: made.bytes,
            entries: made.entries,
        }
    }
}

/// A backup that was not made.
#[derive(Serialize, ToSchema)]
struct NotBackedUpBody {
    #[schema(value_type = String, format = DateTime)]
    at: Stamp,
    /// One sentence for a person.
    detail: String,
}

#[derive(Serialize, ToSchema)]
struct BackupsBody {
    folder: String,
    /// How much of the backup is done that is being made, from 0 to 1.
    progress: Option<f64>,
    last: Option<BackedUpBody>,
    /// The last try, while no backup has been made since.
    failed: Option<NotBackedUpBody>,
    schedule: BackupSchedule,
    /// When the next one is due by schedule; past where it could not be made yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Stamp>,
    /// The backups in the folder, the newest first.
    files: Vec<String>,
}

/// A backup that lies ready for the next start, or was taken in at an earlier one.
#[derive(Serialize, ToSchema)]
struct RestoredBody {
    file: String,
    #[schema(value_type = String, format = DateTime)]
    at: Stamp,
    /// The file that the ledger before it is kept as.
    kept: String,
    /// How many entries of that ledger are not in the backup; null where it could not be read.
    lacks_entries: Option<i64>,
}

impl RestoredBody {
    fn new(app: &App, restored: Restored) -> RestoredBody {
        RestoredBody {
            file: restored.from.display().to_string(),
            at: Stamp(restored.at),
            kept: app.data_folder.join(restored.kept).display().to_string(),
            lacks_entries: restored.lacks,
        }
    }
}

/// What a backup holds, and what it lacks.
#[derive(Serialize, ToSchema)]
pub struct CandidateBody {
    #[serde(flatten)]
    holds: FactsBody,
    /// How many entries of the ledger are not in it; null where the ledger cannot be read.
    lacks_entries: Option<i64>,
}

impl From<Candidate> for CandidateBody {
    fn from(candidate: Candidate) -> CandidateBody {
        CandidateBody { holds: candidate.facts.into(), lacks_entries: candidate.lacks }
    }
}

/// What is so, or would be, where single calls are kept for so long.
#[derive(Serialize, ToSchema)]
pub struct RetentionBody {
    keep_calls: KeepCalls,
    /// Calls made before are not kept one by one; null where all are.
    #[schema(value_type = Option<String>, format = DateTime)]
    before: Option<Stamp>,
    /// How many entries older than that are still in the ledger, and are taken out.
    entries: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_at: Option<Stamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    newest_at: Option<Stamp>,
}

async fn retention_of(app: &App, keep_calls: KeepCalls) -> Result<RetentionBody, Problem> {
    let found = app.meter.outdated(keep_calls).await?;
    Ok(RetentionBody {
        keep_calls,
        before: app.meter.kept_from(keep_calls).map(Stamp),
        entries: found.entries,
        oldest_at: found.oldest.map(Stamp),
        newest_at: found.newest.map(Stamp),
    })
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RetentionQuery {
    /// What is asked about; what is set, where it is left out.
    keep_calls: Option<KeepCalls>,
}

/// How many entries were taken out.
#[derive(Serialize, ToSchema)]
pub struct TakenOutBody {
    entries: usize,
}

#[derive(Serialize, ToSchema)]
pub struct DataFileBody {
    ledger: LedgerBody,
    retention: RetentionBody,
    backups: BackupsBody,
    /// What takes the ledger's place at the next start.
    to_restore: Option<RestoredBody>,
    /// Why it did not at the last one.
    not_restored: Option<String>,
    /// The backup that this ledger was.
    restored: Option<RestoredBody>,
}

/// A file, by its whole path.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileBody {
    #[schema(value_type = String)]
    file: PathBuf,
}

/// Where a backup is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBackup {
    /// A file that is not there yet, or a folder, by its whole path; else the folder where backups are kept.
    #[schema(value_type = Option<String>)]
    file: Option<PathBuf>,
}

/// The ledger's file, its backups, and what is to be restored.
#[utoipa::path(get, path = "/v1/data", tag = "owner", responses(
    (status = 200, body = DataFileBody), (status = 401, body = Problem)))]
pub async fn get(_: Owner, State(app): State<Arc<App>>) -> Result<Json<DataFileBody>, Problem> {
    let meter = &app.meter;
    let file = meter.ledger_file().await?;
    let folder = meter.backups_folder();
    let backups = meter.backups();
    let failed = |NotBackedUp { at, why }| NotBackedUpBody { at: Stamp(at), detail: why };
    Ok(Json(DataFileBody {
        ledger: LedgerBody {
            path: file.path.display().to_string(),
            folder: app.data_folder.display().to_string(),
            bytes: file.size.bytes,
            free_bytes: file.size.free_bytes,
            holds: file.facts.into(),
        },
        retention: retention_of(&app, meter.settings().keep_calls).await?,
        backups: BackupsBody {
            files: ledger::backups_in(&folder).iter().map(|file| file.display().to_string()).collect(),
            folder: folder.display().to_string(),
            progress: meter.backup_progress(),
            schedule: meter.settings().backup_schedule,
            next_at: meter.next_backup().map(Stamp),
            last: backups.last.map(BackedUpBody::from),
            failed: backups.failed.map(failed),
        },
        to_restore: meter.to_restore().await?.map(|restored| RestoredBody::new(&app, restored)),
        not_restored: meter.not_restored().map(str::to_owned),
        restored: file.restored.map(|restored| RestoredBody::new(&app, restored)),
    }))
}

/// Which calls would be taken out if single calls were kept for so long. Nothing is changed.
#[utoipa::path(get, path = "/v1/data/retention", tag = "owner", params(RetentionQuery), responses(
    (status = 200, body = RetentionBody), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn retention(
    _: Owner,
    State(app): State<Arc<App>>,
    Query(asked): Query<RetentionQuery>,
) -> Result<Json<RetentionBody>, Problem> {
    let keep_calls = asked.keep_calls.unwrap_or_else(|| app.meter.settings().keep_calls);
    Ok(Json(retention_of(&app, keep_calls).await?))
}

/// Takes out now the entries that are older than single calls are kept, as is done without being asked where Spendlight
/// keeps running. Their sums stay, and so does the mark that they were recorded.
#[utoipa::path(post, path = "/v1/data/retention", tag = "owner", responses(
    (status = 200, body = TakenOutBody), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub async fn take_out(_: Owner, State(app): State<Arc<App>>) -> Result<Json<TakenOutBody>, Problem> {
    Ok(Json(TakenOutBody { entries: app.meter.take_out_outdated().await? }))
}

/// Backs the ledger up, while it is in use, and checks the backup.
#[utoipa::path(post, path = "/v1/data/backup", tag = "owner", request_body = NewBackup, responses(
    (status = 201, body = BackedUpBody), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem), (status = 507, body = Problem)))]
pub async fn back_up(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<(StatusCode, Json<BackedUpBody>), Problem> {
    let NewBackup { file } = parse(&bytes)?;
    Ok((StatusCode::CREATED, Json(app.meter.back_up(file).await?.into())))
}

/// Checks whether a file can be restored, and tells what is in it. Nothing is changed.
#[utoipa::path(post, path = "/v1/data/restore/check", tag = "owner", request_body = FileBody, responses(
    (status = 200, body = CandidateBody), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem), (status = 507, body = Problem)))]
pub async fn check(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<Json<CandidateBody>, Problem> {
    let FileBody { file } = parse(&bytes)?;
    Ok(Json(app.meter.examine(file).await?.into()))
}

/// Checks a file and lays it ready: it takes the ledger's place when Spendlight starts the next time. The ledger it
/// replaces is kept beside it.
#[utoipa::path(post, path = "/v1/data/restore", tag = "owner", request_body = FileBody, responses(
    (status = 202, body = CandidateBody), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem), (status = 507, body = Problem)))]
pub async fn restore(
    _: Owner,
    State(app): State<Arc<App>>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<(StatusCode, Json<CandidateBody>), Problem> {
    let FileBody { file } = parse(&bytes)?;
    Ok((StatusCode::ACCEPTED, Json(app.meter.restore(file).await?.into())))
}

/// Keeps the ledger after all.
#[utoipa::path(delete, path = "/v1/data/restore", tag = "owner", responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn do_not_restore(_: Owner, State(app): State<Arc<App>>) -> Result<StatusCode, Problem> {
    if app.meter.do_not_restore().await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("No backup lies ready to be restored."))
    }
}
