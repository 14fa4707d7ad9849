//! What a server makes of its lake: the list of sessions, health, what is no file, its log.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use dbn::encode::dbn::MetadataEncoder;
use dbn::{MappingInterval, Metadata, SType, Schema, SymbolMapping};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tempfile::TempDir;
use vp_lake::Lake;
use vp_market::{ProductType, SessionDate};
use vp_wire::ErrorCode;

use super::running::{Running, lake, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("sessions_are_those_that_the_lake_holds_now", listing),
        trial("a_lake_of_many_files_is_listed", many_files),
        trial("the_default_session_is_listed_first", default_first),
        trial("health_fails_while_the_lake_is_gone", health),
        trial("what_is_no_file_is_left_out_and_stops_nothing", no_files),
        trial("clients_see_no_path_of_the_server", paths),
        trial("the_log_follows_its_name", log_file),
    ]
}

/// The session of most tests.
const DATE: &str = "2026-02-06";

/// A lake in a folder of its own.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("lake")).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    /// The path of a raw file of futures.
    fn raw(&self, folder: &str, name: &str) -> PathBuf {
        let raw = Lake::new(self.path()).raw_mbo(ProductType::FutureMbo, folder);
        fs::create_dir_all(raw.path()).unwrap();
        raw.path().join(name)
    }

    fn serve(&self, arguments: &[&str]) -> Running {
        Running::start(&[&lake(&self.path())[..], arguments].concat())
    }
}

/// Returns a file without records that maps a symbol on every date.
fn mapping(symbol: &str, schema: Schema) -> Vec<u8> {
    let built = |ns: u64| {
        Metadata::builder()
            .dataset("GLBX.MDP3")
            .start(ns)
            .schema(Some(schema))
            .stype_in(Some(SType::RawSymbol))
            .stype_out(SType::InstrumentId)
            .build()
    };
    let mut metadata = built(1);
    metadata.mappings = vec![SymbolMapping {
        raw_symbol: symbol.to_owned(),
        intervals: vec![MappingInterval {
            start_date: built(1).start().date(),
            end_date: built(4_000_000_000_000_000_000).start().date(),
            symbol: "17".to_owned(),
        }],
    }];
    let mut bytes = Vec::new();
    MetadataEncoder::new(&mut bytes).encode(&metadata).unwrap();
    bytes
}

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// Returns the listed sessions.
fn sessions(server: &Running) -> Vec<Value> {
    let (status, body) = server.get("/v1/sessions");
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["sessions"].as_array().unwrap().clone()
}

/// Returns the sessions of files in a few words.
fn of_files(server: &Running) -> Vec<String> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let of_files = sessions(server).into_iter();
    of_files
        .filter(|entry| entry["source"] == "file")
        .map(|entry| format!("{} {}", text(&entry, "symbol"), text(&entry, "dt")))
        .collect()
}

async fn listing() {
    let world = World::new();
    let server = world.serve(&[]);
    assert_eq!(of_files(&server), [""; 0]);
    let of_root = world.raw("ES", "glbx-mdp3-20260206.mbo.dbn");
    fs::write(&of_root, mapping("ESH6", Schema::Mbo)).unwrap();
    assert_eq!(of_files(&server), ["ESH6 2026-02-06"]);
    // Written in place with the same length: the folder does not change.
    let inode = of_root.metadata().unwrap().ino();
    fs::write(&of_root, mapping("ESM6", Schema::Mbo)).unwrap();
    assert_eq!(of_root.metadata().unwrap().ino(), inode);
    assert_eq!(of_files(&server), ["ESM6 2026-02-06"]);
    // A contract with a folder of its own is read from there alone.
    let own = world.raw("ESM6", "glbx-mdp3-20260209.mbo.dbn");
    fs::write(&own, mapping("ESM6", Schema::Mbo)).unwrap();
    assert_eq!(of_files(&server), ["ESM6 2026-02-09"]);
    fs::remove_dir_all(own.parent().unwrap().parent().unwrap()).unwrap();
    assert_eq!(of_files(&server), ["ESM6 2026-02-06"]);
    // Other schemas and damaged files cannot be streamed.
    fs::write(&of_root, mapping("ESM6", Schema::Trades)).unwrap();
    fs::write(world.raw("ES", "a-20260206.dbn"), "DBX").unwrap();
    assert_eq!(of_files(&server), [""; 0]);
}

async fn many_files() {
    let world = World::new();
    let first = world.raw("ES", "one");
    fs::write(&first, mapping("ESH6", Schema::Mbo)).unwrap();
    let dates = std::iter::successors(SessionDate::from_ymd(1995, 1, 1), |date| date.next());
    for date in dates.take(10_000) {
        let name = format!("glbx-mdp3-{}.mbo.dbn", date.compact());
        fs::hard_link(&first, world.raw("ES", &name)).unwrap();
    }
    let server = world.serve(&[]);
    for _ in 0..3 {
        assert_eq!(of_files(&server).len(), 10_000);
    }
}

async fn default_first() {
    let world = World::new();
    let file = world.folder.path().join("any name.dbn");
    fs::write(&file, mapping("ESM6", Schema::Mbo)).unwrap();
    let in_lake = world.raw("ES", "glbx-mdp3-20260206.mbo.dbn");
    fs::write(&in_lake, mapping("ESH6", Schema::Mbo)).unwrap();
    let other = world.raw("NQ", "glbx-mdp3-20260206.mbo.dbn");
    fs::write(&other, mapping("NQH6", Schema::Mbo)).unwrap();
    let named = |symbol| ["--symbol", symbol, "--dt", DATE];
    let first = |server: &Running| sessions(server)[0].clone();
    let entry = |symbol: &str, missing: &[&str]| {
        json!({
            "product_type": "future_mbo", "symbol": symbol, "dt": DATE, "source": "file",
            "ready": missing.is_empty(), "missing": missing,
        })
    };

    let path = ["--file", file.to_str().unwrap()];
    let server = world.serve(&[&named("ESM6")[..], &path].concat());
    assert_eq!(first(&server), entry("ESM6", &[]));
    assert_eq!(server.get("/health").0, 200);
    assert_eq!(
        of_files(&server),
        ["ESM6", "ESH6", "NQH6"].map(|symbol| format!("{symbol} {DATE}"))
    );
    fs::remove_file(&file).unwrap();
    assert_eq!(first(&server), entry("ESM6", &["file"]));
    let (status, body) = server.get("/health");
    assert_eq!(status, 503);
    assert!(body.contains("any name.dbn is not there"), "{body}");
    assert!(!body.contains(world.folder.path().to_str().unwrap()));

    let server = world.serve(&named("NQH6"));
    assert_eq!(first(&server), entry("NQH6", &[]));
    assert_eq!(of_files(&server).len(), 2, "it is listed once");
    fs::remove_file(&other).unwrap();
    assert_eq!(first(&server), entry("NQH6", &["raw"]));

    let server = world.serve(&[]);
    assert_eq!(first(&server)["source"], "synthetic");
}

async fn health() {
    let world = World::new();
    let server = world.serve(&[]);
    assert_eq!(server.get("/health").0, 200);
    let away = world.folder.path().join("away");
    fs::rename(world.path(), &away).unwrap();
    let (status, body) = server.get("/health");
    assert_eq!(status, 503, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let reason = body["reason"].as_str().unwrap();
    assert!(reason.contains("cannot list the folder lake"), "{reason}");
    fs::rename(&away, world.path()).unwrap();
    assert_eq!(server.get("/health").0, 200);
    // A synthetic market needs no lake.
    let server = Running::start(&["--lake", "/nonexistent"]);
    assert_eq!(server.get("/health").0, 200);
}

async fn no_files() {
    let world = World::new();
    let file = world.raw("ES", "glbx-mdp3-20260206.mbo.dbn");
    fs::write(&file, mapping("ESH6", Schema::Mbo)).unwrap();
    fifo(&world.raw("ES", "glbx-mdp3-20260205.mbo.dbn"));
    fs::create_dir(world.raw("ES", "glbx-mdp3-20260204.mbo.dbn")).unwrap();
    let server = world.serve(&[]);
    assert_eq!(of_files(&server), ["ESH6 2026-02-06"]);
    for date in ["2026-02-05", "2026-02-04"] {
        let query = format!("source=file&product_type=future_mbo&symbol=ESH6&dt={date}");
        let error = server.connect(&query).await.error().await;
        assert_eq!(error.code, ErrorCode::SourceFailed, "{error:?}");
        assert!(error.message.contains("regular file"), "{error:?}");
    }
    assert_eq!(server.get("/health").0, 200);
    assert_eq!(server.terminate().code(), Some(0));
}

async fn paths() {
    let world = World::new();
    let file = world.raw("ES", "glbx-mdp3-20260206.mbo.dbn");
    let whole = mapping("ESH6", Schema::Mbo);
    fs::write(&file, &whole[..whole.len() - 9]).unwrap();
    let log = world.folder.path().join("log");
    let server = world.serve(&["--log-file", log.to_str().unwrap()]);
    for (symbol, code) in [
        ("ESH6", ErrorCode::SourceFailed),
        ("NQH6", ErrorCode::UnknownSymbol),
    ] {
        let query = format!("source=file&product_type=future_mbo&symbol={symbol}&dt={DATE}");
        let mut viewer = server.connect(&query).await;
        let error = viewer.error().await;
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.message.contains("raw/source=databento"), "{error:?}");
        let hint = error.hint.unwrap_or_default();
        let folder = world.folder.path().to_str().unwrap();
        assert!(!error.message.contains(folder) && !hint.contains(folder));
    }
    // The log names the file as the server's own shell does.
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains(file.to_str().unwrap()), "{log}");
}

async fn log_file() {
    let world = World::new();
    let path = world.folder.path().join("log");
    let log = ["--log-file", path.to_str().unwrap(), "--log-level", "info"];
    let server = world.serve(&log);
    server.connect("speed=fast").await.error().await;
    let before = fs::read_to_string(&path).unwrap();
    let moved = world.folder.path().join("log.1");
    fs::rename(&path, &moved).unwrap();
    server.signal("-HUP");
    while !path.exists() {
        tokio::task::yield_now().await;
    }
    assert_eq!(fs::read_to_string(&moved).unwrap(), before);
    assert_eq!(server.get("/health").0, 200);
    assert_eq!(server.terminate().code(), Some(0));
    assert!(fs::read_to_string(&path).unwrap().ends_with("stopped\n"));
}
