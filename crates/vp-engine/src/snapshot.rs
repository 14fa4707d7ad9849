//! A grid of its own: what a [`Grid`] shows, copied out column by column.

use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::ops::Range;

use vp_book::Phase;
use vp_market::Price;

use crate::column::Column;
use crate::follower::{Follower, GridCopy, Row};
use crate::grid::Grid;

/// An owned copy of a grid, to keep or to send.
///
/// Filling one again allocates nothing, and from the same engine copies only what has changed.
///
/// # Shape
/// Each column has 2K+1 values, k = −K … +K.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GridSnapshot {
    /// Time of the last event, in nanoseconds since the Unix epoch, UTC, if there was one.
    pub ts_ns: Option<u64>,
    /// How many events there were.
    pub events: u64,
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
    rows: Follower<Rows>,
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
            events: 0,
            spot_ref_price_int: None,
            best_bid_price_int: None,
            best_ask_price_int: None,
            mid_price: None,
            book_valid: false,
            rows: Follower::new(Rows::default()),
        }
    }

    /// Takes a grid as it is in place of what was held.
    pub fn fill(&mut self, grid: Grid<'_>) {
        self.rows.follow(grid);
        self.set_scalars(grid);
    }

    /// Takes a grid as it would be at `ts_ns` in place of what was held.
    pub fn fill_decayed(&mut self, grid: Grid<'_>, ts_ns: u64) {
        self.rows.follow_decayed(grid, ts_ns);
        self.set_scalars(grid);
    }

    /// Returns how many rows there are, 2K+1.
    pub fn rows(&self) -> usize {
        self.ks().len()
    }

    /// Returns the row numbers, −K … +K.
    pub fn ks(&self) -> &[i32] {
        &self.rows.copy().ks
    }

    /// Returns one column.
    pub fn column(&self, column: Column) -> &[f64] {
        let rows = self.rows();
        &self.rows.copy().values[column.index() * rows..][..rows]
    }

    /// Returns the number of the last event that touched each row, where one did.
    pub fn last_event_ids(&self) -> &[Option<NonZeroU64>] {
        &self.rows.copy().last_event_ids
    }

    fn set_scalars(&mut self, grid: Grid<'_>) {
        let nanos = |price: Option<Price>| price.map(Price::nanos);
        self.ts_ns = grid.ts_ns();
        self.events = grid.events();
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
                (it.ts_ns, it.events, it.spot_ref_price_int),
                (it.best_bid_price_int, it.best_ask_price_int),
                (it.mid_price, it.book_valid),
                it.rows.copy(),
            )
        }
        shown(self) == shown(other)
    }
}

/// The rows of a snapshot, column by column.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rows {
    ks: Vec<i32>,
    /// One column after the other, in the order of [`Column::ALL`].
    values: Vec<f64>,
    last_event_ids: Vec<Option<NonZeroU64>>,
}

impl GridCopy for Rows {
    fn resize(&mut self, half_width: u32) {
        let half = i32::try_from(half_width).expect("a grid's rows are i32");
        self.ks.clear();
        self.ks.extend(-half..=half);
        self.values.resize(self.ks.len() * Column::ALL.len(), 0.0);
        self.last_event_ids.resize(self.ks.len(), None);
    }

    fn move_rows(&mut self, from: Range<usize>, to: usize) {
        for column in self.values.chunks_exact_mut(self.ks.len()) {
            column.copy_within(from.clone(), to);
        }
        self.last_event_ids.copy_within(from, to);
    }

    #[inline]
    fn set_row(&mut self, place: usize, row: &Row) {
        let rows = self.ks.len();
        let mut at = place;
        for value in row.values {
            self.values[at] = value;
            at += rows;
        }
        self.last_event_ids[place] = row.last_event_id;
    }
}

/// One map: the scalars by their names, `k`, the columns by their names, `last_event_id`.
#[cfg(feature = "serde")]
impl serde::Serialize for GridSnapshot {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(Some(9 + Column::ALL.len()))?;
        map.serialize_entry("ts_ns", &self.ts_ns)?;
        map.serialize_entry("events", &self.events)?;
        map.serialize_entry("spot_ref_price_int", &self.spot_ref_price_int)?;
        map.serialize_entry("best_bid_price_int", &self.best_bid_price_int)?;
        map.serialize_entry("best_ask_price_int", &self.best_ask_price_int)?;
        map.serialize_entry("mid_price", &self.mid_price)?;
        map.serialize_entry("book_valid", &self.book_valid)?;
        map.serialize_entry("k", self.ks())?;
        for column in Column::ALL {
            map.serialize_entry(column.name(), self.column(column))?;
        }
        map.serialize_entry("last_event_id", self.last_event_ids())?;
        map.end()
    }
}
