//! What goes wrong on the way of a file: it is resumed, verified, and never half at its place.

use std::fs;
use std::time::{Duration, Instant};

use crate::program::Scene;
use crate::stand_in::Fault;

/// Orders one file.
const ONE: &str = "futures daemon --symbols MNQ --include-futures --options-schemas none --yes";
const FILE: &str =
    "product_type=future_mbo/symbol=MNQ/table=market_by_order_dbn/glbx-mdp3-20260206.mbo.dbn.zst";
const KEY: &str = "GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo";

/// Orders the file and lets it be done, without fetching it.
fn ordered() -> Scene {
    let scene = Scene::new();
    scene.succeed(&ONE.replace("daemon", "submit"));
    scene
}

#[test]
fn a_cut_body_is_resumed_where_it_broke_off() {
    let scene = Scene::new();
    scene
        .service
        .misbehave(".mbo.dbn.zst", Fault::Cut(1_000), 2);
    scene.succeed(ONE);
    scene.check_files();
    assert_eq!(scene.service.count("mbo.dbn.zst bytes=1000-"), 1);
    assert_eq!(scene.service.count("mbo.dbn.zst bytes=2000-"), 1);
}

#[test]
fn a_server_that_knows_no_ranges_starts_over() {
    let scene = Scene::new();
    scene
        .service
        .misbehave(".mbo.dbn.zst", Fault::Cut(1_000), 1);
    scene.service.misbehave(".mbo.dbn.zst", Fault::NoRange, 9);
    scene.succeed(ONE);
    scene.check_files();
}

#[test]
fn a_connection_that_breaks_for_ever_is_given_up_and_kept() {
    let scene = Scene::new();
    scene.service.misbehave(".mbo.dbn.zst", Fault::CallLost, 99);
    scene.fail(ONE, &["1 failed", KEY, "cannot be reached"]);
    assert_eq!(scene.tracker("futures")[KEY]["state"], "done");
    scene.service.behave();
    scene.succeed(&ONE.replace("daemon", "poll"));
    scene.check_files();
    assert_eq!(scene.service.jobs().len(), 1);
}

#[test]
fn a_corrupt_body_is_fetched_again() {
    let scene = Scene::new();
    scene.service.misbehave(".mbo.dbn.zst", Fault::Corrupt, 2);
    let ran = scene.succeed(ONE);
    assert!(ran.stderr.contains("arrives corrupt"), "{}", ran.stderr);
    scene.check_files();
}

#[test]
fn a_file_that_is_always_corrupt_is_never_called_good() {
    let scene = Scene::new();
    scene.service.misbehave(".mbo.dbn.zst", Fault::Corrupt, 99);
    scene.fail(ONE, &["1 failed", KEY, "arrives corrupt", "SHA-256"]);
    assert!(!scene.raw(FILE).exists());
    assert!(!scene.files().iter().any(|path| path.contains(".part")));
    let entry = &scene.tracker("futures")[KEY];
    assert_eq!(entry["state"], "done");
    assert!(entry["error"].as_str().unwrap().contains("arrives corrupt"));
    scene.service.behave();
    scene.succeed(ONE);
    scene.check_files();
    assert_eq!(scene.service.jobs().len(), 1);
}

#[test]
fn wrong_bytes_of_the_right_size_are_not_trusted() {
    for ending in ["", ".part"] {
        let scene = ordered();
        let wanted = &scene.service.files()[1].1.clone();
        let path = scene.raw(&format!("{FILE}{ending}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, vec![7; wanted.len()]).unwrap();
        scene.succeed(ONE);
        scene.check_files();
        let kept = scene
            .files()
            .iter()
            .filter(|path| path.contains(".replaced-"))
            .count();
        assert_eq!(kept, usize::from(ending.is_empty()));
    }
}

#[test]
fn the_right_file_at_its_place_is_not_fetched() {
    let scene = ordered();
    let wanted = &scene.service.files()[1].1.clone();
    fs::create_dir_all(scene.raw(FILE).parent().unwrap()).unwrap();
    fs::write(scene.raw(FILE), wanted.as_slice()).unwrap();
    scene.succeed(ONE);
    assert_eq!(scene.service.count("mbo.dbn.zst"), 0);
    assert_eq!(scene.tracker("futures")[KEY]["state"], "downloaded");
}

#[test]
fn more_than_the_file_has_is_thrown_away() {
    let scene = ordered();
    let part = scene.raw(&format!("{FILE}.part"));
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    fs::write(part, vec![7; scene.service.files()[1].1.len() + 1]).unwrap();
    scene.succeed(ONE);
    scene.check_files();
}

#[test]
fn a_full_disk_is_named_and_the_order_kept() {
    let scene = ordered();
    let part = scene.raw(&format!("{FILE}.part"));
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    scene.fail(
        ONE,
        &["1 failed", KEY, "No space left on device", "make room"],
    );
    assert_eq!(scene.tracker("futures")[KEY]["state"], "done");
    assert!(!scene.raw(FILE).exists());
    fs::remove_file(&part).unwrap();
    scene.succeed(ONE);
    scene.check_files();
    assert_eq!(scene.service.jobs().len(), 1);
}

#[test]
fn a_file_that_is_gone_is_fetched_again_and_not_ordered_again() {
    let scene = Scene::new();
    scene.succeed(ONE);
    fs::remove_file(scene.raw(FILE)).unwrap();
    scene.succeed(ONE);
    scene.check_files();
    assert_eq!(scene.service.jobs().len(), 1);
}

#[test]
fn the_service_is_given_the_time_it_asks_for() {
    let scene = ordered();
    let busy = |headers| Fault::Status(429, headers, r#"{"detail": "slow down"}"#.into());
    scene
        .service
        .misbehave("list_jobs", busy(&[("retry-after", "1")]), 1);
    scene
        .service
        .misbehave(".mbo.dbn.zst", busy(&[("retry-after", "1")]), 1);
    let start = Instant::now();
    scene.succeed(ONE);
    assert!(start.elapsed() >= Duration::from_secs(2));
    scene.check_files();
}
