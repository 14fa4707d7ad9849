//! What flowed at each price of one side in the current window.

use std::collections::HashMap;

use vp_book::LevelFlow;

use crate::hashing::Folded;

/// The sums of one cell, in contracts or shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CellFlow {
    pub(super) add: u64,
    pub(super) pull: u64,
    pub(super) fill: u64,
    /// The part of `pull` whose orders had rested.
    pub(super) pull_rest: u64,
    /// What is left of the orders that will not have rested when the window ends.
    pub(super) young: u64,
}

impl CellFlow {
    /// Adds what a record did to an order that had rested, or had not.
    #[inline]
    pub(super) fn add(&mut self, flow: LevelFlow, has_rested: bool) {
        self.add += u64::from(flow.add);
        self.pull += u64::from(flow.pull);
        self.fill += u64::from(flow.fill);
        if has_rested {
            self.pull_rest += u64::from(flow.pull);
        }
    }

    /// Follows the size of an order that will not have rested when the window ends.
    #[inline]
    pub(super) fn follow_young(&mut self, flow: LevelFlow) {
        self.young += u64::from(flow.add);
        self.young -= u64::from(flow.pull) + u64::from(flow.fill);
    }

    /// Returns whether anything appeared or disappeared.
    pub(super) const fn is_flow(&self) -> bool {
        self.add | self.pull | self.fill != 0
    }
}

/// The cells of one side that something happened in.
#[derive(Clone, Debug, Default)]
pub(super) struct SideFlows {
    cells: Vec<(i64, CellFlow)>,
    places: HashMap<i64, usize, Folded>,
}

impl SideFlows {
    /// Returns the sums of a cell.
    #[inline]
    pub(super) fn at(&mut self, cell: i64) -> &mut CellFlow {
        let next = self.cells.len();
        let place = *self.places.entry(cell).or_insert(next);
        if place == next {
            self.cells.push((cell, CellFlow::default()));
        }
        &mut self.cells[place].1
    }

    /// Puts the cells in the order of their prices and returns them; then the window is over.
    pub(super) fn close(&mut self) -> &[(i64, CellFlow)] {
        self.places.clear();
        self.cells.sort_unstable_by_key(|(cell, _)| *cell);
        &self.cells
    }

    /// Begins a window.
    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.cells.clear();
    }

    /// Lets go of the young orders: the book was emptied.
    pub(super) fn clear_young(&mut self) {
        self.cells.iter_mut().for_each(|(_, flow)| flow.young = 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_out_by_price_and_the_next_window_starts_empty() {
        let mut flows = SideFlows::default();
        for (cell, size) in [(7, 1), (-3, 2), (7, 4), (0, 8)] {
            flows.at(cell).pull += size;
        }
        let found: Vec<_> = flows.close().iter().map(|(c, f)| (*c, f.pull)).collect();
        assert_eq!(found, [(-3, 2), (0, 8), (7, 5)]);
        flows.clear();
        assert_eq!(flows.at(7).pull, 0);
        assert_eq!(flows.close().len(), 1);
    }
}
