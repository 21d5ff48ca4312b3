//! The command itself: started, sent the signals that we are sent, and waited for.
//!
//! What a terminal sends on Ctrl-C reaches the command by itself; we only must not end before it has.

use std::ffi::OsString;
use std::io;
use std::process::ExitStatus;

use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// What a shell says of a command that is not there, and of one that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// Why a command was not started.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    #[error("{0}: command not found")]
    NotFound(String),
    #[error("{name}: cannot be run: {source}")]
    NotExecutable { name: String, source: io::Error },
}

impl NotStarted {
    /// The status that a shell would end with.
    pub fn status(&self) -> u8 {
        match self {
            NotStarted::NotFound(_) => NOT_FOUND,
            NotStarted::NotExecutable { .. } => NOT_EXECUTABLE,
        }
    }
}

/// Starts a command with our own input and output.
pub fn start(command: &[OsString], environment: &[(&'static str, String)]) -> Result<Child, NotStarted> {
    let (program, arguments) = command.split_first().ok_or_else(|| NotStarted::NotFound(String::new()))?;
    let started = Command::new(program).args(arguments).envs(environment.iter().map(|(n, v)| (n, v))).spawn();
    started.map_err(|source| {
        let name = program.to_string_lossy().into_owned();
        match source.kind() {
            io::ErrorKind::NotFound => NotStarted::NotFound(name),
            _ => NotStarted::NotExecutable { name, source },
        }
    })
}

/// Waits for a command's end, and passes on what we are sent meanwhile.
///
/// # Errors
/// The system does not tell of its end.
pub async fn wait(child: &mut Child, signals: &mut Signals) -> io::Result<ExitStatus> {
    loop {
        tokio::select! {
            ended = child.wait() => return ended,
            Some(signal) = signals.heard.recv() => signals.pass_on(signal, child.id()),
        }
    }
}

/// The status that a shell would end with, and whether a signal ended the command.
#[cfg(unix)]
pub fn code(status: ExitStatus) -> (u8, bool) {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(signal) => (u8::try_from(128 + signal).unwrap_or(u8::MAX), true),
        None => (status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1), false),
    }
}

#[cfg(not(unix))]
pub fn code(status: ExitStatus) -> (u8, bool) {
    (status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1)), false)
}

/// The signals that we are sent. From the moment they are listened to, none of them ends us.
pub struct Signals {
    heard: mpsc::UnboundedReceiver<i32>,
    /// Whether there is a terminal that sends its own to the command too.
    terminal: bool,
}

impl Signals {
    /// # Errors
    /// The system does not let us hear them.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        let (tell, heard) = mpsc::unbounded_channel();
        let ignored = ignored();
        for kind in [
            SignalKind::interrupt(),
            SignalKind::quit(),
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
        ] {
            let number = kind.as_raw_value();
            // What we were told to ignore, as nohup does, the command is to ignore too.
            if ignored & 1 << (number - 1) != 0 {
                continue;
            }
            let (mut signals, tell) = (signal(kind)?, tell.clone());
            tokio::spawn(async move { while signals.recv().await.is_some() && tell.send(number).is_ok() {} });
        }
        Ok(Signals { heard, terminal: std::fs::File::open("/dev/tty").is_ok() })
    }

    #[cfg(not(unix))]
    pub fn listen() -> io::Result<Signals> {
        let (tell, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && tell.send(0).is_ok() {} });
        Ok(Signals { heard, terminal: true })
    }

    /// Waits for one that means: end.
    pub async fn end(&mut self) {
        while let Some(signal) = self.heard.recv().await {
            if !is_users_own(signal) {
                return;
            }
        }
    }

    #[cfg(unix)]
    fn pass_on(&self, signal: i32, pid: Option<u32>) {
        use rustix::process::{Pid, Signal, kill_process};
        let of_terminal = [Signal::INT.as_raw(), Signal::QUIT.as_raw()].contains(&signal);
        if self.terminal && of_terminal {
            return;
        }
        let pid = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let (Some(pid), Some(signal)) = (pid, Signal::from_named_raw(signal)) {
            // One that has just ended needs none.
            let _ = kill_process(pid, signal);
        }
    }

    #[cfg(not(unix))]
    fn pass_on(&self, _: i32, _: Option<u32>) {}
}

#[cfg(unix)]
fn is_users_own(signal: i32) -> bool {
    use rustix::process::Signal;
    [Signal::USR1.as_raw(), Signal::USR2.as_raw()].contains(&signal)
}

#[cfg(not(unix))]
fn is_users_own(_: i32) -> bool {
    false
}

/// The signals that we were started to ignore, a bit for each; none where the system does not tell.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
