//! The command line, as it is typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use vp_market::{ProductType, SessionDate, WallClock};

/// Shows where an order book's liquidity builds, drains and resists.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a session through the engine as fast as it goes, and sum it up.
    Run(RunArgs),
    /// Say what a DBN file holds.
    Inspect(InspectArgs),
}

/// Which session, and where its records are.
#[derive(Clone, Debug, clap::Args)]
pub struct SessionArgs {
    /// Kind of instrument: future_mbo or equity_mbo.
    #[arg(long, value_name = "TYPE")]
    pub product_type: ProductType,
    /// Contract or ticker, such as ESH4 or ARL.
    #[arg(long)]
    pub symbol: String,
    /// Session date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub dt: SessionDate,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Read this DBN file instead of those of the lake.
    #[arg(long, value_name = "FILE", conflicts_with = "lake")]
    pub file: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// Instrument id to read, where the file maps no symbols.
    #[arg(long, value_name = "ID")]
    pub instrument_id: Option<u32>,
    /// Emit from this Eastern time on; the book is built from the beginning all the same.
    #[arg(long, value_name = "HH:MM[:SS]")]
    pub start_time: Option<WallClock>,
    /// Stop before this Eastern time.
    #[arg(long, value_name = "HH:MM[:SS]")]
    pub end_time: Option<WallClock>,
    /// Event time between two grids, at least; 0 emits every event.
    #[arg(long, value_name = "MS", default_value_t = 25)]
    pub throttle_ms: u64,
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  vp-live run --product-type future_mbo --symbol ESH4 --dt 2023-12-25
  vp-live run --product-type future_mbo --symbol ESH4 --dt 2023-12-25 \\
          --start-time 18:00 --throttle-ms 0 --out grids.jsonl
  vp-live run --product-type equity_mbo --symbol ARL --dt 2025-07-17 --json

--out writes one JSON object a grid (.jsonl), the frames as on the wire, each behind its length
(.msgpack), or one row a bucket (.parquet, where built in).")]
pub struct RunArgs {
    /// The session.
    #[command(flatten)]
    pub session: SessionArgs,
    /// Write the grids to this file: .jsonl, .msgpack or .parquet.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  vp-live inspect glbx-mdp3-20231225.mbo.dbn.zst
  vp-live inspect glbx-mdp3-20231225.mbo.dbn.zst --json")]
pub struct InspectArgs {
    /// A DBN file, compressed or not, of any schema.
    pub file: PathBuf,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}
