//! The command line, as it is typed.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]

mod out;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Parser, Subcommand};
use vp_cli::ListenArgs;
use vp_engine::GridConfig;
use vp_market::{Price, ProductType, SessionDate, WallClock, symbol_as_typed};
use vp_session::SyntheticSession;

use crate::book_type;
use crate::standard_input;

pub use out::OutArgs;

/// The most rows to either side of the spot.
const MAX_HALF_WIDTH: i64 = 1000;

/// Shows where an order book's liquidity builds, drains and resists.
///
/// Without a command it serves sessions to the clients that connect: a synthetic market, or the session
/// that is named.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  vp-live                                     serve the synthetic market
  vp-live glbx-mdp3-20231225.mbo.dbn.zst      serve the session of a file
  vp-live --symbol ESH4 --dt 2023-12-25 --start-time 18:00 --speed 10
  vp-live tail ws://127.0.0.1:8002/v1/vacuum-pressure/stream
  vp-live run glbx-mdp3-20231225.mbo.dbn.zst

Of a file with several contracts or dates the session with most records is served; standard error
says which there are, and --symbol and --dt choose."
)]
pub struct Args {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to serve.
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a session through the engine as fast as it goes, and sum it up.
    Run(RunArgs),
    /// Print a summary of a DBN file.
    Inspect(InspectArgs),
    /// Watch a running server: the grid as a table, or every message as a line of JSON.
    Tail(TailArgs),
    /// Write a synthetic session as a DBN file.
    Synth(SynthArgs),
    /// Compare synthetic order flow with a real session.
    Statistics(StatisticsArgs),
}

/// How to serve, and the defaults for clients that send no parameters.
#[derive(Clone, Debug, clap::Args)]
#[command(
    group(ArgGroup::new("session").args(["symbol", "file"]).multiple(true)),
    group(ArgGroup::new("date").args(["dt", "file"]).multiple(true))
)]
pub struct ServeArgs {
    /// Serve the session of this DBN file; other sessions are read from the lake.
    #[arg(value_name = "FILE", value_parser = served_file)]
    file: Option<PathBuf>,
    /// The same as FILE, with a symbol.
    #[arg(long = "file", value_name = "FILE", conflicts_with = "file",
          requires = "symbol", value_parser = served_file)]
    file_option: Option<PathBuf>,
    /// Kind of instrument: future_mbo or equity_mbo [default: that of the file, else
    /// future_mbo for a contract, equity_mbo for a ticker].
    #[arg(long, value_name = "TYPE", requires = "session", value_parser = book_type::parse)]
    pub product_type: Option<ProductType>,
    /// Contract or ticker [default: the busiest of the file, else the synthetic market].
    #[arg(long, requires = "date", value_parser = symbol_as_typed)]
    pub symbol: Option<String>,
    /// Session date [default: that of the file].
    #[arg(long, value_name = "YYYY-MM-DD", requires = "session")]
    pub dt: Option<SessionDate>,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// Instrument id to read for this session, where its files do not map the symbol.
    #[arg(long, value_name = "ID", requires = "session")]
    pub instrument_id: Option<u32>,
    /// Publisher to read for this session, where its files hold records of several.
    #[arg(long, value_name = "ID", requires = "session")]
    pub publisher: Option<u16>,
    /// Width of a row: a whole multiple of the tick [default: that of the product table].
    #[arg(long, value_name = "PRICE")]
    pub bucket: Option<Price>,
    /// Seed of the synthetic market.
    #[arg(long, default_value_t = 7, conflicts_with = "session")]
    pub seed: u64,
    /// Begin at this Eastern time; the book is built from the beginning all the same.
    #[arg(long, value_name = "HH:MM[:SS]")]
    pub start_time: Option<WallClock>,
    /// Stop before this Eastern time: the first such time after the start, up to the session's end.
    #[arg(long, value_name = "HH:MM[:SS]")]
    pub end_time: Option<WallClock>,
    /// Event time between two grids, at least; 0 emits every event.
    #[arg(long, value_name = "MS", default_value_t = 25, value_parser = clap::value_parser!(u64).range(..=3_600_000))]
    pub throttle_ms: u64,
    /// How fast event time runs: 1 is real time, 0 as fast as the viewer takes it.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub speed: f64,
    /// Keep long waits as they are instead of shortening them to 5 s.
    #[arg(long)]
    pub keep_gaps: bool,
    /// Where to listen, to whom, and the log.
    #[command(flatten)]
    pub listen: ListenArgs<8002>,
}

impl ServeArgs {
    /// Returns the file whose session is served.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref().or(self.file_option.as_deref())
    }
}

/// Reads the path of a file that a server reads again and again.
fn served_file(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    if standard_input::is_named(&path) {
        return Err(
            "a server reads its files more than once: save standard input to a file".into(),
        );
    }
    if !path.exists() {
        return Err(
            "there is no such file, and no command of that name; vp-live --help lists them".into(),
        );
    }
    Ok(path)
}

/// Arguments of `tail`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  vp-live tail ws://127.0.0.1:8002/v1/vacuum-pressure/stream
  vp-live tail --json 'ws://127.0.0.1:8002/v1/vacuum-pressure/stream?speed=0&end_time=09:31'")]
pub struct TailArgs {
    /// Address of the stream, query included.
    pub url: String,
    /// Print every message as a line of JSON.
    #[arg(long)]
    pub json: bool,
    /// Rows of the table to either side of the spot.
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub rows: u32,
}

/// Arguments of `synth`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  vp-live synth --symbol MNQH6 --dt 2026-02-06 --minutes 30 --seed 7 --out mnqh6.mbo.dbn.zst
  vp-live synth --symbol QQQ --dt 2026-02-06 --minutes 5 --rate 20000 --out qqq.mbo.dbn")]
pub struct SynthArgs {
    /// MNQH6, ESH6 or QQQ.
    #[arg(long, default_value = "MNQH6", value_parser = symbol_as_typed)]
    pub symbol: String,
    /// Session date.
    #[arg(long, value_name = "YYYY-MM-DD", default_value = SyntheticSession::DATE)]
    pub dt: SessionDate,
    /// Eastern time of the first record.
    #[arg(long, value_name = "HH:MM[:SS]", default_value = "09:30")]
    pub start_time: WallClock,
    /// Length of the session in minutes.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub minutes: u32,
    /// Seed: the same one gives the same bytes.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Records a second, on average, up to 1,000,000 [default: that of the symbol].
    #[arg(long, value_name = "N")]
    pub rate: Option<u32>,
    /// File to write: .dbn, or compressed as .dbn.zst.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Arguments of `statistics`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  vp-live statistics --symbol ESH4 --dt 2023-12-25 --start-time 18:00 --synthetic ESH6 --rate 16

Prints a Markdown table. Records before --start-time build the book but are not counted.")]
pub struct StatisticsArgs {
    /// The session.
    #[command(flatten)]
    pub session: SessionArgs,
    /// Synthetic product to lay beside it: MNQH6, ESH6 or QQQ.
    #[arg(long, value_name = "SYMBOL", default_value = "ESH6", value_parser = symbol_as_typed)]
    pub synthetic: String,
    /// Records a second of the synthetic flow [default: that of the product].
    #[arg(long, value_name = "N")]
    pub rate: Option<u32>,
    /// Seed of the synthetic flow.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

/// Which session, and where its records are.
#[derive(Clone, Debug, clap::Args)]
pub struct SessionArgs {
    /// Read this DBN file, compressed or not, instead of those of the lake; - is standard input,
    /// which is copied to a temporary file first, up to 64 GiB.
    #[arg(value_name = "FILE", conflicts_with = "lake")]
    file: Option<PathBuf>,
    /// The same as FILE.
    #[arg(long = "file", value_name = "FILE", conflicts_with_all = ["lake", "file"])]
    file_option: Option<PathBuf>,
    /// Kind of instrument: future_mbo or equity_mbo [default: that of the file, else
    /// future_mbo for a contract, equity_mbo for a ticker].
    #[arg(long, value_name = "TYPE", value_parser = book_type::parse)]
    pub product_type: Option<ProductType>,
    /// Contract or ticker, such as ESH4 or ARL [default: the busiest of the file].
    #[arg(long, value_parser = symbol_as_typed,
          required_unless_present_any = ["file", "file_option"])]
    pub symbol: Option<String>,
    /// Session date; that of a future is a UTC day, begun the evening before in New York [default:
    /// that of the file].
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present_any = ["file", "file_option"])]
    pub dt: Option<SessionDate>,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// Instrument id to read, where the files do not map the symbol.
    #[arg(long, value_name = "ID")]
    pub instrument_id: Option<u32>,
    /// Publisher to read, where the files hold records of several.
    #[arg(long, value_name = "ID")]
    pub publisher: Option<u16>,
    /// Emit from this Eastern time on; the book is built from the beginning all the same.
    #[arg(long, value_name = "HH:MM[:SS]")]
    pub start_time: Option<WallClock>,
    /// Stop before this Eastern time: the first such time after the start, up to the session's end.
    #[arg(long, value_name = "HH:MM[:SS]")]
    pub end_time: Option<WallClock>,
    /// Least event time between two grids; 0 emits one for every event.
    #[arg(long, value_name = "MS", default_value_t = 25)]
    pub throttle_ms: u64,
    /// Width of a row: a whole multiple of the tick [default: that of the product table].
    #[arg(long, value_name = "PRICE")]
    pub bucket: Option<Price>,
    /// Rows to either side of the spot.
    #[arg(long, value_name = "N", default_value_t = GridConfig::DEFAULT_HALF_WIDTH,
          value_parser = clap::value_parser!(u32).range(1..=MAX_HALF_WIDTH))]
    pub half_width: u32,
}

impl SessionArgs {
    /// Returns the same of another file.
    #[must_use]
    pub fn with_file(&self, file: PathBuf) -> Self {
        Self {
            file: Some(file),
            ..self.clone()
        }
    }

    /// Returns the file that the session is read from, if it is one outside the lake.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref().or(self.file_option.as_deref())
    }
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  vp-live run glbx-mdp3-20231225.mbo.dbn.zst
  vp-live run glbx-mdp3-20231225.mbo.dbn.zst --symbol ESM4 --start-time 18:00 --throttle-ms 0 \\
          --out grids.jsonl.zst
  vp-live run glbx-mdp3-20231225.mbo.dbn.zst --out grids.parquet --layout grid --view decayed \\
          --fields k,pressure_variant,vacuum_variant,resistance_variant
  vp-live run glbx-mdp3-20231225.mbo.dbn.zst --out - --format jsonl | jq .mid_price
  vp-live run glbx-mdp3-20231225.mbo.dbn.zst --marks marks.parquet --profile profile.jsonl
  vp-live run downloads/*.mbo.dbn.zst --json | jq '[.symbol, .events]'
  vp-live run --symbol ESH4 --dt 2023-12-25
  vp-live run --symbol ARL --dt 2025-07-17 --json
  zstdcat es.mbo.dbn.zst | vp-live run -

Of FILE the session with most records is run, where --symbol and --dt name no other; standard error
says which there are. Without FILE the lake is read: a file there serves every date that its name or
its metadata cover, and files of the date that are not read are named on standard error.
Of several files each is run, one after the other; if one of them cannot be, the others are, and the
exit status is 1.
--out writes one JSON object a grid (.jsonl); or the frames as on the wire, each behind its length, the
first of them the runtime_config (.msgpack); or a table, with the runtime_config in its foot
(.parquet).")]
pub struct RunArgs {
    /// The session.
    #[command(flatten)]
    pub session: SessionArgs,
    /// More files, each run after the one before it.
    #[arg(value_name = "FILE", conflicts_with_all = ["lake", "file_option", "out"])]
    pub more: Vec<PathBuf>,
    /// Print the summary as JSON, one line a file.
    #[arg(long)]
    pub json: bool,
    /// Trades and marks.
    #[command(flatten)]
    pub tape: TapeArgs,
    /// The grids.
    #[command(flatten)]
    pub grids: OutArgs,
}

/// The files of a run beside its grids; a name ends in .jsonl or .parquet.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Trades and marks")]
pub struct TapeArgs {
    /// Write what stands out, a row a mark: large trades, sweeps, icebergs, large and pulled orders,
    /// absorbing levels.
    #[arg(long, value_name = "FILE", conflicts_with = "more")]
    pub marks: Option<PathBuf>,
    /// Write every trade.
    #[arg(long, value_name = "FILE", conflicts_with = "more")]
    pub trades: Option<PathBuf>,
    /// Write the volume at each price.
    #[arg(long, value_name = "FILE", conflicts_with = "more")]
    pub profile: Option<PathBuf>,
}

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  vp-live inspect glbx-mdp3-20231225.mbo.dbn.zst
  vp-live inspect glbx-mdp3-20231225.mbo.dbn.zst --json")]
pub struct InspectArgs {
    /// A DBN file, compressed or not, of any schema; - is standard input.
    pub file: PathBuf,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}
