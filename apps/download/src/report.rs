//! What a person reads: errors with their causes, numbers with separators, tables on standard
//! output.

use std::fmt;
use std::io::{IsTerminal, Write};

use anyhow::Context;
use vp_cli::Stdout;

use crate::log;

/// Prints an error and what led to it on standard error.
pub(crate) fn error(error: &anyhow::Error) {
    let is_terminal = std::io::stderr().is_terminal();
    let (red, plain) = if is_terminal {
        ("\x1b[31;1m", "\x1b[0m")
    } else {
        ("", "")
    };
    let mut text = format!("{red}error:{plain} {error}\n");
    for cause in error.chain().skip(1) {
        text += &format!("  because {cause}\n");
    }
    // Nothing is left to be done where even standard error is closed.
    let _ = log::Output.write_all(text.as_bytes());
}

/// Prints a note on standard error: something that is not an error and may surprise.
pub(crate) fn note(text: &dyn fmt::Display) {
    // As of errors.
    let _ = log::Output.write_all(format!("note: {text}\n").as_bytes());
}

/// Prints a text on standard output. A reader who has seen enough of it (`| head`) is no error.
pub(crate) fn print(text: &dyn fmt::Display) -> anyhow::Result<()> {
    let text = log::without_key(&text.to_string());
    writeln!(Stdout::lock(), "{text}").context("standard output cannot be written")
}

/// Writes a number of bytes in the unit that suits it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unit = "B";
        // Tenths of the unit, rounded up.
        let mut tenths = u128::from(self.0) * 10;
        for larger in ["kB", "MB", "GB", "TB", "PB"] {
            if tenths < 10_000 {
                break;
            }
            tenths = tenths.div_ceil(1_000);
            unit = larger;
        }
        let text = if unit == "B" {
            format!("{} B", self.0)
        } else {
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_the_unit_that_suits_them() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_234_567, "1.3 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18446.8 PB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
