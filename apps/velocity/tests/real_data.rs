//! Real sessions through all layers. Skipped, and counted as such, where the data is absent.

mod binary;

use std::path::Path;
use std::process::ExitCode;

use binary::{World, ran};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;
use vp_lake::tables::Layer;
use vp_market::ProductType;
use vp_testkit::shared;
use vp_velocity::tables::SILVER_BOOK;

/// A session of the shared data and the rows that it must give.
struct Session {
    name: &'static str,
    /// Its hours, the long form and the short one, each with its windows.
    hours: [(&'static str, u64); 2],
    args: [&'static str; 6],
    bronze_rows: u64,
}

const SESSIONS: [Session; 2] = [
    Session {
        name: "soak_esh4",
        hours: [("17:00-19:00", 7_200), ("18:00-18:10", 600)],
        args: shared::ESH4,
        bronze_rows: 68_792,
    },
    Session {
        name: "soak_arl",
        hours: [("09:30-16:00", 23_400), ("09:30-09:45", 900)],
        args: shared::ARL,
        bronze_rows: 5_747,
    },
];

fn main() -> ExitCode {
    let trial = |session: &'static Session| {
        let name = format!("{}_runs_through_all_layers", session.name);
        Trial::ignorable_test(name, move || match shared::path("data/lake/raw") {
            Some(raw) => check(session, &raw).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with(
                "the folder of SPYMASTER_SHARED is not there",
            )),
        })
    };
    let mut trials: Vec<_> = SESSIONS.iter().map(trial).collect();
    let name = "trades_below_zero_are_trades";
    trials.push(Trial::ignorable_test(name, || {
        match shared::path("cases/11-trades-at-negative-prices") {
            Some(case) => below_zero(&case).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with(
                "the folder of SPYMASTER_SHARED is not there",
            )),
        }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(session: &Session, raw: &Path) -> Result<(), Failed> {
    let world = World::new();
    std::fs::create_dir_all(world.path())?;
    // Raw files are only read: the shared ones are linked to, not copied.
    std::os::unix::fs::symlink(raw, world.path().join("raw"))?;
    let is_soak = std::env::var_os("SPYMASTER_SOAK").is_some();
    let (hours, windows) = session.hours[usize::from(!is_soak)];
    let mut run = world.program("run");
    let run = run.args(session.args).args(["--session", hours]);
    let run = ran(run.args(["--layer", "bronze,silver,gold", "--json"]));
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    let summary = run.json();
    let rows = |number: usize| summary["partitions"][number]["rows"].as_u64();
    assert_eq!(rows(0), Some(session.bronze_rows));
    assert_eq!(rows(1), Some(windows));
    assert!(rows(2) > Some(0) && rows(3) > Some(0), "{summary}");
    assert_eq!(world.hashes().len(), 4);
    Ok(())
}

/// CL on 2020-04-20, when it traded below zero.
fn below_zero(case: &Path) -> Result<(), Failed> {
    const DATE: &str = "2020-04-20";
    /// 18:00:03 UTC: from this window end on the last trade is one below zero.
    const FROM: i64 = 1_587_405_603_000_000_000;
    let world = World::new();
    let raw = world.lake().raw_mbo(ProductType::FutureMbo, "CL");
    std::fs::create_dir_all(raw.path())?;
    let name = "glbx-mdp3-20200420.mbo.dbn.zst";
    std::fs::copy(case.join(name), raw.path().join(name))?;
    let expected: Value = serde_json::from_slice(&std::fs::read(case.join("expected.json"))?)?;
    let more = ["--dt", DATE, "--session", "14:00-14:01"];
    let _ = world.run("bronze", "CL", &more[..2]).good();
    let _ = world.run("silver", "CLK0", &more).good();

    let (future, date) = (ProductType::FutureMbo, DATE.parse()?);
    let name = SILVER_BOOK.name;
    let partition = world
        .lake()
        .partition(Layer::Silver, future, "CLK0", name, date);
    let mut reader = partition.open(&SILVER_BOOK, &[])?;
    let mut checked = 0;
    while let Some(batch) = reader.next_batch()? {
        let starts = batch.i64("window_start_ts_ns");
        let trades = batch.option_i64("last_trade_price_int");
        let spots = batch.option_i64("spot_ref_price_int");
        for ((start, trade), spot) in starts.iter().zip(trades).zip(spots) {
            if *start + 1_000_000_000 >= FROM {
                assert_eq!(trade, expected["last_trade_price_int"].as_i64());
                checked += 1;
            }
            if *start >= FROM {
                assert_eq!(spot, expected["spot_ref_price_int"].as_i64());
            }
        }
    }
    assert!(checked > 30, "{checked} windows");

    // Gold, its picture and its forecast are at the same prices.
    let _ = world.run("gold", "CLK0", &more[..2]).good();
    let of_date = ["--symbol", "CLK0", "--dt", DATE];
    let mut plot = world.program("plot");
    plot.args(of_date)
        .arg("--out")
        .arg(world.path().join("a.png"));
    let _ = ran(&mut plot).good();
    let forecast = ran(world.program("forecast").args(of_date));
    let last = forecast.stdout.lines().last().ok_or("no forecast")?;
    let last: Value = serde_json::from_str(last)?;
    assert!(last["predicted_spot_tick"].as_i64() < Some(0), "{last}");
    let _ = ran(&mut world.program("verify")).good();
    Ok(())
}
