//! `velocity serve`: the partitions of the lake and their forecasts, to whoever connects.

mod backend;
mod batch;
mod calibration;
mod checks;
mod feed;
mod pages;
mod query;
mod sessions;
mod windows;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use vp_transport::server::{Server, Settings, start_log, stop_signal};

use crate::args::{self, ServeArgs};
use crate::{Verdict, lake, report};
use backend::VelocityBackend;

/// Where viewers connect.
pub const STREAM_PATH: &str = "/v1/velocity/stream";

/// Serves until it is told to stop.
///
/// # Errors
/// If the log cannot start, the product table cannot be read, or the address cannot be listened on.
pub fn serve(args: &ServeArgs) -> anyhow::Result<Verdict> {
    start_log(&args.log_level, std::io::stderr, args.log_file.as_deref())?;
    let products = args::products(args.products.as_deref())?;
    let backend = VelocityBackend::new(lake::existing(args.lake.as_ref())?, products);
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
        let described = backend.describe();
        let server = Server::bind(settings, Arc::new(backend), pages::all())?;
        let address = server.local_addr();
        report::print(&format_args!(
            "{described}\nopen    http://{address}/\nstream  ws://{address}{STREAM_PATH}\nstop    \
             Ctrl-C\n"
        ))?;
        let stop = stop_signal().context("watching for SIGINT and SIGTERM")?;
        server.run(stop).await;
        tracing::info!("stopped");
        Ok(Verdict::Good)
    })
}
