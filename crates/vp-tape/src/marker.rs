//! Marks: what stands out among the records of one event.

use vp_book::{Bbo, Book, Keep, RestingOrder};
use vp_market::{Action, MarkThresholds, Price, Record, Side, TickSize};

use crate::memory::Orders;
use crate::volumes::trade_price;

/// What a mark says, with the numbers that only its kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MarkKind {
    /// The trades of one side sum to a large one.
    LargeTrade {
        /// How many they are.
        trades: u32,
    },
    /// One aggressor traded at several prices.
    Sweep {
        /// At how many.
        levels: u32,
        /// The price of the first trade.
        from: Price,
    },
    /// An order that was filled shows its next slice.
    Iceberg {
        /// The order.
        order_id: u64,
        /// How often it has done so.
        refills: u32,
        /// The slice.
        shown: u32,
    },
    /// A large order is there.
    LargeOrder {
        /// The order.
        order_id: u64,
        /// How far behind the best of its side; `None` if that was empty.
        ticks_from_best: Option<i64>,
    },
    /// A large order left its price without a fill.
    Pulled {
        /// The order.
        order_id: u64,
        /// How long it had its place.
        age_ns: u64,
        /// How far behind the best of its side; `None` if that was empty.
        ticks_from_best: Option<i64>,
    },
    /// A best level holds against what is filled there.
    Absorbed {
        /// Since when it is the best.
        since_ns: u64,
    },
}

impl MarkKind {
    /// Returns the name that messages and files use.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::LargeTrade { .. } => "large_trade",
            Self::Sweep { .. } => "sweep",
            Self::Iceberg { .. } => "iceberg",
            Self::LargeOrder { .. } => "large_order",
            Self::Pulled { .. } => "pulled",
            Self::Absorbed { .. } => "absorbed",
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::LargeTrade { .. } => 0,
            Self::Sweep { .. } => 1,
            Self::Iceberg { .. } => 2,
            Self::LargeOrder { .. } => 3,
            Self::Pulled { .. } => 4,
            Self::Absorbed { .. } => 5,
        }
    }
}

/// Something that stood out in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// The time of the event, in nanoseconds since the Unix epoch, UTC.
    pub ts_ns: u64,
    /// The number of the event.
    pub event_id: u64,
    /// What it is.
    pub kind: MarkKind,
    /// The aggressor's side of a trade or sweep, else that of the order or level; `None` for trades
    /// without an aggressor.
    pub side: Option<Side>,
    /// The price of the last trade, of the order, or of the level.
    pub price: Price,
    /// The sum of the trades, of what was filled, or the size of the order.
    pub size: u64,
}

/// Finds marks in records, event by event.
///
/// Give it every record twice, [`before`](Self::before) and [`after`](Self::after) the book takes it
/// in, and every [`commit`](Self::commit) of an event.
#[derive(Clone, Debug)]
pub struct Marker {
    thresholds: MarkThresholds,
    tick: TickSize,
    orders: Orders,
    event: OpenEvent,
    /// The best level of bids and asks.
    best: [Option<BestLevel>; 2],
    marks: Vec<Mark>,
}

/// The records of the event that is open.
#[derive(Clone, Debug, Default)]
struct OpenEvent {
    /// The best prices before its first record.
    bbo: Option<Bbo>,
    /// Those of buyers, sellers, and without an aggressor.
    trades: [Trades; 3],
    marks: Vec<(MarkKind, Side, Price, u64)>,
    /// What was filled, with its side and price.
    fills: Vec<(Side, Price, u64)>,
    has_clear: bool,
    has_snapshot: bool,
    /// The order of the current record, as it was before it.
    old: Option<RestingOrder>,
}

/// The trades of one side in one event.
#[derive(Clone, Debug, Default)]
struct Trades {
    count: u32,
    size: u64,
    first: Option<Price>,
    last: Option<Price>,
    /// Its different prices.
    prices: Vec<Price>,
}

/// A level since it became its side's best.
#[derive(Clone, Copy, Debug)]
struct BestLevel {
    price: Price,
    since_ns: u64,
    filled: u64,
    /// What `filled` has to reach for the next mark.
    next: u64,
}

const SIDES: [Option<Side>; 3] = [Some(Side::Bid), Some(Side::Ask), None];

impl Marker {
    /// Returns a marker before the first record.
    pub fn new(thresholds: MarkThresholds, tick: TickSize) -> Self {
        Self {
            thresholds,
            tick,
            orders: Orders::default(),
            event: OpenEvent::default(),
            best: [None; 2],
            marks: Vec::new(),
        }
    }

    /// Returns the marks of the last event, in order.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Looks at a record that `book` has not taken in yet.
    #[inline]
    pub fn before<K: Keep>(&mut self, record: &Record, book: &Book<K>) {
        if self.event.bbo.is_none() {
            self.event.bbo = Some(book.bbo());
        }
        self.event.old = book.order(record.order_id);
    }

    /// Looks at a record that `book` has taken in.
    #[inline]
    pub fn after<K: Keep>(&mut self, record: &Record, book: &Book<K>) {
        self.event.has_snapshot |= record.is_snapshot();
        match record.action {
            Action::Trade => self.trade(record),
            Action::Fill => self.fill(record),
            Action::Clear => self.clear(),
            Action::Add | Action::Cancel | Action::Modify => {
                self.change(record, book.order(record.order_id));
            }
            Action::None => {}
        }
    }

    fn trade(&mut self, record: &Record) {
        let Some(price) = trade_price(record) else {
            return;
        };
        let place = match record.side {
            Some(Side::Bid) => 0,
            Some(Side::Ask) => 1,
            None => 2,
        };
        let trades = &mut self.event.trades[place];
        trades.count += 1;
        trades.size += u64::from(record.size);
        trades.first.get_or_insert(price);
        trades.last = Some(price);
        if !trades.prices.contains(&price) {
            trades.prices.push(price);
        }
    }

    fn fill(&mut self, record: &Record) {
        let (Some(order), Some(memory)) = (self.event.old, self.orders.get_mut(record.order_id))
        else {
            return;
        };
        memory.filled += u64::from(record.size);
        memory.is_filled_since_increase = true;
        if record.price == Some(order.price) {
            memory.pending += u64::from(record.size);
        }
    }

    fn clear(&mut self) {
        self.orders.clear();
        self.best = [None; 2];
        self.event.marks.clear();
        self.event.fills.clear();
        self.event.has_clear = true;
    }

    /// Takes in what a record did to its order.
    fn change(&mut self, record: &Record, new: Option<RestingOrder>) {
        let ts_ns = record.ts_event;
        let is_marked = !record.is_snapshot();
        match (self.event.old, new) {
            (None, None) => {}
            (None, Some(new)) => {
                self.orders.enter(record.order_id, ts_ns);
                if is_marked && record.action == Action::Add {
                    self.mark_large(0, new);
                }
            }
            (Some(old), None) => {
                let memory = self.orders.leave(record.order_id);
                self.use_fills(old, memory.pending);
                if is_marked && !memory.is_filled_since_increase {
                    self.mark_pulled(old, ts_ns.saturating_sub(memory.arrived_ns));
                }
            }
            (Some(old), Some(new)) if record.action == Action::Cancel => {
                let pending = self.take_pending(record.order_id);
                self.use_fills(old, pending);
                debug_assert!(new.size <= old.size, "a cancel takes size off");
            }
            (Some(old), Some(new)) => self.modify(record, old, new, is_marked),
        }
    }

    fn modify(&mut self, record: &Record, old: RestingOrder, new: RestingOrder, is_marked: bool) {
        let is_accepted = record.price.is_some() && record.side.is_some() && record.size > 0;
        let Some(memory) = self.orders.get_mut(record.order_id).filter(|_| is_accepted) else {
            return;
        };
        let pending = std::mem::take(&mut memory.pending);
        let is_same_level = (old.side, old.price) == (new.side, new.price);
        let is_refill = is_same_level
            && record.action == Action::Modify
            && old.pending_fill > 0
            && new.size > old.size - old.pending_fill;
        let is_back = !is_same_level || new.size > old.size - old.pending_fill;
        let (before, age) = (*memory, record.ts_event.saturating_sub(memory.arrived_ns));
        if is_back {
            memory.arrived_ns = record.ts_event;
        }
        if new.size > old.size || is_refill {
            memory.is_filled_since_increase = false;
        }
        if is_refill {
            memory.refills += 1;
        }
        let refills = memory.refills;
        self.use_fills(old, pending);
        if !is_marked {
            return;
        }
        if is_refill {
            if before.filled >= self.thresholds.iceberg {
                let kind = MarkKind::Iceberg {
                    order_id: record.order_id,
                    refills,
                    shown: new.size,
                };
                let mark = (kind, new.side, new.price, before.filled);
                self.event.marks.push(mark);
            }
        } else {
            self.mark_large(old.size, new);
        }
        let goes_away = old.side != new.side
            || match old.side {
                Side::Bid => new.price < old.price,
                Side::Ask => new.price > old.price,
            };
        if goes_away && !before.is_filled_since_increase {
            self.mark_pulled(old, age);
        }
    }

    fn take_pending(&mut self, order_id: u64) -> u64 {
        let memory = self.orders.get_mut(order_id);
        memory.map_or(0, |memory| std::mem::take(&mut memory.pending))
    }

    /// Counts fills where their order rested.
    fn use_fills(&mut self, order: RestingOrder, size: u64) {
        if size > 0 {
            self.event.fills.push((order.side, order.price, size));
        }
    }

    /// Returns whether an order is near its side's best before the event, and how many ticks it is
    /// behind it; one is near where the side was empty.
    fn near(&self, order: RestingOrder) -> (bool, Option<i64>) {
        let bbo = self.event.bbo.unwrap_or_default();
        let best = match order.side {
            Side::Bid => bbo.bid,
            Side::Ask => bbo.ask,
        };
        let Some(best) = best else {
            return (true, None);
        };
        let (price, best) = (i128::from(order.price.nanos()), i128::from(best.nanos()));
        let behind = match order.side {
            Side::Bid => best - price,
            Side::Ask => price - best,
        };
        let ticks = behind.div_euclid(i128::from(self.tick.nanos()));
        (
            ticks <= i128::from(self.thresholds.near_ticks),
            i64::try_from(ticks).ok(),
        )
    }

    fn mark_large(&mut self, old_size: u32, new: RestingOrder) {
        let large = self.thresholds.large_order;
        if u64::from(old_size) >= large || u64::from(new.size) < large {
            return;
        }
        let (is_near, ticks_from_best) = self.near(new);
        if is_near {
            let kind = MarkKind::LargeOrder {
                order_id: new.order_id,
                ticks_from_best,
            };
            let size = u64::from(new.size);
            self.event.marks.push((kind, new.side, new.price, size));
        }
    }

    fn mark_pulled(&mut self, old: RestingOrder, age_ns: u64) {
        if u64::from(old.size) < self.thresholds.large_order {
            return;
        }
        let (is_near, ticks_from_best) = self.near(old);
        if is_near {
            let kind = MarkKind::Pulled {
                order_id: old.order_id,
                age_ns,
                ticks_from_best,
            };
            let size = u64::from(old.size);
            self.event.marks.push((kind, old.side, old.price, size));
        }
    }

    /// Ends the event, whose time and number these are; `bbo` are the best prices after it. Returns its
    /// marks, in order.
    pub fn commit(&mut self, ts_ns: u64, event_id: u64, bbo: Bbo) -> &[Mark] {
        self.marks.clear();
        let mark = |kind, side, price, size| Mark {
            ts_ns,
            event_id,
            kind,
            side,
            price,
            size,
        };
        let MarkThresholds {
            large_trade,
            sweep_levels,
            ..
        } = self.thresholds;
        for (side, trades) in SIDES.into_iter().zip(&self.event.trades) {
            if let Some(last) = trades.last.filter(|_| trades.size >= large_trade) {
                let kind = MarkKind::LargeTrade {
                    trades: trades.count,
                };
                self.marks.push(mark(kind, side, last, trades.size));
            }
        }
        for (side, trades) in SIDES.into_iter().zip(&self.event.trades).take(2) {
            let levels = u32::try_from(trades.prices.len()).unwrap_or(u32::MAX);
            if let Some((from, last)) = trades.first.zip(trades.last)
                && levels >= sweep_levels
            {
                let kind = MarkKind::Sweep { levels, from };
                self.marks.push(mark(kind, side, last, trades.size));
            }
        }
        let orders = self.marks.len();
        let of_orders = self.event.marks.iter();
        self.marks.extend(
            of_orders.map(|&(kind, side, price, size)| mark(kind, Some(side), price, size)),
        );
        self.marks[orders..].sort_by_key(|mark| mark.kind.rank());
        for side in Side::BOTH {
            if let Some((level, filled)) = self.step_best(side, ts_ns, bbo) {
                let kind = MarkKind::Absorbed {
                    since_ns: level.since_ns,
                };
                self.marks.push(mark(kind, Some(side), level.price, filled));
            }
        }
        self.event.reset();
        &self.marks
    }

    /// Brings a side's best level to the end of the event; returns it if it has absorbed enough for a
    /// mark.
    fn step_best(&mut self, side: Side, ts_ns: u64, bbo: Bbo) -> Option<(BestLevel, u64)> {
        let after = match side {
            Side::Bid => bbo.bid,
            Side::Ask => bbo.ask,
        };
        let absorbed = self.thresholds.absorbed;
        let kept = &mut self.best[usize::from(side == Side::Ask)];
        let is_anew = self.event.has_clear || self.event.has_snapshot;
        match (kept.as_mut(), after) {
            (Some(level), Some(price)) if level.price == price && !is_anew => {
                let here = |fill: &&(Side, Price, u64)| (fill.0, fill.1) == (side, price);
                let filled: u64 = self
                    .event
                    .fills
                    .iter()
                    .filter(here)
                    .map(|fill| fill.2)
                    .sum();
                level.filled += filled;
                if filled == 0 || level.filled < level.next {
                    return None;
                }
                while level.next <= level.filled {
                    level.next = level.next.saturating_mul(2).max(1);
                }
                Some((*level, level.filled))
            }
            (_, after) => {
                *kept = after.map(|price| BestLevel {
                    price,
                    since_ns: ts_ns,
                    filled: 0,
                    next: absorbed,
                });
                None
            }
        }
    }
}

impl OpenEvent {
    /// Begins the next event; keeps the memory of lists.
    fn reset(&mut self) {
        self.bbo = None;
        for trades in &mut self.trades {
            trades.count = 0;
            trades.size = 0;
            trades.first = None;
            trades.last = None;
            trades.prices.clear();
        }
        self.marks.clear();
        self.fills.clear();
        self.has_clear = false;
        self.has_snapshot = false;
        self.old = None;
    }
}
