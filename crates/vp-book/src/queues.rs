//! Orders in their queues: at every price level in the venue's time priority.
//!
//! Beside the orders of the book stand links, one for each place of its table: who is ahead and
//! behind at the level. An order that joins goes to the back; one that leaves is taken out of the
//! chain. Neither depends on how long the queue is.

mod levels;

use alloc::vec::Vec;

use vp_market::{Price, Side};

use crate::order_table::RestingOrder;
use levels::{Levels, NONE};

/// What a book keeps beside orders and depth: nothing, or [`Queues`].
///
/// It is chosen when the book is made, at compile time: a book that keeps nothing is as fast and as
/// small as if queues did not exist.
pub trait Keep: Clone + core::fmt::Debug + Default + private::Hooks {}

impl Keep for () {}
impl Keep for Queues {}

pub(crate) mod private {
    use vp_market::{Price, Side};

    /// What happens to orders. Handles are the places of the book's table.
    pub trait Hooks {
        /// An order joins the back of a level; it was in the book before if it is `known`.
        fn join(&mut self, handle: u32, at: (Side, Price), size: u32, ts_ns: u64, known: bool);

        /// An order of that size leaves its level.
        fn leave(&mut self, handle: u32, size: u32);

        /// An order changes its size and keeps its place.
        fn resize(&mut self, handle: u32, old: u32, new: u32);

        /// An order changes its size and goes to the back of its level.
        fn to_back(&mut self, handle: u32, old: u32, new: u32, ts_ns: u64);

        /// All orders leave.
        fn clear(&mut self);
    }
}

impl private::Hooks for () {
    #[inline]
    fn join(&mut self, _: u32, _: (Side, Price), _: u32, _: u64, _: bool) {}

    #[inline]
    fn leave(&mut self, _: u32, _: u32) {}

    #[inline]
    fn resize(&mut self, _: u32, _: u32, _: u32) {}

    #[inline]
    fn to_back(&mut self, _: u32, _: u32, _: u32, _: u64) {}

    #[inline]
    fn clear(&mut self) {}
}

/// The queues of all price levels.
#[derive(Clone, Debug, Default)]
pub struct Queues {
    /// By handle, less one.
    links: Vec<Link>,
    levels: Levels,
}

/// An order's place in its queue.
#[derive(Clone, Copy, Debug)]
struct Link {
    ahead: u32,
    behind: u32,
    level: u32,
    /// The time of the record that gave the order its place.
    arrived_ns: u64,
    first_seen_ns: u64,
}

/// A resting order with its place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueuedOrder {
    /// The order.
    pub order: RestingOrder,
    /// How many orders of its level are filled before it.
    pub orders_ahead: u32,
    /// Their size, in contracts or shares.
    pub size_ahead: u64,
    /// How many orders its level has.
    pub level_orders: u32,
    /// Their size, in contracts or shares.
    pub level_size: u64,
    /// The time of the record that gave it its place, in nanoseconds since the Unix epoch, UTC.
    pub arrived_ns: u64,
    /// The time of the record that brought it into the book.
    pub first_seen_ns: u64,
}

/// A price level with its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueuedLevel {
    /// The price.
    pub price: Price,
    /// The depth, in contracts or shares; never zero.
    pub size: u64,
    /// How many orders rest there; never zero.
    pub orders: u32,
}

impl private::Hooks for Queues {
    #[inline]
    fn join(&mut self, handle: u32, at: (Side, Price), size: u32, ts_ns: u64, known: bool) {
        let place = handle as usize - 1;
        if place == self.links.len() {
            self.links.push(Link {
                ahead: NONE,
                behind: NONE,
                level: NONE,
                arrived_ns: ts_ns,
                first_seen_ns: ts_ns,
            });
        }
        let link = &mut self.links[place];
        link.arrived_ns = ts_ns;
        if !known {
            link.first_seen_ns = ts_ns;
        }
        let level = self.levels.find_or_make(at.0, at.1);
        self.append(handle, level, size);
    }

    #[inline]
    fn leave(&mut self, handle: u32, size: u32) {
        let level = self.unlink(handle, size);
        if self.levels.at(level).orders == 0 {
            self.levels.remove(level);
        }
    }

    #[inline]
    fn resize(&mut self, handle: u32, old: u32, new: u32) {
        let level = self.links[handle as usize - 1].level;
        let level = self.levels.at_mut(level);
        level.size = level.size + u64::from(new) - u64::from(old);
    }

    #[inline]
    fn to_back(&mut self, handle: u32, old: u32, new: u32, ts_ns: u64) {
        let level = self.unlink(handle, old);
        self.links[handle as usize - 1].arrived_ns = ts_ns;
        self.append(handle, level, new);
    }

    fn clear(&mut self) {
        self.links.clear();
        self.levels.clear();
    }
}

impl Queues {
    #[inline]
    fn append(&mut self, handle: u32, level: u32, size: u32) {
        let queue = self.levels.at_mut(level);
        let last = core::mem::replace(&mut queue.last, handle);
        queue.orders += 1;
        queue.size += u64::from(size);
        if last == NONE {
            queue.first = handle;
        } else {
            self.links[last as usize - 1].behind = handle;
        }
        let link = &mut self.links[handle as usize - 1];
        link.ahead = last;
        link.behind = NONE;
        link.level = level;
    }

    /// Takes an order out of its queue, and returns the level, which may be empty then.
    #[inline]
    fn unlink(&mut self, handle: u32, size: u32) -> u32 {
        let Link {
            ahead,
            behind,
            level,
            ..
        } = self.links[handle as usize - 1];
        let queue = self.levels.at_mut(level);
        queue.orders -= 1;
        queue.size -= u64::from(size);
        if ahead == NONE {
            queue.first = behind;
        } else {
            self.links[ahead as usize - 1].behind = behind;
        }
        if behind == NONE {
            queue.last = ahead;
        } else {
            self.links[behind as usize - 1].ahead = ahead;
        }
        level
    }

    /// Returns how many orders a level has, and their size.
    pub(crate) fn level(&self, side: Side, price: Price) -> (u32, u64) {
        let level = self.levels.find(side, price);
        level.map_or((0, 0), |level| {
            let level = self.levels.at(level);
            (level.orders, level.size)
        })
    }

    /// Returns the place of an order; `order_at` returns the order of a handle.
    pub(crate) fn place(&self, handle: u32, order_at: impl Fn(u32) -> RestingOrder) -> QueuedOrder {
        let mut placed = self.placed(handle, order_at(handle), (0, 0));
        let mut ahead = self.links[handle as usize - 1].ahead;
        while ahead != NONE {
            placed.orders_ahead += 1;
            placed.size_ahead += u64::from(order_at(ahead).size);
            ahead = self.links[ahead as usize - 1].ahead;
        }
        placed
    }

    /// Returns the orders of a level, front first.
    pub(crate) fn queue<'a>(
        &'a self,
        side: Side,
        price: Price,
        order_at: impl Fn(u32) -> RestingOrder + 'a,
    ) -> impl Iterator<Item = QueuedOrder> + 'a {
        let level = self.levels.find(side, price);
        let mut next = level.map_or(NONE, |level| self.levels.at(level).first);
        let mut ahead = (0, 0);
        core::iter::from_fn(move || {
            if next == NONE {
                return None;
            }
            let placed = self.placed(next, order_at(next), ahead);
            ahead = (ahead.0 + 1, ahead.1 + u64::from(placed.order.size));
            next = self.links[next as usize - 1].behind;
            Some(placed)
        })
    }

    fn placed(&self, handle: u32, order: RestingOrder, ahead: (u32, u64)) -> QueuedOrder {
        let link = &self.links[handle as usize - 1];
        let level = self.levels.at(link.level);
        QueuedOrder {
            order,
            orders_ahead: ahead.0,
            size_ahead: ahead.1,
            level_orders: level.orders,
            level_size: level.size,
            arrived_ns: link.arrived_ns,
            first_seen_ns: link.first_seen_ns,
        }
    }
}
