//! Events without a trade: orders come, go and move.

use vp_market::{Action, Record, Side};

use super::{FEWEST_ORDERS, SyntheticMarket};
use crate::character::{Dialect, REACH};
use crate::resting::{RestingOrder, Slot};

/// Share of modifies of orders larger than one that cut the size and keep the price.
const SIZE_CUTS: f64 = 0.3;
/// Share of modifies and cancels that concern any order, however old and far.
const ANY_ORDER: f64 = 0.05;
/// How strongly new orders prefer the side with fewer orders, and cancels the other.
const BALANCE: f64 = 0.8;
/// Crowding beyond which no order joins.
const CROWDED: f64 = 1.35;

impl SyntheticMarket {
    /// Adds an order. Always possible; `narrow` makes it improve the price.
    pub(super) fn add(&mut self, lean: f64, narrow: bool, out: &mut Vec<Record>) {
        let side = self.leaning_side(0.28 * lean + BALANCE * self.imbalance());
        let rank = self.joining_rank(side, narrow);
        let size = self.traits.add_sizes.draw(&mut self.dice);
        let id = self.next_id();
        let mut order = RestingOrder::new(id, side, rank, size);
        if self.dice.chance(self.traits.icebergs) {
            order.hidden = size * self.dice.between(2, 25);
        }
        let slot = self.resting.insert(order);
        self.newcomers.push(slot, id);
        out.push(self.record_of(Action::Add, slot, size));
    }

    /// Cancels an order; returns whether there was one to be cancelled.
    pub(super) fn cancel(&mut self, lean: f64, out: &mut Vec<Record>) -> bool {
        // A market that wants to rise loses its offers.
        let leaving = self.leaning_side(-0.3 * lean - BALANCE * self.imbalance());
        let mut victim = None;
        for attempt in 0..4 {
            let Some(slot) = self.candidate(Choice::Cancel) else {
                continue;
            };
            let order = self.resting.order(slot);
            if self.resting.count(order.side) <= FEWEST_ORDERS {
                continue;
            }
            victim = Some(slot);
            let fullness = self.fullness(order.side, order.rank);
            let at_touch = order.rank == self.resting.best(order.side);
            let wanted = order.side == leaving;
            // The best level of the retreating side empties, however short its queue has become.
            let gives_way = at_touch && wanted && lean.abs() > 0.4;
            if gives_way || (wanted && self.dice.unit() < fullness) || attempt == 3 {
                break;
            }
        }
        let Some(slot) = victim else { return false };
        self.withdraw(slot, out);
        true
    }

    /// Changes an order; returns whether there was one to be changed.
    pub(super) fn modify(&mut self, lean: f64, out: &mut Vec<Record>) -> bool {
        let Some(mut slot) = self.candidate(Choice::Modify) else {
            return false;
        };
        // Large quotes are worked more than single lots.
        if self.resting.order(slot).size == 1
            && let Some(other) = self.candidate(Choice::Modify)
        {
            slot = other;
        }
        let order = *self.resting.order(slot);
        if order.size > 1 && self.dice.chance(SIZE_CUTS) {
            let cut = self
                .dice
                .between(order.size.div_ceil(4), order.size - order.size.div_ceil(4));
            self.report_cut(slot, cut, out);
            return true;
        }
        let distance = self.resting.best(order.side) - order.rank;
        let inclination = match order.side {
            Side::Bid => lean,
            Side::Ask => -lean,
        };
        let stride = match distance {
            0..=8 => self.dice.between(1, 3),
            9..=60 => self.dice.between(1, 8),
            _ => self.dice.between(1, 24),
        };
        let stride = i32::try_from(stride).expect("a small stride");
        let towards =
            self.dice.unit() < 0.5 + 0.3 * inclination + if distance > 2 { 0.15 } else { 0.0 };
        let best = self.resting.best(order.side);
        // Most quotes that move up join the touch; where the spread is wide, some improve the price.
        let gap = self.limit(order.side) - best;
        let improves = gap > 0 && self.improves(gap);
        let ceiling = if improves {
            self.limit(order.side)
        } else {
            best
        };
        let rank = if towards && order.rank < ceiling {
            (order.rank + stride).min(ceiling)
        } else {
            order.rank - stride
        };
        let size = match self.dice.below(100) {
            0..55 => order.size,
            55..80 => order.size.div_ceil(2),
            _ => self.traits.add_sizes.draw(&mut self.dice),
        };
        let is_far = best - rank >= i32::from(REACH);
        if is_far || !self.resting.has_room(order.side, rank) {
            return false;
        }
        self.report_move(slot, rank, size, out);
        true
    }

    /// Takes an order out of the market.
    pub(super) fn withdraw(&mut self, slot: Slot, out: &mut Vec<Record>) {
        let size = self.resting.order(slot).size;
        out.push(self.record_of(Action::Cancel, slot, size));
        self.resting.remove(slot);
    }

    fn report_cut(&mut self, slot: Slot, cut: u32, out: &mut Vec<Record>) {
        self.resting.reduce(slot, cut);
        let left = self.resting.order(slot).size;
        out.push(match self.traits.dialect {
            Dialect::Globex => self.record_of(Action::Modify, slot, left),
            Dialect::Itch => self.record_of(Action::Cancel, slot, cut),
        });
    }

    fn report_move(&mut self, slot: Slot, rank: i32, size: u32, out: &mut Vec<Record>) {
        match self.traits.dialect {
            Dialect::Globex => {
                self.resting.requeue(slot, rank, size);
                out.push(self.record_of(Action::Modify, slot, size));
            }
            Dialect::Itch => {
                let side = self.resting.order(slot).side;
                self.withdraw(slot, out);
                let id = self.next_id();
                let slot = self.resting.insert(RestingOrder::new(id, side, rank, size));
                self.newcomers.push(slot, id);
                out.push(self.record_of(Action::Add, slot, size));
            }
        }
    }

    /// Chooses the price of a new order.
    fn joining_rank(&mut self, side: Side, narrow: bool) -> i32 {
        let (best, limit) = (self.resting.best(side), self.limit(side));
        let gap = limit - best;
        if gap > 0 && self.resting.has_room(side, limit) && (narrow || self.improves(gap)) {
            let most = u32::try_from(gap).expect("positive");
            let step = if self.dice.chance(0.6) {
                1
            } else {
                self.dice.between(1, most)
            };
            return best + i32::try_from(step).expect("within the spread");
        }
        let mut rank = best;
        for _ in 0..3 {
            let distance = self
                .traits
                .distances
                .draw(&mut self.dice)
                .min(u32::from(REACH) - 1);
            rank = best - i32::try_from(distance).expect("within the reach");
            let fullness = self.fullness(side, rank);
            if self.dice.unit() * CROWDED > fullness - 1.0 {
                break;
            }
        }
        rank
    }

    /// Returns by how much the offers outnumber the bids, in [-1, 1].
    fn imbalance(&self) -> f64 {
        let (bids, asks) = (self.resting.count(Side::Bid), self.resting.count(Side::Ask));
        (f64::from(asks) - f64::from(bids)) / f64::from(asks + bids)
    }

    /// Draws whether someone improves a price that leaves `gap` free ticks to the other side.
    fn improves(&mut self, gap: i32) -> bool {
        let widest = self.traits.improves.len() - 1;
        let odds = self.traits.improves[super::index(gap - 1).min(widest)];
        self.dice.chance(odds)
    }

    /// Chooses an order to be cancelled or changed.
    fn candidate(&mut self, choice: Choice) -> Option<Slot> {
        if self.dice.chance(ANY_ORDER) {
            let slot = self.dice.below(self.resting.slots());
            return Some(slot).filter(|slot| self.resting.order(*slot).size > 0);
        }
        let ages = match choice {
            Choice::Cancel => &self.cancel_ages,
            Choice::Modify => &self.modify_ages,
        };
        self.newcomers.choose(ages, &self.resting, &mut self.dice)
    }

    /// Returns the bid with probability `0.5 + inclination`.
    pub(super) fn leaning_side(&mut self, inclination: f64) -> Side {
        if self.dice.chance(0.5 + inclination) {
            Side::Bid
        } else {
            Side::Ask
        }
    }
}

/// What an order is chosen for.
#[derive(Clone, Copy, Debug)]
enum Choice {
    Cancel,
    Modify,
}
