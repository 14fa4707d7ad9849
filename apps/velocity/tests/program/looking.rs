//! `status` and `verify`: what is there, and whether it is what it was.

use std::fs;
use std::process::Command;

use vp_testkit::program::ran_before_head;

use crate::binary::{ALL_LAYERS, CONTRACT, DATE, World, ran};

#[test]
fn a_lake_without_partitions_says_so() {
    let world = World::new();
    fs::create_dir(world.path()).unwrap();
    let root = world.path().display().to_string();
    let status = ran(&mut world.program("status")).good();
    assert_eq!(status.stdout, format!("the lake {root} has no partition\n"));
    let verify = ran(&mut world.program("verify")).good();
    assert_eq!(verify.stdout, "0 partitions verified, 0 with defects\n");

    // One that is named and not there was not verified.
    let status = ran(world.program("status").args(["--symbol", CONTRACT])).good();
    assert_eq!(
        status.stdout,
        format!("the lake {root} has no such partition\n")
    );
    let verify = ran(world.program("verify").args(["--symbol", CONTRACT]));
    let expected = format!("error: the lake {root} has no such partition: nothing was verified\n");
    assert_eq!((verify.status, verify.stderr), (Some(1), expected));
}

#[test]
fn a_lake_that_is_not_there_is_an_error_that_names_it_and_how_it_was_chosen() {
    let world = World::new();
    let root = world.path().display().to_string();
    let folder = world.path().parent().unwrap().to_owned();
    let out = folder.join("a.png");
    let picture = ["--out", out.to_str().unwrap()];
    let date = ["--symbol", CONTRACT, "--dt", DATE];
    for (command, more) in [
        ("status", vec![]),
        ("verify", vec![]),
        ("serve", vec!["--port", "0"]),
        ("forecast", date.to_vec()),
        ("plot", [&date[..], &picture].concat()),
        ("calibrate", vec!["--root", "ES"]),
    ] {
        let flag = ran(world.program(command).args(&more));
        let mut bare = Command::new(env!("CARGO_BIN_EXE_velocity"));
        bare.env_remove("SPYMASTER_LAKE").current_dir(&folder);
        bare.arg(command).args(&more);
        let default = ran(&mut bare);
        let variable = ran(bare.env("SPYMASTER_LAKE", "elsewhere"));
        let elsewhere = folder.join("elsewhere").display().to_string();
        for (ran, root, chosen) in [
            (flag, &root, "--lake names it"),
            (default, &root, "it is the default, as neither"),
            (variable, &elsewhere, "the variable SPYMASTER_LAKE names it"),
        ] {
            let start = format!("error: the lake {root} does not exist: {chosen}");
            assert!(ran.stderr.starts_with(&start), "{command}: {}", ran.stderr);
            assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
        }
    }
    assert!(!world.path().exists());
}

#[test]
fn what_is_there_is_listed() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 2);
    world.run("bronze", "ES", &["--dt", DATE]);
    let entries = world.entries();
    let place = entries[0].partition.path();
    fs::create_dir_all(place.with_file_name(".dt=2026-02-05.unfinished")).unwrap();
    fs::create_dir_all(place.with_file_name("dt=2026-02-04")).unwrap();
    let status = ran(world.program("status").args(["--symbol", CONTRACT]));
    let lines: Vec<_> = status.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", status.stdout);
    for (date, state) in [
        (DATE, "complete"),
        ("2026-02-05", "unfinished"),
        ("2026-02-04", "incomplete"),
    ] {
        let line = lines.iter().find(|line| line.contains(date)).unwrap();
        assert!(line.contains(state), "{line}");
    }
    let json = ran(world.program("status").args(["--dt", DATE, "--json"])).json();
    assert_eq!(json["partitions"][0]["manifest"]["symbol"], CONTRACT);
    let other = ran(world.program("status").args(["--symbol", "NQH6", "--json"])).json();
    assert_eq!(other["partitions"].as_array().unwrap().len(), 0);
}

#[test]
fn a_flipped_byte_is_found_here_and_in_what_was_made_from_it() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 3);
    let more = ["--dt", DATE, "--session", "09:30-09:31"];
    assert_eq!(world.run(ALL_LAYERS, CONTRACT, &more).status, Some(0));
    let sound = ran(&mut world.program("verify"));
    assert_eq!(sound.stdout, "4 partitions verified, 0 with defects\n");
    assert_eq!(sound.status, Some(0));

    let silver = world.entries().into_iter().find(|entry| {
        entry.partition.layer().name() == "silver" && entry.partition.table().starts_with("depth")
    });
    let file = silver.unwrap().partition.path().join("part-00000.parquet");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&file, bytes).unwrap();
    let found = ran(&mut world.program("verify"));
    assert_eq!(found.status, Some(1));
    let expected = format!("{} has changed: SHA-256 ", file.display());
    assert!(found.stdout.contains(&expected), "{}", found.stdout);
    assert!(
        found.stdout.contains("which has defects"),
        "{}",
        found.stdout
    );
    assert!(
        found
            .stdout
            .ends_with("4 partitions verified, 2 with defects\n")
    );

    // Nothing is made of a damaged partition.
    let gold = world.run("gold", CONTRACT, &["--dt", DATE, "--overwrite"]);
    assert_eq!(gold.status, Some(1));
    assert!(gold.stderr.contains("is damaged: "), "{}", gold.stderr);
}

#[test]
fn every_command_ends_quietly_with_its_reader() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 20);
    let session = ["--dt", DATE, "--session", "09:30-09:30:20"];
    let made = world.run(ALL_LAYERS, CONTRACT, &session);
    assert_eq!(made.status, Some(0), "{made:?}");
    let picture = world.path().join("gold.png");
    let (contract, picture) = (
        ["--symbol", CONTRACT, "--dt", DATE],
        picture.to_str().unwrap(),
    );
    let plot = [&contract[..], &["--out", picture]].concat();
    let run = ["--product-type", "future_mbo", "--layer", ALL_LAYERS];
    let run = [&run[..], &["--symbol", CONTRACT], &session].concat();
    for (command, arguments) in [
        ("run", run),
        ("status", vec![]),
        ("status", vec!["--json"]),
        ("verify", vec![]),
        ("verify", vec!["--json"]),
        ("forecast", contract.to_vec()),
        ("plot", plot),
    ] {
        for lines in [0, 1] {
            let mut program = world.program(command);
            let ran = ran_before_head(program.args(&arguments), lines);
            assert_eq!(ran.status, Some(0), "{command} {arguments:?}: {ran:?}");
            assert!(!ran.stderr.contains("error"), "{command}: {ran:?}");
            assert!(!ran.stderr.contains("panicked"), "{command}: {ran:?}");
        }
    }
}
