//! Whether a partition is what its manifest says, by the lengths and the footers of its files.

use std::path::Path;

use super::{Partition, PartitionError};
use crate::irregular;
use crate::tables::column::Table;
use crate::tables::manifest::{FileEntry, Manifest, ManifestColumn};
use crate::tables::reader::TableFile;

/// Something that a manifest says, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Partition {
    /// Checks that every file of its manifest is there with its length. The bytes are not read.
    ///
    /// # Errors
    /// [`PartitionError::Damaged`] for the first file that is not.
    pub fn check_files(&self, manifest: &Manifest) -> Result<(), PartitionError> {
        let folder = self.path();
        let mut files = manifest.files.iter();
        files.try_for_each(|entry| check_length(&folder.join(&entry.name), entry))
    }
}

/// Refuses a file that is not there, or of another length than its manifest says.
pub(super) fn check_length(path: &Path, entry: &FileEntry) -> Result<(), PartitionError> {
    let found = match path.metadata() {
        Ok(metadata) if metadata.is_file() && metadata.len() == entry.bytes => return Ok(()),
        Ok(metadata) if metadata.is_file() => format!("{}", metadata.len()),
        Ok(metadata) => irregular(metadata.file_type()).unwrap_or("a file").into(),
        Err(error) => format!("nothing that can be read ({error})"),
    };
    Err(PartitionError::Damaged {
        path: path.into(),
        expected: format!("{} bytes", entry.bytes),
        found,
    })
}

/// Compares a manifest with the feet of its files: schema version, schema, rows and, where the
/// table is known, its columns and its times.
pub(crate) fn contradictions(
    manifest: &Manifest,
    table: Option<&Table>,
    files: &[&TableFile],
) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut check = |name: &str, said: String, is: String| {
        if said != is {
            found.push(Contradiction {
                expected: format!("{name} {is}"),
                found: said,
            });
        }
    };
    for file in files {
        let versions = (manifest.schema_version, file.schema_version());
        let said = versions.0.to_string();
        let is = versions
            .1
            .map_or("that is a number".into(), |v| v.to_string());
        check("schema_version", said, is);
        check(
            "schema",
            described(&manifest.schema),
            described(&file.schema()),
        );
    }
    if let Some(columns) = table.and_then(|table| table.columns_of(manifest.schema_version)) {
        let known = ManifestColumn::all(columns);
        check("schema", described(&manifest.schema), described(&known));
    }
    let rows: u64 = files.iter().map(|file| file.rows()).sum();
    check(
        "row_count",
        manifest.row_count.to_string(),
        rows.to_string(),
    );
    let time = table.and_then(|table| {
        let is_time = |column: &ManifestColumn| column.name == table.time;
        manifest.schema.iter().position(is_time)
    });
    if let Some(times) = time.and_then(|time| span(time, files)) {
        let text = |time: Option<i64>| time.map_or("null".into(), |time: i64| time.to_string());
        let (least, greatest) = (times.map(|(least, _)| least), times.map(|(_, most)| most));
        check("min_time_ns", text(manifest.min_time_ns), text(least));
        check("max_time_ns", text(manifest.max_time_ns), text(greatest));
    }
    found
}

/// Returns the least and the greatest value of a column, `Some(None)` without rows; `None` if a
/// file does not tell.
#[expect(clippy::option_option, reason = "no rows are known, too")]
fn span(column: usize, files: &[&TableFile]) -> Option<Option<(i64, i64)>> {
    let mut span = None;
    for file in files {
        for group in 0..file.row_groups() {
            let (least, greatest) = file.extremes(column, group)?;
            let (low, high) = span.unwrap_or((least, greatest));
            span = Some((low.min(least), high.max(greatest)));
        }
    }
    Some(span)
}

fn described(columns: &[ManifestColumn]) -> String {
    let columns = columns.iter();
    let columns: Vec<_> = columns
        .map(|column| format!("{} {}", column.name, column.kind))
        .collect();
    columns.join(", ")
}
