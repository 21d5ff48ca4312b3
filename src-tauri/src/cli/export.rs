//! `spendlight export`: the ledger's entries as CSV or NDJSON, to standard output or into a file. However many there are,
//! they pass through piece by piece.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::client::Door;

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

#[derive(Clone, Copy, ValueEnum)]
enum Outcome {
    Ok,
    Failed,
    Denied,
}

#[derive(Clone, Copy, ValueEnum)]
enum Source {
    Api,
    Proxy,
    Import,
    Cli,
}

#[derive(Args)]
pub struct ExportArgs {
    /// A file that is not there yet; else standard output
    file: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// From this time on, like 2026-11-22T14:40:05Z
    #[arg(long)]
    from: Option<String>,
    /// Before this time
    #[arg(long)]
    to: Option<String>,
    #[arg(long)]
    provider: Option<String>,
    #[arg(long)]
    model: Option<String>,
    #[arg(long)]
    project: Option<String>,
    #[arg(long)]
    session: Option<String>,
    /// The id of a Spendlight key
    #[arg(long)]
    key: Option<String>,
    /// How the calls ended
    #[arg(long, value_enum)]
    outcome: Option<Outcome>,
    /// The door they came through
    #[arg(long, value_enum)]
    source: Option<Source>,
    /// Text that occurs in the model, project, session, user, operation, error or call id
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

impl ExportArgs {
    fn path(&self) -> String {
        fn name<T: ValueEnum>(value: Option<&T>) -> Option<String> {
            value.and_then(ValueEnum::to_possible_value).map(|value| value.get_name().to_owned())
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        let parts = [
            ("format", name(Some(&self.format))),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("provider", self.provider.clone()),
            ("model", self.model.clone()),
            ("project", self.project.clone()),
            ("session", self.session.clone()),
            ("key", self.key.clone()),
            ("outcome", name(self.outcome.as_ref())),
            ("source", name(self.source.as_ref())),
            ("q", self.search.clone()),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
        format!("/v1/export?{}", query.finish())
    }
}

pub async fn run(door: &Door, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    match &args.file {
        Some(file) => into_file(door, args, file).await?,
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            door.read(&args.path(), |bytes| Ok(out.write_all(bytes)?)).await?;
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that has its name once it is whole.
async fn into_file(door: &Door, args: &ExportArgs, file: &Path) -> anyhow::Result<()> {
    if file.exists() {
        bail!("{} is there already, and is not written over", file.display());
    }
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let unwritable = || format!("{} cannot be written", file.display());
    let mut out = BufWriter::new(File::create(&part).with_context(unwritable)?);
    let progress = io::stderr().is_terminal();
    let mut bytes_written = 0_u64;
    let path = args.path();
    let written = door.read(&path, |bytes| {
        out.write_all(bytes).with_context(unwritable)?;
        bytes_written += u64::try_from(bytes.len()).unwrap_or(0);
        if progress {
            // What is told on the way is no part of the outcome.
            let _ = write!(io::stderr(), "\rexporting  {} KB", bytes_written / 1_000);
        }
        Ok(())
    });
    let written = written.await;
    if progress {
        let _ = writeln!(io::stderr());
    }
    let kept = written.and_then(|()| {
        out.into_inner().context("the file cannot be written")?.sync_all().with_context(unwritable)?;
        std::fs::rename(&part, file).with_context(unwritable)
    });
    if kept.is_err() {
        // Its name says that it is not whole, should it stay.
        let _ = std::fs::remove_file(&part);
        return kept;
    }
    super::say(&format!("exported  {bytes_written} bytes  {}", file.display()));
    Ok(())
}
