//! The bytes of a DBN file, decompressed where they are compressed. What they mean is not known
//! here.

mod inflate;

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use inflate::Inflater;

/// What a zstd frame begins with.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Any input of raw bytes, able to move to the thread that decompresses it.
pub(crate) type Input = Box<dyn Read + Send>;

/// The uncompressed bytes of an input.
#[derive(Debug)]
pub(crate) struct ByteStream {
    form: Form,
    position: Arc<AtomicU64>,
}

enum Form {
    Plain(Metered),
    Zstd(Inflater),
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Zstd(_) => "Zstd",
        })
    }
}

impl ByteStream {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::new(Box::new(File::open(path)?))
    }

    /// Wraps an input. Whether it is compressed is told from its first bytes, not its name.
    pub(crate) fn new(mut input: Input) -> io::Result<Self> {
        let mut magic = Vec::with_capacity(ZSTD_MAGIC.len());
        input
            .by_ref()
            .take(ZSTD_MAGIC.len() as u64)
            .read_to_end(&mut magic)?;
        let is_zstd = magic == ZSTD_MAGIC;
        let position = Arc::new(AtomicU64::new(0));
        let metered = Metered {
            input: Box::new(Cursor::new(magic).chain(input)),
            position: Arc::clone(&position),
        };
        let form = if is_zstd {
            Form::Zstd(Inflater::spawn(metered)?)
        } else {
            Form::Plain(metered)
        };
        Ok(Self { form, position })
    }

    /// Returns how many bytes of the input, compressed or not, have been taken so far.
    pub(crate) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// Fills at least one byte of `space`, or returns 0 at the end.
    pub(crate) fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match &mut self.form {
            Form::Plain(input) => read_some(input, space),
            Form::Zstd(inflater) => inflater.read(space),
        }
    }
}

/// Counts what is read from an input.
struct Metered {
    input: Input,
    position: Arc<AtomicU64>,
}

impl Read for Metered {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(space)?;
        self.position.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Reads once, again if a signal came in between.
fn read_some(input: &mut impl Read, space: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(space) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
