//! What the footer of a partition's file holds beside its columns.
//!
//! Two entries, each only where it is needed: the schema version, and that a column which is
//! named like a folder of the lake is of the type that readers give to those folders.

use std::sync::Arc;

use arrow_schema::{DataType, Schema};
use parquet::arrow::{ARROW_SCHEMA_META_KEY, encode_arrow_schema};
use parquet::file::metadata::{FileMetaData, KeyValue};

use super::column::{Table, arrow_schema};

/// The key of the schema version. A file without it has version 1.
const SCHEMA_VERSION: &str = "schema_version";

/// What the lake's folders are called before the `=`.
const FOLDER_KEYS: [&str; 5] = ["source", "product_type", "symbol", "table", "dt"];

/// Returns the footer entries of a table's files.
pub(super) fn key_values(table: &Table) -> Vec<KeyValue> {
    let mut said = Vec::new();
    if table.version() > 1 {
        let version = table.version().to_string();
        said.push(KeyValue::new(SCHEMA_VERSION.into(), version));
    }
    if let Some(schema) = schema_with_folders(table) {
        let schema = encode_arrow_schema(&schema);
        said.push(KeyValue::new(ARROW_SCHEMA_META_KEY.into(), schema));
    }
    said
}

/// Returns the schema version in a footer; `None` if it is not a number.
pub(super) fn schema_version(foot: &FileMetaData) -> Option<u32> {
    let mut said = foot.key_value_metadata().into_iter().flatten();
    match said.find(|pair| pair.key == SCHEMA_VERSION) {
        None => Some(1),
        Some(pair) => pair.value.as_ref()?.parse().ok(),
    }
}

/// Returns the columns as pyarrow and pandas should see them; `None` where they see that anyhow.
///
/// These read the folder names of a dataset as dictionaries, and refuse a file with a column of
/// such a name and another type. What is stored stays a column of UTF-8 strings.
fn schema_with_folders(table: &Table) -> Option<Schema> {
    let schema = arrow_schema(table.columns);
    let is_folder = |name: &String| FOLDER_KEYS.contains(&name.as_str());
    if !schema.fields().iter().any(|field| is_folder(field.name())) {
        return None;
    }
    let fields = schema.fields().iter().map(|field| {
        if !is_folder(field.name()) || *field.data_type() != DataType::Utf8 {
            return Arc::clone(field);
        }
        let (keys, values) = (DataType::Int32, DataType::Utf8);
        let kind = DataType::Dictionary(Box::new(keys), Box::new(values));
        Arc::new(field.as_ref().clone().with_data_type(kind))
    });
    Some(Schema::new(fields.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

    use super::*;
    use crate::tables::{Column, TableReader, TableWriter, Text, Values};

    const TABLE: Table = Table {
        name: "t",
        columns: &[Column::i64("ts"), Column::text("symbol"), Column::text("s")],
        earlier: &[],
        time: "ts",
        row_group_rows: 10,
    };

    fn written(table: &Table) -> File {
        let file = tempfile::tempfile().unwrap();
        let mut writer = TableWriter::of_table(file, table).unwrap();
        let text = || Values::Text(Text::repeated("ESH6", 2));
        let rows = vec![Values::I64(vec![1, 2]), text(), text()];
        writer.append(rows).unwrap();
        writer.finish().unwrap()
    }

    fn metadata(file: &File, skips_arrow: bool) -> ArrowReaderMetadata {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(skips_arrow);
        ArrowReaderMetadata::load(file, options).unwrap()
    }

    #[test]
    fn a_column_named_like_a_folder_has_the_type_that_readers_give_to_folders() {
        let file = written(&TABLE);
        let types = |skips_arrow| -> Vec<_> {
            let metadata = metadata(&file, skips_arrow);
            let fields = metadata.schema().fields().iter();
            fields.map(|field| field.data_type().to_string()).collect()
        };
        assert_eq!(types(false), ["Int64", "Dictionary(Int32, Utf8)", "Utf8"]);
        assert_eq!(types(true), ["Int64", "Utf8", "Utf8"]);
        let mut reader = TableReader::open(file, TABLE.columns, &[]).unwrap();
        let batch = reader.next_batch().unwrap().unwrap();
        assert!(batch.text("symbol").eq(["ESH6"; 2]));
    }

    #[test]
    fn files_of_other_tables_say_nothing_of_types() {
        const COLUMNS: [Column; 3] = [Column::i64("ts"), Column::text("a"), Column::text("b")];
        let table = Table {
            columns: &COLUMNS,
            ..TABLE
        };
        let file = written(&table);
        let metadata = metadata(&file, false);
        let foot = metadata.metadata().file_metadata();
        assert_eq!(foot.key_value_metadata(), None);
        assert_eq!(schema_version(foot), Some(1));
    }

    #[test]
    fn later_versions_are_told() {
        let table = Table {
            earlier: &[TABLE.columns],
            ..TABLE
        };
        let file = written(&table);
        let metadata = metadata(&file, true);
        let foot = metadata.metadata().file_metadata();
        assert_eq!(schema_version(foot), Some(2));
    }
}
