//! The book itself: how each action changes orders and depth, and whose doing it was.

use vp_market::{Action, Price, Record, Side, TickSize};

use crate::anomaly::{Anomalies, Anomaly};
use crate::change::{Change, LevelFlow};
use crate::ladder::Ladder;
use crate::order_table::{OrderTable, PREFETCH, Place, RestingOrder, Spot};
use crate::phase::{Phase, PhaseInput};
use crate::queues::{Keep, QueuedLevel, QueuedOrder, Queues};

/// All resting size at one price on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// The depth, in contracts or shares; never zero.
    pub depth: u64,
}

/// Orders that a core's own caches hold, about: 2 MiB of them.
const IN_CACHE: usize = 1 << 15;

/// The best bid and the best ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bbo {
    /// The highest price at which a bid rests.
    pub bid: Option<Price>,
    /// The lowest price at which an ask rests.
    pub ask: Option<Price>,
}

impl Bbo {
    /// Returns both prices if both sides exist.
    #[inline]
    pub fn both(self) -> Option<(Price, Price)> {
        self.bid.zip(self.ask)
    }

    /// Returns whether the best bid is above the best ask, as before an opening auction.
    pub fn is_crossed(self) -> bool {
        self.both().is_some_and(|(bid, ask)| bid > ask)
    }

    /// Returns whether the best bid equals the best ask.
    pub fn is_locked(self) -> bool {
        self.both().is_some_and(|(bid, ask)| bid == ask)
    }
}

/// The limit order book of one instrument.
///
/// # Examples
/// ```
/// use vp_book::{Book, Change};
/// use vp_market::{Action, Flags, Record, Side, TickSize};
///
/// let mut book = Book::new(TickSize::from_nanos(250_000_000).unwrap());
/// let add = Record {
///     ts_event: 1_700_000_000_000_000_000,
///     order_id: 1,
///     price: "4800.25".parse().ok(),
///     size: 5,
///     action: Action::Add,
///     side: Some(Side::Bid),
///     flags: Flags::LAST,
/// };
/// book.apply(&add);
/// let Change::Touched(flow) = book.apply(&Record { action: Action::Cancel, size: 2, ..add }) else {
///     panic!("a cancel touches its level");
/// };
/// assert_eq!(flow.pull, 2);
/// assert_eq!(book.levels(Side::Bid).next().unwrap().depth, 3);
/// ```
#[derive(Clone, Debug)]
pub struct Book<K = ()> {
    orders: OrderTable,
    /// Bids, then asks. Indexed, because no branch on the side can be predicted.
    ladders: [Ladder; 2],
    phase: Phase,
    anomalies: Anomalies,
    /// What is kept beside: nothing, or the queues.
    kept: K,
}

impl Book {
    /// How many records [`prefetch`](Self::prefetch) looks at.
    pub const PREFETCH: usize = PREFETCH;

    /// Returns an empty book, fast at prices that are multiples of `tick` and right at all.
    pub fn new(tick: TickSize) -> Self {
        Self::keeping(tick)
    }
}

impl Book<Queues> {
    /// Returns an empty book that keeps every order's place in the queue of its level.
    ///
    /// # Examples
    /// ```
    /// use vp_book::Book;
    /// use vp_market::{Record, Side, TickSize};
    ///
    /// let mut book = Book::with_queues(TickSize::from_nanos(250_000_000)?);
    /// let price = "4800.25".parse()?;
    /// for (order_id, size) in [(1, 5), (2, 3), (3, 8)] {
    ///     book.apply(&Record::add(1_700_000_000_000_000_000, order_id, Side::Bid, price, size));
    /// }
    /// let third = book.queued(3).unwrap();
    /// assert_eq!((third.orders_ahead, third.size_ahead), (2, 8));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_queues(tick: TickSize) -> Self {
        Self::keeping(tick)
    }

    /// Returns a resting order with its place in the queue. Costs as many steps as there are orders
    /// ahead of it.
    pub fn queued(&self, order_id: u64) -> Option<QueuedOrder> {
        match self.orders.find(order_id) {
            Place::Occupied(spot) => Some(self.kept.place(spot.handle(), |of| self.orders.of(of))),
            Place::Vacant(_) => None,
        }
    }

    /// Returns the orders at a price of one side, front first.
    pub fn queue(&self, side: Side, price: Price) -> impl Iterator<Item = QueuedOrder> + '_ {
        self.kept.queue(side, price, |of| self.orders.of(of))
    }

    /// Returns the price levels of one side with the number of their orders, best first.
    pub fn queued_levels(&self, side: Side) -> impl Iterator<Item = QueuedLevel> + '_ {
        self.levels(side).map(move |Level { price, depth }| {
            let (orders, size) = self.kept.level(side, price);
            debug_assert_eq!(size, depth, "both count the same orders");
            QueuedLevel {
                price,
                size,
                orders,
            }
        })
    }
}

#[expect(
    clippy::inline_always,
    reason = "a change that is built where it is read never goes through memory: of 15.8 ns a \
              record that takes 3.3, and in the engine 9.9 of 41.6"
)]
impl<K: Keep> Book<K> {
    fn keeping(tick: TickSize) -> Self {
        Self {
            orders: OrderTable::new(),
            ladders: Side::BOTH.map(|side| Ladder::new(side, tick)),
            phase: Phase::default(),
            anomalies: Anomalies::default(),
            kept: K::default(),
        }
    }

    /// Applies one record and returns what it did to the depth.
    #[inline(always)]
    pub fn apply(&mut self, record: &Record) -> Change {
        self.phase = self.phase.step(PhaseInput::of(record));
        let change = match record.action {
            Action::Add => self.add(record),
            Action::Cancel => self.cancel(record),
            Action::Modify => self.modify(record),
            Action::Clear => {
                self.orders.clear();
                self.ladders.iter_mut().for_each(Ladder::clear);
                self.kept.clear();
                Change::Rebuilt
            }
            Action::Fill => {
                self.fill(record);
                Change::Nothing
            }
            Action::Trade | Action::None => Change::Nothing,
        };
        if record.is_snapshot() && change != Change::Nothing {
            Change::Rebuilt
        } else {
            change
        }
    }

    /// Brings the orders of the records that come next into the caches; changes nothing.
    ///
    /// A book of a million orders does not fit into a core's caches, and a record that waits for
    /// memory waits four times as long as it works. Looked up together, before they are needed,
    /// the orders of [`PREFETCH`](Book::PREFETCH) records cost about what one of them does.
    /// For a book that does fit this does nothing.
    #[inline]
    pub fn prefetch(&self, records: &[Record]) {
        if self.orders.len() > IN_CACHE {
            let order_ids = records.iter().map(|record| record.order_id);
            self.orders.look_up(order_ids);
        }
    }

    /// Returns whether `record`, if it came now, would begin a snapshot.
    #[inline]
    pub fn begins_snapshot(&self, record: &Record) -> bool {
        record.is_snapshot() && (record.action == Action::Clear || self.phase != Phase::Recovering)
    }

    /// Returns whether `record`, if it came now, would be the first after a snapshot that lacked
    /// its last-in-event flag.
    #[inline]
    pub fn ends_snapshot_before(&self, record: &Record) -> bool {
        self.phase == Phase::Recovering && !record.is_snapshot()
    }

    /// Returns the best bid and the best ask.
    #[inline]
    pub fn bbo(&self) -> Bbo {
        let [bids, asks] = &self.ladders;
        Bbo {
            bid: bids.best(),
            ask: asks.best(),
        }
    }

    /// Returns how far the book can be trusted.
    #[inline]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns what was wrong with the records so far.
    pub const fn anomalies(&self) -> &Anomalies {
        &self.anomalies
    }

    /// Returns the depth at one price of one side, 0 where nothing rests.
    pub fn depth(&self, side: Side, price: Price) -> u64 {
        self.ladder(side).depth(price)
    }

    /// Returns the depth of one side at all prices from `lowest` to `highest`, both included.
    pub fn depth_between(&self, side: Side, lowest: Price, highest: Price) -> u64 {
        self.ladder(side).depth_between(lowest, highest)
    }

    /// Returns the price levels of one side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        self.ladder(side)
            .levels()
            .map(|(price, depth)| Level { price, depth })
    }

    /// Returns how many price levels one side has.
    pub fn level_count(&self, side: Side) -> usize {
        self.ladder(side).level_count()
    }

    /// Returns the resting order with that id.
    pub fn order(&self, order_id: u64) -> Option<RestingOrder> {
        match self.orders.find(order_id) {
            Place::Occupied(spot) => Some(self.orders.get(spot)),
            Place::Vacant(_) => None,
        }
    }

    /// Returns how many orders rest in the book.
    pub fn order_count(&self) -> usize {
        self.orders.len()
    }

    /// Returns the resting orders, in no particular order.
    pub fn orders(&self) -> impl Iterator<Item = RestingOrder> + '_ {
        self.orders.iter()
    }

    #[inline(always)]
    fn add(&mut self, record: &Record) -> Change {
        let Some(order) = self.accept(record) else {
            return Change::Nothing;
        };
        match self.orders.find(order.order_id) {
            Place::Vacant(index) => self.insert(index, order, record.ts_event),
            Place::Occupied(spot) => {
                self.anomalies.note(Anomaly::DuplicateAdd);
                self.replace(spot, order, record.ts_event)
            }
        }
    }

    #[inline(always)]
    fn modify(&mut self, record: &Record) -> Change {
        let Some(order) = self.accept(record) else {
            return Change::Nothing;
        };
        match self.orders.find(order.order_id) {
            Place::Occupied(spot) => self.replace(spot, order, record.ts_event),
            Place::Vacant(index) => {
                self.anomalies.note(Anomaly::UnknownOrder);
                self.insert(index, order, record.ts_event)
            }
        }
    }

    /// Returns the order that an add or modify describes, or counts its first defect.
    #[inline(always)]
    fn accept(&mut self, record: &Record) -> Option<RestingOrder> {
        let defect = match (record.price, record.side) {
            (None, _) => Anomaly::UndefinedPrice,
            (Some(_), None) => Anomaly::BadSide,
            (Some(_), Some(_)) if record.size == 0 => Anomaly::ZeroSize,
            (Some(price), Some(side)) => {
                return Some(RestingOrder {
                    order_id: record.order_id,
                    price,
                    size: record.size,
                    pending_fill: 0,
                    side,
                });
            }
        };
        self.anomalies.note(defect);
        None
    }

    #[inline(always)]
    fn insert(&mut self, vacant: usize, order: RestingOrder, ts_ns: u64) -> Change {
        let handle = self.orders.insert(vacant, order);
        let at = (order.side, order.price);
        self.kept.join(handle, at, order.size, ts_ns, false);
        Change::Touched(self.arrive(order))
    }

    #[inline(always)]
    fn replace(&mut self, spot: Spot, new: RestingOrder, ts_ns: u64) -> Change {
        let old = core::mem::replace(self.orders.get_mut(spot), new);
        let (side, price) = (old.side, old.price);
        let fill = old.pending_fill;
        if side != new.side || price != new.price {
            self.ladder_mut(side).remove(price, old.size);
            self.kept.leave(spot.handle(), old.size);
            let at = (new.side, new.price);
            self.kept.join(spot.handle(), at, new.size, ts_ns, true);
            let from = LevelFlow {
                side,
                price,
                add: 0,
                pull: old.size - fill,
                fill,
            };
            return Change::Moved {
                from,
                to: self.arrive(new),
            };
        }
        if new.size > old.size {
            self.ladder_mut(side).add(price, new.size - old.size);
        } else {
            self.ladder_mut(side).remove(price, old.size - new.size);
        }
        // What a fill left is the base: an iceberg that shows its next slice is a fill and an add.
        let base = old.size - fill;
        if new.size <= base {
            self.kept.resize(spot.handle(), old.size, new.size);
        } else {
            self.kept.to_back(spot.handle(), old.size, new.size, ts_ns);
        }
        let (add, pull) = (new.size.saturating_sub(base), base.saturating_sub(new.size));
        Change::Touched(LevelFlow {
            side,
            price,
            add,
            pull,
            fill,
        })
    }

    #[inline(always)]
    fn arrive(&mut self, order: RestingOrder) -> LevelFlow {
        let RestingOrder {
            side, price, size, ..
        } = order;
        self.ladder_mut(side).add(price, size);
        LevelFlow {
            side,
            price,
            add: size,
            pull: 0,
            fill: 0,
        }
    }

    #[inline(always)]
    fn cancel(&mut self, record: &Record) -> Change {
        let Place::Occupied(spot) = self.orders.find(record.order_id) else {
            self.anomalies.note(Anomaly::UnknownOrder);
            return Change::Nothing;
        };
        let RestingOrder {
            side,
            price,
            size,
            pending_fill,
            ..
        } = self.orders.get(spot);
        let taken = record.size.min(size);
        let fill = pending_fill.min(taken);
        if taken < record.size {
            self.anomalies.note(Anomaly::OverCancel);
        }
        if taken == size {
            self.kept.leave(spot.handle(), size);
            self.orders.remove(spot);
        } else {
            self.kept.resize(spot.handle(), size, size - taken);
            let order = self.orders.get_mut(spot);
            order.size = size - taken;
            order.pending_fill = pending_fill - fill;
        }
        self.ladder_mut(side).remove(price, taken);
        Change::Touched(LevelFlow {
            side,
            price,
            add: 0,
            pull: taken - fill,
            fill,
        })
    }

    #[inline(always)]
    fn fill(&mut self, record: &Record) {
        let Place::Occupied(spot) = self.orders.find(record.order_id) else {
            self.anomalies.note(Anomaly::UnknownOrder);
            return;
        };
        let order = self.orders.get_mut(spot);
        order.pending_fill = order
            .pending_fill
            .saturating_add(record.size)
            .min(order.size);
    }

    #[inline]
    fn ladder(&self, side: Side) -> &Ladder {
        &self.ladders[usize::from(side == Side::Ask)]
    }

    #[inline]
    fn ladder_mut(&mut self, side: Side) -> &mut Ladder {
        &mut self.ladders[usize::from(side == Side::Ask)]
    }
}
