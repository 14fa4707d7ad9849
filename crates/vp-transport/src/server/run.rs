//! A server as the whole life of a process: from its start to a signal.

use std::net::SocketAddr;
use std::sync::Arc;

use super::backend::{Backend, Page};
use super::settings::Settings;
use super::signal::stop_signal;
use super::{Server, ServerError};

/// Threads that move bytes. Replays have threads of their own.
const WORKERS: usize = 2;

/// Serves until the process gets SIGINT or SIGTERM, and returns within the time that closing may
/// take and a second. `announce` is called once the server listens.
///
/// Work that is still blocked then, such as the opening of a file on a disk that does not answer,
/// is left behind: its thread ends with the process.
///
/// # Errors
/// [`ServerError`] if the server cannot start, and what `announce` returns.
pub fn serve_until_signal<E: From<ServerError>>(
    settings: Settings,
    backend: Arc<dyn Backend>,
    pages: Vec<Page>,
    announce: impl FnOnce(SocketAddr) -> Result<(), E>,
) -> Result<(), E> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(ServerError::Runtime)?;
    let result = runtime.block_on(async {
        let server = Server::bind(settings, backend, pages)?;
        let stop = stop_signal().map_err(ServerError::Signals)?;
        announce(server.local_addr())?;
        server.run(stop).await;
        tracing::info!("stopped");
        Ok(())
    });
    // Dropping the runtime would wait for its blocking threads.
    runtime.shutdown_background();
    result
}
