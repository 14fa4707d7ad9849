//! Grids as a file or on standard output: in which form, and where they go.

mod form;
#[cfg(feature = "parquet")]
mod parquet;
mod place;
mod rows;
mod whole_file;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use vp_wire::{Field, RuntimeConfig};

use crate::encode::{Aging, FrameEncoder, GridMessages};
use form::Form;
use place::Output;
use vp_session::Moment;

pub use form::{Format, Layout};
pub use place::is_stdout;
pub use rows::{Cell, Cells, ColumnSpec, RowFile};
pub use whole_file::{WholeFile, cannot_write};

/// How grids are written.
#[derive(Clone, Debug)]
pub struct Style {
    /// The form; `None` for the one of the file name's extension.
    pub format: Option<Format>,
    /// What a row of a Parquet table is; `None` for a bucket.
    pub layout: Option<Layout>,
    /// As their last events left them, or decayed to their own time.
    pub aging: Aging,
    /// The columns, in the order of the wire.
    pub fields: Vec<Field>,
}

/// A file of grids that is being written.
#[derive(Debug)]
pub struct Out {
    path: PathBuf,
    sink: Sink,
}

/// The forms that grids can have.
#[derive(Debug)]
enum Sink {
    Jsonl {
        output: Output,
        grids: Box<GridMessages>,
        line: Vec<u8>,
    },
    Msgpack {
        output: Output,
        frames: Box<FrameEncoder>,
    },
    #[cfg(feature = "parquet")]
    Parquet {
        table: Box<parquet::GridTable>,
        grids: Box<GridMessages>,
    },
}

impl Out {
    /// Begins a file, or standard output for `-`. Frames begin with `config`, the configuration of
    /// their grids; a table has it in its foot.
    ///
    /// # Errors
    /// If the form is unknown or not built in, or nothing can be written beside the file's place.
    pub fn create(path: &Path, style: Style, config: &RuntimeConfig) -> anyhow::Result<Self> {
        let Form {
            format,
            is_compressed,
        } = Form::of(path, style.format)?;
        // A setting is for files of the form that has it.
        let is_typed = style.layout.is_some() && vp_cli::origin_of("layout").is_none();
        if is_typed && format != Format::Parquet {
            anyhow::bail!("only a .parquet file has a layout: leave --layout out");
        }
        let begin = || Output::begin(path, is_compressed);
        let grids = || Box::new(GridMessages::new(style.aging, &style.fields));
        let sink = match format {
            Format::Jsonl => Sink::Jsonl {
                output: begin()?,
                grids: grids(),
                line: Vec::new(),
            },
            Format::Msgpack => {
                let mut output = begin()?;
                vp_wire::write_frame(&mut output, &config.encode())
                    .with_context(|| cannot_write(path))?;
                Sink::Msgpack {
                    output,
                    frames: Box::new(FrameEncoder::new(style.aging, style.fields)),
                }
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => Sink::Parquet {
                table: Box::new(parquet::GridTable::new(
                    begin()?,
                    &style.fields,
                    style.layout.unwrap_or_default(),
                    config,
                )?),
                grids: grids(),
            },
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => anyhow::bail!(
                "this vp-live was built without Parquet, as the demo is: write .jsonl or .msgpack, \
                 or build it with `cargo build --release --package vp-live`"
            ),
        };
        Ok(Self {
            path: path.to_owned(),
            sink,
        })
    }

    /// Appends a grid.
    ///
    /// # Errors
    /// If the file does not take it.
    pub fn write(&mut self, moment: Moment<'_>) -> anyhow::Result<()> {
        let Self { path, sink } = self;
        sink.write(moment).with_context(|| cannot_write(path))
    }

    /// Completes the file and puts it in its place.
    ///
    /// # Errors
    /// If the rest cannot be written. Nothing is left behind then.
    pub fn finish(self) -> anyhow::Result<()> {
        let Self { path, sink } = self;
        sink.finish().with_context(|| cannot_write(&path))
    }
}

impl Sink {
    fn write(&mut self, moment: Moment<'_>) -> anyhow::Result<()> {
        match self {
            Self::Jsonl {
                output,
                grids,
                line,
            } => {
                line.clear();
                grids.show(moment, |grid| grid.write_json(line));
                output.write_all(line)?;
            }
            Self::Msgpack { output, frames } => {
                vp_wire::write_frame(output, frames.encode(moment))?;
            }
            #[cfg(feature = "parquet")]
            Self::Parquet { table, grids } => grids.show(moment, |grid| table.append(grid))?,
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Jsonl { output, .. } | Self::Msgpack { output, .. } => output.finish(),
            #[cfg(feature = "parquet")]
            Self::Parquet { table, .. } => table.finish()?.finish(),
        }
    }
}
