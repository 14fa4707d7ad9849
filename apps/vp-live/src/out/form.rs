//! The forms in which grids are written, and the file name extensions that choose them.

use std::path::Path;

use anyhow::bail;
use clap::ValueEnum;

use super::is_stdout;

/// The forms that a file of grids can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// The frames as on the wire, each behind its length, the configuration first.
    Msgpack,
    /// A Parquet table.
    Parquet,
}

/// What a row of a Parquet table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// One row a bucket, what belongs to the grid repeated.
    #[default]
    Bucket,
    /// One row a grid, the columns as lists.
    Grid,
}

/// The form of a file, and whether it is compressed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) format: Format,
    pub(super) is_compressed: bool,
}

impl Form {
    /// Returns the form that a name has: `grids.jsonl` (or `.ndjson`, its other name),
    /// `grids.jsonl.zst`, in capitals or not. A given format goes before the ending.
    pub(super) fn of(path: &Path, given: Option<Format>) -> anyhow::Result<Self> {
        let name = path.to_string_lossy();
        if is_stdout(path) && given.is_none() {
            bail!(
                "standard output has no name that says in which form grids are written: give --format"
            );
        }
        let lower = name.to_ascii_lowercase();
        let stem = lower.strip_suffix(".zst");
        let is_compressed = stem.is_some();
        let ending = stem
            .unwrap_or(&lower)
            .rsplit_once('.')
            .map(|(_, ending)| ending);
        let named = ending.and_then(|ending| match ending {
            "ndjson" => Some(Format::Jsonl),
            ending => Format::from_str(ending, false).ok(),
        });
        let Some(format) = given.or(named) else {
            bail!(
                "{name} does not say in which form grids are written: let it end in .jsonl, \
                 .msgpack or .parquet (.jsonl.zst and .msgpack.zst are compressed), or give --format"
            );
        };
        if is_compressed && format == Format::Parquet {
            bail!("{name}: a Parquet file is compressed within; leave .zst out");
        }
        Ok(Self {
            format,
            is_compressed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, given: Option<Format>, expected: Option<(Format, bool)>) {
        let found = Form::of(Path::new(name), given).ok();
        let found = found.map(|form| (form.format, form.is_compressed));
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn names_tell_the_form() {
        check("a.jsonl", None, Some((Format::Jsonl, false)));
        check("a.b.msgpack.zst", None, Some((Format::Msgpack, true)));
        check("a.parquet", None, Some((Format::Parquet, false)));
        check("A.JSONL.ZST", None, Some((Format::Jsonl, true)));
        check("a.ndjson", None, Some((Format::Jsonl, false)));
        check("a.parquet.zst", None, None);
        for name in ["a", "-", "a.csv", "a.zst", ".jsonl/a"] {
            check(name, None, None);
            check(
                name,
                Some(Format::Jsonl),
                Some((Format::Jsonl, name == "a.zst")),
            );
        }
    }
}
