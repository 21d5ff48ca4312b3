//! An entry of the desktop's autostart folder, as the specifications of freedesktop.org have it.
//!
//! Written here and not by a crate: the crate for it knows neither `XDG_CONFIG_HOME` nor spaces in a path, and takes an
//! entry for on that the desktop's own settings have turned off.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use directories::BaseDirs;

use super::AtLogin;
use crate::paths;

const FILE: &str = "spendlight-tray.desktop";

/// What a session starts.
pub struct Entry {
    file: PathBuf,
    text: String,
}

impl Entry {
    /// The entry of this user's own autostart folder.
    ///
    /// # Errors
    /// This user has no home folder, or the program's name is not text.
    pub fn new(program: PathBuf, args: Vec<OsString>) -> io::Result<Entry> {
        let places =
            BaseDirs::new().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "this user has no home folder"))?;
        Entry::within(&places.config_dir().join("autostart"), program, args)
    }

    fn within(folder: &Path, program: PathBuf, args: Vec<OsString>) -> io::Result<Entry> {
        let mut command = Vec::new();
        for part in std::iter::once(program.into_os_string()).chain(args) {
            let part = part.into_string().map_err(|part| {
                let why = format!("{} is not UTF-8 text", part.display());
                io::Error::new(io::ErrorKind::InvalidInput, why)
            })?;
            command.push(quoted(&part));
        }
        let text = format!(
            "[Desktop Entry]\nType=Application\nName=Spendlight\nComment=A light in the tray for LLM spend\n\
             Exec={}\nTerminal=false\nStartupNotify=false\n",
            command.join(" ")
        );
        Ok(Entry { file: folder.join(FILE), text })
    }
}

impl AtLogin for Entry {
    fn is_on(&self) -> io::Result<bool> {
        match fs::read_to_string(&self.file) {
            Ok(text) => Ok(!is_turned_off(&text)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        }
    }

    fn turn(&self, on: bool) -> io::Result<()> {
        if on {
            if let Some(folder) = self.file.parent() {
                fs::create_dir_all(folder)?;
            }
            return paths::write_private(&self.file, self.text.as_bytes());
        }
        match fs::remove_file(&self.file) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}

/// Desktops turn an entry off by writing into it.
fn is_turned_off(text: &str) -> bool {
    let said = |line: &str| line.replace(' ', "").to_ascii_lowercase();
    text.lines().map(said).any(|line| line == "hidden=true" || line == "x-gnome-autostart-enabled=false")
}

/// An argument as `Exec` takes it: in quotes, what means something there behind a backslash, and that once more because
/// it stands in a string; a percent sign twice.
fn quoted(part: &str) -> String {
    let mut text = String::from("\"");
    for c in part.chars() {
        match c {
            '\\' => text.push_str("\\\\\\\\"),
            '"' | '`' | '$' => {
                text.push_str("\\\\");
                text.push(c);
            }
            '%' => text.push_str("%%"),
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(folder: &Path, args: &[&str]) -> Entry {
        let args = args.iter().map(OsString::from).collect();
        Entry::within(folder, PathBuf::from("/opt/My Tools/spendlight-tray"), args).unwrap()
    }

    #[test]
    fn an_entry_is_written_whole_and_taken_away() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("autostart");
        let entry = entry(&folder, &["--port", "8080"]);
        assert!(!entry.is_on().unwrap(), "no folder, no entry");
        entry.turn(true).unwrap();
        let text = fs::read_to_string(folder.join(FILE)).unwrap();
        assert!(text.starts_with("[Desktop Entry]\nType=Application\nName=Spendlight\n"), "{text}");
        assert!(text.contains("\nExec=\"/opt/My Tools/spendlight-tray\" \"--port\" \"8080\"\n"), "{text}");
        assert!(entry.is_on().unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left there");
        entry.turn(false).unwrap();
        entry.turn(false).unwrap();
        assert!(!entry.is_on().unwrap() && fs::read_dir(&folder).unwrap().count() == 0);
    }

    #[test]
    fn an_entry_that_the_desktop_turned_off_is_off_until_it_is_turned_on_here() {
        let home = tempfile::tempdir().unwrap();
        let entry = entry(home.path(), &[]);
        for off in ["Hidden=true", "X-GNOME-Autostart-enabled=false", "Hidden = True"] {
            fs::write(home.path().join(FILE), format!("{}{off}\n", entry.text)).unwrap();
            assert!(!entry.is_on().unwrap(), "{off}");
            entry.turn(true).unwrap();
            assert!(entry.is_on().unwrap());
        }
    }

    #[test]
    fn what_means_something_in_a_command_is_escaped() {
        assert_eq!(quoted("plain"), r#""plain""#);
        assert_eq!(quoted("100 %"), r#""100 %%""#);
        assert_eq!(quoted(r#"a"b`c$d\e"#), r#""a\\"b\\`c\\$d\\\\e""#);
    }
}
