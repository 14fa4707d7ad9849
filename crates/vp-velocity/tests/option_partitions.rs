//! Options from raw files to gold, over a synthetic lake.

use std::fs::{File, create_dir_all};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use vp_lake::tables::{Existing, Input, Manifest, Partition, Table, Verifier};
use vp_lake::{Lake, RawTable};
use vp_market::{Instrument, Price, ProductTable, ProductType, SessionDate, TickSize};
use vp_synth::{
    Compression, OptionChain, SynthConfig, write_dbn, write_option_definitions,
    write_option_orders, write_option_quotes,
};
use vp_velocity::bronze::{self, Choice, RawSymbol};
use vp_velocity::options;
use vp_velocity::stage::{Outcome, StageError, Task};
use vp_velocity::tables::{
    BRONZE_CMBP_1, BRONZE_OPTION_MBO, GOLD_OPTION_SURFACE, SILVER_FLOW, SILVER_OPTION_BOOK,
    SILVER_OPTION_FLOW, table_of,
};
use vp_velocity::view::{StrikeColumns, VelocityColumns, Views};
use vp_velocity::{ForecastSurface, SurfaceReader, gold, silver};

const LENGTH: Duration = Duration::from_secs(40);
const WINDOWS: u64 = 40;
/// A window's place, and what a viewer sees of it.
type Seen = (
    usize,
    Option<(Spots, VelocityColumns, StrikeColumns, ForecastSurface)>,
);
type Spots = (Price, Option<Price>);

const WHOLE: &str = "nothing is wrong with a synthetic lake";

struct Market {
    folder: TempDir,
    underlying: Instrument,
    options: Instrument,
}

impl Market {
    /// A lake with raw files of a future and its options, or of a share and its options.
    fn new(symbol: &str) -> Self {
        Self::lasting(symbol, LENGTH, &SynthConfig::preset(symbol).expect(WHOLE))
    }

    fn lasting(symbol: &str, length: Duration, config: &SynthConfig) -> Self {
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
        let step = TickSize::from_nanos(step * 1_000_000_000).expect(WHOLE);
        let chain = OptionChain::new(config.clone(), step, 15, 300).expect(WHOLE);
        let zstd = Compression::Zstd;
        let (of, root) = (underlying, &market.underlying.root);
        let raw = market.lake().raw_mbo(of, root).path().to_owned();
        let file = Self::create(raw.join("20260206.mbo.dbn.zst"));
        write_dbn(file, config, length, zstd).expect(WHOLE);
        if symbol == "QQQ" {
            let raw = market.lake().raw_table(RawTable::EquityOptionCmbp1, root);
            let raw = raw.path().to_owned();
            let file = Self::create(raw.join("20260206.cmbp-1.dbn.zst"));
            write_option_quotes(file, &chain, length, zstd).expect(WHOLE);
        } else {
            let raw = market.lake().raw_mbo(options, root).path().to_owned();
            let file = Self::create(raw.join("20260206.mbo.dbn.zst"));
            write_option_orders(file, &chain, length, zstd).expect(WHOLE);
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
        self.underlying_silver_of("09:30-09:30:41", Existing::Keep)
    }

    fn underlying_silver_of(&self, hours: &str, existing: Existing) -> Result<Outcome, StageError> {
        let hours = hours.parse().expect(WHOLE);
        let any = Choice::default();
        silver::build(
            &self.task(existing),
            &self.underlying,
            hours,
            any,
            &mut |_| {},
        )
    }

    fn underlying_gold(&self) -> Result<Outcome, StageError> {
        gold::build(&self.task(Existing::Keep), &self.underlying, &mut |_| {})
    }

    /// Everything that a forecast reads, and the silver that it is from.
    fn forecast_input(&self) -> (Vec<(i64, Price, ForecastSurface)>, Vec<Input>) {
        let lake = self.lake();
        let mut reader = SurfaceReader::open(&lake, &self.underlying, Self::date()).expect(WHOLE);
        let mut windows = Vec::new();
        while let Some(window) = reader.next_window().expect(WHOLE) {
            windows.push((window.end_ts_ns, window.spot, window.surface.clone()));
        }
        (windows, reader.inputs().to_vec())
    }

    /// Everything that a viewer sees of windows, in the order in which they are asked for.
    fn view(&self, views: &Views, order: impl IntoIterator<Item = usize>) -> Vec<Seen> {
        let opened = views.open(&self.lake(), &self.underlying, Self::date());
        let (snaps, mut viewer) = opened.expect(WHOLE);
        let mut see = |place: usize| {
            let window = viewer.window(snaps[place].end_ts_ns).expect(WHOLE)?;
            Some((
                (window.spot, window.previous_spot),
                window.velocity.clone(),
                window.options.clone(),
                window.surface.clone(),
            ))
        };
        order.into_iter().map(|place| (place, see(place))).collect()
    }

    fn silver(&self, existing: Existing) -> Result<Outcome, StageError> {
        options::build_silver(
            &self.task(existing),
            &self.options,
            Choice::default(),
            &mut |_| {},
        )
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
        self.underlying_gold().expect(WHOLE);
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
        .gold(Existing::Keep)
        .expect_err("no silver of the options");
    let text = error.to_string();
    assert!(text.contains("--layer silver --symbol ESH6"), "{text}");

    std::fs::remove_file(market.definitions()).expect(WHOLE);
    for refused in [
        market.bronze(&market.options),
        market.silver(Existing::Keep),
    ] {
        let text = refused.expect_err("no definitions").to_string();
        assert!(
            text.contains("dataset=definition/**/*20260206*.dbn*"),
            "{text}"
        );
    }
}

#[test]
fn a_product_without_strikes_has_no_silver_of_options() {
    let market = Market::new("ESH6");
    let mut options = market.options.clone();
    options.product.strikes = None;
    let task = market.task(Existing::Keep);
    let error = options::build_silver(&task, &options, Choice::default(), &mut |_| {})
        .expect_err("no strikes");
    assert!(matches!(error, StageError::NoStrikes { .. }));
}

/// Compares gold out of silver with gold from its partitions, in the order of time and in others.
fn check_both_paths(market: &Market, windows: usize) {
    let orders = || {
        let straight = (0..windows).collect::<Vec<_>>();
        // Back and forth over the whole date, from a place of its own each time.
        let wild = (0..40).map(|place| place * 389 % windows).collect();
        [straight, wild]
    };
    let views = Views::default();
    let computed = orders().map(|order| market.view(&views, order));
    let forecast = market.forecast_input();
    assert!(forecast.0.len() + 1 >= windows, "{}", forecast.0.len());

    market.gold(Existing::Keep).expect(WHOLE);
    market.underlying_gold().expect(WHOLE);
    let stored = orders().map(|order| market.view(&views, order));
    for (computed, stored) in computed.iter().flatten().zip(stored.iter().flatten()) {
        assert!(computed == stored, "window {}", computed.0);
    }
    let from_partitions = market.forecast_input();
    assert_eq!(forecast.1, from_partitions.1, "both name the same silver");
    for (computed, stored) in forecast.0.iter().zip(&from_partitions.0) {
        assert!(computed == stored, "window {}", computed.0);
    }
    assert_eq!(forecast.0.len(), from_partitions.0.len());
}

#[test]
fn gold_is_the_same_out_of_silver_and_from_its_partitions() {
    for symbol in ["ESH6", "QQQ"] {
        let market = Market::new(symbol);
        market.bronze(&market.options).expect(WHOLE);
        market.bronze(&market.underlying).expect(WHOLE);
        market.underlying_silver().expect(WHOLE);
        market.silver(Existing::Keep).expect(WHOLE);
        check_both_paths(&market, 40);
    }
}

#[test]
fn gold_is_the_same_from_every_state_that_seeks_begin_with() {
    // A quiet market that lasts long enough for several states.
    let config = SynthConfig::preset("ESH6").expect(WHOLE);
    let quiet = config.with_rate(20).expect(WHOLE);
    let market = Market::lasting("ESH6", Duration::from_secs(400), &quiet);
    market.bronze(&market.options).expect(WHOLE);
    market.bronze(&market.underlying).expect(WHOLE);
    let hours = ("09:30-09:36:40", Existing::Keep);
    market.underlying_silver_of(hours.0, hours.1).expect(WHOLE);
    market.silver(Existing::Keep).expect(WHOLE);
    check_both_paths(&market, 399);
}

#[test]
fn gold_that_was_made_from_other_silver_is_not_used() {
    let market = Market::new("ESH6");
    market.bronze(&market.underlying).expect(WHOLE);
    market.underlying_silver().expect(WHOLE);
    market.underlying_gold().expect(WHOLE);
    let (before, _) = market.forecast_input();
    let shorter = market.underlying_silver_of("09:30-09:30:21", Existing::Overwrite);
    shorter.expect(WHOLE);
    let (after, _) = market.forecast_input();
    assert_eq!((before.len(), after.len()), (40, 20));
    assert!(
        after == before[..20],
        "the windows are those of the new silver"
    );
}

#[test]
fn silver_is_the_same_from_bronze_and_straight_from_the_raw_files() {
    for symbol in ["ESH6", "QQQ"] {
        let made = |with_bronze: bool| {
            let market = Market::new(symbol);
            if with_bronze {
                market.bronze(&market.options).expect(WHOLE);
                market.bronze(&market.underlying).expect(WHOLE);
            }
            let outcomes = [market.underlying_silver(), market.silver(Existing::Keep)];
            outcomes.map(|outcome| outcome.expect(WHOLE).manifests().to_vec())
        };
        let [underlying, options] = made(false);
        assert_eq!(
            [underlying.clone(), options.clone()],
            made(true),
            "{symbol}"
        );
        assert!(underlying[0].inputs[0].dataset.starts_with("raw/"));
        assert!(options.iter().all(|of| of.row_count > 0));
    }
}

#[test]
fn silver_without_bronze_is_kept_and_later_bronze_changes_nothing() {
    let market = Market::new("ESH6");
    let first = market.underlying_silver().expect(WHOLE);
    let again = market.underlying_silver().expect(WHOLE);
    market.bronze(&market.underlying).expect(WHOLE);
    let with_bronze = market.underlying_silver().expect(WHOLE);
    for kept in [again, with_bronze] {
        assert!(matches!(&kept, Outcome::Kept(_)), "{kept:?}");
        assert_eq!(kept.manifests(), first.manifests());
    }
}

#[test]
fn a_raw_file_that_is_cut_or_changed_after_silver_was_made_is_found() {
    let market = Market::new("ESH6");
    market.underlying_silver().expect(WHOLE);
    let raw = market.lake().raw_mbo(ProductType::FutureMbo, "ES");
    let file = raw.path().join("20260206.mbo.dbn.zst");
    let bytes = std::fs::read(&file).expect(WHOLE);
    let silver = silver::partition(
        &market.lake(),
        &market.underlying,
        &SILVER_FLOW,
        Market::date(),
    );
    let defects = || {
        let mut verifier = Verifier::new(market.lake()).knowing(table_of);
        verifier.verify(&silver).len()
    };
    assert_eq!(defects(), 0);
    std::fs::write(&file, &bytes[..bytes.len() / 2]).expect(WHOLE);
    assert_eq!(defects(), 1, "cut");
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    std::fs::write(&file, &changed).expect(WHOLE);
    assert_eq!(defects(), 1, "changed");
    std::fs::write(&file, &bytes).expect(WHOLE);
    assert_eq!(defects(), 0);
}

#[test]
fn a_broken_raw_file_makes_no_silver_and_says_where_it_broke() {
    let market = Market::new("ESH6");
    let raw = market.lake().raw_mbo(ProductType::FutureMbo, "ES");
    let file = raw.path().join("20260206.mbo.dbn.zst");
    let bytes = std::fs::read(&file).expect(WHOLE);
    std::fs::write(&file, &bytes[..bytes.len() / 2]).expect(WHOLE);
    let error = market.underlying_silver().expect_err("half of a file");
    assert!(matches!(error, StageError::Ingest(_)), "{error}");
    let silver = silver::partition(
        &market.lake(),
        &market.underlying,
        &SILVER_FLOW,
        Market::date(),
    );
    assert!(!silver.is_complete());
}
