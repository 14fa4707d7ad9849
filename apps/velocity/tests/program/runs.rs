//! What a run makes, keeps, and reports.

use crate::binary::{ALL_LAYERS, CONTRACT, DATE, World};

/// The hours of the synthetic sessions: their first seconds.
const SESSION: [&str; 2] = ["--session", "09:30-09:31"];

#[test]
fn all_layers_are_made_one_after_the_other_and_kept_the_next_time() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 4);
    let more = [&["--dt", DATE, "--json"], &SESSION[..]].concat();
    let ran = world.run(ALL_LAYERS, CONTRACT, &more);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let summary = ran.json();
    assert_eq!(summary["is_good"], true);
    let made: Vec<_> = summary["partitions"].as_array().unwrap().iter().collect();
    let states = |of: &serde_json::Value, name: &str| of[name].as_str().unwrap().to_owned();
    let layers: Vec<_> = made.iter().map(|row| states(row, "layer")).collect();
    assert_eq!(layers, ["bronze", "silver", "silver", "gold"]);
    assert!(made.iter().all(|row| states(row, "state") == "built"));
    assert_eq!(made[1]["rows"], 60);
    let hashes = world.hashes();
    assert_eq!(hashes.len(), 4);
    assert_eq!(world.hidden(), Vec::<std::path::PathBuf>::new());

    let again = world.run(ALL_LAYERS, CONTRACT, &more).json();
    let states: Vec<_> = again["partitions"].as_array().unwrap().iter().collect();
    assert!(
        states.iter().all(|row| row["state"] == "kept"),
        "{states:?}"
    );
    assert_eq!(world.hashes(), hashes);
}

#[test]
fn a_date_that_fails_does_not_stop_the_others() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 2);
    let cut = world.synthesize("2026-02-05", "09:30", 2);
    let bytes = std::fs::read(&cut).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() - 1]).unwrap();
    let dates = [
        "--dates",
        "2026-02-04,2026-02-05,2026-02-06",
        "--workers",
        "2",
    ];
    let ran = world.run("bronze", "ES", &dates);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stdout.contains("1 built, 2 failed in "),
        "{}",
        ran.stdout
    );
    let raw = world
        .lake()
        .raw_mbo(vp_market::ProductType::FutureMbo, "ES");
    let start = format!(
        "error: bronze of ES on 2026-02-04 cannot be made\n  because {} has no file of \
         2026-02-04; there are: 2026-02-05, 2026-02-06; to fetch it: download futures daemon",
        raw.path().display()
    );
    assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("bronze of ES on 2026-02-05 cannot be made\n  because record")
    );
    assert_eq!(world.hashes().len(), 1);
}

#[test]
fn dates_of_a_range_may_be_absent_but_not_all_of_them() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 2);
    let range = ["--start-date", "2026-02-05", "--end-date", "2026-02-08"];
    let ran = world.run("bronze", "ES", &range);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    assert!(
        ran.stdout.contains("1 built, 3 absent in "),
        "{}",
        ran.stdout
    );
    let ran = world.run("bronze", "ES", &["--dates", "2026-02-07:2026-02-08"]);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stderr
            .contains("has no file of 2026-02-07; there are: 2026-02-06")
    );
}

#[test]
fn missing_inputs_name_the_path_and_the_command_that_makes_them() {
    let world = World::new();
    let path = |layer: &str, symbol: &str, table: &str| {
        let lake = world.path();
        format!(
            "{}/{layer}/product_type=future_mbo/symbol={symbol}/table={table}/dt={DATE}",
            lake.display()
        )
    };
    let silver = world.run("silver", CONTRACT, &["--dt", DATE]);
    let expected = format!("to fetch it: download futures daemon --start {DATE}");
    assert!(silver.stderr.contains(&expected), "{}", silver.stderr);
    let gold = world.run("gold", CONTRACT, &["--dt", DATE]);
    let expected = format!(
        "there is no complete partition {}; to make it: velocity run --product-type future_mbo \
         --layer silver --symbol {CONTRACT} --dt {DATE}",
        path("silver", CONTRACT, "depth_and_flow_1s")
    );
    assert!(gold.stderr.contains(&expected), "{}", gold.stderr);
    assert_eq!((silver.status, gold.status), (Some(1), Some(1)));
}

#[test]
fn another_session_is_refused_until_it_is_to_be_overwritten() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 4);
    let run = |more: &[&str]| world.run(ALL_LAYERS, CONTRACT, &[&["--dt", DATE], more].concat());
    assert_eq!(run(&SESSION).status, Some(0));
    let before = world.hashes();
    let refused = run(&["--session", "09:30-09:32"]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stderr.contains(
            "is complete with other settings: session is 09:30-09:31, not 09:30-09:32; to rebuild \
             it, run again with --overwrite"
        ),
        "{}",
        refused.stderr
    );
    assert_eq!(world.hashes(), before);
    assert_eq!(
        run(&["--session", "09:30-09:32", "--overwrite"]).status,
        Some(0)
    );
    let after = world.hashes();
    let changed: Vec<_> = before
        .iter()
        .zip(&after)
        .map(|(one, other)| one != other)
        .collect();
    assert_eq!(changed, [false, true, true, true], "bronze is kept");
}
