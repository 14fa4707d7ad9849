//! Full disks, and two runs at once.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use vp_lake::tables::Layer;
use vp_market::ProductType;

use crate::binary::{CONTRACT, DATE, World, ran};

/// A limit on the size of files simulates a full disk: the same write fails in the same place, and
/// it needs no rights.
fn with_a_full_disk(inner: &Command, blocks: u32) -> Command {
    let mut shell = Command::new("sh");
    // Ignored, the signal becomes an error of the write; `exec` hands that on.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script]);
    shell.arg(inner.get_program()).args(inner.get_args());
    shell
}

#[test]
fn a_full_disk_fails_with_a_message_and_leaves_nothing_half() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 20);
    let mut layers = Vec::new();
    for (layer, blocks) in [("bronze", 64), ("silver", 8), ("gold", 64)] {
        let session = ["--dt", DATE, "--session", "09:30-09:31"];
        let more = if layer == "silver" {
            &session[..]
        } else {
            &session[..2]
        };
        let command = world.run_command(layer, CONTRACT, more);
        let failed = ran(&mut with_a_full_disk(&command, blocks));
        assert_eq!(failed.status, Some(1), "{}", failed.stdout);
        let end = "part-00000.parquet cannot be written\n  because the parquet file cannot be written\n  \
                   because ";
        assert!(failed.stderr.contains(end), "{}", failed.stderr);
        assert!(
            failed.stderr.contains("File too large"),
            "{}",
            failed.stderr
        );
        assert_eq!(world.hidden(), Vec::<std::path::PathBuf>::new());
        assert_eq!(
            world
                .hashes()
                .iter()
                .filter(|(name, _)| name.starts_with(layer))
                .count(),
            0
        );
        // With room again the same run succeeds.
        assert_eq!(world.run(layer, CONTRACT, more).status, Some(0));
        layers.push(layer);
        assert!(world.hashes().len() >= layers.len());
    }
}

#[test]
fn a_lake_that_takes_no_files_says_so() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 1);
    fs::write(world.path().join("bronze"), "in the way").unwrap();
    let failed = world.run("bronze", "ES", &["--dt", DATE]);
    assert_eq!(failed.status, Some(1));
    assert!(
        failed.stderr.contains("bronze/source=databento"),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_second_run_waits_for_the_first_and_says_for_whom() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 2);
    let date = DATE.parse().unwrap();
    // This process plays the first run.
    let lock = world
        .lake()
        .lock(Layer::Bronze, ProductType::FutureMbo, "ES", date)
        .unwrap();
    let mut command = world.run_command("bronze", "ES", &["--dt", DATE, "--json"]);
    let mut second = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stderr = BufReader::new(second.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    let holder = format!("waiting for process {}, which holds ", std::process::id());
    assert!(line.contains(&holder), "{line}");
    assert!(second.try_wait().unwrap().is_none(), "it waits");
    assert_eq!(world.entries(), []);
    drop(lock);
    assert!(second.wait().unwrap().success());
    assert_eq!(world.hashes().len(), 1);
    assert_eq!(world.hidden(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn two_runs_at_once_make_one_partition() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 5);
    let run = || {
        let mut command = world.run_command("bronze", "ES", &["--dt", DATE, "--json"]);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let states: Vec<String> = [run(), run(), run()]
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            summary["partitions"][0]["state"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .into();
    let built = states.iter().filter(|state| *state == "built").count();
    assert_eq!(built, 1, "{states:?}");
    assert_eq!(world.hashes().len(), 1);
}
