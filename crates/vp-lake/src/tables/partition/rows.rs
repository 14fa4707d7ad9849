//! The rows of a partition.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::{Partition, PartitionError};
use crate::open_regular;
use crate::tables::column::Table;
use crate::tables::manifest::{FileEntry, Input, Manifest};
use crate::tables::reader::{Batch, TableReader};
use crate::tables::store::{self, StoreError};

impl Partition {
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
        Ok(PartitionReader::new(manifest, tables))
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
    check_hash(&path, entry, &sha256, bytes)?;
    let file = open_regular(&path).map_err(StoreError::when("read", &path))?;
    match TableReader::open(file, table.columns, wanted) {
        Ok(reader) => Ok((path, reader)),
        Err(source) => Err(PartitionError::Read { path, source }),
    }
}

/// Refuses a file that is not what its manifest says.
pub(super) fn check_hash(
    path: &Path,
    entry: &FileEntry,
    sha256: &str,
    bytes: u64,
) -> Result<(), PartitionError> {
    if (sha256, bytes) == (entry.sha256.as_str(), entry.bytes) {
        return Ok(());
    }
    Err(PartitionError::Damaged {
        path: path.into(),
        expected: format!("{} bytes with SHA-256 {}", entry.bytes, entry.sha256),
        found: format!("{bytes} with {sha256}"),
    })
}

/// The rows of a partition, file after file.
#[derive(Debug)]
pub struct PartitionReader {
    manifest: Manifest,
    tables: VecDeque<(PathBuf, TableReader)>,
    rows_read: u64,
}

impl PartitionReader {
    pub(super) fn new(manifest: Manifest, tables: VecDeque<(PathBuf, TableReader)>) -> Self {
        Self {
            manifest,
            tables,
            rows_read: 0,
        }
    }

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
