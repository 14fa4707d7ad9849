//! The files of a date, read one after the other. What is read from them is not known here.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use crate::source::{Progress, plan};
use crate::{DbnError, DbnReader, FileIdentity, IngestError};

/// The files of a date, each with `T`: what its instrument ids mean.
#[derive(Debug)]
pub(crate) struct DayFiles<T> {
    waiting: VecDeque<DayFile<T>>,
    open: Option<(DbnReader, T)>,
    /// Every file, in order.
    all: Vec<(PathBuf, FileIdentity)>,
    /// How many of them have been opened.
    opened: usize,
    bytes_of_read_files: u64,
    bytes_total: u64,
}

/// A file that is still to be read.
#[derive(Debug)]
struct DayFile<T> {
    path: PathBuf,
    identity: FileIdentity,
    by_id: T,
}

impl<T> Default for DayFiles<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            open: None,
            all: Vec::new(),
            opened: 0,
            bytes_of_read_files: 0,
            bytes_total: 0,
        }
    }
}

impl<T> DayFiles<T> {
    /// Adds a file behind the others.
    pub(crate) fn push(&mut self, path: PathBuf, identity: FileIdentity, by_id: T) {
        self.bytes_total += identity.length();
        self.all.push((path.clone(), identity));
        self.waiting.push_back(DayFile {
            path,
            identity,
            by_id,
        });
    }

    /// Returns how far the files have been read.
    pub(crate) fn progress(&self) -> Progress {
        let open = self.open.as_ref();
        let position = open.map_or(0, |(reader, _)| reader.position());
        Progress {
            bytes_read: self.bytes_of_read_files + position,
            bytes_total: self.bytes_total,
        }
    }

    /// Returns the path of the file that was opened last.
    pub(crate) fn last_path(&self) -> &Path {
        let last = self.all[..self.opened].last();
        last.map_or(Path::new(""), |(path, _)| path)
    }

    /// Refuses files that were replaced or changed since they were added.
    pub(crate) fn check_unchanged(&self) -> Result<(), IngestError> {
        let is_changed = |(path, identity): &&(PathBuf, FileIdentity)| !identity.is_at(path);
        match self.all.iter().find(is_changed) {
            Some((path, _)) => Err(IngestError::Changed { path: path.clone() }),
            None => Ok(()),
        }
    }

    /// Reads on in the open file by `read`, which says whether there is more in it, or opens the
    /// next one; returns `false` at the end of all.
    pub(crate) fn read(
        &mut self,
        read: impl FnOnce(&mut DbnReader, &T) -> Result<bool, DbnError>,
    ) -> Result<bool, IngestError> {
        let Some((reader, by_id)) = &mut self.open else {
            let Some(file) = self.waiting.pop_front() else {
                return Ok(false);
            };
            let reader = plan::reopen(&file.path, file.identity)?;
            self.open = Some((reader, file.by_id));
            self.opened += 1;
            return Ok(true);
        };
        if !read(reader, by_id)? {
            self.bytes_of_read_files += reader.position();
            self.open = None;
        }
        Ok(true)
    }
}
