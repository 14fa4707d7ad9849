//! Which engine a grid was read from, so that reading it again can be limited to what changed.

use alloc::sync::Arc;

/// The identity of an engine: the address of a byte that only it and its followers hold.
#[derive(Debug)]
pub(crate) struct Lineage(Arc<u8>);

impl Lineage {
    pub(crate) fn new() -> Self {
        Self(Arc::new(0))
    }
}

impl Clone for Lineage {
    /// Returns another identity: what happens to a copied engine does not happen to the original.
    fn clone(&self) -> Self {
        Self::new()
    }
}

/// A state of an engine: which buckets the frame held, and what had happened to them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark<'a> {
    pub(crate) lineage: &'a Lineage,
    /// How many changes of buckets there had been.
    pub(crate) changes: u64,
    /// The bucket at k = 0, if every row of the frame holds a bucket.
    pub(crate) spot: Option<i64>,
}

/// A [`Mark`] to compare later ones with. While it is kept, no new engine gets the same identity.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptMark {
    /// `None` before the first mark, and once it no longer holds.
    lineage: Option<Arc<u8>>,
    changes: u64,
    spot: Option<i64>,
}

/// What happened to a grid between two marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since {
    /// How many changes of buckets there had been at the earlier one.
    pub(crate) changes: u64,
    /// By how many rows the frame has moved up.
    pub(crate) shift: i64,
}

impl KeptMark {
    /// Keeps a mark in place of the one before. Returns what happened in between, if both are of one
    /// engine, in their order, and every row held a bucket in both.
    #[inline]
    pub(crate) fn replace(&mut self, mark: Mark<'_>) -> Option<Since> {
        let Mark {
            lineage: Lineage(lineage),
            changes,
            spot,
        } = mark;
        let is_same = self
            .lineage
            .as_ref()
            .is_some_and(|kept| Arc::ptr_eq(kept, lineage));
        if !is_same {
            self.lineage = Some(Arc::clone(lineage));
        }
        let before = core::mem::replace(&mut self.changes, changes);
        let (old, new) = (core::mem::replace(&mut self.spot, spot)?, spot?);
        let since = Since {
            changes: before,
            shift: new.checked_sub(old)?,
        };
        (is_same && before <= changes).then_some(since)
    }

    /// Keeps no mark.
    pub(crate) fn clear(&mut self) {
        self.lineage = None;
    }
}
