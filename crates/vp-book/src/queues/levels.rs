//! The price levels of both sides by side and price: an open-addressed index of places, and the
//! levels in a slab.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use vp_market::{Price, Side};

/// The handle of no order and no level.
pub(super) const NONE: u32 = 0;

const MIN_ENTRIES: usize = 1024;

/// The orders at one price of one side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    side: Side,
    price: Price,
    /// The order at the front.
    pub(super) first: u32,
    /// The order at the back.
    pub(super) last: u32,
    /// How many orders there are; 0 in a free place.
    pub(super) orders: u32,
    pub(super) size: u64,
}

/// All levels that have an order.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// Handles, one more than the level's place in the slab.
    index: Box<[u32]>,
    slab: Vec<Level>,
    free: Vec<u32>,
    /// `64 − log2(entries)`: the hash is the product's high bits.
    shift: u32,
}

impl Default for Levels {
    fn default() -> Self {
        let mut levels = Self {
            index: Box::default(),
            slab: Vec::new(),
            free: Vec::new(),
            shift: 0,
        };
        levels.set_index(MIN_ENTRIES);
        levels
    }
}

impl Levels {
    pub(super) fn clear(&mut self) {
        self.index.fill(NONE);
        self.slab.clear();
        self.free.clear();
    }

    #[inline]
    pub(super) fn at(&self, handle: u32) -> &Level {
        &self.slab[handle as usize - 1]
    }

    #[inline]
    pub(super) fn at_mut(&mut self, handle: u32) -> &mut Level {
        &mut self.slab[handle as usize - 1]
    }

    /// Returns the handle of a level, if it has an order.
    #[inline]
    pub(super) fn find(&self, side: Side, price: Price) -> Option<u32> {
        let handle = self.index[self.entry_of(side, price)];
        (handle != NONE).then_some(handle)
    }

    /// Returns the handle of a level, which is made if it has no order yet.
    #[inline]
    pub(super) fn find_or_make(&mut self, side: Side, price: Price) -> u32 {
        let entry = self.entry_of(side, price);
        match self.index[entry] {
            NONE => self.make(entry, side, price),
            handle => handle,
        }
    }

    #[cold]
    fn make(&mut self, mut entry: usize, side: Side, price: Price) -> u32 {
        if (self.slab.len() - self.free.len() + 1) * 2 > self.index.len() {
            self.set_index(self.index.len() * 2);
            entry = self.entry_of(side, price);
        }
        let level = Level {
            side,
            price,
            first: NONE,
            last: NONE,
            orders: 0,
            size: 0,
        };
        let handle = if let Some(handle) = self.free.pop() {
            *self.at_mut(handle) = level;
            handle
        } else {
            self.slab.push(level);
            u32::try_from(self.slab.len()).expect("fewer levels than orders")
        };
        self.index[entry] = handle;
        handle
    }

    /// Removes a level that has lost its last order, and moves back those of its run that can.
    #[cold]
    pub(super) fn remove(&mut self, handle: u32) {
        let Level { side, price, .. } = *self.at(handle);
        let mut gap = self.entry_of(side, price);
        self.free.push(handle);
        let mask = self.index.len() - 1;
        let mut next = (gap + 1) & mask;
        while self.index[next] != NONE {
            let level = self.at(self.index[next]);
            let home = self.home(level.side, level.price);
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(gap) & mask {
                self.index[gap] = self.index[next];
                gap = next;
            }
            next = (next + 1) & mask;
        }
        self.index[gap] = NONE;
    }

    /// Returns the entry of a level, or the vacant one where it belongs.
    #[inline]
    fn entry_of(&self, side: Side, price: Price) -> usize {
        let mask = self.index.len() - 1;
        let mut entry = self.home(side, price);
        loop {
            let handle = self.index[entry];
            if handle == NONE {
                return entry;
            }
            let level = self.at(handle);
            if level.price == price && level.side == side {
                return entry;
            }
            entry = (entry + 1) & mask;
        }
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the shift leaves log2(entries) bits"
    )]
    fn home(&self, side: Side, price: Price) -> usize {
        let key = price.nanos().cast_unsigned() ^ (side as u64);
        let product = (key ^ (key >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (product >> self.shift) as usize
    }

    #[cold]
    fn set_index(&mut self, entries: usize) {
        self.index = vec![NONE; entries].into_boxed_slice();
        self.shift = 64 - entries.trailing_zeros();
        for place in 0..self.slab.len() {
            let Level {
                side,
                price,
                orders,
                ..
            } = self.slab[place];
            let handle = u32::try_from(place + 1).expect("it had a handle before");
            if orders > 0 {
                let entry = self.entry_of(side, price);
                self.index[entry] = handle;
            }
        }
    }
}
