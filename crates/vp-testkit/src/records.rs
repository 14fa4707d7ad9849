//! Builders of records for hand-written cases, at a tick of a quarter.

use vp_market::{Aggressor, Flags, Price, Record, Side};

/// The tick of the prices built here: 0.25.
pub const TICK_NANOS: i64 = 250_000_000;

/// Returns the price of that many quarter ticks.
///
/// # Panics
/// If the price is out of range.
pub fn ticks(count: i64) -> Price {
    Price::from_nanos(count * TICK_NANOS).expect("a test's price is in range")
}

/// Builds records that share a time, one event each unless told otherwise.
#[derive(Clone, Copy, Debug)]
pub struct At(
    /// Time of the event in nanoseconds.
    pub u64,
);

impl At {
    /// Returns a record that adds an order.
    pub fn add(self, order_id: u64, side: Side, price: Price, size: u32) -> Record {
        Record::add(self.0, order_id, side, price, size).with(Flags::LAST)
    }

    /// Returns a record that takes `size` off an order.
    pub fn cancel(self, order_id: u64, side: Side, price: Price, size: u32) -> Record {
        Record::cancel(self.0, order_id, side, price, size).with(Flags::LAST)
    }

    /// Returns a record that replaces an order.
    pub fn modify(self, order_id: u64, side: Side, price: Price, size: u32) -> Record {
        Record::modify(self.0, order_id, side, price, size).with(Flags::LAST)
    }

    /// Returns a record of a fill.
    pub fn fill(self, order_id: u64, side: Side, price: Price, size: u32) -> Record {
        Record::fill(self.0, order_id, side, price, size).with(Flags::LAST)
    }

    /// Returns a record that prints a trade; `side` is the aggressor's.
    pub fn trade(self, side: Side, price: Price, size: u32) -> Record {
        let aggressor = match side {
            Side::Bid => Aggressor::Buyer,
            Side::Ask => Aggressor::Seller,
        };
        Record::trade(self.0, Some(aggressor), price, size).with(Flags::LAST)
    }

    /// Returns a record that empties the book.
    pub fn clear(self) -> Record {
        Record::clear(self.0).with(Flags::LAST)
    }
}

/// Changes to a record's flags, to follow a builder.
pub trait WithFlags {
    /// Returns the record without its last-in-event flag.
    #[must_use]
    fn open(self) -> Self;

    /// Returns the record with `flags` besides its own.
    #[must_use]
    fn flagged(self, flags: Flags) -> Self;
}

impl WithFlags for Record {
    fn open(self) -> Self {
        Self {
            flags: Flags(self.flags.0 & !Flags::LAST.0),
            ..self
        }
    }

    fn flagged(self, flags: Flags) -> Self {
        Self {
            flags: self.flags | flags,
            ..self
        }
    }
}
