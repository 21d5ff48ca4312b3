//! macOS and Windows, by the crate that knows their places: a launch agent, and the user's `Run` key.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode, WindowsEnableMode};

use super::AtLogin;

/// What a session starts.
pub struct Item(AutoLaunch);

impl Item {
    /// The item of this user's own session.
    ///
    /// # Errors
    /// The program's name is not text, or the system has no place for it.
    pub fn new(program: PathBuf, args: Vec<OsString>) -> io::Result<Item> {
        let path = written(&program.to_string_lossy());
        let args: Vec<String> = args.iter().map(|arg| written(&arg.to_string_lossy())).collect();
        AutoLaunchBuilder::new()
            .set_app_name("Spendlight")
            .set_app_path(&path)
            .set_args(&args)
            .set_macos_launch_mode(MacOSLaunchMode::LaunchAgent)
            // For everyone on the machine is not ours to decide.
            .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
            .build()
            .map(Item)
            .map_err(io::Error::other)
    }
}

impl AtLogin for Item {
    fn is_on(&self) -> io::Result<bool> {
        self.0.is_enabled().map_err(io::Error::other)
    }

    fn turn(&self, on: bool) -> io::Result<()> {
        if on { self.0.enable() } else { self.0.disable() }.map_err(io::Error::other)
    }
}

/// An argument as the system keeps it: Windows in one line, in quotes; macOS each for itself, in XML.
fn written(part: &str) -> String {
    if cfg!(windows) { format!("\"{part}\"") } else { part.replace('&', "&amp;").replace('<', "&lt;") }
}
