//! Building partitions: under a lock, out of sight, and published together when all are whole.

mod part;

use super::column::Table;
use super::lock::Lock;
use super::manifest::{Input, Manifest};
use super::partition::{Partition, PartitionError};
use super::settings::Settings;
use super::store;
use super::values::Values;
use part::{Decided, Part, Sealed};

/// What partitions are made from, with which choices, by what and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The choices.
    pub settings: Settings,
    /// What they are made from.
    pub inputs: Vec<Input>,
    /// The program and its version.
    pub tool_version: String,
    /// When: an instant in UTC, as text.
    pub created_at: String,
}

/// What to do with partitions that are complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Keep them; refuse where they were made otherwise.
    #[default]
    Keep,
    /// Build them again, and put the new ones in their place. Bronze is kept all the same.
    Overwrite,
}

/// Whether there is something to build.
#[derive(Debug)]
pub enum Begun {
    /// All partitions are complete, made with the same settings from the same inputs.
    Complete(Vec<Manifest>),
    /// They are to be built, all of them.
    Build(Build),
}

/// What is built together: the partitions of one symbol, date and layer with their tables.
#[derive(Clone, Debug)]
pub struct Job {
    /// The partitions, of one layer, product type, symbol and date, each with its table.
    pub targets: Vec<(Partition, &'static Table)>,
    /// What they are made from and with.
    pub provenance: Provenance,
    /// What to do with complete ones.
    pub existing: Existing,
}

/// Begins to build partitions that belong together, unless they are complete.
///
/// The partitions get the numbers that they have in the job. If one of them has to be built, all
/// are: they come from the same pass over the input.
///
/// # Errors
/// [`PartitionError::OtherSettings`] and [`PartitionError::OtherInputs`] if a complete partition
/// was made otherwise and is to be kept, [`PartitionError::Damaged`] and
/// [`PartitionError::Manifest`] if one that is to be kept is damaged; others if the lake cannot be
/// written.
///
/// # Panics
/// If the job has no target.
pub fn begin(job: Job) -> Result<Begun, PartitionError> {
    begin_if(job, Partition::made_as)
}

/// Begins to build partitions that are made from inputs which are hashed while they are read, and so
/// are not known yet: [`Build::add_inputs`] names them before the partitions are published.
///
/// As [`begin`]; complete partitions are kept whatever else they were made from than the inputs that
/// the job names.
///
/// # Errors
/// As those of [`begin`].
///
/// # Panics
/// If the job has no target.
pub fn begin_streaming(job: Job) -> Result<Begun, PartitionError> {
    begin_if(job, |partition, provenance| {
        let manifest = partition.made_with(&provenance.settings)?;
        manifest
            .map(|manifest| partition.check_inputs(manifest, &provenance.inputs, false))
            .transpose()
    })
}

/// Tells whether a partition is complete and was made as it should be.
type MadeAs = fn(&Partition, &Provenance) -> Result<Option<Manifest>, PartitionError>;

fn begin_if(job: Job, made_as: MadeAs) -> Result<Begun, PartitionError> {
    let is_clean = |(partition, _): &(Partition, _)| !store::has_leftovers(&partition.path());
    let keeps = job.existing == Existing::Keep;
    let (first, _) = job.targets.first().expect("a job has a target");
    let (lake, layer, date) = (first.lake(), first.layer(), first.date());
    let (product_type, symbol) = (first.product_type(), first.symbol());
    if keeps
        && job.targets.iter().all(is_clean)
        && let Some(manifests) = complete(&job, made_as)?
    {
        lake.sweep_lock(layer, product_type, symbol, date);
        return Ok(Begun::Complete(manifests));
    }
    let lock = lake.lock(layer, product_type, symbol, date)?;
    for (partition, _) in &job.targets {
        store::clean_up(&partition.path())?;
    }
    // The previous owner of the lock may have built them.
    if keeps && let Some(manifests) = complete(&job, made_as)? {
        return Ok(Begun::Complete(manifests));
    }
    let mut build = Build::new(lock, job.provenance);
    for (partition, table) in job.targets {
        build.add(partition, table)?;
    }
    Ok(Begun::Build(build))
}

/// Returns the manifests of a job's partitions if all are complete and made as the job says.
fn complete(job: &Job, made_as: MadeAs) -> Result<Option<Vec<Manifest>>, PartitionError> {
    let check = |(partition, _): &(Partition, _)| made_as(partition, &job.provenance);
    let manifests: Result<Vec<_>, _> = job.targets.iter().map(check).collect();
    Ok(manifests?.into_iter().collect())
}

impl Partition {
    /// Returns the manifest of a complete partition that was made with those settings, or `None` if
    /// it is not complete.
    ///
    /// # Errors
    /// [`PartitionError::Damaged`] if a file is not there or has another length than the manifest
    /// says, [`PartitionError::OtherSettings`] if it was made with other settings.
    pub fn made_with(&self, settings: &Settings) -> Result<Option<Manifest>, PartitionError> {
        let Some(manifest) = self.manifest()? else {
            return Ok(None);
        };
        self.check_files(&manifest)?;
        if manifest.settings != *settings {
            return Err(PartitionError::OtherSettings {
                path: self.path(),
                differences: manifest.settings.differences(settings),
            });
        }
        Ok(Some(manifest))
    }

    /// Returns the manifest of a complete partition that was made as `provenance` says, or `None`
    /// if it is not complete.
    ///
    /// # Errors
    /// [`PartitionError::OtherSettings`] and [`PartitionError::OtherInputs`] if it was made
    /// otherwise.
    pub fn made_as(&self, provenance: &Provenance) -> Result<Option<Manifest>, PartitionError> {
        let Some(manifest) = self.made_with(&provenance.settings)? else {
            return Ok(None);
        };
        self.check_inputs(manifest, &provenance.inputs, true)
            .map(Some)
    }

    /// Refuses a manifest that does not name some inputs, or others beside them if it names `all`.
    fn check_inputs(
        &self,
        manifest: Manifest,
        inputs: &[Input],
        all: bool,
    ) -> Result<Manifest, PartitionError> {
        let made = &manifest.inputs;
        let is_so = if all {
            made == inputs
        } else {
            inputs.iter().all(|input| made.contains(input))
        };
        if is_so {
            return Ok(manifest);
        }
        Err(PartitionError::OtherInputs {
            path: self.path(),
            differences: format!("{}, not {}", list(made), list(inputs)),
        })
    }
}

fn list(inputs: &[Input]) -> String {
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let texts: Vec<_> = inputs
        .iter()
        .map(|input| format!("{} {}", input.dataset, short(&input.content_sha256)))
        .collect();
    texts.join(" and ")
}

/// Partitions that are being built. Dropped before they are published, they leave nothing behind.
#[derive(Debug)]
pub struct Build {
    parts: Vec<Part>,
    provenance: Provenance,
    /// Held until the partitions are in their places.
    _lock: Lock,
}

impl Build {
    /// Begins without partitions.
    pub fn new(lock: Lock, provenance: Provenance) -> Self {
        Self {
            parts: Vec::new(),
            provenance,
            _lock: lock,
        }
    }

    /// Begins a partition and returns its number, counted from 0.
    ///
    /// # Errors
    /// [`PartitionError`] if its files cannot be created.
    ///
    /// # Panics
    /// If the table has no 64-bit column of its times.
    pub fn add(
        &mut self,
        partition: Partition,
        table: &'static Table,
    ) -> Result<usize, PartitionError> {
        self.parts.push(Part::new(partition, table)?);
        Ok(self.parts.len() - 1)
    }

    /// Names inputs in front of those that are known.
    pub fn add_inputs(&mut self, mut inputs: Vec<Input>) {
        inputs.append(&mut self.provenance.inputs);
        self.provenance.inputs = inputs;
    }

    /// Appends rows to a partition: the values of each column, in order.
    ///
    /// # Errors
    /// [`PartitionError::Write`] if they do not fit its columns, or cannot be written.
    ///
    /// # Panics
    /// If there is no partition of that number.
    pub fn append(&mut self, number: usize, values: Vec<Values>) -> Result<(), PartitionError> {
        self.parts[number].append(values)
    }

    /// Ends a partition's row group, whatever it holds.
    ///
    /// # Errors
    /// [`PartitionError::Write`] if it cannot be written.
    ///
    /// # Panics
    /// If there is no partition of that number.
    pub fn end_row_group(&mut self, number: usize) -> Result<(), PartitionError> {
        self.parts[number].end_row_group()
    }

    /// Completes all partitions and puts them in their places, one after the other.
    ///
    /// Returns their manifests.
    ///
    /// # Errors
    /// [`PartitionError`] if the disk does not take them. Before the first is in its place nothing
    /// has changed.
    pub fn publish(self) -> Result<Vec<Manifest>, PartitionError> {
        let Self {
            parts,
            provenance,
            _lock,
        } = self;
        let mut together: Vec<_> = parts
            .iter()
            .map(|part| part.partition().dataset())
            .collect();
        together.sort_unstable();
        let parts = parts.into_iter();
        let sealed: Result<Vec<_>, _> = parts
            .map(|part| part.seal(&provenance, &together))
            .collect();
        let sealed = sealed?.into_iter().map(Sealed::kept_or_new);
        let decided = sealed.collect::<Result<Vec<_>, _>>()?;
        decided.into_iter().map(Decided::publish).collect()
    }
}
