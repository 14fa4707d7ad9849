//! A run that is killed, whenever that may be.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use vp_lake::tables::{Defect, Entry, Verifier};

use crate::binary::{ALL_LAYERS, CONTRACT, DATE, World};

const MORE: [&str; 4] = ["--dt", DATE, "--session", "09:30-09:40"];

/// Returns how many runs are to be killed.
fn kills() -> usize {
    let is_soak = std::env::var_os("SPYMASTER_SOAK").is_some();
    if is_soak { 20 } else { 5 }
}

/// Kills runs at random moments.
struct Killer {
    dice: SplitMix64,
    /// How long a run takes, as far as is known: other processes may have slowed down the one that was measured.
    whole: Duration,
    interrupted: u32,
}

impl Killer {
    fn new(seed: u64, whole: Duration) -> Self {
        Self {
            dice: SplitMix64::seed_from_u64(seed),
            whole,
            interrupted: 0,
        }
    }

    /// Begins a run, and kills it if it is not over by then.
    fn kill(&mut self, mut run: Command) {
        run.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = run.spawn().unwrap();
        let share = f64::from(self.dice.next_u32()) / f64::from(u32::MAX);
        let moment = self.whole.mul_f64(share);
        // What is waited for is a random moment, not an event.
        thread::sleep(moment);
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            self.whole = moment;
        } else {
            self.interrupted += 1;
        }
    }
}

#[test]
fn soak_a_killed_run_leaves_nothing_that_looks_complete_and_the_next_makes_the_same() {
    let reference = World::new();
    reference.synthesize(DATE, "09:30", 20);
    let started = Instant::now();
    assert_eq!(reference.run(ALL_LAYERS, CONTRACT, &MORE).status, Some(0));
    let whole = started.elapsed();
    let expected = reference.hashes();

    let mut killer = Killer::new(1, whole);
    let mut runs = 0;
    // A machine that is busy for a moment only may be done before each of the first kills.
    while runs < kills() || killer.interrupted == 0 {
        runs += 1;
        let world = World::new();
        world.synthesize(DATE, "09:30", 20);
        killer.kill(world.run_command(ALL_LAYERS, CONTRACT, &MORE));
        for entry in world.entries() {
            let is_complete = entry.is_unfinished || entry.partition.is_complete();
            assert!(is_complete, "{entry:?}");
        }
        // What is complete is sound, and what the whole run would have made.
        for partition in world.hashes() {
            assert!(expected.contains(&partition), "{partition:?}");
        }
        assert_eq!(world.run(ALL_LAYERS, CONTRACT, &MORE).status, Some(0));
        assert_eq!(world.hashes(), expected);
        assert_eq!(world.hidden(), Vec::<PathBuf>::new());
    }
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
        let ran = world.run(ALL_LAYERS, CONTRACT, &overwrite(session));
        assert_eq!(ran.status, Some(0), "{}", ran.stderr);
        whole = started.elapsed();
        world.hashes()
    });

    let mut killer = Killer::new(2, whole);
    for (run, session) in sessions.into_iter().cycle().enumerate() {
        if run >= kills() && killer.interrupted > 0 {
            break;
        }
        killer.kill(world.run_command(ALL_LAYERS, CONTRACT, &overwrite(session)));
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
    let [_, last] = &known;
    let ran = world.run(ALL_LAYERS, CONTRACT, &overwrite(sessions[1]));
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert_eq!(world.hashes(), *last);
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
}
