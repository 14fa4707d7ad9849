//! The price levels of one side: depth by price, and the best price at every moment.
//!
//! Levels near the market lie in a dense window, one slot a tick, with a two-level bitset that
//! finds the next level down in a few instructions. Prices outside the window or off the tick go
//! to a sorted overflow. The window follows the market: its cost is spread over the records that
//! missed it. The ladder knows nothing of orders.

mod bits;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use vp_market::{Price, Side, TickSize};

use bits::BitSet;

/// Levels in the dense window. At a quarter-point tick 8,192 levels are 2,048 points: more than a
/// session's price limits.
pub(crate) const WINDOW_LEVELS: usize = 8192;

/// Where in the window the best price is put: most of the book lies behind it.
const BEST_AT: usize = WINDOW_LEVELS / 4 * 3;

/// How far the best price may wander in the window before misses move it.
const BEST_MAY_BE: core::ops::Range<usize> = WINDOW_LEVELS / 2..WINDOW_LEVELS / 16 * 15;

/// Misses that pay for moving the window, beside one for each level that has to be moved.
const MISSES_BEFORE_MOVE: usize = 256;

/// A price as this side ranks it: the higher, the better.
///
/// For bids it is the price in nanos, for asks its bitwise complement, which reverses the order
/// and, unlike negation, cannot overflow.
type Rank = i64;

#[derive(Clone, Debug)]
pub(crate) struct Ladder {
    /// 0 for bids, −1 for asks: exclusive-or turns a price into a rank and back.
    side_mask: i64,
    tick: u64,
    /// `ceil(2^64 / tick)`: exact quotients for whole multiples of the tick within the window.
    reciprocal: u64,
    /// Depth of each level of the window, worst rank first.
    window: Box<[u64]>,
    /// Which levels of the window have depth.
    taken: BitSet,
    /// The rank of `window[0]`; `None` until there was an order.
    base: Option<Rank>,
    /// Levels outside the window or off the tick, best rank last.
    overflow: Vec<(Rank, u64)>,
    /// The best rank; meaningless while there is no level.
    best: Rank,
    level_count: usize,
    misses: usize,
}

/// Where a rank's depth is kept.
enum Slot {
    Window(usize),
    Overflow,
}

impl Ladder {
    pub(crate) fn new(side: Side, tick: TickSize) -> Self {
        let tick = tick.nanos().unsigned_abs();
        Self {
            side_mask: match side {
                Side::Bid => 0,
                Side::Ask => -1,
            },
            tick,
            reciprocal: (u64::MAX / tick).saturating_add(1),
            window: vec![0; WINDOW_LEVELS].into_boxed_slice(),
            taken: BitSet::new(WINDOW_LEVELS),
            base: None,
            overflow: Vec::with_capacity(1024),
            best: Rank::MIN,
            level_count: 0,
            misses: 0,
        }
    }

    #[inline]
    pub(crate) fn best(&self) -> Option<Price> {
        if self.level_count == 0 {
            None
        } else {
            Some(self.price(self.best))
        }
    }

    pub(crate) fn level_count(&self) -> usize {
        self.level_count
    }

    pub(crate) fn depth(&self, price: Price) -> u64 {
        let rank = self.rank(price);
        match self.slot(rank) {
            Slot::Window(index) => self.window[index],
            Slot::Overflow => match self.overflow_place(rank) {
                Ok(place) => self.overflow[place].1,
                Err(_) => 0,
            },
        }
    }

    /// Returns the depth of all prices from `lowest` to `highest`, both included.
    pub(crate) fn depth_between(&self, lowest: Price, highest: Price) -> u64 {
        let (a, b) = (self.rank(lowest), self.rank(highest));
        let (worst, best) = (a.min(b), a.max(b));
        let inside = |rank: Rank| worst <= rank && rank <= best;
        let first = self.overflow.partition_point(|(rank, _)| *rank < worst);
        let far = self.overflow[first..]
            .iter()
            .take_while(|(rank, _)| inside(*rank));
        let far: u64 = far.map(|(_, depth)| depth).sum();
        let Some(base) = self.base else { return far };
        let top = base + self.span() - 1;
        if worst > top || best < base {
            return far;
        }
        // A level at or above `worst`, and one at or below `best`.
        let tick = self.tick.cast_signed();
        let from = index_of((worst.max(base) - base + (tick - 1)) / tick);
        let to = index_of((best.min(top) - base) / tick);
        far + self
            .window
            .get(from..=to)
            .map_or(0, |levels| levels.iter().sum::<u64>())
    }

    /// Returns every level with its depth, best first.
    pub(crate) fn levels(&self) -> impl Iterator<Item = (Price, u64)> + '_ {
        let base = self.base.unwrap_or(0);
        let tick = self.tick.cast_signed();
        let mut near = self
            .taken
            .iter_down()
            .map(move |index| (base + offset_of(index) * tick, self.window[index]))
            .peekable();
        let mut far = self.overflow.iter().rev().copied().peekable();
        core::iter::from_fn(move || {
            let near_first = match (near.peek(), far.peek()) {
                (Some(a), Some(b)) => a.0 > b.0,
                (a, _) => a.is_some(),
            };
            if near_first { near.next() } else { far.next() }
        })
        .map(|(rank, depth)| (self.price(rank), depth))
    }

    pub(crate) fn clear(&mut self) {
        while let Some(index) = self.taken.last() {
            self.window[index] = 0;
            self.taken.remove(index);
        }
        self.overflow.clear();
        self.base = None;
        self.level_count = 0;
        self.misses = 0;
    }

    #[inline]
    pub(crate) fn add(&mut self, price: Price, size: u32) {
        if size == 0 {
            return;
        }
        let rank = self.rank(price);
        let was_empty = match self.slot(rank) {
            Slot::Window(index) => {
                let depth = self.window[index];
                self.window[index] = depth + u64::from(size);
                if depth == 0 {
                    self.taken.insert(index);
                }
                depth == 0
            }
            Slot::Overflow => self.add_far(rank, size),
        };
        if was_empty {
            if self.level_count == 0 || rank > self.best {
                self.best = rank;
            }
            self.level_count += 1;
        }
    }

    /// Takes `size` off the level at `price`, which has at least that much.
    #[inline]
    pub(crate) fn remove(&mut self, price: Price, size: u32) {
        let rank = self.rank(price);
        let (left, near_best) = match self.slot(rank) {
            Slot::Window(index) => {
                let left = self.window[index] - u64::from(size);
                self.window[index] = left;
                if left > 0 {
                    return;
                }
                self.taken.remove(index);
                (left, index)
            }
            Slot::Overflow => (self.remove_far(rank, size), WINDOW_LEVELS - 1),
        };
        if left == 0 {
            self.level_count -= 1;
            if rank == self.best {
                self.find_best(near_best);
            }
        }
    }

    /// Finds the best rank, given that no window level above `index` is taken.
    #[inline]
    fn find_best(&mut self, index: usize) {
        let near = self.taken.last_up_to(index).zip(self.base);
        let near = near.map(|(index, base)| base + offset_of(index) * self.tick.cast_signed());
        let far = self.overflow.last().map(|(rank, _)| *rank);
        self.best = near.max(far).unwrap_or(Rank::MIN);
    }

    #[inline]
    fn rank(&self, price: Price) -> Rank {
        price.nanos() ^ self.side_mask
    }

    #[inline]
    fn price(&self, rank: Rank) -> Price {
        Price::from_nanos(rank ^ self.side_mask).expect("ranks come from prices")
    }

    /// The nanos that the window spans.
    fn span(&self) -> i64 {
        // `anchor` sets a base only where this and the sum with the base fit.
        offset_of(WINDOW_LEVELS) * self.tick.cast_signed()
    }

    #[inline]
    fn slot(&self, rank: Rank) -> Slot {
        let Some(base) = self.base else {
            return Slot::Overflow;
        };
        let offset = rank.wrapping_sub(base).cast_unsigned();
        // For a whole multiple of the tick within the window the quotient is exact, and only
        // then does the product give the offset back.
        let quotient = high_product(offset, self.reciprocal);
        if quotient < WINDOW_LEVELS as u64 && quotient * self.tick == offset {
            Slot::Window(index_of(quotient.cast_signed()))
        } else {
            Slot::Overflow
        }
    }

    fn overflow_place(&self, rank: Rank) -> Result<usize, usize> {
        self.overflow.binary_search_by_key(&rank, |(rank, _)| *rank)
    }

    #[cold]
    fn add_far(&mut self, rank: Rank, size: u32) -> bool {
        if self.level_count == 0 {
            self.anchor(rank);
        } else {
            self.note_miss(rank);
        }
        if let Slot::Window(index) = self.slot(rank) {
            let depth = self.window[index];
            self.window[index] = depth + u64::from(size);
            self.taken.insert(index);
            return depth == 0;
        }
        match self.overflow_place(rank) {
            Ok(place) => {
                self.overflow[place].1 += u64::from(size);
                false
            }
            Err(place) => {
                self.overflow.insert(place, (rank, u64::from(size)));
                true
            }
        }
    }

    #[cold]
    fn remove_far(&mut self, rank: Rank, size: u32) -> u64 {
        let place = self
            .overflow_place(rank)
            .expect("a level is removed only where it is");
        let left = self.overflow[place].1 - u64::from(size);
        if left > 0 {
            self.overflow[place].1 = left;
        } else {
            self.overflow.remove(place);
        }
        left
    }

    /// Counts a miss of the window, and moves it once the misses have paid for that.
    fn note_miss(&mut self, rank: Rank) {
        self.misses += 1;
        if self.misses < MISSES_BEFORE_MOVE + self.level_count {
            return;
        }
        self.misses = 0;
        let target = self.best.max(rank);
        let is_well_placed =
            matches!(self.slot(target), Slot::Window(index) if BEST_MAY_BE.contains(&index));
        if !is_well_placed {
            self.move_window(target);
        }
    }

    /// Puts the window around `rank`, moving every level to where it belongs then.
    fn move_window(&mut self, rank: Rank) {
        let mut levels: Vec<_> = self.levels().collect();
        levels.reverse();
        while let Some(index) = self.taken.last() {
            self.window[index] = 0;
            self.taken.remove(index);
        }
        self.overflow.clear();
        self.anchor(rank);
        for (price, depth) in levels {
            let rank = self.rank(price);
            match self.slot(rank) {
                Slot::Window(index) => {
                    self.window[index] = depth;
                    self.taken.insert(index);
                }
                Slot::Overflow => self.overflow.push((rank, depth)),
            }
        }
    }

    /// Sets the base so that `rank` lies at [`BEST_AT`], or leaves the side without a window where
    /// one would not fit into the range of prices.
    fn anchor(&mut self, rank: Rank) {
        let tick = i128::from(self.tick);
        // Ask prices on the tick have ranks one below a multiple of it.
        let level = (i128::from(rank) - i128::from(self.side_mask)).div_euclid(tick);
        let base = (level - BEST_AT as i128) * tick + i128::from(self.side_mask);
        let top = base + tick * WINDOW_LEVELS as i128;
        // Half the range keeps every difference to a rank from wrapping into the window.
        let limit = i128::from(i64::MAX / 2);
        self.base = if -limit < base && top < limit {
            i64::try_from(base).ok()
        } else {
            None
        };
    }
}

#[inline]
fn high_product(a: u64, b: u64) -> u64 {
    let product = (u128::from(a) * u128::from(b)) >> 64;
    u64::try_from(product).expect("the high half of a 128-bit product has 64 bits")
}

#[inline]
fn index_of(quotient: i64) -> usize {
    usize::try_from(quotient).expect("offsets in the window are not negative")
}

#[inline]
fn offset_of(index: usize) -> i64 {
    i64::try_from(index).expect("window indices are small")
}

#[cfg(test)]
mod tests;
