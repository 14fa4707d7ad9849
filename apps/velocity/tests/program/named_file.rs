//! `velocity run FILE`: what the lake takes, and what it does not.

use std::fs;
use std::path::{Path, PathBuf};

use crate::binary::{ALL_LAYERS, DATE, Ran, World, ran};

/// The synthetic session as a file outside of a lake that is empty.
fn named() -> (World, PathBuf) {
    let world = World::new();
    let raw = world.synthesize(DATE, "09:30", 2);
    let file = world.path().parent().unwrap().join("session.dbn.zst");
    fs::rename(raw, &file).unwrap();
    (world, file)
}

fn run(world: &World, file: &Path, more: &[&str]) -> Ran {
    let layer = ["--layer", "bronze", "--json"];
    ran(world.program("run").arg(file).args(layer).args(more))
}

#[test]
fn a_file_that_breaks_off_is_not_put_into_the_lake() {
    let (world, file) = named();
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() * 2 / 3]).unwrap();
    let broken = run(&world, &file, &[]);
    assert_eq!(broken.status, Some(1));
    assert!(
        broken.stderr.contains("is not put into the lake"),
        "{}",
        broken.stderr
    );
    let wrong_id = run(&world, &file, &["--instrument-id", "999"]);
    assert_eq!(wrong_id.status, Some(1));
    // The whole one finds its place free.
    fs::write(&file, &whole).unwrap();
    assert_eq!(run(&world, &file, &[]).status, Some(0));
}

#[test]
fn a_root_is_answered_by_its_contracts() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 2);
    for symbol in ["ES", "es.fut"] {
        let ran = world.run(ALL_LAYERS, symbol, &["--dt", DATE]);
        assert_eq!(ran.status, Some(1));
        let part = format!("on {DATE} the lake has: ESH6");
        assert!(ran.stderr.contains(&part), "{}", ran.stderr);
    }
}
