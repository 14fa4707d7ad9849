//! `vp-live tail`: a stream in the terminal, as a table that renews itself or as lines of JSON.

mod table;

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use vp_cli::Stdout;
use vp_transport::Client;
use vp_wire::{RuntimeConfig, ServerMessage, Status};

use crate::args::TailArgs;

/// Connects and prints until the stream ends or standard output is closed.
///
/// # Errors
/// If the server cannot be reached, says that something is wrong, or breaks off.
pub fn tail(args: &TailArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut client = Client::connect(&args.url)
            .await
            .with_context(|| format!("{} cannot be reached; is the server running?", args.url))?;
        let mut screen = Screen::new(args);
        while let Some(message) = client.next().await? {
            let mut out = Stdout::lock();
            screen.show(&message, &mut out)?;
            if out.is_closed() {
                break;
            }
        }
        Ok(())
    })
}

/// What is on the terminal.
struct Screen {
    json: bool,
    rows: u32,
    /// Whether the table may be drawn over the one before.
    renews: bool,
    config: Option<RuntimeConfig>,
    status: Option<Status>,
}

impl Screen {
    fn new(args: &TailArgs) -> Self {
        let renews = std::io::stdout().is_terminal();
        Self {
            json: args.json,
            rows: args.rows,
            renews,
            config: None,
            status: None,
        }
    }

    fn show(&mut self, message: &ServerMessage, out: &mut impl Write) -> anyhow::Result<()> {
        if self.json {
            writeln!(out, "{}", message.to_json())?;
        }
        match message {
            ServerMessage::RuntimeConfig(config) => self.config = Some((**config).clone()),
            ServerMessage::Status(status) => self.status = Some(status.clone()),
            ServerMessage::GridUpdate(grid) if !self.json => {
                let Some(config) = &self.config else {
                    bail!("the server sent a grid before its configuration");
                };
                let text = table::of(config, self.status.as_ref(), grid, self.rows);
                // Home, then clear what is below: the table stays where it is.
                let home = if self.renews { "\x1b[H\x1b[J" } else { "" };
                write!(out, "{home}{text}")?;
            }
            ServerMessage::Batch(_) if !self.json => {
                bail!("this server streams windows, which --json alone can show");
            }
            ServerMessage::GridUpdate(_) | ServerMessage::Batch(_) => {}
            ServerMessage::Error(error) => {
                let hint = error
                    .hint
                    .as_ref()
                    .map(|hint| format!(" ({hint})"))
                    .unwrap_or_default();
                bail!(
                    "the server says {}: {}{hint}",
                    error.code.name(),
                    error.message
                );
            }
        }
        out.flush()?;
        Ok(())
    }
}
