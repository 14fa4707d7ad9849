//! From arguments to a session that can be opened, and opened again.

use std::fs;
use std::path::Path;

use anyhow::Context;
use vp_engine::GridConfig;
use vp_ingest::{Input, Progress, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{Instrument, ProductTable, Record, SessionWindow};
use vp_replay::{ReplaySettings, Speed};

use crate::args::SessionArgs;

/// Records in order, from wherever they come.
pub trait Records: Send {
    /// Replaces the contents of `batch` by the next records; returns `false` at the end.
    ///
    /// # Errors
    /// Where the records break off, after everything before has been delivered.
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> anyhow::Result<bool>;

    /// Returns how far the input has been read, if it has an end.
    fn progress(&self) -> Option<Progress>;
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
}

impl Session for SessionSpec {
    type Records = Source;

    fn open(&self) -> anyhow::Result<Source> {
        Ok(Source::open(self.clone())?)
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
}

impl Resolved {
    /// Checks the arguments against the product table and the calendar.
    ///
    /// # Errors
    /// If the symbol or root is unknown, a time is outside the session's window, or the product
    /// table cannot be read.
    pub fn from_args(args: &SessionArgs) -> anyhow::Result<Self> {
        let products = match &args.products {
            Some(path) => read_products(path)?,
            None => ProductTable::embedded(),
        };
        let instrument = products.instrument(args.product_type, &args.symbol)?;
        let window = SessionWindow::new(args.product_type, args.dt);
        let instant = |clock: Option<_>| clock.map(|clock| window.first_instant(clock)).transpose();
        let replay = ReplaySettings {
            start_ns: instant(args.start_time).context("--start-time")?,
            end_ns: instant(args.end_time).context("--end-time")?,
            throttle_ns: args.throttle_ms.saturating_mul(1_000_000),
            speed: Speed::UNPACED,
            keeps_gaps: false,
        };
        let grid = grid_config(&instrument);
        let input = match &args.file {
            Some(path) => Input::File(path.clone()),
            None => Input::Lake(Lake::resolve(
                args.lake.clone(),
                std::env::var_os("SPYMASTER_LAKE"),
            )),
        };
        let (date, instrument_id) = (args.dt, args.instrument_id);
        Ok(Self {
            spec: SessionSpec {
                input,
                instrument,
                date,
                instrument_id,
            },
            grid,
            replay,
        })
    }
}

/// Returns the grid of an instrument: 101 buckets of the product's width.
pub fn grid_config(instrument: &Instrument) -> GridConfig {
    GridConfig::new(instrument.product.bucket).with_price_tick(instrument.product.tick)
}

fn read_products(path: &Path) -> anyhow::Result<ProductTable> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("reading the product table {}", path.display()))?;
    ProductTable::parse(&text).with_context(|| format!("in {}", path.display()))
}
