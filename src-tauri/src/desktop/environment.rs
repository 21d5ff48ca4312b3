//! What the libraries under the windows read from the environment, and what they are to find there.
//!
//! They read it before `main` or wherever they please, and a running program cannot safely change its environment: so
//! Spendlight starts itself anew with the right one. What a user has set is left as it is.

use std::io;
use std::process::Command;

use super::has_display;

/// Lets a test drive the page. Any program that starts Spendlight could set it, so it is taken out.
/// Source: tauri-runtime-wry reads it where it makes a web view.
const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";

/// A program that is there all day is to be small, and its windows are text and a few lines, which the processor draws
/// well. So a window takes half the memory that it does with Mesa's software driver, leaves ten megabytes of drivers less
/// behind, and none stays blank because a driver and WebKitGTK do not get on. The web view's processes inherit all this:
/// glibc's allocator is left alone, since drivers that read what they have freed crash where it gives memory back sooner.
/// Sources: jemalloc(3), "Tuning"; WebKitGTK's "Environment Variables" and `DRMMainDevice.cpp` (a device that is named is
/// not searched for, and only the searching loads a driver); GTK 3's "Running GTK+ Applications".
#[cfg(target_os = "linux")]
const SMALL: [(&str, &str); 4] = [
    ("_RJEM_MALLOC_CONF", "narenas:2,dirty_decay_ms:0,muzzy_decay_ms:0"),
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    ("WEBKIT_WEB_RENDER_DEVICE_FILE", "none"),
    ("GDK_GL", "disable"),
];
#[cfg(not(target_os = "linux"))]
const SMALL: [(&str, &str); 0] = [];

/// Starts the program anew where its environment is not the right one. To be called first in `main`; it returns only if
/// there was nothing to do, or nothing that must be done could be.
///
/// # Errors
/// Tests may not drive the page (`automation`), something asks for it, and the program could not be started anew.
pub fn set_up_environment(automation: bool) -> io::Result<()> {
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let shed = !automation && is_set(AUTOMATION);
    let missing: Vec<_> = SMALL.into_iter().filter(|(name, _)| !is_set(name)).collect();
    if !shed && (missing.is_empty() || !has_display()) {
        return Ok(());
    }
    let anew = || {
        let mut program = Command::new(std::env::current_exe()?);
        program.args(std::env::args_os().skip(1)).envs(missing);
        if shed {
            program.env_remove(AUTOMATION);
        }
        become_it(&mut program)
    };
    // To be larger than it need be is no reason not to start.
    if shed { anew() } else { anew().or(Ok(())) }
}

/// Returns only where it fails.
#[cfg(unix)]
fn become_it(program: &mut Command) -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    if let Some(name) = std::env::args_os().next() {
        program.arg0(name);
    }
    Err(program.exec())
}

#[cfg(not(unix))]
fn become_it(program: &mut Command) -> io::Result<()> {
    std::process::exit(program.status()?.code().unwrap_or(1))
}
