//! The L3 books of hftbacktest (MIT).

use std::hint::black_box;

use hftbacktest::backtest::BacktestError;
use hftbacktest::depth::{
    HashMapMarketDepth, INVALID_MAX, INVALID_MIN, L3MarketDepth, ROIVectorMarketDepth,
};
use hftbacktest::types::Side as HftSide;
use vp_market::{Price, Side, TickSize};

use crate::flow::{Change, Step};

/// A step in the types of hftbacktest.
#[derive(Clone, Copy)]
pub(crate) struct HftStep {
    ts: i64,
    order_id: u64,
    px: f64,
    qty: f64,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Nothing,
    AddBuy,
    AddSell,
    Modify,
    Delete,
    Clear,
}

/// The range of interest: every price at which an order rests in the input.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    lowest: f64,
    highest: f64,
}

impl Range {
    pub(crate) fn new(lowest: Price, highest: Price, tick: TickSize) -> Self {
        Self {
            lowest: float(lowest, tick),
            highest: float(highest, tick),
        }
    }
}

/// Returns the price as hftbacktest takes it, so that its rounding finds the tick again.
fn float(price: Price, tick: TickSize) -> f64 {
    (price.nanos() / tick.nanos()) as f64 * tick_size(tick)
}

fn tick_size(tick: TickSize) -> f64 {
    tick.nanos() as f64 / 1e9
}

/// Returns the steps in its types.
pub(crate) fn steps(steps: &[Step], tick: TickSize) -> Vec<HftStep> {
    let step = |step: &Step| {
        let (kind, order) = match step.change {
            Change::Nothing => (Kind::Nothing, None),
            Change::Clear => (Kind::Clear, None),
            Change::Add(order) => {
                let kind = if order.side == Side::Bid {
                    Kind::AddBuy
                } else {
                    Kind::AddSell
                };
                (kind, Some(order))
            }
            Change::Modify(order) => (Kind::Modify, Some(order)),
            Change::Delete(order) => (Kind::Delete, Some(order)),
        };
        HftStep {
            ts: step.ts_ns.cast_signed(),
            order_id: order.map_or(0, |order| order.id),
            px: order.map_or(0.0, |order| float(order.price, tick)),
            qty: order.map_or(0.0, |order| f64::from(order.size)),
            kind,
        }
    };
    steps.iter().map(step).collect()
}

/// Runs the vector book, its best prices read after every step.
pub(crate) fn roi(steps: &[HftStep], tick: TickSize, range: Range) -> impl Sized + use<> {
    let mut book = roi_book(tick, range);
    run(&mut book, steps);
    book
}

/// Runs the hash-map book.
pub(crate) fn hash_map(steps: &[HftStep], tick: TickSize) -> impl Sized + use<> {
    let mut book = HashMapMarketDepth::new(tick_size(tick), 1.0);
    run(&mut book, steps);
    book
}

/// Returns an empty vector book over the range.
pub(crate) fn roi_book(tick: TickSize, range: Range) -> ROIVectorMarketDepth {
    ROIVectorMarketDepth::new(tick_size(tick), 1.0, range.lowest, range.highest)
}

fn run(book: &mut impl L3MarketDepth<Error = BacktestError>, steps: &[HftStep]) {
    for step in steps {
        apply(book, step);
        black_box((book.best_bid_tick(), book.best_ask_tick()));
    }
}

/// Applies one step. Nothing is refused: the steps speak of orders that rest there.
#[inline]
pub(crate) fn apply(book: &mut impl L3MarketDepth<Error = BacktestError>, step: &HftStep) {
    let &HftStep {
        ts,
        order_id,
        px,
        qty,
        kind,
    } = step;
    let is_taken = match kind {
        Kind::Nothing => true,
        Kind::AddBuy => book.add_buy_order(order_id, px, qty, ts).is_ok(),
        Kind::AddSell => book.add_sell_order(order_id, px, qty, ts).is_ok(),
        Kind::Modify => book.modify_order(order_id, px, qty, ts).is_ok(),
        Kind::Delete => book.delete_order(order_id, ts).is_ok(),
        Kind::Clear => {
            book.clear_orders(HftSide::None);
            true
        }
    };
    assert!(is_taken, "hftbacktest refuses a step");
}

/// Returns the best prices in ticks, where there are any.
pub(crate) fn best(book: &impl L3MarketDepth) -> [Option<i64>; 2] {
    let (bid, ask) = (book.best_bid_tick(), book.best_ask_tick());
    [
        (bid != INVALID_MIN).then_some(bid),
        (ask != INVALID_MAX).then_some(ask),
    ]
}
