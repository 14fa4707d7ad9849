//! The record of every order: `params/jobs/{futures|equities}.json`, written atomically after
//! every change, so that a killed program resumes without ordering anything twice.

mod decision;
mod entry;
mod lock;
mod state;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use vp_lake::{Lake, WholeFile};

use crate::job::JobKey;
use crate::selection::Market;

pub use decision::Decision;
pub use entry::{Entry, FileEntry};
pub use lock::{JobLock, LockError};
pub use state::{JobState, NextStep};

/// A record of orders is never longer.
const MAX_BYTES: u64 = 256 << 20;

/// Why the record of orders cannot be kept. Without it nothing is ordered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackerError {
    /// Another daemon is at work, or the lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The file cannot be read.
    #[error("the job file {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not what this program writes.
    #[error(
        "the job file {} is corrupt: {reason}; restore a copy, or move it away and check the \
         account for jobs that have been ordered", path.display()
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be written.
    #[error("the job file {} cannot be written; nothing is ordered", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The orders of one market. Holding it keeps other processes out.
#[derive(Debug)]
pub struct Tracker {
    path: PathBuf,
    entries: BTreeMap<JobKey, Entry>,
    _lock: JobLock,
}

impl Tracker {
    /// Locks and reads the record of a market's orders; where there is none, it is empty.
    ///
    /// # Errors
    /// [`TrackerError`] if another process holds it, or it cannot be read.
    pub fn open(lake: &Lake, market: Market) -> Result<Self, TrackerError> {
        let path = lake.jobs(market.name());
        let write = |source| TrackerError::Write {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(lake.jobs_folder()).map_err(write)?;
        let lock = JobLock::acquire(&path.with_extension("lock"))?;
        let entries = Self::read(lake, market)?;
        Ok(Self {
            path,
            entries,
            _lock: lock,
        })
    }

    /// Reads the record of a market's orders without a lock, to look at it.
    ///
    /// # Errors
    /// [`TrackerError`] if it cannot be read.
    pub fn read(lake: &Lake, market: Market) -> Result<BTreeMap<JobKey, Entry>, TrackerError> {
        let path = lake.jobs(market.name());
        match vp_lake::read_regular_text(&path, MAX_BYTES) {
            Ok(text) => parse(&text).map_err(|reason| TrackerError::Broken { path, reason }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(source) => Err(TrackerError::Read { path, source }),
        }
    }

    /// Returns the entries, by date, symbol and schema.
    pub fn entries(&self) -> &BTreeMap<JobKey, Entry> {
        &self.entries
    }

    /// Writes an entry down, in place of that of the same key.
    ///
    /// # Errors
    /// [`TrackerError::Write`]; the entry is then as it was.
    pub fn put(&mut self, key: JobKey, entry: Entry) -> Result<(), TrackerError> {
        let before = self.entries.insert(key.clone(), entry);
        let written = write(&self.path, &self.entries);
        if written.is_err() {
            match before {
                Some(before) => self.entries.insert(key, before),
                None => self.entries.remove(&key),
            };
        }
        written.map_err(|source| TrackerError::Write {
            path: self.path.clone(),
            source,
        })
    }

    /// Sends downloaded jobs whose files are gone back to being done, so that polling fetches them.
    ///
    /// # Errors
    /// [`TrackerError::Write`].
    pub fn fetch_again(&mut self, keys: &[JobKey]) -> Result<(), TrackerError> {
        for key in keys {
            if let Some(entry) = self.entries.get(key) {
                let state = JobState::Done;
                let entry = Entry {
                    state,
                    downloaded_at: None,
                    ..entry.clone()
                };
                self.put(key.clone(), entry)?;
            }
        }
        Ok(())
    }
}

fn parse(text: &str) -> Result<BTreeMap<JobKey, Entry>, String> {
    let entries: BTreeMap<String, Entry> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let known = entries.into_iter().map(|(text, entry)| {
        let key = JobKey::parse(&text).ok_or_else(|| format!("{text:?} is not a valid job key"))?;
        Ok((key, entry))
    });
    known.collect()
}

fn write(path: &Path, entries: &BTreeMap<JobKey, Entry>) -> io::Result<()> {
    let by_text: BTreeMap<String, &Entry> = entries
        .iter()
        .map(|(key, entry)| (key.to_string(), entry))
        .collect();
    let mut text = serde_json::to_vec_pretty(&by_text)?;
    text.push(b'\n');
    let mut file = WholeFile::create(path)?;
    file.write_all(&text)?;
    file.publish()
}

#[cfg(test)]
mod tests;
