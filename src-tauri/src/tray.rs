//! `spendlight-tray`: the server with a tray and windows; where there is no display, the server alone.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use crate::ledger::{OwnerError, Theme};
use crate::server::{Spendlight, StartError, Where};
use crate::{cli, desktop, http, locale, login};

/// Spendlight: a light in the tray for LLM spend.
#[derive(Parser)]
#[command(name = "spendlight-tray", version, about)]
struct Args {
    #[command(flatten)]
    place: Where,
    /// Start in the tray, without opening the window
    #[arg(long)]
    hidden: bool,
    /// Let tests drive the window
    #[arg(long, hide = true)]
    automation: bool,
}

/// Runs the tray program and says how it ended.
pub fn main() -> ExitCode {
    locale::follow_the_system();
    let args = Args::parse();
    if let Err(e) = desktop::set_up_environment(args.automation) {
        let _ = writeln!(std::io::stderr(), "spendlight-tray: {e}");
        return ExitCode::FAILURE;
    }
    match run(&args) {
        Ok(code) => code,
        Err(e) => {
            let _ = writeln!(std::io::stderr(), "spendlight-tray: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if !desktop::has_display() {
        let _ = writeln!(std::io::stderr(), "There is no display: the server runs without a screen.");
        return cli::serve(&args.place);
    }
    cli::log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let within = runtime.enter();
    let opened = Spendlight::open(&args.place);
    drop(within);
    let mut spendlight = match opened {
        Ok(spendlight) => spendlight,
        Err(StartError::Owner(OwnerError::Taken { pid, .. })) => return show_the_other(&args.place, &pid),
        Err(e) => return show_failure(&e, &runtime),
    };
    runtime.block_on(async {
        spendlight.work();
        spendlight.keep_up();
        spendlight.listen_when_possible();
    });
    spendlight.app.has_window();
    match login::session(arguments(&args.place)?) {
        Ok(session) => spendlight.app.can_start_at_login(session),
        Err(e) => tracing::warn!("Spendlight cannot be started at login: {e}"),
    }
    let settings = spendlight.app.meter.settings();
    let parts = desktop::Parts {
        router: http::owner(&spendlight.app),
        events: spendlight.app.events.clone(),
        runtime: runtime.handle().clone(),
        start_hidden: args.hidden || settings.start_hidden,
        theme: settings.theme,
        on_quit: Box::new(|| tracing::info!("ending")),
    };
    let outcome = desktop::run(parts);
    spendlight.close();
    runtime.shutdown_background();
    outcome.map(|()| ExitCode::SUCCESS)
}

/// What a start at login has to say to find the same ledger and door as this one.
fn arguments(place: &Where) -> std::io::Result<Vec<OsString>> {
    let mut args = Vec::new();
    let mut add = |name: &str, value: OsString| args.extend([OsString::from(name), value]);
    if let Some(folder) = &place.data_dir {
        add("--data-dir", std::path::absolute(folder)?.into_os_string());
    }
    if let Some(port) = place.port {
        add("--port", port.to_string().into());
    }
    if let Some(file) = &place.config {
        add("--config", std::path::absolute(file)?.into_os_string());
    }
    Ok(args)
}

/// Whoever starts it from a desktop sees no terminal: window and tray say why it could not start, until they are quit.
fn show_failure(error: &StartError, runtime: &tokio::runtime::Runtime) -> anyhow::Result<ExitCode> {
    let _ = writeln!(std::io::stderr(), "spendlight-tray: {error}");
    // Nothing ever changes, but where nobody could tell of a change any more, the desktop would not even ask once.
    let events = tokio::sync::broadcast::Sender::new(1);
    desktop::run(desktop::Parts {
        router: http::failed(error.state()),
        events: events.clone(),
        runtime: runtime.handle().clone(),
        start_hidden: false,
        theme: Theme::default(),
        on_quit: Box::new(|| ()),
    })?;
    Ok(ExitCode::FAILURE)
}

/// A second start shows the window of the first.
fn show_the_other(place: &Where, pid: &str) -> anyhow::Result<ExitCode> {
    cli::show(place).with_context(|| format!("Spendlight runs already (process {pid}), and its window cannot be shown"))
}
