//! The bridge: the page's requests, answered by the same router that answers the network, in this process.
//!
//! The page in the window is the owner, so its requests pass no guard. It may ask for what stands under `/v1/`, the
//! endless stream of events excepted: changes reach the window as events of its own. Deliberately not here: the proxy,
//! which a page has no business with.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, header};
use http_body_util::{BodyExt, Limited};
use serde::Serialize;
use tauri::{State, WebviewWindow};
use tower::ServiceExt;

/// The largest answer a page is handed. An export beyond it belongs into a file.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Longer than the slowest thing a page asks for, which is a new price list.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// The owner's way to the router.
#[derive(Clone)]
pub struct Owner {
    router: axum::Router,
}

/// An answer, as the page takes it.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    #[error("{0} is not a method")]
    Method(String),
    #[error("only what stands under /v1/ can be asked for here, and not the events")]
    Elsewhere,
    #[error("the request is not one: {0}")]
    Request(#[from] axum::http::Error),
    #[error("the answer broke off: {0}")]
    Broken(Box<dyn std::error::Error + Send + Sync>),
    #[error("there was no answer within {} seconds", ANSWER_TIMEOUT.as_secs())]
    Silent,
    #[error("the answer was {0}: {1}")]
    Refused(u16, String),
}

impl Owner {
    pub fn new(router: axum::Router) -> Owner {
        Owner { router }
    }

    /// Asks the router.
    ///
    /// # Errors
    /// There is no answer. One that refuses is an answer.
    pub async fn ask(&self, method: &str, path: &str, body: Option<String>) -> Result<Answer, Unanswered> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Unanswered::Method(method.to_owned()))?;
        let route = path.split('?').next().unwrap_or(path);
        if !route.starts_with("/v1/") || route == "/v1/events" {
            return Err(Unanswered::Elsewhere);
        }
        let request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1");
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body))?,
            None => request.body(Body::empty())?,
        };
        tokio::time::timeout(ANSWER_TIMEOUT, self.answer(request)).await.map_err(|_| Unanswered::Silent)?
    }

    async fn answer(&self, request: Request<Body>) -> Result<Answer, Unanswered> {
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(Unanswered::Broken)?;
        let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        Ok(Answer { status, content_type, body })
    }

    /// Asks for something to be done.
    ///
    /// # Errors
    /// It was not done, and why.
    pub async fn post(&self, path: &str, body: String) -> Result<(), Unanswered> {
        match self.ask("POST", path, Some(body)).await? {
            answer if answer.status < 400 => Ok(()),
            answer => Err(Unanswered::Refused(answer.status, answer.body)),
        }
    }
}

/// The page's requests.
#[tauri::command]
pub async fn request(
    owner: State<'_, Owner>,
    method: String,
    path: String,
    body: Option<String>,
) -> Result<Answer, String> {
    owner.ask(&method, &path, body).await.map_err(|unanswered| unanswered.to_string())
}

/// Has the user choose a file, from `folder` on, in the system's own dialog: its path, or none where none was chosen.
#[tauri::command]
pub async fn choose_file(window: WebviewWindow, title: String, folder: String) -> Option<String> {
    let dialog = rfd::AsyncFileDialog::new().set_title(title).set_directory(folder).set_parent(&window);
    let chosen = dialog.pick_file().await?;
    Some(chosen.path().display().to_string())
}

/// Closes the window; Spendlight stays in the tray.
#[tauri::command]
pub fn close_window(window: WebviewWindow) -> Result<(), String> {
    window.close().map_err(|error| error.to_string())
}
