//! The tests of the web pages in a browser, read from what Playwright prints.

use super::{Length, Report};
use crate::relay::{self, Heard};
use crate::root::{cargo, succeeds};
use crate::tally::Tally;
use crate::web;

/// Builds the pages and the servers that embed them, and tests both in a browser.
pub(super) fn run(length: Length) -> anyhow::Result<Report> {
    let mut report = Report::default();
    // With the features that the tests are built with, so that nothing is built twice.
    let is_built = web::install()?
        && succeeds(web::npm().args(["run", "build"]))?
        && succeeds(
            cargo()
                .args(["build", "--workspace", "--all-features", "--bins"])
                // It writes the raw files of the lake that the velocity page is tested on.
                .args(["--example", "raw_lake"]),
        )?;
    if !is_built {
        return Ok(report);
    }
    let mut playwright = web::npx("playwright");
    playwright.arg("test");
    if length == Length::Soak {
        playwright
            .args(["--grep", "@soak"])
            .env("SPYMASTER_SOAK", "1");
    }
    report.is_success = relay::run(&mut playwright, Heard::Both, |line| {
        if let Some(counts) = summary(line) {
            report.tally += counts;
            report.account.close();
        } else if is_waiting_for_shared(line) {
            report.without_shared += 1;
        } else if begins_failure(line) {
            report.account.open();
        }
        report.account.read_line(line);
    })?;
    Ok(report)
}

/// Reads `24 passed (3.3m)`, `2 failed` or `1 skipped`: the closing lines, each of its own.
fn summary(line: &str) -> Option<Tally> {
    let line = line.strip_prefix("  ")?;
    let line = line.split_once(" (").map_or(line, |(counts, _)| counts);
    let (count, what) = line.split_once(' ')?;
    let count: u64 = count.parse().ok()?;
    let mut tally = Tally::default();
    match what {
        "passed" => tally.passed = count,
        "failed" | "flaky" | "interrupted" => tally.failed = count,
        "skipped" | "did not run" => tally.skipped = count,
        _ => return None,
    }
    Some(tally)
}

/// Returns whether the line heads the report of a failed test, as `  2) file › title ────`.
fn begins_failure(line: &str) -> bool {
    line.trim_start()
        .split_once(") ")
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// Returns whether the line names a skipped test, as `  -  3 file › title`, that needs the data.
fn is_waiting_for_shared(line: &str) -> bool {
    line.trim_start().starts_with("-  ") && line.contains("needs ../shared")
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
    fn each_closing_line_is_read() {
        check("  24 passed (3.3m)", 24, 0, 0);
        check("  2 failed", 0, 2, 0);
        check("  1 flaky", 0, 1, 0);
        check("  1 skipped", 0, 0, 1);
        check("  3 did not run", 0, 0, 3);
    }

    #[test]
    fn other_lines_close_nothing() {
        for line in [
            "Running 28 tests using 1 worker",
            "  ✓   1 e2e/load.spec.ts:20:1 › 24 passed (1s)",
            "    e2e/load.spec.ts:20:1 › it is 2 failed",
            "",
        ] {
            assert_eq!(summary(line), None, "{line}");
        }
    }

    #[test]
    fn the_head_of_a_failure_is_known() {
        assert!(begins_failure(
            "  1) e2e/load.spec.ts:20:1 › it stays fast ────"
        ));
        assert!(!begins_failure(
            "  ✓   1 e2e/load.spec.ts:20:1 › it stays fast (1s)"
        ));
        assert!(!begins_failure("    at load.ts:55) "));
    }

    #[test]
    fn a_test_skipped_for_want_of_the_data_is_told_apart() {
        assert!(is_waiting_for_shared(
            "  -  10 e2e/load.spec.ts:47:1 › real (needs ../shared)"
        ));
        assert!(!is_waiting_for_shared(
            "  ✓  10 e2e/load.spec.ts:47:1 › real (needs ../shared)"
        ));
    }
}
