//! A DBN stream, record by record: metadata, frames, and where it breaks. What a record means for
//! a session is not known here.

use std::path::{Path, PathBuf};

use dbn::decode::dbn::fsm::{DbnFsm, ProcessResult};
use dbn::{Cmbp1Msg, MboMsg, Metadata, RecordRef, VersionUpgradePolicy, rtype};

use crate::FileIdentity;
use crate::bytes::{ByteStream, Input, MAX_LEFT};
use crate::file::OpenFile;
use crate::mbo::{self, MBO_BYTES};

/// MBO messages passed on at a time.
const MBO_BATCH: usize = 512;
/// Records of any kind passed on at a time.
const BATCH: usize = 64;
/// Bytes before the metadata: `DBN`, the version, the metadata's length.
const PRELUDE_BYTES: usize = 8;
/// The longest metadata that are read. A mapping takes 56 bytes in version 1 and 150 in the others,
/// so that a file may map 449,000 or 163,000 symbols. Decoded, and as a [`crate::SymbolMap`], the
/// worst metadata of that length take less than 160 MiB.
const MAX_METADATA_BYTES: u32 = 24 * 1024 * 1024;
/// The least bytes of a symbol in the metadata of any version. Shorter ones would make many times
/// as much of the same bytes.
const LEAST_SYMBOL_BYTES: u16 = 22;
/// Where the metadata of versions 2 and 3 say how many bytes a symbol has.
const SYMBOL_BYTES_AT: usize = 45;
/// Blocks of bytes, 2 MiB together, after which a file is checked for changes: what that costs does
/// not show.
const CHECK_BLOCKS: u32 = 16;
/// Bytes of a record's header.
const HEADER_BYTES: usize = 16;

/// Why a DBN file cannot be read, or not further. Everything before the defect has been delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DbnError {
    /// The file cannot be opened or read, or its compression is broken.
    #[error("record {record} at byte {offset} of {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The record that is missing, counted from 0.
        record: u64,
        /// Where it begins in the uncompressed file.
        offset: u64,
        /// The error of the system or the decompressor.
        source: std::io::Error,
    },
    /// The file cannot be opened, or breaks before its first record.
    #[error("the head of {} cannot be read", path.display())]
    Head {
        /// The file.
        path: PathBuf,
        /// The error of the system or the decompressor.
        source: std::io::Error,
    },
    /// The path is a folder, a named pipe, a socket or a device.
    #[error(
        "{} is not a regular file but {kind}; give the path of a DBN file", path.display()
    )]
    NotRegular {
        /// The path.
        path: PathBuf,
        /// What is there instead.
        kind: &'static str,
    },
    /// The file is not what it was when it was opened.
    #[error(
        "{} was replaced or changed while it was being read; open the session again",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The file is empty, or ends before its first record.
    #[error("{} ends within its head: {found} bytes found; download it again", path.display())]
    HeadCut {
        /// The file.
        path: PathBuf,
        /// How many bytes there are.
        found: u64,
    },
    /// The file does not begin as a DBN file does.
    #[error("{} is not a DBN file", path.display())]
    NotDbn {
        /// The file.
        path: PathBuf,
    },
    /// A version that this program does not know.
    #[error("{} is of DBN version {version}, versions 1 to 3 can be read", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The file's version.
        version: u8,
    },
    /// The metadata are longer than what is kept in memory.
    #[error(
        "the metadata of {} are {length} bytes long, more than the {limit} that are read; order \
         fewer symbols in one file", path.display()
    )]
    MetadataLength {
        /// The file.
        path: PathBuf,
        /// The length that they claim.
        length: u32,
        /// The longest length.
        limit: u32,
    },
    /// The metadata have symbols that are shorter than any.
    #[error(
        "the metadata of {} are corrupt: symbols of {bytes} bytes; download it again",
        path.display()
    )]
    SymbolLength {
        /// The file.
        path: PathBuf,
        /// The length that they claim.
        bytes: u16,
    },
    /// The metadata contradicts itself.
    #[error("the metadata of {} cannot be decoded", path.display())]
    Metadata {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: dbn::Error,
    },
    /// The file ends within a record.
    #[error(
        "record {record} at byte {offset} of {} is cut short: {expected} bytes expected, {found} \
         found; download it again", path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The record, counted from 0.
        record: u64,
        /// Where it begins in the uncompressed file.
        offset: u64,
        /// How many bytes it should have.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A record whose header is impossible.
    #[error(
        "record {record} at byte {offset} of {} is corrupt: rtype {rtype:#04x} with a length of \
         {length} bytes; download it again", path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The record, counted from 0.
        record: u64,
        /// Where it begins in the uncompressed file.
        offset: u64,
        /// The kind of record it claims to be.
        rtype: u8,
        /// The length it claims to have.
        length: usize,
    },
}

/// Reads the records of a DBN file, version 1, 2 or 3, plain or compressed with zstd.
///
/// Records are handed out as the file has them. An MBO record has one layout in all versions, so
/// nothing is copied or upgraded; a record of another kind may have an older layout than the `dbn`
/// crate's current one, so ask for it with `try_get`.
#[derive(Debug)]
pub struct DbnReader {
    path: PathBuf,
    /// `None` for a stream that is no file.
    file: Option<OpenFile>,
    bytes: ByteStream,
    decoder: DbnFsm,
    metadata: Metadata,
    /// Records passed on.
    records: u64,
    /// Bytes of the metadata and of those records.
    passed: u64,
    /// Blocks of bytes until the file is checked again.
    unchecked: u32,
}

impl DbnReader {
    /// Opens a file and reads its metadata.
    ///
    /// # Errors
    /// [`DbnError`] for a file that is missing, not a regular file, or not a DBN file.
    pub fn open(path: &Path) -> Result<Self, DbnError> {
        let file = OpenFile::open(path)?;
        let opened = ByteStream::new(file.input());
        Self::start(path, Some(file), opened)
    }

    /// Reads the metadata of a stream that is no file; `name` means its path in errors.
    ///
    /// # Errors
    /// [`DbnError`] for a stream that is no DBN.
    pub fn from_input(name: &Path, input: Input) -> Result<Self, DbnError> {
        Self::start(name, None, ByteStream::new(input))
    }

    /// Returns the file's metadata unchanged.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the identity of the file when it was opened; `None` for a stream.
    pub fn identity(&self) -> Option<FileIdentity> {
        self.file.as_ref().map(OpenFile::identity)
    }

    /// Returns how many bytes of the file, compressed or not, have been taken so far.
    pub fn position(&self) -> u64 {
        self.bytes.position()
    }

    /// Passes the next records to `each`, in file order; returns `false` at the end.
    ///
    /// # Errors
    /// [`DbnError`] where the file breaks, after everything before has been passed on.
    pub fn read(&mut self, mut each: impl FnMut(RecordRef<'_>)) -> Result<bool, DbnError> {
        let frames = self.next_frames(BATCH, |_| {})?;
        if frames.count == 0 {
            return Ok(false);
        }
        self.decoder.write_all(&self.bytes.ready()[..frames.bytes]);
        self.pass(&frames);
        let mut batch = [None; BATCH];
        match self.decoder.process_many(&mut batch[..frames.count]) {
            ProcessResult::Record(records) => {
                debug_assert_eq!(records.len(), frames.count, "they are complete");
                for record in records {
                    each(*record);
                }
                Ok(true)
            }
            ProcessResult::Err(source) => Err(DbnError::Metadata {
                path: self.path.clone(),
                source,
            }),
            ProcessResult::ReadMore(_) | ProcessResult::Metadata(_) => {
                unreachable!("the metadata has been read, and complete records are buffered")
            }
        }
    }

    /// Passes the next records to `each`, in file order: the MBO message, `None` for a record of
    /// another kind, and the bytes of either. Returns `false` at the end.
    ///
    /// # Errors
    /// [`DbnError`] where the file breaks, after everything before has been passed on.
    #[inline]
    pub fn read_mbo(
        &mut self,
        mut each: impl FnMut(Option<&MboMsg>, &[u8]),
    ) -> Result<bool, DbnError> {
        // Not one argument that is either: the compiler would not inline `each` then, and would lay
        // out every message in memory, which takes a third longer.
        let frames = self.next_frames(MBO_BATCH, |record| match record.first_chunk() {
            Some(bytes) if bytes[1] == rtype::MBO => each(Some(&mbo::parse(bytes)), record),
            _ => each(None, record),
        })?;
        self.pass(&frames);
        Ok(frames.count > 0)
    }

    /// Shows `each` the next records, at most `limit`, as their bytes lie there, and returns which
    /// they were; none at the end.
    #[inline]
    fn next_frames(
        &mut self,
        limit: usize,
        mut each: impl FnMut(&[u8]),
    ) -> Result<Frames, DbnError> {
        loop {
            let (frames, rest) = Frames::walk(self.bytes.ready(), limit, &mut each);
            if frames.count > 0 || !self.refill(&rest)? {
                return Ok(frames);
            }
        }
    }

    /// Takes note that these records have been passed on.
    #[inline]
    fn pass(&mut self, frames: &Frames) {
        self.bytes.skip(frames.bytes);
        self.records += frames.count as u64;
        self.passed += frames.bytes as u64;
    }

    fn start(
        path: &Path,
        file: Option<OpenFile>,
        opened: std::io::Result<ByteStream>,
    ) -> Result<Self, DbnError> {
        let head = |source| DbnError::Head {
            path: path.into(),
            source,
        };
        let mut bytes = opened.map_err(head)?;
        let mut decoder = DbnFsm::builder()
            .upgrade_policy(VersionUpgradePolicy::AsIs)
            .buffer_size(BATCH * MAX_LEFT)
            .build()
            .map_err(|source| DbnError::Metadata {
                path: path.into(),
                source,
            })?;
        let (mut passed, mut version) = (0, 0);
        let metadata = loop {
            let wanted = if passed < PRELUDE_BYTES as u64 {
                PRELUDE_BYTES - decoder.data().len()
            } else {
                if passed == PRELUDE_BYTES as u64 {
                    version = check_prelude(path, decoder.data())?;
                } else {
                    check_symbol_bytes(path, version, decoder.data())?;
                }
                match decoder.process() {
                    ProcessResult::ReadMore(wanted) => wanted,
                    ProcessResult::Metadata(metadata) => break metadata,
                    ProcessResult::Record(()) => unreachable!("metadata comes before records"),
                    ProcessResult::Err(source) => {
                        let path = path.into();
                        return Err(DbnError::Metadata { path, source });
                    }
                }
            };
            if bytes.ready().is_empty() && !bytes.more().map_err(head)? {
                return Err(match passed {
                    0..8 if !b"DBN".starts_with(&decoder.data()[..decoder.data().len().min(3)]) => {
                        DbnError::NotDbn { path: path.into() }
                    }
                    found => DbnError::HeadCut {
                        path: path.into(),
                        found,
                    },
                });
            }
            let count = wanted.min(bytes.ready().len());
            decoder.write_all(&bytes.ready()[..count]);
            bytes.skip(count);
            passed += count as u64;
        };
        Ok(Self {
            path: path.into(),
            file,
            bytes,
            decoder,
            metadata,
            records: 0,
            passed,
            unchecked: CHECK_BLOCKS,
        })
    }

    /// Reads on where no record is complete, but only that `rest` of one; returns `false` at the
    /// end.
    fn refill(&mut self, rest: &Rest) -> Result<bool, DbnError> {
        let more = self.next_block(rest);
        self.unchecked -= 1;
        // At its end and where it breaks, a file may have been changed in place.
        if self.unchecked == 0 || !matches!(more, Ok(true)) {
            self.unchecked = CHECK_BLOCKS;
            self.file.as_ref().map_or(Ok(()), OpenFile::check)?;
        }
        more
    }

    fn next_block(&mut self, rest: &Rest) -> Result<bool, DbnError> {
        let (path, record, offset) = (|| self.path.clone(), self.records, self.passed);
        if let Rest::Corrupt { rtype, length } = *rest {
            return Err(DbnError::Corrupt {
                path: path(),
                record,
                offset,
                rtype,
                length,
            });
        }
        let more = self.bytes.more().map_err(|source| DbnError::Read {
            path: path(),
            record,
            offset,
            source,
        })?;
        if let Rest::Incomplete { expected } = *rest
            && !more
        {
            return Err(DbnError::Truncated {
                path: path(),
                record,
                offset,
                expected,
                found: self.bytes.ready().len(),
            });
        }
        Ok(more)
    }
}

/// Checks what comes before the metadata; returns the version.
fn check_prelude(path: &Path, prelude: &[u8]) -> Result<u8, DbnError> {
    let path = || path.to_path_buf();
    let &[b'D', b'B', b'N', version, a, b, c, d] = prelude else {
        return Err(DbnError::NotDbn { path: path() });
    };
    let length = u32::from_le_bytes([a, b, c, d]);
    if !(1..=3).contains(&version) {
        return Err(DbnError::Version {
            path: path(),
            version,
        });
    }
    if length > MAX_METADATA_BYTES {
        return Err(DbnError::MetadataLength {
            path: path(),
            length,
            limit: MAX_METADATA_BYTES,
        });
    }
    Ok(version)
}

/// Checks how long the metadata say that a symbol is, as soon as they are there so far.
fn check_symbol_bytes(path: &Path, version: u8, metadata: &[u8]) -> Result<(), DbnError> {
    let bytes = metadata
        .get(SYMBOL_BYTES_AT..)
        .and_then(<[u8]>::first_chunk);
    let bytes = bytes.copied().map(u16::from_le_bytes);
    match bytes {
        Some(bytes) if version > 1 && bytes < LEAST_SYMBOL_BYTES => Err(DbnError::SymbolLength {
            path: path.into(),
            bytes,
        }),
        _ => Ok(()),
    }
}

/// Complete records at the start of a buffer.
struct Frames {
    count: usize,
    bytes: usize,
}

/// What follows the complete records.
enum Rest {
    /// Records that are left for the next time, or nothing.
    Any,
    Incomplete {
        expected: usize,
    },
    Corrupt {
        rtype: u8,
        length: usize,
    },
}

impl Frames {
    /// Shows `each` up to `limit` records.
    ///
    /// The decoder trusts a record's length. One that is no multiple of eight would put the next
    /// record at an address that its fields cannot have, so it is refused here.
    #[inline]
    fn walk(data: &[u8], limit: usize, mut each: impl FnMut(&[u8])) -> (Self, Rest) {
        let (mut count, mut left) = (0, data);
        let rest = loop {
            let &[words, rtype, ..] = left else {
                let expected = HEADER_BYTES;
                break match left.len() {
                    0 => Rest::Any,
                    _ => Rest::Incomplete { expected },
                };
            };
            let length = usize::from(words) * 4;
            let least = match rtype {
                rtype::MBO => MBO_BYTES,
                rtype::CMBP_1 => size_of::<Cmbp1Msg>(),
                _ => HEADER_BYTES,
            };
            if length < least || !length.is_multiple_of(8) {
                break Rest::Corrupt { rtype, length };
            }
            let Some((record, after)) = left.split_at_checked(length) else {
                break Rest::Incomplete { expected: length };
            };
            if count == limit {
                break Rest::Any;
            }
            each(record);
            count += 1;
            left = after;
        };
        let bytes = data.len() - left.len();
        (Self { count, bytes }, rest)
    }
}
