//! The orders that arrived last, from which cancels and changes are chosen.
//!
//! Most orders live for moments, a few for hours. Choosing victims by how many others have come
//! since gives lifetimes that heavy tail in a market of any speed.

use crate::dice::{Dice, Odds};
use crate::resting::{RestingOrders, Slot};

/// Orders remembered; a power of two.
const MEMORY: usize = 1 << 14;

/// Older neighbours looked at where the chosen order is gone.
const STEPS: usize = 12;

/// Slots and ids of the latest arrivals.
#[derive(Clone, Debug)]
pub(crate) struct Newcomers {
    ring: Vec<(Slot, u64)>,
    newest: usize,
}

impl Newcomers {
    pub(crate) fn new() -> Self {
        Self {
            ring: vec![(0, 0); MEMORY],
            newest: 0,
        }
    }

    /// Remembers a new order.
    pub(crate) fn push(&mut self, slot: Slot, id: u64) {
        self.newest = (self.newest + 1) & (MEMORY - 1);
        self.ring[self.newest] = (slot, id);
    }

    /// Chooses a resting order by how many have come after it, as `ages` has it.
    pub(crate) fn choose(
        &self,
        ages: &Odds,
        resting: &RestingOrders,
        dice: &mut Dice,
    ) -> Option<Slot> {
        let age = ages.draw(dice) as usize;
        (age..age + STEPS)
            .map(|age| self.ring[self.newest.wrapping_sub(age) & (MEMORY - 1)])
            .find(|(slot, id)| resting.is_resting(*slot, *id))
            .map(|(slot, _)| slot)
    }
}

/// Ages at which orders are cancelled, in later arrivals.
pub(crate) fn cancel_ages() -> Odds {
    Odds::from_ranges(&[
        (0, 0, 0.13),
        (1, 3, 0.14),
        (4, 15, 0.22),
        (16, 60, 0.19),
        (61, 250, 0.15),
        (251, 1_000, 0.09),
        (1_001, 4_000, 0.05),
        (4_001, 16_000, 0.03),
    ])
}

/// Ages at which orders are changed: makers move quotes that have rested for a while.
pub(crate) fn modify_ages() -> Odds {
    Odds::from_ranges(&[
        (0, 3, 0.08),
        (4, 30, 0.27),
        (31, 250, 0.35),
        (251, 2_000, 0.22),
        (2_001, 16_000, 0.08),
    ])
}
