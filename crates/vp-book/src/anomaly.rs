//! What can be wrong with a record, counted by kind. Nothing here decides what happens then.

use core::fmt;

/// A defect of a record, or a contradiction between a record and the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Anomaly {
    /// A cancel, fill or modify of an order that is not in the book. The modify inserts it, the
    /// others are ignored.
    UnknownOrder,
    /// An add of an order that is in the book: handled as a modify.
    DuplicateAdd,
    /// A cancel larger than what is left of the order: clamped to it.
    OverCancel,
    /// An add or modify without a price: ignored.
    UndefinedPrice,
    /// An add or modify without a side: ignored.
    BadSide,
    /// An add or modify of size zero: ignored.
    ZeroSize,
}

impl Anomaly {
    /// Every kind, in the order in which counts are listed.
    pub const ALL: [Self; 6] = [
        Self::UnknownOrder,
        Self::DuplicateAdd,
        Self::OverCancel,
        Self::UndefinedPrice,
        Self::BadSide,
        Self::ZeroSize,
    ];

    /// Returns the kind's name as it appears in messages and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownOrder => "unknown_order",
            Self::DuplicateAdd => "duplicate_add",
            Self::OverCancel => "over_cancel",
            Self::UndefinedPrice => "undefined_price",
            Self::BadSide => "bad_side",
            Self::ZeroSize => "zero_size",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often each [`Anomaly`] was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anomalies {
    counts: [u64; Anomaly::ALL.len()],
}

impl Anomalies {
    /// Returns how often `kind` was seen.
    pub const fn count(&self, kind: Anomaly) -> u64 {
        self.counts[kind as usize]
    }

    /// Returns how many were seen in all.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns every kind with its count, zeros included.
    pub fn iter(&self) -> impl Iterator<Item = (Anomaly, u64)> + '_ {
        Anomaly::ALL
            .into_iter()
            .map(|kind| (kind, self.count(kind)))
    }

    #[cold]
    pub(crate) fn note(&mut self, kind: Anomaly) {
        self.counts[kind as usize] += 1;
    }
}
