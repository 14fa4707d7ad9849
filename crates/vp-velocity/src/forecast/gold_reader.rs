//! Gold of a date as the forecast reads it: that of the future or equity, joined with that of its
//! options where there is any.

use std::ops::Range;

use vp_lake::Lake;
use vp_lake::tables::{Batch, Input, PartitionError, PartitionReader};
use vp_market::{Instrument, Price, SessionDate, Side, TickSize};

use super::surface::{ForecastCell, ForecastSurface};
use crate::derived::{GoldRows, Transform};
use crate::gold::FlowGold;
use crate::gold_input::GoldInput;
use crate::options::{self, OptionFlowGold};
use crate::silver::Lattice;
use crate::stage::{Advance, StageError, check_same_version};
use crate::tables::GOLD_SURFACE;

/// The columns of gold that the forecast reads.
const WANTED: [&str; 8] = [
    "window_end_ts_ns",
    "spot_ref_price_int",
    "rel_ticks",
    "side",
    "u_near",
    "u_p_slow",
    "Omega",
    "pressure_grad",
];

/// Those of the options' gold.
const OPTIONS_WANTED: [&str; 3] = ["window_end_ts_ns", "rel_ticks", "Omega_opt"];

/// Returns the width of a cell of the axis that an instrument's gold is on: the tick of a future,
/// the bucket of an equity.
pub fn axis_tick(instrument: &Instrument) -> TickSize {
    Lattice::of(instrument).step()
}

/// One window of gold.
#[derive(Clone, Copy, Debug)]
pub struct SurfaceWindow<'a> {
    /// When it ended, nanoseconds since the epoch.
    pub end_ts_ns: i64,
    /// The price that its axis is counted from.
    pub spot: Price,
    /// Its gold.
    pub surface: &'a ForecastSurface,
}

/// The windows of a date that have gold, in order.
///
/// Memory does not grow with the date: a batch of rows is held of each partition, and one window.
#[derive(Debug)]
pub struct SurfaceReader {
    gold: Rows<FlowGold>,
    options: Option<Rows<OptionFlowGold>>,
    inputs: Vec<Input>,
    surface: ForecastSurface,
}

impl SurfaceReader {
    /// Opens the gold of a contract or ticker on a date, and that of its options if there is any:
    /// out of silver, or from partitions of gold.
    ///
    /// # Errors
    /// [`StageError::MissingInput`] if there is neither silver nor gold, [`StageError::MixedSchemas`] if
    /// that of the options has another schema version, [`StageError::Partition`] if a partition cannot
    /// be read.
    pub fn open(
        lake: &Lake,
        instrument: &Instrument,
        date: SessionDate,
    ) -> Result<Self, StageError> {
        let gold = GoldInput::<FlowGold>::find(lake, instrument, date, &WANTED)?;
        let options = options_input(lake, instrument, date, &OPTIONS_WANTED)?;
        if let Some(options) = &options {
            check_same_version(&[gold.read(), options.read()])?;
        }
        let mut inputs = vec![gold.lineage().clone()];
        inputs.extend(options.iter().map(|options| options.lineage().clone()));
        let open = |options: GoldInput<_>| Ok::<_, StageError>(Rows::new(options.open()?));
        Ok(Self {
            gold: Rows::new(gold.open()?),
            options: options.map(open).transpose()?,
            inputs,
            surface: ForecastSurface::default(),
        })
    }

    /// Returns the partitions of silver that the gold is made from.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Returns whether gold of options is joined.
    pub fn has_options(&self) -> bool {
        self.options.is_some()
    }

    /// Returns how many values so far no gold holds, and were mended
    /// ([`ForecastSurface::mended`]).
    pub fn mended(&self) -> u64 {
        self.surface.mended()
    }

    /// Returns how many rows of the partition have been read, and how many there are.
    pub fn progress(&self) -> Advance {
        Advance {
            done: self.gold.reader().rows_read(),
            total: self.gold.reader().manifest().row_count,
        }
    }

    /// Returns the next window, or `None` after the last.
    ///
    /// # Errors
    /// [`StageError::Partition`] where a partition is broken.
    pub fn next_window(&mut self) -> Result<Option<SurfaceWindow<'_>>, StageError> {
        let (end_ts_ns, spot) = loop {
            let Some(end_ts_ns) = self.gold.next_end()? else {
                return Ok(None);
            };
            // Gold has no row without a spot; a window whose spot is not a price is skipped.
            let spot_int = self.take_gold(end_ts_ns)?;
            if let Some(spot) = Price::from_nanos(spot_int) {
                break (end_ts_ns, spot);
            }
        };
        self.add_options(end_ts_ns)?;
        Ok(Some(SurfaceWindow {
            end_ts_ns,
            spot,
            surface: &self.surface,
        }))
    }

    /// Takes a window's rows of gold, and returns its spot in units of 1e-9.
    fn take_gold(&mut self, end_ts_ns: i64) -> Result<i64, PartitionError> {
        self.surface.clear();
        let (surface, mut spot_int) = (&mut self.surface, 0);
        self.gold.take(end_ts_ns, |batch, sides, rows| {
            spot_int = batch.i64("spot_ref_price_int")[rows.start];
            put_gold(surface, batch, sides, rows);
        })?;
        Ok(spot_int)
    }

    /// Adds the options' rows of a window; windows that only the options have are passed over.
    fn add_options(&mut self, end_ts_ns: i64) -> Result<(), PartitionError> {
        let (surface, Some(options)) = (&mut self.surface, &mut self.options) else {
            return Ok(());
        };
        while let Some(earlier) = options.next_end()?.filter(|end| *end < end_ts_ns) {
            options.take(earlier, |_, _, _| {})?;
        }
        options.take(end_ts_ns, |batch, _, rows| {
            add_options(surface, batch, rows);
        })
    }
}

/// Returns where the gold of an instrument's options comes from, if there is any.
///
/// # Errors
/// As those of [`GoldInput::find`].
pub(crate) fn options_input(
    lake: &Lake,
    instrument: &Instrument,
    date: SessionDate,
    wanted: &[&'static str],
) -> Result<Option<GoldInput<OptionFlowGold>>, StageError> {
    let Some(product_type) = instrument.product_type.options() else {
        return Ok(None);
    };
    let options = Instrument {
        product_type,
        ..instrument.clone()
    };
    let is_there = OptionFlowGold::silver(lake, &options, date).is_complete()
        || options::gold_partition(lake, &options, date).is_complete();
    is_there
        .then(|| GoldInput::find(lake, &options, date, wanted))
        .transpose()
}

/// Puts rows of gold on the surface.
pub(crate) fn put_gold(
    surface: &mut ForecastSurface,
    batch: &Batch,
    sides: &[Side],
    rows: Range<usize>,
) {
    let rel_ticks = batch.i32("rel_ticks");
    let [pressure_grad, u_near, u_p_slow, omega] =
        ["pressure_grad", "u_near", "u_p_slow", "Omega"].map(|name| batch.f64(name));
    for row in rows {
        let cell = ForecastCell {
            pressure_grad: pressure_grad[row],
            u_near: u_near[row],
            u_p_slow: u_p_slow[row],
            omega: omega[row],
        };
        surface.put(sides[row], rel_ticks[row], cell);
    }
}

/// Adds rows of the options' gold to the surface.
pub(crate) fn add_options(surface: &mut ForecastSurface, batch: &Batch, rows: Range<usize>) {
    let cells = batch.i32("rel_ticks").iter().zip(batch.f64("Omega_opt"));
    for (&rel_ticks, &omega) in cells.skip(rows.start).take(rows.len()) {
        surface.add_option(rel_ticks, omega);
    }
}

/// Rows of gold, of which those of one window follow each other.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    gold: GoldRows<T>,
    batch: Option<Batch>,
    sides: Vec<Side>,
    /// The first row of the batch that has not been taken.
    row: usize,
}

impl<T: Transform> Rows<T> {
    pub(crate) fn new(gold: GoldRows<T>) -> Self {
        Self {
            gold,
            batch: None,
            sides: Vec::new(),
            row: 0,
        }
    }

    /// Returns the reader of the partition that is read.
    fn reader(&self) -> &PartitionReader {
        self.gold.reader()
    }

    /// Returns the end of the window that the next row is of.
    pub(crate) fn next_end(&mut self) -> Result<Option<i64>, PartitionError> {
        loop {
            if let Some(batch) = &self.batch
                && let Some(end) = batch.i64("window_end_ts_ns").get(self.row)
            {
                return Ok(Some(*end));
            }
            let Some(batch) = self.gold.next_batch()? else {
                return Ok(None);
            };
            self.sides.clear();
            if T::GOLD == &GOLD_SURFACE {
                let side = |text: &str| if text == "B" { Side::Bid } else { Side::Ask };
                self.sides.extend(batch.text("side").map(side));
            }
            self.batch = Some(batch);
            self.row = 0;
        }
    }

    /// Passes all rows of a window to `each`, in one stretch or more.
    pub(crate) fn take(
        &mut self,
        end_ts_ns: i64,
        mut each: impl FnMut(&Batch, &[Side], Range<usize>),
    ) -> Result<(), PartitionError> {
        while self.next_end()? == Some(end_ts_ns) {
            let Some(batch) = &self.batch else { break };
            let rest = &batch.i64("window_end_ts_ns")[self.row..];
            let count = rest.iter().take_while(|end| **end == end_ts_ns).count();
            each(batch, &self.sides, self.row..self.row + count);
            self.row += count;
        }
        Ok(())
    }
}
