//! The L3 book of nautilus-model (LGPL-3.0).

use std::hint::black_box;

use nautilus_model::data::{BookOrder, OrderBookDelta};
use nautilus_model::enums::{BookAction, BookType, OrderSide};
use nautilus_model::identifiers::InstrumentId;
use nautilus_model::orderbook::OrderBook;
use nautilus_model::types::{Price as NautilusPrice, Quantity};
use vp_market::{Side, TickSize};

use crate::flow::{Change, Order, Step};

/// Digits behind the point of a price.
const PRECISION: u8 = 2;
/// What 1 is in its quantities.
const UNIT: u64 = 1_000_000_000;

fn instrument() -> InstrumentId {
    InstrumentId::from("ES.GLBX")
}

/// Returns the steps in its types, `None` where nothing happens.
pub(crate) fn deltas(steps: &[Step]) -> Vec<Option<OrderBookDelta>> {
    let instrument = instrument();
    let delta = |(sequence, step): (usize, &Step)| {
        let (sequence, ts) = (sequence as u64, step.ts_ns.into());
        let of = |action, order: Order| {
            OrderBookDelta::new(instrument, action, book_order(order), 0, sequence, ts, ts)
        };
        match step.change {
            Change::Nothing => None,
            Change::Clear => Some(OrderBookDelta::clear(instrument, sequence, ts, ts)),
            Change::Add(order) => Some(of(BookAction::Add, order)),
            Change::Modify(order) => Some(of(BookAction::Update, order)),
            Change::Delete(order) => Some(of(BookAction::Delete, order)),
        }
    };
    steps.iter().enumerate().map(delta).collect()
}

fn book_order(order: Order) -> BookOrder {
    let side = match order.side {
        Side::Bid => OrderSide::Buy,
        Side::Ask => OrderSide::Sell,
    };
    // Its raw prices are nanos, as ours are.
    let price = NautilusPrice::from_raw(order.price.nanos(), PRECISION);
    let size = Quantity::from_raw(u64::from(order.size) * UNIT, 0);
    BookOrder::new(side, price, size, order.id)
}

/// Returns an empty book.
pub(crate) fn new() -> OrderBook {
    OrderBook::new(instrument(), BookType::L3_MBO)
}

/// Runs the book, its best prices read after every step.
pub(crate) fn book(deltas: &[Option<OrderBookDelta>]) -> OrderBook {
    let mut book = new();
    for delta in deltas {
        apply(&mut book, delta.as_ref());
        black_box((book.best_bid_price(), book.best_ask_price()));
    }
    book
}

/// Applies one step. Nothing is refused: the steps speak of orders that rest there.
#[inline]
pub(crate) fn apply(book: &mut OrderBook, delta: Option<&OrderBookDelta>) {
    if let Some(delta) = delta {
        book.apply_delta(delta).expect("the steps are consistent");
    }
}

/// Returns the best prices in ticks, where there are any.
pub(crate) fn best(book: &OrderBook, tick: TickSize) -> [Option<i64>; 2] {
    [book.best_bid_price(), book.best_ask_price()]
        .map(|price| price.map(|price| price.raw / tick.nanos()))
}
