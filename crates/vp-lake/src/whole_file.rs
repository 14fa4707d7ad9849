//! A file that is written atomically: beside its place, then moved into it.
//!
//! A writer that is killed leaves its unfinished file behind. Every writer holds a lock of the
//! system on its own, which ends with the process, so the next one that writes the same file can
//! tell what is left from what is being written, and removes the former.

use std::fs::{self, File, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::abandoned::{is_at, remove_if_abandoned};
use crate::regular::irregular;

/// Characters that tell the unfinished forms of one file apart.
const RANDOM_CHARS: usize = 6;

/// A file that is being written. Dropped before it is published, it leaves nothing behind.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl WholeFile {
    /// Begins a file in a folder that is there, and removes what killed writers left of it. A link is
    /// followed: the file that it names is replaced, not the link.
    ///
    /// # Errors
    /// If nothing can be written beside its place, or something else than a regular file is there.
    pub fn create(path: &Path) -> io::Result<Self> {
        let path = &place_of(path)?;
        remove_abandoned(path);
        loop {
            let file = beside(path)?;
            // Without file locks no process takes one to remove the file either.
            let _ = file.as_file().lock();
            // Between its making and its lock it may have been taken for abandoned.
            if is_at(file.as_file(), file.path()) {
                let path = path.to_owned();
                return Ok(Self { path, file });
            }
        }
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
}

impl io::Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes the unfinished forms of a file whose writers no longer live, as far as that can be done:
/// a leftover is no reason not to write.
fn remove_abandoned(path: &Path) {
    let prefix = unfinished_prefix(path);
    for entry in folder_of(path).read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_unfinished = name
            .to_str()
            .and_then(|name| name.strip_prefix(&prefix))
            .is_some_and(|rest| rest.len() == RANDOM_CHARS && !rest.contains('-'));
        if is_unfinished && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            // Nothing can be done about one that cannot be removed, and nothing depends on it.
            let _ = remove_if_abandoned(&entry.path());
        }
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

/// Returns the place that a path names, behind links. A folder or a device is not replaced by a file.
fn place_of(path: &Path) -> io::Result<PathBuf> {
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(path.to_owned());
    };
    let place = if metadata.is_symlink() {
        fs::canonicalize(path)?
    } else {
        path.to_owned()
    };
    if let Some(kind) = irregular(place.metadata()?.file_type()) {
        let reason = format!("{kind} exists there; only regular files are overwritten");
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, reason));
    }
    Ok(place)
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        let missing = format!("there is no folder {}", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, missing));
    }
    let mut builder = tempfile::Builder::new();
    let prefix = unfinished_prefix(path);
    builder.prefix(&prefix).rand_bytes(RANDOM_CHARS);
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
    use std::ffi::OsString;
    use std::io::Write;
    use std::thread;

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

    /// Makes an unfinished file of a writer that no longer lives, and returns its name.
    fn abandon(path: &Path) -> OsString {
        let killed = WholeFile::create(path).unwrap();
        let (_, left) = killed.file.keep().unwrap();
        left.file_name().unwrap().to_owned()
    }

    fn names(folder: &Path) -> Vec<OsString> {
        let entries = folder.read_dir().unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_killed_writers_left_is_removed_by_the_next_one_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // Others' files, of which one has a name that begins alike, and what is no file of ours.
        let mut stays = vec![
            abandon(&folder.path().join("other")),
            abandon(&folder.path().join("file-a")),
        ];
        for name in [".hidden", ".unfinished-file-", ".unfinished-file-toolong"] {
            fs::write(folder.path().join(name), "").unwrap();
            stays.push(name.into());
        }
        fs::create_dir(folder.path().join(".unfinished-file-folder")).unwrap();
        stays.push(".unfinished-file-folder".into());
        stays.sort();
        abandon(&path);
        abandon(&path);
        drop(WholeFile::create(&path).unwrap());
        assert_eq!(names(folder.path()), stays);
    }

    #[test]
    fn only_a_regular_file_is_replaced_also_behind_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let [path, link] = ["file", "link"].map(|name| folder.path().join(name));
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut file = WholeFile::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.publish().unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        fs::remove_file(&path).unwrap();
        let error = WholeFile::create(&link).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        for (path, kind) in [
            (Path::new("/dev/null"), "a device"),
            (folder.path(), "a folder"),
        ] {
            let error = WholeFile::create(path).unwrap_err().to_string();
            assert!(error.starts_with(kind), "{error}");
        }
        assert_eq!(names(folder.path()), ["link"]);
    }

    #[test]
    fn a_file_that_is_being_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut first = WholeFile::create(&path).unwrap();
        first.write_all(b"first").unwrap();
        let mut second = WholeFile::create(&path).unwrap();
        second.write_all(b"second").unwrap();
        first.publish().unwrap();
        second.publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn writers_who_begin_at_once_take_nothing_from_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        thread::scope(|scope| {
            for text in ["one", "two", "six", "ten"] {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..50 {
                        let mut file = WholeFile::create(path).unwrap();
                        file.write_all(text.as_bytes()).unwrap();
                        file.publish().unwrap();
                        assert_eq!(fs::read(path).unwrap().len(), 3);
                    }
                });
            }
        });
        assert_eq!(names(folder.path()), ["file"]);
    }
}
