//! What the programs that serve have in common: where they listen, to whom, their log, and what they
//! say when they are up.

#![expect(
    clippy::doc_markdown,
    reason = "some of these comments are the help text, where backticks would show"
)]

mod pages;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use vp_transport::server::{Backend, Origin, Settings, serve_until_signal};

use crate::{LogFile, open_in_browser, page_url, report, start_log};

/// Where to listen, on `PORT` by default, to whom, and what to log.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Server")]
pub struct ListenArgs<const PORT: u16> {
    /// Port to listen on; 0 lets the system choose.
    #[arg(long, default_value_t = PORT)]
    pub port: u16,
    /// Open the page in the browser.
    #[arg(long)]
    pub open: bool,
    /// Address to listen on. Anything but loopback is open to the network, without a password.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Let pages of this origin connect, beside those of the server; may be repeated.
    #[arg(long, value_name = "https://HOST[:PORT]")]
    pub allow_origin: Vec<Origin>,
    /// Connections at once.
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// Replays at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_replays: u32,
    /// What to log: error, warn, info, debug, trace, or a filter such as info,vp_transport=debug.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: String,
    /// Log to this file, too; it is reopened after a rename and on SIGHUP.
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

impl<const PORT: u16> ListenArgs<PORT> {
    /// Starts the log, on standard error and in the file.
    ///
    /// # Errors
    /// If the file cannot be opened or the filter is invalid.
    pub fn start_log(&self) -> anyhow::Result<()> {
        let file = self.log_file.as_deref().map(LogFile::open).transpose()?;
        if let Some(file) = &file {
            file.reopen_on_hangup()?;
        }
        let file = file.map(|file| move || file.clone());
        Ok(start_log(&self.log_level, std::io::stderr, file)?)
    }

    /// Serves a backend and the pages, of which `page` is at the root, until the process gets SIGINT or
    /// SIGTERM. Once the server listens, what `describe` says of
    /// its address is printed, and the page is opened if that is wanted.
    ///
    /// # Errors
    /// If the address cannot be listened on, or standard output does not take the text.
    pub fn serve<D: fmt::Display>(
        &self,
        backend: impl Backend + 'static,
        page: &str,
        describe: impl FnOnce(SocketAddr) -> D,
    ) -> anyhow::Result<()> {
        let mut settings = Settings::new(SocketAddr::new(self.host, self.port));
        settings.allow_origins.clone_from(&self.allow_origin);
        settings.limits.connections = usize::try_from(self.max_connections)?;
        settings.limits.replays = usize::try_from(self.max_replays)?;
        serve_until_signal(
            settings,
            Arc::new(backend),
            pages::with_root(page),
            |address| {
                let printed = report::print(&describe(address));
                if self.open
                    && let Err(error) = open_in_browser(&page_url(address))
                {
                    tracing::warn!("the page cannot be opened in a browser: {error}");
                }
                printed
            },
        )
    }
}
