//! Silver and gold of schema version 1: read as they were, never mixed with version 2, and rebuilt.

use std::fs;
use std::process::Command;

use vp_lake::tables::{Layer, Partition};
use vp_market::ProductType;

use crate::binary::{ALL_LAYERS, CONTRACT, Ran, World, ran};

const DATES: [&str; 2] = ["2026-02-05", "2026-02-06"];
/// The first window ends before the first record: nothing is there yet.
const SESSION: &str = "09:30-09:30:20";

/// A lake with two dates of a future and its options.
fn world() -> World {
    let world = World::new();
    for date in DATES {
        world.synthesize(date, "09:30", 22);
        world.synthesize_options(date, "09:30", 22);
    }
    let dates = DATES.join(",");
    let more = ["--dates", &dates, "--session", SESSION];
    let made = world.run(ALL_LAYERS, CONTRACT, &more);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let mut options = world.program("run");
    options.args(["--product-type", "future_option_mbo", "--layer", ALL_LAYERS]);
    let made = ran(options.args(["--symbol", CONTRACT, "--dates", &dates]));
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    assert_eq!(world.versions(), [2; 12]);
    world
}

/// What is read of a lake: forecasts, a calibration, a picture.
fn read(world: &World) -> [String; 4] {
    let forecast = |date: &str| {
        let mut program = world.program("forecast");
        let made = ran(program.args(["--symbol", CONTRACT, "--dt", date]));
        assert_eq!(made.status, Some(0), "{}", made.stderr);
        made.stdout
    };
    let mut calibration = calibrate(world).good().json();
    for changing in ["created_at", "lineage"] {
        calibration.as_object_mut().unwrap().remove(changing);
    }
    fs::remove_file(world.lake().physics_parameters("ES")).unwrap();
    let picture = world.path().join("a.png");
    let mut plot = world.program("plot");
    plot.args(["--symbol", CONTRACT, "--dt", DATES[0], "--out"]);
    let _ = ran(plot.arg(&picture)).good();
    let picture = fs::read(picture).unwrap();
    [
        forecast(DATES[0]),
        forecast(DATES[1]),
        calibration.to_string(),
        format!("{picture:?}"),
    ]
}

fn calibrate(world: &World) -> Ran {
    let mut program = world.program("calibrate");
    ran(program.args(["--root", "ES", "--days", "2", "--holdout", "1", "--json"]))
}

fn run(world: &World, product_type: &str, layer: &str, more: &[&str]) -> Ran {
    let mut program = world.program("run");
    program.args(["--product-type", product_type, "--layer", layer]);
    program.args(["--symbol", CONTRACT, "--dt", DATES[0]]);
    ran(program.args(more))
}

/// Checks that versions are not mixed, and runs the command that the message names.
fn check_mixed(world: &World, refused: &Ran, older: Layer) {
    assert_eq!(refused.status, Some(1), "{refused:?}");
    let fault = "one run does not mix them; to rebuild the older: velocity run ";
    let (before, command) = refused.stderr.split_once(fault).expect(&refused.stderr);
    let folder = format!("/{older}/product_type=");
    assert!(before.contains(&folder), "{before}");
    assert!(before.contains("has schema version 1 and "), "{before}");
    let mut rebuild = Command::new(env!("CARGO_BIN_EXE_velocity"));
    let words = command.lines().next().unwrap().split(' ');
    rebuild
        .arg("run")
        .arg("--lake")
        .arg(world.path())
        .args(words);
    let _ = ran(&mut rebuild).good();
}

fn remove(world: &World, wanted: impl Fn(&Partition) -> bool) {
    for entry in world.entries() {
        if wanted(&entry.partition) {
            fs::remove_dir_all(entry.partition.path()).unwrap();
        }
    }
}

fn is_gold(partition: &Partition) -> bool {
    partition.layer() == Layer::Gold
}

fn is_option(partition: &Partition) -> bool {
    partition.product_type() == ProductType::FutureOptionMbo
}

fn is_first(partition: &Partition) -> bool {
    partition.date().to_string() == DATES[0]
}

#[test]
fn version_1_is_read_kept_and_rebuilt_to_what_version_2_is() {
    let world = world();
    let (hashes, expected) = (world.hashes(), read(&world));
    world.downgrade(|_| true);
    assert_eq!(world.versions(), [1; 12]);
    let _ = ran(&mut world.program("verify")).good();
    let status = ran(world.program("status").args(["--layer", "gold"])).good();
    let is_gold = |line: &&str| line.starts_with("gold");
    let lines: Vec<_> = status.stdout.lines().filter(is_gold).collect();
    assert_eq!(lines.len(), 4);
    assert!(
        lines
            .iter()
            .all(|line| line.contains("complete, not needed       1")),
        "{}",
        status.stdout
    );
    assert!(read(&world) == expected);

    let old = world.hashes();
    let kept = run(&world, "future_mbo", ALL_LAYERS, &["--session", SESSION]).good();
    assert!(kept.stdout.contains("4 kept in "), "{}", kept.stdout);
    assert_eq!(world.hashes(), old);

    for (product_type, more) in [
        ("future_mbo", &["--session", SESSION, "--overwrite"][..]),
        ("future_option_mbo", &["--overwrite"]),
    ] {
        let mut program = world.program("run");
        program.args(["--product-type", product_type, "--layer", ALL_LAYERS]);
        program.args(["--symbol", CONTRACT, "--dates", &DATES.join(",")]);
        let _ = ran(program.args(more)).good();
    }
    assert_eq!(world.versions(), [2; 12]);
    assert_eq!(world.hashes(), hashes);
}

#[test]
fn nothing_of_version_2_is_made_from_version_1() {
    let world = world();
    let hashes = world.hashes();
    world.downgrade(|_| true);
    // Gold from silver, with and without --overwrite.
    remove(&world, |p| is_gold(p) && is_first(p) && !is_option(p));
    for more in [&[][..], &["--overwrite"]] {
        let refused = run(&world, "future_mbo", "gold", more);
        assert_eq!(refused.status, Some(1));
        assert!(
            refused.stderr.contains("does not mix"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(world.hidden(), Vec::<std::path::PathBuf>::new());
    // Silver of options from silver of the future.
    remove(&world, |p| {
        p.layer() != Layer::Bronze && is_first(p) && is_option(p)
    });
    let refused = run(&world, "future_option_mbo", ALL_LAYERS, &[]);
    check_mixed(&world, &refused, Layer::Silver);
    let _ = run(&world, "future_option_mbo", ALL_LAYERS, &[]).good();
    let _ = run(&world, "future_mbo", "gold", &[]).good();
    let first = |hashes: &[(String, String)]| -> Vec<_> {
        let first = hashes.iter().filter(|(name, _)| name.ends_with(DATES[0]));
        first.cloned().collect()
    };
    assert_eq!(first(&world.hashes()), first(&hashes));
    // Gold of options from their silver.
    world.downgrade(|p| is_first(p) && is_option(p));
    remove(&world, |p| is_gold(p) && is_first(p) && is_option(p));
    let refused = run(&world, "future_option_mbo", "gold", &[]);
    check_mixed(&world, &refused, Layer::Silver);
    let _ = run(&world, "future_option_mbo", "gold", &[]).good();
    assert_eq!(first(&world.hashes()), first(&hashes));
}

#[test]
fn versions_that_are_read_together_are_not_mixed() {
    let world = world();
    let forecast = || {
        let mut program = world.program("forecast");
        ran(program.args(["--symbol", CONTRACT, "--dt", DATES[0]]))
    };
    // Gold of the options alone is older.
    world.downgrade(|p| is_first(p) && is_option(p));
    check_mixed(&world, &forecast(), Layer::Gold);
    assert_eq!(forecast().status, Some(0));
    // One date is older than the other.
    world.downgrade(is_first);
    let refused = calibrate(&world);
    let start = format!(
        "error: the gold of {CONTRACT} on {} cannot be used",
        DATES[0]
    );
    assert!(refused.stderr.starts_with(&start), "{}", refused.stderr);
    check_mixed(&world, &refused, Layer::Gold);
    let refused = calibrate(&world);
    check_mixed(&world, &refused, Layer::Gold);
    let _ = calibrate(&world).good();
    assert_eq!(world.versions(), [2; 12]);
}
