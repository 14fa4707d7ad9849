//! Whether a file's prices fit the product: a wrong root or a wrong table shows here, before the
//! first record is delivered and not in a grid that looks almost right.

use vp_market::{Action, Price, Record, TickSize};

/// How many prices decide. A single one off the tick is the book's business; most of them are not.
const SAMPLE: u32 = 1024;

/// Counts how many of a file's first prices are off the tick.
#[derive(Clone, Copy, Debug)]
pub struct TickCheck {
    tick: TickSize,
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
    /// Begins to look at prices of that tick.
    pub fn new(tick: TickSize) -> Self {
        Self {
            tick,
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
        self.seen >= SAMPLE
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
