//! A place in a partition of gold, which goes on or elsewhere.

use std::ops::Range;
use std::sync::Arc;

use vp_lake::tables::{Batch, HeldPartition, Manifest, PartitionError, Table};
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

    pub(super) fn manifest(&self) -> &Manifest {
        self.partition.manifest()
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

#[cfg(test)]
mod tests {
    use vp_lake::Lake;
    use vp_lake::tables::{
        Begun, Column, Existing, Job, Layer, Partition, Provenance, Settings, Values, begin,
    };
    use vp_market::ProductType;

    use super::*;

    /// Row groups are so small that windows are split between them.
    const TABLE: Table = Table {
        name: "windows",
        columns: &[
            Column::i64("window_end_ts_ns"),
            Column::i64("spot_ref_price_int"),
            Column::i32("row"),
        ],
        earlier: &[],
        time: "window_end_ts_ns",
        row_group_rows: 5,
    };

    /// The rows of a window, in seconds; windows that are multiples of 4 have none.
    fn rows_of(second: i64) -> i32 {
        i32::try_from(second % 4).unwrap()
    }

    fn partition(lake: &Lake, seconds: i64) -> Partition {
        let date = "2026-02-06".parse().unwrap();
        let partition = lake.partition(
            Layer::Gold,
            ProductType::FutureMbo,
            "ESH6",
            TABLE.name,
            date,
        );
        let job = Job {
            targets: vec![(partition.clone(), &TABLE)],
            provenance: Provenance {
                settings: Settings::new([("session", "09:30-12:30")]),
                inputs: Vec::new(),
                tool_version: "test 0".into(),
                created_at: "2026-02-07T00:00:00Z".into(),
            },
            existing: Existing::Keep,
        };
        let Begun::Build(mut build) = begin(job).unwrap() else {
            panic!("the lake was empty");
        };
        for second in 0..seconds {
            let rows = 0..rows_of(second);
            let each = |value: i64| Values::I64(rows.clone().map(|_| value).collect());
            let columns = vec![
                each(second * 1_000_000_000),
                each(1_000 + second),
                Values::I32(rows.clone().collect()),
            ];
            build.append(0, columns).unwrap();
        }
        build.publish().unwrap();
        partition
    }

    #[test]
    fn a_window_is_the_same_wherever_one_comes_from() {
        let folder = tempfile::tempdir().unwrap();
        let partition = partition(&Lake::new(folder.path()), 900);
        let mut cursor = Cursor::new(partition.hold(&TABLE, &[]).unwrap(), &TABLE);
        // On, back, far ahead, to windows without rows, to the same one again, beyond both ends.
        for second in [
            0, 1, 2, 3, 4, 5, 7, 6, 899, 500, 501, 201, 202, 202, 8, 9, -3, 1, 600, 300, 2_000, 897,
        ] {
            let mut found = Vec::new();
            let previous = cursor
                .take(second * 1_000_000_000, |batch, _, rows| {
                    found.extend_from_slice(&batch.i32("row")[rows]);
                })
                .unwrap();
            let is_there = |second: &i64| (0..900).contains(second) && rows_of(*second) > 0;
            let expected = if is_there(&second) {
                rows_of(second)
            } else {
                0
            };
            assert_eq!(found, (0..expected).collect::<Vec<_>>(), "{second}");
            let before = (0..second).rev().find(is_there);
            let before = before.map(|before| Price::from_nanos(1_000 + before).unwrap());
            assert_eq!(previous, before, "{second}");
        }
    }
}
