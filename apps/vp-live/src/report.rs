//! What a person reads: errors with their causes, numbers with separators, times in both zones.

use std::fmt;
use std::io::{IsTerminal, Write};

use anyhow::Context;
use vp_cli::Stdout;
use vp_market::EasternTime;

/// Prints an error and what led to it on standard error.
pub fn error(error: &anyhow::Error) {
    let is_terminal = std::io::stderr().is_terminal();
    let (red, plain) = if is_terminal {
        ("\x1b[31;1m", "\x1b[0m")
    } else {
        ("", "")
    };
    // Nothing is left to be done where even standard error is closed.
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{red}error:{plain} {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(stderr, "  because {cause}");
    }
}

/// Prints a note on standard error: something that is not an error and may surprise.
pub fn note(text: &dyn fmt::Display) {
    // As of errors.
    let _ = writeln!(std::io::stderr().lock(), "note: {text}");
}

/// Returns an error and what led to it in one line.
pub fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}")
}

/// Prints a text on standard output. A reader who has seen enough of it (`| head`) is no error.
///
/// # Errors
/// If it does not take the text.
pub fn print(text: &dyn fmt::Display) -> anyhow::Result<()> {
    writeln!(Stdout::lock(), "{text}").context("standard output cannot be written")
}

/// Prints a text on standard error, where standard output holds something else.
pub fn print_aside(text: &dyn fmt::Display) {
    // As of errors.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes a count with a comma between thousands.
#[derive(Clone, Copy, Debug)]
pub struct Count(
    /// The count.
    pub u64,
);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3);
        for (place, digit) in digits.char_indices() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

/// Writes an instant as UTC to the nanosecond, and what a clock in New York shows.
#[derive(Clone, Copy, Debug)]
pub struct Instant(
    /// Nanoseconds since the Unix epoch.
    pub u64,
);

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = vp_market::Utc::from_ns(self.0);
        write!(f, "{utc} ({})", EasternTime::from_ns(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0, 7, 999, 1000, 68_792, 1_375_860].map(|n| Count(n).to_string());
        assert_eq!(texts, ["0", "7", "999", "1,000", "68,792", "1,375,860"]);
    }
}
