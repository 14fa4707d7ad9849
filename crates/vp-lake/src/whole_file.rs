//! A file that is whole or not there: written beside its place, then moved into it.

use std::fs::{self, File, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is being written. Dropped before it is published, it leaves nothing behind.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl WholeFile {
    /// Begins a file in a folder that is there.
    ///
    /// # Errors
    /// If nothing can be written beside its place.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: beside(path)?,
        })
    }

    /// Returns the place of the unfinished file, where it can be read back.
    pub fn unfinished_path(&self) -> &Path {
        self.file.path()
    }

    /// Puts the file in its place, so that it is still there after a loss of power.
    ///
    /// # Errors
    /// If it cannot be put there.
    pub fn publish(self) -> io::Result<()> {
        let Self { path, file } = self;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(io::Error::from)?;
        File::open(folder_of(&path))?.sync_all()
    }

    /// Removes what a program that was killed left of this file.
    ///
    /// The caller knows that nobody is writing it.
    ///
    /// # Errors
    /// If its folder cannot be listed or an unfinished file not be removed.
    pub fn remove_unfinished(path: &Path) -> io::Result<()> {
        let prefix = unfinished_prefix(path);
        for entry in folder_of(path).read_dir()? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
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

/// Returns what the names of a file's unfinished forms begin with.
fn unfinished_prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".unfinished-{name}-")
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        let missing = format!("there is no folder {}", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, missing));
    }
    let mut builder = tempfile::Builder::new();
    let prefix = unfinished_prefix(path);
    builder.prefix(&prefix);
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_is_not_there_before_it_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = WholeFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        assert_eq!(fs::read(file.unfinished_path()).unwrap(), b"whole");
        file.publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn what_a_killed_program_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".unfinished-other-a", "file", ".hidden"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let killed = WholeFile::create(&folder.path().join("file")).unwrap();
        let left = killed.unfinished_path().to_owned();
        std::mem::forget(killed);
        assert!(left.exists());
        WholeFile::remove_unfinished(&folder.path().join("file")).unwrap();
        let mut left: Vec<_> = folder
            .path()
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, [".hidden", ".unfinished-other-a", "file"]);
    }
}
