//! Copies of an engine's grid that cost no more than what has changed.

use std::cmp::Ordering;
use std::ops::Range;

use crate::buckets::{Bucket, count};
use crate::column::Column;
use crate::grid::Grid;
use crate::lineage::Mark;

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
///     Action, Column, Engine, Flags, Follower, GridConfig, GridCopy, Record, Side, TickSize,
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
///     fn set_row(&mut self, row: usize, values: &[f64; Column::ALL.len()], _: i64) {
///         self.0[row] = values[Column::RestDepth as usize];
///     }
/// }
///
/// let mut engine = Engine::new(GridConfig::new(TickSize::from_nanos(250_000_000)?));
/// let (mut follower, mut depths) = (Follower::new(), Depths::default());
/// for (order_id, side, price, size) in
///     [(1, Side::Bid, "4800.00", 12), (2, Side::Ask, "4800.25", 7), (3, Side::Bid, "4799.50", 5)]
/// {
///     engine.apply(&Record {
///         ts_event: 1_700_000_000_000_000_000,
///         order_id,
///         price: price.parse().ok(),
///         size,
///         action: Action::Add,
///         side: Some(side),
///         flags: Flags::LAST,
///     });
///     follower.follow(engine.grid(), &mut depths);
/// }
/// // The spot is at row 50.
/// assert_eq!(depths.0[47..=50], [5.0, 0.0, 12.0, 7.0]);
/// # Ok::<(), vp_engine::TickSizeError>(())
/// ```
pub trait GridCopy {
    /// Makes room for rows −K … +K, K = `half_width`. Every row is set next.
    fn resize(&mut self, half_width: u32);

    /// Moves what the rows `from` hold, so that the first of them is at `to`: the frame has moved,
    /// and they keep their buckets. All other rows are set next.
    fn move_rows(&mut self, from: Range<usize>, to: usize);

    /// Sets a row: its values in the order of [`Column::ALL`], and the event that last touched it,
    /// 0 where none did.
    fn set_row(&mut self, row: usize, values: &[f64; Column::ALL.len()], last_event_id: i64);
}

/// Keeps one [`GridCopy`] up to date.
///
/// It remembers which state of which engine the copy shows, and sets only the rows that have
/// changed since; a copy of another engine, or of a state that has been left, is set as a whole.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    /// The state that the copy shows as it is; `None` if it shows a decayed one, or nothing yet.
    held: Option<Mark>,
    resistances: Resistances,
}

impl Follower {
    /// Returns a follower for a copy that shows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has `copy`, always the same one, show a grid as it is.
    #[inline]
    pub fn follow(&mut self, grid: Grid<'_>, copy: &mut impl GridCopy) {
        let mark = grid.mark();
        let held = self.held.replace(mark);
        match held.and_then(|held| Some((held.changes, held.shift_to(&mark)?))) {
            Some((changes, shift)) => {
                move_rows(copy, 2 * grid.half_width() as usize + 1, shift);
                grid.each_changed_since(changes, |row, bucket| self.set_row(copy, row, bucket));
            }
            None => self.set_all(grid, copy, |k| grid.bucket(k)),
        }
    }

    /// Has `copy` show a grid as it would be at `ts_ns`, had nothing happened since its last event.
    pub fn follow_decayed(&mut self, grid: Grid<'_>, ts_ns: u64, copy: &mut impl GridCopy) {
        self.held = None;
        self.set_all(grid, copy, |k| grid.bucket_at(k, ts_ns));
    }

    fn set_all(
        &mut self,
        grid: Grid<'_>,
        copy: &mut impl GridCopy,
        bucket: impl Fn(i32) -> Option<Bucket>,
    ) {
        copy.resize(grid.half_width());
        for (row, bucket) in grid.rows().filter_map(bucket).enumerate() {
            self.set_row(copy, row, &bucket);
        }
    }

    #[inline]
    fn set_row(&mut self, copy: &mut impl GridCopy, row: usize, bucket: &Bucket) {
        let resistance = self.resistances.of(bucket);
        let last_event_id = i64::try_from(bucket.last_event_id).unwrap_or(i64::MAX);
        copy.set_row(row, &values(bucket, resistance), last_event_id);
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
            last_event_id: 17,
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
