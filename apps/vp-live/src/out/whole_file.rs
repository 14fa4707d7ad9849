//! A file that is whole or not there: written beside its place, then moved into it.

use std::fs::{self, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

/// A file that is being written. Dropped before it is published, it leaves nothing behind.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// If nothing can be written beside its place.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let file = beside(path).with_context(|| cannot_write(path))?;
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
        let published = file.as_file().sync_all().and_then(|()| {
            file.persist(&path).map_err(io::Error::from)?;
            Ok(())
        });
        published.with_context(|| cannot_write(&path))
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

/// Returns what is said of a path that cannot be written.
pub fn cannot_write(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let missing = format!("there is no folder {}", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, missing));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".unfinished-");
    // Temporary files are their owner's alone by default; what a user names is like other files.
    match fs::metadata(path) {
        Ok(replaced) => builder.permissions(replaced.permissions()),
        Err(_) => builder.permissions(like_other_files()),
    };
    builder.tempfile_in(folder)
}

/// Read and write for all, of which the process's mask takes its part.
fn like_other_files() -> Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
