//! Gold of a date as the forecast reads it: that of the future or equity, joined with that of its
//! options where there is any.

use std::ops::Range;

use vp_lake::Lake;
use vp_lake::tables::{Batch, Input, Partition, PartitionError, PartitionReader, Table};
use vp_market::{Instrument, Price, SessionDate, Side, TickSize};

use super::surface::{ForecastCell, ForecastSurface};
use crate::silver::Lattice;
use crate::stage::{Advance, StageError, check_same_version, open_input};
use crate::tables::{GOLD_OPTION_SURFACE, GOLD_SURFACE};
use crate::{gold, options};

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
    gold: Rows,
    options: Option<Rows>,
    surface: ForecastSurface,
}

impl SurfaceReader {
    /// Opens the gold of a contract or ticker on a date, and that of its options if it is complete.
    ///
    /// # Errors
    /// [`StageError::MissingInput`] if there is no gold, [`StageError::MixedSchemas`] if that of the
    /// options has another schema version, [`StageError::Partition`] if a partition cannot be read.
    pub fn open(
        lake: &Lake,
        instrument: &Instrument,
        date: SessionDate,
    ) -> Result<Self, StageError> {
        let partition = gold::partition(lake, instrument, date);
        let reader = open_input(&partition, &GOLD_SURFACE, &WANTED, &instrument.root)?;
        let options = match options_partition(lake, instrument, date) {
            Some(options) => {
                let opened = options.open(&GOLD_OPTION_SURFACE, &OPTIONS_WANTED)?;
                let read = [
                    (&partition, reader.manifest()),
                    (&options, opened.manifest()),
                ];
                check_same_version(&read)?;
                Some(Rows::new(opened, &GOLD_OPTION_SURFACE))
            }
            None => None,
        };
        Ok(Self {
            gold: Rows::new(reader, &GOLD_SURFACE),
            options,
            surface: ForecastSurface::default(),
        })
    }

    /// Returns the partitions that are read.
    pub fn inputs(&self) -> Vec<Input> {
        let both = [Some(&self.gold), self.options.as_ref()];
        both.into_iter()
            .flatten()
            .map(|rows| rows.reader.as_input())
            .collect()
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

    /// Returns how many rows of gold have been read, and how many there are.
    pub fn progress(&self) -> Advance {
        Advance {
            done: self.gold.reader.rows_read(),
            total: self.gold.reader.manifest().row_count,
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
            // Gold has no row without a spot; one whose spot is no price says nothing.
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

/// Returns the gold of an instrument's options on a date, if it is complete.
pub(crate) fn options_partition(
    lake: &Lake,
    instrument: &Instrument,
    date: SessionDate,
) -> Option<Partition> {
    let options = Instrument {
        product_type: instrument.product_type.options()?,
        ..instrument.clone()
    };
    let partition = options::gold_partition(lake, &options, date);
    partition.is_complete().then_some(partition)
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

/// The rows of a partition, of which those of one window follow each other.
#[derive(Debug)]
pub(crate) struct Rows {
    reader: PartitionReader,
    has_sides: bool,
    batch: Option<Batch>,
    sides: Vec<Side>,
    /// The first row of the batch that has not been taken.
    row: usize,
}

impl Rows {
    pub(crate) fn new(reader: PartitionReader, table: &Table) -> Self {
        Self {
            reader,
            has_sides: table == &GOLD_SURFACE,
            batch: None,
            sides: Vec::new(),
            row: 0,
        }
    }

    /// Returns the end of the window that the next row is of.
    pub(crate) fn next_end(&mut self) -> Result<Option<i64>, PartitionError> {
        loop {
            if let Some(batch) = &self.batch
                && let Some(end) = batch.i64("window_end_ts_ns").get(self.row)
            {
                return Ok(Some(*end));
            }
            let Some(batch) = self.reader.next_batch()? else {
                return Ok(None);
            };
            self.sides.clear();
            if self.has_sides {
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
