//! The rows of a partition.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::facts::{Contradiction, check_length, contradictions};
use super::{Partition, PartitionError};
use crate::open_regular;
use crate::tables::column::Table;
use crate::tables::manifest::{FileEntry, Input, Manifest};
use crate::tables::reader::{Batch, OpenFile, TableFile, TableReader};
use crate::tables::store::{self, StoreError};

impl Partition {
    /// Begins to read the columns `wanted` (all, if none is named) of a complete partition.
    ///
    /// The files are hashed first: rows of a damaged file are never handed out.
    ///
    /// # Errors
    /// [`PartitionError`] if it is not complete, damaged, or has other columns than the table.
    pub fn open(&self, table: &Table, wanted: &[&str]) -> Result<PartitionReader, PartitionError> {
        let path = self.path();
        let missing = || PartitionError::Missing { path: path.clone() };
        let manifest = self.manifest()?.ok_or_else(missing)?;
        let files = self.open_files(&manifest, table, wanted, |path, entry, file| {
            let (sha256, bytes) =
                store::sha256_of(file.bytes()).map_err(StoreError::when("read", path))?;
            check_hash(path, entry, &sha256, bytes)
        })?;
        let tables = files
            .into_iter()
            .map(|(path, file)| match file.read_from(0) {
                Ok(reader) => Ok((path, reader)),
                Err(source) => Err(PartitionError::Read { path, source }),
            });
        let tables = tables.collect::<Result<_, _>>()?;
        Ok(PartitionReader::new(manifest, tables))
    }

    /// Opens the files of a manifest, each of which `check` sees before anything is read of it.
    pub(super) fn open_files(
        &self,
        manifest: &Manifest,
        table: &Table,
        wanted: &[&str],
        check: impl Fn(&Path, &FileEntry, &OpenFile) -> Result<(), PartitionError>,
    ) -> Result<Vec<(PathBuf, TableFile)>, PartitionError> {
        let folder = self.path();
        let version = manifest.schema_version;
        let columns = table.columns_of(version);
        let columns = columns.ok_or_else(|| PartitionError::UnknownVersion {
            path: folder.clone(),
            found: version,
            known: table.version(),
            tool_version: manifest.tool_version.clone(),
        })?;
        let mut files = Vec::with_capacity(manifest.files.len());
        for entry in &manifest.files {
            let path = folder.join(&entry.name);
            check_length(&path, entry)?;
            let file = open_regular(&path).map_err(StoreError::when("read", &path))?;
            let file = OpenFile::new(file);
            check(&path, entry, &file)?;
            match TableFile::open(file, columns, wanted) {
                Ok(file) => files.push((path, file)),
                Err(source) => return Err(PartitionError::Read { path, source }),
            }
        }
        // Files that are open stay what they are; here they are known to be of this manifest.
        if self.manifest()?.as_ref() != Some(manifest) {
            return Err(PartitionError::Replaced { path: folder });
        }
        let feet: Vec<_> = files.iter().map(|(_, file)| file).collect();
        match contradictions(manifest, Some(table), &feet)
            .into_iter()
            .next()
        {
            None => Ok(files),
            Some(Contradiction { expected, found }) => Err(PartitionError::Damaged {
                path: self.manifest_path(),
                expected,
                found,
            }),
        }
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
