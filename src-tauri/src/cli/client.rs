//! How a command reaches the API: through the running Spendlight's door, or, when nobody has the ledger, through a door
//! of its own for as long as the command takes.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::domain::entry::Source;
use crate::http::SOURCE;
use crate::ledger::OwnerError;
use crate::paths;
use crate::server::{Spendlight, StartError, Where};

/// What the entries of this door say of where they come from.
const CLI: &str = Source::Cli.as_str();

/// Longer than a call may wait for its user.
const PATIENCE: Duration = Duration::from_secs(75);

/// The way to the API.
pub enum Door {
    Running { base: String, token: String, http: reqwest::Client },
    Own(axum::Router),
}

/// An answer of the API.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    fn read(status: u16, text: &str) -> Answer {
        Answer { status, body: serde_json::from_str(text).unwrap_or(Value::Null) }
    }

    /// The body of a good answer.
    ///
    /// # Errors
    /// The problem's own sentence.
    pub fn good(self) -> anyhow::Result<Value> {
        if self.status < 300 {
            return Ok(self.body);
        }
        match self.body.get("detail").and_then(Value::as_str) {
            Some(detail) => Err(anyhow!("{detail}")),
            None => Err(anyhow!("Spendlight answered with status {}", self.status)),
        }
    }
}

impl Door {
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        self.ask_within(PATIENCE, method, path, body).await
    }

    /// Asks for what takes longer than most.
    pub async fn ask_within(
        &self,
        patience: Duration,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let (status, text) = match self {
            Door::Running { base, token, http } => {
                let request = http.request(method, format!("{base}{path}")).bearer_auth(token).timeout(patience);
                let request = request.header(SOURCE, CLI);
                let request = match body {
                    Some(body) => request.json(body),
                    None => request,
                };
                let answer = request.send().await.context("Spendlight does not answer")?;
                (answer.status().as_u16(), answer.text().await?)
            }
            Door::Own(router) => {
                let request = Request::builder().method(method).uri(path);
                let request = request.header(CONTENT_TYPE, "application/json").header(SOURCE, CLI);
                let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
                let answer = router.clone().oneshot(request.body(body)?).await?;
                let status = answer.status().as_u16();
                (status, String::from_utf8(answer.into_body().collect().await?.to_bytes().to_vec())?)
            }
        };
        Ok(Answer::read(status, &text))
    }

    /// Reads an answer piece by piece, however long it is.
    ///
    /// # Errors
    /// The problem's own sentence, what `piece` says, or that the answer broke off.
    pub async fn read(&self, path: &str, mut piece: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
        match self {
            Door::Running { base, token, http } => {
                let request = http.get(format!("{base}{path}")).bearer_auth(token);
                let mut answer = request.send().await.context("Spendlight does not answer")?;
                if !answer.status().is_success() {
                    let status = answer.status().as_u16();
                    return Answer::read(status, &answer.text().await?).good().map(|_| ());
                }
                while let Some(bytes) = answer.chunk().await.context("the answer broke off")? {
                    piece(&bytes)?;
                }
            }
            Door::Own(router) => {
                let answer = router.clone().oneshot(Request::get(path).body(Body::empty())?).await?;
                let (status, mut body) = (answer.status(), answer.into_body());
                if !status.is_success() {
                    let text = String::from_utf8_lossy(&body.collect().await?.to_bytes()).into_owned();
                    return Answer::read(status.as_u16(), &text).good().map(|_| ());
                }
                while let Some(frame) = body.frame().await {
                    if let Ok(bytes) = frame?.into_data() {
                        piece(&bytes)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Runs a command with a door.
pub fn with(place: &Where, command: impl AsyncFnOnce(&Door) -> anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    match Spendlight::open(place) {
        Ok(own) => {
            let door = Door::Own(crate::http::owner(&own.app));
            let outcome = runtime.block_on(command(&door));
            own.close();
            outcome
        }
        Err(StartError::Owner(OwnerError::Taken { pid, .. })) => runtime.block_on(async {
            let door = running(place, &pid)?;
            command(&door).await
        }),
        Err(e) => Err(e.into()),
    }
}

pub(super) fn running(place: &Where, pid: &str) -> anyhow::Result<Door> {
    let data = paths::data_folder(place.data_dir.clone())?;
    let Ok(address) = std::fs::read_to_string(paths::address_file(&data)) else {
        bail!("Spendlight (process {pid}) runs but does not listen: its port is in use");
    };
    let token = std::fs::read_to_string(paths::token_file(&data)).context("the owner token cannot be read")?;
    // Nothing between here and a loopback address may be asked on the way.
    let http = reqwest::Client::builder().no_proxy().build()?;
    Ok(Door::Running { base: format!("http://{}", address.trim()), token: token.trim().to_owned(), http })
}

/// Prints the owner token, making it if this is the first command ever.
pub fn token(place: &Where) -> anyhow::Result<ExitCode> {
    let data = paths::data_folder(place.data_dir.clone())?;
    if std::fs::exists(paths::token_file(&data))? {
        super::say(std::fs::read_to_string(paths::token_file(&data))?.trim());
    } else {
        Spendlight::open(place)?.close();
        super::say(std::fs::read_to_string(paths::token_file(&data))?.trim());
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks the running Spendlight to show its window.
#[cfg(feature = "desktop")]
pub fn show(place: &Where) -> anyhow::Result<ExitCode> {
    with(place, async |door| {
        door.ask(Method::POST, "/v1/show", None).await?.good()?;
        super::say("Spendlight runs already; its window is shown.");
        Ok(ExitCode::SUCCESS)
    })
}
