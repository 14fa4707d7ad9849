//! The lake's whole files, with errors that name the path.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A file that is written atomically. Dropped before it is published, it leaves nothing behind.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    file: vp_lake::WholeFile,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// If nothing can be written beside its place.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let file = vp_lake::WholeFile::create(path).with_context(|| cannot_write(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// If it cannot be put there.
    pub fn publish(self) -> anyhow::Result<()> {
        let Self { path, file } = self;
        file.publish().with_context(|| cannot_write(&path))
    }
}

impl io::Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Returns the error for a path that cannot be written.
pub fn cannot_write(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}
