//! Standard input in the place of a file: `-`, or `/dev/stdin`.
//!
//! What is read once is read as it comes. A session is read from its beginning again, so that its
//! bytes are copied to a temporary file first.

use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

/// The most bytes that are copied.
const MAX_BYTES: u64 = 64 << 30;

/// Names of standard input.
const NAMES: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// How errors and tables call it.
pub const NAME: &str = "standard input";

/// Returns whether a path names standard input. A file of that name is `./-`.
pub fn is_named(path: &Path) -> bool {
    NAMES.iter().any(|name| path == Path::new(name))
}

/// Returns standard input, to be read once.
///
/// # Errors
/// If it is a terminal.
pub fn open() -> anyhow::Result<Box<dyn Read + Send>> {
    let input = io::stdin();
    if input.is_terminal() {
        bail!("{NAME} is a terminal: pipe a DBN file into the program");
    }
    Ok(Box::new(input))
}

/// A file that can be opened again and again.
#[derive(Clone, Debug)]
pub struct Reopenable {
    path: PathBuf,
    /// Goes away with the last clone.
    _copy: Option<Arc<NamedTempFile>>,
}

impl Reopenable {
    /// Returns the file that a path names. Standard input is copied to a temporary file, up to
    /// 64 GiB, unless it is a file that can be opened by its name.
    ///
    /// # Errors
    /// If standard input is a terminal or too long, or the copy cannot be written.
    pub fn new(path: &Path) -> anyhow::Result<Self> {
        if !is_named(path) {
            return Ok(Self {
                path: path.into(),
                _copy: None,
            });
        }
        // Elsewhere opening the device goes on where the last reader was.
        let device = Path::new("/dev/stdin");
        let is_file = fs::metadata(device).is_ok_and(|metadata| metadata.is_file());
        if cfg!(target_os = "linux") && is_file {
            return Ok(Self {
                path: device.into(),
                _copy: None,
            });
        }
        let copy = copy(&mut open()?, MAX_BYTES)?;
        Ok(Self {
            path: copy.path().into(),
            _copy: Some(Arc::new(copy)),
        })
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Copies an input of at most `limit` bytes to a temporary file.
fn copy(input: &mut impl Read, limit: u64) -> anyhow::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix("standard-input-")
        .suffix(".dbn")
        .tempfile()
        .with_context(|| format!("{NAME} cannot be copied to a temporary file"))?;
    let folder = file.path().parent().unwrap_or(Path::new("")).to_owned();
    let copied = io::copy(&mut input.take(limit), &mut file)
        .and_then(|copied| file.flush().map(|()| copied))
        .with_context(|| format!("{NAME} cannot be copied to {}", folder.display()))?;
    if copied == 0 {
        bail!("{NAME} is empty: pipe a DBN file into the program");
    }
    let is_longer = copied == limit
        && input
            .read(&mut [0])
            .with_context(|| format!("{NAME} cannot be read"))?
            > 0;
    if is_longer {
        bail!("{NAME} is longer than {limit} bytes: save it to a file, and give that");
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_has_several_names() {
        for name in NAMES {
            assert!(is_named(Path::new(name)), "{name}");
        }
        for path in ["./-", "a.dbn", "/dev/null", ""] {
            assert!(!is_named(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn an_input_is_copied_up_to_the_limit() {
        let copied = copy(&mut &b"hello"[..], 5).unwrap();
        assert_eq!(fs::read(copied.path()).unwrap(), b"hello");
        let path = copied.path().to_owned();
        drop(copied);
        assert!(!path.exists());
        let error = copy(&mut &b""[..], 5).unwrap_err().to_string();
        assert!(error.starts_with("standard input is empty"), "{error}");
        let error = copy(&mut &b"hello!"[..], 5).unwrap_err().to_string();
        assert!(
            error.starts_with("standard input is longer than 5 bytes"),
            "{error}"
        );
    }
}
