//! Partitions held open, to be read from any time on.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::SystemTime;

use super::rows::check_hash;
use super::{Partition, PartitionError, PartitionReader};
use crate::tables::column::{Column, Table};
use crate::tables::manifest::Manifest;
use crate::tables::reader::TableFile;
use crate::tables::store::{self, StoreError};

impl Partition {
    /// Holds the files of a complete partition open, to read the columns `wanted` (all, if none is
    /// named) from any time on. A partition that replaces it later changes nothing here.
    ///
    /// The files are not hashed: see [`HeldPartition::verify`].
    ///
    /// # Errors
    /// [`PartitionError`] if it is not complete, a file has another size than the manifest says, or
    /// other columns than the table.
    pub fn hold(&self, table: &Table, wanted: &[&str]) -> Result<HeldPartition, PartitionError> {
        let folder = self.path();
        let missing = || PartitionError::Missing {
            path: folder.clone(),
        };
        let manifest = self.manifest()?.ok_or_else(missing)?;
        let files = self.open_files(&manifest, table, wanted, |_, _, _| Ok(()))?;
        let is_time = |column: &Column| column.name == table.time;
        Ok(HeldPartition {
            time: table.columns.iter().position(is_time),
            manifest,
            files,
        })
    }
}

/// A complete partition whose files are held open.
#[derive(Debug)]
pub struct HeldPartition {
    manifest: Manifest,
    files: Vec<(PathBuf, TableFile)>,
    /// The place of the column of times.
    time: Option<usize>,
}

impl HeldPartition {
    /// Returns the partition's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Begins to read shortly before a time: every row of that time or later is read, and, if there
    /// are earlier ones, the last of those. The partition must be in the order of its times.
    ///
    /// # Errors
    /// [`PartitionError::Read`] if a file cannot be read.
    pub fn read_from(&self, time: i64) -> Result<PartitionReader, PartitionError> {
        let (first_file, first_group) = self.last_group_before(time).unwrap_or((0, 0));
        let mut tables = VecDeque::new();
        for (index, (path, file)) in self.files.iter().enumerate().skip(first_file) {
            let group = if index == first_file { first_group } else { 0 };
            match file.read_from(group) {
                Ok(table) => tables.push_back((path.clone(), table)),
                Err(source) => {
                    let path = path.clone();
                    return Err(PartitionError::Read { path, source });
                }
            }
        }
        Ok(PartitionReader::new(self.manifest.clone(), tables))
    }

    /// Begins to read with that row, counted from 0; beyond the last there are no rows.
    ///
    /// # Errors
    /// [`PartitionError::Read`] if a file cannot be read.
    pub fn read_from_row(&self, row: u64) -> Result<PartitionReader, PartitionError> {
        let mut to_skip = usize::try_from(row).unwrap_or(usize::MAX);
        let mut tables = VecDeque::new();
        for (path, file) in &self.files {
            let groups = file.row_groups();
            let mut group = 0;
            while group < groups && file.rows_in(group) <= to_skip {
                to_skip -= file.rows_in(group);
                group += 1;
            }
            if group == groups {
                continue;
            }
            match file.read_from_row(group, std::mem::take(&mut to_skip)) {
                Ok(table) => tables.push_back((path.clone(), table)),
                Err(source) => {
                    let path = path.clone();
                    return Err(PartitionError::Read { path, source });
                }
            }
        }
        Ok(PartitionReader::new(self.manifest.clone(), tables))
    }

    /// Returns the last file and row group with a row before that time; `None` if there is none, or
    /// a file does not tell.
    fn last_group_before(&self, time: i64) -> Option<(usize, usize)> {
        let column = self.time?;
        let mut last = None;
        for (index, (_, file)) in self.files.iter().enumerate() {
            for group in 0..file.row_groups() {
                if file.least(column, group)? < time {
                    last = Some((index, group));
                }
            }
        }
        last
    }

    /// Returns what tells these files from others at the same place: for each its path, its size,
    /// and when it was last changed.
    ///
    /// # Errors
    /// [`StoreError`] if the disk does not say.
    pub fn identity(&self) -> Result<Vec<(PathBuf, u64, SystemTime)>, StoreError> {
        let of = |(path, file): &(PathBuf, TableFile)| {
            let (bytes, changed) = file.identity().map_err(StoreError::when("read", path))?;
            Ok((path.clone(), bytes, changed))
        };
        self.files.iter().map(of).collect()
    }

    /// Hashes the files as they are held.
    ///
    /// # Errors
    /// [`PartitionError::Damaged`] if one is not what the manifest says.
    pub fn verify(&self) -> Result<(), PartitionError> {
        for (entry, (path, file)) in self.manifest.files.iter().zip(&self.files) {
            let hashed = store::sha256_of(file.bytes());
            let (sha256, bytes) = hashed.map_err(StoreError::when("read", path))?;
            check_hash(path, entry, &sha256, bytes)?;
        }
        Ok(())
    }
}
