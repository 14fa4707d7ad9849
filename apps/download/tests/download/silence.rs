//! A service that accepts connections and answers nothing: the program says that it waits, and ends.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::program::{MNQ, QQQ, Scene};
use crate::stand_in::Fault;

const ONE: &str = "futures daemon --symbols MNQ --include-futures --options-schemas none --yes";

#[test]
fn a_service_that_never_answers_ends_every_command() {
    for line in [
        format!("{MNQ} --yes"),
        format!("{} --yes", MNQ.replace("daemon", "submit")),
        format!("{QQQ} --yes"),
        format!("{QQQ} --dry-run"),
        "estimate futures --symbols MNQ".to_owned(),
        "estimate equities --symbols QQQ".to_owned(),
    ] {
        let scene = Scene::new();
        scene.service.misbehave("", Fault::Silent, 999);
        let ran = scene.fail(
            &format!("{line} --timeout 0.1"),
            &[
                "error:",
                "127.0.0.1 has not answered",
                "check the network",
                "--timeout",
            ],
        );
        assert!(ran.stderr.contains("retry "), "{}", ran.stderr);
        assert!(scene.service.jobs().is_empty());
    }
}

#[test]
fn polling_a_service_that_never_answers_ends() {
    let scene = Scene::new();
    scene.succeed(&ONE.replace("daemon", "submit"));
    scene.service.misbehave("", Fault::Silent, 999);
    for mode in ["poll", "daemon"] {
        scene.fail(
            &format!("{} --timeout 0.1", ONE.replace("daemon", mode)),
            &["error:", "127.0.0.1 has not answered"],
        );
    }
    scene.service.behave();
    scene.succeed(&ONE.replace("daemon", "poll"));
    scene.check_files();
}

#[test]
fn an_order_that_is_never_answered_is_kept_and_found_by_the_next_run() {
    let scene = Scene::new();
    scene.service.misbehave("submit_job", Fault::AnswerLost, 1);
    // The job is ordered, and from then on nothing is answered.
    let list = scene.service.count("list_jobs");
    assert_eq!(list, 0);
    scene
        .service
        .misbehave_for("get_job_details", "JOB", Fault::Silent, 999);
    scene.fail(
        &format!("{ONE} --timeout 0.1"),
        &["error:", "has not answered"],
    );
    let entry = &scene.tracker("futures")["GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo"];
    assert_eq!(entry["state"], "submitting");
    scene.service.behave();
    scene.succeed(ONE);
    assert_eq!(scene.service.jobs().len(), 1);
    scene.check_files();
}

#[test]
fn a_daemon_that_was_answered_retries_and_says_so_every_time() {
    let scene = Scene::new();
    scene.succeed(&ONE.replace("daemon", "submit"));
    // The list is answered; then the details are not, for longer than a command waits.
    scene.service.misbehave("get_job_details", Fault::Silent, 9);
    let ran = scene.succeed(&format!("{} --timeout 0.5", ONE.replace("daemon", "poll")));
    let retries = ran.stderr.matches("retry poll, failure").count();
    assert!(retries > 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("has not answered"), "{}", ran.stderr);
    scene.check_files();
}

#[test]
fn a_file_that_stops_arriving_is_resumed() {
    let scene = Scene::new();
    scene.service.misbehave(".mbo.dbn.zst", Fault::Silent, 2);
    scene.succeed(&format!("{ONE} --timeout 0.5"));
    scene.check_files();
}

#[test]
fn the_program_says_that_it_waits_before_a_call_fails() {
    let scene = Scene::new();
    scene.service.misbehave("", Fault::Silent, 999);
    let mut command = scene.command("estimate futures --symbols MNQ");
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The default timeout is far away when this line comes; without it the read ends with an error.
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.map(Result::unwrap).next().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    for text in [
        "waiting for the service: 127.0.0.1",
        "symbology.resolve",
        "ends after 150 s",
    ] {
        assert!(first.contains(text), "{first}");
    }
}
