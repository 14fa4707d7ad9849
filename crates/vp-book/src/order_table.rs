//! Resting orders by id: an open-addressed index of places, and the orders in a slab.
//!
//! A general hash map costs about twice as much here. Ids are integers that the venue hands out
//! roughly in sequence, so one multiplication spreads them evenly. An entry of the index is four
//! bytes, so the index can be kept nearly empty: nine searches of ten end where they begin, and a
//! branch that is foreseen costs nothing. (At five eighths full, with the orders in the index
//! itself, a record took a sixth longer.) Orders that leave make room for the next to come, so the
//! slab stays as small, and as near, as the book.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::hint::black_box;

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
    /// The order is in the table.
    Occupied(Spot),
    /// The order is not in the table; this entry is where it belongs until the next change.
    Vacant(usize),
}

/// Where a resting order is, until the next insertion or removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    entry: usize,
    handle: u32,
}

/// An order in the slab, half a cache line; its size is 0 where the place is free.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Slot(RestingOrder);

/// How many orders are looked up ahead at a time.
pub(crate) const PREFETCH: usize = 16;

const MIN_ENTRIES: usize = 4096;

/// The entry of no order.
const VACANT: u32 = 0;

#[derive(Clone, Debug)]
pub(crate) struct OrderTable {
    /// Handles, one more than the order's place in the slab.
    index: Box<[u32]>,
    slab: Vec<Slot>,
    /// Handles of free places, those to be used next at the end.
    free: Vec<u32>,
    /// The index grows when the table holds that many orders.
    grow_at: usize,
    /// `64 − log2(entries)`: the hash is the product's high bits.
    shift: u32,
}

impl Spot {
    /// Returns the order's handle, which is its own as long as it rests.
    #[inline]
    pub(crate) const fn handle(self) -> u32 {
        self.handle
    }
}

impl OrderTable {
    pub(crate) fn new() -> Self {
        let mut table = Self {
            index: Box::default(),
            slab: Vec::new(),
            free: Vec::new(),
            grow_at: 0,
            shift: 0,
        };
        table.set_index(MIN_ENTRIES);
        table
    }

    pub(crate) fn len(&self) -> usize {
        self.slab.len() - self.free.len()
    }

    pub(crate) fn clear(&mut self) {
        self.index.fill(VACANT);
        self.slab.clear();
        self.free.clear();
    }

    #[inline]
    pub(crate) fn find(&self, order_id: u64) -> Place {
        let mut entry = self.home(order_id);
        loop {
            let handle = self.index[entry];
            if handle == VACANT {
                return Place::Vacant(entry);
            }
            if self.at(handle).order_id == order_id {
                return Place::Occupied(Spot { entry, handle });
            }
            entry = self.after(entry);
        }
    }

    /// Brings the first [`PREFETCH`] of these orders into the caches.
    #[inline]
    pub(crate) fn look_up(&self, order_ids: impl Iterator<Item = u64>) {
        let mut handles = [VACANT; PREFETCH];
        // One pass for each trip to memory: the trips of one pass go on at the same time.
        for (handle, order_id) in handles.iter_mut().zip(order_ids) {
            *handle = self.index[self.home(order_id)];
        }
        let taken = handles.iter().filter(|handle| **handle != VACANT);
        black_box(taken.fold(0, |sum, handle| sum ^ self.at(*handle).size));
    }

    #[inline]
    pub(crate) fn get(&self, spot: Spot) -> RestingOrder {
        *self.at(spot.handle)
    }

    /// Returns the order in an occupied place; its id must stay what it is.
    #[inline]
    pub(crate) fn get_mut(&mut self, spot: Spot) -> &mut RestingOrder {
        &mut self.slab[spot.handle as usize - 1].0
    }

    /// Returns the resting order with that handle.
    #[inline]
    pub(crate) fn of(&self, handle: u32) -> RestingOrder {
        *self.at(handle)
    }

    /// Inserts an order at the vacant entry that [`find`](Self::find) named for it.
    #[inline]
    pub(crate) fn insert(&mut self, vacant: usize, order: RestingOrder) -> u32 {
        let handle = match self.free.pop() {
            Some(handle) => {
                self.slab[handle as usize - 1] = Slot(order);
                handle
            }
            None => self.extend(order),
        };
        self.index[vacant] = handle;
        if self.len() == self.grow_at {
            self.grow();
        }
        handle
    }

    /// Appends to the slab and returns the handle.
    fn extend(&mut self, order: RestingOrder) -> u32 {
        self.slab.push(Slot(order));
        u32::try_from(self.slab.len()).expect("four billion orders would take 128 GiB")
    }

    /// Removes an order, and moves back those of its run that can.
    #[inline]
    pub(crate) fn remove(&mut self, spot: Spot) {
        self.get_mut(spot).size = 0;
        self.free.push(spot.handle);
        let mut gap = spot.entry;
        let mut next = self.after(gap);
        while self.index[next] != VACANT {
            let home = self.home(self.at(self.index[next]).order_id);
            // The order may move back unless its home lies behind the gap.
            let mask = self.index.len() - 1;
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(gap) & mask {
                self.index[gap] = self.index[next];
                gap = next;
            }
            next = self.after(next);
        }
        self.index[gap] = VACANT;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = RestingOrder> + '_ {
        let orders = self.slab.iter().map(|slot| slot.0);
        orders.filter(|order| order.size > 0)
    }

    #[inline]
    fn at(&self, handle: u32) -> &RestingOrder {
        &self.slab[handle as usize - 1].0
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the shift leaves log2(entries) bits"
    )]
    fn home(&self, order_id: u64) -> usize {
        // 2^64 divided by the golden ratio: ids in sequence land evenly apart.
        let product = (order_id ^ (order_id >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (product >> self.shift) as usize
    }

    #[inline]
    fn after(&self, entry: usize) -> usize {
        (entry + 1) & (self.index.len() - 1)
    }

    #[cold]
    fn grow(&mut self) {
        self.set_index(self.index.len() * 2);
        for place in 0..self.slab.len() {
            let order = self.slab[place].0;
            if order.size > 0
                && let Place::Vacant(entry) = self.find(order.order_id)
            {
                self.index[entry] = u32::try_from(place + 1).expect("it had a handle before");
            }
        }
    }

    /// Puts an empty index in the place of the one there is.
    fn set_index(&mut self, entries: usize) {
        self.index = vec![VACANT; entries].into_boxed_slice();
        // Between a twelfth and a sixth full.
        self.grow_at = entries / 6;
        self.shift = 64 - entries.trailing_zeros();
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
            price: Price::from_nanos(0).unwrap(),
            pending_fill: 0,
            side: Side::Bid,
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
            // In a tiny table many an order finds its home taken, and runs wrap around the end.
            let mut table = OrderTable::new();
            if shrunk {
                // A tiny index makes long, wrapping runs.
                table.set_index(64);
                table.grow_at = usize::MAX;
            }
            let mut model = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Insert(id, size) => match table.find(id) {
                        Place::Vacant(index) => {
                            prop_assert_eq!(model.insert(id, size), None);
                            table.insert(index, order(id, size));
                        }
                        Place::Occupied(spot) => {
                            prop_assert_eq!(model.get(&id), Some(&table.get(spot).size));
                        }
                    },
                    Step::Remove(id) => match table.find(id) {
                        Place::Occupied(spot) => {
                            prop_assert!(model.remove(&id).is_some());
                            table.remove(spot);
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
            table.look_up(0..40);
            let found: BTreeMap<_, _> = table.iter().map(|o| (o.order_id, o.size)).collect();
            prop_assert_eq!(found, model);
        }
    }
}
