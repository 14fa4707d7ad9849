//! Depth and flow by strike, right and side: the dense surface of one window.

use vp_market::{Price, Right, Side};

use super::flows::SideSums;
use super::strikes::StrikeGrid;

/// Depth and flow of a window by strike: the columns of the options' `depth_and_flow_1s` that
/// differ from row to row.
///
/// # Shape
/// Four rows for each strike of the grid, strikes rising, calls before puts, asks before bids;
/// empty without a spot.
///
/// # Units
/// Prices are 1e-9 of the currency unit, quantities contracts, distances ticks or buckets.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the table's columns")]
pub struct StrikeFlow {
    pub strike_price_int: Vec<i64>,
    pub right: Vec<Right>,
    pub side: Vec<Side>,
    pub rel_ticks: Vec<i32>,
    pub sums: Vec<SideSums>,
}

/// The rows of one strike: rights and sides in the order of the table.
pub(super) const ROWS: [(Right, Side); 4] = [
    (Right::Call, Side::Ask),
    (Right::Call, Side::Bid),
    (Right::Put, Side::Ask),
    (Right::Put, Side::Bid),
];

impl StrikeFlow {
    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Returns whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// Returns whether start, flow and end of a row agree: `accounting_identity_valid`.
    pub fn is_balanced(&self, row: usize) -> bool {
        self.sums[row].is_balanced()
    }

    /// Removes every row and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.strike_price_int.clear();
        self.right.clear();
        self.side.clear();
        self.rel_ticks.clear();
        self.sums.clear();
    }

    /// Makes it the surface around a spot, without depth or flow; without any row for `None`.
    pub(super) fn reset(&mut self, grid: StrikeGrid, spot: Option<Price>) {
        self.clear();
        let Some(spot) = spot else { return };
        let lowest = grid.nearest(spot) - i64::from(grid.max_offsets);
        for number in (lowest..).take(grid.strike_count()) {
            let strike = grid.strike(number);
            for (right, side) in ROWS {
                self.strike_price_int.push(strike);
                self.right.push(right);
                self.side.push(side);
                self.rel_ticks.push(grid.rel_ticks(strike, spot));
                self.sums.push(SideSums::default());
            }
        }
    }

    /// Adds an instrument's sums, bids then asks, at the place of its strike counted from the
    /// lowest.
    pub(super) fn add(&mut self, place: usize, right: Right, sides: &[SideSums; 2]) {
        let rows = self.sums[place * ROWS.len()..].iter_mut().zip(ROWS);
        for (sums, (_, side)) in rows.take(ROWS.len()).filter(|(_, (of, _))| *of == right) {
            sums.add(&sides[usize::from(side == Side::Ask)]);
        }
    }
}
