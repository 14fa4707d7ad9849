//! Where records come from, and from arguments to a session that can be opened, and opened again.

mod synthetic;

use std::path::Path;

use anyhow::Context;
use vp_engine::GridConfig;
use vp_ingest::{Input, Progress, SessionSpec, Source};
use vp_lake::{LAKE_VARIABLE, Lake, read_regular_text};
use vp_market::{
    Instrument, ProductTable, Record, SessionWindow, Stretch, StretchError, WallClock,
};
use vp_replay::{ReplaySettings, Speed};

use crate::args::SessionArgs;
use crate::standard_input::Reopenable;

pub use synthetic::{SyntheticRecords, SyntheticSession};

/// A product table is never longer.
const MAX_PRODUCTS_BYTES: u64 = 16 << 20;

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

    /// Opens the session at its first record again. `opened` are the records of an earlier opening;
    /// a session is the same version of its input from its first opening to its end.
    ///
    /// # Errors
    /// If its input is not what it was, or cannot be read.
    fn reopen(&self, opened: &Self::Records) -> anyhow::Result<Self::Records>;
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

    fn reopen(&self, opened: &Source) -> anyhow::Result<Source> {
        Ok(Source::reopen(self.clone(), opened.files().to_vec())?)
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

impl AnySession {
    /// Returns the event time of the first record, where it is known before the session is opened.
    pub fn first_ns(&self) -> Option<u64> {
        match self {
            Self::File(_) => None,
            Self::Synthetic(session) => Some(session.config().start_ns()),
        }
    }
}

impl Session for AnySession {
    type Records = AnyRecords;

    fn open(&self) -> anyhow::Result<AnyRecords> {
        Ok(match self {
            Self::File(spec) => AnyRecords::File(Box::new(spec.open()?)),
            Self::Synthetic(session) => AnyRecords::Synthetic(Box::new(session.open()?)),
        })
    }

    fn reopen(&self, opened: &AnyRecords) -> anyhow::Result<AnyRecords> {
        match (self, opened) {
            (Self::File(spec), AnyRecords::File(source)) => {
                Ok(AnyRecords::File(Box::new(spec.reopen(source)?)))
            }
            // A seed makes the same records each time.
            (Self::Synthetic(_), _) | (Self::File(_), AnyRecords::Synthetic(_)) => self.open(),
        }
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
        let stretch = times.within(window, ["--start-time", "--end-time"])?;
        let replay = ReplaySettings {
            start_ns: stretch.start_ns,
            end_ns: stretch.end_ns,
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
    /// If the session does not show the start, or does not show the end after it.
    pub fn within(self, window: SessionWindow, names: [&str; 2]) -> anyhow::Result<Stretch> {
        window.stretch(self.start, self.end).map_err(|error| {
            let name = names[usize::from(matches!(error, StretchError::End { .. }))];
            anyhow::Error::new(error).context(format!("{name} is not a time of this session"))
        })
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
    let text = read_regular_text(path, MAX_PRODUCTS_BYTES)
        .with_context(|| format!("the product table {} cannot be read", path.display()))?;
    ProductTable::parse(&text).with_context(|| format!("{} is no product table", path.display()))
}
