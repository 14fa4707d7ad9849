//! Where records come from, and from arguments to a session that can be opened, and opened again.

mod synthetic;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use vp_engine::GridConfig;
use vp_ingest::{Input, Progress, SessionSpec, Source};
use vp_lake::{LAKE_VARIABLE, Lake};
use vp_market::{EasternTime, Instrument, ProductTable, Record, SessionWindow, WallClock};
use vp_replay::{ReplaySettings, Speed};

use crate::args::SessionArgs;
use crate::standard_input::Reopenable;

pub use synthetic::{SyntheticRecords, SyntheticSession};

/// Records in order, from wherever they come.
pub trait Records: Send {
    /// Replaces the contents of `batch` by the next records; returns `false` at the end.
    ///
    /// # Errors
    /// Where the records break off, after everything before has been delivered.
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> anyhow::Result<bool>;

    /// Returns how far the input has been read, if it is one of files.
    fn progress(&self) -> Option<Progress>;

    /// Returns a copy that goes on from the same place, where that costs less than coming there
    /// again.
    fn copy(&self) -> Option<Self>
    where
        Self: Sized;
}

/// A session whose records can be read from the beginning as often as wanted.
pub trait Session: Send {
    /// What `open` returns.
    type Records: Records;

    /// Opens the session at its first record.
    ///
    /// # Errors
    /// If its input is not there or cannot be read.
    fn open(&self) -> anyhow::Result<Self::Records>;
}

impl Records for Source {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> anyhow::Result<bool> {
        Ok(Source::next_batch(self, batch)?)
    }

    fn progress(&self) -> Option<Progress> {
        Some(Source::progress(self))
    }

    fn copy(&self) -> Option<Self> {
        None
    }
}

impl Session for SessionSpec {
    type Records = Source;

    fn open(&self) -> anyhow::Result<Source> {
        Ok(Source::open(self.clone())?)
    }
}

/// A session of either kind.
#[derive(Clone, Debug)]
pub enum AnySession {
    /// Of files.
    File(SessionSpec),
    /// Made from a seed.
    Synthetic(SyntheticSession),
}

/// Records of either kind.
#[derive(Debug)]
pub enum AnyRecords {
    /// Of files.
    File(Box<Source>),
    /// Made from a seed.
    Synthetic(Box<SyntheticRecords>),
}

impl Session for AnySession {
    type Records = AnyRecords;

    fn open(&self) -> anyhow::Result<AnyRecords> {
        Ok(match self {
            Self::File(spec) => AnyRecords::File(Box::new(spec.open()?)),
            Self::Synthetic(session) => AnyRecords::Synthetic(Box::new(session.open()?)),
        })
    }
}

impl Records for AnyRecords {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> anyhow::Result<bool> {
        match self {
            Self::File(records) => Records::next_batch(&mut **records, batch),
            Self::Synthetic(records) => records.next_batch(batch),
        }
    }

    fn progress(&self) -> Option<Progress> {
        match self {
            Self::File(records) => Records::progress(&**records),
            Self::Synthetic(records) => records.progress(),
        }
    }

    fn copy(&self) -> Option<Self> {
        match self {
            Self::File(_) => None,
            Self::Synthetic(records) => Some(Self::Synthetic(Box::new(records.copy()?))),
        }
    }
}

/// A session as the arguments resolved it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Where its records are.
    pub spec: SessionSpec,
    /// The shape of its grid.
    pub grid: GridConfig,
    /// Start, end and throttle, unpaced.
    pub replay: ReplaySettings,
    /// Keeps the file of the session, where it is a copy.
    _file: Option<Reopenable>,
}

impl Resolved {
    /// Checks the arguments against the product table and the calendar.
    ///
    /// # Errors
    /// If the symbol or root is unknown, a time is outside the session's window or the end not
    /// after the start, or the product table cannot be read.
    pub fn from_args(args: &SessionArgs) -> anyhow::Result<Self> {
        let products = match &args.products {
            Some(path) => read_products(path)?,
            None => ProductTable::embedded(),
        };
        let instrument = products.instrument(args.product_type, &args.symbol)?;
        let window = SessionWindow::new(args.product_type, args.dt);
        let times = Times {
            start: args.start_time,
            end: args.end_time,
        };
        let (start_ns, end_ns) = times.within(window, ["--start-time", "--end-time"])?;
        let replay = ReplaySettings {
            start_ns,
            end_ns,
            throttle_ns: args.throttle_ms.saturating_mul(1_000_000),
            speed: Speed::UNPACED,
            keeps_gaps: false,
        };
        let grid = grid_config(&instrument);
        let file = args.file.as_deref().map(Reopenable::new).transpose()?;
        let input = match &file {
            Some(file) => Input::File(file.path().to_owned()),
            None => Input::Lake(Lake::resolve(
                args.lake.clone(),
                std::env::var_os(LAKE_VARIABLE),
            )),
        };
        Ok(Self {
            spec: SessionSpec {
                input,
                instrument,
                date: args.dt,
                instrument_id: args.instrument_id,
                publisher: args.publisher,
            },
            grid,
            replay,
            _file: file,
        })
    }
}

/// When emission begins and the input ends, as a clock in New York shows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    /// From when on grids are emitted.
    pub start: Option<WallClock>,
    /// Before which the input ends.
    pub end: Option<WallClock>,
}

impl Times {
    /// Returns both as instants of a session; errors call them by `names`.
    ///
    /// # Errors
    /// If one is outside the session, or nothing lies between them.
    pub fn within(
        self,
        window: SessionWindow,
        names: [&'static str; 2],
    ) -> anyhow::Result<(Option<u64>, Option<u64>)> {
        let instant = |name: &'static str, clock: Option<WallClock>| {
            let instant = clock.map(|clock| window.first_instant(clock)).transpose();
            instant.with_context(|| format!("{name} is no time of this session"))
        };
        let [start, end] = names;
        let (start_ns, end_ns) = (instant(start, self.start)?, instant(end, self.end)?);
        if let (Some(start_ns), Some(end_ns)) = (start_ns, end_ns)
            && start_ns >= end_ns
        {
            // A session may begin in the evening of the day before: the order is that of instants.
            bail!(
                "nothing lies between {start}, {}, and {end}, {}; the session runs from {window}",
                EasternTime::from_ns(start_ns),
                EasternTime::from_ns(end_ns)
            );
        }
        Ok((start_ns, end_ns))
    }
}

/// Returns the grid of an instrument: 101 buckets of the product's width.
pub fn grid_config(instrument: &Instrument) -> GridConfig {
    GridConfig::new(instrument.product.bucket).with_price_tick(instrument.product.tick)
}

/// Reads a product table from a file.
///
/// # Errors
/// If it cannot be read or is none.
pub fn read_products(path: &Path) -> anyhow::Result<ProductTable> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("the product table {} cannot be read", path.display()))?;
    ProductTable::parse(&text).with_context(|| format!("{} is no product table", path.display()))
}
