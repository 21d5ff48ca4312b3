//! The window: made when it is opened, gone when it is closed, so that a Spendlight in the tray costs no web view.
//!
//! Deliberately not here: what the pages show. A view is named by the fragment of the page's address.

use super::glance::GLANCE;
use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder};

use crate::words::DASHBOARD;

/// The label of the window with the views.
pub const MAIN: &str = "main";

/// The design is drawn for 960 logical pixels and still reads at 480.
const SIZE: (f64, f64) = (960.0, 760.0);
const SIZE_MIN: (f64, f64) = (480.0, 400.0);

/// Opens the window at a view, or brings it to the front and there. Without a view a new one shows the dashboard, and
/// one that is open stays where it is.
///
/// # Errors
/// The desktop made no window.
pub fn open(handle: &AppHandle, view: Option<&str>) -> tauri::Result<()> {
    if let Some(window) = handle.get_webview_window(MAIN) {
        window.unminimize()?;
        window.show()?;
        window.set_focus()?;
        return view.map_or(Ok(()), |view| window.emit_to(MAIN, "navigate", view));
    }
    let page = WebviewUrl::App(format!("index.html{}", view.unwrap_or(DASHBOARD)).into());
    WebviewWindowBuilder::new(handle, MAIN, page)
        .title("Spendlight")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SIZE_MIN.0, SIZE_MIN.1)
        .center()
        .build()?;
    Ok(())
}

/// A change, as the page hears it.
#[derive(Debug, Clone, Serialize)]
pub struct Change<'a> {
    pub event: &'static str,
    pub data: &'a serde_json::value::RawValue,
}

/// Tells the pages of a change, where there are pages.
pub fn tell(handle: &AppHandle, event: &'static str, json: &str) {
    for label in [MAIN, GLANCE] {
        if handle.get_webview_window(label).is_none() {
            continue;
        }
        let told = serde_json::from_str(json)
            .map_err(tauri::Error::from)
            .and_then(|data| handle.emit_to(label, "change", Change { event, data }));
        if let Err(error) = told {
            tracing::debug!(%error, event, label, "a window was not told of a change");
        }
    }
}
