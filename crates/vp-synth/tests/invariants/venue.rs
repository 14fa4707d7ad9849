//! A venue that checks its own tape: a naive book by price and time that objects to any record a
//! real exchange could not have sent. It shares no code with the generator.

use std::collections::BTreeMap;

use vp_market::{Action, Record, Side};

#[derive(Clone, Copy, Debug)]
struct Resting {
    side: Side,
    price: i64,
    size: u32,
    /// Place in the queue: greater came later.
    priority: u64,
}

/// What the checks have seen, so that a test can tell that something was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) events: u64,
    pub(crate) trades: u64,
    pub partial_fills: u64,
    pub(crate) refreshes: u64,
    pub(crate) sweeps: u64,
    pub(crate) moves: u64,
}

/// The naive venue.
#[derive(Debug, Default)]
pub(crate) struct Venue {
    orders: BTreeMap<u64, Resting>,
    queues: BTreeMap<(Side, i64), BTreeMap<u64, u64>>,
    clock: u64,
    now_ns: u64,
    newest_id: u64,
    /// Filled in the event at hand and not yet taken off: order, size.
    pending: BTreeMap<u64, u32>,
    pub(crate) seen: Seen,
}

impl Venue {
    /// Takes one whole event.
    pub(crate) fn take(&mut self, event: &[Record]) {
        let (last, before) = event.split_last().expect("an event has a record");
        assert!(last.is_last(), "{last:?} closes no event");
        assert!(
            before.iter().all(|record| !record.is_last()),
            "an event closed twice"
        );
        let is_snapshot = event[0].is_snapshot();
        assert!(event.iter().all(|record| record.ts_event == last.ts_event));
        assert!(
            event
                .iter()
                .all(|record| record.is_snapshot() == is_snapshot)
        );
        assert!(last.ts_event >= self.now_ns, "time went back");
        self.now_ns = last.ts_event;
        self.check_trades(event);
        for record in event {
            self.apply(record);
        }
        assert!(
            self.pending.is_empty(),
            "fills without their cancel or modify: {event:?}"
        );
        let (bid, ask) = self.touch();
        assert!(bid < ask, "crossed at {bid} and {ask} after {event:?}");
        self.seen.events += 1;
    }

    /// Best bid and best ask.
    pub(crate) fn touch(&self) -> (i64, i64) {
        let best = |side| {
            self.queues
                .keys()
                .filter(move |key| key.0 == side)
                .map(|key| key.1)
        };
        (
            best(Side::Bid).next_back().expect("bids"),
            best(Side::Ask).next().expect("offers"),
        )
    }

    /// Number of resting orders.
    pub(crate) fn orders(&self) -> usize {
        self.orders.len()
    }

    fn check_trades(&mut self, event: &[Record]) {
        let total = |action| -> u64 {
            let of_action = event.iter().filter(|record| record.action == action);
            of_action.map(|record| u64::from(record.size)).sum()
        };
        assert_eq!(
            total(Action::Trade),
            total(Action::Fill),
            "what is bought is sold"
        );
        let trades: Vec<_> = event
            .iter()
            .filter(|record| record.action == Action::Trade)
            .collect();
        self.seen.trades += u64::from(!trades.is_empty());
        self.seen.sweeps += u64::from(trades.len() > 1);
        for pair in trades.windows(2) {
            let worse = match pair[0].side {
                Some(Side::Bid) => pair[0].price < pair[1].price,
                _ => pair[0].price > pair[1].price,
            };
            assert!(worse, "a sweep goes from the best price to worse ones");
        }
    }

    fn apply(&mut self, record: &Record) {
        if record.action == Action::Clear {
            self.orders.clear();
            self.queues.clear();
            return;
        }
        let price = record.price.expect("priced").nanos();
        let side = record.side.expect("sided");
        assert!(record.size > 0, "{record:?} is empty");
        match record.action {
            Action::Add => {
                assert!(
                    !self.orders.contains_key(&record.order_id),
                    "{record:?} is known"
                );
                if !record.is_snapshot() {
                    assert!(record.order_id > self.newest_id || self.is_aggressor(record));
                }
                self.newest_id = self.newest_id.max(record.order_id);
                self.clock += 1;
                let priority = self.clock;
                self.put(
                    record.order_id,
                    Resting {
                        side,
                        price,
                        size: record.size,
                        priority,
                    },
                );
            }
            Action::Cancel => {
                let order = self.pull(record.order_id);
                assert_eq!((order.side, order.price), (side, price), "{record:?}");
                assert!(
                    record.size <= order.size,
                    "{record:?} takes more than {order:?}"
                );
                if let Some(filled) = self.pending.remove(&record.order_id) {
                    assert_eq!(filled, record.size);
                    self.seen.partial_fills += u64::from(filled < order.size);
                }
                if record.size < order.size {
                    self.put(
                        record.order_id,
                        Resting {
                            size: order.size - record.size,
                            ..order
                        },
                    );
                }
            }
            Action::Modify => self.modify(record, side, price),
            Action::Trade => self.newest_id = self.newest_id.max(record.order_id),
            Action::Fill => self.fill(record, side, price),
            Action::Clear | Action::None => panic!("{record:?} is no flow"),
        }
    }

    fn modify(&mut self, record: &Record, side: Side, price: i64) {
        let order = self.pull(record.order_id);
        assert_eq!(order.side, side);
        let mut priority = order.priority;
        let grows = record.size > order.size;
        let mut is_refresh = false;
        if let Some(filled) = self.pending.remove(&record.order_id) {
            assert_eq!(order.price, price, "a filled order stays at its price");
            is_refresh = filled == order.size;
            assert!(is_refresh || record.size == order.size - filled);
            self.seen.partial_fills += u64::from(!is_refresh);
            self.seen.refreshes += u64::from(is_refresh);
        }
        self.seen.moves += u64::from(price != order.price);
        if price != order.price || grows || is_refresh {
            self.clock += 1;
            priority = self.clock;
        }
        self.put(
            record.order_id,
            Resting {
                side,
                price,
                size: record.size,
                priority,
            },
        );
    }

    /// Checks that the fill meets the order with the highest priority at the best price.
    fn fill(&mut self, record: &Record, side: Side, price: i64) {
        let order = self.orders[&record.order_id];
        assert_eq!((order.side, order.price), (side, price));
        assert!(
            record.size <= order.size,
            "{record:?} fills more than {order:?}"
        );
        let queues = self.queues.iter().filter(|(key, _)| key.0 == side);
        let waiting = |queue: &BTreeMap<u64, u64>| {
            queue
                .values()
                .copied()
                .find(|id| !self.pending.contains_key(id))
        };
        let first = match side {
            Side::Bid => queues.rev().find_map(|(_, queue)| waiting(queue)),
            Side::Ask => queues.into_iter().find_map(|(_, queue)| waiting(queue)),
        };
        assert_eq!(first, Some(record.order_id), "{record:?} jumps the queue");
        let earlier = self.pending.insert(record.order_id, record.size);
        assert_eq!(earlier, None, "filled twice in one event");
    }

    /// Returns whether an add is what an aggressor of this event leaves in the book.
    fn is_aggressor(&self, record: &Record) -> bool {
        record.order_id == self.newest_id
    }

    fn put(&mut self, id: u64, order: Resting) {
        self.queues
            .entry((order.side, order.price))
            .or_default()
            .insert(order.priority, id);
        self.orders.insert(id, order);
    }

    fn pull(&mut self, id: u64) -> Resting {
        let order = self
            .orders
            .remove(&id)
            .unwrap_or_else(|| panic!("order {id} is not resting"));
        let key = (order.side, order.price);
        let queue = self.queues.get_mut(&key).expect("its queue");
        queue.remove(&order.priority);
        if queue.is_empty() {
            self.queues.remove(&key);
        }
        order
    }
}
