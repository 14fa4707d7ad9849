//! Plain DBN files beside the compressed ones, verified. Nothing is read but what is named.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vp_ingest::{DbnError, DbnReader};
use vp_lake::WholeFile;

use crate::job::hex;
use crate::place;

/// What becomes of the compressed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compressed {
    /// It stays.
    Keep,
    /// It is removed once the plain one is there and right.
    Remove,
}

/// What was done about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decompressed {
    /// The plain file.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// Whether it was there before, and right.
    pub was_there: bool,
}

/// Why a file is not decompressed. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecompressError {
    /// Something cannot be listed, read, written or removed.
    #[error("{} cannot be {verb}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What cannot be done with it.
        verb: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The name does not say that it is compressed DBN.
    #[error("{} is not a compressed DBN file: its name does not end in .dbn.zst", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// The path is a named pipe, a socket or a device.
    #[error("{} is not a regular file; give the path of a file or a folder", path.display())]
    NotRegular {
        /// The path.
        path: PathBuf,
    },
    /// What it decompresses to is not a whole DBN file.
    #[error("{} is not a complete DBN file; download it again", path.display())]
    Dbn {
        /// The file.
        path: PathBuf,
        /// Where it breaks.
        source: DbnError,
    },
    /// The plain file is there, and holds something else.
    #[error("{} exists and differs from the compressed file; remove the wrong one of the two", path.display())]
    Differs {
        /// The plain file.
        path: PathBuf,
    },
    /// What was written is not what is read back.
    #[error("{} differs from what was written; check the disk", path.display())]
    ReadBack {
        /// The plain file.
        path: PathBuf,
    },
}

/// Returns the compressed DBN files that a path names: itself, or those in a folder and below it,
/// in name order.
///
/// # Errors
/// [`DecompressError`] for a path that is neither, or cannot be listed.
pub fn compressed_files(path: &Path) -> Result<Vec<PathBuf>, DecompressError> {
    let failed = |source| io_error(path, "read", source);
    let kind = fs::metadata(path).map_err(failed)?.file_type();
    if !kind.is_dir() {
        let path = path.to_owned();
        return if !kind.is_file() {
            Err(DecompressError::NotRegular { path })
        } else if plain_path(&path).is_some() {
            Ok(vec![path])
        } else {
            Err(DecompressError::Name { path })
        };
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| io_error(&folder, "listed", source);
        for entry in folder.read_dir().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if plain_path(&entry.path()).is_some() {
                // A link leads to whatever it leads to.
                let is_file = entry.path().metadata().is_ok_and(|of| of.is_file());
                if is_file || kind.is_file() {
                    files.push(entry.path());
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Writes the plain form of a compressed DBN file beside it.
///
/// The plain file appears whole or not at all, after it has been read back and found to be DBN
/// from its head to its last record. One that is there already is compared.
///
/// # Errors
/// [`DecompressError`]; neither file has been changed then.
pub fn decompress(path: &Path, compressed: Compressed) -> Result<Decompressed, DecompressError> {
    let plain = plain_path(path).ok_or_else(|| DecompressError::Name { path: path.into() })?;
    let existing = place::hash(&plain);
    let done = match existing {
        Ok((hasher, bytes)) => {
            let (expected, _) = inflate(path, &mut io::sink())?;
            if hex(&hasher.finalize()) != expected {
                return Err(DecompressError::Differs { path: plain });
            }
            Decompressed {
                path: plain,
                bytes,
                was_there: true,
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_plain(path, plain)?,
        Err(source) => return Err(io_error(&plain, "read", source)),
    };
    if compressed == Compressed::Remove {
        fs::remove_file(path).map_err(|source| io_error(path, "removed", source))?;
    }
    Ok(done)
}

fn write_plain(path: &Path, plain: PathBuf) -> Result<Decompressed, DecompressError> {
    let failed = |source| io_error(&plain, "written", source);
    let mut file = WholeFile::create(&plain).map_err(failed)?;
    let (expected, bytes) = inflate(path, &mut file)?;
    file.flush().map_err(failed)?;
    let written = file.unfinished_path();
    let (hasher, _) = place::hash(written).map_err(failed)?;
    if hex(&hasher.finalize()) != expected {
        return Err(DecompressError::ReadBack { path: plain });
    }
    let dbn = |source| DecompressError::Dbn {
        path: path.into(),
        source,
    };
    let mut reader = DbnReader::open(written).map_err(dbn)?;
    while reader.read(|_| {}).map_err(dbn)? {}
    file.publish().map_err(failed)?;
    Ok(Decompressed {
        path: plain,
        bytes,
        was_there: false,
    })
}

/// Decompresses a file into `output`; returns the SHA-256 of what it holds, and how many bytes.
fn inflate(path: &Path, output: &mut impl Write) -> Result<(String, u64), DecompressError> {
    let read = |source| io_error(path, "read", source);
    let file = vp_lake::open_regular(path).map_err(read)?;
    let mut decoder = zstd::Decoder::new(file).map_err(read)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let count = decoder.read(&mut buffer).map_err(read)?;
        if count == 0 {
            return Ok((hex(&hasher.finalize()), bytes));
        }
        hasher.update(&buffer[..count]);
        let written = output.write_all(&buffer[..count]);
        written.map_err(|source| io_error(path, "decompressed", source))?;
        bytes += count as u64;
    }
}

/// Returns the plain form's path, or `None` for a name that is not of compressed DBN.
fn plain_path(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".dbn.zst")?;
    Some(path.with_file_name(format!("{stem}.dbn")))
}

fn io_error(path: &Path, verb: &'static str, source: io::Error) -> DecompressError {
    DecompressError::Io {
        path: path.into(),
        verb,
        source,
    }
}
