//! The file that a program logs to, opened again after it was rotated. What is logged is not known
//! here.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;

/// A log file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogFileError {
    /// The file cannot be opened.
    #[error("the log file {} cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SIGHUP cannot be watched for.
    #[error("cannot watch for SIGHUP, which reopens the log file")]
    Signal(#[source] io::Error),
}

/// A log file. Lines are appended to it.
///
/// Before each line it is checked that the path still names the open file. If the file was renamed
/// or removed, the path is opened again and created if needed. If that fails, lines go on to the
/// old file, and standard error says so once.
///
/// Clones write to the same file.
#[derive(Clone, Debug)]
pub struct LogFile {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    identity: Identity,
    /// Whether the last attempt to reopen it failed.
    has_failed: bool,
}

/// The device and inode of a file.
type Identity = (u64, u64);

impl LogFile {
    /// Opens a log file, and creates it if it is not there.
    ///
    /// # Errors
    /// [`LogFileError::Open`] if it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, LogFileError> {
        let open = Open::new(path).map_err(|source| LogFileError::Open {
            path: path.to_owned(),
            source,
        })?;
        let shared = Shared {
            path: path.to_owned(),
            open: Mutex::new(open),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Reopens the file whenever the process gets SIGHUP, which no longer ends the process then.
    ///
    /// # Errors
    /// [`LogFileError::Signal`] if the signal cannot be watched for.
    pub fn reopen_on_hangup(&self) -> Result<(), LogFileError> {
        let mut hangups = Signals::new([SIGHUP]).map_err(LogFileError::Signal)?;
        let log = self.clone();
        thread::Builder::new()
            .name("log-reopen".to_owned())
            .spawn(move || {
                for _ in hangups.forever() {
                    log.reopen();
                }
            })
            .map_err(LogFileError::Signal)?;
        Ok(())
    }

    /// Opens the path again, whether or not it still names the open file.
    pub fn reopen(&self) {
        self.lock().reopen(&self.shared.path);
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        let open = self.shared.open.lock();
        open.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut open = self.lock();
        open.follow(&self.shared.path);
        open.file.write(bytes)
    }

    /// Writes a line without another thread's in between.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut open = self.lock();
        open.follow(&self.shared.path);
        open.file.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lock().file.flush()
    }
}

impl Open {
    fn new(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let metadata = file.metadata()?;
        Ok(Self {
            identity: (metadata.dev(), metadata.ino()),
            file,
            has_failed: false,
        })
    }

    /// Reopens the file if the path does not name it any more.
    fn follow(&mut self, path: &Path) {
        let named = path.metadata();
        let named = named.map(|metadata| (metadata.dev(), metadata.ino()));
        if !named.is_ok_and(|identity| identity == self.identity) {
            self.reopen(path);
        }
    }

    fn reopen(&mut self, path: &Path) {
        match Self::new(path) {
            Ok(open) => *self = open,
            Err(error) if !self.has_failed => {
                self.has_failed = true;
                // Nothing can be done if standard error is closed as well.
                let _ = writeln!(
                    io::stderr(),
                    "the log file {} cannot be reopened: {error}; logging goes on to the old file",
                    path.display()
                );
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn say(log: &LogFile, line: &str) {
        log.clone().write_all(line.as_bytes()).unwrap();
    }

    #[test]
    fn lines_follow_the_path_after_a_rename_and_a_removal() {
        let folder = tempfile::tempdir().unwrap();
        let [path, moved] = ["log", "log.1"].map(|name| folder.path().join(name));
        fs::write(&path, "before\n").unwrap();
        let log = LogFile::open(&path).unwrap();
        say(&log, "one\n");
        fs::rename(&path, &moved).unwrap();
        say(&log, "two\n");
        assert_eq!(fs::read_to_string(&moved).unwrap(), "before\none\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        fs::remove_file(&path).unwrap();
        say(&log, "three\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "three\n");
        // Another file at the path, as `logrotate` creates one.
        fs::remove_file(&path).unwrap();
        fs::write(&path, "").unwrap();
        say(&log, "four\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "four\n");
    }

    #[test]
    fn a_file_that_cannot_be_reopened_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let [path, moved] = ["log", "log.1"].map(|name| folder.path().join(name));
        let log = LogFile::open(&path).unwrap();
        fs::rename(&path, &moved).unwrap();
        fs::create_dir(&path).unwrap();
        say(&log, "one\n");
        assert_eq!(fs::read_to_string(&moved).unwrap(), "one\n");
        fs::remove_dir(&path).unwrap();
        say(&log, "two\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
    }

    #[test]
    fn reopening_creates_the_file_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = LogFile::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        log.reopen();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = LogFile::open(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with("cannot be opened"), "{error}");
    }
}
