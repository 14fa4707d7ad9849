//! Opens files of the lake that must be regular ones. Opening a FIFO waits for its other end,
//! perhaps forever, and a device may never end; both are refused before they are opened.

use std::fs::{File, FileType, Metadata};
use std::io::{self, Read};
#[cfg(unix)]
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Opens a regular file to read it. Links are followed.
///
/// # Errors
/// If it is not there, not a regular file, or cannot be opened.
pub fn open_regular(path: &Path) -> io::Result<File> {
    check(&path.metadata()?)?;
    File::open(path)
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// As for [`open_regular`], and if the file is longer than `limit`.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let reason = format!("it is longer than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(bytes)
}

/// Reads a regular file of at most `limit` bytes as text.
///
/// # Errors
/// As for [`read_regular`], and if the file is not UTF-8.
pub fn read_regular_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read_regular(path, limit)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// Returns what a file is if it is not a regular one, such as "a named pipe".
pub fn irregular(file_type: FileType) -> Option<&'static str> {
    if file_type.is_file() {
        None
    } else if file_type.is_dir() {
        Some("a folder")
    } else {
        Some(special(file_type))
    }
}

#[cfg(unix)]
fn special(file_type: FileType) -> &'static str {
    if file_type.is_fifo() {
        "a named pipe"
    } else if file_type.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "a special file"
}

fn check(metadata: &Metadata) -> io::Result<()> {
    let Some(kind) = irregular(metadata.file_type()) else {
        return Ok(());
    };
    let reason = format!("it is {kind}, not a regular file");
    Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    /// Makes a FIFO. Nothing ever opens its other end.
    fn fifo(folder: &Path) -> PathBuf {
        let path = folder.join("fifo");
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        path
    }

    #[test]
    fn what_is_no_regular_file_is_refused_before_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (fifo, link) = (fifo(folder.path()), folder.path().join("link"));
        std::os::unix::fs::symlink(&fifo, &link).unwrap();
        for (path, kind) in [
            (fifo, "a named pipe"),
            (link, "a named pipe"),
            (folder.path().to_owned(), "a folder"),
            ("/dev/zero".into(), "a device"),
        ] {
            for result in [
                open_regular(&path).map(|_| ()),
                read_regular(&path, 9).map(|_| ()),
            ] {
                let text = result.unwrap_err().to_string();
                assert!(text.contains(kind), "{text}");
            }
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "twelve bytes").unwrap();
        assert_eq!(read_regular_text(&path, 12).unwrap(), "twelve bytes");
        let error = read_regular(&path, 11).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        std::fs::write(&path, [0xff]).unwrap();
        let error = read_regular_text(&path, 12).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
