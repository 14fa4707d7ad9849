//! Files that are missing, broken, or of something else: what is said, and what still comes out.

use std::path::Path;

use dbn::decode::DbnMetadata;
use dbn::decode::dbn::Decoder;
use dbn::encode::dbn::MetadataEncoder;
use dbn::{Metadata, Schema};
use vp_synth::Compression;

use crate::binary::{Ran, SYNTHETIC, synthetic_dbn, vp_live};

/// The bytes of one MBO record.
const RECORD: usize = 56;

fn run(file: &Path, more: &[&str]) -> Ran {
    let file = ["--file", file.to_str().unwrap()];
    vp_live([&["run"], &SYNTHETIC[..], &file, more].concat())
}

/// Runs the session over a file of those bytes. The message is without the folder's name.
fn run_bytes(bytes: &[u8], more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dbn");
    std::fs::write(&path, bytes).unwrap();
    let mut ran = run(&path, more);
    ran.stderr = ran.stderr.replace(path.to_str().unwrap(), "a.dbn");
    ran
}

/// Checks that nothing is made of the bytes but that message.
fn check(bytes: &[u8], message: &str) {
    let ran = run_bytes(bytes, &[]);
    assert_eq!(ran.stderr, format!("error: {message}\n"));
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
}

fn head_length(bytes: &[u8]) -> usize {
    8 + u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize
}

/// Returns a file with the same records behind other metadata.
fn with_metadata(bytes: &[u8], change: impl FnOnce(&mut Metadata)) -> Vec<u8> {
    let mut metadata = Decoder::new(bytes).unwrap().metadata().clone();
    change(&mut metadata);
    let mut changed = Vec::new();
    MetadataEncoder::new(&mut changed)
        .encode(&metadata)
        .unwrap();
    changed.extend(&bytes[head_length(bytes)..]);
    changed
}

#[test]
fn a_missing_file_is_named() {
    let ran = run(Path::new("no such file.dbn"), &[]);
    assert_eq!(
        ran.stderr,
        "error: the head of no such file.dbn cannot be read\n  because No such file or directory \
         (os error 2)\n"
    );
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
}

#[test]
fn what_is_no_dbn_is_refused() {
    check(
        b"",
        "a.dbn ends within its head: 0 bytes found; download it again",
    );
    check(b"ts_event,action,side\n", "a.dbn is not a DBN file");
    let bytes = synthetic_dbn(1, Compression::None);
    check(
        &bytes[..40],
        "a.dbn ends within its head: 40 bytes found; download it again",
    );
}

#[test]
fn another_schema_is_refused() {
    let bytes = synthetic_dbn(1, Compression::None);
    check(
        &with_metadata(&bytes, |metadata| metadata.schema = Some(Schema::Trades)),
        "a.dbn holds records of the schema trades, expected mbo",
    );
}

#[test]
fn a_cut_file_is_summed_up_to_the_cut() {
    let mut bytes = synthetic_dbn(2, Compression::None);
    let head = head_length(&bytes);
    let last = (bytes.len() - head) / RECORD - 1;
    bytes.truncate(bytes.len() - 20);
    let ran = run_bytes(&bytes, &["--json"]);
    assert_eq!(
        ran.stderr,
        format!(
            "error: record {last} at byte {} of a.dbn is cut short: 56 bytes expected, 36 found; \
             download it again\n",
            head + last * RECORD
        )
    );
    assert_eq!(ran.status, Some(1));
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["records"], last);
    assert_eq!(summary["phase"], "live");
}

#[test]
fn a_corrupt_compressed_file_is_summed_up_to_the_defect() {
    let whole = synthetic_dbn(5, Compression::Zstd);
    let mut corrupt = whole.clone();
    let middle = corrupt.len() / 2;
    corrupt[middle..middle + 64].fill(0xA5);
    let cut = &whole[..middle];
    for bytes in [&corrupt[..], cut] {
        let ran = run_bytes(bytes, &["--json"]);
        assert_eq!(ran.status, Some(1));
        let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let records = summary["records"].as_u64().unwrap();
        assert!(records > 0);
        let start = format!("error: record {records} at byte ");
        assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(" of a.dbn cannot be read\n  because "),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn two_instruments_without_mappings_need_a_choice() {
    let bytes = synthetic_dbn(1, Compression::None);
    let mut bytes = with_metadata(&bytes, |metadata| metadata.mappings.clear());
    let head = head_length(&bytes);
    // One instrument is no question.
    assert_eq!(run_bytes(&bytes, &[]).status, Some(0));
    let id = head + 4..head + 8;
    let first = u32::from_le_bytes(bytes[id].try_into().unwrap());
    let second = head + 5 * RECORD;
    bytes[second + 4..second + 8].copy_from_slice(&99u32.to_le_bytes());
    check(
        &bytes,
        &format!(
            "a.dbn maps no symbols and holds more than one instrument ({first}, 99, ...); choose \
             one with --instrument-id"
        ),
    );
    let chosen = run_bytes(&bytes, &["--instrument-id", &first.to_string(), "--json"])
        .good()
        .json();
    assert_eq!(chosen["skipped"]["other_instruments"], 1);
}

#[test]
fn prices_off_the_tick_are_of_another_product() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dbn");
    // Nothing in the file says that its one instrument is ESH6.
    let bytes = synthetic_dbn(2, Compression::None);
    let bytes = with_metadata(&bytes, |metadata| metadata.mappings.clear());
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap();
    let session = ["--product-type", "future_mbo", "--symbol", "YMH6"];
    let place = ["--dt", "2026-02-06", "--file", path];
    let ran = vp_live([&["run"], &session[..], &place].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    let message = ran.stderr.replace(path, "a.dbn");
    assert!(
        message.starts_with("error: a.dbn does not hold prices of YMH6: "),
        "{message}"
    );
    assert!(
        message.contains(" of the first 1024 prices are off its tick 1, such as "),
        "{message}"
    );
    assert!(
        message.ends_with("; check the symbol, or the tick in the product table\n"),
        "{message}"
    );
}

#[test]
fn a_contract_that_the_file_maps_otherwise_is_refused_even_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dbn");
    std::fs::write(&path, synthetic_dbn(2, Compression::None)).unwrap();
    let path = path.to_str().unwrap();
    let id = vp_synth::SynthConfig::preset("ESH6").unwrap();
    let id = id.instrument_id().to_string();
    let session = ["--product-type", "future_mbo", "--symbol", "ESM6"];
    let place = ["--dt", "2026-02-06", "--file", path, "--instrument-id", &id];
    let ran = vp_live([&["run"], &session[..], &place].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    let message = ran.stderr.replace(path, "a.dbn");
    let expected = format!(
        "error: a.dbn maps the instrument {id} to ESH6, not to ESM6: ask for ESH6, or choose \
         another --instrument-id\n"
    );
    assert_eq!(message, expected);
}

#[test]
fn a_broken_file_can_be_inspected_up_to_the_defect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dbn");
    let bytes = synthetic_dbn(1, Compression::None);
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let path = path.to_str().unwrap();
    let ran = vp_live(["inspect", path]);
    assert_eq!(ran.status, Some(1));
    let records = (bytes.len() - head_length(&bytes)) / RECORD - 1;
    assert!(ran.stdout.contains("schema mbo"), "{}", ran.stdout);
    let start = format!("error: {path} is not whole\n  because record {records} at byte ");
    assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
}
