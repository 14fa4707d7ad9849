//! Opens the files that records are read from: regular files only, each as one version of itself.
//!
//! What the bytes of a file mean is not known here.

use std::fs::{File, FileType, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::DbnError;
use crate::bytes::Input;

/// Identifies one version of a file: its place on the disk, its length, and when its contents and
/// its inode were last changed.
///
/// Another file renamed into its place has another identity, and so has the same file after it
/// was written to, also if its length and its time of modification were restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
    length: u64,
    modified: Option<SystemTime>,
    /// When the inode was last changed, in seconds and nanoseconds.
    changed: (i64, i64),
}

impl FileIdentity {
    /// Returns the identity of the file that `metadata` describes.
    pub fn new(metadata: &Metadata) -> Self {
        let (device, inode, changed) = place(metadata);
        Self {
            device,
            inode,
            changed,
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    /// Returns the length of the file in bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Returns whether the contents are those of `other`, as far as an open handle shows it: the
    /// inode of an open file also changes when another file takes its name.
    fn has_contents_of(self, other: Self) -> bool {
        let changed = self.changed;
        self == Self { changed, ..other }
    }

    /// Returns whether the file at `path` still is this version.
    pub fn is_at(&self, path: &Path) -> bool {
        path.metadata()
            .is_ok_and(|metadata| Self::new(&metadata) == *self)
    }
}

#[cfg(unix)]
fn place(metadata: &Metadata) -> (u64, u64, (i64, i64)) {
    use std::os::unix::fs::MetadataExt;
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    (metadata.dev(), metadata.ino(), changed)
}

/// Elsewhere length and time of the last write alone tell two versions apart.
#[cfg(not(unix))]
const fn place(_: &Metadata) -> (u64, u64, (i64, i64)) {
    (0, 0, (0, 0))
}

/// A regular file that is open for reading, with the identity it had when it was opened.
#[derive(Clone, Debug)]
pub(crate) struct OpenFile {
    path: PathBuf,
    file: Arc<File>,
    identity: FileIdentity,
}

impl OpenFile {
    /// Opens a file. Everything but a regular file is refused before it is opened, because opening
    /// a named pipe waits for its other end.
    pub(crate) fn open(path: &Path) -> Result<Self, DbnError> {
        let head = |source| DbnError::Head {
            path: path.into(),
            source,
        };
        check_regular(path, path.metadata().map_err(head)?.file_type())?;
        let file = File::open(path).map_err(head)?;
        let metadata = file.metadata().map_err(head)?;
        check_regular(path, metadata.file_type())?;
        Ok(Self {
            path: path.into(),
            file: Arc::new(file),
            identity: FileIdentity::new(&metadata),
        })
    }

    pub(crate) const fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Returns the bytes of the file, from where its handle is.
    pub(crate) fn input(&self) -> Input {
        Box::new(Arc::clone(&self.file))
    }

    /// Refuses the file if it was written to since it was opened.
    pub(crate) fn check(&self) -> Result<(), DbnError> {
        let is_same =
            |metadata: Metadata| FileIdentity::new(&metadata).has_contents_of(self.identity);
        match self.file.metadata().map(is_same) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(DbnError::Changed {
                path: self.path.clone(),
            }),
        }
    }
}

fn check_regular(path: &Path, file_type: FileType) -> Result<(), DbnError> {
    let Some(kind) = vp_lake::irregular(file_type) else {
        return Ok(());
    };
    let path = path.into();
    Err(DbnError::NotRegular { path, kind })
}
