//! A place in a partition of gold, which goes on or elsewhere.

use std::ops::Range;
use std::sync::Arc;

use vp_lake::tables::{Batch, HeldPartition, PartitionError, Table};
use vp_market::{Price, Side};

use crate::forecast::Rows;

/// Windows that are farther ahead than this, in nanoseconds, are gone to instead of read up to:
/// about two row groups.
const FAR_NS: i64 = 300_000_000_000;

/// A place in a partition whose rows are in the order of their windows.
#[derive(Debug)]
pub(super) struct Cursor {
    partition: Arc<HeldPartition>,
    table: &'static Table,
    place: Option<Place>,
}

#[derive(Debug)]
struct Place {
    rows: Rows,
    /// The window that was asked for last.
    end_ts_ns: i64,
    /// The spot of the last window before the rows to come.
    spot: Option<Price>,
}

impl Cursor {
    pub(super) fn new(partition: HeldPartition, table: &'static Table) -> Self {
        Self {
            partition: Arc::new(partition),
            table,
            place: None,
        }
    }

    pub(super) fn partition(&self) -> Arc<HeldPartition> {
        Arc::clone(&self.partition)
    }

    /// Passes all rows of a window to `each`, and returns the spot of the last window before it.
    pub(super) fn take(
        &mut self,
        end_ts_ns: i64,
        mut each: impl FnMut(&Batch, &[Side], Range<usize>),
    ) -> Result<Option<Price>, PartitionError> {
        let mut place = match self.place.take() {
            Some(place) if place.leads_to(end_ts_ns) => place,
            _ => Place {
                rows: Rows::new(self.partition.read_from(end_ts_ns)?, self.table),
                end_ts_ns,
                spot: None,
            },
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

impl Place {
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
