//! When the resting orders arrived, by id: silver's own, so that the book's orders stay small.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::hashing::Folded;

/// Orders below which the table keeps its memory whatever happens.
const SMALL: usize = 65_536;

/// The arrival of every order in the book, nanoseconds since the epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    by_order: HashMap<u64, u64, Folded>,
}

impl Arrivals {
    /// Returns when the order arrived, which is now if it was not there.
    #[inline]
    pub(super) fn first(&mut self, order_id: u64, now_ns: u64) -> u64 {
        *self.by_order.entry(order_id).or_insert(now_ns)
    }

    /// Lets the order arrive anew, and returns when it had before.
    #[inline]
    pub(super) fn restart(&mut self, order_id: u64, now_ns: u64) -> u64 {
        match self.by_order.entry(order_id) {
            Entry::Occupied(mut entry) => entry.insert(now_ns),
            Entry::Vacant(entry) => *entry.insert(now_ns),
        }
    }

    /// Forgets the order, and returns when it had arrived.
    #[inline]
    pub(super) fn remove(&mut self, order_id: u64, now_ns: u64) -> u64 {
        self.by_order.remove(&order_id).unwrap_or(now_ns)
    }

    /// Forgets every order.
    pub(super) fn clear(&mut self) {
        // Clearing costs as much as the table is large. One that is nearly empty has not paid for
        // that with orders, so it is replaced.
        if self.by_order.len() < self.by_order.capacity() / 16 && self.by_order.capacity() > SMALL {
            self.by_order = HashMap::default();
        } else {
            self.by_order.clear();
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.by_order.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrival_stays_until_it_is_restarted() {
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.first(7, 100), 100);
        assert_eq!(arrivals.first(7, 200), 100);
        assert_eq!(arrivals.restart(7, 300), 100);
        assert_eq!(arrivals.remove(7, 400), 300);
        assert_eq!(arrivals.len(), 0);
    }

    #[test]
    fn a_large_table_that_is_nearly_empty_gives_its_memory_back() {
        let mut arrivals = Arrivals::default();
        (0..1_000_000).for_each(|id| {
            arrivals.first(id, 1);
        });
        arrivals.clear();
        assert!(arrivals.by_order.capacity() >= 1_000_000);
        arrivals.first(1, 1);
        arrivals.clear();
        assert_eq!(arrivals.by_order.capacity(), 0);
    }
}
