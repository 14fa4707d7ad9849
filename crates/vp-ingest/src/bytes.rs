//! The bytes of a DBN file, decompressed where they are compressed, a block at a time. What they
//! mean is not known here.

mod inflate;

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use inflate::Inflater;

/// What a zstd frame begins with.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Bytes of what any frame begins with.
const MAGIC_BYTES: usize = ZSTD_MAGIC.len();

/// Returns whether compressed data begins so: with a frame, or with one that is skipped, as the
/// parallel compressor `pzstd` writes before each of its frames.
fn is_zstd(magic: &[u8]) -> bool {
    matches!(magic, [0x50..=0x5F, 0x2A, 0x4D, 0x18]) || magic == ZSTD_MAGIC
}

/// Any input of raw bytes, able to move to the thread that decompresses it.
pub(crate) type Input = Box<dyn Read + Send>;

/// More than this is never left of one block when the next is asked for: the longest record.
pub(crate) const MAX_LEFT: usize = 1020;

/// The uncompressed bytes of an input.
#[derive(Debug)]
pub(crate) struct ByteStream {
    form: Form,
    block: Block,
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
    /// Wraps an input. Its first bytes, not its name, decide whether it is compressed.
    pub(crate) fn new(mut input: Input) -> io::Result<Self> {
        let mut magic = Vec::with_capacity(MAGIC_BYTES);
        input
            .by_ref()
            .take(MAGIC_BYTES as u64)
            .read_to_end(&mut magic)?;
        let is_zstd = is_zstd(&magic);
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
        Ok(Self {
            form,
            block: Block::new(),
            position,
        })
    }

    /// Returns how many bytes of the input, compressed or not, have been taken so far.
    pub(crate) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// Returns the bytes that are ready.
    #[inline]
    pub(crate) fn ready(&self) -> &[u8] {
        &self.block.memory[self.block.start..self.block.end]
    }

    /// Passes over bytes that are ready.
    #[inline]
    pub(crate) fn skip(&mut self, count: usize) {
        self.block.start += count;
    }

    /// Gets at least one more byte ready, behind those that are left, of which there may be
    /// [`MAX_LEFT`]; returns `false` at the end.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        match &mut self.form {
            Form::Plain(input) => {
                let left = self.block.start..self.block.end;
                let start = MAX_LEFT - left.len();
                self.block.memory.copy_within(left, start);
                let count = read_some(input, &mut self.block.memory[MAX_LEFT..])?;
                (self.block.start, self.block.end) = (start, MAX_LEFT + count);
                Ok(count > 0)
            }
            Form::Zstd(inflater) => inflater.next(&mut self.block),
        }
    }
}

/// Bytes in a block: what one zstd block holds at most.
const BLOCK_BYTES: usize = 128 * 1024;

/// Bytes that were read together, behind room for what is left of those before them. Nothing is
/// copied but that.
#[derive(Debug)]
struct Block {
    memory: Box<[u8]>,
    /// The part of `memory` that is ready.
    start: usize,
    end: usize,
}

impl Block {
    fn new() -> Self {
        Self {
            memory: vec![0; MAX_LEFT + BLOCK_BYTES].into_boxed_slice(),
            start: MAX_LEFT,
            end: MAX_LEFT,
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
