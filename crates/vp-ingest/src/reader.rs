//! A DBN stream, record by record: metadata, frames, and where it breaks. What a record means for
//! a session is not known here.

use std::path::{Path, PathBuf};

use dbn::decode::dbn::fsm::{DbnFsm, ProcessResult};
use dbn::{Cmbp1Msg, MboMsg, Metadata, RecordRef, VersionUpgradePolicy, rtype};

use crate::bytes::{ByteStream, Input};
use crate::mbo::{self, MBO_BYTES};

/// Bytes of records held at a time.
const BUFFER_BYTES: usize = 128 * 1024;
/// Records handed out at a time.
const BATCH_RECORDS: usize = 512;
/// Bytes before the metadata: `DBN`, the version, the metadata's length.
const PRELUDE_BYTES: usize = 8;
/// More metadata than any file has: a mapping takes 154 bytes, so this is over a million symbols.
const MAX_METADATA_BYTES: u32 = 256 * 1024 * 1024;
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
        /// What the system or the decompressor says.
        source: std::io::Error,
    },
    /// The file cannot be opened, or breaks before its first record.
    #[error("the head of {} cannot be read", path.display())]
    Head {
        /// The file.
        path: PathBuf,
        /// What the system or the decompressor says.
        source: std::io::Error,
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
    /// The metadata is longer than any.
    #[error("the metadata of {} claims to be {length} bytes long", path.display())]
    MetadataLength {
        /// The file.
        path: PathBuf,
        /// The claimed length.
        length: u32,
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
    bytes: ByteStream,
    decoder: DbnFsm,
    metadata: Metadata,
    /// Complete records in the decoder's buffer whose headers have been checked.
    ready: usize,
    /// Records handed out.
    records: u64,
    /// Bytes handed to the decoder.
    buffered: u64,
}

impl DbnReader {
    /// Opens a file and reads its metadata.
    ///
    /// # Errors
    /// [`DbnError`] for a file that is missing, or no DBN file.
    pub fn open(path: &Path) -> Result<Self, DbnError> {
        let opened = ByteStream::open(path);
        Self::start(path, opened)
    }

    /// Reads the metadata of a stream that is no file; `name` stands for its path in errors.
    ///
    /// # Errors
    /// [`DbnError`] for a stream that is no DBN.
    pub fn from_input(name: &Path, input: Input) -> Result<Self, DbnError> {
        Self::start(name, ByteStream::new(input))
    }

    /// Returns the file's metadata as it stands there.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the file's path.
    pub fn path(&self) -> &Path {
        &self.path
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
        while self.ready == 0 {
            if !self.refill()? {
                return Ok(false);
            }
        }
        let mut batch = [None; BATCH_RECORDS];
        let wanted = self.ready.min(BATCH_RECORDS);
        match self.decoder.process_many(&mut batch[..wanted]) {
            ProcessResult::Record(records) => {
                self.ready -= records.len();
                self.records += records.len() as u64;
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

    /// Passes the next records to `each`, in file order: MBO messages, and `None` for a record of
    /// another kind. Returns `false` at the end.
    ///
    /// # Errors
    /// [`DbnError`] where the file breaks, after everything before has been passed on.
    #[inline]
    pub fn read_mbo(&mut self, mut each: impl FnMut(Option<&MboMsg>)) -> Result<bool, DbnError> {
        while self.ready == 0 {
            if !self.refill()? {
                return Ok(false);
            }
        }
        let count = self.ready.min(BATCH_RECORDS);
        let data = self.decoder.data();
        let mut rest = data;
        for _ in 0..count {
            let (record, after) = rest.split_at(usize::from(rest[0]) * 4);
            match record.first_chunk() {
                Some(bytes) if bytes[1] == rtype::MBO => each(Some(&mbo::parse(bytes))),
                _ => each(None),
            }
            rest = after;
        }
        let taken = data.len() - rest.len();
        self.decoder.skip(taken);
        self.ready -= count;
        self.records += count as u64;
        Ok(true)
    }

    fn start(path: &Path, opened: std::io::Result<ByteStream>) -> Result<Self, DbnError> {
        let head = |source| DbnError::Head {
            path: path.into(),
            source,
        };
        let mut bytes = opened.map_err(head)?;
        let mut decoder = DbnFsm::builder()
            .upgrade_policy(VersionUpgradePolicy::AsIs)
            .buffer_size(BUFFER_BYTES)
            .build()
            .map_err(|source| DbnError::Metadata {
                path: path.into(),
                source,
            })?;
        let mut buffered = 0;
        let metadata = loop {
            let wanted = if buffered < PRELUDE_BYTES as u64 {
                PRELUDE_BYTES - decoder.data().len()
            } else {
                if buffered == PRELUDE_BYTES as u64 {
                    check_prelude(path, decoder.data())?;
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
            // No byte of a record may be in the buffer before its header can be checked.
            let space = decoder.space();
            let wanted = wanted.min(space.len());
            let count = bytes.read(&mut space[..wanted]).map_err(head)?;
            decoder.fill(count);
            buffered += count as u64;
            if count == 0 {
                return Err(match buffered {
                    0..8 if !b"DBN".starts_with(&decoder.data()[..decoder.data().len().min(3)]) => {
                        DbnError::NotDbn { path: path.into() }
                    }
                    found => DbnError::HeadCut {
                        path: path.into(),
                        found,
                    },
                });
            }
        };
        Ok(Self {
            path: path.into(),
            bytes,
            decoder,
            metadata,
            ready: 0,
            records: 0,
            buffered,
        })
    }

    /// Reads on until a record is complete; returns `false` at the end.
    fn refill(&mut self) -> Result<bool, DbnError> {
        let read = self.bytes.read(self.decoder.space());
        let offset = self.buffered - self.decoder.data().len() as u64;
        let count = read.map_err(|source| DbnError::Read {
            path: self.path.clone(),
            record: self.records,
            offset,
            source,
        })?;
        self.decoder.fill(count);
        self.buffered += count as u64;
        let data = self.decoder.data();
        let frames = Frames::count(data);
        self.ready = frames.complete;
        if frames.complete > 0 {
            return Ok(true);
        }
        let (path, record) = (self.path.clone(), self.records);
        match frames.rest {
            Rest::Corrupt { rtype, length } => Err(DbnError::Corrupt {
                path,
                record,
                offset,
                rtype,
                length,
            }),
            Rest::Incomplete { expected } if count == 0 => Err(DbnError::Truncated {
                path,
                record,
                offset,
                expected,
                found: data.len(),
            }),
            Rest::Nothing => Ok(count > 0),
            Rest::Incomplete { .. } => Ok(true),
        }
    }
}

fn check_prelude(path: &Path, prelude: &[u8]) -> Result<(), DbnError> {
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
        });
    }
    Ok(())
}

/// The records at the start of a buffer, by their headers.
///
/// The decoder trusts a record's length. One that is no multiple of eight would put the next
/// record at an address that its fields cannot have, so it is refused here.
struct Frames {
    complete: usize,
    rest: Rest,
}

/// What follows the complete records.
enum Rest {
    Nothing,
    Incomplete { expected: usize },
    Corrupt { rtype: u8, length: usize },
}

impl Frames {
    fn count(data: &[u8]) -> Self {
        let (mut complete, mut rest) = (0, data);
        loop {
            let &[words, rtype, ..] = rest else {
                let expected = HEADER_BYTES;
                let rest = match rest.len() {
                    0 => Rest::Nothing,
                    _ => Rest::Incomplete { expected },
                };
                return Self { complete, rest };
            };
            let length = usize::from(words) * 4;
            let least = match rtype {
                rtype::MBO => MBO_BYTES,
                rtype::CMBP_1 => size_of::<Cmbp1Msg>(),
                _ => HEADER_BYTES,
            };
            if length < least || !length.is_multiple_of(8) {
                let rest = Rest::Corrupt { rtype, length };
                return Self { complete, rest };
            }
            let Some(after) = rest.get(length..) else {
                let rest = Rest::Incomplete { expected: length };
                return Self { complete, rest };
            };
            complete += 1;
            rest = after;
        }
    }
}
