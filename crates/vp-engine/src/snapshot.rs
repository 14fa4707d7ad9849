//! A grid of its own: what a [`Grid`] shows, copied out column by column.

use vp_book::Phase;
use vp_market::Price;

use crate::buckets::{Bucket, count};
use crate::column::Column;
use crate::grid::Grid;
use crate::lineage::Mark;

/// An owned copy of a grid, to keep or to send.
///
/// Filling one again allocates nothing, and from the same engine copies only what has changed.
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
    #[cfg_attr(feature = "serde", serde(skip))]
    origin: Origin,
}

/// Where a snapshot's values come from.
#[derive(Clone, Debug, Default)]
struct Origin {
    /// The state that is shown as it is; `None` if a decayed one is.
    mark: Option<Mark>,
    /// The frame stands where it stood, and only these rows have changed.
    is_patched: bool,
    changed: Vec<usize>,
}

impl PartialEq for Origin {
    /// Snapshots are equal by what they show, wherever it came from.
    fn eq(&self, _: &Self) -> bool {
        true
    }
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
            origin: Origin::default(),
        }
    }

    /// Takes a grid as it is in place of what was held.
    pub fn fill(&mut self, grid: Grid<'_>) {
        let mark = grid.mark();
        let held = self.origin.mark.replace(mark);
        let shift = held.and_then(|held| Some((held.event_id, held.shift_to(&mark)?)));
        self.origin.changed.clear();
        self.origin.is_patched = matches!(shift, Some((_, 0)));
        match shift {
            Some((event_id, shift)) => {
                self.shift_rows(shift);
                grid.each_changed_since(event_id, |row, bucket| {
                    self.set_row(row, bucket);
                    self.origin.changed.push(row);
                });
                self.set_scalars(grid);
            }
            None => self.fill_from(grid, |k| grid.bucket(k)),
        }
    }

    /// Moves every row to where its bucket is once the frame has moved `up` rows; what stands in
    /// the rows that come in has no meaning yet.
    #[inline]
    fn shift_rows(&mut self, up: i64) {
        if up == 0 {
            return;
        }
        let rows = self.rows();
        let distance = usize::try_from(up.unsigned_abs()).unwrap_or(usize::MAX);
        let Some(kept) = rows.checked_sub(distance) else {
            return;
        };
        let (from, to) = if up > 0 { (distance, 0) } else { (0, distance) };
        for column in self.values.chunks_exact_mut(rows) {
            column.copy_within(from..from + kept, to);
        }
        self.last_event_ids.copy_within(from..from + kept, to);
    }

    /// Takes a grid as it would be at `ts_ns` in place of what was held.
    pub fn fill_decayed(&mut self, grid: Grid<'_>, ts_ns: u64) {
        self.origin = Origin::default();
        self.fill_from(grid, |k| grid.bucket_at(k, ts_ns));
    }

    /// Returns the rows that the last filling changed, counted from the lowest price up; `None`
    /// if it may have changed any.
    pub fn changed_rows(&self) -> Option<&[usize]> {
        let Origin {
            is_patched,
            changed,
            ..
        } = &self.origin;
        is_patched.then_some(changed)
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
        self.ks.clear();
        self.ks.extend(grid.rows());
        self.values.resize(self.ks.len() * COLUMNS, 0.0);
        self.last_event_ids.resize(self.ks.len(), 0);
        for (row, bucket) in grid.rows().filter_map(bucket).enumerate() {
            self.set_row(row, &bucket);
        }
        self.set_scalars(grid);
    }

    fn set_scalars(&mut self, grid: Grid<'_>) {
        let nanos = |price: Option<Price>| price.map_or(0, Price::nanos);
        self.ts_ns = grid.ts_ns();
        self.event_id = grid.event_id();
        self.spot_ref_price_int = grid.spot_price_nanos();
        self.best_bid_price_int = nanos(grid.best_bid());
        self.best_ask_price_int = nanos(grid.best_ask());
        self.mid_price = grid.mid_price();
        self.book_valid = grid.phase() == Phase::Live;
    }

    #[inline]
    fn set_row(&mut self, row: usize, bucket: &Bucket) {
        let rows = self.ks.len();
        let values = values(bucket, self.resistance(row, bucket));
        let mut place = row;
        for value in values {
            self.values[place] = value;
            place += rows;
        }
        self.last_event_ids[row] = i64::try_from(bucket.last_event_id).unwrap_or(i64::MAX);
    }

    /// Returns the bucket's resistance. It is what the row holds if the depth is the same, which
    /// spares nearly every logarithm: they cost more than all the rest of a grid.
    #[inline]
    fn resistance(&self, row: usize, bucket: &Bucket) -> f64 {
        let rows = self.ks.len();
        let held = |column: Column| self.values[column as usize * rows + row];
        if held(Column::RestDepth).to_bits() == count(bucket.rest_depth).to_bits() {
            held(Column::Resistance)
        } else {
            bucket.resistance()
        }
    }
}

const COLUMNS: usize = Column::ALL.len();

/// Returns the values of all columns, in the order of [`Column::ALL`].
#[inline]
fn values(bucket: &Bucket, resistance: f64) -> [f64; COLUMNS] {
    [
        bucket.pressure(),
        bucket.vacuum(),
        resistance,
        bucket.add_mass,
        bucket.pull_mass,
        bucket.fill_mass,
        count(bucket.rest_depth),
        bucket.v_add,
        bucket.v_pull,
        bucket.v_fill,
        bucket.v_rest_depth,
        bucket.a_add,
        bucket.a_pull,
        bucket.a_fill,
        bucket.a_rest_depth,
        bucket.j_add,
        bucket.j_pull,
        bucket.j_fill,
        bucket.j_rest_depth,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_order_of_the_columns() {
        let bucket = Bucket {
            add_mass: 1.0,
            pull_mass: 2.0,
            fill_mass: 3.0,
            rest_depth: 4,
            v_add: 5.0,
            v_pull: 6.5,
            v_fill: 7.25,
            v_rest_depth: 8.0,
            a_add: 9.0,
            a_pull: 10.0,
            a_fill: 11.0,
            a_rest_depth: -12.0,
            j_add: 13.5,
            j_pull: 14.0,
            j_fill: 15.0,
            j_rest_depth: 16.0,
            last_event_id: 17,
            last_ts_ns: Some(18),
        };
        let found = values(&bucket, bucket.resistance());
        let expected = Column::ALL.map(|column| column.of(&bucket));
        assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
    }
}
