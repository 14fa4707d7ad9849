//! The trades between two emissions, the largest of them if there are too many.

use vp_engine::{Aggressor, Price, Record};

/// More trades than this between two grids are cut to the largest.
const MOST: usize = 256;

/// One print of the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// When, in nanoseconds since the Unix epoch.
    pub ts_ns: u64,
    /// The price.
    pub price: Price,
    /// Contracts or shares.
    pub size: u32,
    /// Who crossed the spread, if the feed knows.
    pub aggressor: Option<Aggressor>,
}

/// Trades since the last emission, and the last trade of all.
#[derive(Clone, Debug)]
pub struct Tape {
    trades: Vec<Trade>,
    dropped: u32,
    last_price: Option<Price>,
}

impl Tape {
    /// Returns a tape without trades.
    pub fn new() -> Self {
        Self {
            trades: Vec::with_capacity(MOST),
            dropped: 0,
            last_price: None,
        }
    }

    /// Takes in a record that prints a trade. One without a price is no trade: it is neither shown
    /// nor counted.
    #[inline]
    pub fn print(&mut self, record: &Record) {
        let Some(price) = record.price else {
            return;
        };
        let (ts_ns, size) = (record.ts_event, record.size);
        self.last_price = Some(price);
        if self.trades.len() == MOST {
            self.dropped = self.dropped.saturating_add(1);
            let smallest = self
                .trades
                .iter()
                .enumerate()
                .rev()
                .min_by_key(|(_, trade)| trade.size);
            match smallest {
                Some((place, trade)) if trade.size < size => drop(self.trades.remove(place)),
                _ => return,
            }
        }
        self.trades.push(Trade {
            ts_ns,
            price,
            size,
            aggressor: record.aggressor(),
        });
    }

    /// Begins a new stretch: the trades so far have been shown or are void.
    #[inline]
    pub fn tear_off(&mut self) {
        self.trades.clear();
        self.dropped = 0;
    }

    /// Returns the trades, at most the 256 largest, in the order in which they came.
    pub fn trades(&self) -> &[Trade] {
        &self.trades
    }

    /// Returns how many were left out because they were smaller.
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Returns the price of the last trade.
    pub const fn last_price(&self) -> Option<Price> {
        self.last_price
    }
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use vp_engine::Side;
    use vp_testkit::records::{At, ticks};

    use super::*;

    #[test]
    fn the_largest_trades_stay_in_time_order() {
        let mut tape = Tape::new();
        for n in 0..300 {
            // Sizes fall from 300 to 1: the first 256 are the largest.
            tape.print(&At(n).trade(Side::Bid, ticks(10), 300 - u32::try_from(n).unwrap()));
        }
        tape.print(&At(300).trade(Side::Ask, ticks(11), 1000));
        assert_eq!(tape.trades().len(), MOST);
        assert_eq!(tape.dropped(), 45);
        assert!(tape.trades().is_sorted_by_key(|trade| trade.ts_ns));
        assert_eq!(tape.trades()[MOST - 1].aggressor, Some(Aggressor::Seller));
        assert_eq!(tape.trades()[MOST - 2].size, 46);
        tape.tear_off();
        assert!(tape.trades().is_empty());
        assert_eq!(tape.last_price(), Some(ticks(11)));
    }

    #[test]
    fn a_record_without_a_price_is_no_trade() {
        let mut tape = Tape::new();
        let without = Record {
            price: None,
            ..At(1).trade(Side::Bid, ticks(10), 9)
        };
        tape.print(&without);
        assert_eq!((tape.trades(), tape.dropped()), (&[][..], 0));
        assert_eq!(tape.last_price(), None);
        for n in 0..MOST as u64 {
            tape.print(&At(n).trade(Side::Bid, ticks(-3), 5));
        }
        tape.print(&without);
        assert_eq!((tape.trades().len(), tape.dropped()), (MOST, 0));
        assert_eq!(tape.last_price(), Some(ticks(-3)));
    }
}
