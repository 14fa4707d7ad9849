//! A grid of its own: what a [`Grid`] shows, copied out column by column.

use std::ops::Range;

use vp_book::Phase;
use vp_market::Price;

use crate::column::Column;
use crate::follower::{Follower, GridCopy};
use crate::grid::Grid;

/// An owned copy of a grid, to keep or to send.
///
/// Filling one again allocates nothing, and from the same engine copies only what has changed.
///
/// # Shape
/// Each column has 2K+1 values, k = −K … +K.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GridSnapshot {
    /// Time of the last event, in nanoseconds since the Unix epoch, UTC, if there was one.
    pub ts_ns: Option<u64>,
    /// How many events there were: the number of the last one.
    pub event_id: u64,
    /// Price of row 0 in units of 1e-9, from the first spot on.
    pub spot_ref_price_int: Option<i64>,
    /// Best bid in units of 1e-9, where there is one.
    pub best_bid_price_int: Option<i64>,
    /// Best ask in units of 1e-9, where there is one.
    pub best_ask_price_int: Option<i64>,
    /// Mid in currency units, if both sides are present.
    pub mid_price: Option<f64>,
    /// Whether the book is what the venue's is.
    pub book_valid: bool,
    ks: Vec<i32>,
    /// One column after the other, in the order of [`Column::ALL`].
    values: Vec<f64>,
    last_event_ids: Vec<i64>,
    #[cfg_attr(feature = "serde", serde(skip))]
    follower: Follower,
}

impl GridSnapshot {
    /// Copies a grid as it is.
    pub fn of(grid: Grid<'_>) -> Self {
        let mut snapshot = Self::empty();
        snapshot.fill(grid);
        snapshot
    }

    /// Copies a grid as it would be at `ts_ns`, had nothing happened since its last event.
    pub fn decayed(grid: Grid<'_>, ts_ns: u64) -> Self {
        let mut snapshot = Self::empty();
        snapshot.fill_decayed(grid, ts_ns);
        snapshot
    }

    fn empty() -> Self {
        Self {
            ts_ns: None,
            event_id: 0,
            spot_ref_price_int: None,
            best_bid_price_int: None,
            best_ask_price_int: None,
            mid_price: None,
            book_valid: false,
            ks: Vec::new(),
            values: Vec::new(),
            last_event_ids: Vec::new(),
            follower: Follower::new(),
        }
    }

    /// Takes a grid as it is in place of what was held.
    pub fn fill(&mut self, grid: Grid<'_>) {
        let (follower, mut columns) = self.split();
        follower.follow(grid, &mut columns);
        self.set_scalars(grid);
    }

    /// Takes a grid as it would be at `ts_ns` in place of what was held.
    pub fn fill_decayed(&mut self, grid: Grid<'_>, ts_ns: u64) {
        let (follower, mut columns) = self.split();
        follower.follow_decayed(grid, ts_ns, &mut columns);
        self.set_scalars(grid);
    }

    /// Returns how many rows there are, 2K+1.
    pub fn rows(&self) -> usize {
        self.ks.len()
    }

    /// Returns the row numbers, −K … +K.
    pub fn ks(&self) -> &[i32] {
        &self.ks
    }

    /// Returns one column.
    pub fn column(&self, column: Column) -> &[f64] {
        let rows = self.rows();
        &self.values[column as usize * rows..][..rows]
    }

    /// Returns the event that last touched each row, 0 where none did.
    pub fn last_event_ids(&self) -> &[i64] {
        &self.last_event_ids
    }

    fn split(&mut self) -> (&mut Follower, Columns<'_>) {
        let columns = Columns {
            ks: &mut self.ks,
            values: &mut self.values,
            last_event_ids: &mut self.last_event_ids,
        };
        (&mut self.follower, columns)
    }

    fn set_scalars(&mut self, grid: Grid<'_>) {
        let nanos = |price: Option<Price>| price.map(Price::nanos);
        self.ts_ns = grid.ts_ns();
        self.event_id = grid.event_id();
        self.spot_ref_price_int = nanos(grid.spot_price());
        self.best_bid_price_int = nanos(grid.best_bid());
        self.best_ask_price_int = nanos(grid.best_ask());
        self.mid_price = grid.mid_price();
        self.book_valid = grid.phase() == Phase::Live;
    }
}

impl PartialEq for GridSnapshot {
    /// Snapshots are equal by what they show, whatever they follow.
    fn eq(&self, other: &Self) -> bool {
        fn shown(it: &GridSnapshot) -> impl PartialEq {
            (
                (it.ts_ns, it.event_id, it.spot_ref_price_int),
                (it.best_bid_price_int, it.best_ask_price_int),
                (it.mid_price, it.book_valid),
                (&it.ks, &it.values, &it.last_event_ids),
            )
        }
        shown(self) == shown(other)
    }
}

/// The rows of a snapshot, column by column.
struct Columns<'a> {
    ks: &'a mut Vec<i32>,
    values: &'a mut Vec<f64>,
    last_event_ids: &'a mut Vec<i64>,
}

impl GridCopy for Columns<'_> {
    fn resize(&mut self, half_width: u32) {
        let half = i32::try_from(half_width).expect("a grid's rows are i32");
        self.ks.clear();
        self.ks.extend(-half..=half);
        self.values.resize(self.ks.len() * Column::ALL.len(), 0.0);
        self.last_event_ids.resize(self.ks.len(), 0);
    }

    fn move_rows(&mut self, from: Range<usize>, to: usize) {
        for column in self.values.chunks_exact_mut(self.ks.len()) {
            column.copy_within(from.clone(), to);
        }
        self.last_event_ids.copy_within(from, to);
    }

    #[inline]
    fn set_row(&mut self, row: usize, values: &[f64; Column::ALL.len()], last_event_id: i64) {
        let rows = self.ks.len();
        let mut place = row;
        for value in values {
            self.values[place] = *value;
            place += rows;
        }
        self.last_event_ids[row] = last_event_id;
    }
}
