//! A refusal of one item (403 and every other 4xx but 401 and 402): it is reported with its dataset,
//! schema, symbol and date, and everything else is ordered and filed.

use serde_json::json;

use crate::program::{Scene, read};
use crate::stand_in::{Fault, World};

/// Two shares without options on them.
const SHARES: &str =
    "equities daemon --symbols AAA,ARL --equity-schemas mbo --options-schemas none --yes";
const AAA: &str = "XNAS.ITCH|mbo|AAA|2026-02-06|equity_mbo";
const ARL: &str = "XNAS.ITCH|mbo|ARL|2026-02-06|equity_mbo";
/// What the service says of a missing licence.
const NO_LICENCE: &str = "no live or historical licence for dataset XNAS.ITCH";

fn no_licence() -> Fault {
    let detail = json!({
        "case": "license_not_found_unauthorized", "message": NO_LICENCE, "status_code": 403,
    });
    Fault::Status(403, &[], json!({ "detail": detail }).to_string())
}

fn shares() -> Scene {
    let mut world = World::new();
    world.share("AAA");
    world.share("ARL");
    Scene::of(world)
}

/// Checks that a run failed because of one item, that the account is named as the cause, and that
/// nothing blames the key.
fn check(scene: &Scene, line: &str, item: &str) -> String {
    let ran = scene.fail(
        line,
        &["1 failed", item, NO_LICENCE, "status 403", "licence"],
    );
    for text in [&ran.stderr, &read(&scene.folder.path().join("log"))] {
        assert!(!text.contains("key"), "{text}");
    }
    // What the end of the run says stands on the line of the item.
    let report = ran.stderr.split("1 failed").nth(1).unwrap();
    let line = report.lines().find(|line| line.contains(item)).unwrap();
    assert!(line.contains(NO_LICENCE), "{line}");
    // The message itself, not the JSON around it.
    assert!(!line.contains("status_code"), "{line}");
    ran.stderr
}

#[test]
fn a_share_that_may_not_be_ordered_does_not_stop_another() {
    for call in [
        "submit_job",
        "get_cost",
        "get_billable_size",
        "symbology.resolve",
    ] {
        let scene = shares();
        scene.service.misbehave_for(call, "AAA", no_licence(), 99);
        check(&scene, SHARES, AAA);
        let jobs = scene.service.jobs();
        assert_eq!(jobs.len(), 1, "{call}");
        assert_eq!(jobs[0].symbols(), ["ARL"], "{call}");
        scene.check_files();
        let tracker = scene.tracker("equities");
        assert_eq!(tracker[ARL]["state"], "downloaded", "{call}");
        let refused = &tracker[AAA];
        if call == "submit_job" {
            assert_eq!(refused["state"], "error");
            assert!(refused["error"].as_str().unwrap().contains(NO_LICENCE));
        } else {
            assert!(refused.is_null(), "{call}: {refused}");
        }
        // Once it is allowed, the same command orders what is missing.
        scene.service.behave();
        scene.succeed(SHARES);
        assert_eq!(scene.service.jobs().len(), 2, "{call}");
        scene.check_files();
    }
}

#[test]
fn a_job_that_may_not_be_fetched_does_not_stop_another() {
    for call in ["get_job_details", "list_files", ".mbo.dbn.zst"] {
        let scene = shares();
        scene
            .service
            .misbehave_for(call, "JOB-0001", no_licence(), 99);
        check(&scene, SHARES, AAA);
        let tracker = scene.tracker("equities");
        assert_eq!(tracker[ARL]["state"], "downloaded", "{call}");
        assert_ne!(tracker[AAA]["state"], "downloaded", "{call}");
        scene.service.behave();
        scene.succeed(&SHARES.replace("daemon", "poll"));
        scene.check_files();
        assert_eq!(scene.service.jobs().len(), 2, "{call}");
    }
}

#[test]
fn an_estimate_prices_the_rest() {
    let scene = shares();
    scene
        .service
        .misbehave_for("get_cost", "AAA", no_licence(), 99);
    let line = "estimate equities --symbols AAA,ARL --options-schemas none";
    check(&scene, line, AAA);
    let ran = scene.run(line);
    assert!(ran.stdout.contains(ARL), "{}", ran.stdout);
    assert!(!ran.stdout.contains("|AAA|"), "{}", ran.stdout);
}

#[test]
fn options_that_may_not_be_ordered_leave_their_share() {
    for call in ["submit_job", "get_cost"] {
        let scene = Scene::new();
        scene
            .service
            .misbehave_for(call, "OPRA.PILLAR", no_licence(), 99);
        let ran = check(
            &scene,
            "equities daemon --symbols QQQ --yes",
            "OPRA.PILLAR|definition|QQQ|2026-02-06|definition",
        );
        assert!(ran.contains("skip options on QQQ 2026-02-06"), "{ran}");
        assert_eq!(scene.service.jobs().len(), 1, "{call}");
        scene.check_files();
    }
}

#[test]
fn options_on_futures_that_may_not_be_looked_up_leave_the_contract() {
    let line = "futures daemon --symbols MNQ --include-futures --yes";
    for (call, item) in [
        (
            "symbology.resolve",
            "GLBX.MDP3 symbols of options on MNQ 2026-02-06",
        ),
        (
            "get_cost",
            "GLBX.MDP3 definition options on MNQ 2026-02-06 (MQ1.OPT)",
        ),
        (
            "get_range",
            "GLBX.MDP3 definition options on MNQ 2026-02-06 (MQ1.OPT)",
        ),
    ] {
        let scene = Scene::new();
        scene
            .service
            .misbehave_for(call, "MQ1.OPT", no_licence(), 99);
        let ran = check(&scene, line, item);
        assert!(
            ran.contains("no options are ordered for this date"),
            "{ran}"
        );
        let jobs = scene.service.jobs();
        assert_eq!(jobs.len(), 1, "{call}");
        assert_eq!(jobs[0].symbols(), ["MNQH6"], "{call}");
        scene.check_files();
        // No other family took the place of the refused one, for good or in this run.
        scene.service.behave();
        scene.succeed(line);
        let jobs = scene.service.jobs();
        assert_eq!(jobs.len(), 3, "{call}");
        assert_eq!(jobs[1].symbols().len(), 6, "{call}");
        scene.check_files();
    }
}

#[test]
fn a_contract_that_may_not_be_looked_up_does_not_stop_another_root() {
    for call in ["get_cost", "get_range"] {
        let mut world = World::new();
        world.share("ESH6");
        world.continuous.insert("ES.v.0".into(), "ESH6".into());
        let scene = Scene::of(world);
        scene
            .service
            .misbehave_for(call, "ES.v.0", no_licence(), 99);
        check(
            &scene,
            "futures daemon --symbols ES,MNQ --include-futures --options-schemas none --yes",
            "GLBX.MDP3 definition ES 2026-02-06",
        );
        let jobs = scene.service.jobs();
        assert_eq!(jobs.len(), 1, "{call}");
        assert_eq!(jobs[0].symbols(), ["MNQH6"], "{call}");
        scene.check_files();
    }
}

#[test]
fn other_refusals_of_one_item_do_not_stop_another() {
    for status in [400, 404, 409, 422] {
        for call in ["submit_job", "get_cost", "symbology.resolve"] {
            let scene = shares();
            let refusal = Fault::Status(status, &[], r#"{"detail": "not this one"}"#.into());
            scene.service.misbehave_for(call, "AAA", refusal, 99);
            let status = format!("status {status}");
            scene.fail(SHARES, &["1 failed", AAA, "not this one", &status]);
            assert_eq!(scene.service.jobs().len(), 1);
            assert_eq!(scene.tracker("equities")[ARL]["state"], "downloaded");
        }
    }
}

#[test]
fn a_refused_key_or_payment_stops_the_run() {
    for (status, says) in [(401, "does not accept the API key"), (402, "cannot pay")] {
        for call in ["symbology.resolve", "get_cost", "submit_job", "list_jobs"] {
            let scene = shares();
            let refusal = Fault::Status(status, &[], r#"{"detail": "stop here"}"#.into());
            scene.service.misbehave(call, refusal, 99);
            scene.fail(SHARES, &["error:", says, "stop here"]);
            assert_eq!(scene.service.count(call), 1, "{status} {call}");
            assert!(scene.service.jobs().is_empty(), "{status} {call}");
        }
    }
}

#[test]
fn an_order_is_not_repeated_while_a_job_that_may_be_it_cannot_be_read() {
    let scene = shares();
    scene
        .service
        .misbehave_for("submit_job", "AAA", Fault::AnswerLost, 1);
    scene
        .service
        .misbehave_for("get_job_details", "JOB-0001", no_licence(), 99);
    check(&scene, SHARES, AAA);
    let tracker = scene.tracker("equities");
    assert_eq!(tracker[AAA]["state"], "submitting");
    assert_eq!(tracker[ARL]["state"], "downloaded");
    assert_eq!(scene.service.jobs().len(), 2);
    // It is still not known, then it is found.
    check(&scene, &SHARES.replace("daemon", "poll"), AAA);
    scene.service.behave();
    scene.succeed(SHARES);
    assert_eq!(scene.service.jobs().len(), 2);
    scene.check_files();
}

#[test]
fn what_failed_before_the_run_ended_is_listed() {
    let scene = shares();
    scene
        .service
        .misbehave_for("get_cost", "AAA", no_licence(), 99);
    let refusal = Fault::Status(402, &[], r#"{"detail": "no credit left"}"#.into());
    scene.service.misbehave("submit_job", refusal, 99);
    scene.fail(
        SHARES,
        &[
            "failed before the run ended",
            AAA,
            NO_LICENCE,
            "no credit left",
        ],
    );
}

/// Nothing is asked of the service for a day without a session; of a range such days are left out.
#[test]
fn days_without_a_session_are_left_out() {
    let line = "equities submit --symbols aaa --equity-schemas mbo --options-schemas none --yes";
    let mut scene = shares();
    scene.date = "2025-12-25";
    let expected = "equities have no session on the dates asked for: 2025-12-25 (Christmas Day); the \
                    next day with a session is 2025-12-26";
    scene.refuse(line, expected);
    assert!(scene.files().iter().all(|name| !name.ends_with("json")));
    // No server listens at that address.
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_download"));
    program.env("DATABENTO_API_KEY", "db-0123456789abcdefghijklmnopqrs");
    program.current_dir(scene.folder.path());
    program.args("estimate equities --start 2026-02-06 --end 20260208 --symbols aaa".split(' '));
    program.args("--equity-schemas mbo --options-schemas none".split(' '));
    program.args("--base-url http://127.0.0.1:1 --retry-seconds 0.01".split(' '));
    let ran = vp_testkit::program::ran(&mut program);
    let note = "note: no session, and left out: 2 days of weekends\n";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
}
