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
use crate::report;
use backend::LiveBackend;
use defaults::Defaults;

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
    let (described, session) = (defaults.describe()?, defaults.session_query());
    let backend = Arc::new(LiveBackend::new(defaults));
    serve_until_signal(settings, backend, pages::all(), |address| {
        let addresses = addresses(address, &session);
        report::print(&format_args!("{described}{addresses}"))
    })
}

/// What to open, and what to connect to. The page is told its session, so that it need not ask.
fn addresses(address: SocketAddr, session: &str) -> String {
    format!(
        "\nopen    http://{address}/?{session}\nstream  ws://{address}{STREAM_PATH}\nwatch   vp-live tail \
         ws://{address}{STREAM_PATH}\nstop    Ctrl-C\n"
    )
}
