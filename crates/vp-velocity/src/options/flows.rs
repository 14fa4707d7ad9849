//! One instrument's flow in one window, by level of premium, and its sums.

use std::collections::BTreeMap;

use vp_market::{Price, Side};

/// What one side of an instrument, or of a strike, did in a window.
///
/// # Units
/// Contracts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideSums {
    /// Depth at the window's start as its flow implies it, by level, and never below 0 there.
    pub start: u64,
    /// Depth at its end.
    pub end: u64,
    /// What appeared.
    pub add: u64,
    /// What its owners took away.
    pub pull: u64,
    /// What was traded away.
    pub fill: u64,
    /// The part of the depth at the end whose orders had rested by then.
    pub rest: u64,
}

/// What one instrument did in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstrumentWindow {
    /// The best bid at its end.
    pub bid: Option<Price>,
    /// The best ask at its end.
    pub ask: Option<Price>,
    /// Bids, then asks.
    pub sides: [SideSums; 2],
}

impl SideSums {
    /// Adds those of another instrument.
    pub(super) fn add(&mut self, other: &Self) {
        self.start += other.start;
        self.end += other.end;
        self.add += other.add;
        self.pull += other.pull;
        self.fill += other.fill;
        self.rest += other.rest;
    }

    /// Returns whether start and flow lead to the end. They do not where depth came or went
    /// without flow: by a clear or a snapshot.
    pub(super) fn is_balanced(&self) -> bool {
        self.start + self.add == self.end + self.pull + self.fill
    }
}

/// The flow of a window by side and level.
#[derive(Clone, Debug, Default)]
pub(super) struct LevelFlows {
    by_level: BTreeMap<(Side, Price), Flow>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    add: u64,
    pull: u64,
    fill: u64,
}

impl LevelFlows {
    pub(super) fn note(&mut self, side: Side, price: Price, add: u32, pull: u32, fill: u32) {
        if (add, pull, fill) == (0, 0, 0) {
            return;
        }
        let flow = self.by_level.entry((side, price)).or_default();
        flow.add += u64::from(add);
        flow.pull += u64::from(pull);
        flow.fill += u64::from(fill);
    }

    pub(super) fn clear(&mut self) {
        self.by_level.clear();
    }

    /// Returns the sums of a side that ends with the depth `total` and at each price with that of
    /// `depth`; nothing of it rests.
    pub(super) fn sums(&self, side: Side, total: u64, depth: impl Fn(Price) -> u64) -> SideSums {
        let mut sums = SideSums {
            start: total,
            end: total,
            ..SideSums::default()
        };
        let of_side = self.by_level.iter().filter(|((of, _), _)| *of == side);
        for ((_, price), flow) in of_side {
            let end = depth(*price);
            // Where nothing flowed, a level starts as it ends.
            sums.start -= end;
            sums.start += (end + flow.pull + flow.fill).saturating_sub(flow.add);
            sums.add += flow.add;
            sums.pull += flow.pull;
            sums.fill += flow.fill;
        }
        sums
    }
}
