//! Parquet files, read in batches of bounded size.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::SystemTime;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;

use super::column::{Column, ColumnType, arrow_schema};
use super::foot;
use super::manifest::ManifestColumn;
use super::schema::{SchemaError, SchemaFault, check_fields, check_values};
use super::values::Values;
use super::writer::TableError;

/// Rows in a batch, at most.
const BATCH_ROWS: usize = 8192;

/// A Parquet file whose foot has been read, and whose columns are those of a table.
#[derive(Debug)]
pub(super) struct TableFile {
    file: OpenFile,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    /// The columns that hold no nulls.
    without_nulls: Vec<&'static str>,
}

impl TableFile {
    /// Reads the foot of a file, whatever its columns are. No column will be read.
    pub(super) fn foot(file: OpenFile) -> Result<Self, TableError> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(TableError::Read)?;
        let mask = ProjectionMask::roots(metadata.parquet_schema(), []);
        Ok(Self {
            file,
            metadata,
            mask,
            without_nulls: Vec::new(),
        })
    }

    /// Reads the foot of a file that must have exactly the columns `columns`; the columns `wanted`
    /// will be read (all, if none is named).
    pub(super) fn open(
        file: OpenFile,
        columns: &[Column],
        wanted: &[&str],
    ) -> Result<Self, TableError> {
        let Self { file, metadata, .. } = Self::foot(file)?;
        check_fields(columns, metadata.schema().fields())?;
        let is_wanted = |column: &Column| wanted.is_empty() || wanted.contains(&column.name);
        let chosen = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| is_wanted(column));
        let mask = ProjectionMask::roots(
            metadata.parquet_schema(),
            chosen.clone().map(|(index, _)| index),
        );
        let without_nulls = chosen
            .filter(|(_, column)| !column.kind.is_nullable())
            .map(|(_, column)| column.name)
            .collect();
        Ok(Self {
            file,
            metadata,
            mask,
            without_nulls,
        })
    }

    /// Returns how many row groups there are.
    pub(super) fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Returns how many rows there are.
    pub(super) fn rows(&self) -> u64 {
        rows_of(&self.metadata)
    }

    /// Returns the schema version in the footer; `None` if it is not a number.
    pub(super) fn schema_version(&self) -> Option<u32> {
        foot::schema_version(self.metadata.metadata().file_metadata())
    }

    /// Returns the columns as a manifest names them.
    pub(super) fn schema(&self) -> Vec<ManifestColumn> {
        let fields = self.metadata.schema().fields().iter();
        let named = fields.map(|field| {
            let kind = ColumnType::of(field.data_type(), field.is_nullable());
            ManifestColumn {
                name: field.name().clone(),
                kind: kind.map_or_else(|| field.data_type().to_string(), |k| k.name().into()),
            }
        });
        named.collect()
    }

    /// Returns the least value of a column of 64-bit integers in a row group, if the file tells.
    pub(super) fn least(&self, column: usize, row_group: usize) -> Option<i64> {
        Some(self.extremes(column, row_group)?.0)
    }

    /// Returns the least and the greatest value of a column of 64-bit integers in a row group, if
    /// the file tells.
    pub(super) fn extremes(&self, column: usize, row_group: usize) -> Option<(i64, i64)> {
        let group = self.metadata.metadata().row_group(row_group);
        let column = group.columns().get(column)?;
        let Statistics::Int64(values) = column.statistics()? else {
            return None;
        };
        Some((*values.min_opt()?, *values.max_opt()?))
    }

    /// Returns the size of the file, and when it was last changed.
    pub(super) fn identity(&self) -> io::Result<(u64, SystemTime)> {
        let metadata = self.file.0.metadata()?;
        Ok((metadata.len(), metadata.modified()?))
    }

    /// Returns the bytes of the file.
    pub(super) fn bytes(&self) -> impl Read + use<> {
        self.file.bytes()
    }

    /// Returns how many rows a row group has.
    pub(super) fn rows_in(&self, row_group: usize) -> usize {
        let rows = self.metadata.metadata().row_group(row_group).num_rows();
        usize::try_from(rows).unwrap_or(0)
    }

    /// Begins to read with that row group.
    pub(super) fn read_from(&self, row_group: usize) -> Result<TableReader, TableError> {
        self.read_from_row(row_group, 0)
    }

    /// Begins to read with a row of a row group.
    pub(super) fn read_from_row(
        &self,
        row_group: usize,
        row: usize,
    ) -> Result<TableReader, TableError> {
        let (file, metadata) = (self.file.clone(), self.metadata.clone());
        let rows = rows_of(&metadata);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_projection(self.mask.clone())
            .with_row_groups((row_group..self.row_groups()).collect())
            .with_batch_size(BATCH_ROWS)
            .with_offset(row)
            .build()
            .map_err(TableError::Read)?;
        Ok(TableReader {
            reader,
            without_nulls: self.without_nulls.clone(),
            rows,
        })
    }
}

fn rows_of(metadata: &ArrowReaderMetadata) -> u64 {
    let rows = metadata.metadata().file_metadata().num_rows();
    u64::try_from(rows).unwrap_or(0)
}

/// A file that is read at given places: readers that share it do not move each other.
#[derive(Clone, Debug)]
pub(super) struct OpenFile(Arc<File>);

impl OpenFile {
    pub(super) fn new(file: File) -> Self {
        Self(Arc::new(file))
    }

    /// Returns the bytes of the file.
    pub(super) fn bytes(&self) -> impl Read + use<> {
        let file = self.clone();
        Following { file, offset: 0 }
    }
}

/// What follows a place in a file.
#[derive(Debug)]
pub(super) struct Following {
    file: OpenFile,
    offset: u64,
}

impl Read for Following {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.0.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl Length for OpenFile {
    fn len(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }
}

impl ChunkReader for OpenFile {
    type T = BufReader<Following>;

    fn get_read(&self, offset: u64) -> Result<Self::T, ParquetError> {
        let file = self.clone();
        Ok(BufReader::new(Following { file, offset }))
    }

    fn get_bytes(&self, offset: u64, length: usize) -> Result<Bytes, ParquetError> {
        let mut bytes = Vec::new();
        // As far as the file goes: a length alone does not make memory grow.
        let part = self.get_read(offset)?.take(length as u64);
        let read = { part }.read_to_end(&mut bytes)?;
        if read < length {
            let reason = format!("{length} bytes expected at {offset}, {read} found");
            return Err(ParquetError::EOF(reason));
        }
        Ok(bytes.into())
    }
}

/// A Parquet file that is being read.
pub struct TableReader {
    reader: ParquetRecordBatchReader,
    /// The columns that hold no nulls.
    without_nulls: Vec<&'static str>,
    rows: u64,
}

impl std::fmt::Debug for TableReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableReader")
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl TableReader {
    /// Begins to read the columns `wanted` (all, if none is named) of a file that must have exactly
    /// the columns `columns`.
    ///
    /// # Errors
    /// [`TableError::Read`] if it is no Parquet file; [`TableError::Schema`], which names the
    /// column, if it has other columns.
    pub fn open(file: File, columns: &[Column], wanted: &[&str]) -> Result<Self, TableError> {
        TableFile::open(OpenFile::new(file), columns, wanted)?.read_from(0)
    }

    /// Returns how many rows the file has.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the next rows, at least one, or `None` at the end.
    ///
    /// # Errors
    /// [`TableError`] where the file is broken, or a column holds nulls that has none.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, TableError> {
        for batch in self.reader.by_ref() {
            let batch = batch.map_err(|error| TableError::Read(ParquetError::from(error)))?;
            if batch.num_rows() == 0 {
                continue;
            }
            for name in &self.without_nulls {
                let column = batch.column_by_name(name);
                if column.is_some_and(|column| column.null_count() > 0) {
                    return Err(SchemaError::new(name, SchemaFault::Nulls).into());
                }
            }
            return Ok(Some(Batch(batch)));
        }
        Ok(None)
    }
}

/// Some rows of a table.
///
/// Columns are asked for by name and type. Both have been checked when the file was opened, so that
/// a column that is not there is a mistake of the program.
#[derive(Clone, Debug)]
pub struct Batch(RecordBatch);

impl Batch {
    /// Returns rows that are not from a file: the values of each column, in order.
    ///
    /// # Errors
    /// [`TableError::Schema`], which names the column, if its values are missing, too many, of another
    /// type or length.
    pub fn of(columns: &[Column], values: Vec<Values>) -> Result<Self, TableError> {
        check_values(columns, &values)?;
        let arrays = values.into_iter().map(Values::into_array).collect();
        let batch = RecordBatch::try_new(Arc::new(arrow_schema(columns)), arrays);
        Ok(Self(batch.map_err(|error| TableError::Read(error.into()))?))
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> usize {
        self.0.num_rows()
    }

    /// Returns the first rows, and the others if there are more. No value is copied.
    pub fn split_at(self, rows: usize) -> (Self, Option<Self>) {
        match self.rows().checked_sub(rows) {
            None | Some(0) => (self, None),
            Some(more) => (
                Self(self.0.slice(0, rows)),
                Some(Self(self.0.slice(rows, more))),
            ),
        }
    }

    /// Returns a column of 64-bit integers. Panics if the reader has no such column.
    pub fn i64(&self, name: &str) -> &[i64] {
        self.column(name).as_primitive::<Int64Type>().values()
    }

    /// Returns a column of 64-bit integers of which some may be null, row by row. Panics if the
    /// reader has no such column.
    pub fn option_i64(&self, name: &str) -> impl ExactSizeIterator<Item = Option<i64>> {
        self.column(name).as_primitive::<Int64Type>().iter()
    }

    /// Returns a column of floats of which some may be null, row by row. Panics if the reader has
    /// no such column.
    pub fn option_f64(&self, name: &str) -> impl ExactSizeIterator<Item = Option<f64>> {
        self.column(name).as_primitive::<Float64Type>().iter()
    }

    /// Returns a column of 32-bit integers. Panics if the reader has no such column.
    pub fn i32(&self, name: &str) -> &[i32] {
        self.column(name).as_primitive::<Int32Type>().values()
    }

    /// Returns a column of floats. Panics if the reader has no such column.
    pub fn f64(&self, name: &str) -> &[f64] {
        self.column(name).as_primitive::<Float64Type>().values()
    }

    /// Returns a column of flags. Panics if the reader has no such column.
    pub fn bool(&self, name: &str) -> Vec<bool> {
        self.column(name).as_boolean().values().iter().collect()
    }

    /// Returns a column of texts, row by row. Panics if the reader has no such column.
    pub fn text(&self, name: &str) -> impl ExactSizeIterator<Item = &str> {
        let texts: &StringArray = self.column(name).as_string();
        (0..texts.len()).map(|row| texts.value(row))
    }

    fn column(&self, name: &str) -> &dyn Array {
        let column = self.0.column_by_name(name);
        column.unwrap_or_else(|| panic!("the reader was not asked for a column {name:?}"))
    }
}
