//! Bronze: what the venue sent, one partition for each outright contract of a date, and one for the
//! options on each.
//!
//! Every column is written as the feed sent it; what a book is given of a message is decided where
//! bronze is read, by the same rules as for a file. Defects stay in.

mod columns;
mod option_columns;
mod option_reader;
mod options;
mod pending;
mod raw_symbol;
mod reader;

use std::path::PathBuf;

use vp_ingest::{DownloadCommand, IngestError, LeftOutRecords, OptionDay, RawDay, RawDaySpec};
use vp_lake::Lake;
use vp_lake::tables::{
    Build, Filter, Layer, Manifest, Partition, PartitionError, Settings, Table, Text,
};
use vp_market::{Contract, ProductType, SessionDate};

use crate::origin::{below_root, raw_input};
use crate::stage::{Advance, OnAdvance, Outcome, StageError, Task};
use crate::tables::{BRONZE_CMBP_1, BRONZE_MBO, BRONZE_OPTION_MBO};
use columns::columns;
use pending::Pending;

pub use option_reader::{OptionBronze, OptionBronzeReader, OptionOrders, OptionQuotes, OptionRow};
pub use raw_symbol::{Choice, RawSymbol};
pub use reader::BronzeReader;

/// Returns the table that bronze of a product type is.
pub const fn table(product_type: ProductType) -> &'static Table {
    match product_type {
        ProductType::FutureMbo | ProductType::EquityMbo => &BRONZE_MBO,
        ProductType::FutureOptionMbo => &BRONZE_OPTION_MBO,
        ProductType::EquityOptionCmbp1 => &BRONZE_CMBP_1,
    }
}

/// Returns the partition of a contract or ticker; of options that of what they are on.
pub fn partition(
    lake: &Lake,
    product_type: ProductType,
    contract: &str,
    date: SessionDate,
) -> Partition {
    lake.partition(
        Layer::Bronze,
        product_type,
        contract,
        table(product_type).name,
        date,
    )
}

/// Returns whether a date is only one of several that the names of its raw files hold, so that it
/// need not have records: a weekend within a range.
pub fn is_within_a_range(lake: &Lake, source: &RawSymbol, date: SessionDate) -> bool {
    let folder = lake.session_mbo(source.product_type, &source.symbol, &source.root);
    let files = folder.list().unwrap_or_default();
    let mut days = files.iter().filter_map(|file| file.days(date)).peekable();
    days.peek().is_some() && days.all(|days| days > 1)
}

/// What bronze was made, and what it leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bronze {
    /// The partitions.
    pub outcome: Outcome,
    /// Records of the files that are of no partition: spreads, and instruments without a symbol of
    /// the product type's form. Not known of partitions that were kept.
    pub left_out: Vec<LeftOutRecords>,
}

/// Writes the bronze partitions of a date: one for each outright contract that the raw files have
/// records of, all of them or none.
///
/// Partitions that are complete are kept, whatever the task says. If a contract is named and its
/// partition is complete, no file is looked at; of a root all partitions that were written with one
/// of them must be.
///
/// # Errors
/// [`StageError`] if the raw files are missing or broken, hold no record of the date or of the
/// contract that was named, or the lake cannot be written. Nothing has been published then.
pub fn build(
    task: &Task,
    source: &RawSymbol,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    build_reporting(task, source, on_advance).map(|bronze| bronze.outcome)
}

/// Writes the bronze partitions of a date, as [`build`], and returns what they leave out.
///
/// # Errors
/// As those of [`build`].
pub fn build_reporting(
    task: &Task,
    source: &RawSymbol,
    on_advance: OnAdvance<'_>,
) -> Result<Bronze, StageError> {
    let kept = |manifests| Bronze {
        outcome: Outcome::Kept(manifests),
        left_out: Vec::new(),
    };
    let settings = source.settings();
    let (product_type, root) = (source.product_type, &source.root);
    if let Some(complete) = complete(task, source, &settings)? {
        task.lake
            .sweep_lock(Layer::Bronze, product_type, root, task.date);
        return Ok(kept(complete));
    }
    let spec = source.day(task);
    let mut day = Day::open(&spec)?;
    let lock = task.lake.lock(Layer::Bronze, product_type, root, task.date);
    let lock = lock.map_err(PartitionError::from)?;
    // The one that held the lock may have built them.
    if let Some(complete) = complete(task, source, &settings)? {
        return Ok(kept(complete));
    }
    let inputs = day.inputs().iter().map(|path| raw_input(task, path));
    let provenance = task.provenance(settings, inputs.collect::<Result<_, _>>()?);
    let build = Build::new(lock, provenance);
    let build = match &mut day {
        Day::Contracts(day) => read_into(build, day, task, source, on_advance)?,
        Day::Options(day) => options::read_into(build, day, task, source, on_advance)?,
    };
    // What was hashed is what was read.
    day.check_unchanged()?;
    let mut manifests = build.publish()?;
    manifests.sort_by(|one, other| one.symbol.cmp(&other.symbol));
    Ok(Bronze {
        outcome: Outcome::Built(manifests),
        left_out: day.left_out(),
    })
}

/// The messages of a date.
enum Day {
    Contracts(RawDay),
    Options(OptionDay),
}

impl Day {
    fn open(spec: &RawDaySpec) -> Result<Self, IngestError> {
        Ok(match spec.product_type.underlying() {
            None => Self::Contracts(RawDay::open(spec)?),
            Some(_) => Self::Options(OptionDay::open(spec)?),
        })
    }

    /// Returns the files that bronze is made from.
    fn inputs(&self) -> &[PathBuf] {
        match self {
            Self::Contracts(day) => day.paths(),
            Self::Options(day) => day.inputs(),
        }
    }

    /// Refuses files that were replaced or changed since.
    fn check_unchanged(&self) -> Result<(), IngestError> {
        match self {
            Self::Contracts(day) => day.check_unchanged(),
            Self::Options(day) => day.check_unchanged(),
        }
    }

    /// Returns what bronze leaves out.
    fn left_out(&self) -> Vec<LeftOutRecords> {
        match self {
            Self::Contracts(day) => day.left_out_records(),
            Self::Options(day) => day.left_out_records(),
        }
    }
}

/// Returns the partitions that were asked for, if they are complete.
fn complete(
    task: &Task,
    source: &RawSymbol,
    settings: &Settings,
) -> Result<Option<Vec<Manifest>>, PartitionError> {
    if let Some(contract) = source.contract() {
        let partition = partition(&task.lake, source.product_type, contract, task.date);
        let manifest = partition.made_with(settings)?;
        return Ok(manifest.map(|manifest| vec![manifest]));
    }
    let filter = Filter {
        layer: Some(Layer::Bronze),
        product_type: Some(source.product_type),
        symbol: None,
        date: Some(task.date),
    };
    let folder = task.lake.raw_mbo(source.product_type, &source.root);
    let own_folder = below_root(task, folder.path());
    for entry in task
        .lake
        .partitions(&filter)
        .map_err(PartitionError::from)?
    {
        let is_of_root = Contract::parse(entry.partition.symbol())
            .is_some_and(|contract| contract.root == source.root);
        if !is_of_root || entry.is_unfinished {
            continue;
        }
        let Some(manifest) = entry.partition.made_with(settings)? else {
            continue;
        };
        // A contract that was built from a folder of its own does not show that its root's are there.
        if manifest
            .inputs
            .iter()
            .any(|input| input.dataset.starts_with(&own_folder))
        {
            let together = manifest.published_with.iter();
            let together =
                together.map(|dataset| match task.lake.partition_of(dataset, task.date) {
                    Some(partition) => partition.made_with(settings),
                    None => Ok(None),
                });
            return together.collect();
        }
    }
    Ok(None)
}

/// Reads the files to their end.
fn read_into(
    build: Build,
    day: &mut RawDay,
    task: &Task,
    source: &RawSymbol,
    on_advance: OnAdvance<'_>,
) -> Result<Build, StageError> {
    let symbols = day.symbols().to_vec();
    let partitions = symbols
        .iter()
        .map(|symbol| partition(&task.lake, source.product_type, symbol, task.date));
    let mut pending = Pending::new(build, &BRONZE_MBO, partitions, |messages, partition| {
        let symbols = Text::repeated(partition.symbol(), messages.len());
        columns(|| messages.iter(), symbols)
    });
    let mut overflow = Ok(());
    loop {
        let more = day.read(|symbol, message| {
            if overflow.is_ok() {
                overflow = pending.push(symbol, message);
            }
        })?;
        std::mem::replace(&mut overflow, Ok(()))?;
        if !more {
            break;
        }
        let progress = day.progress();
        on_advance(Advance {
            done: progress.bytes_read,
            total: progress.bytes_total,
        });
    }
    check_found(pending.found(), day.paths(), task, source)?;
    Ok(pending.finish()?)
}

/// Refuses a date without a record of what was asked for.
fn check_found<'a>(
    mut found: impl Iterator<Item = &'a str>,
    paths: &[PathBuf],
    task: &Task,
    source: &RawSymbol,
) -> Result<(), StageError> {
    let is_there = match source.contract() {
        Some(contract) => found.any(|symbol| symbol == contract),
        None => found.next().is_some(),
    };
    if is_there {
        return Ok(());
    }
    Err(StageError::NoRecords {
        path: paths.first().cloned().unwrap_or_default(),
        symbol: source.symbol.clone(),
        date: task.date,
        download: DownloadCommand {
            product_type: source.product_type,
            root: source.root.clone(),
            date: task.date,
        },
    })
}
