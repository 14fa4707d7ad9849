//! The simulation's own resting orders: queues by price and time, the inside of the synthetic venue.
//!
//! Not an order book for anyone else: prices are ranks around the opening price, a bounded window of
//! them, and both sides always hold orders.

use vp_market::Side;

/// Price levels kept on each side; a power of two, because levels are found by masking the rank.
pub(crate) const WINDOW: i32 = 2048;

/// Marks the end of a queue.
const NONE: u32 = u32::MAX;

/// Index of an order in the store.
pub(crate) type Slot = u32;

/// A resting order.
///
/// `rank` counts ticks from the opening price, upwards for bids and downwards for asks, so that on
/// both sides a greater rank is a better price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestingOrder {
    pub(crate) id: u64,
    pub(crate) rank: i32,
    /// What the market sees.
    pub(crate) size: u32,
    /// What an iceberg shows when it refreshes.
    pub(crate) peak: u32,
    /// What an iceberg keeps back.
    pub(crate) hidden: u32,
    pub(crate) side: Side,
    ahead: Slot,
    behind: Slot,
}

impl RestingOrder {
    pub(crate) fn new(id: u64, side: Side, rank: i32, size: u32) -> Self {
        Self {
            id,
            rank,
            size,
            peak: size,
            hidden: 0,
            side,
            ahead: NONE,
            behind: NONE,
        }
    }
}

/// All orders of one price, in time priority.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    first: Slot,
    last: Slot,
    pub(crate) count: u32,
    pub(crate) size: u64,
}

const EMPTY: Level = Level {
    first: NONE,
    last: NONE,
    count: 0,
    size: 0,
};

/// One side of the venue's book.
#[derive(Clone, Debug)]
struct Ladder {
    levels: Vec<Level>,
    best: i32,
    /// No order rests below this rank.
    floor: i32,
    count: u32,
}

impl Ladder {
    fn new(best: i32) -> Self {
        Self {
            levels: vec![EMPTY; index(WINDOW)],
            best,
            floor: best,
            count: 0,
        }
    }

    fn level(&self, rank: i32) -> &Level {
        &self.levels[index(rank & (WINDOW - 1))]
    }

    fn level_mut(&mut self, rank: i32) -> &mut Level {
        &mut self.levels[index(rank & (WINDOW - 1))]
    }

    /// Moves the best rank down to the next level that holds an order.
    fn settle(&mut self) {
        if self.count == 0 {
            return;
        }
        while self.level(self.best).count == 0 {
            self.best -= 1;
        }
    }
}

/// The resting orders of both sides.
#[derive(Clone, Debug)]
pub(crate) struct RestingOrders {
    orders: Vec<RestingOrder>,
    vacant: Vec<Slot>,
    ladders: [Ladder; 2],
}

impl RestingOrders {
    /// Creates an empty store whose sides begin at these ranks.
    pub(crate) fn new(best_bid: i32, best_ask: i32, capacity: usize) -> Self {
        Self {
            orders: Vec::with_capacity(capacity),
            vacant: Vec::with_capacity(capacity),
            ladders: [Ladder::new(best_bid), Ladder::new(best_ask)],
        }
    }

    fn ladder(&self, side: Side) -> &Ladder {
        match side {
            Side::Bid => &self.ladders[0],
            Side::Ask => &self.ladders[1],
        }
    }

    fn ladder_mut(&mut self, side: Side) -> &mut Ladder {
        match side {
            Side::Bid => &mut self.ladders[0],
            Side::Ask => &mut self.ladders[1],
        }
    }

    pub(crate) fn best(&self, side: Side) -> i32 {
        self.ladder(side).best
    }

    /// Returns the ticks between the best prices; positive, because the market never crosses.
    pub(crate) fn spread(&self) -> i32 {
        -(self.best(Side::Bid) + self.best(Side::Ask))
    }

    /// Returns the mid, in ticks from the opening price.
    pub(crate) fn mid(&self) -> f64 {
        f64::from(self.best(Side::Bid) - self.best(Side::Ask)) / 2.0
    }

    pub(crate) fn level(&self, side: Side, rank: i32) -> &Level {
        self.ladder(side).level(rank)
    }

    /// Returns the number of orders of one side.
    pub(crate) fn count(&self, side: Side) -> u32 {
        self.ladder(side).count
    }

    /// Returns whether an order may rest at `rank`: outside the window it would be mistaken for
    /// another level.
    pub(crate) fn has_room(&self, side: Side, rank: i32) -> bool {
        let ladder = self.ladder(side);
        rank.max(ladder.best) - rank.min(ladder.floor) < WINDOW
    }

    pub(crate) fn order(&self, slot: Slot) -> &RestingOrder {
        &self.orders[slot as usize]
    }

    /// Returns whether the order with that id still rests in `slot`.
    pub(crate) fn is_resting(&self, slot: Slot, id: u64) -> bool {
        let order = self.order(slot);
        order.id == id && order.size > 0
    }

    /// Returns the number of slots, some of them vacant.
    pub(crate) fn slots(&self) -> u32 {
        u32::try_from(self.orders.len()).expect("a bounded population")
    }

    /// Returns the order with the highest priority at `rank`.
    pub(crate) fn first(&self, side: Side, rank: i32) -> Option<Slot> {
        Some(self.level(side, rank).first).filter(|slot| *slot != NONE)
    }

    /// Returns the order behind `slot` in its queue.
    pub(crate) fn next(&self, slot: Slot) -> Option<Slot> {
        Some(self.order(slot).behind).filter(|slot| *slot != NONE)
    }

    /// Returns the ranks of one side that may hold orders, best first.
    pub(crate) fn ranks(&self, side: Side) -> impl Iterator<Item = i32> + use<> {
        let ladder = self.ladder(side);
        (ladder.floor..=ladder.best).rev()
    }

    /// Returns an order that rests more than `reach` ticks below the best price, and by how many
    /// ticks more at most.
    pub(crate) fn stranded(&mut self, side: Side, reach: i32) -> Option<(Slot, i32)> {
        let ladder = self.ladder_mut(side);
        let limit = ladder.best - reach;
        while ladder.floor < limit {
            let level = ladder.level(ladder.floor);
            if level.count > 0 {
                return Some((level.first, limit - ladder.floor));
            }
            ladder.floor += 1;
        }
        None
    }

    /// Puts an order behind all others of its price.
    pub(crate) fn insert(&mut self, order: RestingOrder) -> Slot {
        let slot = if let Some(slot) = self.vacant.pop() {
            self.orders[slot as usize] = order;
            slot
        } else {
            self.orders.push(order);
            self.slots() - 1
        };
        self.link(slot);
        slot
    }

    /// Takes an order away.
    pub(crate) fn remove(&mut self, slot: Slot) {
        self.unlink(slot);
        self.orders[slot as usize].size = 0;
        self.vacant.push(slot);
    }

    /// Takes less than its whole size off an order, which keeps its priority.
    pub(crate) fn reduce(&mut self, slot: Slot, by: u32) {
        let order = &mut self.orders[slot as usize];
        order.size -= by;
        let (side, rank) = (order.side, order.rank);
        self.ladder_mut(side).level_mut(rank).size -= u64::from(by);
    }

    /// Moves an order behind all others of a price.
    pub(crate) fn requeue(&mut self, slot: Slot, rank: i32, size: u32) {
        self.unlink(slot);
        let order = &mut self.orders[slot as usize];
        order.rank = rank;
        order.size = size;
        self.link(slot);
    }

    /// Shows the next part of an iceberg whose visible part is gone; `None` if nothing is left.
    pub(crate) fn refresh(&mut self, slot: Slot) -> Option<u32> {
        let order = &mut self.orders[slot as usize];
        let shown = order.peak.min(order.hidden);
        if shown == 0 {
            return None;
        }
        order.hidden -= shown;
        let rank = order.rank;
        self.requeue(slot, rank, shown);
        Some(shown)
    }

    fn link(&mut self, slot: Slot) {
        let order = self.orders[slot as usize];
        let ladder = self.ladder_mut(order.side);
        ladder.count += 1;
        ladder.best = ladder.best.max(order.rank);
        ladder.floor = ladder.floor.min(order.rank);
        let level = ladder.level_mut(order.rank);
        let ahead = level.last;
        if ahead == NONE {
            level.first = slot;
        }
        level.last = slot;
        level.count += 1;
        level.size += u64::from(order.size);
        if ahead != NONE {
            self.orders[ahead as usize].behind = slot;
        }
        let order = &mut self.orders[slot as usize];
        order.ahead = ahead;
        order.behind = NONE;
    }

    fn unlink(&mut self, slot: Slot) {
        let order = self.orders[slot as usize];
        if order.ahead != NONE {
            self.orders[order.ahead as usize].behind = order.behind;
        }
        if order.behind != NONE {
            self.orders[order.behind as usize].ahead = order.ahead;
        }
        let ladder = self.ladder_mut(order.side);
        let level = ladder.level_mut(order.rank);
        if order.ahead == NONE {
            level.first = order.behind;
        }
        if order.behind == NONE {
            level.last = order.ahead;
        }
        level.count -= 1;
        level.size -= u64::from(order.size);
        ladder.count -= 1;
        ladder.settle();
    }
}

/// Turns a masked rank into an index.
#[expect(clippy::cast_sign_loss, reason = "the mask leaves no sign")]
fn index(masked: i32) -> usize {
    masked as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_queues() -> RestingOrders {
        let mut resting = RestingOrders::new(0, -1, 8);
        for (id, rank, size) in [(1, 0, 5), (2, 0, 7), (3, -4, 1)] {
            resting.insert(RestingOrder::new(id, Side::Bid, rank, size));
        }
        resting.insert(RestingOrder::new(4, Side::Ask, -1, 2));
        resting
    }

    #[test]
    fn the_best_price_falls_to_the_next_order() {
        let mut resting = two_queues();
        resting.remove(0);
        assert_eq!(resting.best(Side::Bid), 0);
        resting.remove(1);
        assert_eq!(resting.best(Side::Bid), -4);
        assert_eq!(resting.spread(), 5);
    }

    #[test]
    fn a_requeued_order_loses_its_priority() {
        let mut resting = two_queues();
        resting.requeue(0, 0, 6);
        assert_eq!(resting.first(Side::Bid, 0), Some(1));
        assert_eq!(resting.next(1), Some(0));
        assert_eq!(resting.level(Side::Bid, 0).size, 13);
    }

    #[test]
    fn vacant_slots_are_used_again() {
        let mut resting = two_queues();
        resting.remove(1);
        assert_eq!(resting.insert(RestingOrder::new(9, Side::Bid, 0, 1)), 1);
        assert!(!resting.is_resting(1, 2));
        assert!(resting.is_resting(1, 9));
    }

    #[test]
    fn orders_that_the_market_left_behind_are_found() {
        let mut resting = two_queues();
        assert_eq!(resting.stranded(Side::Bid, 4), None);
        resting.insert(RestingOrder::new(9, Side::Bid, 3, 1));
        assert_eq!(resting.stranded(Side::Bid, 4), Some((2, 3)));
        assert!(resting.has_room(Side::Bid, WINDOW - 5));
        assert!(!resting.has_room(Side::Bid, WINDOW - 4));
    }
}
