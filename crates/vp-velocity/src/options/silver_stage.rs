//! From the bronze of options and the silver of what they are on to silver of options.

use vp_lake::Lake;
use vp_lake::tables::{Begun, Build, Layer, Partition, PartitionError, Table, begin};
use vp_market::{Instrument, ProductType, SessionDate, TickSize};

use super::books::OptionBook;
use super::columns::SilverColumns;
use super::quotes::OptionQuote;
use super::silver::{OptionInstrument, OptionSilver, OptionWindow, SpotWindow};
use super::strikes::StrikeGrid;
use crate::bronze::{self, OptionBronze, OptionBronzeReader, OptionOrders, OptionQuotes};
use crate::settings::{self, SESSION};
use crate::silver;
use crate::stage::{
    OnAdvance, Outcome, StageError, Task, check_input, check_input_version, input_manifest,
    open_input,
};
use crate::tables::{SILVER_BOOK, SILVER_OPTION_BOOK, SILVER_OPTION_FLOW, prices};

/// The numbers of the two partitions in their job.
const BOOK: usize = 0;
const FLOW: usize = 1;

/// The columns of the underlying's silver that are joined.
const WANTED: [&str; 3] = ["window_end_ts_ns", "spot_ref_price_int", "book_valid"];

/// Returns a silver partition of the options on a contract or ticker.
pub fn silver_partition(
    lake: &Lake,
    options: &Instrument,
    table: &Table,
    date: SessionDate,
) -> Partition {
    let (product_type, symbol) = (options.product_type, &options.symbol);
    lake.partition(Layer::Silver, product_type, symbol, table.name, date)
}

/// Makes both silver partitions of the options on a contract or ticker: of all windows that the
/// underlying's silver has.
///
/// # Errors
/// [`StageError`] if the product table follows no strikes; if bronze of the options or silver of
/// the underlying is missing, or that silver has an earlier schema version; if a complete partition was made otherwise, or one cannot be read or
/// written. Nothing has been published then.
pub fn build_silver(
    task: &Task,
    options: &Instrument,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    match options.product_type {
        ProductType::FutureMbo | ProductType::FutureOptionMbo => {
            build::<OptionOrders, OptionBook>(task, options, on_advance)
        }
        ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => {
            build::<OptionQuotes, OptionQuote>(task, options, on_advance)
        }
    }
}

fn build<B, I>(
    task: &Task,
    options: &Instrument,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError>
where
    B: OptionBronze,
    I: OptionInstrument<Input = B::Input>,
{
    let grid = StrikeGrid::of(options).ok_or_else(|| StageError::NoStrikes {
        root: options.root.clone(),
    })?;
    let underlying = underlying_of(options);
    let spots = silver::partition(&task.lake, &underlying, &SILVER_BOOK, task.date);
    let spot_manifest = input_manifest(&spots, &underlying.root)?;
    let hours = spot_manifest.settings.get(SESSION).unwrap_or_default();
    spots.made_with(&settings::of(&underlying, hours))?;

    let orders = bronze::partition(&task.lake, options.product_type, &options.symbol, task.date);
    let order_input = input_manifest(&orders, &options.root)?.as_input();
    let target = |table| {
        let partition = silver_partition(&task.lake, options, table, task.date);
        (partition, table)
    };
    let job = task.job(
        [&SILVER_OPTION_BOOK, &SILVER_OPTION_FLOW].map(target),
        settings::of_options(options, grid, hours),
        vec![order_input.clone(), spot_manifest.as_input()],
    );
    let build = match begin(job)? {
        Begun::Complete(manifests) => return Ok(Outcome::Kept(manifests)),
        Begun::Build(build) => build,
    };
    let book = silver_partition(&task.lake, options, &SILVER_OPTION_BOOK, task.date);
    check_input_version((&spots, &spot_manifest), (&book, &SILVER_OPTION_BOOK))?;
    let mut spot_reader = open_input(&spots, &SILVER_BOOK, &WANTED, &underlying.root)?;
    check_input(&spots, &spot_reader.as_input(), &spot_manifest.as_input())?;
    let reader = OptionBronzeReader::<B>::open(&task.lake, options, task.date)?;
    check_input(&orders, &reader.as_input(), &order_input)?;
    let mut windows = Vec::new();
    while let Some(batch) = spot_reader.next_batch()? {
        let is_valid = batch.bool("book_valid");
        let version = spot_manifest.schema_version;
        let spots = prices(&batch, version, "spot_ref_price_int");
        let rows = batch.i64("window_end_ts_ns").iter().zip(spots);
        windows.extend(
            rows.zip(is_valid)
                .map(|((&end, spot), book_valid)| SpotWindow {
                    window_end_ts_ns: end,
                    spot_ref_price_int: spot,
                    book_valid,
                }),
        );
    }
    let tick = premium_tick(options.product.tick);
    let silver = OptionSilver::<I>::new(grid, tick, windows);
    let build = write_all(build, reader, silver, on_advance)?;
    Ok(Outcome::Built(build.publish()?))
}

/// Returns what the options of an instrument are on.
pub(crate) fn underlying_of(options: &Instrument) -> Instrument {
    let product_type = options.product_type;
    Instrument {
        product_type: product_type.underlying().unwrap_or(product_type),
        ..options.clone()
    }
}

/// Returns the tick at which books of premiums are fast: premiums come in finer steps than the
/// underlying's price, a fifth of it where they are finest.
fn premium_tick(tick: TickSize) -> TickSize {
    let fifth = tick.nanos() / 5;
    let is_whole = fifth * 5 == tick.nanos();
    let fifth = TickSize::from_nanos(fifth).ok().filter(|_| is_whole);
    fifth.unwrap_or(tick)
}

/// Writes the windows of all rows.
fn write_all<B, I>(
    mut build: Build,
    mut reader: OptionBronzeReader<B>,
    mut silver: OptionSilver<I>,
    on_advance: OnAdvance<'_>,
) -> Result<Build, StageError>
where
    B: OptionBronze,
    I: OptionInstrument<Input = B::Input>,
{
    let mut columns = SilverColumns::default();
    let mut write = |window: &OptionWindow| {
        if columns.push(window) {
            append(&mut build, &mut columns)
        } else {
            Ok(())
        }
    };
    let mut failed = Ok(());
    // Nothing after the last window changes any.
    while !silver.is_complete()
        && reader.read(|row| {
            if failed.is_ok() {
                let (id, contract) = (row.instrument_id, row.contract);
                failed = silver.apply(id, contract, row.ts_ns, &row.input, &mut write);
            }
        })?
    {
        std::mem::replace(&mut failed, Ok(()))?;
        on_advance(reader.progress());
    }
    silver.finish(&mut write)?;
    append(&mut build, &mut columns)?;
    if silver.off_grid() + silver.anomaly_count() > 0 {
        tracing::info!(
            instruments = silver.instrument_count(),
            off_grid = silver.off_grid(),
            anomalies = silver.anomaly_count(),
            "options with strikes off the grid are in no row of depth and flow; records that \
             contradict others were handled as the book does"
        );
    }
    Ok(build)
}

fn append(build: &mut Build, columns: &mut SilverColumns) -> Result<(), PartitionError> {
    build.append(BOOK, columns.take_books())?;
    build.append(FLOW, columns.take_flows())
}
