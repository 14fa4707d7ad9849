//! Runs the tests of every runner and sums them.
//!
//! A runner knows how to start its tests and how to read what they print; how the outcomes are
//! judged and told is the same for all and written here.

mod libtest;
mod playwright;
mod vitest;

use clap::{Args, ValueEnum};

use crate::account::Account;
use crate::outcome::Outcome;
use crate::tally::Tally;
use crate::web;

/// Which tests to run.
#[derive(Args, Debug, Default)]
pub(crate) struct SuiteArgs {
    /// Run the tests of one runner alone
    #[arg(long, value_enum)]
    only: Option<Runner>,
    /// Run the slow tests alone, in their long form
    #[arg(long)]
    soak: bool,
}

/// A program that runs tests. Another one joins as a variant and its arm in [`Runner::run`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Runner {
    /// Unit, property, integration and documentation tests of the workspace
    Cargo,
    /// Unit tests of the web pages
    Vitest,
    /// Tests of the web pages in a browser, against the real server
    Playwright,
}

/// How long the slow tests take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// Every test, the slow ones in their short form.
    Short,
    /// The slow tests alone, in their long form.
    Soak,
}

/// What a runner did.
#[derive(Debug, Default)]
struct Report {
    tally: Tally,
    /// What it told of the tests that failed.
    account: Account,
    /// The skipped tests that wait for the shared data.
    without_shared: u64,
    /// Whether the runner itself reported success.
    is_success: bool,
}

/// Runs the tests, closes with their sum, and returns whether nothing failed.
///
/// # Errors
/// When a runner cannot be started or its output cannot be passed on.
pub(crate) fn run(arguments: &SuiteArgs) -> anyhow::Result<bool> {
    let outcome = outcome(arguments)?;
    outcome.tell_failures();
    println!("{}", outcome.tally);
    Ok(outcome.tally.failed == 0)
}

/// Runs the tests and returns how all of them went.
///
/// # Errors
/// When a runner cannot be started or its output cannot be passed on.
pub(crate) fn outcome(arguments: &SuiteArgs) -> anyhow::Result<Outcome> {
    let length = if arguments.soak {
        Length::Soak
    } else {
        Length::Short
    };
    let runners = match &arguments.only {
        Some(runner) => std::slice::from_ref(runner),
        None => Runner::value_variants(),
    };
    let mut sum = Outcome::default();
    let mut without_shared = 0;
    for runner in runners.iter().filter(|runner| runner.has_tests_of(length)) {
        if let Some(remedy) = runner.missing() {
            println!("test: the runner {runner:?} is SKIPPED, {remedy}");
            sum += Tally::SKIPPED.into();
            continue;
        }
        let report = runner.run(length)?;
        if let Some(fault) = report.fault() {
            sum += Outcome::failed(format!("test: the runner {runner:?} {fault}"));
        }
        without_shared += report.without_shared;
        sum += Outcome {
            tally: report.tally,
            account: report.account.into_lines(),
        };
    }
    println!(
        "test: {without_shared} of the {} skipped tests need ../shared (SPYMASTER_SHARED)",
        sum.tally.skipped
    );
    Ok(sum)
}

impl Runner {
    fn run(self, length: Length) -> anyhow::Result<Report> {
        match self {
            Self::Cargo => libtest::run(length),
            Self::Vitest => vitest::run(),
            Self::Playwright => playwright::run(length),
        }
    }

    /// Returns whether the runner has any tests of that length.
    fn has_tests_of(self, length: Length) -> bool {
        match self {
            Self::Cargo | Self::Playwright => true,
            Self::Vitest => length == Length::Short,
        }
    }

    /// Returns what the runner needs beyond cargo and this machine lacks, and how to get it.
    fn missing(self) -> Option<&'static str> {
        match self {
            Self::Cargo => None,
            Self::Vitest => web::missing(),
            Self::Playwright => web::missing().or_else(web::missing_browser),
        }
    }
}

impl Report {
    /// Returns what went wrong beyond the tests that failed by name.
    ///
    /// It counts as one failure, so that the sum never calls a broken run clean.
    fn fault(&self) -> Option<&'static str> {
        if !self.is_success && self.tally.failed == 0 {
            Some("broke without naming a failed test")
        } else if self.tally.ran() == 0 {
            Some("ran no test")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(passed: u64, failed: u64, is_success: bool) -> Option<&'static str> {
        let tally = Tally {
            passed,
            failed,
            skipped: 7,
        };
        Report {
            tally,
            is_success,
            ..Report::default()
        }
        .fault()
    }

    #[test]
    fn a_clean_run_has_no_fault() {
        assert_eq!(fault(3, 0, true), None);
    }

    #[test]
    fn failed_tests_are_no_fault_of_the_runner() {
        assert_eq!(fault(3, 1, false), None);
    }

    #[test]
    fn a_run_that_does_not_compile_is_a_fault() {
        assert_eq!(
            fault(0, 0, false),
            Some("broke without naming a failed test")
        );
    }

    #[test]
    fn a_run_that_dies_half_way_is_a_fault() {
        assert_eq!(
            fault(3, 0, false),
            Some("broke without naming a failed test")
        );
    }

    #[test]
    fn a_run_without_tests_is_a_fault() {
        assert_eq!(fault(0, 0, true), Some("ran no test"));
    }
}
