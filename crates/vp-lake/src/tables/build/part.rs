//! One partition of those that are built together: first being written, then sealed.

use std::path::{Path, PathBuf};

use super::Provenance;
use crate::tables::column::Table;
use crate::tables::manifest::{MANIFEST, Manifest, ManifestColumn, part_name};
use crate::tables::partition::{Layer, Partition, PartitionError};
use crate::tables::store::{self, HashedFile, SUCCESS, StoreError};
use crate::tables::values::Values;
use crate::tables::writer::{TableError, TableWriter};

/// A partition that is being written.
#[derive(Debug)]
pub(super) struct Part {
    partition: Partition,
    table: &'static Table,
    /// The column of times, by its place.
    time: usize,
    folder: Unfinished,
    /// Where its file will be.
    path: PathBuf,
    writer: TableWriter<HashedFile>,
    rows: u64,
    times: Option<(i64, i64)>,
}

/// A partition whose files are complete, out of sight.
#[derive(Debug)]
pub(super) struct Sealed {
    partition: Partition,
    folder: Unfinished,
    manifest: Manifest,
}

/// A folder that is removed if nothing comes of it. After the rename there is nothing to remove.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // The next run removes what cannot be removed now.
        let _ = store::remove(&self.0);
    }
}

impl Part {
    pub(super) fn new(partition: Partition, table: &'static Table) -> Result<Self, PartitionError> {
        let (place, name) = (partition.path(), part_name(0));
        let path = place.join(&name);
        let folder = Unfinished(store::begin_folder(&place)?);
        let file = HashedFile::create(&folder.0, name)?;
        let writer =
            TableWriter::of_table(file, table).map_err(|source| cannot_write(&path, source))?;
        let time = table
            .columns
            .iter()
            .position(|column| column.name == table.time)
            .expect("a table has a column of times");
        Ok(Self {
            partition,
            table,
            time,
            folder,
            path,
            writer,
            rows: 0,
            times: None,
        })
    }

    pub(super) fn partition(&self) -> &Partition {
        &self.partition
    }

    pub(super) fn append(&mut self, values: Vec<Values>) -> Result<(), PartitionError> {
        let rows = values.first().map_or(0, Values::len);
        let times = match values.get(self.time) {
            Some(Values::I64(times)) => span(times),
            _ => None,
        };
        let appended = self.writer.append(values);
        appended.map_err(|source| cannot_write(&self.path, source))?;
        self.rows += rows as u64;
        self.times = match (self.times, times) {
            (Some((min, max)), Some((from, to))) => Some((min.min(from), max.max(to))),
            (either, None) | (None, either) => either,
        };
        Ok(())
    }

    pub(super) fn end_row_group(&mut self) -> Result<(), PartitionError> {
        let ended = self.writer.end_row_group();
        ended.map_err(|source| cannot_write(&self.path, source))
    }

    /// Completes the files.
    pub(super) fn seal(
        self,
        provenance: &Provenance,
        together: &[String],
    ) -> Result<Sealed, PartitionError> {
        let Self {
            partition, folder, ..
        } = self;
        let finished = self.writer.finish();
        let file = finished.map_err(|source| cannot_write(&self.path, source))?;
        let entry = file.seal().map_err(StoreError::when("write", &self.path))?;
        let mut manifest = Manifest {
            dataset: partition.dataset(),
            dt: partition.date(),
            symbol: partition.symbol().into(),
            stage: partition.layer().name().into(),
            settings: provenance.settings.clone(),
            row_count: self.rows,
            min_time_ns: self.times.map(|(min, _)| min),
            max_time_ns: self.times.map(|(_, max)| max),
            schema_version: self.table.version(),
            schema: ManifestColumn::all(self.table.columns),
            files: vec![entry],
            inputs: provenance.inputs.clone(),
            published_with: together.to_vec(),
            tool_version: provenance.tool_version.clone(),
            created_at: provenance.created_at.clone(),
            content_sha256: String::new(),
        };
        manifest.content_sha256 = manifest.content_hash();
        store::write_file(&folder.0.join(MANIFEST), &manifest.to_bytes())?;
        store::write_file(&folder.0.join(SUCCESS), b"")?;
        Ok(Sealed {
            partition,
            folder,
            manifest,
        })
    }
}

/// What becomes of a sealed partition.
#[derive(Debug)]
pub(super) enum Decided {
    /// Complete bronze at its place is kept.
    Kept(Box<Manifest>),
    /// It is put in its place.
    New(Box<Sealed>),
}

impl Sealed {
    /// Decides whether the partition is put in its place.
    ///
    /// # Errors
    /// [`PartitionError::Damaged`] and [`PartitionError::Manifest`] if there is bronze that is
    /// damaged.
    pub(super) fn kept_or_new(self) -> Result<Decided, PartitionError> {
        if self.partition.layer() == Layer::Bronze
            && let Some(kept) = self.partition.manifest()?
        {
            self.partition.check_files(&kept)?;
            return Ok(Decided::Kept(Box::new(kept)));
        }
        Ok(Decided::New(Box::new(self)))
    }
}

impl Decided {
    /// Puts the folder in its place, if it is a new one, and returns the manifest that is there
    /// then.
    pub(super) fn publish(self) -> Result<Manifest, PartitionError> {
        match self {
            Self::Kept(manifest) => Ok(*manifest),
            Self::New(sealed) => {
                let (folder, place) = (&sealed.folder.0, sealed.partition.path());
                store::publish_folder(folder, &place, &sealed.manifest.files)?;
                Ok(sealed.manifest)
            }
        }
    }
}

fn cannot_write(path: &Path, source: TableError) -> PartitionError {
    PartitionError::Write {
        path: path.into(),
        source,
    }
}

/// Returns the least and the greatest.
fn span(times: &[i64]) -> Option<(i64, i64)> {
    let (min, max) = (times.iter().min()?, times.iter().max()?);
    Some((*min, *max))
}
