//! Whether a file's prices fit the future: a wrong root or a wrong table shows here, before the
//! first record is delivered and not in a grid that looks almost right.
//!
//! Shares are not judged: they trade at fractions of a cent, too, and their tick only says at which
//! prices the book is fast.

use vp_market::{Action, Instrument, Price, ProductType, Record, TickSize};

/// How many prices decide. A single one off the tick is the book's business; most of them are not.
const SAMPLE: u32 = 1024;

/// Counts how many of a file's first prices are off the tick.
#[derive(Clone, Copy, Debug)]
pub struct TickCheck {
    tick: TickSize,
    /// How many prices decide: none of a share's.
    sample: u32,
    seen: u32,
    off: u32,
    first_off: Option<Price>,
}

/// The prices of a file do not fit the product's tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffTick {
    /// How many prices were looked at.
    pub seen: u32,
    /// How many of them are off the tick.
    pub off: u32,
    /// The first of those.
    pub example: Price,
}

impl TickCheck {
    /// Begins to look at prices of that instrument.
    pub fn new(instrument: &Instrument) -> Self {
        let sample = match instrument.product_type {
            ProductType::FutureMbo | ProductType::FutureOptionMbo => SAMPLE,
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => 0,
        };
        Self {
            tick: instrument.product.tick,
            sample,
            seen: 0,
            off: 0,
            first_off: None,
        }
    }

    /// Looks at a record; only orders (A, C, M) with a defined price count.
    pub fn see(&mut self, record: &Record) {
        let is_order = matches!(record.action, Action::Add | Action::Cancel | Action::Modify);
        let Some(price) = record.price.filter(|_| is_order && !self.is_decided()) else {
            return;
        };
        self.seen += 1;
        if !self.tick.divides(price) {
            self.off += 1;
            self.first_off.get_or_insert(price);
        }
    }

    /// Returns whether enough prices have been seen.
    pub fn is_decided(&self) -> bool {
        self.seen >= self.sample
    }

    /// Judges what has been seen.
    ///
    /// # Errors
    /// [`OffTick`] if most of the prices are off the tick.
    pub fn judge(&self) -> Result<(), OffTick> {
        match self.first_off {
            Some(example) if self.off > self.seen / 2 => Err(OffTick {
                seen: self.seen,
                off: self.off,
                example,
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use vp_market::{Flags, ProductTable, Side};

    use super::*;

    /// Returns the judgement on prices a quarter of a cent above whole dollars.
    fn judged(product_type: ProductType, symbol: &str) -> Result<(), OffTick> {
        let instrument = ProductTable::embedded().instrument(product_type, symbol);
        let mut check = TickCheck::new(&instrument.unwrap());
        for dollars in 1..100 {
            check.see(&Record {
                ts_event: 1,
                order_id: 1,
                price: Price::from_nanos(dollars * Price::SCALE + 2_500_000),
                size: 1,
                action: Action::Add,
                side: Some(Side::Bid),
                flags: Flags::LAST,
            });
        }
        check.judge()
    }

    #[test]
    fn futures_alone_are_judged() {
        assert_eq!(judged(ProductType::EquityMbo, "QQQ"), Ok(()));
        let refused = judged(ProductType::FutureMbo, "ESH6").unwrap_err();
        assert_eq!((refused.seen, refused.off), (99, 99));
        assert_eq!(refused.example.to_string(), "1.0025");
    }
}
