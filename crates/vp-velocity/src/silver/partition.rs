//! From the bronze of a contract or ticker to its two partitions of silver.

use vp_book::Anomalies;
use vp_lake::Lake;
use vp_lake::tables::{Begun, Build, Layer, Partition, PartitionError, Table, begin};
use vp_market::{Instrument, Record, SessionDate};

use super::columns::SilverColumns;
use super::{Lattice, Silver, SilverConfig, SilverWindow};
use crate::bronze::{self, BronzeReader};
use crate::session::{Session, SessionHours};
use crate::settings;
use crate::stage::{OnAdvance, Outcome, StageError, Task, check_input, input_manifest};
use crate::tables::{SILVER_BOOK, SILVER_FLOW};

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

/// Makes both silver partitions of an instrument on a date from its bronze: all windows whose end
/// lies in the session.
///
/// # Errors
/// [`StageError`] if there is no bronze, the venue's session has no such hours, a complete
/// partition was made otherwise, or one cannot be read or written. Nothing has been published then.
pub fn build(
    task: &Task,
    instrument: &Instrument,
    hours: SessionHours,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    let session = hours.on(instrument.product_type, task.date)?;
    let (product_type, symbol) = (instrument.product_type, &instrument.symbol);
    let bronze = bronze::partition(&task.lake, product_type, symbol, task.date);
    let input = input_manifest(&bronze, &instrument.root)?.as_input();
    let targets = [&SILVER_BOOK, &SILVER_FLOW]
        .map(|table| (partition(&task.lake, instrument, table, task.date), table));
    let settings = settings::of(instrument, &hours.to_string());
    let job = task.job(targets, settings, vec![input.clone()]);
    let build = match begin(job)? {
        Begun::Complete(manifests) => return Ok(Outcome::Kept(manifests)),
        Begun::Build(build) => build,
    };
    let reader = BronzeReader::open(&task.lake, instrument, task.date)?;
    check_input(&bronze, &reader.as_input(), &input)?;
    let config = SilverConfig {
        tick: instrument.product.tick,
        lattice: Lattice::of(instrument),
        session,
    };
    let build = write_all(build, reader, config, on_advance)?;
    Ok(Outcome::Built(build.publish()?))
}

/// Writes the windows of all records.
fn write_all(
    mut build: Build,
    mut reader: BronzeReader,
    config: SilverConfig,
    on_advance: OnAdvance<'_>,
) -> Result<Build, StageError> {
    let mut silver = Silver::new(config);
    let mut columns = SilverColumns::default();
    let mut write = |window: &SilverWindow| {
        if columns.push(window) {
            append(&mut build, &mut columns)
        } else {
            Ok(())
        }
    };
    let mut records: Vec<Record> = Vec::new();
    // Nothing after the session's last window changes any.
    while !silver.is_complete() && reader.next_batch(&mut records)? {
        for record in &records {
            silver.apply(record, &mut write)?;
        }
        on_advance(reader.progress());
    }
    silver.finish(&mut write)?;
    append(&mut build, &mut columns)?;
    report(config.session, silver.book().anomalies());
    Ok(build)
}

fn append(build: &mut Build, columns: &mut SilverColumns) -> Result<(), PartitionError> {
    build.append(BOOK, columns.take_books())?;
    build.append(FLOW, columns.take_flows())
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
