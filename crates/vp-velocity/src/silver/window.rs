//! One second of silver, in columns.

use vp_book::Book;
use vp_market::{Price, Side};

/// The book at the end of a window: one row of `book_snapshot_1s`.
///
/// # Units
/// `_int` fields are 1e-9 of the currency unit, times nanoseconds since the epoch, quantities
/// contracts or shares. A price of 0 is a price.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the table's columns")]
pub struct BookSnapshot {
    pub window_start_ts_ns: i64,
    pub window_end_ts_ns: i64,
    pub best_bid_price_int: Option<i64>,
    pub best_bid_qty: i64,
    pub best_ask_price_int: Option<i64>,
    pub best_ask_qty: i64,
    pub mid_price: Option<f64>,
    pub mid_price_int: Option<i64>,
    pub last_trade_price_int: Option<i64>,
    pub spot_ref_price_int: Option<i64>,
    pub book_valid: bool,
}

impl BookSnapshot {
    /// Returns the fields that follow from the book; the caller sets times, spot and validity.
    pub(super) fn of(book: &Book, last_trade: Option<Price>) -> Self {
        let bbo = book.bbo();
        let depth = |side, price: Option<Price>| price.map_or(0, |price| book.depth(side, price));
        let sum = bbo
            .both()
            .map(|(bid, ask)| i128::from(bid.nanos()) + i128::from(ask.nanos()));
        let halved = |sum: i128| i64::try_from(sum.div_euclid(2)).expect("a mean lies between");
        Self {
            best_bid_price_int: bbo.bid.map(Price::nanos),
            best_bid_qty: saturated(depth(Side::Bid, bbo.bid)),
            best_ask_price_int: bbo.ask.map(Price::nanos),
            best_ask_qty: saturated(depth(Side::Ask, bbo.ask)),
            mid_price: sum.map(halved_in_currency),
            mid_price_int: sum.map(halved),
            last_trade_price_int: last_trade.map(Price::nanos),
            ..Self::default()
        }
    }
}

/// Depth and flow of a window: its rows of `depth_and_flow_1s`, in columns; what all of them share
/// stands there once.
///
/// # Shape
/// All vectors have one length; bids before asks, each by rising price.
///
/// # Units
/// Prices are 1e-9 of the currency unit, quantities contracts or shares, distances ticks or
/// buckets.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the table's columns")]
pub struct DepthAndFlow {
    pub window_start_ts_ns: i64,
    pub window_end_ts_ns: i64,
    /// The price that its rows count from; without one there are no rows.
    pub spot_ref_price_int: Option<i64>,
    /// The book is what the venue's was, and was not rebuilt in this window.
    pub window_valid: bool,
    /// How many of the rows are bids.
    pub bid_count: usize,
    pub price_int: Vec<i64>,
    pub rel_ticks: Vec<i32>,
    pub rel_ticks_side: Vec<i32>,
    pub depth_qty_start: Vec<f64>,
    pub depth_qty_end: Vec<f64>,
    pub add_qty: Vec<f64>,
    pub pull_qty: Vec<f64>,
    pub depth_qty_rest: Vec<f64>,
    pub pull_qty_rest: Vec<f64>,
    pub fill_qty: Vec<f64>,
}

impl DepthAndFlow {
    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.price_int.len()
    }

    /// Returns whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.price_int.is_empty()
    }

    /// Returns the rows of one side.
    pub fn rows_of(&self, side: Side) -> std::ops::Range<usize> {
        match side {
            Side::Bid => 0..self.bid_count,
            Side::Ask => self.bid_count..self.len(),
        }
    }

    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        self.bid_count = 0;
        self.price_int.clear();
        self.rel_ticks.clear();
        self.rel_ticks_side.clear();
        for column in [
            &mut self.depth_qty_start,
            &mut self.depth_qty_end,
            &mut self.add_qty,
            &mut self.pull_qty,
            &mut self.depth_qty_rest,
            &mut self.pull_qty_rest,
            &mut self.fill_qty,
        ] {
            column.clear();
        }
    }
}

/// One second of silver.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SilverWindow {
    /// The book at its end.
    pub snapshot: BookSnapshot,
    /// The cells around the spot.
    pub rows: DepthAndFlow,
}

fn saturated(depth: u64) -> i64 {
    i64::try_from(depth).unwrap_or(i64::MAX)
}

/// Returns half of a sum of prices in currency units; only for display.
#[expect(
    clippy::cast_precision_loss,
    reason = "a mid for display: nothing is computed from it"
)]
fn halved_in_currency(nanos: i128) -> f64 {
    nanos as f64 / 2e9
}
