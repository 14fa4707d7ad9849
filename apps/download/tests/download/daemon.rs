//! A whole run: the right jobs, files at their paths, the record of orders and the cache.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use vp_testkit::program::{Ran, ran};

use crate::program::{MNQ, QQQ, Scene, read};
use crate::stand_in::{Job, World};

/// What a job is of, in one line.
fn describe(job: &Job) -> String {
    let fields = ["dataset", "schema", "stype_in", "stype_out", "symbols"];
    fields.map(|name| job.get(name)).join(" ")
}

#[test]
fn futures_are_ordered_fetched_and_filed() {
    let scene = Scene::new();
    scene.succeed(&format!("{MNQ} --yes"));
    let options = "MQ1G6 C21000,MQ1G6 C21002,MQ1G6 C21004,MQ1G6 P21001,MQ1G6 P21003,MQ1G6 P21005";
    let jobs = scene.service.jobs();
    assert_eq!(
        jobs.iter().map(describe).collect::<Vec<_>>(),
        [
            "GLBX.MDP3 mbo raw_symbol instrument_id MNQH6".to_owned(),
            format!("GLBX.MDP3 mbo raw_symbol instrument_id {options}"),
            format!("GLBX.MDP3 statistics raw_symbol instrument_id {options}"),
        ]
    );
    for job in &jobs {
        for (name, value) in [
            ("encoding", "dbn"),
            ("compression", "zstd"),
            ("delivery", "download"),
            ("split_duration", "day"),
            ("start", "1770336000000000000"),
            ("end", "1770422400000000000"),
        ] {
            assert_eq!(job.get(name), value);
        }
    }
    scene.check_files();
    assert_eq!(
        scene.files(),
        [
            "params/jobs/futures.json",
            "raw/source=databento/dataset=definition/venue=glbx/type=futures_options/symbol=MNQ/glbx-mdp3-20260206.definition.dbn.zst",
            "raw/source=databento/dataset=definition/venue=glbx/type=futures_options/symbol=MNQ/resolved_2026-02-06.json",
            "raw/source=databento/product_type=future_mbo/symbol=MNQ/table=market_by_order_dbn/glbx-mdp3-20260206.mbo.dbn.zst",
            "raw/source=databento/product_type=future_option_mbo/symbol=MNQ/table=market_by_order_dbn/glbx-mdp3-20260206.mbo.dbn.zst",
            "raw/source=databento/product_type=future_option_mbo/symbol=MNQ/table=statistics/glbx-mdp3-20260206.statistics.dbn.zst",
        ]
    );
    let tracker = scene.tracker("futures");
    let entries = tracker.as_object().unwrap();
    assert_eq!(
        entries.keys().collect::<Vec<_>>(),
        [
            "GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo",
            "GLBX.MDP3|mbo|MNQ|2026-02-06|future_option_mbo",
            "GLBX.MDP3|statistics|MNQ|2026-02-06|future_option_mbo",
        ]
    );
    let entry = &entries["GLBX.MDP3|mbo|MNQ|2026-02-06|future_option_mbo"];
    for (name, value) in [
        ("job_id", "JOB-0002"),
        ("state", "downloaded"),
        ("stype_in", "raw_symbol"),
    ] {
        assert_eq!(entry[name], value);
    }
    assert_eq!(entry["symbols_count"], 6);
    assert_eq!(entry["symbols_digest"].as_str().unwrap().len(), 64);
    assert_eq!(entry["cost"], 0.2);
    assert_eq!(entry["files"][0]["name"], "glbx-mdp3-20260206.mbo.dbn.zst");
    assert!(entry["error"].is_null());
    for name in ["submitted_at", "updated_at", "downloaded_at"] {
        assert!(entry[name].as_str().unwrap().ends_with('Z'), "{name}");
    }
    let cache =
        "dataset=definition/venue=glbx/type=futures_options/symbol=MNQ/resolved_2026-02-06.json";
    let cache: serde_json::Value = serde_json::from_str(&read(&scene.raw(cache))).unwrap();
    assert_eq!(cache["contract"], "MNQH6");
    assert_eq!(cache["options"]["candidate"], "0dte");
    assert_eq!(cache["options"]["parent"], "MQ1.OPT");
    assert_eq!(cache["options"]["expiration"], "2026-02-06");
    assert_eq!(cache["options"]["symbols"].as_array().unwrap().len(), 6);
}

#[test]
fn a_second_run_orders_and_asks_for_nothing_that_costs() {
    let scene = Scene::new();
    scene.succeed(&format!("{MNQ} --yes"));
    let paid = |call| scene.service.count(call);
    let before = (paid("submit_job"), paid("get_range"));
    assert_eq!(before, (3, 2));
    scene.succeed(&format!("{MNQ} --yes"));
    assert_eq!((paid("submit_job"), paid("get_range")), before);
}

#[test]
fn equities_are_ordered_phase_by_phase() {
    let scene = Scene::new();
    scene.succeed(&format!("{QQQ} --yes"));
    let options = "QQQ   260206C21000,QQQ   260206C21002,QQQ   260206C21004,QQQ   260206P21001,QQQ   260206P21003,QQQ   260206P21005";
    assert_eq!(
        scene
            .service
            .jobs()
            .iter()
            .map(describe)
            .collect::<Vec<_>>(),
        [
            "OPRA.PILLAR definition parent instrument_id QQQ.OPT".to_owned(),
            "XNAS.ITCH definition raw_symbol instrument_id QQQ".to_owned(),
            "XNAS.ITCH mbo raw_symbol instrument_id QQQ".to_owned(),
            format!("OPRA.PILLAR cmbp-1 raw_symbol instrument_id {options}"),
            format!("OPRA.PILLAR statistics raw_symbol instrument_id {options}"),
        ]
    );
    scene.check_files();
    assert_eq!(
        scene.files(),
        [
            "params/jobs/equities.json",
            "raw/source=databento/dataset=definition/venue=opra/symbol=QQQ/opra-pillar-20260206.definition.dbn.zst",
            "raw/source=databento/dataset=definition/venue=xnas/xnas-itch-20260206.definition.dbn.zst",
            "raw/source=databento/product_type=equity_mbo/symbol=QQQ/table=market_by_order_dbn/xnas-itch-20260206.mbo.dbn.zst",
            "raw/source=databento/product_type=equity_option_cmbp_1/symbol=QQQ/table=cmbp_1/opra-pillar-20260206.cmbp-1.dbn.zst",
            "raw/source=databento/product_type=equity_option_statistics/symbol=QQQ/table=statistics/opra-pillar-20260206.statistics.dbn.zst",
        ]
    );
}

#[test]
fn equities_can_be_ordered_step_by_step() {
    let scene = Scene::new();
    let submit = format!("{} --yes", QQQ.replace("daemon", "submit"));
    let poll = QQQ.replace("daemon", "poll");
    let orders = || scene.service.jobs().len();
    let ran = scene.succeed(&submit);
    assert!(
        ran.stderr.contains("waiting QQQ 2026-02-06"),
        "{}",
        ran.stderr
    );
    assert_eq!(orders(), 3);
    scene.succeed(&submit);
    assert_eq!(orders(), 3);
    scene.succeed(&poll);
    assert_eq!(orders(), 3);
    scene.succeed(&submit);
    assert_eq!(orders(), 5);
    scene.succeed(&poll);
    scene.check_files();
}

#[test]
fn definitions_of_shares_are_one_file_of_all_symbols() {
    let mut world = World::new();
    world.share("SPY");
    let scene = Scene::of(world);
    let line = |symbols: &str| {
        format!(
            "equities daemon --yes --symbols {symbols} --equity-schemas definition --options-schemas none"
        )
    };
    scene.succeed(&line("QQQ,SPY"));
    assert_eq!(
        describe(&scene.service.jobs()[0]),
        "XNAS.ITCH definition raw_symbol instrument_id QQQ,SPY"
    );
    // What the file holds is not ordered again; what it lacks has no place to go.
    scene.succeed(&line("SPY"));
    scene.fail(
        &line("ARL,SPY"),
        &[
            "definitions of ARL+SPY 2026-02-06",
            "holds QQQ, SPY; move it away",
        ],
    );
    assert_eq!(scene.service.jobs().len(), 1);
    scene.check_files();
}

#[test]
fn two_daemons_keep_the_limit_of_calls_together() {
    let scene = Scene::new();
    let other = scene.start(&format!("{QQQ} --yes"));
    scene.succeed(&format!("{MNQ} --yes"));
    let ended = other.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert_eq!(scene.service.jobs().len(), 8);
    scene.check_files();
    let state = scene.service.state();
    let is_limited = |call: &str| !call.contains("submit_job") && !call.contains("dbn.zst");
    let times: Vec<_> = (state.calls.iter().zip(&state.times))
        .filter(|(call, _)| is_limited(call))
        .map(|(_, time)| *time)
        .collect();
    assert!(times.len() > 60, "{}", times.len());
    for calls in times.windows(21) {
        assert!(calls[20] - calls[0] >= Duration::from_secs(1));
    }
}

/// Runs another program of the workspace on the lake.
fn run(scene: &Scene, name: &str, line: &str) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_download")).with_file_name(name);
    if !program.exists() {
        let mut build = Command::new(env!("CARGO"));
        let built = build.args(["build", "--package", name]).status();
        assert!(built.unwrap().success());
    }
    let mut command = Command::new(program);
    command
        .args(line.split(' '))
        .arg("--lake")
        .arg(scene.lake());
    let ran = ran(&mut command);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    ran
}

#[test]
fn the_other_programs_run_on_what_was_downloaded() {
    let scene = Scene::new();
    scene.succeed(&format!("{MNQ} --yes --options-schemas none"));
    scene.succeed(&format!("{QQQ} --yes --options-schemas none"));
    for (product_type, symbol) in [("future_mbo", "MNQH6"), ("equity_mbo", "QQQ")] {
        let session =
            format!("run --product-type {product_type} --symbol {symbol} --dt 2026-02-06");
        let ran = run(&scene, "vp-live", &format!("{session} --json"));
        let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(summary["events"].as_u64().unwrap() > 1_000, "{summary}");
        // The files hold a minute.
        let hours = "--session 09:30-09:31";
        run(
            &scene,
            "velocity",
            &format!("{session} --layer silver,gold {hours}"),
        );
        let gold = format!("gold/product_type={product_type}/symbol={symbol}/");
        let gold = scene
            .files()
            .iter()
            .any(|path| path.starts_with(&gold) && path.ends_with("_SUCCESS"));
        assert!(gold, "{:#?}", scene.files());
    }
}
