//! Which engine a grid was read from, so that reading it again can be limited to what changed.

use std::sync::atomic::{AtomicU64, Ordering};

/// The identity of an engine. Every engine has its own, a copy of one too.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lineage(u64);

impl Lineage {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns a mark of this state of this engine.
    #[inline]
    pub(crate) const fn mark(&self, changes: u64, spot: Option<i64>) -> Mark {
        Mark {
            lineage: self.0,
            changes,
            spot,
        }
    }
}

impl Clone for Lineage {
    /// Returns another identity: what is made of the copy is not what is made of the original.
    fn clone(&self) -> Self {
        Self::new()
    }
}

/// A state of an engine: which buckets the frame held, and what had happened to them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    lineage: u64,
    /// How many changes of buckets there had been.
    pub(crate) changes: u64,
    /// The bucket at k = 0, if every row of the frame holds a bucket.
    spot: Option<i64>,
}

impl Mark {
    /// Returns by how many rows the frame has moved up from this state to `later`, if the later
    /// one came of this one and every row holds a bucket in both.
    #[inline]
    pub(crate) fn shift_to(&self, later: &Self) -> Option<i64> {
        let is_older = self.lineage == later.lineage && self.changes <= later.changes;
        let (old, new) = (self.spot?, later.spot?);
        is_older.then_some(new)?.checked_sub(old)
    }
}
