//! Silver once more, as plainly as the specification reads: ordered maps, and every order looked
//! at whenever a window ends. It shares no code with the real one.

use std::collections::BTreeMap;

use vp_market::{Action, Flags, Record, Side};

const SECOND: i128 = 1_000_000_000;
const REST: i128 = 500_000_000;

#[derive(Clone, Copy, Debug)]
struct Order {
    side: Side,
    price: i128,
    size: i128,
    pending: i128,
    arrived: i128,
}

/// Add, pull, fill, and the pull of what had rested.
type Flow = [i128; 4];

/// The best prices and the spot at a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    best_bid: Option<i128>,
    best_ask: Option<i128>,
    spot_ref: Option<i128>,
}

/// A row, with the columns of the table as integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NaiveRow {
    pub(crate) side: Side,
    pub(crate) price: i128,
    pub(crate) rel_ticks: i128,
    pub(crate) rel_ticks_side: i128,
    pub(crate) start: i128,
    pub(crate) end: i128,
    pub(crate) add: i128,
    pub(crate) pull: i128,
    pub(crate) rest: i128,
    pub(crate) pull_rest: i128,
    pub(crate) fill: i128,
}

/// A window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NaiveWindow {
    pub(crate) end: i128,
    pub(crate) best_bid: Option<(i128, i128)>,
    pub(crate) best_ask: Option<(i128, i128)>,
    pub(crate) last_trade: Option<i128>,
    pub(crate) spot_ref: Option<i128>,
    pub(crate) book_valid: bool,
    pub(crate) window_valid: bool,
    pub(crate) rows: Vec<NaiveRow>,
}

/// The naive silver: a step of prices, a reach in steps, and whether prices are rounded to it.
#[derive(Clone, Debug)]
pub(crate) struct NaiveSilver {
    pub(crate) step: i128,
    pub(crate) reach: i128,
    pub(crate) is_bucketed: bool,
    orders: BTreeMap<u64, Order>,
    flows: BTreeMap<(Side, i128), Flow>,
    phase: &'static str,
    snapshot_ts: i128,
    last_trade: Option<i128>,
    is_rebuilt: bool,
    start: Moment,
}

impl NaiveSilver {
    pub(crate) fn new(step: i64, reach: u32, is_bucketed: bool) -> Self {
        Self {
            step: step.into(),
            reach: reach.into(),
            is_bucketed,
            orders: BTreeMap::new(),
            flows: BTreeMap::new(),
            phase: "unseeded",
            snapshot_ts: 0,
            last_trade: None,
            is_rebuilt: false,
            start: Moment::default(),
        }
    }

    /// Returns the windows that end in `from..to`.
    pub(crate) fn run(mut self, records: &[Record], from: u64, to: u64) -> Vec<NaiveWindow> {
        let (from, to) = (i128::from(from), i128::from(to));
        let mut windows = Vec::new();
        let mut next = records.iter().peekable();
        // Records before the first window: each is in a window of its own time that is not written.
        let mut end = (from + SECOND - 1) / SECOND * SECOND;
        while let Some(record) = next.next_if(|record| self.time(record) < end - SECOND) {
            self.take(record);
        }
        self.begin_window();
        while end < to {
            while let Some(record) = next.next_if(|record| self.time(record) < end) {
                self.take(record);
            }
            windows.push(self.end_window(end));
            self.begin_window();
            end += SECOND;
        }
        windows
    }

    /// Returns the time of a record that would be taken in now.
    fn time(&self, record: &Record) -> i128 {
        let is_snapshot = record.flags.contains(Flags::SNAPSHOT);
        if is_snapshot && !self.begins_snapshot(record) {
            self.snapshot_ts
        } else {
            record.ts_event.into()
        }
    }

    fn begins_snapshot(&self, record: &Record) -> bool {
        let is_snapshot = record.flags.contains(Flags::SNAPSHOT);
        is_snapshot && (record.action == Action::Clear || self.phase != "recovering")
    }

    fn take(&mut self, record: &Record) {
        let is_snapshot = record.flags.contains(Flags::SNAPSHOT);
        let is_clear = record.action == Action::Clear;
        let ts = self.time(record);
        if self.begins_snapshot(record) {
            self.snapshot_ts = ts;
        }
        self.phase = match (is_snapshot, is_clear) {
            (true, _) if record.flags.contains(Flags::LAST) => "live",
            (true, _) => "recovering",
            (false, true) => "live",
            (false, false) => {
                let phase = match self.phase {
                    "recovering" => "live",
                    phase => phase,
                };
                if phase == "live" && record.flags.contains(Flags::MAYBE_BAD_BOOK) {
                    "suspect"
                } else {
                    phase
                }
            }
        };
        self.is_rebuilt |= is_snapshot || is_clear;
        self.change_book(record, ts, is_snapshot);
        let price = record.price.map(|price| i128::from(price.nanos()));
        if record.action == Action::Trade && price.is_some() {
            self.last_trade = price;
        }
    }

    fn change_book(&mut self, record: &Record, ts: i128, is_snapshot: bool) {
        let size = i128::from(record.size);
        match record.action {
            Action::Trade | Action::None => {}
            Action::Clear => self.orders.clear(),
            Action::Fill => {
                if let Some(order) = self.orders.get_mut(&record.order_id) {
                    order.pending = (order.pending + size).min(order.size);
                }
            }
            Action::Cancel => {
                let Some(mut order) = self.orders.remove(&record.order_id) else {
                    return;
                };
                let cut = size.min(order.size);
                let filled = cut.min(order.pending);
                order.size -= cut;
                order.pending -= filled;
                if order.size > 0 {
                    self.orders.insert(record.order_id, order);
                }
                self.flow(&order, [0, cut - filled, filled], ts, is_snapshot);
            }
            Action::Add | Action::Modify => {
                let (Some(price), Some(side), 1..) = (record.price, record.side, size) else {
                    return;
                };
                let mut new = Order {
                    side,
                    price: price.nanos().into(),
                    size,
                    pending: 0,
                    arrived: ts,
                };
                let Some(old) = self.orders.get(&record.order_id).copied() else {
                    self.orders.insert(record.order_id, new);
                    return self.flow(&new, [size, 0, 0], ts, is_snapshot);
                };
                let base = old.size - old.pending;
                if (old.side, old.price) == (new.side, new.price) {
                    new.arrived = old.arrived;
                    let flow = [(size - base).max(0), (base - size).max(0), old.pending];
                    self.flow(&old, flow, ts, is_snapshot);
                } else {
                    self.flow(&old, [0, base, old.pending], ts, is_snapshot);
                    self.flow(&new, [size, 0, 0], ts, is_snapshot);
                }
                self.orders.insert(record.order_id, new);
            }
        }
    }

    fn flow(&mut self, order: &Order, [add, pull, fill]: [i128; 3], ts: i128, is_snapshot: bool) {
        if is_snapshot {
            return;
        }
        let key = (order.side, self.rounded(order.price));
        let sums = self.flows.entry(key).or_default();
        let pull_rest = if ts - order.arrived >= REST { pull } else { 0 };
        for (sum, part) in sums.iter_mut().zip([add, pull, fill, pull_rest]) {
            *sum += part;
        }
    }

    fn rounded(&self, price: i128) -> i128 {
        if self.is_bucketed {
            (2 * price + self.step).div_euclid(2 * self.step) * self.step
        } else {
            price
        }
    }

    fn steps(&self, distance: i128) -> i128 {
        let steps = (2 * distance + self.step).div_euclid(2 * self.step);
        steps.clamp(i32::MIN.into(), i32::MAX.into())
    }

    fn depth(&self, side: Side, is_at: impl Fn(&Order) -> bool) -> i128 {
        let orders = self.orders.values().filter(|order| order.side == side);
        orders
            .filter(|order| is_at(order))
            .map(|order| order.size)
            .sum()
    }

    fn now(&self) -> Moment {
        let prices = |side| {
            let orders = self.orders.values().filter(move |order| order.side == side);
            orders.map(|order| order.price)
        };
        let best_bid = prices(Side::Bid).max();
        let best_ask = prices(Side::Ask).min();
        let trade = self.last_trade;
        let is_level = self.orders.values().any(|order| Some(order.price) == trade);
        let spot = if is_level {
            trade
        } else {
            match (best_bid, best_ask, trade) {
                (Some(bid), Some(ask), Some(trade))
                    if (ask - trade).abs() < (bid - trade).abs() =>
                {
                    Some(ask)
                }
                (bid, ask, trade) => bid.or(ask).or(trade),
            }
        };
        Moment {
            best_bid,
            best_ask,
            spot_ref: spot.map(|spot| self.rounded(spot)),
        }
    }

    fn begin_window(&mut self) {
        self.start = self.now();
        self.flows.clear();
        self.is_rebuilt = false;
    }

    fn end_window(&self, end: i128) -> NaiveWindow {
        let now = self.now();
        let spot_ref = self.start.spot_ref.or(now.spot_ref);
        let with_depth = |side, price: Option<i128>| {
            price.map(|price| (price, self.depth(side, |order| order.price == price)))
        };
        let book_valid = self.phase == "live";
        NaiveWindow {
            end,
            best_bid: with_depth(Side::Bid, now.best_bid),
            best_ask: with_depth(Side::Ask, now.best_ask),
            last_trade: self.last_trade,
            spot_ref: spot_ref.map(written),
            book_valid,
            window_valid: book_valid && !self.is_rebuilt,
            rows: spot_ref.map_or_else(Vec::new, |spot_ref| self.rows(end, spot_ref, now)),
        }
    }

    fn rows(&self, end: i128, spot_ref: i128, now: Moment) -> Vec<NaiveRow> {
        let orders = self.orders.values();
        let mut cells: Vec<_> = orders
            .map(|order| (order.side, self.rounded(order.price)))
            .collect();
        cells.extend(self.flows.keys());
        cells.retain(|(_, price)| (price - spot_ref).abs() <= self.reach * self.step);
        cells.sort_unstable_by_key(|(side, price)| (*side == Side::Ask, *price));
        cells.dedup();
        let row = |(side, price): (Side, i128)| {
            let flow = self.flows.get(&(side, price)).copied();
            let [add, pull, fill, pull_rest] = flow.unwrap_or_default();
            let depth = self.depth(side, |order| self.rounded(order.price) == price);
            let rest = self.depth(side, |order| {
                self.rounded(order.price) == price && end - order.arrived >= REST
            });
            let best = match side {
                Side::Bid => self.start.best_bid.or(now.best_bid),
                Side::Ask => self.start.best_ask.or(now.best_ask),
            };
            (depth > 0 || add + pull + fill > 0).then(|| NaiveRow {
                side,
                price: written(price),
                rel_ticks: self.steps(price - spot_ref),
                rel_ticks_side: self.steps(written(price) - best.unwrap_or(written(spot_ref))),
                start: (depth - add + pull + fill).max(0),
                end: depth,
                add,
                pull,
                rest,
                pull_rest,
                fill,
            })
        };
        cells.into_iter().filter_map(row).collect()
    }
}

/// Returns a price as the table can hold it: the center of a bucket may lie beyond, and the greatest
/// integer is the feed's undefined price.
fn written(price: i128) -> i128 {
    price.clamp(i64::MIN.into(), i128::from(i64::MAX) - 1)
}
