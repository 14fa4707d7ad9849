//! What the records of the event that is still open have done so far.

use alloc::vec::Vec;

use vp_book::LevelFlow;
use vp_market::TickSize;

use crate::buckets::Flow;

/// The summed flow of one event in one absolute bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BucketFlow {
    pub(crate) bucket: i64,
    pub(crate) flow: Flow,
}

/// Flow by bucket, gathered while the event is open.
///
/// Nearly every event touches one bucket or two, so flows are appended as they come and merged
/// once, at the commit. A feed that never closes its event cannot grow the list beyond twice the
/// number of distinct buckets.
#[derive(Clone, Debug)]
pub(crate) struct OpenEvent {
    flows: Vec<BucketFlow>,
    /// Merge when the list has grown to this.
    merge_at: usize,
}

const MERGE_AT: usize = 1024;

impl OpenEvent {
    pub(crate) fn new() -> Self {
        Self {
            flows: Vec::with_capacity(MERGE_AT),
            merge_at: MERGE_AT,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, bucket_size: TickSize, level: LevelFlow) {
        let bucket = bucket_size.nearest(level.price);
        let (add, pull, fill) = (
            u64::from(level.add),
            u64::from(level.pull),
            u64::from(level.fill),
        );
        if self.flows.len() == self.merge_at {
            self.merge();
            self.merge_at = (2 * self.flows.len()).max(MERGE_AT);
        }
        self.flows.push(BucketFlow {
            bucket,
            flow: Flow { add, pull, fill },
        });
    }

    /// Returns the flows, one for each touched bucket, lowest price first.
    #[inline]
    pub(crate) fn merged(&mut self) -> &[BucketFlow] {
        if self.flows.len() > 1 {
            self.merge();
        }
        &self.flows
    }

    pub(crate) fn clear(&mut self) {
        self.flows.clear();
        self.merge_at = MERGE_AT;
    }

    fn merge(&mut self) {
        // Sums of integers do not depend on the order, so an unstable sort is exact.
        self.flows.sort_unstable_by_key(|flow| flow.bucket);
        self.flows.dedup_by(|later, first| {
            let is_same = later.bucket == first.bucket;
            if is_same {
                first.flow.add += later.flow.add;
                first.flow.pull += later.flow.pull;
                first.flow.fill += later.flow.fill;
            }
            is_same
        });
    }
}
