//! One run at a time: a lock on a symbol's date in a layer.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::store::StoreError;
use crate::abandoned::is_at;

/// The right to write a symbol's partitions of one date in one layer, until it is dropped.
///
/// It is a lock of the system on a file, so that it ends with its process, however that ends. The
/// file is removed with it.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// Unlocked when it is closed.
    _file: File,
}

impl Lock {
    /// Takes the lock, waiting for its current owner. While it waits, it logs that.
    pub(super) fn acquire(path: PathBuf) -> Result<Self, StoreError> {
        let parent = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(StoreError::when("create the folder", parent))?;
        loop {
            let locked = lock(&path).map_err(StoreError::when("lock", &path))?;
            if let Some(file) = locked {
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is held: who waits for it finds another file at the path, or none, and
        // begins anew. A file that stays does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// Locks the file at `path`, or returns `None` where it is another by then.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            tracing::warn!(
                "waiting for process {}, which holds {}",
                holder.trim(),
                path.display()
            );
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    if !is_at(&file, path) {
        return Ok(None);
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(Some(file))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::abandoned::remove_if_abandoned;

    #[test]
    fn a_second_holder_waits_for_the_first_and_no_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/.lock");
        let first = Lock::acquire(path.clone()).unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap().trim(),
            std::process::id().to_string()
        );
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..4 {
                let (path, sender) = (path.clone(), sender.clone());
                scope.spawn(move || {
                    let lock = Lock::acquire(path).unwrap();
                    sender.send("second").unwrap();
                    sender.send("second ends").unwrap();
                    drop(lock);
                });
            }
            sender.send("first ends").unwrap();
            drop(first);
        });
        drop(sender);
        let told: Vec<_> = receiver.iter().collect();
        assert_eq!(told[0], "first ends");
        for pair in told[1..].chunks(2) {
            assert_eq!(pair, ["second", "second ends"]);
        }
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_nobody_holds_is_swept_and_one_that_is_held_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".lock");
        assert!(remove_if_abandoned(&path).is_err());
        let lock = Lock::acquire(path.clone()).unwrap();
        assert!(remove_if_abandoned(&path).is_err());
        assert!(path.exists());
        drop(lock);
        fs::write(&path, "1\n").unwrap();
        remove_if_abandoned(&path).unwrap();
        assert!(!path.exists());
    }
}
