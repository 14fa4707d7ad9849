//! One market-by-order record, the only input of the book and the engine.
//!
//! Deliberately smaller than the feed's own message: sequence numbers and receive times stay in
//! ingest, because nothing downstream of it reads them.

use alloc::vec::Vec;
use core::fmt;
use core::ops::BitOr;

use crate::Price;

/// What a record does, in the feed's terms.
///
/// # Source
/// Databento MBO `action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Action {
    /// `A`: a new resting order.
    Add = b'A',
    /// `C`: an order loses `size`, at zero it leaves the book.
    Cancel = b'C',
    /// `M`: an order's side, price and size are replaced.
    Modify = b'M',
    /// `R`: the book is emptied.
    Clear = b'R',
    /// `T`: an aggressor traded. The book does not change.
    Trade = b'T',
    /// `F`: a resting order was filled. The book does not change until the C or M that follows.
    Fill = b'F',
    /// `N`: nothing but flags or a time.
    None = b'N',
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Add,
        Self::Cancel,
        Self::Modify,
        Self::Clear,
        Self::Trade,
        Self::Fill,
        Self::None,
    ];

    /// Returns the action with that feed letter.
    #[inline]
    pub const fn from_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'A' => Self::Add,
            b'C' => Self::Cancel,
            b'M' => Self::Modify,
            b'R' => Self::Clear,
            b'T' => Self::Trade,
            b'F' => Self::Fill,
            b'N' => Self::None,
            _ => return None,
        })
    }

    /// Returns the feed's letter.
    pub const fn letter(self) -> char {
        self as u8 as char
    }
}

/// The side on which an order rests; never the direction of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Side {
    /// `B`.
    Bid = b'B',
    /// `A`.
    Ask = b'A',
}

impl Side {
    /// Both sides, bid first.
    pub const BOTH: [Self; 2] = [Self::Bid, Self::Ask];

    /// Returns the side with that feed letter; `N` and anything else is no side.
    #[inline]
    pub const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'B' => Some(Self::Bid),
            b'A' => Some(Self::Ask),
            _ => None,
        }
    }

    /// Returns the feed's letter.
    pub const fn letter(self) -> char {
        self as u8 as char
    }

    /// Returns the other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }
}

/// Who crossed the spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggressor {
    /// The aggressor bought.
    Buyer,
    /// The aggressor sold.
    Seller,
}

/// The feed's flag bits.
///
/// # Source
/// Databento `flags`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// The last record of its event.
    pub const LAST: Self = Self(128);
    /// A top-of-book message, not an order.
    pub const TOB: Self = Self(64);
    /// Part of a snapshot, not of the live flow.
    pub const SNAPSHOT: Self = Self(32);
    /// An aggregated price level, not an order.
    pub const MBP: Self = Self(16);
    /// The receive time is not reliable.
    pub const BAD_TS_RECV: Self = Self(8);
    /// A gap upstream: the book may be wrong.
    pub const MAYBE_BAD_BOOK: Self = Self(4);
    /// No flag.
    pub const NONE: Self = Self(0);

    /// Every flag with its name.
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::LAST, "LAST"),
        (Self::TOB, "TOB"),
        (Self::SNAPSHOT, "SNAPSHOT"),
        (Self::MBP, "MBP"),
        (Self::BAD_TS_RECV, "BAD_TS_RECV"),
        (Self::MAYBE_BAD_BOOK, "MAYBE_BAD_BOOK"),
    ];

    /// Returns whether all bits of `other` are set here.
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns whether any bit of `other` is set here.
    #[inline]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = Self::NAMES.iter().filter(|(flag, _)| self.contains(*flag));
        let names: Vec<_> = set.map(|(_, name)| *name).collect();
        write!(f, "Flags({}: {})", self.0, names.join("|"))
    }
}

/// One market-by-order record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Record {
    /// When the venue's matching engine acted, in nanoseconds since the Unix epoch, UTC. For a
    /// record of a snapshot: when the snapshot was made.
    pub ts_event: u64,
    /// The venue's order id, unique within one instrument and one session.
    pub order_id: u64,
    /// The order's or trade's price; `None` where the feed leaves it undefined.
    pub price: Option<Price>,
    /// The order's or trade's size, in contracts or shares; for a cancel what is taken off.
    pub size: u32,
    /// What happened.
    pub action: Action,
    /// The order's side; for a trade the aggressor's; `None` where the feed has none.
    pub side: Option<Side>,
    /// The feed's flags.
    pub flags: Flags,
}

impl Record {
    /// Returns a record that puts an order into the book. Like every record that is made here it has no
    /// flags: give the last record of an event [`Flags::LAST`], with [`with`](Self::with).
    ///
    /// # Examples
    /// ```
    /// use vp_market::{Flags, Record, Side};
    ///
    /// let price = "4800.25".parse()?;
    /// let add = Record::add(1_700_000_000_000_000_000, 1, Side::Ask, price, 7).with(Flags::LAST);
    /// assert!(add.is_last());
    /// # Ok::<(), vp_market::ParsePriceError>(())
    /// ```
    #[inline]
    pub const fn add(ts_event: u64, order_id: u64, side: Side, price: Price, size: u32) -> Self {
        Self::of_order(Action::Add, ts_event, order_id, side, price, size)
    }

    /// Returns a record that takes `size` off an order; at zero the order leaves the book.
    #[inline]
    pub const fn cancel(ts_event: u64, order_id: u64, side: Side, price: Price, size: u32) -> Self {
        Self::of_order(Action::Cancel, ts_event, order_id, side, price, size)
    }

    /// Returns a record that replaces an order's side, price and size.
    #[inline]
    pub const fn modify(ts_event: u64, order_id: u64, side: Side, price: Price, size: u32) -> Self {
        Self::of_order(Action::Modify, ts_event, order_id, side, price, size)
    }

    /// Returns a record of a fill of a resting order. The book changes with the cancel or modify that
    /// follows it.
    #[inline]
    pub const fn fill(ts_event: u64, order_id: u64, side: Side, price: Price, size: u32) -> Self {
        Self::of_order(Action::Fill, ts_event, order_id, side, price, size)
    }

    /// Returns a record of a trade, with the aggressor where it is known.
    #[inline]
    pub const fn trade(
        ts_event: u64,
        aggressor: Option<Aggressor>,
        price: Price,
        size: u32,
    ) -> Self {
        Self {
            price: Some(price),
            size,
            action: Action::Trade,
            side: match aggressor {
                Some(Aggressor::Buyer) => Some(Side::Bid),
                Some(Aggressor::Seller) => Some(Side::Ask),
                None => None,
            },
            ..Self::clear(ts_event)
        }
    }

    /// Returns a record that empties the book.
    #[inline]
    pub const fn clear(ts_event: u64) -> Self {
        Self {
            ts_event,
            order_id: 0,
            price: None,
            size: 0,
            action: Action::Clear,
            side: None,
            flags: Flags::NONE,
        }
    }

    /// Returns the record with these flags, too.
    #[inline]
    #[must_use]
    pub const fn with(self, flags: Flags) -> Self {
        Self {
            flags: Flags(self.flags.0 | flags.0),
            ..self
        }
    }

    const fn of_order(
        action: Action,
        ts_event: u64,
        order_id: u64,
        side: Side,
        price: Price,
        size: u32,
    ) -> Self {
        Self {
            ts_event,
            order_id,
            price: Some(price),
            size,
            action,
            side: Some(side),
            flags: Flags::NONE,
        }
    }

    /// Returns whether this record closes its event.
    #[inline]
    pub const fn is_last(&self) -> bool {
        self.flags.contains(Flags::LAST)
    }

    /// Returns whether this record belongs to a snapshot.
    #[inline]
    pub const fn is_snapshot(&self) -> bool {
        self.flags.contains(Flags::SNAPSHOT)
    }

    /// Returns who crossed the spread, for a trade whose aggressor the feed knows.
    pub fn aggressor(&self) -> Option<Aggressor> {
        if self.action != Action::Trade {
            return None;
        }
        self.side.map(|side| match side {
            Side::Bid => Aggressor::Buyer,
            Side::Ask => Aggressor::Seller,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_takes_half_a_cache_line() {
        assert_eq!(size_of::<Record>(), 32);
    }

    #[test]
    fn letters_and_actions_are_inverse() {
        for action in Action::ALL {
            assert_eq!(Action::from_letter(action as u8), Some(action));
        }
        assert_eq!(Action::from_letter(b'x'), None);
    }
}
