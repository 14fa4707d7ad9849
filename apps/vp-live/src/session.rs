//! From arguments to a session that can be opened.

use std::path::Path;

use anyhow::{Context, bail};
use vp_engine::GridConfig;
use vp_ingest::{FileChoice, FileWish, HeldSessions, Input, SessionSpec, contracts_offered};
use vp_lake::{LAKE_VARIABLE, Lake};
use vp_market::{
    Instrument, Price, ProductError, ProductTable, SessionDate, SessionWindow, Stretch,
    StretchError, WallClock,
};
use vp_replay::{ReplaySettings, Speed};
use vp_session::grid_config;

use crate::args::SessionArgs;
use crate::standard_input::Reopenable;
use vp_cli::report;

/// The error for a bucket width, from the command line or the settings, that no row can have.
pub const BUCKET_REFUSED: &str = "--bucket is no width of a row";

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
    /// If the symbol or root is unknown, the rows cannot have the width asked for, a time is outside
    /// the session's window or the end not after the start, or the product table cannot be read.
    pub fn from_args(args: &SessionArgs) -> anyhow::Result<Self> {
        let mut products = vp_cli::products(args.products.as_deref())?;
        let file = args.file().map(Reopenable::new).transpose()?;
        let wish = FileWish {
            product_type: args.product_type,
            symbol: args.symbol.as_deref(),
            date: args.dt,
        };
        let path = file.as_ref().map(Reopenable::path);
        let lake = Lake::resolve(args.lake.clone(), std::env::var_os(LAKE_VARIABLE));
        let Chosen {
            mut instrument,
            date,
            ..
        } = choose(path, wish, &mut products, &lake)?
            .context("a session needs a symbol and a date")?;
        set_bucket(&mut instrument, args.bucket).context(BUCKET_REFUSED)?;
        let window = SessionWindow::new(instrument.product_type, date);
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
        let grid = grid_config(&instrument).with_half_width(args.half_width)?;
        let input = match &file {
            Some(file) => Input::File(file.path().to_owned()),
            None => Input::Lake(lake),
        };
        Ok(Self {
            spec: SessionSpec {
                input,
                instrument,
                date,
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

/// The session that is meant.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The contract or ticker.
    pub instrument: Instrument,
    /// The session's date.
    pub date: SessionDate,
    /// What the file holds, where it was looked at.
    pub held: Option<HeldSessions>,
}

/// Returns which session is meant: that of a file, which says what the wish leaves out, or the wished
/// one of the lake; `None` where there is neither.
///
/// # Errors
/// If the file cannot be read or holds no such session, or no product fits the symbol.
pub fn choose(
    file: Option<&Path>,
    wish: FileWish<'_>,
    products: &mut ProductTable,
    lake: &Lake,
) -> anyhow::Result<Option<Chosen>> {
    let Some(file) = file else {
        let (Some(symbol), Some(date)) = (wish.symbol, wish.date) else {
            return Ok(None);
        };
        let by_symbol = || products.product_type_of(symbol);
        let product_type = wish.product_type.unwrap_or_else(by_symbol);
        let instrument = products.instrument(product_type, symbol);
        if let (Err(ProductError::Root { .. }), Some(offer)) =
            (&instrument, contracts_offered(products, lake, symbol, date))
        {
            bail!("{offer}; choose one with --symbol");
        }
        return Ok(Some(Chosen {
            instrument: instrument?,
            date,
            held: None,
        }));
    };
    let choice = FileChoice::new(file, wish, products)?;
    if let Some(held) = &choice.held
        && held.fitting(wish.symbol, wish.date).count() > 1
    {
        let (symbol, date) = (&choice.instrument.symbol, choice.date);
        let counted = if held.is_whole() {
            ""
        } else {
            ", counted in a part of the file"
        };
        report::note(&format_args!(
            "the file holds {held}{counted}; {symbol} of {date} is read, --symbol and --dt choose \
             another"
        ));
    }
    Ok(Some(Chosen {
        instrument: choice.instrument,
        date: choice.date,
        held: choice.held,
    }))
}

/// Gives an instrument rows of another width, where one is given.
///
/// # Errors
/// If its product cannot have rows of that width.
pub fn set_bucket(instrument: &mut Instrument, width: Option<Price>) -> Result<(), ProductError> {
    if let Some(width) = width {
        instrument.product = instrument.product.with_bucket(width)?;
    }
    Ok(())
}
