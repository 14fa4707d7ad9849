//! `vp-live` without a command: a server for whoever connects.

mod backend;
mod catalog;
mod defaults;
mod failure;
mod feed;
mod pages;
mod query;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use vp_transport::server::{Server, Settings, start_log, stop_signal};

use crate::args::ServeArgs;
use crate::report;
use backend::LiveBackend;
use defaults::Defaults;

pub use defaults::SYNTHETIC_DATE;

/// Where viewers connect.
pub const STREAM_PATH: &str = "/v1/vacuum-pressure/stream";

/// Serves until it is told to stop.
///
/// # Errors
/// If the arguments name no session, or the address cannot be listened on.
pub fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    start_log(&args.log_level, std::io::stderr, args.log_file.as_deref())?;
    let defaults = Defaults::from_args(args)?;
    let mut settings = Settings::new(SocketAddr::new(args.host, args.port));
    settings.allow_origins.clone_from(&args.allow_origin);
    settings.limits.connections = usize::try_from(args.max_connections)?;
    settings.limits.replays = usize::try_from(args.max_replays)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    runtime.block_on(async {
        let (described, session) = (defaults.describe()?, defaults.session_query());
        let server = Server::bind(settings, Arc::new(LiveBackend::new(defaults)), pages::all())?;
        report::print(&format_args!(
            "{described}{}",
            addresses(server.local_addr(), &session)
        ))?;
        let stop = stop_signal().context("watching for SIGINT and SIGTERM")?;
        server.run(stop).await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// What to open, and what to connect to. The page is told its session, so that it need not ask.
fn addresses(address: SocketAddr, session: &str) -> String {
    format!(
        "\nopen    http://{address}/?{session}\nstream  ws://{address}{STREAM_PATH}\nwatch   vp-live tail \
         ws://{address}{STREAM_PATH}\nstop    Ctrl-C\n"
    )
}
