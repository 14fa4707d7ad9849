//! zstd decompression on a thread of its own, for it is the slowest stage of a replay.
//!
//! A fixed set of byte blocks goes round between the thread and the reader, so memory does not
//! grow and nothing is allocated on the way. The thread ends when its reader is dropped.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use zstd::stream::raw::{Decoder, Operation};

use super::{BLOCK_BYTES, Block, MAX_LEFT, read_some};

/// How many blocks go round, beside the one that is being read.
const BLOCKS: usize = 4;
/// Bytes of compressed input held at a time; more than one compressed block ever takes.
const INPUT_BYTES: usize = 2 * BLOCK_BYTES;
/// Bytes of a compressed block's header.
const HEADER_BYTES: usize = 3;

/// The reader's end of the decompressing thread.
pub(super) struct Inflater {
    /// `None` once dropped or ended.
    pipe: Option<Pipe>,
    is_dropped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Pipe {
    full: Receiver<io::Result<Block>>,
    spent: SyncSender<Block>,
}

impl Inflater {
    /// Starts a thread that decompresses `input` ahead of its reader.
    pub(super) fn spawn(input: impl Read + Send + 'static) -> io::Result<Self> {
        let is_dropped = Arc::new(AtomicBool::new(false));
        let mut frames = Frames::new(Abortable {
            input,
            is_aborted: Arc::clone(&is_dropped),
        })?;
        let (send_full, full) = sync_channel(BLOCKS);
        let (spent, receive_spent) = sync_channel(BLOCKS + 1);
        for _ in 0..BLOCKS {
            spent
                .send(Block::new())
                .expect("the channel has room for every block, and its other end is held here");
        }
        let work = move || {
            while let Ok(mut block) = receive_spent.recv() {
                let message = match frames.fill(&mut block.memory[MAX_LEFT..]) {
                    Ok(0) => return,
                    Ok(filled) => {
                        (block.start, block.end) = (MAX_LEFT, MAX_LEFT + filled);
                        Ok(block)
                    }
                    Err(error) => Err(error),
                };
                let is_over = message.is_err();
                if send_full.send(message).is_err() || is_over {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("zstd".into())
            .spawn(work)?;
        Ok(Self {
            pipe: Some(Pipe { full, spent }),
            is_dropped,
            thread: Some(thread),
        })
    }

    /// Puts the next block in the place of `block`, behind what is left of that; returns `false`,
    /// and leaves it as it is, at the end.
    pub(super) fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        let Some(pipe) = &self.pipe else {
            return Ok(false);
        };
        match pipe.full.recv() {
            Ok(Ok(mut next)) => {
                let left = &block.memory[block.start..block.end];
                next.start -= left.len();
                next.memory[next.start..MAX_LEFT].copy_from_slice(left);
                // After the last block no buffer is returned.
                let _ = pipe.spent.send(std::mem::replace(block, next));
                Ok(true)
            }
            Ok(Err(error)) => {
                self.pipe = None;
                Err(error)
            }
            Err(_) => {
                self.pipe = None;
                Ok(false)
            }
        }
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        // Without its channels the thread ends at the block it is at; without its input it ends
        // even in a file of empty blocks, which never fill one.
        self.is_dropped.store(true, Ordering::Relaxed);
        self.pipe = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has already been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

/// An input that can be cut off from another thread.
struct Abortable<R> {
    input: R,
    is_aborted: Arc<AtomicBool>,
}

impl<R: Read> Read for Abortable<R> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.is_aborted.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.input.read(space)
    }
}

/// Decompresses the zstd frames of an input, one after the other.
///
/// zstd reports an error without saying how much it wrote before, so it is given one of its blocks
/// at a time: everything up to the broken block is delivered.
struct Frames<R> {
    input: R,
    decoder: Decoder<'static>,
    compressed: Box<[u8]>,
    /// The part of `compressed` that is still to be decompressed.
    start: usize,
    end: usize,
    input_is_over: bool,
    /// Bytes that zstd asks for; 0 between frames.
    wanted: usize,
    /// An error that waits until the bytes before it have been taken.
    fault: Option<io::Error>,
}

impl<R: Read> Frames<R> {
    fn new(input: R) -> io::Result<Self> {
        Ok(Self {
            input,
            decoder: Decoder::new()?,
            compressed: vec![0; INPUT_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            input_is_over: false,
            wanted: 0,
            fault: None,
        })
    }

    /// Fills `block` as far as there are bytes; returns 0 at the end.
    fn fill(&mut self, block: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut filled = 0;
        while filled < block.len() {
            match self.step(&mut block[filled..]) {
                Ok(Some(count)) => filled += count,
                Ok(None) => break,
                Err(error) if filled == 0 => return Err(error),
                Err(error) => {
                    self.fault = Some(error);
                    break;
                }
            }
        }
        Ok(filled)
    }

    /// Decompresses at most one zstd block; returns `None` at the end.
    fn step(&mut self, output: &mut [u8]) -> io::Result<Option<usize>> {
        self.refill()?;
        if self.start == self.end && self.wanted == 0 {
            return Ok(None);
        }
        let given = (self.end - self.start).min(self.target());
        let input = &self.compressed[self.start..self.start + given];
        let status = self.decoder.run_on_buffers(input, output)?;
        self.start += status.bytes_read;
        self.wanted = status.remaining;
        if given == 0 && status.bytes_written == 0 {
            let message = "the compressed data is cut short";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        Ok(Some(status.bytes_written))
    }

    /// Holds the rest of the current block ready, as far as the input goes.
    fn refill(&mut self) -> io::Result<()> {
        let target = self.target();
        if self.end - self.start >= target {
            return Ok(());
        }
        self.compressed.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        while self.end < target && !self.input_is_over {
            let count = read_some(&mut self.input, &mut self.compressed[self.end..])?;
            self.end += count;
            self.input_is_over = count == 0;
        }
        Ok(())
    }

    /// Returns how many compressed bytes to work on next: a block without the header of the one
    /// behind it, for which zstd asks as well. It may ask for more than is ever held, too: for a
    /// skippable frame as a whole.
    fn target(&self) -> usize {
        let block = match self.wanted.saturating_sub(HEADER_BYTES) {
            0 => self.wanted,
            block => block,
        };
        block.clamp(1, INPUT_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Data that compresses into several zstd blocks.
    fn data() -> Vec<u8> {
        let numbers = (0..200_000u32).map(|number| number.wrapping_mul(2_654_435_761) >> 12);
        numbers.flat_map(u32::to_le_bytes).collect()
    }

    fn compress(data: &[u8]) -> Vec<u8> {
        zstd::encode_all(data, 3).unwrap()
    }

    fn inflate(compressed: Vec<u8>) -> (Vec<u8>, Option<io::ErrorKind>) {
        let mut inflater = Inflater::spawn(io::Cursor::new(compressed)).unwrap();
        let (mut bytes, mut block, mut lefts) =
            (Vec::new(), Block::new(), [0, 1, 700].iter().cycle());
        loop {
            match inflater.next(&mut block) {
                Ok(false) => {
                    bytes.extend(&block.memory[block.start..block.end]);
                    return (bytes, None);
                }
                Ok(true) => {
                    // Some of each block is left for the next time.
                    let ready = block.end - block.start;
                    let taken = ready - ready.min(*lefts.next().unwrap());
                    bytes.extend(&block.memory[block.start..block.start + taken]);
                    block.start += taken;
                }
                Err(error) => {
                    bytes.extend(&block.memory[block.start..block.end]);
                    return (bytes, Some(error.kind()));
                }
            }
        }
    }

    #[test]
    fn frames_are_read_one_after_the_other() {
        let expected = [data(), b"second".to_vec(), Vec::new()].concat();
        let frames = [compress(&data()), compress(b"second"), compress(b"")];
        assert_eq!(inflate(frames.concat()), (expected, None));
    }

    #[test]
    fn skippable_frames_are_skipped_however_long() {
        let length = 600_000u32;
        let skippable = [
            0x184D_2A50u32.to_le_bytes().to_vec(),
            length.to_le_bytes().to_vec(),
            vec![7; 600_000],
        ];
        let frames = [compress(b"before"), skippable.concat(), compress(b"after")];
        assert_eq!(inflate(frames.concat()), (b"beforeafter".to_vec(), None));
    }

    #[test]
    fn a_cut_frame_is_delivered_up_to_the_cut() {
        let (data, mut compressed) = (data(), compress(&data()));
        compressed.truncate(compressed.len() - 10);
        let (bytes, error) = inflate(compressed);
        assert_eq!(error, Some(io::ErrorKind::UnexpectedEof));
        assert!(data.starts_with(&bytes));
        assert!(data.len() - bytes.len() <= BLOCK_BYTES, "{}", bytes.len());
    }

    #[test]
    fn a_corrupt_frame_is_delivered_up_to_the_broken_block() {
        let (data, mut compressed) = (data(), compress(&data()));
        // Six bytes of frame header, then blocks of three bytes of header and their size.
        let mut third = 6;
        for _ in 0..2 {
            let header = &compressed[third..third + 3];
            let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
            third += 3 + usize::try_from(header >> 3).unwrap();
        }
        // The block type that zstd reserves.
        compressed[third] |= 0b110;
        let (bytes, error) = inflate(compressed.clone());
        assert!(error.is_some());
        assert!(
            !bytes.is_empty() && data.starts_with(&bytes),
            "{}",
            bytes.len()
        );
        compressed.truncate(third);
        let (whole_blocks, _) = inflate(compressed);
        assert_eq!(bytes.len(), whole_blocks.len());
    }

    #[test]
    fn the_thread_ends_when_its_reader_is_dropped() {
        /// Goes on for ever; as zstd blocks, all zeros are empty ones.
        struct Zeros {
            _alive: Arc<()>,
        }
        impl Read for Zeros {
            fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
                space.fill(0);
                Ok(space.len())
            }
        }
        let alive = Arc::new(());
        let zeros = || Zeros {
            _alive: Arc::clone(&alive),
        };
        let frame_header = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58];
        let empty_blocks = io::Cursor::new(frame_header).chain(zeros());
        let inflater = Inflater::spawn(empty_blocks).unwrap();
        let compressed = io::Cursor::new(compress(&data())).chain(zeros());
        let mut second = Inflater::spawn(compressed).unwrap();
        assert!(second.next(&mut Block::new()).is_ok());
        drop((inflater, second));
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}
