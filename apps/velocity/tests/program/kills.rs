//! A run that is killed, whenever that may be.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use vp_lake::tables::{Defect, Entry, Verifier};

use crate::binary::{CONTRACT, DATE, World};

const MORE: [&str; 4] = ["--dt", DATE, "--session", "09:30-09:40"];

/// Returns how many runs are to be killed.
fn kills() -> u32 {
    let is_soak = std::env::var_os("SPYMASTER_SOAK").is_some();
    if is_soak { 20 } else { 5 }
}

/// Begins a run, and kills it at a random moment of one that takes so long. Returns whether it was
/// interrupted.
fn kill(mut run: Command, dice: &mut SplitMix64, whole: Duration) -> bool {
    run.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = run.spawn().unwrap();
    // What is waited for is a random moment, not an event.
    thread::sleep(moment(dice, whole));
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

#[test]
fn soak_a_killed_run_leaves_nothing_that_looks_complete_and_the_next_makes_the_same() {
    let reference = World::new();
    reference.synthesize(DATE, "09:30", 20);
    let started = Instant::now();
    assert_eq!(reference.run("all", CONTRACT, &MORE).status, Some(0));
    let whole = started.elapsed();
    let expected = reference.hashes();

    let mut dice = SplitMix64::seed_from_u64(1);
    let mut interrupted = 0;
    for _ in 0..kills() {
        let world = World::new();
        world.synthesize(DATE, "09:30", 20);
        let run = world.run_command("all", CONTRACT, &MORE);
        interrupted += u32::from(kill(run, &mut dice, whole));
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
        assert_eq!(world.hidden(), Vec::<PathBuf>::new());
    }
    assert!(interrupted > 0, "no run was interrupted");
}

#[test]
fn soak_a_killed_overwrite_leaves_the_old_partition_or_the_new_one() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 20);
    let sessions = ["09:30-09:40", "09:30-09:35"];
    let overwrite = |session: &'static str| ["--dt", DATE, "--session", session, "--overwrite"];
    let mut whole = Duration::ZERO;
    let known = sessions.map(|session| {
        let started = Instant::now();
        let ran = world.run("all", CONTRACT, &overwrite(session));
        assert_eq!(ran.status, Some(0), "{}", ran.stderr);
        whole = started.elapsed();
        world.hashes()
    });

    let mut dice = SplitMix64::seed_from_u64(2);
    let mut interrupted = 0;
    for session in sessions.into_iter().cycle().take(kills() as usize) {
        let run = world.run_command("all", CONTRACT, &overwrite(session));
        interrupted += u32::from(kill(run, &mut dice, whole));
        // Every one is there, whole, and of one of the two sessions; gold may be of the other one
        // than silver is by now, which is what the verifier says of it.
        let mut verifier = Verifier::new(world.lake());
        let entries = world.entries().into_iter();
        let found: Vec<_> = entries.filter(|entry| !entry.is_unfinished).collect();
        assert_eq!(found.len(), known[0].len());
        for Entry { partition, .. } in found {
            let hash = partition.manifest().unwrap().unwrap().content_sha256;
            let is_known = known.iter().flatten().any(|(_, known)| *known == hash);
            assert!(is_known, "{partition:?}");
            let defects = verifier.verify(&partition);
            let is_stale = |defect: &Defect| matches!(defect, Defect::InputChanged { .. });
            assert!(defects.iter().all(is_stale), "{defects:?}");
        }
    }
    assert!(interrupted > 0, "no run was interrupted");
    let [_, last] = &known;
    let ran = world.run("all", CONTRACT, &overwrite(sessions[1]));
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert_eq!(world.hashes(), *last);
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
}

/// Returns a random moment of a run that takes so long.
fn moment(dice: &mut SplitMix64, whole: Duration) -> Duration {
    let share = f64::from(dice.next_u32()) / f64::from(u32::MAX);
    whole.mul_f64(share)
}
