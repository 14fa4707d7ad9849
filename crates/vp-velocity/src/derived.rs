//! Rows of gold, computed from rows of silver as they are read.

use std::path::PathBuf;

use vp_lake::Lake;
use vp_lake::tables::{
    Batch, Begun, Column, Partition, PartitionError, PartitionReader, SchemaError, Settings, Table,
    Values, begin,
};
use vp_market::{Instrument, SessionDate};

use crate::bronze::Choice;
use crate::settings::SESSION;
use crate::stage::{
    Advance, OnAdvance, Outcome, StageError, Task, check_input, check_input_version,
    input_manifest, open_input,
};

/// The number of the partition of gold in its job.
const SURFACE: usize = 0;

/// Rows of gold that are gathered before they are handed on: columns of this length come from
/// memory that was given back before, longer ones from fresh pages.
const ENOUGH_ROWS: usize = 4_096;

/// Rows of silver that are taken in at once. A row of silver can make a whole window of gold.
const SLICE_ROWS: usize = 256;

/// What gold of one kind of instrument is made from, and how.
pub(crate) trait Transform: Clone + Send + std::fmt::Debug + 'static {
    /// The table of silver that is read.
    const SILVER: &'static Table;
    /// The table of gold that is made.
    const GOLD: &'static Table;

    /// Returns the transform before the first row of silver. It gathers the columns `wanted` of the
    /// table, all if none is named.
    ///
    /// # Errors
    /// [`StageError::NoStrikes`] for options whose strikes the product table does not name.
    fn of(instrument: &Instrument, wanted: &[&str]) -> Result<Self, StageError>;

    /// Returns the settings that silver must have been made with, for a session of those hours.
    fn settings(&self, instrument: &Instrument, hours: &str) -> Settings;

    /// Returns the partition of gold.
    fn gold(lake: &Lake, instrument: &Instrument, date: SessionDate) -> Partition;

    /// Returns the partition of silver that gold is made from.
    fn silver(lake: &Lake, instrument: &Instrument, date: SessionDate) -> Partition;

    /// Takes rows of silver in, in their order.
    ///
    /// # Errors
    /// [`SchemaError`] if a value is not one that silver has.
    fn push(&mut self, silver: &Batch) -> Result<(), SchemaError>;

    /// Ends the window that is open: no more rows will come.
    fn finish(&mut self);

    /// Gathers these columns from now on; the rows that are gathered are forgotten.
    fn gather(&mut self, wanted: &[&str]);

    /// Returns how many rows of gold are gathered.
    fn gathered(&self) -> usize;

    /// Returns the columns that are gathered, in the order of the table.
    fn columns(&self) -> Vec<Column>;

    /// Returns the gathered rows, column by column, and forgets them.
    fn take(&mut self) -> Vec<Values>;
}

/// Returns which columns of a table are wanted: all, if none is named.
pub(crate) fn chosen(table: &Table, wanted: &[&str]) -> Vec<bool> {
    let is_wanted = |column: &Column| wanted.is_empty() || wanted.contains(&column.name);
    table.columns.iter().map(is_wanted).collect()
}

/// Returns the columns of a table that are wanted.
pub(crate) fn columns_of(table: &Table, is_wanted: &[bool]) -> Vec<Column> {
    let columns = table.columns.iter().zip(is_wanted);
    columns
        .filter(|(_, wanted)| **wanted)
        .map(|(column, _)| *column)
        .collect()
}

/// Gold as it comes out of silver.
#[derive(Debug)]
pub(crate) struct Derived<T> {
    /// Where silver is, for errors.
    path: PathBuf,
    silver: PartitionReader,
    transform: T,
    /// What is left of the last batch of silver.
    batch: Option<Batch>,
    is_finished: bool,
}

impl<T: Transform> Derived<T> {
    /// Returns the gold of the rows that `silver`, whose folder is `path`, will read; `transform` has
    /// taken in those before.
    pub(crate) fn new(path: PathBuf, silver: PartitionReader, transform: T) -> Self {
        Self {
            path,
            silver,
            transform,
            batch: None,
            is_finished: false,
        }
    }

    /// Returns the reader of silver.
    pub(crate) fn silver(&self) -> &PartitionReader {
        &self.silver
    }

    /// Returns the next rows of gold as values of the columns that are gathered, or `None` at the end.
    pub(crate) fn next_values(&mut self) -> Result<Option<Vec<Values>>, PartitionError> {
        while !self.is_finished && self.transform.gathered() < ENOUGH_ROWS {
            let batch = match self.batch.take() {
                Some(batch) => Some(batch),
                None => self.silver.next_batch()?,
            };
            let Some(batch) = batch else {
                self.transform.finish();
                self.is_finished = true;
                break;
            };
            let (slice, rest) = batch.split_at(SLICE_ROWS);
            self.batch = rest;
            let pushed = self.transform.push(&slice);
            pushed.map_err(|error| PartitionError::Read {
                path: self.path.clone(),
                source: error.into(),
            })?;
        }
        Ok((self.transform.gathered() > 0).then(|| self.transform.take()))
    }

    /// Returns the next rows of gold, or `None` at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, PartitionError> {
        let Some(values) = self.next_values()? else {
            return Ok(None);
        };
        let batch = Batch::of(&self.transform.columns(), values);
        Ok(Some(batch.expect("a transform gathers its columns")))
    }
}

/// Gold, row by row: from its partition, or out of silver.
#[derive(Debug)]
pub(crate) enum GoldRows<T> {
    /// From its partition.
    Partition(PartitionReader),
    /// Computed.
    Derived(Derived<T>),
}

impl<T: Transform> GoldRows<T> {
    /// Returns the next rows, at least one, or `None` at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, PartitionError> {
        match self {
            Self::Partition(reader) => reader.next_batch(),
            Self::Derived(derived) => derived.next_batch(),
        }
    }

    /// Returns the reader of the partition that is read.
    pub(crate) fn reader(&self) -> &PartitionReader {
        match self {
            Self::Partition(reader) => reader,
            Self::Derived(derived) => derived.silver(),
        }
    }
}

/// Writes the partition of gold of an instrument on a date, for the session of its silver.
///
/// # Errors
/// [`StageError`] if there is no silver, or silver of another grid or schema version; if a complete
/// partition was made otherwise, or one cannot be read or written. Nothing has been published then.
pub(crate) fn build_gold<T: Transform>(
    task: &Task,
    instrument: &Instrument,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    let transform = T::of(instrument, &[])?;
    let silver = T::silver(&task.lake, instrument, task.date);
    let manifest = input_manifest(&silver, &instrument.root)?;
    let hours = manifest.settings.get(SESSION).unwrap_or_default();
    let settings = transform.settings(instrument, hours);
    let settings = settings.and(Choice::settings_in(&manifest.settings));
    silver.made_with(&settings)?;
    let target = T::gold(&task.lake, instrument, task.date);
    let inputs = vec![manifest.as_input()];
    let job = task.job([(target.clone(), T::GOLD)], settings, inputs);
    let mut build = match begin(job)? {
        Begun::Complete(manifests) => return Ok(Outcome::Kept(manifests)),
        Begun::Build(build) => build,
    };
    check_input_version((&silver, &manifest), (&target, T::GOLD))?;
    let reader = open_input(&silver, T::SILVER, &[], &instrument.root)?;
    check_input(&silver, &reader.as_input(), &manifest.as_input())?;
    let mut gold = Derived::new(silver.path(), reader, transform);
    while let Some(values) = gold.next_values()? {
        build.append(SURFACE, values)?;
        on_advance(Advance {
            done: gold.silver().rows_read(),
            total: manifest.row_count,
        });
    }
    Ok(Outcome::Built(build.publish()?))
}
