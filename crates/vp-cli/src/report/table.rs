//! A table of texts.

use std::fmt;

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
