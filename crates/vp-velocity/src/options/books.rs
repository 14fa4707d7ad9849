//! A futures option: an order book that is read second by second.

use std::collections::BTreeMap;

use vp_book::{Book, Change, RestingOrder};
use vp_market::{Record, Side, TickSize};

use super::flows::{InstrumentWindow, LevelFlows, SideSums};
use super::silver::{OptionInstrument, WindowSpan};

/// How long an order has to stay to count as resting.
const REST_NS: u64 = 500_000_000;

/// One instrument's book, with what happened to it in the current window.
#[derive(Clone, Debug)]
pub struct OptionBook {
    book: Book,
    flows: LevelFlows,
    /// When the orders arrived that may not have rested by the window's end.
    young: BTreeMap<u64, u64>,
    /// The current window had a record, or the one before: the sums have to be made anew.
    is_stirred: bool,
    settled: InstrumentWindow,
}

impl OptionInstrument for OptionBook {
    type Input = Record;

    fn new(tick: TickSize) -> Self {
        Self {
            book: Book::new(tick),
            flows: LevelFlows::default(),
            young: BTreeMap::new(),
            is_stirred: false,
            settled: InstrumentWindow::default(),
        }
    }

    fn apply(&mut self, record: &Record, ts_ns: u64, span: WindowSpan) {
        self.is_stirred = true;
        let before = self.book.order(record.order_id);
        let change = self.book.apply(record);
        if span.has_begun && change != Change::Rebuilt {
            for flow in change.flows() {
                self.flows
                    .note(flow.side, flow.price, flow.add, flow.pull, flow.fill);
            }
        }
        if self.book.order_count() == 0 {
            self.young.clear();
            return;
        }
        // An order arrives when it is new or comes to another level; a change of its size is no arrival.
        let after = self.book.order(record.order_id);
        let level = |order: RestingOrder| (order.side, order.price);
        if after.is_some() && before.map(level) == after.map(level) {
            return;
        }
        if after.is_some() && ts_ns.saturating_add(REST_NS) > span.end_ns {
            self.young.insert(record.order_id, ts_ns);
        } else {
            self.young.remove(&record.order_id);
        }
    }

    fn end_window(&mut self, end_ns: u64) -> InstrumentWindow {
        if !self.is_stirred {
            return self.settled;
        }
        let mut young = [0; 2];
        for (order_id, arrived_ns) in &self.young {
            if let Some(order) = self.book.order(*order_id)
                && end_ns.saturating_sub(*arrived_ns) < REST_NS
            {
                young[usize::from(order.side == Side::Ask)] += u64::from(order.size);
            }
        }
        let sums = |side, young| {
            let levels = self.book.levels(side);
            let total = levels.map(|level| level.depth).sum();
            SideSums {
                rest: total - young,
                ..self
                    .flows
                    .sums(side, total, |price| self.book.depth(side, price))
            }
        };
        let sides = [sums(Side::Bid, young[0]), sums(Side::Ask, young[1])];
        let bbo = self.book.bbo();
        self.flows.clear();
        self.young.clear();
        self.is_stirred = false;
        // Left alone, everything has rested by the next window's end, and nothing flows.
        let at_rest = sides.map(|side| SideSums {
            start: side.end,
            end: side.end,
            rest: side.end,
            ..SideSums::default()
        });
        self.settled = InstrumentWindow {
            bid: bbo.bid,
            ask: bbo.ask,
            sides: at_rest,
        };
        InstrumentWindow {
            sides,
            ..self.settled
        }
    }

    fn anomaly_count(&self) -> u64 {
        self.book.anomalies().total()
    }
}
