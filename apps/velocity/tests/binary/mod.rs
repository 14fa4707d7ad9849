//! Runs the program as a user does, in a lake of its own.

#![allow(dead_code, reason = "not every test target uses all of it")]

mod version_1;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use vp_lake::tables::{Entry, Filter, Verifier};
use vp_lake::{Lake, RawTable};
use vp_market::{ProductType, SessionWindow, TickSize};
use vp_synth::{
    Compression, OptionChain, SynthConfig, write_dbn, write_option_definitions,
    write_option_orders, write_option_quotes,
};
pub(crate) use vp_testkit::program::{Ran, ran};
use vp_velocity::tables::table_of;

/// The date of the synthetic session.
pub(crate) const DATE: &str = "2026-02-06";
/// Every layer, as partitions.
pub(crate) const ALL_LAYERS: &str = "bronze,silver,gold";
/// Its contract.
pub(crate) const CONTRACT: &str = "ESH6";
/// The share that has a synthetic session of the same date.
pub(crate) const SHARE: &str = "QQQ";

/// A lake in a folder of its own.
#[derive(Debug)]
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder }
    }

    pub(crate) fn lake(&self) -> Lake {
        Lake::new(self.path())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    /// Writes a synthetic session as the root's raw file of a date, begun at that Eastern time.
    pub(crate) fn synthesize(&self, date: &str, start: &str, seconds: u64) -> PathBuf {
        let market = market(ProductType::FutureMbo, CONTRACT, date, start);
        let raw = self.lake().raw_mbo(ProductType::FutureMbo, "ES");
        let (path, file) = create(raw.path(), date, "mbo.dbn");
        let length = Duration::from_secs(seconds);
        write_dbn(file, &market, length, Compression::None).expect("the disk takes it");
        path
    }

    /// Writes synthetic options on that session as its raw files, with their definitions.
    pub(crate) fn synthesize_options(&self, date: &str, start: &str, seconds: u64) {
        let market = market(ProductType::FutureMbo, CONTRACT, date, start);
        let chain = chain(market, 5);
        let (length, zstd) = (Duration::from_secs(seconds), Compression::Zstd);
        let raw = self.lake().raw_mbo(ProductType::FutureOptionMbo, "ES");
        let (_, orders) = create(raw.path(), date, "mbo.dbn.zst");
        write_option_orders(orders, &chain, length, zstd).expect("the disk takes it");
        let folder = self.path().join(
            "raw/source=databento/dataset=definition/venue=glbx/type=futures_options/symbol=ES",
        );
        let (_, definitions) = create(&folder, date, "definition.dbn.zst");
        write_option_definitions(definitions, &chain, zstd).expect("the disk takes it");
    }

    /// Writes a synthetic session of a share and the best quotes of the options on it as raw files.
    pub(crate) fn synthesize_share(&self, date: &str, start: &str, seconds: u64) {
        let market = market(ProductType::EquityMbo, SHARE, date, start);
        let (length, zstd) = (Duration::from_secs(seconds), Compression::Zstd);
        let raw = self.lake().raw_mbo(ProductType::EquityMbo, SHARE);
        let (_, orders) = create(raw.path(), date, "mbo.dbn.zst");
        write_dbn(orders, &market, length, zstd).expect("the disk takes it");
        let raw = self.lake().raw_table(RawTable::EquityOptionCmbp1, SHARE);
        let (_, quotes) = create(raw.path(), date, "cmbp-1.dbn.zst");
        write_option_quotes(quotes, &chain(market, 1), length, zstd).expect("the disk takes it");
    }

    /// Returns the program with this lake, in a surrounding that says nothing.
    pub(crate) fn program(&self, command: &str) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_velocity"));
        program.env_remove("SPYMASTER_LAKE");
        program.arg(command).arg("--lake").arg(self.path());
        program
    }

    /// Returns a run of a future's date.
    pub(crate) fn run_command(&self, layer: &str, symbol: &str, more: &[&str]) -> Command {
        let mut program = self.program("run");
        program.args(["--product-type", "future_mbo", "--layer", layer]);
        program.args(["--symbol", symbol]).args(more);
        program
    }

    /// Runs a date of a future to the end.
    pub(crate) fn run(&self, layer: &str, symbol: &str, more: &[&str]) -> Ran {
        ran(&mut self.run_command(layer, symbol, more))
    }

    /// Returns every partition, and what is left of one.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entries = self.lake().partitions(&Filter::default());
        entries.expect("the lake can be listed")
    }

    /// Returns the content hash of every partition by its dataset and date, all of them sound.
    pub(crate) fn hashes(&self) -> Vec<(String, String)> {
        let mut verifier = Verifier::new(self.lake()).knowing(table_of);
        let hashes = self
            .entries()
            .into_iter()
            .filter(|entry| !entry.is_unfinished);
        hashes
            .map(|entry| {
                let defects = verifier.verify(&entry.partition);
                assert!(defects.is_empty(), "{defects:?}");
                let manifest = entry
                    .partition
                    .manifest()
                    .expect("sound")
                    .expect("complete");
                let name = format!("{} {}", manifest.dataset, manifest.dt);
                (name, manifest.content_sha256)
            })
            .collect()
    }

    /// Returns the hidden names below the lake: locks, remainders.
    pub(crate) fn hidden(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.path(), &mut found);
        found.retain(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            name.is_some_and(|name| name.starts_with('.'))
        });
        found
    }
}

/// Returns a market that begins at that Eastern time.
fn market(product_type: ProductType, symbol: &str, date: &str, start: &str) -> SynthConfig {
    let window = SessionWindow::new(product_type, date.parse().expect("a date"));
    let start_ns = window.first_instant(start.parse().expect("a time"));
    let preset = SynthConfig::preset(symbol).expect("a preset");
    let begun = preset
        .with_seed(11)
        .with_start_ns(start_ns.expect("inside"));
    begun.expect("a time of the market")
}

/// Returns options on a market at strikes so many points apart.
fn chain(market: SynthConfig, points: i64) -> OptionChain {
    let step = TickSize::from_nanos(points * 1_000_000_000).expect("positive");
    OptionChain::new(market, step, 12, 200).expect("a chain")
}

/// Creates a raw file of a date.
fn create(folder: &Path, date: &str, ending: &str) -> (PathBuf, fs::File) {
    fs::create_dir_all(folder).expect("the folder is writable");
    let path = folder.join(format!("synthetic-{}.{ending}", date.replace('-', "")));
    let file = fs::File::create(&path).expect("the folder is writable");
    (path, file)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a name").path();
        if path.is_dir() {
            walk(&path, found);
        }
        found.push(path);
    }
}
