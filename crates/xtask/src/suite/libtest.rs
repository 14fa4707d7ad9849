//! The tests that `cargo test` runs, read from what they print.
//!
//! `libtest` and `libtest-mimic` print the same format. Nothing of it is held back: every line is
//! passed on as it arrives.

use super::{Length, Report};
use crate::account::Account;
use crate::relay::{self, Heard};
use crate::root::cargo;
use crate::tally::Tally;

/// The text in the result of a test that was skipped because the shared data is missing.
const SHARED: &str = "SPYMASTER_SHARED";

/// Runs every test of the workspace.
pub(super) fn run(length: Length) -> anyhow::Result<Report> {
    let mut cargo = cargo();
    cargo.args(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    if length == Length::Soak {
        cargo.args(["--", "soak"]).env("SPYMASTER_SOAK", "1");
    }
    let mut counts = Counts::default();
    let is_success = relay::run(&mut cargo, Heard::Output, |line| counts.read_line(line))?;
    Ok(Report {
        tally: counts.tally,
        account: counts.account,
        without_shared: counts.without_shared,
        is_success,
    })
}

/// The results in the lines of a run so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    tally: Tally,
    account: Account,
    without_shared: u64,
}

impl Counts {
    fn read_line(&mut self, line: &str) {
        if let Some(tally) = summary(line) {
            self.tally += tally;
            self.account.close();
        } else if waits_for_shared(line) {
            self.without_shared += 1;
        } else if line == "failures:" {
            self.account.open();
        }
        self.account.read_line(line);
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`, the end of one test binary.
fn summary(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |what: &str| {
        counts.split(';').find_map(|part| {
            part.trim()
                .strip_suffix(what)?
                .strip_suffix(' ')?
                .parse()
                .ok()
        })
    };
    Some(Tally {
        passed: count("passed")?,
        failed: count("failed")?,
        skipped: count("ignored")?,
    })
}

/// Returns whether the line is `test <name> ... ignored (<reason>)` and the reason names the
/// variable that leads to the shared data.
fn waits_for_shared(line: &str) -> bool {
    line.strip_prefix("test ")
        .and_then(|test| test.split_once(" ... ignored"))
        .is_some_and(|(_, reason)| reason.contains(SHARED))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(output: &[u8], echo: &mut Vec<u8>) -> Counts {
        let mut counts = Counts::default();
        relay::copy(output, echo, |line| counts.read_line(line)).unwrap();
        counts
    }

    fn check(output: &str, passed: u64, failed: u64, skipped: u64, without_shared: u64) {
        let mut echo = Vec::new();
        let counts = read(output.as_bytes(), &mut echo);
        let tally = Tally {
            passed,
            failed,
            skipped,
        };
        assert_eq!(
            (counts.tally, counts.without_shared),
            (tally, without_shared)
        );
        assert_eq!(echo, output.as_bytes());
    }

    #[test]
    fn the_summaries_of_all_binaries_are_added() {
        let output = "
running 2 tests
test a ... ok
test b ... FAILED
test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests vp_market
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 1.20s
";
        check(output, 13, 1, 1, 0);
    }

    #[test]
    fn what_failed_is_told_again() {
        let output = "
test a ... ok
test b ... FAILED

failures:

---- b stdout ----
it was not so

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
running 1 test
";
        let told = read(output.as_bytes(), &mut Vec::new())
            .account
            .into_lines();
        let expected = ["failures:", "", "---- b stdout ----", "it was not so", ""];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_skip_for_want_of_the_shared_data_is_told_apart() {
        let output = "
test quiet                ... ok
test es_golden            ... ignored (SPYMASTER_SHARED and ../shared are absent)
test [golden] arl_golden  ... ignored (set SPYMASTER_SHARED)
test other                ... ignored
test result: ok. 1 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s
";
        check(output, 1, 0, 3, 2);
    }

    #[test]
    fn a_coloured_summary_is_read_too() {
        check(
            "test result: \u{1b}[32mok\u{1b}[0m. 5 passed; 0 failed; 0 ignored;\n",
            5,
            0,
            0,
            0,
        );
    }

    #[test]
    fn what_only_looks_like_a_summary_is_not_counted() {
        for line in [
            "test result: ok.",
            "test result: ok. many passed; 0 failed; 0 ignored",
            "test result: ok. 3 passed; 0 failed",
            "the test result: ok. 3 passed; 0 failed; 0 ignored",
            "SPYMASTER_SHARED ... ignored",
        ] {
            check(line, 0, 0, 0, 0);
        }
    }

    #[test]
    fn output_that_is_no_text_is_passed_on() {
        let output = b"\xff\xfe\ntest result: ok. 1 passed; 0 failed; 0 ignored".as_slice();
        let mut echo = Vec::new();
        assert_eq!(read(output, &mut echo).tally, Tally::PASSED);
        assert_eq!(echo, output);
    }

    proptest! {
        #[test]
        fn every_printed_summary_is_read_back(passed: u32, failed: u32, skipped: u32) {
            let line = format!(
                "test result: ok. {passed} passed; {failed} failed; {skipped} ignored; \
                 0 measured; 0 filtered out; finished in 0.00s"
            );
            let expected =
                Tally { passed: passed.into(), failed: failed.into(), skipped: skipped.into() };
            prop_assert_eq!(summary(&line), Some(expected));
        }

        #[test]
        fn no_line_makes_the_reader_panic(line: String) {
            Counts::default().read_line(&line);
            Counts::default().read_line(&format!("test result: {line}"));
        }
    }
}
