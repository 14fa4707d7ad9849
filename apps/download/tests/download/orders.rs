//! Orders whose answers were lost, and who may order.

use serde_json::json;
use vp_databento::{Market, Tracker};
use vp_lake::Lake;

use crate::program::{MNQ, Scene};
use crate::stand_in::Fault;

const ONE: &str = "futures daemon --symbols MNQ --include-futures --options-schemas none --yes";
const KEY: &str = "GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo";

#[test]
fn an_order_whose_answer_was_lost_is_found() {
    let scene = Scene::new();
    scene.service.misbehave("submit_job", Fault::AnswerLost, 3);
    scene.succeed(&format!("{MNQ} --yes"));
    assert_eq!(scene.service.jobs().len(), 3);
    scene.check_files();
}

#[test]
fn an_order_that_never_arrived_is_sent_again() {
    let scene = Scene::new();
    scene.service.misbehave("submit_job", Fault::CallLost, 3);
    scene.succeed(&format!("{MNQ} --yes"));
    assert_eq!(scene.service.jobs().len(), 3);
    scene.check_files();
}

#[test]
fn an_order_that_is_put_off_is_sent_again() {
    let scene = Scene::new();
    let busy = Fault::Status(
        429,
        &[("retry-after", "1")],
        r#"{"detail": "slow down"}"#.into(),
    );
    scene.service.misbehave("submit_job", busy, 2);
    scene.succeed(&format!("{MNQ} --yes"));
    assert_eq!(scene.service.jobs().len(), 3);
}

/// Kills the program between an order and its answer.
fn killed() -> Scene {
    let scene = Scene::new();
    scene.service.misbehave("submit_job", Fault::KillAfter, 1);
    let status = scene.start(ONE).wait().unwrap();
    assert!(!status.success());
    assert_eq!(scene.tracker("futures")[KEY]["state"], "submitting");
    scene
}

#[test]
fn an_order_that_outlived_its_program_is_adopted() {
    for mode in ["daemon", "poll"] {
        let scene = killed();
        scene.succeed(&ONE.replace("daemon", mode));
        assert_eq!(scene.service.jobs().len(), 1);
        scene.check_files();
    }
}

#[test]
fn an_order_that_appears_late_is_found_at_the_moment_at_which_it_would_be_sent_again() {
    let scene = Scene::new();
    // The next run looks at two lists before it knows the price, and at another before it orders.
    scene.service.state().late = 2;
    scene.service.misbehave("submit_job", Fault::KillAfter, 1);
    scene.start(ONE).wait().unwrap();
    let ran = scene.succeed(ONE);
    assert!(
        ran.stderr.contains("no job at Databento matches its order"),
        "{ran:?}"
    );
    assert_eq!(scene.service.jobs().len(), 1);
    scene.check_files();
}

#[test]
fn a_refusal_says_nothing_of_an_earlier_attempt() {
    let scene = Scene::new();
    scene.service.state().late = 9;
    scene.service.misbehave("submit_job", Fault::AnswerLost, 1);
    let refused = Fault::Status(422, &[], r#"{"detail": "not like this"}"#.into());
    scene.service.misbehave("submit_job", refused, 1);
    scene.fail(ONE, &["1 failed", "not like this"]);
    assert_eq!(scene.tracker("futures")[KEY]["state"], "submitting");
    // By the time of the next run the first attempt is there.
    scene.service.state().jobs[0].late = 0;
    scene.succeed(ONE);
    assert_eq!(scene.service.jobs().len(), 1);
    scene.check_files();
}

#[test]
fn clocks_may_be_wrong_by_weeks() {
    for days in [-45, -1, 1, 45] {
        let scene = Scene::new();
        scene.service.state().ahead_s = days * 86_400;
        scene.service.misbehave("submit_job", Fault::KillAfter, 1);
        scene.start(ONE).wait().unwrap();
        let ran = scene.succeed(ONE);
        assert!(
            ran.stderr.contains("the clock of this machine is"),
            "{}",
            ran.stderr
        );
        assert_eq!(scene.service.jobs().len(), 1, "{days}");
        scene.check_files();
    }
}

#[test]
fn jobs_that_somebody_else_ordered_before_are_not_adopted() {
    let scene = Scene::new();
    scene.succeed(&ONE.replace("daemon", "submit"));
    let hour_ns = 3_600_000_000_000;
    scene.service.state().jobs[0].received_ns -= hour_ns;
    std::fs::remove_file(scene.lake().join("params/jobs/futures.json")).unwrap();
    scene.service.misbehave("submit_job", Fault::CallLost, 1);
    scene.succeed(ONE);
    assert_eq!(scene.service.jobs().len(), 2);
}

#[test]
fn several_jobs_that_may_be_it_stop_everything() {
    let scene = killed();
    let mut twin = scene.service.jobs()[0].clone();
    twin.id = "JOB-0099".into();
    scene.service.state().jobs.push(twin);
    scene.fail(
        ONE,
        &[
            KEY,
            "2 jobs at Databento match it: JOB-0001, JOB-0099",
            "as job_id",
        ],
    );
    assert_eq!(scene.service.jobs().len(), 2);
    // What the message says to do helps.
    let mut tracker = scene.tracker("futures");
    tracker[KEY]["job_id"] = json!("JOB-0099");
    tracker[KEY]["state"] = json!("submitted");
    let path = scene.lake().join("params/jobs/futures.json");
    std::fs::write(path, tracker.to_string()).unwrap();
    scene.succeed(ONE);
    assert_eq!(scene.service.jobs().len(), 2);
    assert_eq!(scene.tracker("futures")[KEY]["state"], "downloaded");
}

#[test]
fn a_second_daemon_is_kept_out() {
    let scene = Scene::new();
    let first = Tracker::open(&Lake::new(scene.lake()), Market::Futures).unwrap();
    let process = format!("locked by process {}", std::process::id());
    for mode in ["daemon", "submit", "poll"] {
        scene.fail(&ONE.replace("daemon", mode), &[&process]);
    }
    assert_eq!(scene.service.state().calls.len(), 0);
    drop(first);
    scene.succeed(ONE);
}

#[test]
fn a_broken_record_of_orders_orders_nothing() {
    let scene = Scene::new();
    let path = scene.lake().join("params/jobs/futures.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "{\"half").unwrap();
    scene.fail(ONE, &["is corrupt", "have been ordered"]);
    assert!(scene.service.state().calls.is_empty());
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"half");
}

#[test]
fn what_cannot_be_written_down_is_not_ordered() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.lake()).unwrap();
    std::fs::write(scene.lake().join("params"), "").unwrap();
    scene.fail(ONE, &["cannot be written"]);
    assert!(scene.service.jobs().is_empty());
}

#[test]
fn a_file_that_came_from_elsewhere_is_not_ordered() {
    let scene = Scene::new();
    let folder = scene.raw("product_type=future_mbo/symbol=MNQ/table=market_by_order_dbn");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("glbx-mdp3-20260206.mbo.dbn"), "").unwrap();
    let ran = scene.succeed(ONE);
    assert!(
        ran.stderr.contains(&format!("skip {KEY}")),
        "{}",
        ran.stderr
    );
    assert!(scene.service.jobs().is_empty());
}
