//! Partitions: where each lies, whether it is complete, and its rows.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use vp_market::{ProductType, SessionDate};

use super::column::Table;
use super::lock::{self, Lock};
use super::manifest::{FileEntry, Input, Manifest, ManifestError};
use super::reader::{Batch, TableReader};
use super::store::{self, SUCCESS, StoreError};
use super::writer::TableError;
use crate::{Lake, LayoutError};

/// A layer of the lake above the raw files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// What the venue sent.
    Bronze,
    /// What the book was.
    Silver,
    /// What a model may see.
    Gold,
}

impl Layer {
    /// Every layer, the lowest first.
    pub const ALL: [Self; 3] = [Self::Bronze, Self::Silver, Self::Gold];

    /// Returns the name that folders and messages use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }

    /// Returns the folder of its product types, below the lake's root.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Bronze => "bronze/source=databento",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a partition cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// It is not there, or not complete.
    #[error("there is no complete partition {}", path.display())]
    Missing {
        /// Its folder.
        path: PathBuf,
    },
    /// It is complete, but was made with other settings.
    #[error("{} is complete with other settings: {differences}; {}", path.display(), remedy(path))]
    OtherSettings {
        /// Its folder.
        path: PathBuf,
        /// What differs.
        differences: String,
    },
    /// It is complete, but was made from something else.
    #[error("{} is complete but was made from other inputs: {differences}; {}", path.display(), remedy(path))]
    OtherInputs {
        /// Its folder.
        path: PathBuf,
        /// What differs.
        differences: String,
    },
    /// A file of it is not what the manifest says.
    #[error("{} is damaged: {expected} expected, {found} found; see `velocity verify`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the manifest says.
        expected: String,
        /// What is there.
        found: String,
    },
    /// It was replaced while it was opened.
    #[error("{} was replaced while it was opened; run again", path.display())]
    Replaced {
        /// Its folder.
        path: PathBuf,
    },
    /// Its rows cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: TableError,
    },
    /// Its rows cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The place of the file.
        path: PathBuf,
        /// Why not.
        source: TableError,
    },
    /// Its manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A folder of the lake cannot be listed.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The disk does not take or give something.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says how a partition can be made with other settings.
fn remedy(path: &Path) -> &'static str {
    if path.components().any(|part| part.as_os_str() == "bronze") {
        "bronze is never overwritten: move it away first"
    } else {
        "to rebuild it: --overwrite"
    }
}

/// One date of one table: a folder of the lake, there or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition {
    root: PathBuf,
    layer: Layer,
    product_type: ProductType,
    symbol: String,
    table: String,
    date: SessionDate,
}

impl Lake {
    /// Returns a partition, whether or not it is there.
    pub fn partition(
        &self,
        layer: Layer,
        product_type: ProductType,
        symbol: &str,
        table: &str,
        date: SessionDate,
    ) -> Partition {
        Partition {
            root: self.root().into(),
            layer,
            product_type,
            symbol: symbol.into(),
            table: table.into(),
            date,
        }
    }

    /// Returns the partition that a manifest calls by its dataset, or `None` for a text that is no
    /// dataset of the layers above raw.
    pub fn partition_of(&self, dataset: &str, date: SessionDate) -> Option<Partition> {
        let (layer, rest) = Layer::ALL.into_iter().find_map(|layer| {
            let rest = dataset.strip_prefix(layer.folder())?;
            Some((layer, rest.strip_prefix('/')?))
        })?;
        let mut folders = rest.split('/');
        let mut value = |key: &str| folders.next()?.strip_prefix(key)?.strip_prefix('=');
        let product_type = ProductType::from_str(value("product_type")?).ok()?;
        let (symbol, table) = (value("symbol")?, value("table")?);
        let is_whole = folders.next().is_none() && !symbol.is_empty() && !table.is_empty();
        is_whole.then(|| self.partition(layer, product_type, symbol, table, date))
    }

    /// Takes the right to write a symbol's partitions of one date in one layer, waiting for
    /// whoever has it.
    ///
    /// # Errors
    /// [`StoreError`] if the lake takes no locks.
    pub fn lock(
        &self,
        layer: Layer,
        product_type: ProductType,
        symbol: &str,
        date: SessionDate,
    ) -> Result<Lock, StoreError> {
        Lock::acquire(self.lock_path(layer, product_type, symbol, date))
    }

    /// Removes what a run has left of its lock that ended before it could remove it.
    pub fn sweep_lock(
        &self,
        layer: Layer,
        product_type: ProductType,
        symbol: &str,
        date: SessionDate,
    ) {
        lock::sweep(&self.lock_path(layer, product_type, symbol, date));
    }

    fn lock_path(
        &self,
        layer: Layer,
        product_type: ProductType,
        symbol: &str,
        date: SessionDate,
    ) -> PathBuf {
        let folder = self.root().join(layer.folder());
        let folder = folder.join(format!("product_type={product_type}"));
        folder.join(format!(".{symbol}.{date}.lock"))
    }
}

impl Partition {
    /// Returns its layer.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// Returns its kind of instrument.
    pub fn product_type(&self) -> ProductType {
        self.product_type
    }

    /// Returns its contract or ticker.
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Returns the name of its table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Returns its date.
    pub fn date(&self) -> SessionDate {
        self.date
    }

    /// Returns the folder of its table, below the lake's root.
    pub fn dataset(&self) -> String {
        let Self {
            layer,
            product_type,
            symbol,
            table,
            ..
        } = self;
        let folder = layer.folder();
        format!("{folder}/product_type={product_type}/symbol={symbol}/table={table}")
    }

    /// Returns its folder.
    pub fn path(&self) -> PathBuf {
        self.root
            .join(self.dataset())
            .join(format!("dt={}", self.date))
    }

    /// Returns the lake that it is part of.
    pub fn lake(&self) -> Lake {
        Lake::new(&self.root)
    }

    /// Returns whether it is complete.
    pub fn is_complete(&self) -> bool {
        self.path().join(SUCCESS).is_file()
    }

    /// Returns its manifest, or `None` if it is not complete.
    ///
    /// # Errors
    /// [`ManifestError`] if it is complete and its manifest cannot be used.
    pub fn manifest(&self) -> Result<Option<Manifest>, ManifestError> {
        if !self.is_complete() {
            return Ok(None);
        }
        let path = self.path();
        let manifest = Manifest::read(&path)?;
        if (manifest.dataset.as_str(), manifest.dt) != (self.dataset().as_str(), self.date) {
            let fault = format!("it is that of {} on {}", manifest.dataset, manifest.dt);
            return Err(ManifestError::Contradiction { path, fault });
        }
        Ok(Some(manifest))
    }

    /// Begins to read the columns `wanted` (all, if none is named) of a complete partition.
    ///
    /// The files are hashed first: rows of a damaged file reach nobody.
    ///
    /// # Errors
    /// [`PartitionError`] if it is not complete, damaged, or has other columns than the table.
    pub fn open(&self, table: &Table, wanted: &[&str]) -> Result<PartitionReader, PartitionError> {
        let path = self.path();
        let missing = || PartitionError::Missing { path: path.clone() };
        let manifest = self.manifest()?.ok_or_else(missing)?;
        let tables = manifest
            .files
            .iter()
            .map(|entry| open_file(&path, entry, table, wanted))
            .collect::<Result<VecDeque<_>, _>>()?;
        // Files that are open stay what they are; here they are known to be of this manifest.
        if self.manifest()?.as_ref() != Some(&manifest) {
            return Err(PartitionError::Replaced { path });
        }
        Ok(PartitionReader {
            manifest,
            tables,
            rows_read: 0,
        })
    }
}

fn open_file(
    folder: &Path,
    entry: &FileEntry,
    table: &Table,
    wanted: &[&str],
) -> Result<(PathBuf, TableReader), PartitionError> {
    let path = folder.join(&entry.name);
    let hashed = store::sha256_of_file(&path);
    let (sha256, bytes) = hashed.map_err(StoreError::when("read", &path))?;
    if (&sha256, bytes) != (&entry.sha256, entry.bytes) {
        return Err(PartitionError::Damaged {
            path,
            expected: format!("{} bytes with SHA-256 {}", entry.bytes, entry.sha256),
            found: format!("{bytes} with {sha256}"),
        });
    }
    let file = File::open(&path).map_err(StoreError::when("read", &path))?;
    match TableReader::open(file, table.columns, wanted) {
        Ok(reader) => Ok((path, reader)),
        Err(source) => Err(PartitionError::Read { path, source }),
    }
}

/// The rows of a partition, file after file.
#[derive(Debug)]
pub struct PartitionReader {
    manifest: Manifest,
    tables: VecDeque<(PathBuf, TableReader)>,
    rows_read: u64,
}

impl PartitionReader {
    /// Returns the partition's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the partition as the input of another.
    pub fn as_input(&self) -> Input {
        self.manifest.as_input()
    }

    /// Returns how many rows have been handed out.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// Returns the next rows, at least one, or `None` at the end.
    ///
    /// # Errors
    /// [`PartitionError::Read`] where a file is broken.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, PartitionError> {
        while let Some((path, table)) = self.tables.front_mut() {
            match table.next_batch() {
                Ok(Some(batch)) => {
                    self.rows_read += batch.rows() as u64;
                    return Ok(Some(batch));
                }
                Ok(None) => self.tables.pop_front(),
                Err(source) => {
                    let path = path.clone();
                    return Err(PartitionError::Read { path, source });
                }
            };
        }
        Ok(None)
    }
}
