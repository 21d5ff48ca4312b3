//! The command itself: started, sent the signals that we are sent, and waited for.
//!
//! What a terminal sends on Ctrl-C reaches the command by itself; we only must not end before it has. What somebody else
//! sends us does not.

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
            Some(signal) = signals.heard.recv() => signal.pass_on(child.id()),
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

/// A signal that we were sent.
struct Heard {
    number: i32,
    /// By the terminal, to the command too.
    by_terminal: bool,
}

/// The signals that we are sent. From the moment they are listened to, none of them ends us.
pub struct Signals {
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl Signals {
    /// # Errors
    /// The system does not let us hear them.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Signals> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
        use signal_hook::iterator::SignalsInfo;
        use signal_hook::iterator::exfiltrator::WithOrigin;
        let ignored = ignored();
        // What we were told to ignore, as nohup does, the command is to ignore too.
        let heeded = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2]
            .into_iter()
            .filter(|number| ignored & 1 << (number - 1) == 0);
        let mut signals = SignalsInfo::<WithOrigin>::new(heeded)?;
        let (tell, heard) = mpsc::unbounded_channel();
        let hear = move || {
            let told = |origin| tell.send(Heard::from(origin)).is_ok();
            signals.forever().all(told)
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(hear)?;
        Ok(Signals { heard })
    }

    #[cfg(not(unix))]
    pub fn listen() -> io::Result<Signals> {
        let (tell, heard) = mpsc::unbounded_channel();
        let sent = || Heard { number: 0, by_terminal: true };
        tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && tell.send(sent()).is_ok() {} });
        Ok(Signals { heard })
    }

    /// Waits for one that means: end.
    pub async fn end(&mut self) {
        while let Some(signal) = self.heard.recv().await {
            if !is_users_own(signal.number) {
                return;
            }
        }
    }
}

impl Heard {
    #[cfg(unix)]
    fn pass_on(&self, pid: Option<u32>) {
        use rustix::process::{Pid, Signal, kill_process};
        if self.by_terminal {
            return;
        }
        let pid = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let (Some(pid), Some(signal)) = (pid, Signal::from_named_raw(self.number)) {
            // One that has just ended needs none.
            let _ = kill_process(pid, signal);
        }
    }

    #[cfg(not(unix))]
    fn pass_on(&self, _: Option<u32>) {}
}

#[cfg(unix)]
impl From<signal_hook::low_level::siginfo::Origin> for Heard {
    fn from(origin: signal_hook::low_level::siginfo::Origin) -> Heard {
        use signal_hook::consts::{SIGINT, SIGQUIT};
        use signal_hook::low_level::siginfo::Cause;
        let by_terminal = [SIGINT, SIGQUIT].contains(&origin.signal)
            && match origin.cause {
                Cause::Kernel => true,
                // macOS does not tell: then it is taken for the terminal's where there is one.
                Cause::Unknown => std::fs::File::open("/dev/tty").is_ok(),
                _ => false,
            };
        Heard { number: origin.signal, by_terminal }
    }
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
