//! Every write to the lake: folders, files, renames, removals.
//!
//! Nothing else in the crate touches the file system but to read it, so that another store can
//! take this one's place. A folder is put together under another name beside its place, synced,
//! and then renamed: who reads sees all of it or none. Where another is at the place the two change
//! names in one step, so that there is no moment without one.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::manifest::FileEntry;

/// The file whose presence marks a partition as complete.
pub(super) const SUCCESS: &str = "_SUCCESS";

/// Something that the lake's disk does not take or give.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", path.display())]
pub struct StoreError {
    /// What was attempted.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

impl StoreError {
    /// Returns what makes an I/O error one of the store; `action` is an infinitive.
    pub fn when(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self {
            action,
            path,
            source,
        }
    }
}

/// What the names of folders and files end in that are not complete. For files it keeps those away
/// who read every `**/*.parquet` below the lake.
const UNFINISHED: &str = ".unfinished";

/// Returns the name under which a partition's folder is put together.
fn unfinished(place: &Path) -> PathBuf {
    sibling(place, UNFINISHED)
}

/// Returns the name under which a folder waits for another to take its place, where the file system
/// cannot exchange the two.
fn replaced(place: &Path) -> PathBuf {
    sibling(place, ".replaced")
}

/// Returns a hidden name beside a place.
fn sibling(place: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(ending);
    place.with_file_name(name)
}

/// Returns whether an interrupted run has left something beside a place.
pub(super) fn has_leftovers(place: &Path) -> bool {
    unfinished(place).exists() || replaced(place).exists()
}

/// Puts back what an interrupted run moved out of a place without putting another there, and removes
/// whatever else it has left beside it. The caller holds the lock.
pub(super) fn clean_up(place: &Path) -> Result<(), StoreError> {
    let replaced = replaced(place);
    if !place.exists() && replaced.exists() {
        fs::rename(&replaced, place)
            .and_then(|()| sync_folder(parent_of(place)))
            .map_err(StoreError::when("put back", place))?;
    }
    remove_leftovers(place)
}

/// Removes what is beside a place.
fn remove_leftovers(place: &Path) -> Result<(), StoreError> {
    [unfinished(place), replaced(place)]
        .iter()
        .try_for_each(|folder| remove(folder))
}

/// Begins an empty folder, to be published at `place`.
pub(super) fn begin_folder(place: &Path) -> Result<PathBuf, StoreError> {
    clean_up(place)?;
    let folder = unfinished(place);
    fs::create_dir_all(&folder).map_err(StoreError::when("create the folder", &folder))?;
    Ok(folder)
}

/// Writes a whole file and syncs it.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(StoreError::when("write", path))
}

/// Puts a folder, whose files have been synced, into its place.
pub(super) fn publish_folder(
    folder: &Path,
    place: &Path,
    files: &[FileEntry],
) -> Result<(), StoreError> {
    let publish = || {
        for FileEntry { name, .. } in files {
            fs::rename(
                folder.join(format!("{name}{UNFINISHED}")),
                folder.join(name),
            )?;
        }
        sync_folder(folder)?;
        if place.exists() {
            exchange(folder, place)?;
        } else {
            fs::rename(folder, place)?;
        }
        sync_folder(parent_of(place))
    };
    publish().map_err(StoreError::when("publish", place))?;
    remove_leftovers(place)
}

/// Puts a folder into a place that is taken. What was there is beside it then.
fn exchange(folder: &Path, place: &Path) -> io::Result<()> {
    match renameat_with(CWD, folder, CWD, place, RenameFlags::EXCHANGE) {
        // Not every file system can; one of a network rarely does.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV) => move_aside(folder, place),
        exchanged => Ok(exchanged?),
    }
}

/// The same in two steps. [`clean_up`] mends what is found between them.
fn move_aside(folder: &Path, place: &Path) -> io::Result<()> {
    fs::rename(place, replaced(place))?;
    fs::rename(folder, place)
}

fn parent_of(place: &Path) -> &Path {
    place.parent().unwrap_or(Path::new("."))
}

/// Removes a folder, if it is there.
pub(super) fn remove(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::when("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

/// Takes a folder out of its place at once, and removes it. What an interruption leaves, the next run
/// removes. The caller holds the lock.
pub(super) fn take_out(place: &Path) -> Result<(), StoreError> {
    clean_up(place)?;
    let aside = unfinished(place);
    fs::rename(place, &aside)
        .and_then(|()| sync_folder(parent_of(place)))
        .map_err(StoreError::when("remove", place))?;
    remove(&aside)
}

/// Makes sure that the names in a folder are on the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file that is hashed while it is written.
pub(super) struct HashedFile {
    name: String,
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl HashedFile {
    /// Begins the file that is to have that name in the folder once that is published.
    pub(super) fn create(folder: &Path, name: String) -> Result<Self, StoreError> {
        let path = folder.join(format!("{name}{UNFINISHED}"));
        let file = File::create(&path).map_err(StoreError::when("create", &path))?;
        Ok(Self {
            name,
            file,
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    /// Syncs the file and returns its entry.
    pub(super) fn seal(self) -> io::Result<FileEntry> {
        self.file.sync_all()?;
        Ok(FileEntry {
            name: self.name,
            bytes: self.bytes,
            sha256: hex(self.hasher.finalize().as_ref()),
        })
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Returns the SHA-256 of a file's bytes, in hexadecimal digits, and how many there are.
///
/// # Errors
/// If the file cannot be read.
pub fn sha256_of_file(path: &Path) -> io::Result<(String, u64)> {
    sha256_of(crate::open_regular(path)?)
}

/// Returns the SHA-256 of what can be read, in hexadecimal digits, and how many bytes there are.
pub(super) fn sha256_of(mut file: impl Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hex(hasher.finalize().as_ref()), bytes)),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes every byte");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of two, each with a file that holds its name, and their parent.
    fn taken() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let place = parent.path().join("dt=2026-02-06");
        let folder = unfinished(&place);
        for path in [&folder, &place] {
            fs::create_dir(path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            fs::write(path.join("name"), name).unwrap();
        }
        (parent, folder, place)
    }

    fn check(place: &Path, holds: &str) {
        assert_eq!(fs::read_to_string(place.join("name")).unwrap(), holds);
        assert_eq!(fs::read_dir(parent_of(place)).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_takes_the_place_of_another_in_one_step_or_in_two() {
        for exchange in [exchange, move_aside] {
            let (_parent, folder, place) = taken();
            exchange(&folder, &place).unwrap();
            clean_up(&place).unwrap();
            check(&place, ".dt=2026-02-06.unfinished");
        }
    }

    #[test]
    fn between_the_two_steps_what_was_there_is_put_back() {
        let (_parent, folder, place) = taken();
        fs::rename(&place, replaced(&place)).unwrap();
        assert!(has_leftovers(&place) && folder.exists());
        clean_up(&place).unwrap();
        check(&place, "dt=2026-02-06");
    }

    #[test]
    fn before_the_exchange_and_after_it_what_is_at_the_place_stays() {
        let (_parent, folder, place) = taken();
        clean_up(&place).unwrap();
        check(&place, "dt=2026-02-06");

        let (_parent, folder_of_new, place) = taken();
        exchange(&folder_of_new, &place).unwrap();
        assert!(!folder.exists() && folder_of_new.exists());
        clean_up(&place).unwrap();
        check(&place, ".dt=2026-02-06.unfinished");
    }
}
