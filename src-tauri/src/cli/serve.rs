//! `spendlight serve`: the server without a screen.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::anyhow;

use crate::http::Silence;
use crate::paths;
use crate::server::{Spendlight, Where, serve, silence};

/// Serves until the process is asked to end.
pub fn run(place: &Where) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let within = runtime.enter();
    let mut spendlight = Spendlight::open(place)?;
    drop(within);
    runtime.block_on(async {
        // Before anyone is told where we are: whoever knows may end us at once.
        let end = asked_to_end()?;
        let listener = spendlight.listen().await.map_err(|e| anyhow!("{}", why_not(spendlight.port, &e)))?;
        spendlight.work();
        spendlight.keep_up();
        let address = listener.local_addr()?;
        let token = std::fs::read_to_string(paths::token_file(&spendlight.data_folder))?;
        super::say(&format!("Spendlight listens on http://{address}"));
        // What goes elsewhere is kept, in a journal or a file that others may read.
        if std::io::stdout().is_terminal() {
            super::say(&format!("Open http://{address}/#token={} in a browser to see it", token.trim()));
        } else {
            super::say(&format!(
                "Open http://{address}/#token=TOKEN in a browser to see it: `spendlight token` prints the token"
            ));
        }
        serve(&spendlight.proxy, listener, end).await;
        anyhow::Ok(())
    })?;
    spendlight.close();
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

/// Why the door cannot be opened, and what to do.
fn why_not(port: u16, error: &std::io::Error) -> String {
    let Silence { why, holder } = silence(port, error);
    match holder {
        Some(holder) => format!("not listening: {why} by {holder}; end it, or name another port with --port"),
        None => format!("not listening: {why}; name another port with --port"),
    }
}

/// Hears from now on whether the process is asked to end: by Ctrl-C, or politely by the system.
///
/// # Errors
/// The system does not let us hear it.
fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

/// Logs go to stderr: stdout is for answers.
pub fn log_to_stderr() {
    log("info,zbus=error");
}

/// Logs `usually` so much, and as much as the user says.
pub(super) fn log(usually: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SPENDLIGHT_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usually));
    // A second start within one process keeps the first one's logging.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}
