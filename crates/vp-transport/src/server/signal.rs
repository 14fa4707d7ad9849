//! How a process is asked to stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use tokio::signal::unix::{SignalKind, signal};

/// The signals that stop a server, each with the exit status if it is the second one.
const STOP_SIGNALS: [(i32, i32); 2] = [(SIGINT, 130), (SIGTERM, 143)];

/// Returns a future that is ready once the process gets SIGINT or SIGTERM. A second one ends the
/// process at once, with the exit status 130 (SIGINT) or 143 (SIGTERM). SIGHUP does not end the
/// process any more: it is for the log file.
///
/// Must be called within a Tokio runtime.
///
/// # Errors
/// If the signals cannot be watched for.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let is_stopping = Arc::new(AtomicBool::new(false));
    for (signal, status) in STOP_SIGNALS {
        // Before the flag is set by the same signal: the first one must not end the process.
        flag::register_conditional_shutdown(signal, status, Arc::clone(&is_stopping))?;
        flag::register(signal, Arc::clone(&is_stopping))?;
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            tracing::info!("SIGHUP: the log file is reopened, if there is one");
        }
    });
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping; a second signal ends the process at once");
    })
}
