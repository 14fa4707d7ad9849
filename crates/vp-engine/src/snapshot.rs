//! A grid of its own: what a [`Grid`] shows, copied out column by column.

use vp_book::Phase;
use vp_market::Price;

use crate::buckets::Bucket;
use crate::column::Column;
use crate::grid::Grid;

/// An owned copy of a grid, to keep or to send. Filling one again allocates nothing.
///
/// # Shape
/// Each column has 2K+1 values, k = −K … +K.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GridSnapshot {
    /// Time of the last event, in nanoseconds since the Unix epoch, UTC.
    pub ts_ns: u64,
    /// Number of the last event.
    pub event_id: u64,
    /// Price of row 0 in units of 1e-9, 0 before the first spot.
    pub spot_ref_price_int: i64,
    /// Best bid in units of 1e-9, 0 where there is none.
    pub best_bid_price_int: i64,
    /// Best ask in units of 1e-9, 0 where there is none.
    pub best_ask_price_int: i64,
    /// Mid in currency units, if both sides are present.
    pub mid_price: Option<f64>,
    /// Whether the book is what the venue's is.
    pub book_valid: bool,
    ks: Vec<i32>,
    /// One column after the other, in the order of [`Column::ALL`].
    values: Vec<f64>,
    last_event_ids: Vec<i64>,
}

impl GridSnapshot {
    /// Copies a grid as it is.
    pub fn of(grid: Grid<'_>) -> Self {
        let mut snapshot = Self::empty(grid);
        snapshot.fill(grid);
        snapshot
    }

    /// Copies a grid as it would be at `ts_ns`, had nothing happened since its last event.
    pub fn decayed(grid: Grid<'_>, ts_ns: u64) -> Self {
        let mut snapshot = Self::empty(grid);
        snapshot.fill_decayed(grid, ts_ns);
        snapshot
    }

    fn empty(grid: Grid<'_>) -> Self {
        Self {
            ts_ns: 0,
            event_id: 0,
            spot_ref_price_int: 0,
            best_bid_price_int: 0,
            best_ask_price_int: 0,
            mid_price: None,
            book_valid: false,
            ks: grid.rows().collect(),
            values: Vec::new(),
            last_event_ids: Vec::new(),
        }
    }

    /// Takes a grid as it is in place of what was held.
    pub fn fill(&mut self, grid: Grid<'_>) {
        self.fill_from(grid, |k| grid.bucket(k));
    }

    /// Takes a grid as it would be at `ts_ns` in place of what was held.
    pub fn fill_decayed(&mut self, grid: Grid<'_>, ts_ns: u64) {
        self.fill_from(grid, |k| grid.bucket_at(k, ts_ns));
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

    fn fill_from(&mut self, grid: Grid<'_>, bucket: impl Fn(i32) -> Option<Bucket>) {
        let nanos = |price: Option<Price>| price.map_or(0, Price::nanos);
        self.ts_ns = grid.ts_ns();
        self.event_id = grid.event_id();
        self.spot_ref_price_int = grid.spot_price_nanos();
        self.best_bid_price_int = nanos(grid.best_bid());
        self.best_ask_price_int = nanos(grid.best_ask());
        self.mid_price = grid.mid_price();
        self.book_valid = grid.phase() == Phase::Live;
        self.ks.clear();
        self.ks.extend(grid.rows());
        let rows = self.ks.len();
        self.values.resize(rows * Column::ALL.len(), 0.0);
        self.last_event_ids.clear();
        for (row, bucket) in grid.rows().filter_map(bucket).enumerate() {
            for column in Column::ALL {
                self.values[column as usize * rows + row] = column.of(&bucket);
            }
            self.last_event_ids
                .push(i64::try_from(bucket.last_event_id).unwrap_or(i64::MAX));
        }
    }
}
