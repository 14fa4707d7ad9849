//! What cannot be streamed is refused by name, and the server stays up.

use std::fs;

use libtest_mimic::Trial;
use vp_lake::tables::{Layer, Table};
use vp_market::ProductType;
use vp_velocity::tables::{GOLD_SURFACE, SILVER_BOOK, SILVER_FLOW};
use vp_wire::ErrorCode;

use crate::binary::{CONTRACT, DATE};
use crate::running::{Running, trial};
use crate::streams::{SECONDS, query, world};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("a_query_that_is_wrong_names_the_parameter", queries),
        trial(
            "a_date_without_silver_names_the_command_that_makes_it",
            no_silver,
        ),
        trial("damaged_gold_ends_its_streams_alone", damaged),
        trial("silver_and_gold_of_two_versions_are_not_mixed", versions),
    ]
}

async fn refused(server: &Running, query: &str, code: ErrorCode, word: &str) {
    let (error, close) = server.connect(query).await.refusal().await;
    assert_eq!(
        (error.code, close),
        (code, code.close_code()),
        "{query}: {error}"
    );
    assert!(error.message.contains(word), "{query}: {error}");
}

async fn queries() {
    let world = world();
    let server = Running::start(&world);
    for (rest, word) in [
        ("speeds=1", "speeds"),
        ("source=file", "source"),
        ("speed=-1", "speed"),
        ("speed=fast", "speed"),
        ("horizon_s=0", "horizon_s"),
        ("horizon_s=3601", "horizon_s"),
        ("horizon_s=1.5", "horizon_s"),
        ("start_time=25:00", "start_time"),
        ("start_time=10:00&end_time=09:59", "end_time"),
        ("lossless=yes", "lossless"),
        ("speed=1&speed=2", "speed"),
        ("product_type=future_option_mbo", "product_type"),
        ("product_type=bonds", "product_type"),
    ] {
        refused(&server, &query(rest), ErrorCode::BadParameter, word).await;
    }
    let bad = ErrorCode::BadParameter;
    refused(&server, &format!("symbol={CONTRACT}"), bad, "dt").await;
    refused(&server, &format!("dt={DATE}"), bad, "symbol").await;
    refused(&server, "symbol=ESH6&dt=2026-02-30", bad, "dt").await;
    let unknown = ErrorCode::UnknownSymbol;
    refused(&server, &format!("symbol=NOPE&dt={DATE}"), unknown, "NOPE").await;
    refused(&server, &format!("symbol=ESM6&dt={DATE}"), unknown, "ESM6").await;
    let other_date = format!("symbol={CONTRACT}&dt=2026-02-05");
    refused(&server, &other_date, ErrorCode::UnknownDate, "2026-02-05").await;
    assert_eq!(server.get_json("/health")["status"], "ok");
}

async fn no_silver() {
    let world = world();
    let server = Running::start(&world);
    let date = DATE.parse().unwrap();
    let partition = |layer: Layer, table: &Table| {
        let future = ProductType::FutureMbo;
        world
            .lake()
            .partition(layer, future, CONTRACT, table.name, date)
    };
    // Gold is computed where there is no partition of it.
    fs::remove_dir_all(partition(Layer::Gold, &GOLD_SURFACE).path()).unwrap();
    let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
    assert_eq!(viewer.rest().await.0.len(), SECONDS);
    for table in [&SILVER_BOOK, &SILVER_FLOW] {
        fs::remove_dir_all(partition(Layer::Silver, table).path()).unwrap();
    }
    let command = "velocity run --product-type future_mbo --layer silver --symbol ESH6";
    refused(&server, &query(""), ErrorCode::UnknownDate, command).await;
    let sessions = server.get_json("/v1/sessions");
    assert_eq!(
        sessions["sessions"][0]["missing"],
        serde_json::json!(["silver"])
    );
    // What is made meanwhile can be streamed.
    let session = ["--dt", DATE, "--session", "09:30-09:30:20"];
    let made = world.run("silver", CONTRACT, &session);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
    assert_eq!(viewer.rest().await.0.len(), SECONDS);
}

async fn damaged() {
    let world = world();
    let server = Running::start(&world);
    let date = DATE.parse().unwrap();
    let gold = world.lake().partition(
        Layer::Gold,
        ProductType::FutureMbo,
        CONTRACT,
        GOLD_SURFACE.name,
        date,
    );
    let path = gold.path().join("part-00000.parquet");
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    // At this speed the session takes longer than the hashing of its file.
    let (error, close) = server.connect(&query("speed=0.5")).await.refusal().await;
    assert_eq!(
        (error.code, close),
        (ErrorCode::SourceFailed, 1011),
        "{error}"
    );
    assert!(error.hint.unwrap().contains("velocity verify"));
    fs::write(&path, &bytes[..middle]).unwrap();
    refused(&server, &query(""), ErrorCode::SourceFailed, "is damaged").await;
    fs::write(&path, &whole).unwrap();
    let mut viewer = server.connect(&query("speed=0&lossless=1")).await;
    assert_eq!(viewer.rest().await.0.len(), SECONDS);
}

async fn versions() {
    let world = world();
    let server = Running::start(&world);
    world.downgrade(|partition| partition.layer() == Layer::Gold);
    let way = "to rebuild the older: velocity run --product-type future_mbo --layer silver,gold \
               --symbol ESH6 --dt 2026-02-06 --session 09:30-09:30:20 --overwrite";
    refused(&server, &query(""), ErrorCode::SourceFailed, way).await;
}
