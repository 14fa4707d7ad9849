//! What tells one kind of market from another: its depth, sizes, mix of actions and dialect.
//!
//! The numbers are rounded summaries of how such markets behave; no record of any venue is in them.

use crate::dice::Odds;

/// A kind of market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Character {
    /// A large-tick future such as ES: long queues, a spread of one tick nearly always.
    DeepFuture,
    /// A small-tick future such as MNQ: short queues, a spread of one to three ticks, quick moves.
    FastFuture,
    /// A liquid stock or fund such as QQQ: sizes in shares, mostly round lots.
    Equity,
}

/// How a venue reports partial fills and replacements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// CME Globex: what is left of a filled order, and a changed order, come as a modify.
    Globex,
    /// Nasdaq ITCH: a partial fill comes as a partial cancel, a replacement as cancel and add.
    Itch,
}

/// The numbers of one kind of market.
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    pub(crate) dialect: Dialect,
    /// Probabilities of an event being an add, a cancel, a modify; the rest are trades.
    pub(crate) adds: f64,
    pub(crate) cancels: f64,
    pub(crate) modifies: f64,
    /// Orders at a level in equilibrium, by ticks from the touch.
    pub(crate) profile: Vec<f64>,
    /// Probability that an add improves the price, by spread in ticks from 2 on.
    pub(crate) improves: [f64; 6],
    /// Events wait for a narrower spread from this one on, in ticks.
    pub(crate) widest_spread: i32,
    /// Distance of an add from the touch, in ticks.
    pub(crate) distances: Odds,
    pub(crate) add_sizes: Odds,
    pub(crate) trade_sizes: Odds,
    /// Deviation of the fair value per event, in ticks.
    pub(crate) noise: f64,
    /// Probability that an add is an iceberg.
    pub(crate) icebergs: f64,
    /// Records per event in the long run, measured.
    pub(crate) records_per_event: f64,
}

impl Traits {
    /// Orders at both sides together in equilibrium.
    pub(crate) fn population(&self) -> f64 {
        2.0 * self.profile.iter().sum::<f64>()
    }
}

/// Farthest distance of an order from the touch, in ticks.
pub(crate) const REACH: u16 = 1_000;

impl Character {
    pub(crate) fn traits(self) -> Traits {
        match self {
            Self::DeepFuture => deep_future(),
            Self::FastFuture => fast_future(),
            Self::Equity => equity(),
        }
    }
}

fn deep_future() -> Traits {
    Traits {
        dialect: Dialect::Globex,
        adds: 0.43,
        cancels: 0.28,
        modifies: 0.235,
        profile: profile(&[
            (0, 11.0),
            (1, 19.0),
            (3, 24.5),
            (15, 26.0),
            (40, 25.0),
            (60, 18.0),
            (100, 13.0),
            (200, 9.0),
            (400, 2.5),
            (999, 0.6),
        ]),
        improves: [0.12, 0.6, 0.95, 1.0, 1.0, 1.0],
        widest_spread: 5,
        distances: Odds::from_ranges(&[
            (0, 0, 0.66),
            (1, 1, 0.075),
            (2, 2, 0.03),
            (3, 9, 0.045),
            (10, 10, 0.03),
            (11, 25, 0.085),
            (26, 60, 0.05),
            (61, 200, 0.03),
            (201, 400, 0.012),
            (401, 1000, 0.006),
        ]),
        add_sizes: Odds::from_ranges(&[
            (1, 1, 0.735),
            (2, 2, 0.09),
            (3, 3, 0.055),
            (4, 4, 0.035),
            (5, 5, 0.018),
            (6, 9, 0.018),
            (10, 10, 0.012),
            (12, 12, 0.012),
            (11, 19, 0.012),
            (20, 20, 0.003),
            (21, 49, 0.005),
            (50, 50, 0.0015),
            (51, 100, 0.001),
            (101, 250, 0.0003),
        ]),
        trade_sizes: Odds::from_ranges(&[
            (1, 1, 0.60),
            (2, 2, 0.155),
            (3, 3, 0.056),
            (4, 4, 0.045),
            (5, 5, 0.03),
            (6, 9, 0.045),
            (10, 10, 0.014),
            (11, 19, 0.032),
            (20, 49, 0.016),
            (50, 100, 0.002),
        ]),
        noise: 0.085,
        icebergs: 0.0015,
        records_per_event: 1.3,
    }
}

fn fast_future() -> Traits {
    Traits {
        dialect: Dialect::Globex,
        adds: 0.445,
        cancels: 0.36,
        modifies: 0.14,
        profile: profile(&[
            (0, 2.5),
            (1, 4.5),
            (3, 7.0),
            (8, 9.0),
            (25, 10.0),
            (60, 8.0),
            (120, 6.0),
            (300, 3.0),
            (999, 0.4),
        ]),
        improves: [0.06, 0.15, 0.4, 0.7, 0.9, 1.0],
        widest_spread: 8,
        distances: Odds::from_ranges(&[
            (0, 0, 0.34),
            (1, 1, 0.16),
            (2, 2, 0.10),
            (3, 5, 0.12),
            (6, 12, 0.10),
            (13, 30, 0.08),
            (31, 80, 0.06),
            (81, 250, 0.03),
            (251, 1000, 0.01),
        ]),
        add_sizes: Odds::from_ranges(&[
            (1, 1, 0.71),
            (2, 2, 0.13),
            (3, 3, 0.06),
            (4, 4, 0.025),
            (5, 5, 0.03),
            (6, 9, 0.015),
            (10, 10, 0.015),
            (11, 19, 0.007),
            (20, 20, 0.003),
            (21, 50, 0.003),
            (51, 120, 0.0004),
        ]),
        trade_sizes: Odds::from_ranges(&[
            (1, 1, 0.62),
            (2, 2, 0.16),
            (3, 3, 0.07),
            (4, 4, 0.035),
            (5, 5, 0.035),
            (6, 9, 0.035),
            (10, 10, 0.015),
            (11, 25, 0.025),
            (26, 80, 0.005),
        ]),
        noise: 0.16,
        icebergs: 0.0015,
        records_per_event: 1.31,
    }
}

fn equity() -> Traits {
    Traits {
        dialect: Dialect::Itch,
        adds: 0.46,
        cancels: 0.42,
        modifies: 0.09,
        profile: profile(&[
            (0, 6.0),
            (1, 9.0),
            (3, 10.0),
            (10, 9.0),
            (30, 6.0),
            (100, 4.0),
            (300, 2.0),
            (999, 0.3),
        ]),
        improves: [0.07, 0.25, 0.6, 0.9, 1.0, 1.0],
        widest_spread: 6,
        distances: Odds::from_ranges(&[
            (0, 0, 0.38),
            (1, 1, 0.19),
            (2, 2, 0.11),
            (3, 6, 0.13),
            (7, 20, 0.10),
            (21, 80, 0.06),
            (81, 300, 0.02),
            (301, 1000, 0.01),
        ]),
        add_sizes: Odds::from_ranges(&[
            (1, 99, 0.14),
            (100, 100, 0.60),
            (200, 200, 0.09),
            (300, 300, 0.04),
            (400, 400, 0.03),
            (101, 499, 0.03),
            (500, 500, 0.035),
            (1_000, 1_000, 0.02),
            (501, 2_000, 0.01),
            (2_001, 10_000, 0.001),
        ]),
        trade_sizes: Odds::from_ranges(&[
            (1, 99, 0.35),
            (100, 100, 0.42),
            (200, 200, 0.08),
            (101, 499, 0.09),
            (500, 500, 0.03),
            (501, 2_000, 0.025),
            (2_001, 8_000, 0.003),
        ]),
        noise: 0.2,
        icebergs: 0.0,
        records_per_event: 1.31,
    }
}

/// Joins `(distance, orders)` points by straight lines.
fn profile(points: &[(u16, f64)]) -> Vec<f64> {
    let mut levels = Vec::with_capacity(usize::from(REACH));
    for pair in points.windows(2) {
        let ((from, left), (to, right)) = (pair[0], pair[1]);
        for distance in from..to {
            let share = f64::from(distance - from) / f64::from(to - from);
            levels.push(left + (right - left) * share);
        }
    }
    levels.extend(points.last().map(|point| point.1));
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_covers_the_reach() {
        for character in [
            Character::DeepFuture,
            Character::FastFuture,
            Character::Equity,
        ] {
            let traits = character.traits();
            assert_eq!(traits.profile.len(), usize::from(REACH));
            assert!((2_000.0..20_000.0).contains(&traits.population()));
        }
    }

    #[test]
    fn a_profile_runs_straight_between_its_points() {
        assert_eq!(
            profile(&[(0, 2.0), (2, 4.0), (3, 1.0)]),
            [2.0, 3.0, 4.0, 1.0]
        );
    }
}
