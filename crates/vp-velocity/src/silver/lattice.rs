//! The prices that get rows: ticks around the spot for futures, buckets for equities.

use vp_market::{Instrument, Price, ProductType, Side, TickSize};

use super::spot::Bests;

/// How far equities reach to each side of the spot, in buckets.
const EQUITY_REACH: u32 = 100;

/// How prices fall into cells, and how many of them silver keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lattice {
    /// The tick, or the width of a bucket.
    step: TickSize,
    /// Steps to each side of the spot.
    reach: u32,
    /// Prices are rounded to the step.
    is_bucketed: bool,
}

/// The cells around one window's spot.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellRange {
    lattice: Lattice,
    /// The cell of the spot.
    spot: i64,
    /// Where each side counts its distance from.
    bests: [i64; 2],
    /// The cells with the lowest and the highest price.
    pub(super) lowest: i64,
    pub(super) highest: i64,
}

impl Lattice {
    /// Returns the lattice of single prices, `reach` ticks to each side of the spot.
    pub const fn of_prices(tick: TickSize, reach: u32) -> Self {
        Self {
            step: tick,
            reach,
            is_bucketed: false,
        }
    }

    /// Returns the lattice of buckets, `reach` of them to each side of the spot.
    pub const fn of_buckets(bucket: TickSize, reach: u32) -> Self {
        Self {
            step: bucket,
            reach,
            is_bucketed: true,
        }
    }

    /// Returns an instrument's lattice.
    pub const fn of(instrument: &Instrument) -> Self {
        let product = &instrument.product;
        match instrument.product_type {
            ProductType::FutureMbo | ProductType::FutureOptionMbo => {
                Self::of_prices(product.tick, product.grid_max_ticks)
            }
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => {
                Self::of_buckets(product.bucket, EQUITY_REACH)
            }
        }
    }

    /// Returns the tick, or the width of a bucket.
    pub const fn step(self) -> TickSize {
        self.step
    }

    /// Returns the cell of a price; cells are ordered as prices are.
    #[inline]
    pub(super) fn cell(self, price: Price) -> i64 {
        if self.is_bucketed {
            self.step.nearest(price)
        } else {
            price.nanos()
        }
    }

    /// Returns the cells around that of the spot.
    pub(super) fn around(self, spot: i64, bests: Bests) -> CellRange {
        let best = |side| bests.of(side).map_or(self.price_of(spot), Price::nanos);
        let cells_a_step = if self.is_bucketed {
            1
        } else {
            self.step.nanos()
        };
        let reach = i128::from(self.reach) * i128::from(cells_a_step);
        CellRange {
            lattice: self,
            spot,
            bests: Side::BOTH.map(best),
            lowest: saturated(i128::from(spot) - reach),
            highest: saturated(i128::from(spot) + reach),
        }
    }

    /// Returns the price of a cell: the greatest one where a bucket's center is beyond all prices,
    /// never the feed's undefined price.
    pub(super) fn price_of(self, cell: i64) -> i64 {
        if self.is_bucketed {
            cell.saturating_mul(self.step.nanos()).min(i64::MAX - 1)
        } else {
            cell
        }
    }
}

impl CellRange {
    /// Returns the cell of a price.
    #[inline]
    pub(super) fn cell(&self, price: Price) -> i64 {
        self.lattice.cell(price)
    }

    /// Returns the price of a cell.
    pub(super) fn price_of(&self, cell: i64) -> i64 {
        self.lattice.price_of(cell)
    }

    /// Returns how many steps a cell lies from the spot.
    pub(super) fn rel_ticks(&self, cell: i64) -> i32 {
        if self.lattice.is_bucketed {
            narrowed(cell.saturating_sub(self.spot))
        } else {
            self.steps(cell, self.spot)
        }
    }

    /// Returns how many steps a price lies from the best of that side.
    pub(super) fn rel_ticks_side(&self, price: i64, side: Side) -> i32 {
        self.steps(price, self.bests[usize::from(side == Side::Ask)])
    }

    /// Returns `(price − from)/step`, halves up.
    fn steps(&self, price: i64, from: i64) -> i32 {
        let step = self.lattice.step;
        let wide = || {
            let distance = i128::from(price) - i128::from(from);
            let step = i128::from(step.nanos());
            saturated((2 * distance + step).div_euclid(2 * step))
        };
        let distance = price.checked_sub(from).and_then(Price::from_nanos);
        narrowed(distance.map_or_else(wide, |distance| step.nearest(distance)))
    }
}

fn narrowed(steps: i64) -> i32 {
    i32::try_from(steps).unwrap_or(if steps < 0 { i32::MIN } else { i32::MAX })
}

fn saturated(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}
