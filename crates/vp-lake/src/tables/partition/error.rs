//! Why a partition cannot be read or written.

use std::path::{Path, PathBuf};

use crate::LayoutError;
use crate::tables::manifest::ManifestError;
use crate::tables::store::StoreError;
use crate::tables::writer::TableError;

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
