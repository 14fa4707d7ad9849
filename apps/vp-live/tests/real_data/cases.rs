//! Small inputs that a user reported, and what must come of them.

use std::path::Path;

use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;
use vp_market::EasternTime;

use crate::binary::{self, program};

/// A test over the folder of a case.
type Test = fn(&Path) -> Result<(), Failed>;

const TESTS: [(&str, &str, Test); 3] = [
    (
        "a_share_below_a_dollar_is_run",
        "cases/05-share-below-a-dollar",
        share_below_a_dollar,
    ),
    (
        "an_end_time_comes_after_the_start",
        "cases/07-end-time-at-session-end",
        end_times,
    ),
    (
        "a_trade_without_price_is_no_trade",
        "cases/12-trade-without-price",
        trade_without_price,
    ),
];

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    TESTS.into_iter().map(|(name, folder, test)| {
        Trial::ignorable_test(name, move || match vp_testkit::shared::path(folder) {
            Some(folder) => test(&folder).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with(
                "the folder of SPYMASTER_SHARED is not there",
            )),
        })
    })
}

/// Runs a file with every event emitted; returns the summary and the grids.
fn run(file: &Path, session: [&str; 3], times: &[&str]) -> Result<(Value, Vec<Value>), Failed> {
    let [product_type, symbol, date] = session;
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("grids.jsonl");
    let mut command = program();
    command.args([
        "run",
        "--json",
        "--throttle-ms",
        "0",
        "--product-type",
        product_type,
    ]);
    command.args(["--symbol", symbol, "--dt", date]).args(times);
    command.arg("--file").arg(file).arg("--out").arg(&out);
    let summary = binary::ran(&mut command).good().json();
    let text = std::fs::read_to_string(out)?;
    let grids = text.lines().map(serde_json::from_str);
    Ok((summary, grids.collect::<Result<_, _>>()?))
}

fn share_below_a_dollar(case: &Path) -> Result<(), Failed> {
    let file = case.join("xnas-itch-20250717.mbo.dbn.zst");
    let (summary, _) = run(&file, ["equity_mbo", "ZVZZT", "2025-07-17"], &[])?;
    assert_eq!(
        (&summary["best_bid"], &summary["best_ask"]),
        (&"0.1523".into(), &"0.1525".into())
    );
    assert_eq!(
        (&summary["records"], &summary["resting_orders"]),
        (&41.into(), &40.into())
    );
    Ok(())
}

fn end_times(case: &Path) -> Result<(), Failed> {
    // The times of the events, each once.
    let times = |file: &str, session, start, end| -> Result<Vec<String>, Failed> {
        let times = ["--start-time", start, "--end-time", end];
        let (_, grids) = run(&case.join(file), session, &times)?;
        let time = |grid: &Value| {
            let ts_ns = grid["ts_ns"].as_u64().ok_or("a grid has a time")?;
            Ok(EasternTime::from_ns(ts_ns).to_string())
        };
        let times: Result<Vec<String>, Failed> = grids.iter().map(time).collect();
        let mut times = times?;
        times.dedup();
        Ok(times)
    };
    let share = ["equity_mbo", "ARL", "2025-07-17"];
    let from_to = ["--start-time", "09:30", "--end-time", "16:00"];
    let (_, grids) = run(&case.join("share.mbo.dbn.zst"), share, &from_to)?;
    assert_eq!(grids.len(), 5);
    let found = times("share.mbo.dbn.zst", share, "09:30", "16:00")?;
    assert_eq!(
        found.last().map(String::as_str),
        Some("2025-07-17 15:59:59 EDT")
    );
    let future = ["future_mbo", "ESH4", "2023-12-26"];
    let found = times("future.mbo.dbn.zst", future, "18:00", "19:00")?;
    assert_eq!(
        found,
        ["2023-12-26 18:00:00 EST", "2023-12-26 18:59:59 EST"]
    );
    let change = ["future_mbo", "ESM5", "2025-03-09"];
    let found = times("clock-change.mbo.dbn.zst", change, "18:00", "19:00")?;
    assert_eq!(
        found,
        ["2025-03-09 18:00:00 EDT", "2025-03-09 18:59:59 EDT"]
    );
    Ok(())
}

fn trade_without_price(case: &Path) -> Result<(), Failed> {
    let session = ["future_mbo", "ESM4", "2024-05-08"];
    let (_, grids) = run(&case.join("t.mbo.dbn.zst"), session, &[])?;
    assert!(!grids.is_empty());
    for grid in grids {
        let prices = grid["trades"]["price_int"].as_array();
        let prices = prices.ok_or("a grid has trades")?;
        assert!(!prices.contains(&i64::MAX.into()), "{grid}");
    }
    Ok(())
}
