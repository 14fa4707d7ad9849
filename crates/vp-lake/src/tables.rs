//! Parquet files, written column by column in row groups of bounded size.
//!
//! Callers hand over plain vectors; Arrow and Parquet stay in here. What a column means is not
//! known.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, UInt32Array,
    UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The rows do not fit the table's columns.
    #[error("the rows do not fit the columns of the table")]
    Shape(#[source] ArrowError),
    /// The file cannot be written.
    #[error("the parquet file cannot be written")]
    Write(#[source] ParquetError),
}

/// The values of one column in a stretch of rows.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "the names are the types; those with `Option` may hold nulls"
)]
pub enum Values {
    Bool(Vec<bool>),
    F64(Vec<f64>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    OptionF64(Vec<Option<f64>>),
    OptionI64(Vec<Option<i64>>),
}

impl Values {
    fn data_type(&self) -> DataType {
        match self {
            Self::Bool(_) => DataType::Boolean,
            Self::F64(_) | Self::OptionF64(_) => DataType::Float64,
            Self::I32(_) => DataType::Int32,
            Self::I64(_) | Self::OptionI64(_) => DataType::Int64,
            Self::U32(_) => DataType::UInt32,
            Self::U64(_) => DataType::UInt64,
        }
    }

    fn is_nullable(&self) -> bool {
        matches!(self, Self::OptionF64(_) | Self::OptionI64(_))
    }

    fn into_array(self) -> ArrayRef {
        match self {
            Self::Bool(values) => Arc::new(BooleanArray::from(values)),
            Self::F64(values) => Arc::new(Float64Array::from(values)),
            Self::I32(values) => Arc::new(Int32Array::from(values)),
            Self::I64(values) => Arc::new(Int64Array::from(values)),
            Self::U32(values) => Arc::new(UInt32Array::from(values)),
            Self::U64(values) => Arc::new(UInt64Array::from(values)),
            Self::OptionF64(values) => Arc::new(Float64Array::from(values)),
            Self::OptionI64(values) => Arc::new(Int64Array::from(values)),
        }
    }
}

/// A Parquet file that is being written, zstd level 3.
pub struct TableWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: Arc<Schema>,
}

impl<W: Write + Send> std::fmt::Debug for TableWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a file whose columns have the names and types of `columns`; their values are not
    /// written.
    ///
    /// # Errors
    /// [`TableError::Write`] if the file's head cannot be written.
    pub fn new(output: W, columns: &[(&str, Values)]) -> Result<Self, TableError> {
        let field = |(name, values): &(&str, Values)| {
            Field::new(*name, values.data_type(), values.is_nullable())
        };
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let level = ZstdLevel::try_new(3).map_err(TableError::Write)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .build();
        let writer = ArrowWriter::try_new(output, Arc::clone(&schema), Some(properties));
        Ok(Self {
            writer: writer.map_err(TableError::Write)?,
            schema,
        })
    }

    /// Appends rows: one vector for each column, in order.
    ///
    /// # Errors
    /// [`TableError::Shape`] if a vector is missing, too many, of another type or length;
    /// [`TableError::Write`] if a row group cannot be written.
    pub fn append(&mut self, columns: Vec<Values>) -> Result<(), TableError> {
        let arrays = columns.into_iter().map(Values::into_array).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        self.writer
            .write(&batch.map_err(TableError::Shape)?)
            .map_err(TableError::Write)
    }

    /// Writes what is left and the file's foot, and returns the output.
    ///
    /// # Errors
    /// [`TableError::Write`] if they cannot be written.
    pub fn finish(self) -> Result<W, TableError> {
        self.writer.into_inner().map_err(TableError::Write)
    }
}

#[cfg(test)]
mod tests {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let rows = |flag: bool, n: u8| {
            vec![
                ("bool", Values::Bool(vec![flag, !flag])),
                ("f64", Values::F64(vec![0.1, -f64::from(n)])),
                ("i32", Values::I32(vec![i32::MIN, n.into()])),
                ("i64", Values::I64(vec![i64::MAX, n.into()])),
                ("u32", Values::U32(vec![u32::MAX, n.into()])),
                ("u64", Values::U64(vec![u64::MAX, n.into()])),
                (
                    "option_f64",
                    Values::OptionF64(vec![None, Some(f64::from(n))]),
                ),
                ("option_i64", Values::OptionI64(vec![Some(n.into()), None])),
            ]
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut table = TableWriter::new(file, &rows(false, 0)).unwrap();
        let mut expected = Vec::new();
        for (flag, n) in [(true, 1), (false, 2)] {
            let columns: Vec<_> = rows(flag, n).into_iter().map(|(_, v)| v).collect();
            let arrays = columns.clone().into_iter().map(Values::into_array);
            let batch = RecordBatch::try_new(Arc::clone(&table.schema), arrays.collect());
            expected.push(batch.unwrap());
            table.append(columns).unwrap();
        }
        let file = table.finish().unwrap();

        let builder = ParquetRecordBatchReaderBuilder::try_new(file.reopen().unwrap()).unwrap();
        let names: Vec<_> = builder.schema().fields().iter().map(|f| f.name()).collect();
        let written: Vec<_> = rows(false, 0).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, written);
        let found: Result<Vec<_>, _> = builder.with_batch_size(2).build().unwrap().collect();
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn rows_of_another_shape_are_refused() {
        let columns = [
            ("a", Values::I64(Vec::new())),
            ("b", Values::F64(Vec::new())),
        ];
        let mut table = TableWriter::new(Vec::new(), &columns).unwrap();
        let wrong = [
            vec![Values::I64(vec![1])],
            vec![Values::I64(vec![1]), Values::I64(vec![1])],
            vec![Values::I64(vec![1]), Values::F64(vec![1.0, 2.0])],
        ];
        for columns in wrong {
            assert!(matches!(table.append(columns), Err(TableError::Shape(_))));
        }
        table
            .append(vec![Values::I64(vec![1]), Values::F64(vec![0.5])])
            .unwrap();
        let bytes = table.finish().unwrap();
        assert_eq!(
            (&bytes[..4], &bytes[bytes.len() - 4..]),
            (&b"PAR1"[..], &b"PAR1"[..])
        );
    }
}
