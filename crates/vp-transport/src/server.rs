//! The server: HTTP, websockets, and a thread for each replay.
//!
//! An app plugs in as a [`Backend`], which turns a query into a [`Feed`]. A feed runs on a thread of
//! its own; the asynchronous side only moves bytes, and never waits for a source or an engine.

mod access;
mod authority;
mod backend;
mod coding;
mod connection;
mod cors;
mod counted;
mod deadlined;
mod descriptors;
mod flight;
mod handshake;
mod http;
mod journal;
mod lists;
mod metrics;
mod opening;
mod outbox;
mod pages;
mod products;
mod public_text;
mod query;
mod refusal;
mod replay_thread;
mod replays;
mod reply;
mod run;
mod settings;
mod signal;
mod site;
mod viewer;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

pub use authority::{Origin, OriginError};
pub use backend::{Backend, Feed, FeedDetails, OpenFeed, Page, Service, SessionEntry, StreamPlan};
pub use coding::ContentCoding;
pub use flight::{Cancellation, Cancelled};
pub use query::{Query, QueryText};
pub use run::serve_until_signal;
pub use settings::{Deadlines, Limits, Settings};
pub use signal::stop_signal;

use access::Access;
use connection::{Entrance, HTTP_SEND_BUFFER};
use journal::Journal;
use lists::Questions;
use metrics::Metrics;
use pages::Pages;
use public_text::PublicText;
use replays::Replays;
use site::Site;

/// How often it is looked whether lines of the log were left out.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// A server that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; is another server running there?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The asynchronous runtime cannot start.
    #[error("the asynchronous runtime cannot start")]
    Runtime(#[source] io::Error),
    /// Signals cannot be watched for.
    #[error("cannot watch for SIGINT, SIGTERM and SIGHUP")]
    Signals(#[source] io::Error),
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Arc<Site>,
    stop: watch::Sender<bool>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Starts to listen; requests are served from [`Server::run`] on.
    ///
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`ServerError::Listen`] if the address is taken or not this machine's.
    pub fn bind(
        settings: Settings,
        backend: Arc<dyn Backend>,
        pages: Vec<Page>,
    ) -> Result<Self, ServerError> {
        let address = settings.listen;
        let listener = listen(address).map_err(|source| ServerError::Listen { address, source })?;
        let address = listener
            .local_addr()
            .map_err(|source| ServerError::Listen { address, source })?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "bound to the world: there is no authentication");
        }
        descriptors::allow(&settings.limits);
        let metrics = Arc::<Metrics>::default();
        let journal = Arc::new(Journal::new(PublicText::new(backend.private_folders())));
        let replays = Replays::new(
            settings.limits.replays,
            settings.deadlines.status_every,
            Arc::clone(&metrics),
            Arc::clone(&journal),
        );
        let (stop, is_stopping) = watch::channel(false);
        let site = Site {
            questions: Questions::new(&backend),
            journal,
            backend,
            access: Access::new(address, settings.allow_origins.clone()),
            pages: Pages::new(pages),
            metrics,
            replays: Arc::new(replays),
            permits: Arc::new(Semaphore::new(settings.limits.connections)),
            is_stopping,
            settings,
        };
        Ok(Self {
            listener,
            address,
            site: Arc::new(site),
            stop,
        })
    }

    /// Returns where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready; then accepts no more connections, notifies its clients, and
    /// returns once they are gone, within the time that closing may take and a second.
    ///
    /// # Cancel safety
    /// Dropping the future stops the server without telling anybody.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self {
            listener,
            site,
            stop,
            ..
        } = self;
        let mut entrance = Entrance::new(Arc::clone(&site));
        let mut shutdown = pin!(shutdown);
        let mut report = tokio::time::interval(REPORT_EVERY);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut shutdown => break,
                _ = report.tick() => {
                    site.journal.report_ended();
                    continue;
                }
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, peer)) => entrance.admit(socket, peer),
                Err(error) => {
                    site.journal.accept_failed(&error);
                    // Out of descriptors, most likely: asking again at once would spin.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(listener);
        stop.send_replace(true);
        site.questions.stop();
        let everyone = u32::try_from(site.settings.limits.connections).unwrap_or(u32::MAX);
        let patience = site.settings.deadlines.close_within + Duration::from_secs(1);
        let _ = timeout(patience, site.permits.acquire_many(everyone)).await;
        site.journal.report_all();
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    // Accepted sockets inherit it.
    socket.set_send_buffer_size(u32::try_from(HTTP_SEND_BUFFER).unwrap_or(u32::MAX))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
