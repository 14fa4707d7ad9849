//! Partitions: their folders, and whether they are complete.

mod error;
mod facts;
mod held;
mod rows;

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use vp_market::{ProductType, SessionDate};

use super::lock::Lock;
use super::manifest::{MANIFEST, Manifest, ManifestError};
use super::store::{self, SUCCESS, StoreError};
use crate::Lake;
use crate::abandoned::remove_if_abandoned;

pub(super) use facts::{Contradiction, contradictions};

pub use error::PartitionError;
pub use held::HeldPartition;
pub use rows::PartitionReader;

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
    /// its current owner.
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
        // Usually there is none, and one that stays is harmless.
        let _ = remove_if_abandoned(&self.lock_path(layer, product_type, symbol, date));
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
    /// Removes the partition, complete or not: readers see all of it or nothing.
    ///
    /// # Errors
    /// [`PartitionError::Store`] if it is not there, or the disk does not let it go.
    pub fn remove(&self) -> Result<(), PartitionError> {
        let Self {
            layer,
            product_type,
            symbol,
            date,
            ..
        } = self;
        let _lock = self.lake().lock(*layer, *product_type, symbol, *date)?;
        Ok(store::take_out(&self.path())?)
    }

    /// Returns how many bytes the files of the partition have.
    pub fn size(&self) -> u64 {
        let files = fs::read_dir(self.path()).into_iter().flatten().flatten();
        let sizes = files.filter_map(|file| Some(file.metadata().ok()?.len()));
        sizes.sum()
    }

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

    /// Returns whether it was published: whether `_SUCCESS` is there.
    pub fn is_complete(&self) -> bool {
        self.path().join(SUCCESS).is_file()
    }

    /// Returns its manifest, or `None` if it is not complete. The files are not looked at:
    /// [`Self::check_files`] does that.
    ///
    /// # Errors
    /// [`ManifestError`] if it is complete and its manifest cannot be used.
    pub fn manifest(&self) -> Result<Option<Manifest>, ManifestError> {
        if !self.is_complete() {
            return Ok(None);
        }
        let manifest = Manifest::read(&self.path())?;
        let contradiction = |fault| ManifestError::Contradiction {
            path: self.manifest_path(),
            fault,
        };
        if (manifest.dataset.as_str(), manifest.dt) != (self.dataset().as_str(), self.date) {
            let fault = format!("it is that of {} on {}", manifest.dataset, manifest.dt);
            return Err(contradiction(fault));
        }
        for (name, found, expected) in [
            ("symbol", &*manifest.symbol, &*self.symbol),
            ("stage", &*manifest.stage, self.layer.name()),
        ] {
            if found != expected {
                let fault = format!("{name} is {found:?}, and its folder says {expected:?}");
                return Err(contradiction(fault));
            }
        }
        Ok(Some(manifest))
    }

    /// Returns the path of its manifest.
    pub(super) fn manifest_path(&self) -> PathBuf {
        self.path().join(MANIFEST)
    }
}
