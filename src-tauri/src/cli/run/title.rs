//! What a run is called in lists: by its command's own name, or by that of the script it runs. Nothing else of its arguments
//! is told: there may be secrets among them.

use std::ffi::OsString;
use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Programs that people call by what they run.
const INTERPRETERS: &[&str] = &["python", "node", "ruby", "perl", "php", "sh", "bash", "zsh", "deno", "bun", "Rscript"];

/// Arguments after which comes code, not the name of a script.
const CODE: &[&str] = &["-c", "-e", "-r", "-p", "--eval", "--print"];

/// The longest name of a command that is told, in characters.
const CHARS_MAX: usize = 60;

/// `Run of eval.py, 14:32`
pub fn title(command: &[OsString], now: DateTime<Utc>, zone: Tz) -> String {
    format!("Run of {}, {}", name(command), now.with_timezone(&zone).format("%H:%M"))
}

fn name(command: &[OsString]) -> String {
    let last = |text: &OsString| Path::new(text).file_name().map_or(text.clone(), ToOwned::to_owned);
    let shown = |text: OsString| -> String {
        text.to_string_lossy().chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect()
    };
    let Some((program, arguments)) = command.split_first() else { return String::new() };
    let program = shown(last(program));
    let bare = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !INTERPRETERS.contains(&bare) {
        return program;
    }
    let words = arguments.iter().map(|argument| argument.to_string_lossy());
    let told = words.take_while(|word| !CODE.contains(&word.as_ref())).find(|word| !word.starts_with('-'));
    let script =
        told.map(|word| shown(last(&OsString::from(word.as_ref())))).filter(|script| !script.trim().is_empty());
    script.unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_called_by_its_script_and_tells_no_argument() {
        let called = |command: &str| name(&command.split(' ').map(OsString::from).collect::<Vec<_>>());
        for (command, expected) in [
            ("python3 src/eval.py --key secret", "eval.py"),
            ("python3.12 -u eval.py", "eval.py"),
            ("/usr/bin/node bench.mjs", "bench.mjs"),
            ("python -m pytest", "pytest"),
            ("sh -c secret", "sh"),
            ("python3", "python3"),
            ("./agent --key secret", "agent"),
            ("claude -p secret", "claude"),
        ] {
            assert_eq!(called(command), expected, "{command}");
        }
        let at = "2026-11-22T13:32:05Z".parse().unwrap();
        let zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(title(&["eval.py".into()], at, zone), "Run of eval.py, 14:32");
    }
}
