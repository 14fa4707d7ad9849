//! The log: to the terminal, and to a file if one is named.

use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log.
///
/// # Errors
/// If the filter is none, or the file cannot be opened.
pub(super) fn start(filter: &str, file: Option<&Path>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("--log-level {filter}: expected a level such as info or debug"))?;
    let is_terminal = std::io::stderr().is_terminal();
    let file = file
        .map(|path| {
            let opened = OpenOptions::new().create(true).append(true).open(path);
            opened.with_context(|| format!("--log-file {} cannot be opened", path.display()))
        })
        .transpose()?;
    tracing_subscriber::registry()
        .with(filter)
        .with(lines(std::io::stderr, is_terminal))
        .with(file.map(|file| lines(Mutex::new(file), false)))
        .try_init()
        .context("the log has been started already")
}

fn lines<S, W>(writer: W, has_colours: bool) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fmt::layer()
        .with_writer(writer)
        .with_ansi(has_colours)
        .with_target(false)
}
