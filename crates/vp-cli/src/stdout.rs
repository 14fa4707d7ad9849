//! Standard output whose reader may leave before the end.
//!
//! Every program writes to it through [`Stdout`] alone, so that `… | head` ends each of them in the
//! same way: quietly, and with the exit status that it has without `head`.

use std::fmt;
use std::io::{self, ErrorKind, StdoutLock, Write};

/// Standard output. Once its reader has left, whatever is written is discarded, and
/// [`Stdout::is_closed`] says so.
///
/// # Examples
/// ```
/// use std::io::Write;
///
/// use vp_cli::Stdout;
///
/// let mut out = Stdout::lock();
/// for line in 1.. {
///     writeln!(out, "line {line}")?;
///     if out.is_closed() || line == 3 {
///         break;
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Stdout<W = StdoutLock<'static>> {
    out: W,
    is_closed: bool,
}

impl Stdout {
    /// Locks standard output for this thread.
    pub fn lock() -> Self {
        Self::new(io::stdout().lock())
    }
}

impl Stdout<io::Stdout> {
    /// Returns standard output that is locked for each write alone, and may go to another thread.
    pub fn unlocked() -> Self {
        Self::new(io::stdout())
    }
}

impl<W> Stdout<W> {
    const fn new(out: W) -> Self {
        Self {
            out,
            is_closed: false,
        }
    }

    /// Returns whether the reader has left. A command that does nothing but print ends then.
    pub const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Takes a broken pipe for a success that has written `discarded`.
    fn unless_closed<T>(&mut self, result: io::Result<T>, discarded: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(discarded)
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Stdout<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        let written = self.out.write(bytes);
        self.unless_closed(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.unless_closed(flushed, ())
    }
}

impl<W> fmt::Debug for Stdout<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdout")
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_the_reader_has_left_is_discarded() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut out = Stdout::new(writer);
        assert!(!out.is_closed());
        writeln!(out, "one").unwrap();
        assert!(out.is_closed());
        writeln!(out, "two").unwrap();
        out.flush().unwrap();
    }

    #[test]
    fn what_is_read_is_written() {
        let mut out = Stdout::new(Vec::new());
        writeln!(out, "one").unwrap();
        out.flush().unwrap();
        assert_eq!((out.out.as_slice(), out.is_closed), (&b"one\n"[..], false));
    }

    #[test]
    fn another_failure_is_an_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(ErrorKind::StorageFull.into())
            }
        }
        let mut out = Stdout::new(Full);
        let error = writeln!(out, "one").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!(out.flush().is_err() && !out.is_closed());
    }
}
