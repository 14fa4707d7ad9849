//! `velocity serve`: streams the partitions of the lake and their forecasts to the clients that connect.

mod backend;
mod batch;
mod calibration;
mod checks;
mod feed;
mod query;
mod sessions;
mod windows;

use crate::args::ServeArgs;
use crate::{Verdict, lake};
use backend::VelocityBackend;

/// Where viewers connect.
pub const STREAM_PATH: &str = "/v1/velocity/stream";

/// Serves until the process gets SIGINT or SIGTERM.
///
/// # Errors
/// If the log cannot start, the product table cannot be read, or the address cannot be listened on.
pub fn serve(args: &ServeArgs) -> anyhow::Result<Verdict> {
    args.listen.start_log()?;
    let products = vp_cli::products(args.products.as_deref())?;
    let backend = VelocityBackend::new(lake::existing(args.lake.as_ref())?, products);
    let described = backend.describe();
    args.listen.serve(backend, vp_web::VELOCITY, |address| {
        let page = vp_cli::page_url(address);
        format!(
            "{described}\nopen    {page}\nstream  ws://{address}{STREAM_PATH}\nstop    Ctrl-C\n"
        )
    })?;
    Ok(Verdict::Good)
}
