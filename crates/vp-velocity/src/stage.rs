//! What every stage is asked for, and what it answers.
//!
//! A stage reads one partition (bronze: raw files), writes the partitions made from it, and knows
//! no other stage.

use std::fmt;
use std::path::PathBuf;

use vp_ingest::{DownloadCommand, IngestError, ShellWord};
use vp_lake::Lake;
use vp_lake::tables::{
    Existing, Input, Job, Layer, Manifest, Partition, PartitionError, PartitionReader, Provenance,
    Settings, Table,
};
use vp_market::{ProductType, SessionDate, StretchError};

use crate::settings::SESSION;

/// What is common to all stages of a run.
#[derive(Clone, Debug)]
pub struct Task {
    /// Where the partitions are.
    pub lake: Lake,
    /// The session's date.
    pub date: SessionDate,
    /// What to do with partitions that are complete.
    pub existing: Existing,
    /// The program and its version, for the manifests.
    pub tool_version: String,
    /// The time of the run, for the manifests.
    pub created_at: String,
}

impl Task {
    /// Returns what is written down of partitions that are made from those inputs.
    pub(crate) fn provenance(&self, settings: Settings, inputs: Vec<Input>) -> Provenance {
        Provenance {
            settings,
            inputs,
            tool_version: self.tool_version.clone(),
            created_at: self.created_at.clone(),
        }
    }

    /// Returns the job that makes partitions from those inputs.
    pub(crate) fn job(
        &self,
        targets: impl IntoIterator<Item = (Partition, &'static Table)>,
        settings: Settings,
        inputs: Vec<Input>,
    ) -> Job {
        Job {
            targets: targets.into_iter().collect(),
            provenance: self.provenance(settings, inputs),
            existing: self.existing,
        }
    }
}

/// How far a stage has come, in units of its input: bytes of raw files, rows of a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// What has been read.
    pub done: u64,
    /// What there is.
    pub total: u64,
}

/// Hears from time to time how far a stage has come.
pub type OnAdvance<'a> = &'a mut dyn FnMut(Advance);

/// What a stage has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The partitions were built.
    Built(Vec<Manifest>),
    /// They were complete, made with the same settings from the same inputs.
    Kept(Vec<Manifest>),
}

impl Outcome {
    /// Returns the partitions that are there now.
    pub fn manifests(&self) -> &[Manifest] {
        let (Self::Built(manifests) | Self::Kept(manifests)) = self;
        manifests
    }
}

/// Why a stage fails. Nothing has been published then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// The partition that it reads is not there.
    #[error("there is no complete partition {}; to make it: {command}", path.display())]
    MissingInput {
        /// The partition's folder.
        path: PathBuf,
        /// The command that makes it.
        command: RunCommand,
    },
    /// Partitions of different schema versions meet: those that are read together, or one that is
    /// read and what is made from it.
    #[error(
        "{} has schema version {older_version} and {} has version {newer_version}: one run does \
         not mix them; to rebuild the older: {command}",
        older.display(),
        newer.display()
    )]
    MixedSchemas {
        /// The folder of the partition with the lowest version.
        older: PathBuf,
        /// That version.
        older_version: u32,
        /// The folder of the partition with the highest version.
        newer: PathBuf,
        /// That version.
        newer_version: u32,
        /// The command that rebuilds the older one.
        command: RunCommand,
    },
    /// The raw files cannot be used.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The raw files hold nothing of the date.
    #[error(
        "{} holds no record of {symbol} in the session of {date}; to fetch it again: {download}",
        path.display()
    )]
    NoRecords {
        /// The first raw file.
        path: PathBuf,
        /// The root, contract or ticker.
        symbol: String,
        /// The date.
        date: SessionDate,
        /// The command that fetches the file.
        download: DownloadCommand,
    },
    /// The product table does not say which strikes of a product's options to follow.
    #[error(
        "the product table follows no option strikes of {root}; give it `strikes` to make silver \
         and gold of its options"
    )]
    NoStrikes {
        /// The root of the underlying.
        root: String,
    },
    /// A partition cannot be read or written.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// A time of the session is not on the date.
    #[error(transparent)]
    Session(#[from] StretchError),
}

/// The command that makes a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunCommand {
    /// The layer.
    pub layer: Layer,
    /// The kind of instrument.
    pub product_type: ProductType,
    /// For bronze a root or ticker, else the contract or ticker.
    pub symbol: String,
    /// The date.
    pub date: SessionDate,
    /// How it is made again, if it is there.
    pub rebuild: Option<Rebuild>,
}

/// How a complete partition is made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuild {
    /// The hours that it has, where they can be chosen.
    pub session: Option<String>,
}

impl RunCommand {
    /// Returns the command that makes a complete partition of silver or gold again, for the same
    /// hours. Gold is made again together with its silver.
    pub(crate) fn rebuild(partition: &Partition, manifest: &Manifest) -> Self {
        let product_type = partition.product_type();
        // Options have the hours of their underlying.
        let session = match product_type.underlying() {
            None => manifest.settings.get(SESSION).map(str::to_owned),
            Some(_) => None,
        };
        Self {
            layer: partition.layer(),
            product_type,
            symbol: partition.symbol().into(),
            date: partition.date(),
            rebuild: Some(Rebuild { session }),
        }
    }
}

impl fmt::Display for RunCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            layer,
            product_type,
            symbol,
            date,
            rebuild,
        } = self;
        let layer = match (layer, rebuild) {
            (Layer::Gold, Some(_)) => "silver,gold",
            (layer, _) => layer.name(),
        };
        write!(
            f,
            "velocity run --product-type {product_type} --layer {layer} --symbol {symbol} --dt \
             {date}",
            symbol = ShellWord(symbol)
        )?;
        let Some(Rebuild { session }) = rebuild else {
            return Ok(());
        };
        if let Some(session) = session {
            write!(f, " --session {session}")?;
        }
        f.write_str(" --overwrite")
    }
}

/// Opens the partition that a stage reads. If there is none, the error names the command that
/// makes it: for bronze that of `bronze_symbol`, the root of a contract.
///
/// # Errors
/// [`StageError::MissingInput`] or [`StageError::Partition`] if it cannot be read.
pub fn open_input(
    partition: &Partition,
    table: &Table,
    wanted: &[&str],
    bronze_symbol: &str,
) -> Result<PartitionReader, StageError> {
    let opened = partition.open(table, wanted);
    opened.map_err(|error| input_error(partition, bronze_symbol, error))
}

/// Returns the manifest of the partition that a stage reads, whose files are there with their
/// lengths.
///
/// # Errors
/// As those of [`open_input`].
pub(crate) fn input_manifest(
    partition: &Partition,
    bronze_symbol: &str,
) -> Result<Manifest, StageError> {
    let manifest = partition.manifest().map_err(PartitionError::from)?;
    let Some(manifest) = manifest else {
        let path = partition.path();
        let missing = PartitionError::Missing { path };
        return Err(input_error(partition, bronze_symbol, missing));
    };
    partition.check_files(&manifest)?;
    Ok(manifest)
}

/// Refuses an input of silver or gold that has an earlier schema version than the table that is
/// made from it.
///
/// # Errors
/// [`StageError::MixedSchemas`].
pub(crate) fn check_input_version(
    input: (&Partition, &Manifest),
    target: (&Partition, &Table),
) -> Result<(), StageError> {
    let newer = (target.0.path(), target.1.version());
    check_version(input, newer)
}

/// Refuses partitions of silver and gold that are read together and have different schema versions.
///
/// # Errors
/// [`StageError::MixedSchemas`].
pub(crate) fn check_same_version(read: &[(&Partition, &Manifest)]) -> Result<(), StageError> {
    let version = |(_, manifest): &&(&Partition, &Manifest)| manifest.schema_version;
    let newest = read.iter().max_by_key(version);
    let oldest = read.iter().min_by_key(version);
    match (oldest, newest) {
        (Some(oldest), Some(newest)) => {
            check_version(*oldest, (newest.0.path(), newest.1.schema_version))
        }
        _ => Ok(()),
    }
}

fn check_version(
    (partition, manifest): (&Partition, &Manifest),
    (newer, newer_version): (PathBuf, u32),
) -> Result<(), StageError> {
    if manifest.schema_version == newer_version {
        return Ok(());
    }
    Err(StageError::MixedSchemas {
        older: partition.path(),
        older_version: manifest.schema_version,
        newer,
        newer_version,
        command: RunCommand::rebuild(partition, manifest),
    })
}

/// Refuses a partition that was opened after another had taken the place of the expected one.
///
/// # Errors
/// [`PartitionError::Replaced`].
pub(crate) fn check_input(
    partition: &Partition,
    opened: &Input,
    expected: &Input,
) -> Result<(), StageError> {
    if opened == expected {
        return Ok(());
    }
    let path = partition.path();
    Err(PartitionError::Replaced { path }.into())
}

/// Returns the error of a stage whose input cannot be opened. If there is none, it names the
/// command that makes it.
pub(crate) fn input_error(
    partition: &Partition,
    bronze_symbol: &str,
    error: PartitionError,
) -> StageError {
    let PartitionError::Missing { path } = error else {
        return error.into();
    };
    let symbol = match partition.layer() {
        Layer::Bronze => bronze_symbol,
        Layer::Silver | Layer::Gold => partition.symbol(),
    };
    let command = RunCommand {
        layer: partition.layer(),
        product_type: partition.product_type(),
        symbol: symbol.into(),
        date: partition.date(),
        rebuild: None,
    };
    StageError::MissingInput { path, command }
}
