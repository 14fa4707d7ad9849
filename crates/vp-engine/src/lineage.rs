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
    pub(crate) const fn mark(&self, upheavals: u64, event_id: u64) -> Mark {
        Mark {
            lineage: self.0,
            upheavals,
            event_id,
        }
    }
}

impl Clone for Lineage {
    /// Returns another identity: what is made of the copy is not what is made of the original.
    fn clone(&self) -> Self {
        Self::new()
    }
}

/// A state of an engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    lineage: u64,
    /// Commits that moved the frame or rebuilt the depth: they change rows that they do not touch.
    upheavals: u64,
    pub(crate) event_id: u64,
}

impl Mark {
    /// Returns whether all that has changed from this state to `later` is what events touched.
    #[inline]
    pub(crate) const fn leads_calmly_to(&self, later: &Self) -> bool {
        self.lineage == later.lineage
            && self.upheavals == later.upheavals
            && self.event_id <= later.event_id
    }
}
