//! `vp-live` without a command: the server.

mod backend;
mod catalog;
mod defaults;
mod failure;
mod feed;
mod pages;
mod query;

use std::net::SocketAddr;
use std::sync::Arc;

use vp_cli::LogFile;
use vp_transport::server::{Settings, serve_until_signal, start_log};

use crate::args::ServeArgs;
use backend::LiveBackend;
use defaults::Defaults;
use vp_cli::report;

pub use defaults::SYNTHETIC_DATE;

/// Where viewers connect.
pub const STREAM_PATH: &str = "/v1/vacuum-pressure/stream";

/// Serves until the process gets SIGINT or SIGTERM.
///
/// # Errors
/// If the log cannot start, the arguments name no session, or the address cannot be listened on.
pub fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let log_file = args.log_file.as_deref().map(LogFile::open).transpose()?;
    if let Some(file) = &log_file {
        file.reopen_on_hangup()?;
    }
    let log_file = log_file.map(|file| move || file.clone());
    start_log(&args.log_level, std::io::stderr, log_file)?;
    let defaults = Defaults::from_args(args)?;
    let mut settings = Settings::new(SocketAddr::new(args.host, args.port));
    settings.allow_origins.clone_from(&args.allow_origin);
    settings.limits.connections = usize::try_from(args.max_connections)?;
    settings.limits.replays = usize::try_from(args.max_replays)?;
    let described = defaults.describe()?;
    let backend = Arc::new(LiveBackend::new(defaults));
    serve_until_signal(settings, backend, pages::all(), |address| {
        let printed = report::print(&format_args!("{described}{}", addresses(address)));
        if args.open
            && let Err(error) = vp_cli::open_in_browser(&vp_cli::page_url(address))
        {
            tracing::warn!("the page cannot be opened in a browser: {error}");
        }
        printed
    })
}

/// What to open, and what to connect to.
fn addresses(address: SocketAddr) -> String {
    let page = vp_cli::page_url(address);
    format!(
        "\nopen    {page}\nstream  ws://{address}{STREAM_PATH}\nwatch   vp-live tail \
         ws://{address}{STREAM_PATH}\nstop    Ctrl-C\n"
    )
}
