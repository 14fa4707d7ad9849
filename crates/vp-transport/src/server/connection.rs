//! Connections from their first byte: how many are served, for how long, and with what buffers.
//!
//! What a request is answered is not decided here.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::deadlined::{Deadlined, Progress};
use super::refusal::Reason;
use super::site::Site;

/// What the kernel may hold for a client of the HTTP side: all connections together are to fit.
pub(super) const HTTP_SEND_BUFFER: usize = 32 << 10;

/// What the kernel may hold for a websocket: little enough that a slow one soon gets newer grids
/// instead of old ones.
const STREAM_SEND_BUFFER: usize = 256 << 10;

/// Connections beyond the limit that are answered at the same time; a further one takes the place of
/// the oldest, so that silent clients do not keep others out.
const MOST_REFUSED: usize = 64;

/// The log text for a connection beyond the limit that is dropped without an answer.
const NO_REQUEST: &str = "the connection limit is reached, and the client sent no request";

/// Requests that may come in at once on one connection.
const MOST_PIPELINED: u32 = 16;

/// Bytes of a request's head, and of what follows it.
const MOST_HEAD: usize = 16 << 10;

/// The kernel drops a websocket whose client acknowledges nothing, or takes nothing, for so long: the
/// client's machine is gone.
const GONE_AFTER: Duration = Duration::from_mins(5);

/// A client's connection, as its requests see it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    /// `None` beyond the connection limit.
    pub(super) permit: Option<Arc<OwnedSemaphorePermit>>,
    progress: Arc<Progress>,
    /// How often bytes had been read when the last request was taken.
    reads: AtomicU64,
    /// Requests that came with the same bytes.
    pipelined: AtomicU32,
}

impl Connection {
    /// Counts a request, and returns whether the connection is to end with it because too many came
    /// at once.
    pub(super) fn is_overfull(&self) -> bool {
        let reads = self.progress.reads();
        if self.reads.swap(reads, Ordering::Relaxed) != reads {
            self.pipelined.store(0, Ordering::Relaxed);
        }
        self.pipelined.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_PIPELINED
    }
}

/// Takes connections in.
pub(super) struct Entrance {
    site: Arc<Site>,
    refused: VecDeque<(SocketAddr, AbortHandle)>,
}

impl Entrance {
    pub(super) fn new(site: Arc<Site>) -> Self {
        Self {
            site,
            refused: VecDeque::new(),
        }
    }

    /// Serves a connection on a task of its own; one beyond the limit gets one answer.
    pub(super) fn admit(&mut self, socket: TcpStream, peer: SocketAddr) {
        let site = Arc::clone(&self.site);
        if let Ok(permit) = Arc::clone(&site.permits).try_acquire_owned() {
            tokio::spawn(serve(site, Some(permit), socket, peer));
            return;
        }
        self.refused.retain(|(_, task)| !task.is_finished());
        if self.refused.len() == MOST_REFUSED
            && let Some((silent, oldest)) = self.refused.pop_front()
        {
            oldest.abort();
            site.note(silent, Reason::Limit, NO_REQUEST);
        }
        let within = site.settings.deadlines.request_within;
        let task = tokio::spawn(async move {
            let served = timeout(within, serve(Arc::clone(&site), None, socket, peer)).await;
            if served.is_err() {
                site.note(peer, Reason::Limit, NO_REQUEST);
            }
        });
        self.refused.push_back((peer, task.abort_handle()));
    }
}

async fn serve(
    site: Arc<Site>,
    permit: Option<OwnedSemaphorePermit>,
    socket: TcpStream,
    peer: SocketAddr,
) {
    // A grid is sent when it is there, not when a segment is full.
    let _ = socket.set_nodelay(true);
    let mut is_stopping = site.is_stopping.clone();
    let deadlines = site.settings.deadlines;
    // An answer that the kernel holds may outlive its connection, but not for long.
    set_gone_after(&socket, 2 * deadlines.answer_within);
    let (socket, progress) = Deadlined::new(socket, deadlines.answer_within);
    let state = Arc::new(Connection {
        peer,
        permit: permit.map(Arc::new),
        progress: Arc::clone(&progress),
        reads: AtomicU64::new(0),
        pipelined: AtomicU32::new(0),
    });
    let answering = Arc::clone(&site);
    let service =
        service_fn(move |request| Arc::clone(&answering).answer(Arc::clone(&state), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        // It runs between requests, too.
        .header_read_timeout(deadlines.request_within)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let is_served = tokio::select! {
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                site.journal.connection_failed(peer, &error);
            }
            true
        }
        _ = is_stopping.wait_for(|is_stopping| *is_stopping) => false,
    };
    if !is_served {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
    if progress.is_abandoned() {
        site.note(peer, Reason::TooSlow, "the client did not take its answer");
    }
}

/// Gives a connection that became a websocket the buffer and the time that a stream needs.
pub(super) fn become_stream(socket: &TcpStream) {
    let _ = SockRef::from(socket).set_send_buffer_size(STREAM_SEND_BUFFER);
    set_gone_after(socket, GONE_AFTER);
}

/// Sets how long the kernel keeps bytes for a client that acknowledges or takes nothing; by default it
/// tries for a quarter of an hour.
#[cfg(target_os = "linux")]
fn set_gone_after(socket: &TcpStream, duration: Duration) {
    let _ = SockRef::from(socket).set_tcp_user_timeout(Some(duration));
}

/// Other systems keep their own time.
#[cfg(not(target_os = "linux"))]
fn set_gone_after(_: &TcpStream, _: Duration) {}
