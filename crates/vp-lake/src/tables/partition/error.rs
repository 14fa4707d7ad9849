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
    #[error("{} is damaged: {expected} expected, {found} found; {}", path.display(), repair(path))]
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
    /// It has a schema version that this program does not know.
    #[error(
        "{} has schema version {found}, and this program reads up to {known}; use the program that \
         made it ({tool_version}) or a newer one",
        path.display()
    )]
    UnknownVersion {
        /// Its folder.
        path: PathBuf,
        /// The version.
        found: u32,
        /// The latest version that is known.
        known: u32,
        /// What made it.
        tool_version: String,
    },
    /// Its manifest cannot be used.
    #[error("{} is damaged: its manifest cannot be used; {}", folder_of(.0.path()).display(), repair(.0.path()))]
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
    if is_bronze(path) {
        "bronze is never overwritten: move it away first"
    } else {
        "to rebuild it, run again with `overwrite`"
    }
}

/// Says how a damaged partition can be made again.
fn repair(path: &Path) -> String {
    if is_bronze(path) {
        let folder = folder_of(path).display();
        format!("bronze is never overwritten: remove {folder} and run again")
    } else {
        "to rebuild it, run again with `overwrite`".into()
    }
}

fn is_bronze(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "bronze")
}

/// Returns the folder of the partition that contains a path.
fn folder_of(path: &Path) -> &Path {
    let is_date = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default();
        name.as_encoded_bytes().starts_with(b"dt=")
    };
    path.ancestors().find(is_date).unwrap_or(path)
}
