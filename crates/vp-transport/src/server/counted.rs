//! A socket that counts what passes it, so that a silent viewer is noticed, and one that floods.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::metrics::Metrics;

/// A socket and the bytes that it took and gave so far.
#[derive(Debug)]
pub(super) struct Counted {
    socket: TcpStream,
    written: u64,
    read: u64,
    is_full: bool,
    metrics: Arc<Metrics>,
}

impl Counted {
    pub(super) const fn new(socket: TcpStream, metrics: Arc<Metrics>) -> Self {
        Self {
            socket,
            written: 0,
            read: 0,
            is_full: false,
            metrics,
        }
    }

    /// Returns how many bytes the client sent.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// Returns how many bytes passed in either direction.
    pub(super) const fn passed(&self) -> u64 {
        self.read + self.written
    }

    /// If the socket is full, has the kernel forget what the client did not take as soon as the socket
    /// is dropped. Otherwise it would keep that for minutes.
    pub(super) fn forget_untaken(&self) {
        if self.is_full {
            let _ = self.socket.set_zero_linger();
        }
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))?;
        self.read += (buffer.filled().len() - before) as u64;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.is_full = written.is_pending();
        let count = ready!(written)?;
        self.written += count as u64;
        self.metrics.bytes_sent.add(count as u64);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
