//! `/v1/data/export`: entries into a file of the user's, in the background, with progress, and given up at will. All of it
//! is the owner's.
//!
//! A window has no downloads of its own, and a page need not hold a million entries. The file has its name once it is
//! whole; until then it ends in `.part`. One is written at a time.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body::{SmallBody, parse};
use super::export::{ExportQuery, Format, Pages};
use super::filter::{FilterQuery, Filtered};
use super::owner::Owner;
use super::problem::Problem;
use crate::ledger;
use crate::paths;

/// The export that goes on, or the last one.
#[derive(Debug, Default)]
pub struct Exports(Mutex<Option<Arc<Export>>>);

/// One export.
#[derive(Debug)]
struct Export {
    file: PathBuf,
    /// How many entries it will have.
    of: u64,
    written: AtomicU64,
    bytes: AtomicU64,
    given_up: AtomicBool,
    outcome: Mutex<Outcome>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Running,
    Done,
    GivenUp,
    Failed(String),
}

/// What has become of an export.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ExportState {
    /// Nothing has been exported yet.
    None,
    Running,
    Done,
    Cancelled,
    Failed,
}

/// An export into a file.
#[derive(Serialize, ToSchema)]
pub struct ExportBody {
    state: ExportState,
    /// The file, which has this name once it is whole.
    file: Option<String>,
    /// How many entries have been written.
    entries: u64,
    /// How many there will be.
    of: u64,
    bytes: u64,
    /// Why it failed.
    detail: Option<String>,
}

/// Where an export is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// A file that is not there yet, or a folder, by its whole path; else the folder for downloads.
    #[schema(value_type = Option<String>)]
    file: Option<PathBuf>,
}

impl Exports {
    fn last(&self) -> Option<Arc<Export>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes an export's place, unless one goes on.
    fn begin(&self, export: &Arc<Export>) -> Result<(), Problem> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|last| last.outcome() == Outcome::Running) {
            return Err(Problem::conflict("An export is being written: wait for its end, or cancel it."));
        }
        *last = Some(Arc::clone(export));
        Ok(())
    }
}

impl Export {
    fn outcome(&self) -> Outcome {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn part(&self) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(".part");
        PathBuf::from(name)
    }

    /// Writes everything and gives the file its name.
    async fn write(&self, mut pages: Pages, mut file: File) -> Result<Outcome, String> {
        while let Some((text, entries)) = pages.next().await.map_err(|e| e.to_string())? {
            if self.given_up.load(Ordering::Relaxed) {
                return Ok(Outcome::GivenUp);
            }
            let bytes = u64::try_from(text.len()).unwrap_or(0);
            let written = tokio::task::spawn_blocking(move || file.write_all(&text).map(|()| file));
            file = written.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
            self.written.fetch_add(u64::try_from(entries).unwrap_or(0), Ordering::Relaxed);
        }
        let (part, whole) = (self.part(), self.file.clone());
        let named = tokio::task::spawn_blocking(move || {
            file.sync_all()?;
            std::fs::rename(part, &whole)?;
            paths::sync_folder_of(&whole)
        });
        named.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        Ok(Outcome::Done)
    }

    async fn run(&self, pages: Pages, file: File) {
        let outcome = self.write(pages, file).await.unwrap_or_else(Outcome::Failed);
        if outcome != Outcome::Done {
            // What is left of it is of no use; where it cannot be removed, its name says that it is not whole.
            let _ = std::fs::remove_file(self.part());
        }
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }
}

/// A file's whole path: `asked`, or one with a name of its own in the folder that was asked for or in that for downloads.
fn named(asked: Option<PathBuf>, app: &App, format: Format) -> Result<PathBuf, Problem> {
    let asked = asked.unwrap_or_else(|| paths::downloads_folder(&app.data_folder));
    if !asked.is_absolute() {
        return Err(Problem::field("file", "must be a whole path, from the root on"));
    }
    if asked.is_dir() {
        let day = app.meter.now().with_timezone(&app.meter.zone()).format("%Y-%m-%d");
        let name = |n: u32| match n {
            1 => format!("spendlight-{day}.{}", format.ending()),
            n => format!("spendlight-{day}-{n}.{}", format.ending()),
        };
        let free = (1..=9_999).map(|n| asked.join(name(n))).find(|file| !std::fs::exists(file).unwrap_or(true));
        return free.ok_or_else(|| Problem::field("file", "is a folder that is full of exports"));
    }
    if !asked.parent().is_some_and(Path::is_dir) {
        return Err(Problem::field("file", "is in a folder that is not there"));
    }
    if std::fs::exists(&asked).unwrap_or(true) {
        return Err(Problem::field("file", "is there already, and is not written over"));
    }
    Ok(asked)
}

/// Begins to write entries into a file; the parameters are those of `/v1/export`. What is recorded from now on is not
/// in it.
#[utoipa::path(post, path = "/v1/data/export", tag = "owner", params(FilterQuery, ExportQuery), request_body = NewExport,
    responses((status = 202, body = ExportBody), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem), (status = 507, body = Problem)))]
pub async fn begin(
    _: Owner,
    State(app): State<Arc<App>>,
    Filtered(mut filter, asked): Filtered<ExportQuery>,
    SmallBody { 0: bytes }: SmallBody,
) -> Result<(StatusCode, Json<ExportBody>), Problem> {
    let NewExport { file } = parse(&bytes)?;
    let format = asked.format.unwrap_or_default();
    let file = named(file, &app, format)?;
    let (filter, entries) = app
        .meter
        .read(move |conn| {
            filter.as_of = filter.as_of.or(ledger::extent(conn)?.map(|extent| extent.as_of));
            let entries = ledger::span_sum(conn, &filter)?.entries;
            Ok((filter, entries))
        })
        .await?;
    let export = Arc::new(Export {
        file,
        of: u64::try_from(entries).unwrap_or(0),
        written: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        given_up: AtomicBool::new(false),
        outcome: Mutex::new(Outcome::Running),
    });
    app.exports.begin(&export)?;
    match paths::begin_private(&export.part()) {
        Ok(part) => {
            let pages = Pages::new(Arc::clone(&app), format, filter);
            let running = Arc::clone(&export);
            tokio::spawn(async move { running.run(pages, part).await });
            Ok((StatusCode::ACCEPTED, Json(body(Some(&export)))))
        }
        Err(e) => {
            let why = format!("{} cannot be written: {e}.", export.file.display());
            *export.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Outcome::Failed(why.clone());
            Err(Problem::new(StatusCode::INSUFFICIENT_STORAGE, "export-failed", "The export failed", why))
        }
    }
}

/// How far the export has come, or how the last one ended.
#[utoipa::path(get, path = "/v1/data/export", tag = "owner", responses(
    (status = 200, body = ExportBody), (status = 401, body = Problem)))]
pub async fn progress(_: Owner, State(app): State<Arc<App>>) -> Json<ExportBody> {
    Json(body(app.exports.last().as_deref()))
}

/// Gives up the export that is being written; nothing is left of its file.
#[utoipa::path(delete, path = "/v1/data/export", tag = "owner", responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn cancel(_: Owner, State(app): State<Arc<App>>) -> Result<StatusCode, Problem> {
    match app.exports.last().filter(|export| export.outcome() == Outcome::Running) {
        Some(export) => {
            export.given_up.store(true, Ordering::Relaxed);
            Ok(StatusCode::NO_CONTENT)
        }
        None => Err(Problem::not_found("No export is being written.")),
    }
}

fn body(export: Option<&Export>) -> ExportBody {
    let Some(export) = export else {
        return ExportBody { state: ExportState::None, file: None, entries: 0, of: 0, bytes: 0, detail: None };
    };
    let (state, detail) = match export.outcome() {
        Outcome::Running => (ExportState::Running, None),
        Outcome::Done => (ExportState::Done, None),
        Outcome::GivenUp => (ExportState::Cancelled, None),
        Outcome::Failed(why) => (ExportState::Failed, Some(why)),
    };
    ExportBody {
        state,
        file: Some(export.file.display().to_string()),
        entries: export.written.load(Ordering::Relaxed),
        of: export.of,
        bytes: export.bytes.load(Ordering::Relaxed),
        detail,
    }
}
