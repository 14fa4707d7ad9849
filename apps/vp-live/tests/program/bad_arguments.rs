//! What is refused before any file is read, and what is not found in the lake.

use std::path::Path;

use tempfile::TempDir;
use vp_lake::Lake;
use vp_market::ProductType;

use crate::binary::{vp_live, write_synthetic};

const ROOTS: &str = "6E, CL, ES, GC, HG, M2K, MCL, MES, MGC, MNQ, MYM, NG, NQ, RTY, SI, SIL, YM, \
                     ZB, ZN";

/// A lake with two dates of ES, whose files hold ESH6, and one of the ticker QQQ.
fn lake() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::new(folder.path());
    for (product_type, symbol, name) in [
        (ProductType::FutureMbo, "ES", "glbx-mdp3-20260206.mbo.dbn"),
        (ProductType::FutureMbo, "ES", "glbx-mdp3-20260209.mbo.dbn"),
        (ProductType::EquityMbo, "QQQ", "xnas-itch-20260206.mbo.dbn"),
    ] {
        let raw = lake.raw_mbo(product_type, symbol);
        std::fs::create_dir_all(raw.path()).unwrap();
        write_synthetic(&raw.path().join(name), 1);
    }
    folder
}

fn run(lake: &Path, product_type: &str, symbol: &str, dt: &str, more: &[&str]) -> (i32, String) {
    let lake_text = lake.to_str().unwrap();
    let session = ["--product-type", product_type, "--symbol", symbol];
    let place = ["--dt", dt, "--lake", lake_text];
    let ran = vp_live([&["run"], &session[..], &place, more].concat());
    let stderr = ran.stderr.replace(&format!("{lake_text}/"), "");
    if ran.status != Some(0) {
        assert_eq!(ran.stdout, "");
    }
    (ran.status.unwrap(), stderr)
}

/// Checks the whole message of a session that is refused.
fn check(product_type: &str, symbol: &str, dt: &str, more: &[&str], message: &str) {
    let folder = lake();
    let found = run(folder.path(), product_type, symbol, dt, more);
    assert_eq!(found, (1, format!("error: {message}\n")));
}

/// Checks the first line of a usage error.
fn check_usage(args: &[&str], message: &str) {
    let ran = vp_live(args);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""));
    let first = ran.stderr.lines().next();
    assert_eq!(first, Some(&*format!("error: {message}")));
}

#[test]
fn the_lake_of_these_tests_is_a_good_one() {
    let folder = lake();
    let found = run(folder.path(), "future_mbo", "ESH6", "2026-02-06", &[]);
    assert_eq!(found, (0, String::new()));
}

#[test]
fn an_unknown_symbol_lists_those_that_are_mapped() {
    check(
        "future_mbo",
        "ESM6",
        "2026-02-06",
        &[],
        "raw/source=databento/product_type=future_mbo/symbol=ES/table=market_by_order_dbn/\
         glbx-mdp3-20260206.mbo.dbn does not map ESM6; it maps: ESH6",
    );
}

#[test]
fn an_unknown_date_lists_those_there_are_and_how_to_fetch_it() {
    check(
        "future_mbo",
        "ESH6",
        "2026-02-07",
        &[],
        "raw/source=databento/product_type=future_mbo/symbol=ES/table=market_by_order_dbn has no \
         file of 2026-02-07; there are: 2026-02-06, 2026-02-09; to fetch it: download futures \
         daemon --start 2026-02-07 --end 2026-02-07 --symbols ES --include-futures",
    );
}

#[test]
fn a_symbol_without_folder_lists_those_there_are() {
    // A micro contract of silver is no silver contract.
    check(
        "future_mbo",
        "SILH6",
        "2026-02-06",
        &[],
        "the lake has no raw files of SILH6: there is no folder raw/source=databento/\
         product_type=future_mbo/symbol=SIL/table=market_by_order_dbn; there are: ES; to fetch it: \
         download futures daemon --start 2026-02-06 --end 2026-02-06 --symbols SIL \
         --include-futures",
    );
    check(
        "equity_mbo",
        "SPY",
        "2026-02-06",
        &[],
        "the lake has no raw files of SPY: there is no folder raw/source=databento/\
         product_type=equity_mbo/symbol=SPY/table=market_by_order_dbn; there are: QQQ; to fetch \
         it: download equities daemon --start 2026-02-06 --end 2026-02-06 --symbols SPY",
    );
}

#[test]
fn an_unknown_root_lists_those_that_are_known() {
    let message = format!("unknown root \"XYZ\", known are: {ROOTS}");
    check("future_mbo", "XYZH6", "2026-02-06", &[], &message);
}

#[test]
fn what_has_one_meaning_is_understood() {
    let folder = lake();
    for (symbol, date) in [("esh6", "2026-02-06"), (" ESH6 ", "20260206")] {
        let found = run(folder.path(), "future_mbo", symbol, date, &[]);
        assert_eq!(found, (0, String::new()), "{symbol} {date}");
    }
    let place = ["--lake", folder.path().to_str().unwrap()];
    let session = ["run", "--symbol", "esh6", "--dt", "20260206"];
    assert_eq!(vp_live([&session[..], &place].concat()).status, Some(0));
}

#[test]
fn a_root_is_answered_by_its_contracts() {
    for symbol in ["ES", "ES.FUT", "es.fut"] {
        let capitals = symbol.to_uppercase();
        let message = format!(
            "{capitals} is no single contract; on 2026-02-06 the lake has: ESH6; choose one with \
             --symbol"
        );
        check("future_mbo", symbol, "2026-02-06", &[], &message);
    }
    // On a date that the lake does not have.
    check(
        "future_mbo",
        "ES",
        "2026-02-05",
        &[],
        "ES is not a contract but the root ES: name one of its contracts, with a month code \
         (FGHJKMNQUVXZ) and one or two digits of the year, such as ESH6",
    );
}

#[test]
fn a_spread_is_no_contract() {
    for symbol in ["ESH6-ESM6", "6"] {
        let message = format!(
            "{symbol:?} is not a futures contract: expected a root ({ROOTS}), a month code \
             (FGHJKMNQUVXZ) and one or two digits of the year, such as ESH6"
        );
        check("future_mbo", symbol, "2026-02-06", &[], &message);
    }
}

#[test]
fn a_time_outside_the_session_names_its_window() {
    check(
        "equity_mbo",
        "QQQ",
        "2026-02-06",
        &["--start-time", "16:00"],
        "--start-time is not a time of this session\n  because 16:00:00 is outside the session, \
         which runs from 2026-02-06 02:00:00 EST to 2026-02-06 16:00:00 EST (exclusive)",
    );
}

#[test]
fn an_end_that_is_not_after_the_start_is_refused() {
    // The UTC day of a future begins in the evening before, and ends at 19:00.
    for (start, end) in [("18:00", "19:01"), ("18:00", "17:00"), ("18:00", "18:00")] {
        check(
            "future_mbo",
            "ESH6",
            "2026-02-06",
            &["--start-time", start, "--end-time", end],
            &format!(
                "--end-time is not a time of this session\n  because {end}:00 does not come after \
                 2026-02-06 18:00:00 EST within the session, which runs from 2026-02-05 19:00:00 \
                 EST to 2026-02-06 19:00:00 EST (exclusive); the end of the session may be named"
            ),
        );
    }
}

#[test]
fn an_unusable_product_table_is_refused() {
    check(
        "future_mbo",
        "ESH6",
        "2026-02-06",
        &["--products", "no such table"],
        "the product table no such table cannot be read\n  because No such file or directory (os \
         error 2)",
    );
}

#[test]
fn wrong_usage_ends_with_status_2() {
    check_usage(
        &["run", "--product-type", "futures"],
        "invalid value 'futures' for '--product-type <TYPE>': unknown product type \"futures\", \
         known are: future_mbo, equity_mbo",
    );
    check_usage(
        &["run", "--product-type", "future_option_mbo"],
        "invalid value 'future_option_mbo' for '--product-type <TYPE>': future_option_mbo is many \
         instruments and has no book of its own to stream, known are: future_mbo, equity_mbo; \
         velocity shows options beside their underlying",
    );
    check_usage(
        &["run", "--dt", "2026-02-30"],
        "invalid value '2026-02-30' for '--dt <YYYY-MM-DD>': \"2026-02-30\" is not a day between \
         1970-01-02 and 2261-12-31",
    );
    check_usage(
        &["run", "--start-time", "9.30"],
        "invalid value '9.30' for '--start-time <HH:MM[:SS]>': \"9.30\" is not a time of day of \
         the form HH:MM or HH:MM:SS",
    );
    check_usage(
        &["run"],
        "the following required arguments were not provided:",
    );
    check_usage(
        &["ran"],
        "invalid value 'ran' for '[FILE]': there is no such file, and no command of that name; \
             vp-live --help lists them",
    );
    check_usage(
        &["--symbol", "ESH4"],
        "the following required arguments were not provided:",
    );
    check_usage(
        &["--port", "99999"],
        "invalid value '99999' for '--port <PORT>': 99999 is not in 0..=65535",
    );
}

#[test]
fn help_names_every_flag() {
    let ran = vp_live(["run", "--help"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    for flag in [
        "--product-type",
        "--symbol",
        "--dt",
        "--lake",
        "--file",
        "--products",
        "--instrument-id",
        "--start-time",
        "--end-time",
        "--throttle-ms",
        "--out",
        "--json",
    ] {
        assert!(ran.stdout.contains(flag), "{flag}");
    }
}

#[test]
fn an_origin_that_no_browser_sends_is_refused_with_the_right_form() {
    for origin in ["*", "", "null", "desk.example", "https://desk.example/page"] {
        let ran = vp_live(["--port", "0", "--allow-origin", origin]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{origin}");
        assert!(
            ran.stderr.contains("https://desk.example"),
            "{}",
            ran.stderr
        );
    }
}
