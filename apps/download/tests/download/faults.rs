//! What the service says no to, and what it says oddly.

use serde_json::json;
use vp_testkit::program::ran;

use crate::program::{MNQ, QQQ, Scene};
use crate::stand_in::{Fault, World};

fn status(status: u16, detail: &serde_json::Value) -> Fault {
    Fault::Status(status, &[], json!({"detail": detail}).to_string())
}

#[test]
fn every_call_survives_a_service_that_is_out_of_order() {
    let scene = Scene::new();
    for call in [
        "symbology.resolve",
        "get_cost",
        "get_billable_size",
        "get_range",
        "submit_job",
        "list_jobs",
        "get_job_details",
        "list_files",
        "statistics.dbn.zst",
    ] {
        scene
            .service
            .misbehave(call, status(503, &json!("maintenance")), 2);
    }
    scene.succeed(&format!("{MNQ} --yes"));
    scene.check_files();
    assert_eq!(scene.service.jobs().len(), 3);
}

#[test]
fn definitions_that_break_off_are_fetched_again_whole() {
    let scene = Scene::new();
    scene.service.misbehave("get_range", Fault::Cut(150), 3);
    scene.succeed(&format!("{MNQ} --yes"));
    assert_eq!(scene.service.jobs()[1].symbols().len(), 6);
}

#[test]
fn a_key_that_is_not_accepted_stops_everything() {
    let scene = Scene::new();
    let mut command = scene.command(&format!("{MNQ} --yes"));
    command.env("DATABENTO_API_KEY", "db-wrong0123456789ABCDEFGHIJKLMN");
    let ran = ran(&mut command);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stderr.contains("does not accept the API key"),
        "{}",
        ran.stderr
    );
    assert!(scene.service.jobs().is_empty());
    assert_eq!(scene.service.state().calls.len(), 1);
}

#[test]
fn without_a_key_nothing_is_called() {
    for key in [None, Some("short")] {
        let scene = Scene::new();
        let mut command = scene.command(&format!("{MNQ} --yes"));
        command.env_remove("DATABENTO_API_KEY");
        command.envs(key.map(|key| ("DATABENTO_API_KEY", key)));
        let ran = ran(&mut command);
        assert_eq!(ran.status, Some(1));
        assert!(ran.stderr.contains("DATABENTO_API_KEY"), "{}", ran.stderr);
        assert!(scene.service.state().calls.is_empty());
    }
}

#[test]
fn an_account_that_cannot_pay_orders_nothing_more() {
    let scene = Scene::new();
    scene
        .service
        .misbehave("submit_job", status(402, &json!("no credit left")), 99);
    scene.fail(&format!("{MNQ} --yes"), &["cannot pay", "no credit left"]);
    assert_eq!(scene.service.count("submit_job"), 1);
    let tracker = scene.tracker("futures");
    let entry = &tracker["GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo"];
    assert_eq!(entry["state"], "error");
    assert!(entry["job_id"].is_null());
    // What was refused has not been ordered, and is ordered once it can be.
    scene.service.behave();
    scene.succeed(&format!("{MNQ} --yes"));
    assert_eq!(scene.service.jobs().len(), 3);
}

#[test]
fn a_refusal_is_reported_with_the_range_of_data_and_stops_nothing_else() {
    let scene = Scene::new();
    let detail = json!({
        "case": "data_end_after_available_end", "message": "too late", "status_code": 422,
        "docs": "https://example.invalid",
        "payload": {"available_start": "2017-05-21T00:00:00Z", "available_end": "2026-02-05T00:00:00Z"},
    });
    for call in ["submit_job", "get_cost"] {
        scene.service.behave();
        scene.service.misbehave(call, status(422, &detail), 1);
        scene.fail(
            &format!("{QQQ} --yes --options-schemas none"),
            &[
                "too late",
                "available from 2017-05-21T00:00:00Z to 2026-02-05T00:00:00Z",
                "1 failed",
            ],
        );
    }
    scene.succeed(&format!("{QQQ} --yes --options-schemas none"));
    scene.check_files();
    assert_eq!(scene.service.jobs().len(), 2);
}

#[test]
fn symbols_that_do_not_resolve_are_reported_and_the_rest_goes_on() {
    let scene = Scene::new();
    let wanted = "equities daemon --symbols QQQ,NOPE --equity-schemas mbo,definition --yes --options-schemas none";
    let ran = scene.fail(
        wanted,
        &[
            "XNAS.ITCH|mbo|NOPE|2026-02-06|equity_mbo: symbols that do not resolve on this date: NOPE",
            "XNAS.ITCH|definition|NOPE+QQQ|2026-02-06|definition: symbols that do not resolve on this date: NOPE",
            // The warning of the answer 206 to the order.
            "not resolved: NOPE, says [key]",
            "the file has no data for symbols that did not resolve: NOPE",
        ],
    );
    assert!(
        ran.stderr.contains("failed, everything else is done"),
        "{}",
        ran.stderr
    );
    assert_eq!(scene.service.jobs().len(), 2);
    scene.check_files();
}

#[test]
fn one_bad_root_does_not_stop_the_others() {
    let scene = Scene::new();
    scene.fail(
        "futures daemon --symbols MNQ,ZZZ --include-futures --yes",
        &[
            "1 failed",
            "ZZZ 2026-02-06",
            "has no definition on this date",
        ],
    );
    assert_eq!(scene.service.jobs().len(), 3);
    scene.check_files();
}

#[test]
fn an_unknown_state_is_kept_and_polled_on() {
    let scene = Scene::new();
    scene.service.state().states.insert(0, ("paused", 5));
    let ran = scene.succeed(&format!("{MNQ} --yes"));
    // The answer to the order bore that state, too, which the vendor's crate cannot read.
    assert!(
        ran.stderr
            .contains("found GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo JOB-0001 (paused)"),
        "{}",
        ran.stderr
    );
    assert_eq!(scene.service.jobs().len(), 3);
    scene.check_files();
}

#[test]
fn an_expired_job_is_ordered_again_only_on_demand() {
    let scene = Scene::new();
    let one = "futures daemon --symbols MNQ --include-futures --options-schemas none --yes";
    scene.succeed(&one.replace("daemon", "submit"));
    scene
        .service
        .state()
        .states
        .insert(0, ("expired", u32::MAX));
    scene.fail(
        &one.replace("daemon", "poll"),
        &["1 failed", "has expired", "--reorder-expired"],
    );
    scene.fail(one, &["1 failed", "has expired", "--reorder-expired"]);
    assert_eq!(scene.service.jobs().len(), 1);
    scene.succeed(&format!("{one} --reorder-expired"));
    assert_eq!(scene.service.jobs().len(), 2);
    let tracker = scene.tracker("futures");
    let entry = &tracker["GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo"];
    assert_eq!(
        (&entry["job_id"], &entry["replaces"]),
        (&json!("JOB-0002"), &json!("JOB-0001"))
    );
}

#[test]
fn a_share_without_options_on_the_date_is_ordered_all_the_same() {
    let mut world = World::new();
    world.share("ARL");
    world.options("ARL.OPT", "ARL", "ARL   260213", 7, 2);
    let scene = Scene::of(world);
    let ran = scene.succeed("equities daemon --symbols ARL --yes");
    assert!(
        ran.stderr.contains("no-options ARL 2026-02-06"),
        "{}",
        ran.stderr
    );
    let schemas: Vec<_> = scene
        .service
        .jobs()
        .iter()
        .map(|job| job.get("schema").to_owned())
        .collect();
    assert_eq!(schemas, ["definition", "mbo"]);
}

#[test]
fn more_options_than_a_request_may_name_are_ordered_as_their_family() {
    let mut world = World::new();
    world.options("MQ1.OPT", "MNQH6", "MQ1G6 M", 0, 1_995);
    world.options("QQQ.OPT", "QQQ", "QQQ   M", 0, 1_994);
    let scene = Scene::of(world);
    scene.succeed("futures daemon --symbols MNQ --options-schemas mbo --yes");
    scene.succeed(
        "equities daemon --symbols QQQ --equity-schemas none --options-schemas cmbp-1 --yes",
    );
    let ordered: Vec<_> = scene
        .service
        .jobs()
        .iter()
        .map(|job| {
            (
                job.get("stype_in").to_owned(),
                job.symbols().len(),
                job.symbols()[0].to_owned(),
            )
        })
        .collect();
    assert_eq!(ordered[0], ("parent".into(), 1, "MQ1.OPT".into()));
    assert_eq!(
        ordered[2],
        ("raw_symbol".into(), 2_000, "QQQ   260206C21000".into())
    );
}

#[test]
fn options_of_the_next_days_stand_in_for_those_of_the_date() {
    let mut world = World::default();
    world.share("MNQH6");
    world.continuous.insert("MNQ.v.0".into(), "MNQH6".into());
    // A family of the date that is on another contract, and Monday's.
    world.options("MQ1.OPT", "MNQM6", "MQ1G6 ", 0, 2);
    world.options("D2A.OPT", "MNQH6", "D2AG6 ", 3, 4);
    let scene = Scene::of(world);
    scene.succeed("futures daemon --symbols MNQ --options-schemas mbo --yes");
    assert_eq!(scene.service.jobs()[0].symbols().len(), 4);
    let cache =
        "dataset=definition/venue=glbx/type=futures_options/symbol=MNQ/resolved_2026-02-06.json";
    let cache = crate::program::read(&scene.raw(cache));
    assert!(
        cache.contains("3dte_Mon") && cache.contains("D2A.OPT"),
        "{cache}"
    );
    scene.check_files();
}

#[test]
fn a_date_without_options_is_reported_and_not_paid_for_twice() {
    let mut world = World::default();
    world.share("MNQH6");
    world.continuous.insert("MNQ.v.0".into(), "MNQH6".into());
    world.options("MQ1.OPT", "MNQM6", "MQ1G6 ", 0, 2);
    let scene = Scene::of(world);
    for _ in 0..2 {
        scene.fail(
            &format!("{MNQ} --yes"),
            &[
                "1 failed",
                "no option family has options on MNQH6; families that exist: MQ1.OPT",
            ],
        );
    }
    assert_eq!(scene.service.count("get_range"), 2);
    assert_eq!(scene.service.jobs().len(), 1);
}

#[test]
fn the_definitions_that_are_kept_are_those_of_the_chosen_family() {
    let mut world = World::default();
    world.share("MNQH6");
    world.continuous.insert("MNQ.v.0".into(), "MNQH6".into());
    // The last weekday of the month: the monthly family is a candidate of the date, and the last
    // one again; another comes between.
    world.options("MQE.OPT", "MNQH6", "MQEH6 ", 49, 3);
    world.options("D1A.OPT", "MNQM6", "D1AH6 ", 24, 2);
    let mut scene = Scene::of(world);
    scene.date = "2026-02-27";
    scene.succeed("futures daemon --symbols MNQ --options-schemas mbo --yes");
    let folder = "dataset=definition/venue=glbx/type=futures_options/symbol=MNQ";
    let kept = scene.raw(&format!("{folder}/glbx-mdp3-20260227.definition.dbn.zst"));
    let kept = vp_ingest::DbnReader::open(&kept).unwrap();
    assert_eq!(kept.metadata().symbols, ["MQE.OPT"]);
    assert_eq!(scene.service.count("get_range"), 3);
    assert_eq!(scene.raw(folder).read_dir().unwrap().count(), 2);
    assert_eq!(scene.service.jobs()[0].symbols().len(), 3);
}
