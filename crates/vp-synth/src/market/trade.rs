//! Trades: an aggressor meets resting orders in time priority, at one price level or through several.

use vp_market::{Action, Record, Side};

use super::{FEWEST_ORDERS, SyntheticMarket};
use crate::character::Dialect;
use crate::resting::RestingOrder;

/// Most price levels that one aggressor goes through.
const DEEPEST_SWEEP: u32 = 8;
/// Share of aggressors that want more than the best level holds.
const SWEEPS: f64 = 0.005;
/// Share of aggressors that take the best level whole where the market wants to move.
const TAKES: f64 = 0.2;
/// Share of aggressors whose unfilled part stays in the book.
const STAYING: f64 = 0.5;

impl SyntheticMarket {
    /// Trades: T and F records level by level, then the cancels and modifies of the filled orders,
    /// then what the aggressor leaves in the book. Returns whether anything was there to trade with.
    pub(super) fn trade(&mut self, lean: f64, out: &mut Vec<Record>) -> bool {
        let aggressor = self.leaning_side(0.42 * lean);
        let resting = aggressor.opposite();
        let wanted = self.wanted(resting, lean);
        let id = self.next_id();
        let (mut left, mut levels, mut refreshed) = (wanted, 0, false);
        let mut last_rank = 0;
        self.closings.clear();
        while left > 0 && !refreshed && levels < DEEPEST_SWEEP {
            let rank = self.resting.best(resting);
            let level = *self.resting.level(resting, rank);
            if self.resting.count(resting) - level.count < FEWEST_ORDERS {
                break;
            }
            last_rank = rank;
            let taken = left.min(u32::try_from(level.size).unwrap_or(u32::MAX));
            // The aggressor's side, at the resting side's price.
            out.push(self.record(Action::Trade, aggressor, -rank, taken, id));
            refreshed = self.fill(resting, rank, taken, out);
            left -= taken;
            levels += 1;
        }
        if levels == 0 {
            return false;
        }
        out.append(&mut self.closings);
        self.climate.feel(resting, levels);
        let own_rank = -last_rank;
        if left > 0
            && !refreshed
            && own_rank <= self.limit(aggressor)
            && self.resting.has_room(aggressor, own_rank)
            && self.dice.chance(STAYING)
        {
            let slot = self
                .resting
                .insert(RestingOrder::new(id, aggressor, own_rank, left));
            self.newcomers.push(slot, id);
            out.push(self.record_of(Action::Add, slot, left));
        }
        true
    }

    /// Returns the size that an aggressor wants.
    fn wanted(&mut self, resting: Side, lean: f64) -> u32 {
        let rank = self.resting.best(resting);
        let there = u32::try_from(self.resting.level(resting, rank).size).unwrap_or(u32::MAX);
        let with_lean = match resting {
            Side::Ask => lean,
            Side::Bid => -lean,
        };
        if self.dice.chance(SWEEPS) {
            let beyond = there.saturating_mul(self.dice.between(1, 4));
            return there.saturating_add(self.dice.between(1, beyond.max(1)));
        }
        let size = self.traits.trade_sizes.draw(&mut self.dice);
        if with_lean > 0.3 && there <= size.saturating_mul(8) && self.dice.chance(TAKES) {
            // A limit order at the touch: takes all of it and sometimes stays with the rest.
            return there.saturating_add(if self.dice.chance(0.3) { size } else { 0 });
        }
        size
    }

    /// Fills the orders at the head of a level; returns whether an iceberg refreshed.
    fn fill(&mut self, side: Side, rank: i32, taken: u32, out: &mut Vec<Record>) -> bool {
        let (mut left, mut refreshed) = (taken, false);
        while left > 0 {
            let slot = self
                .resting
                .first(side, rank)
                .expect("the level holds what is taken");
            let order = *self.resting.order(slot);
            let filled = left.min(order.size);
            left -= filled;
            out.push(self.record_of(Action::Fill, slot, filled));
            if filled < order.size {
                self.resting.reduce(slot, filled);
                let closing = match self.traits.dialect {
                    Dialect::Globex => self.record_of(Action::Modify, slot, order.size - filled),
                    Dialect::Itch => self.record_of(Action::Cancel, slot, filled),
                };
                self.closings.push(closing);
            } else if let Some(shown) = self.resting.refresh(slot) {
                refreshed = true;
                self.closings
                    .push(self.record_of(Action::Modify, slot, shown));
            } else {
                self.closings
                    .push(self.record_of(Action::Cancel, slot, filled));
                self.resting.remove(slot);
            }
        }
        refreshed
    }
}
