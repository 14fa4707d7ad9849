//! The log: a line for every step, to the terminal and to a file if one is named, and the key in
//! none of them.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::Context;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use vp_cli::LogFile;
use vp_databento::ApiKey;

use crate::bars;

/// The key, once it is known: text that contains it is written without it.
static KEY: OnceLock<ApiKey> = OnceLock::new();

/// The file, if one is named.
static FILE: OnceLock<LogFile> = OnceLock::new();

/// Names the key, which from then on appears nowhere.
pub(crate) fn hide(key: &ApiKey) {
    // A process reads one key in its life.
    let _ = KEY.set(key.clone());
}

/// Returns a text without the key.
pub(crate) fn without_key(text: &str) -> String {
    KEY.get()
        .map_or_else(|| text.to_owned(), |key| key.redact(text))
}

/// Starts the log.
pub(crate) fn start(file: Option<&Path>) -> anyhow::Result<()> {
    if let Some(path) = file {
        let file = LogFile::open(path)?;
        file.reopen_on_hangup()?;
        let _ = FILE.set(file);
    }
    let filter = filter_fn(|metadata| {
        let level = *metadata.level();
        if metadata.target().starts_with("databento") {
            // The warnings of the vendor's crate are the service's own, about symbols that did not
            // resolve. Its errors come back as such; here they would repeat whole answers.
            level == Level::WARN && metadata.is_event()
        } else {
            level <= Level::INFO && metadata.is_event()
        }
    });
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Line)
        .with_ansi(false)
        // It would report them on standard error, and panic if that is closed.
        .log_internal_errors(false)
        .with_writer(|| Output);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .context("the log is already started")
}

/// Standard error and the log's file.
#[derive(Debug)]
pub(crate) struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = without_key(&String::from_utf8_lossy(bytes));
        if let Some(file) = FILE.get() {
            // A full disk must not end what is paid for; the terminal has the line.
            let _ = file.clone().write_all(text.as_bytes());
        }
        bars::above(|| io::stderr().write_all(text.as_bytes()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line of the log: UTC time, level, what is done to what.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        SystemTime.format_time(&mut writer)?;
        write!(writer, " {:>5} ", event.metadata().level())?;
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}
