//! The log of a program: to its terminal, and to a file if one is named. What is worth a line is not
//! decided here.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// A log that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter is none.
    #[error("the log filter {filter:?} cannot be read; expected a level such as info or debug")]
    Filter {
        /// As it was given.
        filter: String,
        /// Why.
        source: ParseError,
    },
    /// The file cannot be opened.
    #[error("the log file {} cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A process has one log.
    #[error("the log has been started already")]
    Started {
        /// What tracing says of it.
        source: TryInitError,
    },
}

/// Starts the log of this process: what passes `filter` goes to `terminal`, which stands for
/// standard error and has its colours where that is a terminal, and to the end of `file`, without.
///
/// # Errors
/// [`LogError`] if the filter is none, the file cannot be opened, or there is a log already.
pub fn start_log<W>(filter: &str, terminal: W, file: Option<&Path>) -> Result<(), LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let parsed = EnvFilter::try_new(filter).map_err(|source| LogError::Filter {
        filter: filter.to_owned(),
        source,
    })?;
    let file = file.map(open).transpose()?;
    tracing_subscriber::registry()
        .with(parsed)
        .with(lines(terminal, io::stderr().is_terminal()))
        .with(file.map(|file| lines(Mutex::new(file), false)))
        .try_init()
        .map_err(|source| LogError::Started { source })
}

fn open(path: &Path) -> Result<File, LogError> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.map_err(|source| LogError::Open {
        path: path.to_owned(),
        source,
    })
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
