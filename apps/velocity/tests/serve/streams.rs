//! What a viewer decodes is what the partitions hold.

use std::collections::BTreeMap;
use std::fs;

use libtest_mimic::{Completion, Trial};
use vp_market::ProductType;
use vp_velocity::Dynamics;
use vp_velocity::calibration::{Baselines, Evaluation, Metrics, Parameters};
use vp_wire::{Batch, Numbers, Surfaces, Table};

use crate::binary::{ALL_LAYERS, CONTRACT, DATE, SHARE, World, ran};
use crate::expected::{Session, received};
use crate::running::{Running, run, trial};

/// The length of the synthetic session, in seconds.
pub(crate) const SECONDS: usize = 20;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("every_surface_is_that_of_the_partitions", every_surface),
        trial("those_of_a_share_and_its_options_too", share),
        trial("without_options_their_surface_is_empty", without_options),
        trial("version_1_is_streamed_as_before", version_1),
        trial("what_can_be_streamed_is_listed_with_what_is_missing", lists),
        trial(
            "a_calibration_that_cannot_be_used_is_told_and_does_without",
            corrupt,
        ),
        Trial::ignorable_test(
            "esh4_streams_without_options",
            || match vp_testkit::shared::path("data/lake/raw") {
                Some(raw) => {
                    run(esh4(raw));
                    Ok(Completion::Completed)
                }
                None => Ok(Completion::ignored_with(
                    "the folder of SPYMASTER_SHARED is not there",
                )),
            },
        ),
    ]
}

/// Returns a lake whose future has all layers.
pub(crate) fn world() -> World {
    let world = World::new();
    world.synthesize(DATE, "09:30", SECONDS as u64 + 2);
    let session = format!("09:30-09:30:{SECONDS}");
    let made = world.run(ALL_LAYERS, CONTRACT, &["--dt", DATE, "--session", &session]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    world
}

pub(crate) fn session(world: &World) -> Session<'static> {
    Session {
        lake: world.lake(),
        product_type: ProductType::FutureMbo,
        symbol: CONTRACT,
        dt: DATE,
        dynamics: Dynamics::DRIFT_ONLY,
        horizon_s: 30,
    }
}

/// Returns the query of the session, and what follows.
pub(crate) fn query(rest: &str) -> String {
    format!("symbol={CONTRACT}&dt={DATE}&{rest}")
}

/// Checks the batches of a whole stream.
fn check(batches: &[Batch<'_>], session: &Session<'_>) {
    let expected = session.windows();
    assert_eq!(batches.len(), expected.len());
    for (index, (batch, expected)) in batches.iter().zip(&expected).enumerate() {
        assert_eq!(batch.seq, index as u64 + 1);
        assert!(received(batch) == *expected, "window {index} differs");
    }
}

fn parameters(beta: f64, gamma: f64) -> Parameters {
    let evaluation = Evaluation::default();
    Parameters {
        root: "ES".into(),
        beta,
        gamma,
        train_dates: vec![DATE.into()],
        holdout_dates: Vec::new(),
        train_samples: 18,
        metrics: Metrics::of(&evaluation),
        baselines: Baselines::of(&evaluation),
        lineage: Vec::new(),
        created_at: "2026-02-07T00:00:00Z".into(),
    }
}

fn write_parameters(world: &World, text: &str) {
    let path = world.lake().physics_parameters("ES");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

async fn every_surface() {
    let world = world();
    world.synthesize_options(DATE, "09:30", SECONDS as u64 + 2);
    let mut options = world.program("run");
    options.args(["--product-type", "future_option_mbo", "--layer", ALL_LAYERS]);
    let made = ran(options.args(["--symbol", CONTRACT, "--dt", DATE]));
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    write_parameters(&world, &parameters(150.0, 0.25).to_json());

    let server = Running::start(&world);
    let rest = "speed=0&lossless=1&horizon_s=7";
    let mut viewer = server.connect(&query(rest)).await;
    let config = viewer.config().await;
    assert_eq!(
        (&*config.mode, &*config.stream_format),
        ("velocity", "surfaces")
    );
    assert_eq!((&*config.symbol, &*config.stream.dt), (CONTRACT, DATE));
    let content = config.batches().unwrap();
    assert_eq!(content.surfaces, Surfaces::fields());
    assert_eq!(content.strike_ticks, Some(20));
    assert_eq!((content.calibrated, content.horizon_s), (true, 7));
    assert_eq!((content.beta, content.gamma), (150.0, 0.25));
    let (batches, code, status) = viewer.rest().await;
    assert_eq!(code, 1000);
    let status = status.unwrap();
    assert_eq!(status.records, SECONDS as u64);
    assert_eq!((status.progress, status.notice), (Some(1.0), None));
    assert_eq!(status.anomalies, BTreeMap::new());
    let expected = Session {
        dynamics: Dynamics::new(150.0, 0.25).unwrap(),
        horizon_s: 7,
        ..session(&world)
    };
    check(&batches, &expected);
    let last = &batches.last().unwrap().surfaces;
    assert_eq!((last.snap.rows, last.forecast.rows), (1, 8));
    assert_eq!(last.velocity.rows % 401, 0);
    assert!(last.velocity.rows > 0 && last.options.rows > 1);
}

async fn share() {
    let world = World::new();
    world.synthesize_share(DATE, "09:30", SECONDS as u64 + 2);
    let session = format!("09:30-09:30:{SECONDS}");
    for (product_type, more) in [
        (ProductType::EquityMbo, &["--session", &session][..]),
        (ProductType::EquityOptionCmbp1, &[]),
    ] {
        let mut layers = world.program("run");
        layers.args(["--product-type", product_type.name(), "--layer", ALL_LAYERS]);
        let made = ran(layers.args(["--symbol", SHARE, "--dt", DATE]).args(more));
        assert_eq!(made.status, Some(0), "{}", made.stderr);
    }
    let server = Running::start(&world);
    let sessions = server.get_json("/v1/sessions");
    let listed = serde_json::json!([{
        "product_type": "equity_mbo", "symbol": SHARE, "dt": DATE, "source": "file",
        "ready": true, "missing": [],
    }]);
    assert_eq!(sessions["sessions"], listed);
    let stream = format!("product_type=equity_mbo&symbol={SHARE}&dt={DATE}&speed=0&lossless=1");
    let mut viewer = server.connect(&stream).await;
    let config = viewer.config().await;
    assert_eq!(
        (&*config.product_type, &*config.symbol),
        ("equity_mbo", SHARE)
    );
    assert_eq!(config.bucket_int, 500_000_000);
    // A strike a point, a bucket half of one.
    assert_eq!(config.batches().unwrap().strike_ticks, Some(2));
    let (batches, code, _) = viewer.rest().await;
    assert_eq!((batches.len(), code), (SECONDS, 1000));
    let expected = Session {
        product_type: ProductType::EquityMbo,
        symbol: SHARE,
        ..self::session(&world)
    };
    check(&batches, &expected);
    // The first window ends where the records begin.
    for surfaces in batches[1..].iter().map(|batch| &batch.surfaces) {
        assert_eq!((surfaces.velocity.rows, surfaces.options.rows), (802, 51));
        assert_eq!(surfaces.forecast.rows, 31);
    }
    let last = &batches.last().unwrap().surfaces;
    assert_eq!(moving(&last.velocity).len(), 7);
    // Quotes do not show what rests, so there is no pressure.
    let expected = ["liquidity_velocity", "u_wave_energy", "nu", "Omega"];
    assert_eq!(moving(&last.options), expected);
}

/// Returns the columns of floats that are not 0 throughout.
fn moving<'a>(table: &'a Table<'_>) -> Vec<&'a str> {
    let is_moving = |numbers: &Numbers<'_>| match numbers {
        Numbers::F64(values) => values.iter().any(|value| *value != 0.0),
        _ => false,
    };
    let moving = table.columns.iter().filter(|c| is_moving(&c.numbers));
    moving.map(|column| &*column.name).collect()
}

async fn version_1() {
    let world = world();
    let expected = session(&world).windows();
    world.downgrade(|_| true);
    assert_eq!(world.versions(), [1; 3]);
    let server = Running::start(&world);
    let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
    let (batches, code, _) = viewer.rest().await;
    assert_eq!((batches.len(), code), (SECONDS, 1000));
    // Before the first record there is no spot, and then there is one.
    assert_eq!(batches[0].spot_ref_price_int, None);
    assert!(batches[1].spot_ref_price_int.is_some());
    for (index, (batch, expected)) in batches.iter().zip(&expected).enumerate() {
        assert!(received(batch) == *expected, "window {index} differs");
    }
}

async fn without_options() {
    let world = world();
    let server = Running::start(&world);
    let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
    let config = viewer.config().await;
    let content = config.batches().unwrap();
    assert_eq!(
        (content.calibrated, content.beta, content.gamma),
        (false, 0.0, 0.0)
    );
    let (batches, code, status) = viewer.rest().await;
    assert_eq!(code, 1000);
    assert!(
        status
            .unwrap()
            .notice
            .unwrap()
            .contains("ES is not calibrated")
    );
    check(&batches, &session(&world));
    for batch in &batches {
        assert_eq!(
            (
                batch.surfaces.options.rows,
                batch.surfaces.options.columns.len()
            ),
            (0, 7)
        );
    }
}

async fn lists() {
    let world = world();
    world.synthesize("2026-02-09", "09:30", 3);
    let made = world.run("bronze", "ES", &["--dt", "2026-02-09"]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let server = Running::start(&world);
    let entry = |dt: &str, ready: bool, missing: &[&str]| {
        serde_json::json!({
            "product_type": "future_mbo", "symbol": CONTRACT, "dt": dt, "source": "file",
            "ready": ready, "missing": missing,
        })
    };
    let expected = [
        entry(DATE, true, &[]),
        entry("2026-02-09", false, &["silver"]),
    ];
    assert_eq!(
        server.get_json("/v1/sessions")["sessions"],
        serde_json::json!(expected)
    );
    let health = server.get_json("/health");
    assert_eq!(
        (&health["status"], &health["service"]),
        (&"ok".into(), &"velocity".into())
    );
    assert_eq!(
        server.get_json("/v1/replays")["replays"],
        serde_json::json!([])
    );
    assert!(server.get_json("/v1/products").is_object());
    assert_eq!(server.get("/metrics").0, 200);
    assert_eq!(server.get("/v1/vacuum-pressure/stream").0, 404);
    let (status, page) = server.get("/velocity.html");
    assert!(
        status == 200 && page.starts_with("<!doctype html>"),
        "{page}"
    );
    assert_eq!(server.get("/"), (200, page));
}

async fn corrupt() {
    let world = world();
    let good = parameters(1.0, 0.5).to_json();
    let server = Running::start(&world);
    for bad in [&good[..good.len() / 2], "", &good.replace("0.5", "-0.5")] {
        write_parameters(&world, bad);
        let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
        let config = viewer.config().await;
        let content = config.batches().unwrap();
        assert_eq!((content.calibrated, content.beta), (false, 0.0));
        let (batches, code, status) = viewer.rest().await;
        assert_eq!((batches.len(), code), (SECONDS, 1000));
        let notice = status.unwrap().notice.unwrap();
        assert!(notice.contains("ES.json cannot be used"), "{notice}");
    }
    // A calibration that is made meanwhile counts for the next stream.
    write_parameters(&world, &good);
    let config = server.connect(&query("")).await.config().await;
    assert!(config.batches().unwrap().calibrated);
}

async fn esh4(raw: std::path::PathBuf) {
    let world = World::new();
    fs::create_dir_all(world.path()).unwrap();
    // Raw files are only read: the shared ones are linked to, not copied.
    std::os::unix::fs::symlink(raw, world.path().join("raw")).unwrap();
    let dt = "2023-12-25";
    let made = world.run(
        ALL_LAYERS,
        "ESH4",
        &["--dt", dt, "--session", "18:00-18:02"],
    );
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let server = Running::start(&world);
    let stream = format!("symbol=ESH4&dt={dt}&speed=0&lossless=1");
    let mut viewer = server.connect(&stream).await;
    assert!(!viewer.config().await.batches().unwrap().calibrated);
    let (batches, code, _) = viewer.rest().await;
    assert_eq!(code, 1000);
    let expected = Session {
        symbol: "ESH4",
        dt,
        ..session(&world)
    };
    check(&batches, &expected);
    assert!(batches.iter().all(|batch| batch.surfaces.options.rows == 0));
    assert!(
        batches
            .iter()
            .any(|batch| batch.surfaces.forecast.rows == 31)
    );
}
