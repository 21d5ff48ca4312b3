//! Remote control of the page is for tests alone: a variable of the environment would let any program that starts
//! Spendlight drive its window, so Spendlight takes it out of its own environment.
//!
//! A running program cannot safely change its environment, so it starts itself anew without the variable.

use std::io;

/// The web view's toolkit reads this.
const VARIABLE: &str = "TAURI_WEBVIEW_AUTOMATION";

/// Starts the program anew without the variable, unless it is not set or `allowed`. To be called first in `main`; it
/// returns only if there was nothing to do.
///
/// # Errors
/// The program could not be started anew.
pub fn shed_automation(allowed: bool) -> io::Result<()> {
    if allowed || std::env::var_os(VARIABLE).is_none() {
        return Ok(());
    }
    anew()
}

#[cfg(unix)]
fn anew() -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    let program = std::env::current_exe()?;
    Err(std::process::Command::new(program).args(std::env::args_os().skip(1)).env_remove(VARIABLE).exec())
}

#[cfg(not(unix))]
fn anew() -> io::Result<()> {
    let program = std::env::current_exe()?;
    let ended = std::process::Command::new(program).args(std::env::args_os().skip(1)).env_remove(VARIABLE).status()?;
    std::process::exit(ended.code().unwrap_or(1))
}
