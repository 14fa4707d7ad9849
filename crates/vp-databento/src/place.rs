//! Files that move into their place once they are known to be right. How they came is not known
//! here.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::job::hex;

/// Returns the unfinished form of a file, which is in the same folder.
pub(crate) fn part_of(path: &Path) -> PathBuf {
    with_suffix(path, ".part")
}

/// Moves a finished file into its place, so that it is still there after a loss of power. What is
/// there is kept, under another name.
pub(crate) fn publish(part: &Path, path: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    keep_aside(path)?;
    fs::rename(part, path)?;
    let folder = path.parent().expect("a file lies in a folder");
    File::open(folder)?.sync_all()
}

/// Gives a file that is about to be replaced a name that nothing reads, by its own digest.
fn keep_aside(path: &Path) -> io::Result<()> {
    match digest(path)? {
        None => Ok(()),
        Some(digest) => {
            let aside = with_suffix(path, &format!(".replaced-{}", &digest[..8]));
            tracing::warn!(
                "{} has other content and is renamed to {}",
                path.display(),
                aside.display()
            );
            fs::rename(path, aside)
        }
    }
}

/// Returns the SHA-256 of a file in hexadecimal, or `None` where there is none.
pub(crate) fn digest(path: &Path) -> io::Result<Option<String>> {
    match hash(path) {
        Ok((hasher, _)) => Ok(Some(hex(&hasher.finalize()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Hashes a file; returns the hasher, which can go on, and how many bytes it has taken.
pub(crate) fn hash(path: &Path) -> io::Result<(Sha256, u64)> {
    let mut file = vp_lake::open_regular(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hasher, bytes)),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Removes a file, if there is one.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_kept_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.dbn.zst");
        for text in ["first", "second"] {
            fs::write(part_of(&path), text).unwrap();
            publish(&part_of(&path), &path).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        // printf first | sha256sum
        let aside = folder.path().join("a.dbn.zst.replaced-a7937b64");
        assert_eq!(fs::read_to_string(aside).unwrap(), "first");
        assert_eq!(folder.path().read_dir().unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_is_not_there_has_no_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert_eq!(digest(&path).unwrap(), None);
        remove(&path).unwrap();
    }
}
