//! The golden vectors over real files, and the committed grids of a synthetic session.
//!
//! `SPYMASTER_BLESS=1` rewrites the latter (`just bless`). They are compared byte for byte: a float
//! in JSON is the shortest text that reads back as the same bits, so this is G5 on every machine.

#[path = "binary/mod.rs"]
mod binary;
#[path = "../../../crates/vp-engine/tests/golden_case/mod.rs"]
mod golden_case;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;
use sha2::{Digest, Sha256};
use vp_ingest::{Input, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{ProductTable, ProductType};
use vp_session::grid_config;
use vp_testkit::golden::Case;
use vp_testkit::shared;

/// Every file that a vector is over, and the session that it holds.
const SESSIONS: [(&str, ProductType, &str, &str); 2] = [
    (
        "glbx-mdp3-20231225.mbo.dbn.zst",
        ProductType::FutureMbo,
        "ESH4",
        "2023-12-25",
    ),
    (
        "xnas-itch-20250717.mbo.dbn.zst",
        ProductType::EquityMbo,
        "ARL",
        "2025-07-17",
    ),
];

fn main() -> ExitCode {
    let mut trials = vec![Trial::test("the_synthetic_session", synthetic_session)];
    trials.extend(SESSIONS.iter().map(|(file, ..)| {
        Trial::ignorable_test(format!("the_vectors_over_{file}"), move || over_file(file))
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn over_file(file: &str) -> Result<Completion, Failed> {
    let Some((lake, folder)) = shared::path("data/lake").zip(shared::path("golden/engine")) else {
        return Ok(Completion::ignored_with(
            "the folder of SPYMASTER_SHARED is not there",
        ));
    };
    let case = vector_over(file, &folder)?;
    let session = SESSIONS.iter().find(|session| session.0 == file);
    let &(_, product_type, symbol, date) = session.ok_or("no session is known for the file")?;
    let instrument = ProductTable::embedded().instrument(product_type, symbol)?;
    let config = grid_config(&instrument);
    assert_eq!(config.bucket().nanos(), case.tick_int);
    assert_eq!(config.half_width(), case.half_width);
    let mut source = Source::open(SessionSpec {
        input: Input::Lake(Lake::new(lake)),
        instrument,
        date: date.parse()?,
        instrument_id: None,
        publisher: None,
    })?;
    let [only] = source.files() else {
        return Err(format!("the session has {} files", source.files().len()).into());
    };
    assert_eq!(Some(sha256(&only.path)?), case.file_sha256);
    let (mut records, mut batch) = (Vec::new(), Vec::new());
    while source.next_batch(&mut batch)? {
        records.extend_from_slice(&batch);
    }
    golden_case::check(&case, config, &records)?;
    Ok(Completion::Completed)
}

fn vector_over(file: &str, folder: &Path) -> Result<Case, Failed> {
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let case = Case::read(&path);
            if case.file.as_deref() == Some(file) {
                return Ok(case);
            }
        }
    }
    Err(format!("no vector is over {file}").into())
}

fn sha256(path: &Path) -> Result<String, Failed> {
    let digest: [u8; 32] = Sha256::digest(fs::read(path)?).into();
    Ok(digest.map(|byte| format!("{byte:02x}")).concat())
}

/// The whole way from the file's bytes to the grids', through the program.
fn synthetic_session() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (dbn, out) = (folder.path().join("a.dbn"), folder.path().join("out.jsonl"));
    binary::write_synthetic(&dbn, 9);
    let mut command = binary::program();
    command.arg("run").args(binary::SYNTHETIC);
    command.args(["--throttle-ms", "1000", "--json", "--file"]);
    let summary = binary::ran(command.arg(&dbn).arg("--out").arg(&out))
        .good()
        .json();
    let found = fs::read_to_string(&out)?;
    assert_eq!(summary["grids"], found.lines().count());

    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let (path, metadata) = (golden.join("synthetic.jsonl"), golden.join("metadata.json"));
    if std::env::var_os("SPYMASTER_BLESS").is_some() {
        fs::write(&path, &found)?;
        let text = serde_json::to_string_pretty(&serde_json::json!({
            "synthetic.jsonl": {
                "source": "vp-live run --throttle-ms 1000 over the first 9 s of vp-synth's ESH6, seed 11",
                "licence": "MIT OR Apache-2.0",
                "instrument": "ESH6",
                "session_date": "2026-02-06",
                "sha256": sha256(&path)?,
            }
        }))?;
        fs::write(&metadata, text + "\n")?;
    }
    let said: Value = serde_json::from_str(&fs::read_to_string(metadata)?)?;
    assert_eq!(said["synthetic.jsonl"]["sha256"], sha256(&path)?);
    let expected = fs::read_to_string(&path)?;
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        if found != expected {
            let [found, expected] = [found, expected].map(serde_json::from_str);
            let place = difference(&found?, &expected?).unwrap_or_default();
            return Err(format!("grid {number} differs:{place}").into());
        }
    }
    assert_eq!(found.lines().count(), expected.lines().count());
    Ok(())
}

/// Returns where two values differ first, and in what.
fn difference(found: &Value, expected: &Value) -> Option<String> {
    let pairs: Vec<(String, &Value, &Value)> = match (found, expected) {
        (Value::Object(found), Value::Object(expected)) if found.len() == expected.len() => found
            .iter()
            .map(|(key, value)| (key.clone(), value, &expected[key]))
            .collect(),
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            let pairs = found.iter().zip(expected).enumerate();
            pairs
                .map(|(place, (found, expected))| (place.to_string(), found, expected))
                .collect()
        }
        _ => return (found != expected).then(|| format!(": {found}, expected {expected}")),
    };
    pairs.into_iter().find_map(|(key, found, expected)| {
        difference(found, expected).map(|place| format!(" {key}{place}"))
    })
}
