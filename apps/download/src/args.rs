//! The command line, as it is typed.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use vp_databento::{BASE_URL, Usd};
use vp_market::{SessionDate, symbol_as_typed};

/// Orders raw market data at Databento, waits for it and files it in the lake.
///
/// Orders cost money. Nothing is ordered before you have seen the price and agreed, and nothing is
/// ordered twice, even if this program is stopped or killed. The API key is read from
/// DATABENTO_API_KEY.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  download estimate futures --start 2026-02-02 --end 2026-02-06 --symbols MNQ --include-futures
  download futures daemon --start 2026-02-06 --end 2026-02-06 --symbols MNQ --include-futures
  download equities submit --start 2026-02-06 --end 2026-02-06 --symbols QQQ --max-cost 20
  download status
  download decompress lake/raw/source=databento/product_type=future_mbo"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Futures and the options on them, from GLBX.MDP3.
    Futures(FuturesArgs),
    /// Shares, from XNAS.ITCH, and the options on them, from OPRA.PILLAR.
    Equities(EquitiesArgs),
    /// Show what submit would order, and the cost. Nothing is ordered.
    Estimate(EstimateArgs),
    /// Show the orders by state, and what to do next.
    Status(StatusArgs),
    /// Write decompressed copies of compressed DBN files beside them.
    Decompress(DecompressArgs),
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Order, wait and download until everything is in the lake.
    Daemon,
    /// Order what is missing.
    Submit,
    /// Wait for what is on order, and download it.
    Poll,
}

/// Arguments of `futures`.
#[derive(Debug, clap::Args)]
pub struct FuturesArgs {
    /// What to do.
    pub mode: Mode,
    /// What is wanted.
    #[command(flatten)]
    pub wanted: WantedFutures,
    /// How to order and fetch it.
    #[command(flatten)]
    pub ordering: OrderingArgs,
    /// The service, the lake and the log.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Arguments of `equities`.
#[derive(Debug, clap::Args)]
pub struct EquitiesArgs {
    /// What to do.
    pub mode: Mode,
    /// What is wanted.
    #[command(flatten)]
    pub wanted: WantedEquities,
    /// How to order and fetch it.
    #[command(flatten)]
    pub ordering: OrderingArgs,
    /// The service, the lake and the log.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Which dates and symbols.
#[derive(Debug, clap::Args)]
pub struct DaysArgs {
    /// First date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub start: SessionDate,
    /// Last date, included.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub end: SessionDate,
    /// Roots of futures such as ES,MNQ, or tickers such as QQQ.
    #[arg(long, value_name = "LIST", value_delimiter = ',', required = true,
          value_parser = symbol_as_typed)]
    pub symbols: Vec<String>,
}

/// Which futures and options on them.
#[derive(Debug, clap::Args)]
pub struct WantedFutures {
    /// Dates and roots.
    #[command(flatten)]
    pub days: DaysArgs,
    /// Also order the contract itself: the front month by volume, schema mbo.
    #[arg(long)]
    pub include_futures: bool,
    /// Schemas of the options: definition, mbo, statistics; or none.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "mbo,statistics"
    )]
    pub options_schemas: Vec<String>,
}

/// Which shares and options on them.
#[derive(Debug, clap::Args)]
pub struct WantedEquities {
    /// Dates and tickers.
    #[command(flatten)]
    pub days: DaysArgs,
    /// Schemas of the shares: mbo, definition; or none.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "mbo"
    )]
    pub equity_schemas: Vec<String>,
    /// Schemas of the options that expire on the date: definition, cmbp-1, statistics; or none.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "cmbp-1,statistics"
    )]
    pub options_schemas: Vec<String>,
}

/// How to order and fetch.
#[derive(Debug, clap::Args)]
pub struct OrderingArgs {
    /// Order without asking.
    #[arg(long)]
    pub yes: bool,
    /// Most US dollars that this run may cost.
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<Usd>,
    /// Show the jobs and their cost; order nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Order expired jobs again, and pay again.
    #[arg(long)]
    pub reorder_expired: bool,
    /// Seconds between two polls.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub poll_interval: Duration,
    /// Seconds between two orders.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub pause_seconds: Duration,
    /// Seconds to wait for an order whose answer was lost to appear in the list of jobs.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, hide = true)]
    pub settle_seconds: Duration,
}

/// The service, the lake and the log.
#[derive(Debug, clap::Args)]
pub struct CommonArgs {
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Seconds that one call may take, or that a file transfer may receive nothing. If the service
    /// answers nothing for three times as long, retries included, the command fails.
    #[arg(long, value_name = "SECONDS", default_value = "50", value_parser = timeout)]
    pub timeout: Duration,
    /// Also log to this file; it is reopened after a rename and on SIGHUP.
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Where the service is.
    #[arg(long, value_name = "URL", default_value = BASE_URL, hide = true)]
    pub base_url: String,
    /// Seconds before the first retry of a failed call.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds, hide = true)]
    pub retry_seconds: Duration,
}

/// Arguments of `estimate`.
#[derive(Debug, clap::Args)]
pub struct EstimateArgs {
    /// Of what.
    #[command(subcommand)]
    pub market: EstimateMarket,
}

/// Of what to estimate the cost.
#[derive(Debug, Subcommand)]
pub enum EstimateMarket {
    /// Of futures and the options on them.
    Futures {
        /// What is wanted.
        #[command(flatten)]
        wanted: WantedFutures,
        /// The service, the lake and the log.
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Of shares and the options on them.
    Equities {
        /// What is wanted.
        #[command(flatten)]
        wanted: WantedEquities,
        /// The service, the lake and the log.
        #[command(flatten)]
        common: CommonArgs,
    },
}

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// List every job, not only those that need attention.
    #[arg(long)]
    pub all: bool,
}

/// Arguments of `decompress`.
#[derive(Debug, clap::Args)]
pub struct DecompressArgs {
    /// Compressed DBN files, or folders that hold some.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Remove each compressed file once its decompressed copy is complete and verified.
    #[arg(long)]
    pub rm: bool,
    /// Also log to this file; it is reopened after a rename and on SIGHUP.
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

/// Reads a number of seconds, which may have a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    let parse = || Duration::try_from_secs_f64(text.parse().ok()?).ok();
    let longest = Duration::from_hours(24);
    parse()
        .filter(|time| *time <= longest)
        .ok_or_else(|| format!("{text:?} is not a number of seconds from 0 to 86400"))
}

/// Reads a number of seconds above 0, which may have a fraction.
fn timeout(text: &str) -> Result<Duration, String> {
    let time = seconds(text)?;
    if time < Duration::from_millis(1) {
        return Err(format!("{text:?} is less than 0.001 seconds"));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_command_that_a_missing_session_names_is_understood() {
        let line = "download futures daemon --start 2026-02-06 --end 2026-02-06 --symbols MNQ --include-futures";
        let args = Args::try_parse_from(line.split(' ')).unwrap();
        let Command::Futures(args) = args.command else {
            panic!("{args:?}")
        };
        assert!(args.wanted.include_futures);
        assert_eq!(args.wanted.options_schemas, ["mbo", "statistics"]);
    }

    #[test]
    fn seconds_may_have_a_fraction() {
        assert_eq!(seconds("0.05"), Ok(Duration::from_millis(50)));
        for text in ["", "-1", "inf", "NaN", "86401"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert!(timeout("0").is_err() && timeout("0.0005").is_err());
        assert_eq!(timeout("90"), Ok(Duration::from_secs(90)));
    }
}
