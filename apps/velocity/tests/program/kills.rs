//! A run that is killed, whenever that may be.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::binary::{CONTRACT, DATE, World};

const MORE: [&str; 4] = ["--dt", DATE, "--session", "09:30-09:40"];

#[test]
fn soak_a_killed_run_leaves_nothing_that_looks_complete_and_the_next_makes_the_same() {
    let is_soak = std::env::var_os("SPYMASTER_SOAK").is_some();
    let kills = if is_soak { 20 } else { 5 };
    let reference = World::new();
    reference.synthesize(DATE, "09:30", 20);
    let started = Instant::now();
    assert_eq!(reference.run("all", CONTRACT, &MORE).status, Some(0));
    let whole = started.elapsed();
    let expected = reference.hashes();

    let mut dice = SplitMix64::seed_from_u64(1);
    let mut interrupted = 0;
    for _ in 0..kills {
        let world = World::new();
        world.synthesize(DATE, "09:30", 20);
        let mut command = world.run_command("all", CONTRACT, &MORE);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // What is waited for is a random moment, not an event.
        thread::sleep(moment(&mut dice, whole));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        interrupted += u32::from(!status.success());
        for entry in world.entries() {
            let is_complete = entry.is_unfinished || entry.partition.is_complete();
            assert!(is_complete, "{entry:?}");
        }
        // What is complete is sound, and what the whole run would have made.
        for partition in world.hashes() {
            assert!(expected.contains(&partition), "{partition:?}");
        }
        assert_eq!(world.run("all", CONTRACT, &MORE).status, Some(0));
        assert_eq!(world.hashes(), expected);
        assert_eq!(world.hidden(), Vec::<std::path::PathBuf>::new());
    }
    assert!(interrupted > 0, "no run was interrupted");
}

/// Returns a random moment of a run that takes so long.
fn moment(dice: &mut SplitMix64, whole: Duration) -> Duration {
    let share = f64::from(dice.next_u32()) / f64::from(u32::MAX);
    whole.mul_f64(share)
}
