//! A place in a partition of gold, which goes on or elsewhere.

use std::ops::Range;
use std::sync::Arc;

use vp_lake::tables::{Batch, HeldPartition, PartitionError};
use vp_market::{Price, Side};

use super::states::{Registry, States};
use crate::derived::{Derived, GoldRows, Transform};
use crate::forecast::Rows;
use crate::gold_input::HeldGold;

/// Windows that are farther ahead than this, in nanoseconds, are gone to instead of read up to:
/// about two row groups.
const FAR_NS: i64 = 300_000_000_000;

/// A place in gold whose rows are in the order of their windows.
#[derive(Debug)]
pub(super) struct Cursor<T> {
    gold: HeldGold<T>,
    /// Where gold is computed: its state every so many windows.
    states: Option<Arc<States<T>>>,
    place: Option<Place<T>>,
}

#[derive(Debug)]
struct Place<T> {
    rows: Rows<T>,
    /// The window that was asked for last.
    end_ts_ns: i64,
    /// The spot of the last window before the rows to come.
    spot: Option<Price>,
}

impl<T: Transform> Cursor<T> {
    pub(super) fn new(gold: HeldGold<T>, registry: &Registry<T>) -> Self {
        let transform = gold.transform.as_ref();
        Self {
            states: transform.map(|transform| registry.states(&gold.held, transform)),
            gold,
            place: None,
        }
    }

    pub(super) fn partition(&self) -> Arc<HeldPartition> {
        Arc::clone(&self.gold.held)
    }

    /// Begins to read so early that the window before the one that ended then is known.
    fn go_to(&self, end_ts_ns: i64) -> Result<Place<T>, PartitionError> {
        let HeldGold {
            partition,
            held,
            wanted,
            ..
        } = &self.gold;
        let (rows, spot) = match &self.states {
            None => (GoldRows::Partition(held.read_from(end_ts_ns)?), None),
            Some(states) => {
                let mut state = states.before(end_ts_ns);
                state.transform.gather(wanted);
                let silver = held.read_from_row(state.row)?;
                let derived = Derived::new(partition.path(), silver, state.transform);
                (GoldRows::Derived(derived), state.spot)
            }
        };
        Ok(Place {
            rows: Rows::new(rows),
            end_ts_ns,
            spot,
        })
    }

    /// Passes all rows of a window to `each`, and returns the spot of the last window before it.
    pub(super) fn take(
        &mut self,
        end_ts_ns: i64,
        mut each: impl FnMut(&Batch, &[Side], Range<usize>),
    ) -> Result<Option<Price>, PartitionError> {
        let mut place = match self.place.take() {
            Some(place) if place.leads_to(end_ts_ns) => place,
            _ => self.go_to(end_ts_ns)?,
        };
        while let Some(earlier) = place.rows.next_end()?.filter(|end| *end < end_ts_ns) {
            place.take(earlier, |_, _, _| {})?;
        }
        let previous = place.spot;
        place.take(end_ts_ns, &mut each)?;
        place.end_ts_ns = end_ts_ns;
        self.place = Some(place);
        Ok(previous)
    }
}

impl<T: Transform> Place<T> {
    /// Returns whether reading on is the way to a window.
    fn leads_to(&self, end_ts_ns: i64) -> bool {
        let ahead = end_ts_ns.saturating_sub(self.end_ts_ns);
        (1..=FAR_NS).contains(&ahead)
    }

    fn take(
        &mut self,
        end_ts_ns: i64,
        mut each: impl FnMut(&Batch, &[Side], Range<usize>),
    ) -> Result<(), PartitionError> {
        let mut spot_int = None;
        self.rows.take(end_ts_ns, |batch, sides, rows| {
            spot_int = Some(batch.i64("spot_ref_price_int")[rows.start]);
            each(batch, sides, rows);
        })?;
        self.spot = spot_int.and_then(Price::from_nanos).or(self.spot);
        Ok(())
    }
}
