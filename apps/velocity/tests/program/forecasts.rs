//! Options, calibration and forecast, run as a user does.

use std::fs;

use serde_json::Value;
use vp_lake::tables::TableReader;

use crate::binary::{ALL_LAYERS, CONTRACT, Ran, World, ran};

const DATES: [&str; 3] = ["2026-02-04", "2026-02-05", "2026-02-06"];
const SECONDS: usize = 45;

/// A lake with three short dates of a future and the options on it, in all layers.
fn three_dates() -> World {
    let world = World::new();
    for date in DATES {
        world.synthesize(date, "09:30", SECONDS as u64);
        world.synthesize_options(date, "09:30", SECONDS as u64);
    }
    let dates = DATES.join(",");
    let session = ["--dates", &dates, "--session", "09:30-09:30:45"];
    let made = world.run(ALL_LAYERS, CONTRACT, &session);
    assert_eq!(made.status, Some(0), "{made:?}");
    let made = options(&world, ALL_LAYERS, &dates);
    assert_eq!(made.status, Some(0), "{made:?}");
    world
}

fn options(world: &World, layer: &str, dates: &str) -> Ran {
    let mut command = world.program("run");
    command.args(["--product-type", "future_option_mbo", "--layer", layer]);
    ran(command.args(["--symbol", CONTRACT, "--dates", dates]))
}

fn calibrate(world: &World, more: &[&str]) -> Ran {
    ran(world.program("calibrate").args(["--root", "ES"]).args(more))
}

fn forecast(world: &World, more: &[&str]) -> Ran {
    let mut command = world.program("forecast");
    ran(command
        .args(["--symbol", CONTRACT, "--dt", DATES[2]])
        .args(more))
}

/// Returns the rows of a forecast that was printed.
fn rows(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let rows = ran.stdout.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>().expect("every line is JSON")
}

#[test]
fn dates_are_calibrated_and_forecast_with_their_options() {
    let world = three_dates();

    // Not calibrated: the forecast continues the last move.
    let drifting = forecast(&world, &["--horizon", "2"]);
    assert!(
        drifting.stderr.contains("ES is not calibrated"),
        "{drifting:?}"
    );
    let rows_of_drift = rows(&drifting);
    // The window that ends when the session begins is before the first record.
    let windows = rows_of_drift.len() / 3;
    assert!((SECONDS - 1..=SECONDS).contains(&windows), "{windows}");

    let plot = world.path().join("calibration.svg");
    let plot = plot.to_str().expect("a path");
    let calibrated = calibrate(&world, &["--days", "3", "--holdout", "1", "--plot", plot]);
    assert_eq!(calibrated.status, Some(0), "{calibrated:?}");
    for part in [
        "fitted on 2 dates",
        "judged on 2026-02-06",
        "beats no change",
    ] {
        assert!(calibrated.stdout.contains(part), "{part}: {calibrated:?}");
    }
    let picture = fs::read_to_string(plot).expect("a picture");
    assert!(picture.starts_with("<svg") && picture.contains("<circle"));

    let path = world.lake().physics_parameters("ES");
    let parameters: Value =
        serde_json::from_str(&fs::read_to_string(&path).expect("written")).expect("JSON");
    assert_eq!(parameters["train_dates"], serde_json::json!(DATES[..2]));
    assert_eq!(parameters["train_samples"], 2 * (windows - 2));
    // Gold of the future and of the options, of every date.
    assert_eq!(parameters["lineage"].as_array().map(Vec::len), Some(6));
    let beta = parameters["beta"].as_f64().expect("a number");

    let found = forecast(&world, &["--horizon", "5"]);
    assert_eq!(found.stderr, "");
    let found = rows(&found);
    assert_eq!(found.len(), windows * 6);
    let head = &found[0];
    assert!(head["horizon_s"] == 0 && head["D_up"].is_i64() && head["confidence"].is_null());
    let last = &found[5];
    assert!(last["horizon_s"] == 5 && last["D_up"].is_null() && last["confidence"].is_f64());
    assert!(beta >= 0.0);

    // A second calibration of the same gold writes the same, but for its time.
    let again = calibrate(&world, &["--days", "3", "--holdout", "1", "--json"]);
    let mut again = again.json();
    again["created_at"] = parameters["created_at"].clone();
    assert_eq!(again, parameters);
}

#[test]
fn a_forecast_is_the_same_in_every_form() {
    let world = three_dates();
    let printed = rows(&forecast(&world, &[]));
    let path = |name: &str| world.path().join(name).to_str().expect("a path").to_owned();
    let (lines, parquet) = (path("f.jsonl"), path("f.parquet"));
    for file in [&lines, &parquet] {
        assert_eq!(forecast(&world, &["--out", file]).status, Some(0));
    }
    let written = fs::read_to_string(&lines).expect("written");
    let written: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(written, printed);
    let columns = [
        vp_lake::tables::Column::i64("window_end_ts_ns"),
        vp_lake::tables::Column::i32("horizon_s"),
    ];
    let file = fs::File::open(&parquet).expect("written");
    let error = TableReader::open(file, &columns, &[]).expect_err("there are more columns");
    let error = anyhow_text(&error);
    assert!(error.contains("predicted_spot_tick"), "{error}");

    let refused = forecast(&world, &["--out", &path("f.csv")]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stderr.contains("must end in .parquet or .jsonl"),
        "{refused:?}"
    );
}

fn anyhow_text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[test]
fn what_is_missing_or_broken_is_told() {
    let world = World::new();
    fs::create_dir(world.path()).expect("writable");
    let check = |ran: Ran, parts: &[&str]| {
        assert_eq!(ran.status, Some(1), "{ran:?}");
        for part in parts {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
    };
    check(
        calibrate(&world, &[]),
        &["ES has silver of 0 dates and 20 are asked for", "--days"],
    );
    check(
        calibrate(&world, &["--days", "2", "--holdout", "2"]),
        &["of 2 days 2 cannot be held out"],
    );
    check(
        ran(world.program("calibrate").args(["--root", "no root"])),
        &["NO ROOT"],
    );
    check(
        forecast(&world, &[]),
        &["velocity run --product-type future_mbo --layer silver --symbol ESH6"],
    );
    check(
        forecast(&world, &["--product-type", "future_option_mbo"]),
        &["options are forecast with what they are on"],
    );
    let path = world.lake().physics_parameters("ES");
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    fs::write(&path, "{\"root\": \"ES\"").expect("writable");
    check(
        forecast(&world, &[]),
        &[
            "physics_beta_gamma/ES.json cannot be used",
            "run the calibration again",
        ],
    );
    world.synthesize(DATES[0], "09:30", 2);
    check(
        options(&world, ALL_LAYERS, DATES[0]),
        &["product_type=future_option_mbo/symbol=ES"],
    );
    world.synthesize_options(DATES[0], "09:30", 2);
    check(
        options(&world, ALL_LAYERS, DATES[0]),
        &["velocity run --product-type future_mbo --layer silver --symbol ESH6"],
    );
}
