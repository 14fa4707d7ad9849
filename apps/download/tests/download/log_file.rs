//! The log's file while a daemon runs: it may be rotated.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::program::{QQQ, Scene};

/// Nothing here takes longer, short of a hang.
const PATIENCE: Duration = Duration::from_mins(10);

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        thread::yield_now();
    }
}

#[test]
fn a_hangup_opens_the_file_again_and_the_daemon_goes_on() {
    let scene = Scene::new();
    let states = || scene.service.state();
    states().states.insert(0, ("processing", u32::MAX));
    let mut daemon = scene.start(&format!("{QQQ} --yes"));
    let [path, moved] = ["log", "log.1"].map(|name| scene.folder.path().join(name));
    wait_until("the daemon polls", || {
        let calls = states().calls.clone();
        calls
            .iter()
            .filter(|call| call.contains("list_jobs"))
            .count()
            > 2
    });
    fs::rename(&path, &moved).unwrap();
    let before = fs::read_to_string(&moved).unwrap();
    let pid = daemon.id().to_string();
    let sent = Command::new("kill").args(["-HUP", &pid]).status();
    assert!(sent.unwrap().success());
    wait_until("the file is there again", || {
        assert!(daemon.try_wait().unwrap().is_none(), "the daemon has ended");
        path.exists()
    });
    states().states.clear();
    assert!(daemon.wait().unwrap().success());
    scene.check_files();
    assert_eq!(fs::read_to_string(&moved).unwrap(), before);
    assert!(!fs::read_to_string(&path).unwrap().is_empty());
}
