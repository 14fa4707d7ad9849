//! `vp-live` without a command: the server.

mod backend;
mod catalog;
mod defaults;
mod failure;
mod feed;
mod query;

use std::net::SocketAddr;

use crate::args::ServeArgs;
use backend::LiveBackend;
use defaults::Defaults;
use query::Request;

/// Where viewers connect.
pub const STREAM_PATH: &str = "/v1/vacuum-pressure/stream";

/// Serves until the process gets SIGINT or SIGTERM.
///
/// # Errors
/// If the log cannot start, the arguments name no session, or the address cannot be listened on.
pub fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    args.listen.start_log()?;
    let defaults = Defaults::from_args(args)?;
    let described = Request::describe_default(&defaults)?;
    args.listen.serve(
        LiveBackend::new(defaults),
        vp_web::VACUUM_PRESSURE,
        |address| described + &addresses(address),
    )
}

/// What to open, and what to connect to.
fn addresses(address: SocketAddr) -> String {
    let page = vp_cli::page_url(address);
    format!(
        "\nopen    {page}\nstream  ws://{address}{STREAM_PATH}\nwatch   vp-live tail \
         ws://{address}{STREAM_PATH}\nstop    Ctrl-C\n"
    )
}
