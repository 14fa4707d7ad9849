//! Where the bytes of grids go: a file that is written atomically, or standard output; compressed
//! on the way or not.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use vp_cli::Stdout;

use super::WholeFile;

/// The level of compression of `.zst` files: as fast as grids are made.
const ZSTD_LEVEL: i32 = 3;

/// Where bytes go.
#[derive(Debug)]
pub(super) enum Place {
    File(WholeFile),
    Stdout(Stdout<io::Stdout>),
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// A place that is written to.
pub(super) enum Output {
    Plain(BufWriter<Place>),
    Zstd(Box<zstd::Encoder<'static, BufWriter<Place>>>),
}

impl Output {
    /// Begins to write to a file, or to standard output if the path is `-`.
    ///
    /// # Errors
    /// If nothing can be written beside the file's place.
    pub(super) fn begin(path: &Path, is_compressed: bool) -> anyhow::Result<Self> {
        let place = if is_stdout(path) {
            Place::Stdout(Stdout::unlocked())
        } else {
            Place::File(WholeFile::create(path)?)
        };
        let place = BufWriter::new(place);
        Ok(if is_compressed {
            let mut encoder = zstd::Encoder::new(place, ZSTD_LEVEL)?;
            encoder.include_checksum(true)?;
            Self::Zstd(Box::new(encoder))
        } else {
            Self::Plain(place)
        })
    }

    /// Writes what is left, and puts a file in its place.
    ///
    /// # Errors
    /// If the rest cannot be written. Nothing is left behind then.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let place = match self {
            Self::Plain(place) => place,
            Self::Zstd(encoder) => encoder.finish()?,
        };
        let place = place.into_inner().map_err(io::IntoInnerError::into_error)?;
        match place {
            Place::File(file) => file.publish(),
            Place::Stdout(mut stdout) => Ok(stdout.flush()?),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(place) => place.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(place) => place.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Output::Plain",
            Self::Zstd(_) => "Output::Zstd",
        })
    }
}

/// Returns whether a path means standard output. A file of that name is `./-`.
pub fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}
