//! Options from raw files to gold, over a synthetic lake.

use std::fs::{File, create_dir_all};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use vp_lake::tables::{Existing, Manifest, Partition, Table};
use vp_lake::{Lake, RawTable};
use vp_market::{Instrument, ProductTable, ProductType, SessionDate, TickSize};
use vp_synth::{
    Compression, OptionChain, SynthConfig, write_dbn, write_option_definitions,
    write_option_orders, write_option_quotes,
};
use vp_velocity::bronze::{self, RawSymbol};
use vp_velocity::options;
use vp_velocity::stage::{Outcome, StageError, Task};
use vp_velocity::tables::{
    BRONZE_CMBP_1, BRONZE_OPTION_MBO, GOLD_OPTION_SURFACE, SILVER_OPTION_BOOK, SILVER_OPTION_FLOW,
};
use vp_velocity::{gold, silver};

const LENGTH: Duration = Duration::from_secs(40);
const WINDOWS: u64 = 40;
const WHOLE: &str = "nothing is wrong with a synthetic lake";

struct Market {
    folder: TempDir,
    underlying: Instrument,
    options: Instrument,
}

impl Market {
    /// A lake with raw files of a future and its options, or of a share and its options.
    fn new(symbol: &str) -> Self {
        let (underlying, options, step) = match symbol {
            "QQQ" => (ProductType::EquityMbo, ProductType::EquityOptionCmbp1, 1),
            _ => (ProductType::FutureMbo, ProductType::FutureOptionMbo, 5),
        };
        let products = ProductTable::embedded();
        let instrument = |product_type| products.instrument(product_type, symbol).expect(WHOLE);
        let market = Self {
            folder: tempfile::tempdir().expect(WHOLE),
            underlying: instrument(underlying),
            options: instrument(options),
        };
        let config = SynthConfig::preset(symbol).expect(WHOLE);
        let step = TickSize::from_nanos(step * 1_000_000_000).expect(WHOLE);
        let chain = OptionChain::new(config.clone(), step, 15, 300).expect(WHOLE);
        let zstd = Compression::Zstd;
        let (of, root) = (underlying, &market.underlying.root);
        let raw = market.lake().raw_mbo(of, root).path().to_owned();
        let file = Self::create(raw.join("20260206.mbo.dbn.zst"));
        write_dbn(file, &config, LENGTH, zstd).expect(WHOLE);
        if symbol == "QQQ" {
            let raw = market.lake().raw_table(RawTable::EquityOptionCmbp1, root);
            let raw = raw.path().to_owned();
            let file = Self::create(raw.join("20260206.cmbp-1.dbn.zst"));
            write_option_quotes(file, &chain, LENGTH, zstd).expect(WHOLE);
        } else {
            let raw = market.lake().raw_mbo(options, root).path().to_owned();
            let file = Self::create(raw.join("20260206.mbo.dbn.zst"));
            write_option_orders(file, &chain, LENGTH, zstd).expect(WHOLE);
            let file = Self::create(market.definitions());
            write_option_definitions(file, &chain, zstd).expect(WHOLE);
        }
        market
    }

    fn create(path: impl AsRef<Path>) -> File {
        let path = path.as_ref();
        create_dir_all(path.parent().expect(WHOLE)).expect(WHOLE);
        File::create(path).expect(WHOLE)
    }

    fn definitions(&self) -> PathBuf {
        let folder = "raw/source=databento/dataset=definition/venue=glbx";
        let name = "glbx-mdp3-20260206.definition.dbn.zst";
        self.folder.path().join(folder).join(name)
    }

    fn lake(&self) -> Lake {
        Lake::new(self.folder.path())
    }

    fn date() -> SessionDate {
        "2026-02-06".parse().expect(WHOLE)
    }

    fn task(&self, existing: Existing) -> Task {
        Task {
            lake: self.lake(),
            date: Self::date(),
            existing,
            tool_version: "test 0".into(),
            created_at: "2026-02-07T00:00:00Z".into(),
        }
    }

    fn bronze(&self, instrument: &Instrument) -> Result<Outcome, StageError> {
        let products = ProductTable::embedded();
        let symbol = RawSymbol::new(&products, instrument.product_type, &instrument.root);
        let task = self.task(Existing::Keep);
        bronze::build(&task, &symbol.expect(WHOLE), &mut |_| {})
    }

    fn underlying_silver(&self) -> Result<Outcome, StageError> {
        let hours = "09:30-09:30:41".parse().expect(WHOLE);
        let task = self.task(Existing::Keep);
        silver::build(&task, &self.underlying, hours, &mut |_| {})
    }

    fn silver(&self, existing: Existing) -> Result<Outcome, StageError> {
        options::build_silver(&self.task(existing), &self.options, &mut |_| {})
    }

    fn gold(&self, existing: Existing) -> Result<Outcome, StageError> {
        options::build_gold(&self.task(existing), &self.options, &mut |_| {})
    }

    /// Makes all layers of both, and returns the manifests of the options'.
    fn all(&self) -> Vec<Manifest> {
        let bronze = self.bronze(&self.options).expect(WHOLE);
        self.bronze(&self.underlying).expect(WHOLE);
        self.underlying_silver().expect(WHOLE);
        let silver = self.silver(Existing::Keep).expect(WHOLE);
        let gold = self.gold(Existing::Keep).expect(WHOLE);
        gold::build(&self.task(Existing::Keep), &self.underlying, &mut |_| {}).expect(WHOLE);
        let outcomes = [bronze, silver, gold];
        outcomes
            .iter()
            .flat_map(Outcome::manifests)
            .cloned()
            .collect()
    }
}

/// Sums a column of a partition, which every row of has to have.
fn sum(partition: &Partition, table: &Table, column: &str) -> f64 {
    let mut reader = partition.open(table, &[column]).expect(WHOLE);
    let mut sum = 0.0;
    while let Some(batch) = reader.next_batch().expect(WHOLE) {
        sum += batch.f64(column).iter().sum::<f64>();
    }
    sum
}

fn check(symbol: &str, bronze_table: &Table, strikes: u64) {
    let market = Market::new(symbol);
    let manifests = market.all();
    let rows: Vec<_> = manifests
        .iter()
        .map(|manifest| (manifest.stage.as_str(), manifest.row_count))
        .collect();
    let [bronze, books, flow, gold] = rows[..] else {
        panic!("{rows:?}");
    };
    assert!(bronze.0 == "bronze" && bronze.1 > 5_000, "{bronze:?}");
    assert!(books.0 == "silver" && books.1 > 40 * WINDOWS, "{books:?}");
    // The window that ends with the first instant of the session has a spot only where the market
    // had begun by then.
    assert_eq!((flow.1, gold), (WINDOWS * strikes * 4, ("gold", flow.1)));
    assert_eq!(manifests[0].schema.len(), bronze_table.columns.len());
    let flow = options::silver_partition(
        &market.lake(),
        &market.options,
        &SILVER_OPTION_FLOW,
        Market::date(),
    );
    for column in ["depth_qty_end", "add_qty", "pull_qty"] {
        assert!(
            sum(&flow, &SILVER_OPTION_FLOW, column) > 1_000.0,
            "{column}"
        );
    }
    let gold = options::gold_partition(&market.lake(), &market.options, Market::date());
    assert!(sum(&gold, &GOLD_OPTION_SURFACE, "Omega_opt") > 1_000.0);

    // Kept while nothing changes, and built again with the same hashes.
    assert!(matches!(
        market.silver(Existing::Keep),
        Ok(Outcome::Kept(_))
    ));
    assert!(matches!(market.gold(Existing::Keep), Ok(Outcome::Kept(_))));
    let again = [
        market.silver(Existing::Overwrite).expect(WHOLE),
        market.gold(Existing::Overwrite).expect(WHOLE),
    ];
    let again = again.iter().flat_map(Outcome::manifests);
    for (before, after) in manifests[1..].iter().zip(again) {
        assert_eq!(before.content_sha256, after.content_sha256);
    }
}

#[test]
fn options_on_a_future_go_from_orders_to_gold() {
    check("ESH6", &BRONZE_OPTION_MBO, 21);
}

#[test]
fn options_on_a_share_go_from_quotes_to_gold() {
    check("QQQ", &BRONZE_CMBP_1, 51);
}

#[test]
fn silver_of_options_is_in_the_order_and_on_the_grid_of_its_table() {
    let market = Market::new("ESH6");
    market.all();
    let partition = options::silver_partition(
        &market.lake(),
        &market.options,
        &SILVER_OPTION_BOOK,
        Market::date(),
    );
    let mut reader = partition.open(&SILVER_OPTION_BOOK, &[]).expect(WHOLE);
    let mut last = (0, 0);
    while let Some(batch) = reader.next_batch().expect(WHOLE) {
        let keys = batch
            .i64("window_end_ts_ns")
            .iter()
            .zip(batch.i64("instrument_id"));
        let prices = batch
            .i64("bid_price_int")
            .iter()
            .zip(batch.i64("ask_price_int"));
        for ((&end, &id), (bid, ask)) in keys.zip(prices) {
            assert!((end, id) > last, "{end} {id} after {last:?}");
            assert!(bid < ask);
            last = (end, id);
        }
    }
}

#[test]
fn what_is_missing_is_told_with_what_makes_it() {
    let market = Market::new("ESH6");
    let error = market
        .silver(Existing::Keep)
        .expect_err("no silver of the future");
    let text = error.to_string();
    assert!(
        text.contains("velocity run --product-type future_mbo --layer silver --symbol ESH6"),
        "{text}"
    );
    market.bronze(&market.underlying).expect(WHOLE);
    market.underlying_silver().expect(WHOLE);
    let error = market
        .silver(Existing::Keep)
        .expect_err("no bronze of the options");
    let text = error.to_string();
    assert!(
        text.contains("velocity run --product-type future_option_mbo --layer bronze --symbol ES "),
        "{text}"
    );
    let error = market
        .gold(Existing::Keep)
        .expect_err("no silver of the options");
    let text = error.to_string();
    assert!(text.contains("--layer silver --symbol ESH6"), "{text}");

    std::fs::remove_file(market.definitions()).expect(WHOLE);
    let error = market.bronze(&market.options).expect_err("no definitions");
    let text = error.to_string();
    assert!(
        text.contains("dataset=definition/**/*20260206*.dbn*"),
        "{text}"
    );
}

#[test]
fn a_product_without_strikes_has_no_silver_of_options() {
    let market = Market::new("ESH6");
    let mut options = market.options.clone();
    options.product.strikes = None;
    let task = market.task(Existing::Keep);
    let error = options::build_silver(&task, &options, &mut |_| {}).expect_err("no strikes");
    assert!(matches!(error, StageError::NoStrikes { .. }));
}
