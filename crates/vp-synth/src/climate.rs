//! What changes slowly in the market: fair value, volatility, drift, and holes in the liquidity.
//!
//! Time here is counted in events, so that a fast market lives through the same history as a slow
//! one. It decides nothing about single orders.

use vp_market::Side;

use crate::dice::Dice;

/// Events between two moves of the climate.
const BLOCK: u32 = 64;
/// Pull of log activity to its mean, per block.
const ACTIVITY_REVERSION: f64 = 0.004;
/// Noise of log activity per block: a stationary deviation of 0.45.
const ACTIVITY_NOISE: f64 = 0.04;
/// Probability per block of a burst of activity and volatility.
const BURST: f64 = 1.0 / 1_500.0;
/// What log activity is brought back by, so that bursts do not raise the average rate.
const CENTRE: f64 = 0.06;
/// Probability per block of another drift.
const NEW_DRIFT: f64 = 1.0 / 250.0;
/// Probability per block of a hole on one side.
const NEW_HOLE: f64 = 1.0 / 600.0;
/// Pull of the fair value to the opening price, per block: it holds prices in range for ever.
const ANCHOR: f64 = 7e-7;
/// How fast the memory of recent aggressors fades, per event.
const PRESSURE_MEMORY: f64 = 0.985;

/// The slow state of the market.
#[derive(Clone, Debug)]
pub(crate) struct Climate {
    /// Where informed traders see the price, in ticks from the opening price.
    fair: f64,
    /// Ticks per block.
    drift: f64,
    /// Deviation of the fair value per block in calm conditions, in ticks.
    noise: f64,
    /// Logarithm of the activity, around zero.
    log_activity: f64,
    activity: f64,
    volatility: f64,
    hole: Option<Hole>,
    /// Recent signed aggression, in [-1, 1]; positive when buyers press.
    pressure: f64,
    events: u32,
}

/// A side whose makers have stepped back.
#[derive(Clone, Copy, Debug)]
struct Hole {
    side: Side,
    blocks_left: u32,
}

impl Climate {
    /// Creates a calm climate; `noise` is the fair value's deviation per event, in ticks.
    pub(crate) fn new(noise: f64) -> Self {
        Self {
            fair: 0.0,
            drift: 0.0,
            noise: noise * f64::from(BLOCK).sqrt(),
            log_activity: 0.0,
            activity: 1.0,
            volatility: 1.0,
            hole: None,
            pressure: 0.0,
            events: 0,
        }
    }

    /// Lives through one event.
    pub(crate) fn advance(&mut self, dice: &mut Dice) {
        self.pressure *= PRESSURE_MEMORY;
        self.events += 1;
        if self.events == BLOCK {
            self.events = 0;
            self.turn(dice);
        }
    }

    fn turn(&mut self, dice: &mut Dice) {
        self.log_activity += ACTIVITY_NOISE * dice.bell() - ACTIVITY_REVERSION * self.log_activity;
        if dice.chance(BURST) {
            self.log_activity += 0.8 + 0.8 * dice.unit();
            self.fair += 3.0 * self.noise * dice.bell();
        }
        self.log_activity = self.log_activity.clamp(-1.5, 2.5);
        self.activity = libm::exp(self.log_activity - CENTRE);
        self.volatility = self.activity.sqrt();
        if dice.chance(NEW_DRIFT) {
            let trending = dice.chance(0.5);
            self.drift = if trending {
                0.12 * self.noise * dice.bell()
            } else {
                0.0
            };
        }
        self.hole = match self.hole {
            Some(hole) if hole.blocks_left > 0 => Some(Hole {
                blocks_left: hole.blocks_left - 1,
                ..hole
            }),
            None if dice.chance(NEW_HOLE) => {
                let side = if dice.chance(0.5) {
                    Side::Bid
                } else {
                    Side::Ask
                };
                Some(Hole {
                    side,
                    blocks_left: dice.between(8, 40),
                })
            }
            Some(_) | None => None,
        };
        self.fair += self.drift + self.volatility * self.noise * dice.bell() - ANCHOR * self.fair;
        self.fair = self.fair.clamp(-FAIR_LIMIT, FAIR_LIMIT);
    }

    /// Remembers an aggressor that took `levels` price levels.
    pub(crate) fn feel(&mut self, resting: Side, levels: u32) {
        let push = 0.12 * f64::from(levels.min(4));
        let signed = match resting {
            Side::Ask => push,
            Side::Bid => -push,
        };
        self.pressure = (self.pressure + signed).clamp(-1.0, 1.0);
    }

    /// Returns the market's inclination to rise, in [-1, 1], when its mid is at `mid` ticks.
    pub(crate) fn lean(&self, mid: f64) -> f64 {
        (0.75 * ((self.fair - mid) / 2.0).clamp(-1.0, 1.0) + 0.25 * self.pressure).clamp(-1.0, 1.0)
    }

    /// Returns how far the fair value lies above `mid`, in ticks.
    pub(crate) fn mispricing(&self, mid: f64) -> f64 {
        self.fair - mid
    }

    /// Returns the multiplier of the base rate of events.
    pub(crate) fn activity(&self) -> f64 {
        self.activity
    }

    /// Returns the share of its usual depth that a side strives for.
    pub(crate) fn depth_share(&self, side: Side) -> f64 {
        match self.hole {
            Some(hole) if hole.side == side => 0.35,
            _ => 1.0,
        }
    }
}

/// Largest distance of the fair value from the opening price, in ticks.
pub(crate) const FAIR_LIMIT: f64 = 4_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fair_value_wanders_but_stays_in_range() {
        let (mut climate, mut dice) = (Climate::new(0.5), Dice::new(5));
        let mut farthest = 0.0f64;
        for _ in 0..2_000_000 {
            climate.advance(&mut dice);
            farthest = farthest.max(climate.mispricing(0.0).abs());
        }
        assert!((50.0..=FAIR_LIMIT).contains(&farthest), "{farthest}");
    }

    #[test]
    fn buyers_make_the_market_lean_up() {
        let mut climate = Climate::new(0.1);
        climate.feel(Side::Ask, 2);
        assert!(climate.lean(0.0) > 0.0);
        assert!(climate.lean(40.0) < 0.0);
    }
}
