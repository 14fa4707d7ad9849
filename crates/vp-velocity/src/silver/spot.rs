//! What a window counts from: the spot and the best prices at its start.

use vp_book::{Bbo, Book};
use vp_market::{Price, Side};

use super::Lattice;

/// The best prices of both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bests(Bbo);

impl Bests {
    /// Returns these, with those of `later` where a side is missing.
    pub(super) fn or(self, later: Self) -> Self {
        Self(Bbo {
            bid: self.0.bid.or(later.0.bid),
            ask: self.0.ask.or(later.0.ask),
        })
    }

    pub(super) fn of(self, side: Side) -> Option<Price> {
        match side {
            Side::Bid => self.0.bid,
            Side::Ask => self.0.ask,
        }
    }
}

/// The book between two windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) bests: Bests,
    /// The cell that rows count from.
    pub(super) spot: Option<i64>,
}

impl Opening {
    pub(super) fn of(book: &Book, last_trade: Option<Price>, lattice: Lattice) -> Self {
        let spot = spot(book, last_trade);
        Self {
            bests: Bests(book.bbo()),
            spot: spot.map(|spot| lattice.cell(spot)),
        }
    }
}

/// Returns the last trade if it is a price level, else the best price that is nearest to it.
fn spot(book: &Book, last_trade: Option<Price>) -> Option<Price> {
    let is_level = |price| Side::BOTH.iter().any(|&side| book.depth(side, price) > 0);
    if let Some(trade) = last_trade
        && is_level(trade)
    {
        return Some(trade);
    }
    let Bbo { bid, ask } = book.bbo();
    match (bid, ask, last_trade) {
        (Some(bid), Some(ask), Some(trade)) => {
            let distance = |price: Price| price.nanos().abs_diff(trade.nanos());
            Some(if distance(ask) < distance(bid) {
                ask
            } else {
                bid
            })
        }
        (Some(side), ..) | (None, Some(side), _) => Some(side),
        (None, None, trade) => trade,
    }
}

#[cfg(test)]
mod tests {
    use vp_market::TickSize;
    use vp_testkit::records::{At, TICK_NANOS, ticks};

    use super::*;

    /// Checks the spot of a book with these best prices, in ticks, after a trade at that price.
    fn check(bid: Option<i64>, ask: Option<i64>, trade: Option<i64>, expected: Option<i64>) {
        let mut book = Book::new(TickSize::from_nanos(TICK_NANOS).unwrap());
        for (id, side, price) in [(1, Side::Bid, bid), (2, Side::Ask, ask)] {
            if let Some(price) = price {
                book.apply(&At(0).add(id, side, ticks(price), 1));
            }
        }
        assert_eq!(spot(&book, trade.map(ticks)), expected.map(ticks));
    }

    #[test]
    fn the_last_trade_is_the_spot_where_it_is_a_level() {
        check(Some(10), Some(12), Some(12), Some(12));
        check(None, Some(12), Some(12), Some(12));
    }

    #[test]
    fn else_the_nearer_best_price_is_and_the_bid_on_a_tie() {
        check(Some(10), Some(14), Some(13), Some(14));
        check(Some(10), Some(14), Some(11), Some(10));
        check(Some(10), Some(14), Some(12), Some(10));
        check(Some(10), Some(14), Some(2), Some(10));
        check(Some(10), Some(14), None, Some(10));
    }

    #[test]
    fn else_the_only_side_is_else_the_trade() {
        check(Some(10), None, Some(13), Some(10));
        check(None, Some(14), None, Some(14));
        check(None, None, Some(13), Some(13));
        check(None, None, None, None);
    }
}
