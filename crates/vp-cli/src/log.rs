//! The log of a program: to its terminal, and to a file if one is named. What is worth a line is not
//! decided here.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// A log that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter is invalid.
    #[error(
        "the log filter {filter:?} cannot be read: expected off, error, warn, info, debug or trace, or \
         parts of the program with levels of their own, such as info,vp_transport=debug"
    )]
    Filter {
        /// As it was given.
        filter: String,
    },
    /// A process has one log.
    #[error("the log has been started already")]
    Started {
        /// The reason that tracing gives.
        source: TryInitError,
    },
}

/// Starts the log of this process. Lines that pass `filter` are written to `terminal`, which stands
/// for standard error and gets colours if that is a terminal, and to `file` without colours.
///
/// # Errors
/// [`LogError`] if the filter is invalid, or the log has been started already.
pub fn start_log<W, F>(filter: &str, terminal: W, file: Option<F>) -> Result<(), LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    F: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let parsed = targets(filter).ok_or_else(|| LogError::Filter {
        filter: filter.to_owned(),
    })?;
    tracing_subscriber::registry()
        .with(parsed)
        .with(lines(terminal, io::stderr().is_terminal()))
        .with(file.map(|file| lines(file, false)))
        .try_init()
        .map_err(|source| LogError::Started { source })
}

/// Reads a filter. Its own parser takes a word that is no level for a part of the program, all of which
/// is logged then, and nothing else.
fn targets(filter: &str) -> Option<Targets> {
    let is_level = |text: &str| !text.is_empty() && text.parse::<LevelFilter>().is_ok();
    let mut parts = filter.split(',').map(str::trim);
    let is_valid = parts.all(|part| match part.split_once('=') {
        Some((target, level)) => !target.is_empty() && is_level(level),
        None => is_level(part),
    });
    is_valid.then(|| filter.parse().ok()).flatten()
}

fn lines<S, W>(writer: W, has_colours: bool) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fmt::layer()
        .with_writer(writer)
        .with_ansi(has_colours)
        // It would report them on standard error, and panic if that is closed.
        .log_internal_errors(false)
        .with_target(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_of_levels() {
        for filter in [
            "info",
            "off",
            "WARN",
            "warn,vp_transport=debug",
            "vp_ingest=trace",
        ] {
            assert!(targets(filter).is_some(), "{filter}");
        }
        for filter in [
            "",
            "loud",
            "info,loud",
            "vp_transport",
            "vp_transport=loud",
            "=info",
        ] {
            assert!(targets(filter).is_none(), "{filter}");
        }
    }
}
