//! The desktop's door: the tray, the windows, and the bridge between their pages and the API.
//!
//! The only room that names Tauri and the tray. It decides nothing: what it shows it asks of the router, as the page in
//! its window does, and what is clicked it hands to the router or the page. Deliberately not here: any sentence, any
//! sum, notifications (they are spoken without a screen too).

mod bridge;
mod clipboard;
mod desk;
mod display;
mod dress;
mod environment;
mod events;
mod glance;
#[cfg(target_os = "linux")]
mod host;
mod icon;
#[cfg(target_os = "linux")]
mod leftover;
mod menu;
mod status;
mod tray;
mod windows;

use tauri::{RunEvent, WindowEvent};
use tokio::sync::broadcast;

use bridge::Owner;
use desk::{Desk, Front};

use crate::ledger::Theme;

pub use display::has_display;
pub use environment::set_up_environment;

/// What the desktop is made of.
pub struct Parts {
    /// The owner's router: no guard, full rights.
    pub router: axum::Router,
    /// The changes: "status", "entry", "alert", "question", "settings", and "show", which asks for the window. Its data may
    /// name the view as `{"fragment": "#/alerts"}`.
    pub events: broadcast::Sender<crate::events::Event>,
    pub runtime: tokio::runtime::Handle,
    /// Whether the window stays closed at the start. It opens all the same where there is no tray to open it from.
    pub start_hidden: bool,
    /// How what the desktop draws is dressed from the start.
    pub theme: Theme,
    /// Called once, when the desktop has ended.
    pub on_quit: Box<dyn FnOnce() + Send>,
}

/// Runs the desktop on the main thread, until its user quits it or the process is asked to end.
///
/// # Errors
/// The windows' toolkit could not be started. A missing tray is no error.
pub fn run(parts: Parts) -> anyhow::Result<()> {
    let Parts { router, events, runtime, start_hidden, theme, on_quit } = parts;
    tauri::async_runtime::set(runtime.clone());
    let owner = Owner::new(router);
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![bridge::request, bridge::choose_file, bridge::close_window])
        .manage(owner.clone())
        .build(tauri::generate_context!())?;
    let (desk, inbox) = Desk::new(app.handle().clone());
    tray::hear_clicks(&desk);
    let mut front = Front::new(app.handle().clone(), runtime.clone(), owner.clone(), inbox, theme);
    let mut start = Some((desk, events));
    app.run_return(move |handle, event| match event {
        RunEvent::Ready => {
            if !start_hidden {
                front.open(None);
            }
            if let Some((desk, events)) = start.take() {
                runtime.spawn(events::carry(handle.clone(), events.subscribe(), owner.clone(), desk.clone()));
                runtime.spawn(desk::end_when_told(handle.clone()));
                #[cfg(target_os = "linux")]
                runtime.spawn(host::watch(desk));
                #[cfg(not(target_os = "linux"))]
                desk.send(desk::Message::TrayHost(None));
            }
        }
        RunEvent::WindowEvent { label, event: WindowEvent::Focused(focused), .. } if label == glance::GLANCE => {
            front.glance_focused(focused);
        }
        RunEvent::MenuEvent(chosen) => front.choose(chosen.id().0.as_str()),
        RunEvent::MainEventsCleared => front.read(),
        // The last window has been closed: Spendlight stays in the tray.
        RunEvent::ExitRequested { code: None, api, .. } => {
            api.prevent_exit();
            #[cfg(target_os = "linux")]
            runtime.spawn(leftover::clear(handle.clone()));
        }
        _ => {}
    });
    on_quit();
    Ok(())
}
