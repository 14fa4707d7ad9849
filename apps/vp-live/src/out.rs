//! Files of grids: written beside their place, and put there once they are complete.

#[cfg(feature = "parquet")]
mod parquet;
mod whole_file;

use std::ffi::OsStr;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use vp_transport::message::{self, Field, Float};

use crate::encode::{Aging, FrameEncoder, GridMessages};
use crate::grids::Moment;

pub use whole_file::{WholeFile, cannot_write};

/// A file of grids that is being written.
#[derive(Debug)]
pub struct Out {
    path: PathBuf,
    sink: Sink,
}

/// The forms that a file of grids can have.
#[derive(Debug)]
enum Sink {
    /// One JSON object a line.
    Jsonl {
        file: BufWriter<WholeFile>,
        grids: GridMessages,
        line: Vec<u8>,
    },
    /// The frames as on the wire, each behind its length.
    Msgpack {
        file: BufWriter<WholeFile>,
        frames: FrameEncoder,
    },
    /// One row a bucket.
    #[cfg(feature = "parquet")]
    Parquet {
        table: Box<parquet::GridTable>,
        grids: GridMessages,
    },
}

impl Out {
    /// Begins a file; its name says in which form.
    ///
    /// # Errors
    /// If the name has no known ending or nothing can be written beside it.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if !matches!(ending, "jsonl" | "msgpack" | "parquet") {
            bail!(
                "{} must end in .jsonl, .msgpack or .parquet",
                path.display()
            );
        }
        let file = WholeFile::create(path)?;
        let sink = match ending {
            "jsonl" => Sink::Jsonl {
                file: BufWriter::new(file),
                grids: GridMessages::default(),
                line: Vec::new(),
            },
            "msgpack" => Sink::Msgpack {
                file: BufWriter::new(file),
                frames: FrameEncoder::new(Aging::Frozen, Field::grid(Float::F64)),
            },
            #[cfg(feature = "parquet")]
            _ => Sink::Parquet {
                table: Box::new(parquet::GridTable::new(file)?),
                grids: GridMessages::default(),
            },
            #[cfg(not(feature = "parquet"))]
            _ => bail!(
                "this vp-live was built without Parquet: write .jsonl or .msgpack, or build it \
                 with `--features parquet`"
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
        sink.finish()
            .with_context(|| cannot_write(&path))?
            .publish()
    }
}

impl Sink {
    fn write(&mut self, moment: Moment<'_>) -> anyhow::Result<()> {
        match self {
            Self::Jsonl { file, grids, line } => {
                line.clear();
                grids.show(moment, |grid| grid.write_json(line));
                file.write_all(line)?;
            }
            Self::Msgpack { file, frames } => message::write_frame(file, frames.encode(moment))?,
            #[cfg(feature = "parquet")]
            Self::Parquet { table, grids } => grids.show(moment, |grid| table.append(grid))?,
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<WholeFile> {
        match self {
            Self::Jsonl { file, .. } | Self::Msgpack { file, .. } => Ok(file
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error)?),
            #[cfg(feature = "parquet")]
            Self::Parquet { table, .. } => table.finish(),
        }
    }
}
