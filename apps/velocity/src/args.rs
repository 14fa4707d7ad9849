//! The command line, as it is typed.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Parser, Subcommand, ValueEnum};
use vp_cli::ListenArgs;
use vp_lake::tables::{Filter, Layer};
use vp_lake::{LAKE_VARIABLE, Lake};
use vp_market::{ProductType, SessionDate, Utc, symbol_as_typed};
use vp_velocity::SessionHours;
use vp_velocity::gold::Field;

use crate::dates::DateArgs;

/// Turns raw records of the lake into tables: bronze (what the venue sent), silver (the book and
/// its flow, second by second), gold (pressure and resistance around the spot).
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  velocity run glbx-mdp3-20231225.mbo.dbn.zst
  velocity calibrate --root ES
  velocity forecast --symbol ESH4 --dt 2023-12-25 --out forecast.parquet
  velocity serve
  velocity status --symbol ESH4
  velocity plot --symbol ESH4 --dt 2023-12-25 --out pressure.png
  velocity verify"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the partitions of one or several dates.
    Run(RunArgs),
    /// Fit the forecast to the last dates that have silver, and judge it on dates held out.
    Calibrate(CalibrateArgs),
    /// Forecast the spot in every window of a date.
    Forecast(ForecastArgs),
    /// Stream gold and its forecasts to the clients that connect, and serve the page that shows them.
    Serve(ServeArgs),
    /// List the partitions that the lake has.
    Status(LookArgs),
    /// Draw a field of gold as a picture.
    Plot(PlotArgs),
    /// Check partitions against their manifests and their inputs, back to the raw files.
    Verify(LookArgs),
    /// Remove gold that silver can make, after asking.
    Sweep(SweepArgs),
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  velocity run glbx-mdp3-20260206.mbo.dbn.zst --session 09:30-16:00
  velocity run --layer bronze --symbol MNQ --dt 2026-02-06
  velocity run --symbol MNQH6 --dates 2026-02-05,2026-02-06
  velocity run --layer silver --symbol QQQ \\
          --start-date 2026-02-02 --end-date 2026-02-06 --session 09:30-16:00 --workers 4
  velocity run --layer bronze --symbol ESM4 --dt 2024-05-08 \\
          --instrument-id 5602

Silver is all that is needed: it is made straight from the raw files, and whatever reads gold computes
it from silver. Partitions of bronze and gold are for other programs: --layer bronze,silver,gold.
Bronze takes a root and writes every contract in its files; silver and gold take a contract. Options
take the contract or ticker that they are on, whose silver has to be there before theirs.
Bronze lists the records that it leaves out, such as those of spreads. A raw file whose name holds a
range of days (20240506-20240510) serves every date of the range.
Complete partitions are kept; a damaged one is an error. Of a range, dates without input are listed
as absent; a date that is named must be there. One date that fails does not stop the others; the
exit status is 1 then.")]
pub struct RunArgs {
    /// Put this DBN file of market-by-order records into the lake first; product type, contract and
    /// date come from it.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Kind of instrument: future_mbo, equity_mbo, future_option_mbo or equity_option_cmbp_1
    /// [default: that of the file, else future_mbo for a contract or root, equity_mbo for a ticker].
    #[arg(long, value_name = "TYPE")]
    pub product_type: Option<ProductType>,
    /// What to make; several layers with commas.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    pub layer: Vec<Layers>,
    /// Root, contract or ticker, such as MNQ, MNQH6 or QQQ [default: the busiest of the file].
    #[arg(long, required_unless_present = "file", value_parser = symbol_as_typed)]
    pub symbol: Option<String>,
    /// When.
    #[command(flatten)]
    pub dates: DateArgs,
    /// Instrument id of the contract, where the raw files do not map it: bronze of one contract.
    #[arg(long, value_name = "ID")]
    pub instrument_id: Option<u32>,
    /// Publisher to read, where the raw files hold records of several: bronze.
    #[arg(long, value_name = "ID")]
    pub publisher: Option<u16>,
    /// Hours of silver, Eastern time [default: 09:30-12:30]; gold takes those of its silver.
    #[arg(long, value_name = "HH:MM-HH:MM")]
    pub session: Option<SessionHours>,
    /// Dates at once [default: one for each core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Build complete silver and gold again, also of schema version 1. Bronze is never overwritten.
    #[arg(long)]
    pub overwrite: bool,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
    /// What to log: error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    pub log_level: String,
}

/// Which layers to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layers {
    /// What the venue sent, of every contract in the files.
    Bronze,
    /// The book and its flow, second by second.
    Silver,
    /// Pressure and resistance around the spot, as a partition. Whatever reads gold computes it from
    /// silver; write it for other programs.
    Gold,
    /// All that is needed: silver, straight from the raw files.
    All,
}

impl Layers {
    /// Returns the layer whose partitions are written.
    pub const fn layer(self) -> Layer {
        match self {
            Self::Bronze => Layer::Bronze,
            Self::Silver | Self::All => Layer::Silver,
            Self::Gold => Layer::Gold,
        }
    }
}

/// Arguments of `plot`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  velocity plot --symbol ESH4 --dt 2023-12-25 --out pressure.png
  velocity plot --symbol MNQH6 --dt 2026-02-06 --field Omega_near --ticks 100 --out omega.png

Above the spot stands the field of the asks, below it that of the bids. Where there are more seconds
than columns, a column shows their mean.")]
pub struct PlotArgs {
    /// Kind of instrument [default: future_mbo for a contract, equity_mbo for a ticker].
    #[arg(long, value_name = "TYPE")]
    pub product_type: Option<ProductType>,
    /// Contract or ticker, such as MNQH6 or QQQ.
    #[arg(long, value_parser = symbol_as_typed)]
    pub symbol: String,
    /// The date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub dt: SessionDate,
    /// The column of gold that is drawn.
    #[arg(long, default_value = "pressure_grad", value_parser = field)]
    pub field: Field,
    /// How far from the spot, in ticks or buckets [default: all that gold has].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub ticks: Option<u32>,
    /// The picture's width and height in pixels.
    #[arg(long, value_name = "WxH", default_value = "1600x900")]
    pub size: PictureSize,
    /// The PNG file to write.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
}

/// Arguments of `calibrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  velocity calibrate --root ES
  velocity calibrate --root QQQ --days 10 --holdout 3 --plot calibration.svg

Every contract of the root that has gold on a date is used, and gold of options where there is any.
The coefficients are written to params/physics_beta_gamma/{ROOT}.json in the lake.")]
pub struct CalibrateArgs {
    /// Root of futures (ES), or a ticker.
    #[arg(long, value_parser = symbol_as_typed)]
    pub root: String,
    /// How many of the last dates with gold to use.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub days: usize,
    /// How many of those, the last, to hold out and judge on.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub holdout: usize,
    /// Draw predicted against actual changes, and the reliability of the confidence.
    #[arg(long, value_name = "F.svg")]
    pub plot: Option<PathBuf>,
    /// Dates at once [default: one for each core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// Print what was written, as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `forecast`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  velocity forecast --symbol ESH4 --dt 2023-12-25 --out forecast.parquet
  velocity forecast --symbol ESH4 --dt 2023-12-25 | head

Without a calibration of the root the forecast continues the last move (beta and gamma 0), and a note on
standard error says so.")]
pub struct ForecastArgs {
    /// Kind of instrument [default: future_mbo for a contract, equity_mbo for a ticker].
    #[arg(long, value_name = "TYPE")]
    pub product_type: Option<ProductType>,
    /// Contract or ticker.
    #[arg(long, value_parser = symbol_as_typed)]
    pub symbol: String,
    /// Date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub dt: SessionDate,
    /// Farthest horizon, in seconds.
    #[arg(long, value_name = "S", default_value_t = 30,
          value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub horizon: u16,
    /// Write this file, .parquet or .jsonl [default: JSON lines on standard output].
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
}

/// The size of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureSize {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl FromStr for PictureSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| part.parse().ok().filter(|n| (400..=8_000).contains(n));
        text.split_once('x')
            .and_then(|(width, height)| {
                let (width, height) = (number(width)?, number(height)?);
                Some(Self { width, height })
            })
            .ok_or_else(|| "expected WIDTHxHEIGHT, each from 400 to 8000, such as 1600x900".into())
    }
}

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  velocity serve
  velocity serve --port 9001 --lake /data/lake
  vp-live tail --json 'ws://127.0.0.1:8001/v1/velocity/stream?symbol=ESH4&dt=2023-12-25&speed=10'

A session can be streamed once it has silver. Roots that are not calibrated are forecast
with beta and gamma 0, and a warning says so.")]
pub struct ServeArgs {
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Product table to use in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// Where to listen, to whom, and the log.
    #[command(flatten)]
    pub listen: ListenArgs<8001>,
}

/// Arguments of `status` and `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  velocity status
  velocity verify --product-type future_mbo --symbol ESH4 --layer gold")]
pub struct LookArgs {
    /// Of this layer alone: bronze, silver or gold.
    #[arg(long, value_parser = layer)]
    pub layer: Option<Layer>,
    /// Which partitions.
    #[command(flatten)]
    pub of: FilterArgs,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

impl LookArgs {
    /// Returns which partitions are looked at.
    pub fn filter(&self) -> Filter {
        self.of.filter(self.layer)
    }
}

/// Arguments of `sweep`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  velocity sweep --dry-run
  velocity sweep --symbol ESH4 --yes

Whatever reads gold computes it from silver, with the same bits. A partition of gold without complete
silver stays.")]
pub struct SweepArgs {
    /// Which partitions.
    #[command(flatten)]
    pub of: FilterArgs,
    /// List what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
}

/// Which partitions.
#[derive(Debug, clap::Args)]
pub struct FilterArgs {
    /// Of this kind of instrument alone.
    #[arg(long, value_name = "TYPE")]
    pub product_type: Option<ProductType>,
    /// Of this contract or ticker alone.
    #[arg(long, value_parser = symbol_as_typed)]
    pub symbol: Option<String>,
    /// Of this date alone.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub dt: Option<SessionDate>,
    /// Root of the lake [default: $SPYMASTER_LAKE, else ./lake].
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
}

impl FilterArgs {
    /// Returns which partitions are looked at.
    pub fn filter(&self, layer: Option<Layer>) -> Filter {
        Filter {
            layer,
            product_type: self.product_type,
            symbol: self.symbol.clone(),
            date: self.dt,
        }
    }
}

/// Returns the lake that the flag or the environment names.
pub fn lake(flag: Option<&PathBuf>) -> Lake {
    Lake::resolve(flag.cloned(), std::env::var_os(LAKE_VARIABLE))
}

fn field(name: &str) -> Result<Field, String> {
    let names = || Field::ALL.map(Field::name).join(", ");
    Field::from_name(name).ok_or_else(|| format!("gold has these columns: {}", names()))
}

/// Returns the time of the run, as manifests hold it.
pub fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ns = since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    });
    Utc::from_ns(ns).to_string()
}

/// Returns how many dates to work on at once.
pub fn workers(flag: Option<u16>) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    flag.map_or(cores, usize::from)
}

fn layer(name: &str) -> Result<Layer, String> {
    let found = Layer::ALL.into_iter().find(|layer| layer.name() == name);
    found.ok_or_else(|| "known are: bronze, silver, gold".to_owned())
}
