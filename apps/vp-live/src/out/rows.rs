//! Small tables beside the grids: marks, trades, the profile; as JSON lines or as Parquet.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Map, Value};

use super::cannot_write;
use super::form::{Form, Format};
use super::place::Output;

/// A column: its name, and whether it holds texts.
pub type ColumnSpec = (&'static str, Cells);

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// Integers, or nothing.
    Integers,
    /// Texts.
    Texts,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// An integer; `None` where the row has none.
    Integer(Option<i64>),
    /// A text.
    Text(&'static str),
}

/// A table that is being written.
#[derive(Debug)]
pub struct RowFile {
    path: PathBuf,
    columns: &'static [ColumnSpec],
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Lines(Output),
    #[cfg(feature = "parquet")]
    Parquet(Box<table::Table>),
}

impl RowFile {
    /// Begins a file in the form of its name: `.jsonl` or `.parquet`.
    ///
    /// # Errors
    /// If the name has another form, or nothing can be written beside the file's place.
    pub fn create(path: &Path, columns: &'static [ColumnSpec]) -> anyhow::Result<Self> {
        let Form {
            format,
            is_compressed,
        } = Form::of(path, None)?;
        let sink = match format {
            Format::Jsonl => Sink::Lines(Output::begin(path, is_compressed)?),
            #[cfg(feature = "parquet")]
            Format::Parquet => Sink::Parquet(Box::new(table::Table::new(path, columns)?)),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => bail!("this vp-live was built without Parquet: write .jsonl"),
            Format::Msgpack => bail!("{}: write .jsonl or .parquet", path.display()),
        };
        Ok(Self {
            path: path.to_owned(),
            columns,
            sink,
        })
    }

    /// Appends a row: a cell for each column.
    ///
    /// # Errors
    /// If the file does not take it.
    pub fn push(&mut self, row: &[Cell]) -> anyhow::Result<()> {
        let pushed = match &mut self.sink {
            Sink::Lines(output) => {
                let cells = self.columns.iter().zip(row).map(|((name, _), cell)| {
                    let value = match cell {
                        Cell::Integer(number) => number.map_or(Value::Null, Value::from),
                        Cell::Text(text) => Value::from(*text),
                    };
                    ((*name).to_owned(), value)
                });
                let object = Value::Object(cells.collect::<Map<_, _>>());
                writeln!(output, "{object}").map_err(anyhow::Error::from)
            }
            #[cfg(feature = "parquet")]
            Sink::Parquet(table) => table.push(row),
        };
        pushed.with_context(|| cannot_write(&self.path))
    }

    /// Completes the file and puts it in its place.
    ///
    /// # Errors
    /// If the rest cannot be written. Nothing is left behind then.
    pub fn finish(self) -> anyhow::Result<()> {
        let finished = match self.sink {
            Sink::Lines(output) => output.finish(),
            #[cfg(feature = "parquet")]
            Sink::Parquet(table) => table.finish(),
        };
        finished.with_context(|| cannot_write(&self.path))
    }
}

#[cfg(feature = "parquet")]
mod table {
    use std::path::Path;

    use vp_lake::tables::{Column, ColumnType, TableWriter, Text, Values};

    use super::{Cell, Cells, ColumnSpec};
    use crate::out::place::Output;

    /// Rows that are gathered before they are handed on.
    const ENOUGH_ROWS: usize = 4_096;

    const GROUP_ROWS: usize = 1 << 17;

    #[derive(Debug)]
    pub(super) struct Table {
        writer: TableWriter<Output>,
        columns: &'static [ColumnSpec],
        rows: Vec<Vec<Cell>>,
    }

    impl Table {
        pub(super) fn new(path: &Path, columns: &'static [ColumnSpec]) -> anyhow::Result<Self> {
            let of = |(name, cells): &ColumnSpec| match cells {
                Cells::Integers => Column::new(name, ColumnType::OptionI64),
                Cells::Texts => Column::text(name),
            };
            let kinds: Vec<_> = columns.iter().map(of).collect();
            let output = Output::begin(path, false)?;
            Ok(Self {
                writer: TableWriter::new(output, &kinds, GROUP_ROWS)?,
                columns,
                rows: Vec::new(),
            })
        }

        pub(super) fn push(&mut self, row: &[Cell]) -> anyhow::Result<()> {
            self.rows.push(row.to_vec());
            if self.rows.len() >= ENOUGH_ROWS {
                self.write()?;
            }
            Ok(())
        }

        fn write(&mut self) -> anyhow::Result<()> {
            let rows = std::mem::take(&mut self.rows);
            let column = |(place, (_, cells)): (usize, &ColumnSpec)| match cells {
                Cells::Integers => Values::OptionI64(
                    rows.iter()
                        .map(|row| match row[place] {
                            Cell::Integer(number) => number,
                            Cell::Text(_) => None,
                        })
                        .collect(),
                ),
                Cells::Texts => Values::Text(
                    rows.iter()
                        .map(|row| match row[place] {
                            Cell::Text(text) => text,
                            Cell::Integer(_) => "",
                        })
                        .collect::<Text>(),
                ),
            };
            let columns = self.columns.iter().enumerate().map(column).collect();
            Ok(self.writer.append(columns)?)
        }

        pub(super) fn finish(mut self) -> anyhow::Result<()> {
            self.write()?;
            self.writer.finish()?.finish()
        }
    }
}
