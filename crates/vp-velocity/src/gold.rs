//! Gold: how liquidity moves at each distance from the spot, second by second.
//!
//! [`Gold`] takes windows of silver in the order of time and yields a dense surface for each. It
//! holds the averages of every cell and one window; it knows no files and no prices.

mod cells;
#[cfg(feature = "lake")]
mod columns;
#[cfg(feature = "lake")]
mod flow;
#[cfg(feature = "lake")]
mod partition;
#[cfg(feature = "lake")]
mod reader;
mod surface;

#[cfg(feature = "lake")]
pub use partition::{build, partition};
#[cfg(feature = "lake")]
pub use reader::GoldReader;
pub use surface::{Field, GoldWindow, Surface};

use vp_market::{Instrument, ProductType, Side};

#[cfg(feature = "lake")]
pub(crate) use flow::FlowGold;

pub(crate) use cells::{Cells, Memory};
pub(crate) use surface::Smoothing;

use crate::silver::DepthAndFlow;
use crate::smoothing::Gaussian;

/// How far the axis of equities reaches, in buckets.
const EQUITY_HALF_WIDTH: u32 = 200;

/// The transform from silver to gold.
#[derive(Clone, Debug)]
pub struct Gold {
    smoothing: Smoothing,
    /// Bids and asks.
    cells: [Cells; 2],
    window: GoldWindow,
}

impl Gold {
    /// Returns the transform before the first window, on an axis of `2 * half_width + 1` cells.
    pub fn new(half_width: u32) -> Self {
        Self {
            smoothing: Smoothing {
                near: Gaussian::new(6.0, 16),
                far: Gaussian::new(24.0, 64),
                margin: 0,
                spacing: 1.0,
            },
            cells: [Cells::new(half_width), Cells::new(half_width)],
            window: GoldWindow::new(half_width),
        }
    }

    /// Returns the half width of an instrument's axis, in ticks or buckets.
    pub const fn half_width_of(instrument: &Instrument) -> u32 {
        match instrument.product_type {
            ProductType::FutureMbo | ProductType::FutureOptionMbo => {
                instrument.product.grid_max_ticks
            }
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => EQUITY_HALF_WIDTH,
        }
    }

    /// Takes a window in and returns its surface, if it has any row.
    ///
    /// Rows beyond the axis are dropped. Windows come in the order of time.
    pub fn apply(&mut self, silver: &DepthAndFlow) -> Option<&GoldWindow> {
        let spot_ref = silver.spot_ref_price_int?;
        if silver.is_empty() {
            return None;
        }
        self.window.window_end_ts_ns = silver.window_end_ts_ns;
        self.window.spot_ref_price_int = spot_ref;
        for (side, cells) in Side::BOTH.into_iter().zip(&mut self.cells) {
            let surface = self.window.surface_mut(side);
            surface.clear();
            cells.advance(side, silver, surface);
            if !surface.is_empty() {
                surface.smooth(&self.smoothing);
            }
        }
        let has_rows = Side::BOTH
            .iter()
            .any(|&side| self.window.surface(side).is_some());
        has_rows.then_some(&self.window)
    }
}
