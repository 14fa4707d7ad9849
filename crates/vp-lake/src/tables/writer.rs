//! Parquet files, written in row groups of bounded size.

use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::column::{Column, Table, arrow_schema};
use super::foot;
use super::schema::{SchemaError, check_values};
use super::values::Values;

/// The level of compression of every file.
const ZSTD_LEVEL: i32 = 3;

/// Rows in a page. A row group of gold is one page of each column: the second page that a column
/// compresses finds its tables cold, and takes half as long again.
const PAGE_ROWS: usize = 65_536;

/// Why a table cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The columns are not those of the table.
    #[error("the columns are not those of the table")]
    Schema(#[from] SchemaError),
    /// The file cannot be written.
    #[error("the parquet file cannot be written")]
    Write(#[source] ParquetError),
    /// The file cannot be read.
    #[error("the parquet file cannot be read")]
    Read(#[source] ParquetError),
}

/// A Parquet file that is being written, zstd level 3.
///
/// Rows are laid out and compressed as they come, and go to the file one row group at a time:
/// memory is that of one row group, compressed.
pub struct TableWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: Arc<Schema>,
    columns: Vec<Column>,
}

impl<W: Write + Send> std::fmt::Debug for TableWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a file of those columns, with that many rows in a row group.
    ///
    /// # Errors
    /// [`TableError::Write`] if the file's head cannot be written.
    pub fn new(output: W, columns: &[Column], row_group_rows: usize) -> Result<Self, TableError> {
        Self::begin(output, columns, row_group_rows, Vec::new())
    }

    /// Says something in the foot of the file, where readers find it as key and value.
    pub fn say(&mut self, key: &str, value: String) {
        let said = KeyValue::new(key.to_owned(), value);
        self.writer.append_key_value_metadata(said);
    }

    /// Begins a file of a partition of that table.
    ///
    /// # Errors
    /// As those of [`Self::new`].
    pub fn of_table(output: W, table: &Table) -> Result<Self, TableError> {
        let said = foot::key_values(table);
        Self::begin(output, table.columns, table.row_group_rows, said)
    }

    fn begin(
        output: W,
        columns: &[Column],
        row_group_rows: usize,
        said: Vec<KeyValue>,
    ) -> Result<Self, TableError> {
        let schema = Arc::new(arrow_schema(columns));
        let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(TableError::Write)?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata((!said.is_empty()).then_some(said))
            .set_max_row_group_row_count(Some(row_group_rows));
        for column in columns {
            if let Some(layout) = column.encoding.layout() {
                let path = column.path();
                properties = properties
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path, layout);
            }
        }
        // Arrow's own description of the columns says nothing that Parquet's does not, but for what
        // `said` may hold.
        let options = ArrowWriterOptions::new()
            .with_properties(properties.build())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(output, Arc::clone(&schema), options);
        Ok(Self {
            writer: writer.map_err(TableError::Write)?,
            schema,
            columns: columns.to_vec(),
        })
    }

    /// Appends rows: the values of each column, in order. Best some thousands at a time.
    ///
    /// # Errors
    /// [`TableError::Schema`], which names the column, if its values are missing, too many, of
    /// another type or length; nothing is appended then. [`TableError::Write`] if a row group
    /// cannot be written.
    pub fn append(&mut self, values: Vec<Values>) -> Result<(), TableError> {
        check_values(&self.columns, &values)?;
        let arrays = values.into_iter().map(Values::into_array).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| TableError::Write(error.into()))?;
        self.writer.write(&batch).map_err(TableError::Write)
    }

    /// Ends the row group, whatever it holds.
    ///
    /// # Errors
    /// [`TableError::Write`] if it cannot be written.
    pub fn end_row_group(&mut self) -> Result<(), TableError> {
        self.writer.flush().map_err(TableError::Write)
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
    use std::fs::File;

    use super::*;
    use crate::tables::{Encoding, SchemaFault, TableReader, Text};

    const COLUMNS: [Column; 6] = [
        Column::bool("flag"),
        Column::f64("float").encoded(Encoding::ByteStreamSplit),
        Column::i32("short"),
        Column::i64("long").encoded(Encoding::Delta),
        Column::i64("plain").encoded(Encoding::Plain),
        Column::text("text"),
    ];

    fn rows(from: i32, to: i32) -> Vec<Values> {
        let numbers = || from..to;
        let texts: Vec<String> = numbers().map(|n| format!("{n}é")).collect();
        vec![
            Values::Bool(numbers().map(|n| n % 3 == 0).collect()),
            Values::F64(numbers().map(|n| f64::from(n) / 3.0).collect()),
            Values::I32(numbers().collect()),
            Values::I64(numbers().map(|n| i64::from(n) << 30).collect()),
            Values::I64(numbers().map(|n| i64::MIN + i64::from(n)).collect()),
            Values::Text(texts.iter().map(String::as_str).collect()),
        ]
    }

    fn file(batches: &[Vec<Values>], row_group_rows: usize) -> File {
        let file = tempfile::tempfile().unwrap();
        let mut table = TableWriter::new(file, &COLUMNS, row_group_rows).unwrap();
        for batch in batches {
            table.append(batch.clone()).unwrap();
        }
        table.finish().unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_whatever_the_layout() {
        let written = file(&[rows(0, 700), rows(700, 701), rows(701, 20_000)], 1000);
        let mut reader = TableReader::open(written, &COLUMNS, &[]).unwrap();
        assert_eq!(reader.rows(), 20_000);
        let mut next = 0;
        while let Some(batch) = reader.next_batch().unwrap() {
            let end = next + i32::try_from(batch.rows()).unwrap();
            let text: Text = batch.text("text").collect();
            let found = vec![
                Values::Bool(batch.bool("flag")),
                Values::F64(batch.f64("float").into()),
                Values::I32(batch.i32("short").into()),
                Values::I64(batch.i64("long").into()),
                Values::I64(batch.i64("plain").into()),
                Values::Text(text),
            ];
            assert_eq!(found, rows(next, end));
            next = end;
        }
        assert_eq!(next, 20_000);
    }

    #[test]
    fn only_the_wanted_columns_are_read() {
        let written = file(&[rows(0, 3)], 10);
        let mut reader = TableReader::open(written, &COLUMNS, &["long", "flag"]).unwrap();
        let batch = reader.next_batch().unwrap().unwrap();
        assert_eq!(batch.i64("long"), [0, 1 << 30, 2 << 30]);
        assert_eq!(batch.bool("flag"), [true, false, false]);
        assert!(reader.next_batch().unwrap().is_none());
    }

    #[test]
    fn equal_rows_give_equal_bytes() {
        let bytes = |batches: &[Vec<Values>]| {
            let mut table = TableWriter::new(Vec::new(), &COLUMNS, 100).unwrap();
            for batch in batches {
                table.append(batch.clone()).unwrap();
            }
            table.finish().unwrap()
        };
        assert!(bytes(&[rows(0, 400)]) == bytes(&[rows(0, 400)]));
    }

    /// Checks that rows are refused for that column, and that nothing of them is written.
    fn check_append(values: Vec<Values>, column: &str, fault: SchemaFault) {
        let mut table = TableWriter::new(Vec::new(), &COLUMNS, 10).unwrap();
        let error = table.append(values).unwrap_err();
        let TableError::Schema(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error, SchemaError::new(column, fault));
        table.append(rows(0, 1)).unwrap();
        let bytes = table.finish().unwrap();
        assert_eq!(
            (&bytes[..4], &bytes[bytes.len() - 4..]),
            (&b"PAR1"[..], &b"PAR1"[..])
        );
    }

    #[test]
    fn rows_that_do_not_fit_name_the_column() {
        let changed = |change: fn(&mut Vec<Values>)| {
            let mut values = rows(0, 2);
            change(&mut values);
            values
        };
        check_append(
            changed(|values| _ = values.pop()),
            "text",
            SchemaFault::Missing,
        );
        check_append(
            changed(|values| values.push(Values::Bool(vec![true, false]))),
            "number 6",
            SchemaFault::Extra,
        );
        check_append(
            changed(|values| values[2] = Values::I64(vec![1, 2])),
            "short",
            SchemaFault::Type {
                expected: "i32",
                found: "i64".into(),
            },
        );
        check_append(
            changed(|values| values[4] = Values::I64(vec![1])),
            "plain",
            SchemaFault::Rows {
                expected: 2,
                found: 1,
            },
        );
    }

    /// Checks the error for a file when those columns are expected.
    fn check_open(columns: &[Column], message: &str) {
        let written = file(&[rows(0, 2)], 10);
        let error = TableReader::open(written, columns, &[]).unwrap_err();
        let TableError::Schema(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_file_with_other_columns_names_the_first_that_differs() {
        let [flag, float, short, long, plain, text] = COLUMNS;
        check_open(
            &[flag, float, short, long, plain, text, Column::i64("more")],
            r#"the column "more" is missing"#,
        );
        check_open(
            &[flag, float, short, long, plain],
            r#"the column "text" does not belong to the table"#,
        );
        check_open(
            &[flag, float, long, short, plain, text],
            r#"the column "short" stands where "long" belongs"#,
        );
        check_open(
            &[flag, float, Column::i64("short"), long, plain, text],
            r#"the column "short" is of type Int32, expected i64"#,
        );
    }

    #[test]
    fn nulls_are_refused_where_none_belong() {
        let nullable = [Column::new("long", crate::tables::ColumnType::OptionI64)];
        let file = tempfile::tempfile().unwrap();
        let mut table = TableWriter::new(file, &nullable, 10).unwrap();
        table
            .append(vec![Values::OptionI64(vec![Some(1), None])])
            .unwrap();
        let file = table.finish().unwrap();
        let mut reader = TableReader::open(file, &[Column::i64("long")], &[]).unwrap();
        let error = reader.next_batch().unwrap_err();
        assert!(
            matches!(&error, TableError::Schema(error) if error.fault == SchemaFault::Nulls),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_parquet_is_an_error() {
        for bytes in [&b""[..], b"PAR1", b"PAR1 and no foot PAR1"] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            let error = TableReader::open(file, &COLUMNS, &[]).unwrap_err();
            assert!(matches!(error, TableError::Read(_)), "{error}");
        }
    }
}
