//! One process at a time works on a market's orders.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A lock that ends with its process, however that ends.
#[derive(Debug)]
pub struct JobLock {
    _file: File,
}

/// Why the lock cannot be acquired.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process has it.
    #[error("the orders are locked by {holder} ({}); wait until it has ended, or stop it", path.display())]
    Held {
        /// The lock's file.
        path: PathBuf,
        /// The process that holds it.
        holder: String,
    },
    /// The file cannot be opened or locked.
    #[error("the lock file {} cannot be opened or locked", path.display())]
    Io {
        /// The lock's file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl JobLock {
    /// Takes the lock, without waiting for it.
    ///
    /// # Errors
    /// [`LockError`] if another process has it.
    pub fn acquire(path: &Path) -> Result<Self, LockError> {
        let io = |source| LockError::Io {
            path: path.into(),
            source,
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0).map_err(io)?;
                write!(file, "process {}", std::process::id()).map_err(io)?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let read = file.take(64).read_to_string(&mut holder);
                if read.is_err() || holder.is_empty() {
                    "another process".clone_into(&mut holder);
                }
                Err(LockError::Held {
                    path: path.into(),
                    holder,
                })
            }
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}
