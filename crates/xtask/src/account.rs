//! What a program told of its failures, kept to be told again where it is looked for: at the end.

/// How many lines are kept. A hundred failures have one cause, which the first of them show.
const MOST_LINES: usize = 120;

/// The part of an output that is about failures.
///
/// A runner of tests tells of them in one piece, between what passed and the closing counts: who
/// reads its lines opens the account at the first of that piece and closes it after the last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    lines: Vec<String>,
    is_open: bool,
    left_out: usize,
}

impl Account {
    /// Keeps the lines from the next one on.
    pub(crate) fn open(&mut self) {
        self.is_open = true;
    }

    /// Keeps no further line, until it is opened again.
    pub(crate) fn close(&mut self) {
        self.is_open = false;
    }

    /// Keeps a line if the account is open and has room for it.
    pub(crate) fn read_line(&mut self, line: &str) {
        if !self.is_open {
            return;
        }
        if self.lines.len() < MOST_LINES {
            self.lines.push(line.to_owned());
        } else {
            self.left_out += 1;
        }
    }

    /// Returns the lines, and how many more stand above where there was no room for all.
    pub(crate) fn into_lines(self) -> Vec<String> {
        let mut lines = self.lines;
        if self.left_out > 0 {
            lines.push(format!("... and {} lines more, above", self.left_out));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_while_open_is_kept() {
        let mut account = Account::default();
        for (line, is_open) in [("a", false), ("b", true), ("c", true), ("d", false)] {
            if is_open {
                account.open();
            } else {
                account.close();
            }
            account.read_line(line);
        }
        assert_eq!(account.into_lines(), ["b", "c"]);
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let mut account = Account::default();
        account.open();
        for _ in 0..MOST_LINES + 7 {
            account.read_line("");
        }
        let lines = account.into_lines();
        assert_eq!(lines.len(), MOST_LINES + 1);
        assert_eq!(lines[MOST_LINES], "... and 7 lines more, above");
    }
}
