//! What a server makes of its lake: what is no file, health, what the log says of a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;
use vp_lake::tables::{Layer, Partition};
use vp_market::{ProductType, SessionDate};
use vp_velocity::tables::{GOLD_SURFACE, SILVER_BOOK};
use vp_wire::ErrorCode;

use crate::binary::{CONTRACT, DATE, World};
use crate::running::{Running, trial};
use crate::streams::{SECONDS, query, world};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("what_is_no_file_is_refused_by_name", no_files),
        trial("health_fails_while_the_lake_is_gone", health),
        trial("many_dates_are_listed", many_dates),
    ]
}

fn partition(world: &World, layer: Layer, table: &str) -> Partition {
    let date = DATE.parse().unwrap();
    let lake = world.lake();
    lake.partition(layer, ProductType::FutureMbo, CONTRACT, table, date)
}

/// Puts a FIFO in the place of a file, and returns where the file is now.
fn replace_by_fifo(path: &Path) -> PathBuf {
    let aside = path.with_extension("aside");
    fs::rename(path, &aside).unwrap();
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
    aside
}

async fn no_files() {
    let world = world();
    let silver = partition(&world, Layer::Silver, SILVER_BOOK.name).path();
    let gold = partition(&world, Layer::Gold, GOLD_SURFACE.name).path();
    let server = Running::start_with(&world, &[]);
    for path in [
        silver.join("_MANIFEST.json"),
        silver.join("part-00000.parquet"),
        gold.join("_MANIFEST.json"),
        gold.join("part-00000.parquet"),
    ] {
        let aside = replace_by_fifo(&path);
        let (error, close) = server.connect(&query("")).await.refusal().await;
        let found = (error.code, close);
        assert_eq!(found, (ErrorCode::SourceFailed, 1011), "{error}");
        assert!(error.message.contains("a named pipe"), "{error}");
        // The client receives the path within the lake, not that of the lake.
        let name = path.strip_prefix(world.path()).unwrap().to_str().unwrap();
        assert!(error.message.contains(name), "{error}");
        assert!(!error.message.contains(world.path().to_str().unwrap()));
        assert_eq!(server.get_json("/health")["status"], "ok");
        assert_eq!(server.get("/v1/sessions").0, 200);
        fs::rename(&aside, &path).unwrap();
    }
    // Without a calibration that can be used the stream goes on.
    let parameters = world.lake().physics_parameters("ES");
    fs::create_dir_all(parameters.parent().unwrap()).unwrap();
    fs::write(&parameters, "").unwrap();
    replace_by_fifo(&parameters);
    let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
    let (batches, _, status) = viewer.rest().await;
    assert_eq!(batches.len(), SECONDS);
    let notice = status.unwrap().notice.unwrap();
    assert!(notice.contains("it is a named pipe"), "{notice}");
    assert!(!notice.contains(world.path().to_str().unwrap()), "{notice}");
    let (status, log) = server.terminate();
    assert_eq!(status, Some(0), "{log}");
    // The log has whole paths.
    let failures: Vec<_> = log
        .lines()
        .filter(|line| line.contains("source_failed"))
        .collect();
    assert_eq!(failures.len(), 4, "{log}");
    for line in failures {
        assert!(line.contains("peer=127.0.0.1:"), "{line}");
        assert!(line.contains(world.path().to_str().unwrap()), "{line}");
    }
}

async fn health() {
    let world = world();
    let server = Running::start(&world);
    assert_eq!(server.get("/health").0, 200);
    let away = world.path().with_extension("away");
    fs::rename(world.path(), &away).unwrap();
    let (status, body) = server.get("/health");
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("cannot list the folder lake"), "{body}");
    fs::rename(&away, world.path()).unwrap();
    assert_eq!(server.get("/health").0, 200);
}

async fn many_dates() {
    let world = World::new();
    let mut date: SessionDate = DATE.parse().unwrap();
    for _ in 0..1000 {
        for (layer, table) in [
            (Layer::Silver, SILVER_BOOK.name),
            (Layer::Gold, GOLD_SURFACE.name),
        ] {
            let (lake, future) = (world.lake(), ProductType::FutureMbo);
            let path = lake.partition(layer, future, CONTRACT, table, date).path();
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("_SUCCESS"), "").unwrap();
        }
        date = date.next().unwrap();
    }
    let server = Running::start(&world);
    let body = server.get_json("/v1/sessions");
    let sessions = body["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1000);
}
