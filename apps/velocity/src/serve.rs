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

use vp_cli::LogFile;
use vp_transport::server::{Settings, serve_until_signal, start_log};

use crate::args::{self, ServeArgs};
use crate::{Verdict, lake};
use backend::VelocityBackend;
use vp_cli::report;

/// Where viewers connect.
pub const STREAM_PATH: &str = "/v1/velocity/stream";

/// Serves until the process gets SIGINT or SIGTERM.
///
/// # Errors
/// If the log cannot start, the product table cannot be read, or the address cannot be listened on.
pub fn serve(args: &ServeArgs) -> anyhow::Result<Verdict> {
    let log_file = args.log_file.as_deref().map(LogFile::open).transpose()?;
    if let Some(file) = &log_file {
        file.reopen_on_hangup()?;
    }
    let log_file = log_file.map(|file| move || file.clone());
    start_log(&args.log_level, std::io::stderr, log_file)?;
    let products = args::products(args.products.as_deref())?;
    let backend = VelocityBackend::new(lake::existing(args.lake.as_ref())?, products);
    let mut settings = Settings::new(SocketAddr::new(args.host, args.port));
    settings.allow_origins.clone_from(&args.allow_origin);
    settings.limits.connections = usize::try_from(args.max_connections)?;
    settings.limits.replays = usize::try_from(args.max_replays)?;
    let described = backend.describe();
    serve_until_signal(settings, Arc::new(backend), pages::all(), |address| {
        let page = vp_cli::page_url(address);
        let printed = report::print(&format_args!(
            "{described}\nopen    {page}\nstream  ws://{address}{STREAM_PATH}\nstop    Ctrl-C\n"
        ));
        if args.open
            && let Err(error) = vp_cli::open_in_browser(&page)
        {
            tracing::warn!("the page cannot be opened in a browser: {error}");
        }
        printed
    })?;
    Ok(Verdict::Good)
}
