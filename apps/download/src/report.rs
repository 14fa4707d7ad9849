//! What a person reads, beside progress bars and without the key.

use std::fmt;
use std::io::Write;

use crate::log;

/// Prints an error and what led to it on standard error.
pub(crate) fn error(error: &anyhow::Error) {
    // Nothing is left to be done where even standard error is closed.
    let _ = vp_cli::report::write_error(&mut log::Output, error);
}

/// Prints a note on standard error: something that is not an error and may surprise.
pub(crate) fn note(text: &dyn fmt::Display) {
    // As of errors.
    let _ = log::Output.write_all(format!("note: {text}\n").as_bytes());
}

/// Prints a text on standard output. A reader who has seen enough of it (`| head`) is no error.
pub(crate) fn print(text: &dyn fmt::Display) -> anyhow::Result<()> {
    vp_cli::report::print(&log::without_key(&text.to_string()))
}
