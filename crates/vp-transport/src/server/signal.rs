//! How a process is asked to stop.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Returns a future that is ready once the process gets SIGINT or SIGTERM.
///
/// Must be called within a Tokio runtime.
///
/// # Errors
/// If the signals cannot be watched for.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: telling everybody");
    })
}
