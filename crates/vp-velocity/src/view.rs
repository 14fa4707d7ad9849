//! A date as a viewer sees it: the book of every window, and the gold of any one of them at once.
//!
//! Windows can be asked for in any order: going on is a matter of reading on, going elsewhere one of
//! reading a row group. How a window is sent is not known here.

mod columns;
mod cursor;
mod states;

use std::sync::Arc;

use vp_lake::Lake;
use vp_lake::tables::{HeldPartition, Manifest, Partition, PartitionError};
use vp_market::{Instrument, Price, SessionDate};

pub use columns::{STRIKE_FIELDS, StrikeColumns, VELOCITY_FIELDS, VelocityColumns};

use crate::forecast::{ForecastSurface, add_options, options_input, put_gold};
use crate::gold::FlowGold;
use crate::gold_input::GoldInput;
use crate::options::OptionFlowGold;
use crate::silver;
use crate::stage::{StageError, check_same_version, open_input};
use crate::tables::{SILVER_BOOK, prices};
use cursor::Cursor;
use states::Registry;

/// What the viewers of a lake share: the states of gold that is computed, of every date that is being
/// viewed.
#[derive(Clone, Debug, Default)]
pub struct Views(Arc<SharedViews>);

#[derive(Debug, Default)]
struct SharedViews {
    gold: Registry<FlowGold>,
    options: Registry<OptionFlowGold>,
}

/// The book at the end of a window, as silver has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snap {
    /// When the window ended, nanoseconds since the epoch.
    pub end_ts_ns: i64,
    /// The mid in currency units, unless a side is missing.
    pub mid_price: Option<f64>,
    /// The price that distances count from, in 1e-9.
    pub spot_ref_price_int: Option<i64>,
    /// Whether the book is what the venue's is.
    pub book_valid: bool,
}

impl Views {
    /// Opens a date: the book of every window, in order, and the gold of each, out of silver or from
    /// partitions of gold. All have one schema version.
    ///
    /// # Errors
    /// [`StageError::MissingInput`] if there is no silver, [`StageError::MixedSchemas`] if what is read
    /// has different schema versions, [`StageError::Partition`] if a partition cannot be read.
    pub fn open(
        &self,
        lake: &Lake,
        instrument: &Instrument,
        date: SessionDate,
    ) -> Result<(Vec<Snap>, GoldViewer), StageError> {
        let partition = silver::partition(lake, instrument, &SILVER_BOOK, date);
        let (snaps, manifest) = snaps(&partition, instrument)?;
        let gold = GoldInput::<FlowGold>::find(lake, instrument, date, &columns::GOLD_WANTED)?;
        let options = options_input(lake, instrument, date, &columns::OPTIONS_WANTED)?;
        let mut read = vec![(&partition, &manifest), gold.read()];
        read.extend(options.as_ref().map(GoldInput::read));
        check_same_version(&read)?;
        let options = options.map(|options| {
            let held = options.hold()?;
            Ok::<_, StageError>(Cursor::new(held, &self.0.options))
        });
        let viewer = GoldViewer {
            gold: Cursor::new(gold.hold()?, &self.0.gold),
            options: options.transpose()?,
            velocity: VelocityColumns::default(),
            strikes: StrikeColumns::default(),
            surface: ForecastSurface::default(),
        };
        Ok((snaps, viewer))
    }
}

/// Reads the book of every window of a date.
fn snaps(
    partition: &Partition,
    instrument: &Instrument,
) -> Result<(Vec<Snap>, Manifest), StageError> {
    let wanted = [
        "window_end_ts_ns",
        "mid_price",
        "spot_ref_price_int",
        "book_valid",
    ];
    let mut reader = open_input(partition, &SILVER_BOOK, &wanted, &instrument.root)?;
    let version = reader.manifest().schema_version;
    let mut snaps = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        let ends = batch.i64("window_end_ts_ns").iter();
        let spots = prices(&batch, version, "spot_ref_price_int");
        // In version 1 a mid of 0 means that a side is missing.
        let is_mid = |mid: &f64| version > 1 || mid.abs() > 0.0;
        let mids = batch.option_f64("mid_price").map(|mid| mid.filter(is_mid));
        let rows = ends.zip(spots).zip(mids).zip(batch.bool("book_valid"));
        snaps.extend(rows.map(|(((end, spot), mid), book_valid)| Snap {
            end_ts_ns: *end,
            mid_price: mid,
            spot_ref_price_int: spot,
            book_valid,
        }));
    }
    Ok((snaps, reader.manifest().clone()))
}

/// The gold of a window, and of its options.
#[derive(Clone, Copy, Debug)]
pub struct GoldView<'a> {
    /// The price that its axis is counted from.
    pub spot: Price,
    /// That of the window before that has gold, if there is one.
    pub previous_spot: Option<Price>,
    /// Its rows.
    pub velocity: &'a VelocityColumns,
    /// Those of its options by strike; none without options.
    pub options: &'a StrikeColumns,
    /// What the forecast reads of both.
    pub surface: &'a ForecastSurface,
}

/// The gold of a date, held open.
///
/// Memory does not grow with the date: some thousand rows are held, and one window.
#[derive(Debug)]
pub struct GoldViewer {
    gold: Cursor<FlowGold>,
    options: Option<Cursor<OptionFlowGold>>,
    velocity: VelocityColumns,
    strikes: StrikeColumns,
    surface: ForecastSurface,
}

impl GoldViewer {
    /// Returns the partitions that are read, to verify them beside the reading.
    pub fn partitions(&self) -> Vec<Arc<HeldPartition>> {
        let options = self.options.iter().map(Cursor::partition);
        std::iter::once(self.gold.partition())
            .chain(options)
            .collect()
    }

    /// Returns whether there is gold of options.
    pub fn has_options(&self) -> bool {
        self.options.is_some()
    }

    /// Returns how many values were mended that no gold holds.
    pub fn mended(&self) -> u64 {
        self.surface.mended()
    }

    /// Returns the gold of the window that ended then, or `None` for one without gold.
    ///
    /// # Errors
    /// [`StageError::Partition`] where a partition is broken.
    pub fn window(&mut self, end_ts_ns: i64) -> Result<Option<GoldView<'_>>, StageError> {
        let Some((spot, previous_spot)) = self.take_gold(end_ts_ns)? else {
            return Ok(None);
        };
        self.take_options(end_ts_ns)?;
        Ok(Some(GoldView {
            spot,
            previous_spot,
            velocity: &self.velocity,
            options: &self.strikes,
            surface: &self.surface,
        }))
    }

    fn take_gold(
        &mut self,
        end_ts_ns: i64,
    ) -> Result<Option<(Price, Option<Price>)>, PartitionError> {
        let Self {
            velocity, surface, ..
        } = self;
        velocity.clear();
        surface.clear();
        let mut spot_int = None;
        let previous_spot = self.gold.take(end_ts_ns, |batch, sides, rows| {
            spot_int = Some(batch.i64("spot_ref_price_int")[rows.start]);
            velocity.extend(batch, sides, rows.clone());
            put_gold(surface, batch, sides, rows);
        })?;
        // Gold has no row without a spot; a window whose spot is not a price is skipped.
        let spot = spot_int.and_then(Price::from_nanos);
        Ok(spot.map(|spot| (spot, previous_spot)))
    }

    fn take_options(&mut self, end_ts_ns: i64) -> Result<(), PartitionError> {
        let Self {
            strikes, surface, ..
        } = self;
        strikes.clear();
        if let Some(options) = &mut self.options {
            options.take(end_ts_ns, |batch, _, rows| {
                strikes.extend(batch, rows.clone());
                add_options(surface, batch, rows);
            })?;
        }
        Ok(())
    }
}
