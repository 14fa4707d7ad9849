//! Arguments that make no sense: what is said of them.

use std::process::Command;

use crate::binary::{CONTRACT, DATE, Ran, World, ran};

/// Checks that a run is refused with that exit status, and that the message holds that text.
fn check(layer: &str, symbol: &str, more: &[&str], status: i32, message: &str) {
    let world = World::new();
    let Ran {
        status: found,
        stdout,
        stderr,
    } = world.run(layer, symbol, more);
    assert!(stderr.contains(message), "{stderr}");
    assert_eq!((found, stdout.as_str()), (Some(status), ""), "{stderr}");
    assert!(!world.path().exists(), "nothing is written");
}

#[test]
fn bad_dates_are_refused() {
    check(
        "bronze",
        "ES",
        &["--dt", "2026-2-6"],
        2,
        "is not a date of the form YYYY-MM-DD",
    );
    check(
        "bronze",
        "ES",
        &["--dt", "2026-02-30"],
        2,
        "is not a day between",
    );
    check(
        "bronze",
        "ES",
        &["--dates", "2026-02-06,"],
        2,
        "expected A,B,C or A:B",
    );
    check(
        "bronze",
        "ES",
        &["--dates", "2026-02-06:2026-02-05"],
        1,
        "the range of dates ends on 2026-02-05, before it begins on 2026-02-06",
    );
    check("bronze", "ES", &["--start-date", DATE], 2, "--end-date");
    check("bronze", "ES", &[], 2, "--dt <YYYY-MM-DD>");
    check(
        "bronze",
        "ES",
        &["--dt", DATE, "--dates", DATE],
        2,
        "cannot be used with",
    );
}

#[test]
fn bad_sessions_are_refused() {
    for session in ["09:30", "9-12:30", "09:30-25:00"] {
        check(
            "silver",
            CONTRACT,
            &["--dt", DATE, "--session", session],
            2,
            session,
        );
    }
    let message = "--session belongs to silver";
    for layer in ["bronze", "gold"] {
        let more = ["--dt", DATE, "--session", "09:30-12:30"];
        check(layer, CONTRACT, &more, 1, message);
    }
}

#[test]
fn bad_symbols_are_refused_and_the_known_ones_listed() {
    check(
        "bronze",
        "XX",
        &["--dt", DATE],
        1,
        "\"XX\" is not a futures contract: expected a root (",
    );
    check(
        "silver",
        "XXH6",
        &["--dt", DATE],
        1,
        "unknown root \"XX\", known are: ",
    );
    check(
        "all",
        "ES",
        &["--dt", DATE],
        1,
        "silver and gold are made of one contract\n  because ES is not a contract but the root ES",
    );
    check(
        "bronze",
        "../ES",
        &["--dt", DATE],
        1,
        "is not a futures contract",
    );
}

#[test]
fn bronze_is_not_overwritten() {
    check(
        "bronze",
        "ES",
        &["--dt", DATE, "--overwrite"],
        1,
        "bronze is never overwritten",
    );
}

#[test]
fn unknown_names_list_the_known_ones() {
    check(
        "platinum",
        "ES",
        &["--dt", DATE],
        2,
        "[possible values: bronze, silver, gold, all]",
    );
    let world = World::new();
    let ran = ran(world.program("status").args(["--layer", "raw"]));
    assert!(
        ran.stderr.contains("known are: bronze, silver, gold"),
        "{}",
        ran.stderr
    );
}

#[test]
fn help_has_examples() {
    for command in ["run", "status", "verify"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_velocity"));
        let ran = ran(program.args([command, "--help"]));
        assert_eq!(ran.status, Some(0));
        assert!(
            ran.stdout.contains(&format!("velocity {command}")),
            "{}",
            ran.stdout
        );
        assert!(ran.stdout.contains("Examples:"), "{}", ran.stdout);
    }
}

#[test]
fn an_origin_that_no_browser_sends_is_refused_with_the_right_form() {
    for origin in ["*", "", "null", "desk.example", "https://desk.example/page"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_velocity"));
        let ran = ran(program.args(["serve", "--port", "0", "--allow-origin", origin]));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{origin}");
        assert!(
            ran.stderr.contains("https://desk.example"),
            "{}",
            ran.stderr
        );
    }
}
