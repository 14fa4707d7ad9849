//! What a person reads: errors with their causes, numbers with separators, tables.

use std::fmt;
use std::io::{IsTerminal, Write};

use anyhow::Context;
use vp_cli::Stdout;

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
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

/// Prints a text on standard output. A reader who has seen enough of it (`| head`) is no error.
///
/// # Errors
/// If it does not take the text.
pub fn print(text: &dyn fmt::Display) -> anyhow::Result<()> {
    write!(Stdout::lock(), "{text}").context("standard output cannot be written")
}

/// Returns a count with a comma between thousands.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rows of texts under a head, columns as wide as their widest text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextTable<const N: usize> {
    rows: Vec<[String; N]>,
    /// Which columns hold numbers, and end at the right.
    numbers: [bool; N],
}

impl<const N: usize> TextTable<N> {
    /// Begins with a head. A name that begins with `#` is that of a column of numbers.
    pub fn new(head: [&str; N]) -> Self {
        Self {
            rows: vec![head.map(|name| name.trim_start_matches('#').to_owned())],
            numbers: head.map(|name| name.starts_with('#')),
        }
    }

    /// Appends a row.
    pub fn push(&mut self, row: [String; N]) {
        self.rows.push(row);
    }
}

impl<const N: usize> fmt::Display for TextTable<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let widths = self.rows.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..N).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for ((text, width), is_number) in row.iter().zip(&widths).zip(self.numbers) {
                if is_number {
                    line += &format!("{text:>width$}  ");
                } else {
                    line += &format!("{text:<width$}  ");
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0, 7, 999, 1000, 68_792, 1_375_860].map(count);
        assert_eq!(texts, ["0", "7", "999", "1,000", "68,792", "1,375,860"]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_text() {
        let mut table = TextTable::new(["name", "#rows"]);
        table.push(["a".into(), "12".into()]);
        table.push(["longer".into(), "3".into()]);
        assert_eq!(
            table.to_string(),
            "name    rows\na         12\nlonger     3\n"
        );
    }
}
