//! Resting orders by id: an open-addressed table with linear probing.
//!
//! A general hash map costs about twice as much here. Ids are integers that the venue hands out
//! roughly in sequence, so one multiplication spreads them; a slot is half a cache line and holds
//! the order itself; removal shifts the run back, so there are no tombstones to skip later; and a
//! clear is one increment, however large the table has grown.

use vp_market::{Price, Side};

/// An order waiting in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingOrder {
    /// The venue's id.
    pub order_id: u64,
    /// Its price.
    pub price: Price,
    /// What is left of it, in contracts or shares; never zero.
    pub size: u32,
    /// What of `size` was filled while the reduction is still to come; never more than `size`.
    pub pending_fill: u32,
    /// Its side.
    pub side: Side,
}

/// Where an order is, or where it would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The order is in this slot.
    Occupied(usize),
    /// The order is not in the table; this slot is where it belongs until the next change.
    Vacant(usize),
}

/// A resting order, flat, so that the generation fits into its padding.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Slot {
    order_id: u64,
    price: Price,
    size: u32,
    pending_fill: u32,
    /// The slot is taken if this equals the table's generation.
    generation: u32,
    side: Side,
}

const EMPTY: Slot = Slot {
    order_id: 0,
    price: match Price::from_nanos(0) {
        Some(price) => price,
        None => unreachable!(),
    },
    size: 0,
    pending_fill: 0,
    generation: 0,
    side: Side::Bid,
};

impl Slot {
    #[inline]
    fn taken(order: RestingOrder, generation: u32) -> Self {
        let RestingOrder {
            order_id,
            price,
            size,
            pending_fill,
            side,
        } = order;
        Self {
            order_id,
            price,
            size,
            pending_fill,
            generation,
            side,
        }
    }

    #[inline]
    fn order(&self) -> RestingOrder {
        let Self {
            order_id,
            price,
            size,
            pending_fill,
            side,
            generation: _,
        } = *self;
        RestingOrder {
            order_id,
            price,
            size,
            pending_fill,
            side,
        }
    }
}

const MIN_SLOTS: usize = 1024;

#[derive(Clone, Debug)]
pub(crate) struct OrderTable {
    slots: Box<[Slot]>,
    generation: u32,
    len: usize,
    /// `64 − log2(slots)`: the hash is the product's high bits.
    shift: u32,
}

impl OrderTable {
    pub(crate) fn with_capacity(orders: usize) -> Self {
        let slots = (orders * 8 / 5 + 1).next_power_of_two().max(MIN_SLOTS);
        Self {
            slots: vec![EMPTY; slots].into_boxed_slice(),
            generation: 1,
            len: 0,
            shift: 64 - slots.trailing_zeros(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.generation = self.generation.checked_add(1).unwrap_or_else(|| {
            self.slots.fill(EMPTY);
            1
        });
    }

    #[inline]
    pub(crate) fn find(&self, order_id: u64) -> Place {
        let mut index = self.home(order_id);
        loop {
            let slot = &self.slots[index];
            if slot.generation != self.generation {
                return Place::Vacant(index);
            }
            if slot.order_id == order_id {
                return Place::Occupied(index);
            }
            index = self.after(index);
        }
    }

    #[inline]
    pub(crate) fn get(&self, occupied: usize) -> RestingOrder {
        self.slots[occupied].order()
    }

    /// Replaces the order in an occupied slot by one of the same id.
    #[inline]
    pub(crate) fn set(&mut self, occupied: usize, order: RestingOrder) {
        self.slots[occupied] = Slot::taken(order, self.generation);
    }

    /// Inserts an order into the vacant slot that [`find`](Self::find) named for it.
    #[inline]
    pub(crate) fn insert(&mut self, vacant: usize, order: RestingOrder) {
        self.slots[vacant] = Slot::taken(order, self.generation);
        self.len += 1;
        // Five eighths full: probes stay near two, memory near 50 bytes an order.
        if self.len * 8 > self.slots.len() * 5 {
            self.grow();
        }
    }

    /// Removes the order in an occupied slot and closes the gap in its probe run.
    #[inline]
    pub(crate) fn remove(&mut self, occupied: usize) {
        self.len -= 1;
        let mask = self.slots.len() - 1;
        let mut gap = occupied;
        let mut next = self.after(gap);
        while self.slots[next].generation == self.generation {
            let home = self.home(self.slots[next].order_id);
            // The order may move back unless its home lies behind the gap.
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(gap) & mask {
                self.slots[gap] = self.slots[next];
                gap = next;
            }
            next = self.after(next);
        }
        self.slots[gap].generation = 0;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = RestingOrder> + '_ {
        let taken = self
            .slots
            .iter()
            .filter(|slot| slot.generation == self.generation);
        taken.map(Slot::order)
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the shift leaves log2(slots) bits"
    )]
    fn home(&self, order_id: u64) -> usize {
        // 2^64 divided by the golden ratio: ids in sequence land evenly apart.
        let product = (order_id ^ (order_id >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (product >> self.shift) as usize
    }

    #[inline]
    fn after(&self, index: usize) -> usize {
        (index + 1) & (self.slots.len() - 1)
    }

    #[cold]
    fn grow(&mut self) {
        let mut larger = Self::with_capacity(self.slots.len());
        for order in self.iter() {
            if let Place::Vacant(index) = larger.find(order.order_id) {
                larger.insert(index, order);
            }
        }
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn order(order_id: u64, size: u32) -> RestingOrder {
        RestingOrder {
            order_id,
            size,
            ..EMPTY.order()
        }
    }

    #[test]
    fn a_slot_is_half_a_cache_line() {
        assert_eq!(size_of::<Slot>(), 32);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u64, u32),
        Remove(u64),
        Clear,
    }

    fn any_steps() -> impl Strategy<Value = Vec<Step>> {
        // Few distinct ids, so that the same slots are taken, freed and probed over and over.
        let id = prop_oneof![0..40u64, (0..40u64).prop_map(|id| id << 32), any::<u64>()];
        let step = prop_oneof![
            6 => (id.clone(), 1..100u32).prop_map(|(id, size)| Step::Insert(id, size)),
            5 => id.prop_map(Step::Remove),
            1 => Just(Step::Clear),
        ];
        proptest::collection::vec(step, 1..600)
    }

    proptest! {
        #[test]
        fn behaves_like_an_ordered_map(steps in any_steps(), shrunk in any::<bool>()) {
            let mut table = OrderTable::with_capacity(0);
            if shrunk {
                // A tiny table makes long, wrapping probe runs.
                table.slots = vec![EMPTY; 64].into_boxed_slice();
                table.shift = 58;
            }
            let mut model = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Insert(id, size) => match table.find(id) {
                        Place::Vacant(index) => {
                            prop_assert_eq!(model.insert(id, size), None);
                            table.insert(index, order(id, size));
                        }
                        Place::Occupied(index) => {
                            prop_assert_eq!(model.get(&id), Some(&table.get(index).size));
                        }
                    },
                    Step::Remove(id) => match table.find(id) {
                        Place::Occupied(index) => {
                            prop_assert!(model.remove(&id).is_some());
                            table.remove(index);
                        }
                        Place::Vacant(_) => prop_assert!(!model.contains_key(&id)),
                    },
                    Step::Clear => {
                        model.clear();
                        table.clear();
                    }
                }
                prop_assert_eq!(table.len(), model.len());
            }
            let found: BTreeMap<_, _> = table.iter().map(|o| (o.order_id, o.size)).collect();
            prop_assert_eq!(found, model);
        }
    }

    #[test]
    fn a_table_survives_the_end_of_its_generations() {
        let mut table = OrderTable::with_capacity(0);
        table.generation = u32::MAX;
        let Place::Vacant(index) = table.find(7) else {
            panic!("the table is empty")
        };
        table.insert(index, order(7, 1));
        table.clear();
        assert!(matches!(table.find(7), Place::Vacant(_)));
        assert_eq!(table.iter().count(), 0);
    }
}
