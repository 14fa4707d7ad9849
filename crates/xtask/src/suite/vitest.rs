//! The unit tests of the web pages, read from what Vitest prints.

use super::Report;
use crate::account::Account;
use crate::relay::{self, Heard};
use crate::tally::Tally;
use crate::web;

/// Runs every unit test of the pages.
pub(super) fn run() -> anyhow::Result<Report> {
    let (mut tally, mut account) = (Tally::default(), Account::default());
    let is_success = web::install()?
        && relay::run(web::npx("vitest").arg("run"), Heard::Both, |line| {
            if let Some(counts) = summary(line) {
                tally += counts;
                account.close();
            } else if begins_failures(line) {
                account.open();
            }
            account.read_line(line);
        })?;
    Ok(Report {
        tally,
        account,
        is_success,
        ..Report::default()
    })
}

/// Reads `Tests  1 failed | 80 passed | 2 skipped (83)`, the last line.
fn summary(line: &str) -> Option<Tally> {
    let counts = line.trim_start().strip_prefix("Tests  ")?;
    let counts = counts.split_once(" (")?.0;
    let mut tally = Tally::default();
    for part in counts.split(" | ") {
        let (count, what) = part.trim().split_once(' ')?;
        let count: u64 = count.parse().ok()?;
        match what {
            "passed" => tally.passed += count,
            "failed" => tally.failed += count,
            "skipped" | "todo" => tally.skipped += count,
            _ => return None,
        }
    }
    Some(tally)
}

/// Returns whether the line heads the report of failures, as `⎯⎯⎯ Failed Tests 1 ⎯⎯⎯`.
fn begins_failures(line: &str) -> bool {
    line.contains("⎯ Failed ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, passed: u64, failed: u64, skipped: u64) {
        let expected = Tally {
            passed,
            failed,
            skipped,
        };
        assert_eq!(summary(line), Some(expected));
    }

    #[test]
    fn the_summary_is_read() {
        check("      Tests  81 passed (81)", 81, 0, 0);
        check(
            "      Tests  1 failed | 80 passed | 2 skipped (83)",
            80,
            1,
            2,
        );
    }

    #[test]
    fn the_head_of_the_failures_is_known() {
        assert!(begins_failures("⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯"));
        assert!(!begins_failures(" ✓ src/state/failed.test.ts (4 tests)"));
    }

    #[test]
    fn other_lines_are_no_summary() {
        assert_eq!(summary(" Test Files  8 passed (8)"), None);
        assert_eq!(summary("Tests  are fine (really)"), None);
        assert_eq!(summary(""), None);
    }
}
