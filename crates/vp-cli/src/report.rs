//! What a person reads: errors with their causes, notes, texts and numbers.

mod numbers;
mod table;

use std::fmt;
use std::io::{self, IsTerminal, Write};

use anyhow::Context;

use crate::Stdout;
use crate::named::{origins_in, spelled};

pub use numbers::{Bytes, Count};
pub use table::TextTable;

/// Prints an error and what led to it on standard error, and what set the options that it names and
/// were not typed.
pub fn error(error: &anyhow::Error) {
    // Nothing is left to be done where even standard error is closed.
    let _ = write_error(&mut io::stderr().lock(), error);
}

/// Writes to `out`, in place of standard error, what [`error`] prints.
///
/// # Errors
/// Those of `out`.
pub fn write_error(out: &mut impl Write, error: &anyhow::Error) -> io::Result<()> {
    let (red, plain) = if io::stderr().is_terminal() {
        ("\x1b[31;1m", "\x1b[0m")
    } else {
        ("", "")
    };
    let mut text = format!("{red}error:{plain} {}\n", spelled(&error.to_string()));
    for cause in error.chain().skip(1) {
        text += &format!("  because {}\n", spelled(&cause.to_string()));
    }
    for (option, origin) in origins_in(&spelled(&chain(error.as_ref()))) {
        text += &format!("note: --{option} is set by {origin}\n");
    }
    out.write_all(text.as_bytes())
}

/// Prints a note on standard error: something that is not an error and may surprise.
pub fn note(text: &dyn fmt::Display) {
    say(&format!("note: {text}\n"));
}

/// Returns an error and what led to it in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

/// Prints a text on standard output, and ends its last line. A reader who has seen enough of it
/// (`| head`) is no error.
///
/// # Errors
/// If it does not take the text.
pub fn print(text: &dyn fmt::Display) -> anyhow::Result<()> {
    Stdout::lock()
        .write_all(lines(text).as_bytes())
        .context("standard output cannot be written")
}

/// Prints a text on standard error, where standard output holds something else, and ends its last
/// line.
pub fn print_aside(text: &dyn fmt::Display) {
    say(&lines(text));
}

/// Prints on standard error.
pub(crate) fn say(text: &str) {
    // Nothing is left to be done where even standard error is closed.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn lines(text: &dyn fmt::Display) -> String {
    let mut text = text.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
