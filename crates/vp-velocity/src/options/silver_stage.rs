//! From the records of options and the silver of what they are on to silver of options.

use vp_lake::Lake;
use vp_lake::tables::{Build, Layer, Partition, Table};
use vp_market::{Instrument, ProductType, SessionDate, TickSize};

use super::books::OptionBook;
use super::columns::SilverColumns;
use super::quotes::OptionQuote;
use super::raw_rows::RawRows;
use super::silver::{OptionInstrument, OptionSilver, OptionWindow, SpotWindow};
use super::strikes::StrikeGrid;
use crate::bronze::{
    Choice, OptionBronze, OptionBronzeReader, OptionOrders, OptionQuotes, OptionRow,
};
use crate::origin::{Begin, Origin, begin_silver, hash_beside};
use crate::settings::{self, SESSION};
use crate::silver;
use crate::stage::{
    Advance, OnAdvance, Outcome, StageError, Task, check_input, check_input_version,
    input_manifest, open_input,
};
use crate::tables::{SILVER_BOOK, SILVER_OPTION_BOOK, SILVER_OPTION_FLOW, prices};
use crate::writer::{Halt, Writer, write_beside};

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
    choice: Choice,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    match options.product_type {
        ProductType::FutureMbo | ProductType::FutureOptionMbo => {
            build::<OptionOrders, OptionBook>(task, options, choice, on_advance)
        }
        ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => {
            build::<OptionQuotes, OptionQuote>(task, options, choice, on_advance)
        }
    }
}

fn build<B, I>(
    task: &Task,
    options: &Instrument,
    choice: Choice,
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
    let spot_settings = settings::of(&underlying, hours);
    spots.made_with(&spot_settings.and(Choice::settings_in(&spot_manifest.settings)))?;

    let target = |table| {
        let partition = silver_partition(&task.lake, options, table, task.date);
        (partition, table)
    };
    let targets = [&SILVER_OPTION_BOOK, &SILVER_OPTION_FLOW].map(target);
    let settings = settings::of_options(options, grid, hours);
    let beside = vec![spot_manifest.as_input()];
    let begun = begin_silver(task, options, choice, &targets, settings, beside)?;
    let (build, origin) = match begun {
        Begin::Kept(outcome) => return Ok(outcome),
        Begin::Build(build, origin) => (*build, origin),
    };
    let book = silver_partition(&task.lake, options, &SILVER_OPTION_BOOK, task.date);
    check_input_version((&spots, &spot_manifest), (&book, &SILVER_OPTION_BOOK))?;
    let mut spot_reader = open_input(&spots, &SILVER_BOOK, &WANTED, &underlying.root)?;
    check_input(&spots, &spot_reader.as_input(), &spot_manifest.as_input())?;
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
    let build = match origin {
        Origin::Bronze(input) => {
            let reader = OptionBronzeReader::<B>::open(&task.lake, options, task.date)?;
            check_input(reader.partition(), &reader.as_input(), &input)?;
            write_all::<B, I>(build, reader, silver, on_advance)?
        }
        Origin::Raw(spec) => {
            let reader = RawRows::open(&spec, options)?;
            let paths = reader.paths().to_vec();
            let work = || write_all::<B, I>(build, reader, silver, on_advance);
            let (mut build, inputs) = hash_beside(task, &paths, work)?;
            build.add_inputs(inputs);
            build
        }
    };
    Ok(Outcome::Built(build.publish()?))
}

/// Rows of the options on one underlying, in the order of the feed.
pub(crate) trait OptionRows<B: OptionBronze> {
    /// Passes the next rows to `each`; returns `false` at the end.
    ///
    /// # Errors
    /// [`StageError`] where they cannot be read.
    fn read(&mut self, each: impl FnMut(OptionRow<B::Input>)) -> Result<bool, StageError>;

    /// Returns how far the input has been read.
    fn progress(&self) -> Advance;

    /// Checks, once nothing more is read, that the input was all of what it should have been.
    ///
    /// # Errors
    /// [`StageError`] if it was not.
    fn end(self) -> Result<(), StageError>;
}

impl<B: OptionBronze> OptionRows<B> for OptionBronzeReader<B> {
    fn read(&mut self, each: impl FnMut(OptionRow<B::Input>)) -> Result<bool, StageError> {
        OptionBronzeReader::read(self, each)
    }

    fn progress(&self) -> Advance {
        OptionBronzeReader::progress(self)
    }

    fn end(self) -> Result<(), StageError> {
        Ok(())
    }
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
    build: Build,
    mut reader: impl OptionRows<B>,
    mut silver: OptionSilver<I>,
    on_advance: OnAdvance<'_>,
) -> Result<Build, StageError>
where
    B: OptionBronze,
    I: OptionInstrument<Input = B::Input>,
{
    let (build, ()) = write_beside(build, |writer| {
        let mut columns = SilverColumns::default();
        let mut write = |window: &OptionWindow| {
            if columns.push(window) {
                append(writer, &mut columns)
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
        failed?;
        silver.finish(&mut write)?;
        append(writer, &mut columns)
    })?;
    reader.end()?;
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

fn append(writer: &Writer, columns: &mut SilverColumns) -> Result<(), Halt> {
    writer.append(BOOK, columns.take_books())?;
    writer.append(FLOW, columns.take_flows())
}
