//! A socket that gives up on a client that does not take what it asked for.
//!
//! It knows nothing of requests. Each connection of the HTTP side is behind one until it becomes a
//! websocket, whose deadlines are those of its viewer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// A client must take as many bytes a second on average: one that takes a byte now and then would
/// hold its connection for ever.
const LEAST_BYTES_PER_SECOND: u64 = 8 << 10;

/// What is known of a connection beside its bytes.
#[derive(Debug, Default)]
pub(super) struct Progress {
    reads: AtomicU64,
    is_abandoned: AtomicBool,
}

impl Progress {
    /// Returns how many times bytes were read.
    pub(super) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Returns whether the client took too little and was given up.
    pub(super) fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::Relaxed)
    }
}

/// A socket, and how long it may take nothing.
#[derive(Debug)]
pub(super) struct Deadlined {
    socket: TcpStream,
    patience: Duration,
    /// Runs while bytes wait that the socket did not take.
    deadline: Option<Pin<Box<Sleep>>>,
    progress: Arc<Progress>,
}

impl Deadlined {
    pub(super) fn new(socket: TcpStream, patience: Duration) -> (Self, Arc<Progress>) {
        let progress = Arc::<Progress>::default();
        let deadlined = Self {
            socket,
            patience,
            deadline: None,
            progress: Arc::clone(&progress),
        };
        (deadlined, progress)
    }

    pub(super) fn into_inner(self) -> TcpStream {
        self.socket
    }

    /// Moves the deadline by the time that a client may take for so many bytes.
    fn extend(&mut self, taken: usize) {
        let Some(deadline) = &mut self.deadline else {
            return;
        };
        let millis = (taken as u64).saturating_mul(1000) / LEAST_BYTES_PER_SECOND;
        let now = Instant::now();
        // A deadline that passed unnoticed is the machine's fault: this task would have been woken.
        let later = deadline.deadline().max(now) + Duration::from_millis(millis);
        deadline.as_mut().reset(later.min(now + self.patience));
    }

    /// Waits for the deadline, in place of a socket that is full.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let patience = self.patience;
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(deadline.as_mut().poll(cx));
        self.progress.is_abandoned.store(true, Ordering::Relaxed);
        // Otherwise the kernel keeps what was not taken, for minutes.
        let _ = self.socket.set_zero_linger();
        let message = "the client does not take its answer";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, message)))
    }

    fn note(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(count)) => {
                self.extend(count);
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_deadline(cx),
        }
    }
}

impl AsyncRead for Deadlined {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))?;
        self.progress.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Deadlined {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.note(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, parts);
        self.note(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    /// Follows when everything was written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        self.deadline = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
