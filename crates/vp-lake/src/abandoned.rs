//! Files left behind by processes that ended before removing them.
//!
//! The process that makes such a file holds an OS file lock on it while it works; the lock ends with
//! its process, however that ends. What a file is for is not known here.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Removes a file that no process has locked; a locked file stays.
///
/// # Errors
/// If it is held, or cannot be opened, locked or removed. It is there as before then.
pub(crate) fn remove_if_abandoned(path: &Path) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    file.try_lock()?;
    // It may have been moved before it was locked, and its name may be another's by now.
    if is_at(&file, path) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Returns whether it is this file that is at the path, and no other that has taken its place.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let [own, current] = [file.metadata(), fs::metadata(path)];
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let own = own.map(identity).ok();
    own.is_some() && own == current.map(identity).ok()
}
