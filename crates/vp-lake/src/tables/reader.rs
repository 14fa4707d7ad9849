//! Parquet files, read in batches of bounded size.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;

use super::column::Column;
use super::schema::{SchemaError, SchemaFault, check_fields};
use super::writer::TableError;

/// Rows in a batch, at most.
const BATCH_ROWS: usize = 8192;

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
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .map_err(TableError::Read)?;
        check_fields(columns, builder.schema().fields())?;
        let is_wanted = |column: &Column| wanted.is_empty() || wanted.contains(&column.name);
        let chosen = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| is_wanted(column));
        let mask = ProjectionMask::roots(
            builder.parquet_schema(),
            chosen.clone().map(|(index, _)| index),
        );
        let without_nulls = chosen
            .filter(|(_, column)| !column.kind.is_nullable())
            .map(|(_, column)| column.name)
            .collect();
        let rows = builder.metadata().file_metadata().num_rows();
        let reader = builder
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(TableError::Read)?;
        Ok(Self {
            reader,
            without_nulls,
            rows: u64::try_from(rows).unwrap_or(0),
        })
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
    /// Returns how many rows there are.
    pub fn rows(&self) -> usize {
        self.0.num_rows()
    }

    /// Returns a column of 64-bit integers. Panics if the reader has no such column.
    pub fn i64(&self, name: &str) -> &[i64] {
        self.column(name).as_primitive::<Int64Type>().values()
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
