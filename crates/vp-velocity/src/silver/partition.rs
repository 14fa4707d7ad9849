//! From the records of a contract or ticker to its two partitions of silver.

use vp_book::Anomalies;
use vp_lake::Lake;
use vp_lake::tables::{Build, Layer, Partition, Table};
use vp_market::{Instrument, Record, SessionDate};

use super::columns::SilverColumns;
use super::raw_records::RawRecords;
use super::{Lattice, Silver, SilverConfig, SilverWindow};
use crate::bronze::{BronzeReader, Choice};
use crate::origin::{Begin, Origin, begin_silver, hash_beside};
use crate::session::{Session, SessionHours};
use crate::settings;
use crate::stage::{Advance, OnAdvance, Outcome, StageError, Task, check_input};
use crate::tables::{SILVER_BOOK, SILVER_FLOW};
use crate::writer::{Halt, Writer, write_beside};

/// The numbers of the two partitions in their job.
const BOOK: usize = 0;
const FLOW: usize = 1;

/// Returns the partition of an instrument in one of the tables of silver.
pub fn partition(
    lake: &Lake,
    instrument: &Instrument,
    table: &Table,
    date: SessionDate,
) -> Partition {
    let (product_type, symbol) = (instrument.product_type, &instrument.symbol);
    lake.partition(Layer::Silver, product_type, symbol, table.name, date)
}

/// Makes both silver partitions of an instrument on a date: all windows whose end lies in the session.
///
/// Records come from bronze where it is complete, else straight from the raw files; the partitions are
/// the same. `choice` says which records are read where the raw files leave a choice.
///
/// # Errors
/// [`StageError`] if the raw files cannot be used, the venue's session has no such hours, a complete
/// partition was made otherwise, or one cannot be read or written. Nothing has been published then.
pub fn build(
    task: &Task,
    instrument: &Instrument,
    hours: SessionHours,
    choice: Choice,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    let session = hours.on(instrument.product_type, task.date)?;
    let targets = [&SILVER_BOOK, &SILVER_FLOW]
        .map(|table| (partition(&task.lake, instrument, table, task.date), table));
    let settings = settings::of(instrument, &hours.to_string());
    let config = SilverConfig {
        tick: instrument.product.tick,
        lattice: Lattice::of(instrument),
        session,
    };
    let build = match begin_silver(task, instrument, choice, &targets, settings, Vec::new())? {
        Begin::Kept(outcome) => return Ok(outcome),
        Begin::Build(build, Origin::Bronze(input)) => {
            let reader = BronzeReader::open(&task.lake, instrument, task.date)?;
            let (bronze, opened) = (reader.partition().clone(), reader.as_input());
            check_input(&bronze, &opened, &input)?;
            write_all(*build, reader, config, on_advance)?
        }
        Begin::Build(build, Origin::Raw(spec)) => {
            let reader = RawRecords::open(&spec, instrument)?;
            let paths = reader.paths().to_vec();
            let work = || write_all(*build, reader, config, on_advance);
            let (mut build, inputs) = hash_beside(task, &paths, work)?;
            build.add_inputs(inputs);
            build
        }
    };
    Ok(Outcome::Built(build.publish()?))
}

/// Records of an instrument in the order of the feed.
pub(crate) trait Records {
    /// Replaces the contents of `batch` by the next records; returns `false` at the end.
    ///
    /// # Errors
    /// [`StageError`] where they cannot be read.
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, StageError>;

    /// Returns how far the input has been read.
    fn progress(&self) -> Advance;

    /// Checks, once nothing more is read, that the input was all of what it should have been.
    ///
    /// # Errors
    /// [`StageError`] if it was not.
    fn end(self) -> Result<(), StageError>;
}

impl Records for BronzeReader {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, StageError> {
        BronzeReader::next_batch(self, batch)
    }

    fn progress(&self) -> Advance {
        BronzeReader::progress(self)
    }

    fn end(self) -> Result<(), StageError> {
        Ok(())
    }
}

/// Writes the windows of all records.
fn write_all(
    build: Build,
    mut reader: impl Records,
    config: SilverConfig,
    on_advance: OnAdvance<'_>,
) -> Result<Build, StageError> {
    let mut silver = Silver::new(config);
    let (build, ()) = write_beside(build, |writer| {
        let mut columns = SilverColumns::default();
        let mut write = |window: &SilverWindow| {
            if columns.push(window) {
                append(writer, &mut columns)
            } else {
                Ok(())
            }
        };
        let mut records: Vec<Record> = Vec::new();
        // Nothing after the session's last window changes any.
        while !silver.is_complete() && reader.next_batch(&mut records)? {
            silver.apply_batch(&records, &mut write)?;
            on_advance(reader.progress());
        }
        silver.finish(&mut write)?;
        append(writer, &mut columns)
    })?;
    reader.end()?;
    report(config.session, silver.book().anomalies());
    Ok(build)
}

fn append(writer: &Writer, columns: &mut SilverColumns) -> Result<(), Halt> {
    writer.append(BOOK, columns.take_books())?;
    writer.append(FLOW, columns.take_flows())
}

/// Says how much was wrong with the records: bronze keeps what the venue sent.
fn report(session: Session, anomalies: &Anomalies) {
    if anomalies.total() == 0 {
        return;
    }
    let counts = anomalies.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    tracing::info!(
        window_count = session.window_count(),
        anomalies = counts.join(", "),
        "silver was made from records of which some contradict others"
    );
}
