//! Which records of raw files bronze takes, which it leaves out, and what is said of them.

use std::path::{Path, PathBuf};

use vp_market::ProductType;

use crate::binary::{CONTRACT, DATE, World, ran};

/// Bytes of an MBO record.
const RECORD: usize = 56;

/// The bytes of a raw file, to be changed.
struct Raw {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Raw {
    /// Writes the synthetic session.
    fn new(world: &World) -> Self {
        let path = world.synthesize(DATE, "09:30", 2);
        let bytes = std::fs::read(&path).unwrap();
        Self { path, bytes }
    }

    /// Where the record of that number begins.
    fn record(&self, number: usize) -> usize {
        let metadata = u32::from_le_bytes(self.bytes[4..8].try_into().unwrap());
        8 + metadata as usize + number * RECORD
    }

    /// Changes the instrument of every record from that number on.
    fn set_instrument(&mut self, from: usize, id: u32) -> u64 {
        let (mut at, mut count) = (self.record(from), 0);
        while at < self.bytes.len() {
            self.bytes[at + 4..at + 8].copy_from_slice(&id.to_le_bytes());
            at += RECORD;
            count += 1;
        }
        count
    }

    /// Replaces a symbol in the metadata by another.
    fn rename(&mut self, symbol: &str, other: &str) {
        let end = self.record(0);
        let length = symbol.len().max(other.len()) + 1;
        let padded = |text: &str| {
            let mut text = text.as_bytes().to_vec();
            text.resize(length, 0);
            text
        };
        let (old, new) = (padded(symbol), padded(other));
        for at in 0..end - length {
            if self.bytes[at..at + length] == old {
                self.bytes[at..at + length].copy_from_slice(&new);
            }
        }
    }

    fn write(&self) {
        std::fs::write(&self.path, &self.bytes).unwrap();
    }

    /// The instrument of the first record.
    fn instrument(&self) -> u32 {
        let at = self.record(0) + 4;
        u32::from_le_bytes(self.bytes[at..at + 4].try_into().unwrap())
    }
}

#[test]
fn a_contract_is_taken_by_its_instrument_id() {
    let world = World::new();
    let mut raw = Raw::new(&world);
    raw.rename(CONTRACT, "ES.v.0");
    let id = raw.instrument();
    let others = raw.set_instrument(100, 99);
    raw.write();
    let dt = ["--dt", DATE];
    let refused = world.run("bronze", "ES", &dt);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stderr.contains(
            "maps no contract (it maps: ES.v.0), so that the contract of its records is unknown: \
             ask for the contract instead of the root ES"
        ),
        "{}",
        refused.stderr
    );
    let refused = world.run("bronze", CONTRACT, &dt);
    assert!(
        refused.stderr.contains("choose one with --instrument-id"),
        "{}",
        refused.stderr
    );
    let chosen = ["--dt", DATE, "--json", "--instrument-id", &id.to_string()];
    let made = world.run("bronze", CONTRACT, &chosen).good().json();
    assert_eq!(made["partitions"][0]["rows"], 100);
    assert_eq!(made["left_out"][0]["records"], others);
    assert_eq!(
        made["left_out"][0]["by_name"][0]["name"],
        "instrument 99, not mapped"
    );
    // The same choice is kept, another is refused.
    let kept = world.run("bronze", CONTRACT, &chosen).json();
    assert_eq!(kept["partitions"][0]["state"], "kept");
    let other = world.run("bronze", CONTRACT, &["--dt", DATE, "--instrument-id", "99"]);
    assert_eq!(other.status, Some(1));
    assert!(
        other
            .stderr
            .contains(&format!("instrument_id is {id}, not 99")),
        "{}",
        other.stderr
    );
}

#[test]
fn what_bronze_leaves_out_is_listed_in_the_summary() {
    let world = World::new();
    let mut raw = Raw::new(&world);
    let total = raw.set_instrument(0, raw.instrument());
    let others = raw.set_instrument(10, 4321);
    raw.write();
    let ran = world.run("bronze", "ES", &["--dt", DATE]);
    assert_eq!(ran.status, Some(0));
    let line = format!(
        "bronze of ES on {DATE} leaves out {others} records: instrument 4321, not mapped ({others})"
    );
    let plain = ran.stdout.replace(',', "");
    assert!(plain.contains(&line.replace(',', "")), "{}", ran.stdout);
    assert_eq!(total - others, 10);
}

#[test]
fn several_publishers_are_refused_unless_one_is_chosen() {
    let world = World::new();
    let mut raw = Raw::new(&world);
    // The dataset of the metadata, and the publisher of one late record.
    raw.bytes[8..24].copy_from_slice(b"DBEQ.BASIC\0\0\0\0\0\0");
    let at = raw.record(500) + 2;
    raw.bytes[at..at + 2].copy_from_slice(&39u16.to_le_bytes());
    raw.write();
    let refused = world.run("bronze", CONTRACT, &["--dt", DATE]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused
            .stderr
            .contains("records of ESH6 from more than one publisher: 1 (")
            && refused.stderr.contains("choose one with --publisher"),
        "{}",
        refused.stderr
    );
    let made = ["--dt", DATE, "--json", "--publisher", "39"];
    let made = world.run("bronze", CONTRACT, &made).good().json();
    assert_eq!(made["partitions"][0]["rows"], 1);
}

#[test]
fn a_choice_that_nothing_reads_is_refused() {
    let world = World::new();
    for more in [["--instrument-id", "7"], ["--publisher", "7"]] {
        let ran = world.run("gold", CONTRACT, &[&["--dt", DATE], &more[..]].concat());
        assert_eq!(ran.status, Some(1));
        assert!(
            ran.stderr.contains("belong to bronze and silver"),
            "{}",
            ran.stderr
        );
    }
    let ran = world.run("bronze", "ES", &["--dt", DATE, "--instrument-id", "x"]);
    assert_eq!(ran.status, Some(2));
}

#[test]
fn files_of_a_range_are_taken_for_their_dates() {
    let world = World::new();
    let raw = Raw::new(&world);
    let range = raw
        .path
        .with_file_name("synthetic-20260202-20260206.mbo.dbn");
    std::fs::rename(&raw.path, range).unwrap();
    let ran = world.run(
        "bronze",
        "ES",
        &["--dates", "2026-02-05:2026-02-09", "--json"],
    );
    let rows = ran.json();
    let states: Vec<_> = rows["partitions"].as_array().unwrap().iter().collect();
    let state = |date: &str| {
        let row = states.iter().find(|row| row["dt"] == date).unwrap();
        row["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(DATE), "built");
    // Within the name's range, but not in the file; and outside of it.
    assert_eq!(state("2026-02-05"), "absent");
    assert_eq!(state("2026-02-09"), "absent");
    assert_eq!(ran.status, Some(0));
    // A date that is named must be there.
    let named = world.run("bronze", "ES", &["--dt", "2026-02-05"]);
    assert_eq!(named.status, Some(1));
}

/// A file outside the lake is put into it, under a name that tells its date, and its layers are made.
#[test]
fn a_named_file_is_put_into_the_lake() {
    let elsewhere = World::new();
    let made = elsewhere.synthesize(DATE, "09:30", 120);
    let world = World::new();
    let file = elsewhere.path().join("session");
    std::fs::rename(made, &file).unwrap();
    let run = |file: &Path| {
        let mut program = world.program("run");
        ran(program
            .arg(file)
            .args(["--session", "09:30-09:32", "--json"]))
    };
    let first = run(&file);
    assert_eq!(first.status, Some(0), "{}", first.stderr);
    let place = world
        .lake()
        .raw_mbo(ProductType::FutureMbo, "ES")
        .path()
        .join("es-20260206.mbo.dbn");
    assert!(
        first
            .stderr
            .contains(&format!("the raw file is {}", place.display()))
    );
    assert_eq!(
        std::fs::read(&place).unwrap(),
        std::fs::read(&file).unwrap()
    );
    // The two tables of silver.
    assert_eq!(world.entries().len(), 2);
    // The same again changes nothing; another file of the date is not put beside it.
    assert_eq!(run(&file).status, Some(0));
    assert_eq!(run(&place).status, Some(0));
    let mut bytes = std::fs::read(&file).unwrap();
    let length = bytes.len();
    bytes[length - 60] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let other = run(&file);
    assert_eq!(other.status, Some(1));
    assert!(
        other.stderr.contains("already, and it is another one"),
        "{}",
        other.stderr
    );
}
