//! Copies of an engine's grid that cost no more than what has changed.

use alloc::boxed::Box;
use alloc::vec;
use core::cmp::Ordering;
use core::num::NonZeroU64;
use core::ops::{Index, Range};

use crate::buckets::Bucket;
use crate::column::Column;
use crate::decay::count;
use crate::grid::Grid;
use crate::lineage::{KeptMark, Since};

/// A copy of a grid, in whatever layout its owner keeps it. A [`Follower`] fills it.
///
/// # Shape
/// Rows are counted from the lowest price up, from 0 to 2K.
///
/// # Examples
/// A copy that keeps the depth at rest alone:
/// ```
/// use std::ops::Range;
///
/// use vp_engine::{
///     Column, Engine, Flags, Follower, GridConfig, GridCopy, Record, Row, Side, TickSize,
/// };
///
/// #[derive(Default)]
/// struct Depths(Vec<f64>);
///
/// impl GridCopy for Depths {
///     fn resize(&mut self, half_width: u32) {
///         self.0.resize(2 * half_width as usize + 1, 0.0);
///     }
///
///     fn move_rows(&mut self, from: Range<usize>, to: usize) {
///         self.0.copy_within(from, to);
///     }
///
///     fn set_row(&mut self, place: usize, row: &Row) {
///         self.0[place] = row[Column::RestDepth];
///     }
/// }
///
/// let mut engine = Engine::new(GridConfig::new(TickSize::from_nanos(250_000_000)?));
/// let mut depths = Follower::new(Depths::default());
/// for (order_id, side, price, size) in
///     [(1, Side::Bid, "4800.00", 12), (2, Side::Ask, "4800.25", 7), (3, Side::Bid, "4799.50", 5)]
/// {
///     let time = 1_700_000_000_000_000_000;
///     engine.apply(&Record::add(time, order_id, side, price.parse()?, size).with(Flags::LAST));
///     depths.follow(engine.grid());
/// }
/// // The spot is at row 50.
/// assert_eq!(depths.copy().0[47..=50], [5.0, 0.0, 12.0, 7.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait GridCopy {
    /// Makes room for rows −K … +K, K = `half_width`. Every row is set next.
    fn resize(&mut self, half_width: u32);

    /// Moves what the rows `from` hold, so that the first of them is at `to`: the frame has moved,
    /// and they keep their buckets. All other rows are set next.
    fn move_rows(&mut self, from: Range<usize>, to: usize);

    /// Sets the row at a place.
    fn set_row(&mut self, place: usize, row: &Row);
}

/// A row of the grid, as a [`GridCopy`] is given it: `row[Column::RestDepth]` is one of its values.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The values in the order of [`Column::ALL`].
    pub values: [f64; Column::ALL.len()],
    /// The number of the last event that touched the bucket, if one did.
    pub last_event_id: Option<NonZeroU64>,
}

impl Index<Column> for Row {
    type Output = f64;

    #[inline]
    fn index(&self, column: Column) -> &f64 {
        &self.values[column.index()]
    }
}

/// A [`GridCopy`] that is kept up to date.
///
/// The follower remembers which state of which engine its copy shows, and sets only the rows that
/// have changed since. The grid of another engine, or of an older state, is copied as a whole.
#[derive(Clone, Debug, Default)]
pub struct Follower<C> {
    copy: C,
    /// The state that the copy shows, unless it shows a decayed one.
    kept: KeptMark,
    resistances: Resistances,
}

impl<C: GridCopy> Follower<C> {
    /// Returns a follower of a copy that shows nothing yet.
    pub fn new(copy: C) -> Self {
        Self {
            copy,
            kept: KeptMark::default(),
            resistances: Resistances::default(),
        }
    }

    /// Returns the copy.
    pub const fn copy(&self) -> &C {
        &self.copy
    }

    /// Returns the copy, to change what is not a row of it. A row that is changed stays so until its
    /// bucket changes.
    pub const fn copy_mut(&mut self) -> &mut C {
        &mut self.copy
    }

    /// Has the copy show a grid as it is.
    #[inline]
    pub fn follow(&mut self, grid: Grid<'_>) {
        let Some(Since { changes, shift }) = self.kept.replace(grid.mark()) else {
            self.set_all(grid, |k| grid.bucket(k));
            return;
        };
        move_rows(&mut self.copy, 2 * grid.half_width() as usize + 1, shift);
        grid.each_changed_since(changes, |place, bucket| self.set_row(place, bucket));
    }

    /// Has the copy show a grid as it would be at `ts_ns`, had nothing happened since its last event.
    pub fn follow_decayed(&mut self, grid: Grid<'_>, ts_ns: u64) {
        self.kept.clear();
        self.set_all(grid, |k| grid.bucket_at(k, ts_ns));
    }

    fn set_all(&mut self, grid: Grid<'_>, bucket: impl Fn(i32) -> Option<Bucket>) {
        self.copy.resize(grid.half_width());
        for (place, bucket) in grid.rows().filter_map(bucket).enumerate() {
            self.set_row(place, &bucket);
        }
    }

    #[inline]
    fn set_row(&mut self, place: usize, bucket: &Bucket) {
        let resistance = self.resistances.of(bucket);
        let row = Row {
            values: values(bucket, resistance),
            last_event_id: bucket.last_event_id,
        };
        self.copy.set_row(place, &row);
    }
}

/// Moves the rows that stay in a frame of so many once it has moved `up` rows, down if that is
/// negative.
#[inline]
fn move_rows(copy: &mut impl GridCopy, rows: usize, up: i64) {
    let distance = usize::try_from(up.unsigned_abs()).unwrap_or(usize::MAX);
    let Some(kept @ 1..) = rows.checked_sub(distance) else {
        return;
    };
    match up.cmp(&0) {
        Ordering::Equal => {}
        Ordering::Greater => copy.move_rows(distance..rows, 0),
        Ordering::Less => copy.move_rows(0..kept, distance),
    }
}

/// Resistances of depths that were met before: the logarithm costs as much as the rest of a row.
#[derive(Clone, Debug)]
struct Resistances {
    /// The last depth of each remainder, and its resistance.
    kept: Box<[(u64, f64)]>,
}

/// Nearly all depths of a grid are lower; the table fits beside it into the nearest cache.
const KEPT: usize = 256;

impl Default for Resistances {
    fn default() -> Self {
        // Zeros are right: ln(1 + 0) = 0, and no other depth is taken for 0.
        Self {
            kept: vec![(0, 0.0); KEPT].into(),
        }
    }
}

impl Resistances {
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the remainder matters"
    )]
    fn of(&mut self, bucket: &Bucket) -> f64 {
        let depth = bucket.rest_depth;
        let kept = &mut self.kept[depth as usize % KEPT];
        if kept.0 != depth {
            *kept = (depth, bucket.resistance());
        }
        kept.1
    }
}

/// Returns the values of all columns, in the order of [`Column::ALL`].
#[inline]
fn values(bucket: &Bucket, resistance: f64) -> [f64; Column::ALL.len()] {
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
            last_event_id: NonZeroU64::new(17),
            last_ts_ns: Some(18),
        };
        let found = values(&bucket, bucket.resistance());
        let expected = Column::ALL.map(|column| column.of(&bucket));
        assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
    }

    #[test]
    fn depths_that_share_a_place_keep_their_own_resistance() {
        let mut resistances = Resistances::default();
        let kept = KEPT as u64;
        for rest_depth in [0, kept, 0, 7, 7 + kept, 7 + kept, u64::MAX, kept - 1] {
            let bucket = Bucket {
                rest_depth,
                ..Bucket::default()
            };
            let found = resistances.of(&bucket);
            assert_eq!(found.to_bits(), bucket.resistance().to_bits());
        }
    }
}
