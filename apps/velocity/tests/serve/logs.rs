//! Where the log of a server goes.

use std::fs;

use libtest_mimic::Trial;

use crate::binary::ran;
use crate::running::{Running, trial};
use crate::streams::{query, world};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("the_log_goes_to_a_file_too_and_each_run_adds_to_it", file),
        trial("a_log_that_cannot_be_written_is_an_error", unwritable),
    ]
}

async fn file() {
    let world = world();
    let path = world.path().join("velocity.log");
    let read = || fs::read_to_string(&path).unwrap();
    let mut before = String::new();
    for run in 1..=2 {
        let server = Running::start_with(&world, &["--log-file", path.to_str().unwrap()]);
        let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
        assert_eq!(viewer.rest().await.1, 1000);
        let (status, stderr) = server.terminate();
        assert_eq!(status, Some(0), "{stderr}");
        let log = read();
        let added = log.strip_prefix(&before).expect("what was there stays");
        // Neither is a terminal, so the lines are the same, and those of this run alone.
        assert_eq!(without_times(added), without_times(&stderr), "run {run}");
        // Once, at the start, and not for the stream again.
        assert_eq!(
            added.matches("WARN ES is not calibrated").count(),
            1,
            "{added}"
        );
        assert!(added.ends_with("INFO stopped\n"), "{added}");
        before = log;
    }
}

/// Returns the lines without when they were written, which comes first.
fn without_times(log: &str) -> Vec<&str> {
    let said = log.lines().map(|line| line.split_once(' ').unwrap().1);
    said.collect()
}

async fn unwritable() {
    let world = world();
    let folder = world.path();
    let name = folder.to_str().unwrap();
    for (arguments, words) in [
        (
            ["--log-file", name],
            "the log file ".to_owned() + name + " cannot be opened",
        ),
        (
            ["--log-level", "a=b=c"],
            "the log filter \"a=b=c\" cannot be read".to_owned(),
        ),
    ] {
        let found = ran(world.program("serve").args(arguments));
        assert_eq!((found.status, &*found.stdout), (Some(1), ""));
        assert!(
            found.stderr.starts_with(&format!("error: {words}")),
            "{}",
            found.stderr
        );
    }
}
