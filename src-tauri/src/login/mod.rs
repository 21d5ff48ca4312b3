//! Starting at login: whether the user's session starts Spendlight, which the session itself keeps and nobody else.
//!
//! On Linux that is an entry of the desktop's autostart folder (`entry.rs`); elsewhere one crate knows the places
//! (`system.rs`). Deliberately not here: whether the window opens then, which is a setting in the ledger.

#[cfg(any(target_os = "linux", test))]
mod entry;
#[cfg(not(target_os = "linux"))]
mod system;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

#[cfg(target_os = "linux")]
use entry::Entry as Place;
#[cfg(not(target_os = "linux"))]
use system::Item as Place;

/// The session that can start Spendlight, or what stands for it in a test.
pub trait AtLogin: Send + Sync + 'static {
    /// Whether it does.
    ///
    /// # Errors
    /// It cannot be asked.
    fn is_on(&self) -> io::Result<bool>;

    /// Has it do so from the next login on, or not any more.
    ///
    /// # Errors
    /// It does not take that.
    fn turn(&self, on: bool) -> io::Result<()>;
}

/// The user's session, told to start this program with `args`.
///
/// # Errors
/// The program does not know where it is, or this user has no place for such things.
pub fn session(args: Vec<OsString>) -> io::Result<Box<dyn AtLogin>> {
    Ok(Box::new(Place::new(program()?, args)?))
}

/// Where this program is. One that runs out of an AppImage lies there only while it runs; the image itself stays.
fn program() -> io::Result<PathBuf> {
    match std::env::var_os("APPIMAGE") {
        Some(image) if cfg!(target_os = "linux") && !image.is_empty() => Ok(PathBuf::from(image)),
        _ => std::env::current_exe(),
    }
}
