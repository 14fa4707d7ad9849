//! What is remembered of each resting order beside what the book knows.

use std::collections::HashMap;

/// What has happened to an order since it entered the book.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OrderMemory {
    /// Σ size of its F records.
    pub(crate) filled: u64,
    /// Σ size of the F records at its price that no C or M has used yet.
    pub(crate) pending: u64,
    /// How often it was refilled.
    pub(crate) refills: u32,
    /// An F record came after its last increase.
    pub(crate) is_filled_since_increase: bool,
    /// The time of the record that gave it its place.
    pub(crate) arrived_ns: u64,
}

/// The memory of all resting orders, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orders(HashMap<u64, OrderMemory>);

impl Orders {
    #[inline]
    pub(crate) fn get_mut(&mut self, order_id: u64) -> Option<&mut OrderMemory> {
        self.0.get_mut(&order_id)
    }

    pub(crate) fn enter(&mut self, order_id: u64, ts_ns: u64) {
        let memory = OrderMemory {
            arrived_ns: ts_ns,
            ..OrderMemory::default()
        };
        self.0.insert(order_id, memory);
    }

    pub(crate) fn leave(&mut self, order_id: u64) -> OrderMemory {
        self.0.remove(&order_id).unwrap_or_default()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
