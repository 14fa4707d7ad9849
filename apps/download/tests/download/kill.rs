//! The daemon is killed at random moments, also between an order and its answer; afterwards every
//! file is right, nothing was ordered twice, and nothing half is left.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::program::{MNQ, QQQ, Scene};
use crate::stand_in::Fault;

/// Runs the daemon, kills it twice, and lets it finish; returns how often it was still there to be
/// killed.
fn check(line: &str, orders: usize, calls: usize, dice: &mut impl Rng) -> usize {
    let line = format!("{line} --yes");
    let scene = Scene::new();
    let mut killed = 0;
    for _ in 0..2 {
        let roll = dice.next_u64();
        let call = usize::try_from(roll % calls as u64).unwrap();
        match (roll >> 32) % 5 {
            0 => scene.service.misbehave_after(call, Fault::KillBefore),
            1 => scene.service.misbehave_after(call, Fault::KillAfter),
            2 => scene.service.misbehave_after(call, Fault::KillWithin),
            3 => scene.service.misbehave("submit_job", Fault::KillAfter, 1),
            // At any moment, wherever the daemon is.
            _ => {}
        }
        let mut daemon = scene.start(&line);
        if (roll >> 32) % 5 == 4 {
            std::thread::sleep(Duration::from_millis((roll >> 40) % 600));
            let _ = daemon.kill();
        }
        killed += usize::from(!daemon.wait().unwrap().success());
        scene.service.behave();
    }
    scene.succeed(&line);
    scene.check_files();
    let jobs = scene.service.jobs();
    let distinct: BTreeSet<_> = jobs
        .iter()
        .map(|job| ["dataset", "schema", "symbols"].map(|name| job.get(name).to_owned()))
        .collect();
    assert_eq!((jobs.len(), distinct.len()), (orders, orders));
    for market in ["futures", "equities"] {
        if scene
            .lake()
            .join(format!("params/jobs/{market}.json"))
            .exists()
        {
            let tracker = scene.tracker(market);
            assert!(
                tracker
                    .as_object()
                    .unwrap()
                    .values()
                    .all(|entry| entry["state"] == "downloaded")
            );
        }
    }
    killed
}

/// How many orders and calls an undisturbed run makes.
fn undisturbed(line: &str) -> (usize, usize) {
    let scene = Scene::new();
    scene.succeed(&format!("{line} --yes"));
    (
        scene.service.jobs().len(),
        scene.service.state().calls.len(),
    )
}

#[test]
fn soak_a_killed_daemon_resumes_and_pays_for_nothing_twice() {
    let is_long = std::env::var_os("SPYMASTER_SOAK").is_some();
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let (kills, seed) = if is_long { (20, now.as_secs()) } else { (5, 7) };
    println!("seed {seed}");
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(seed);
    let lines = [MNQ, QQQ].map(|line| (line, undisturbed(line)));
    let mut killed = 0;
    for index in 0..kills {
        let (line, (orders, calls)) = lines[index % 2];
        println!("{index}: {line}");
        killed += check(line, orders, calls, &mut dice);
    }
    assert!(killed >= kills, "{killed} of {kills}");
}
