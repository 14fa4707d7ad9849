//! Randomness that is the same on every machine.
//!
//! The generator is xoshiro256++, whose stream is fixed by its published reference code. Numbers are
//! made from its bits by integer arithmetic, by IEEE operations that are exactly rounded, or by the
//! plain Rust functions of `libm`; never by the platform's mathematical library.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// The market's source of chance.
#[derive(Clone, Debug)]
pub(crate) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Returns 64 independent bits.
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns an integer in `0..bound`, or 0 where the bound is 0.
    #[inline]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let product = u128::from(self.bits()) * u128::from(bound);
        u32::try_from(product >> 64).expect("less than the bound, which is 32 bits wide")
    }

    /// Returns an integer in `low..=high`.
    #[inline]
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// Returns a number in [0, 1).
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub(crate) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.bits() >> 11) as f64 * STEP
    }

    /// Returns true with that probability.
    #[inline]
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Returns a draw close to the standard normal: a centred count of 64 fair coins.
    pub(crate) fn bell(&mut self) -> f64 {
        (f64::from(self.bits().count_ones()) - 32.0) / 4.0
    }
}

/// A discrete distribution, drawn from in constant time with twelve random bits.
#[derive(Clone, Debug)]
pub(crate) struct Odds {
    /// Inclusive range of values behind each of the equally likely cells.
    cells: Vec<(u32, u32)>,
}

impl Odds {
    const CELLS: u32 = 4096;

    /// Builds the distribution of `(first, last, weight)` ranges, each uniform inside.
    pub(crate) fn from_ranges(ranges: &[(u32, u32, f64)]) -> Self {
        let total: f64 = ranges.iter().map(|range| range.2).sum();
        let mut cells = Vec::new();
        let mut ranges = ranges.iter();
        let mut current = *ranges.next().expect("every table has a range");
        let mut reached = current.2;
        for cell in 0..Self::CELLS {
            let quantile = (f64::from(cell) + 0.5) / f64::from(Self::CELLS) * total;
            while quantile > reached {
                let Some(next) = ranges.next() else { break };
                current = *next;
                reached += current.2;
            }
            cells.push((current.0, current.1));
        }
        Self { cells }
    }

    /// Draws a value.
    #[inline]
    pub(crate) fn draw(&self, dice: &mut Dice) -> u32 {
        let bits = dice.bits();
        let cell = usize::try_from(bits >> 52).expect("twelve bits");
        let (first, last) = self.cells[cell];
        if first == last {
            return first;
        }
        // The cell took the upper twelve bits; the next 32 choose inside the range.
        let span = u64::from(last - first) + 1;
        let inside = (((bits >> 20) & 0xffff_ffff) * span) >> 32;
        first + u32::try_from(inside).expect("less than a span of 32 bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_is_that_of_the_published_generator() {
        let mut dice = Dice::new(7);
        let first: Vec<u64> = (0..3).map(|_| dice.bits()).collect();
        assert_eq!(first, REFERENCE);
    }

    /// splitmix64 from 7 fills the state, then xoshiro256++ runs; computed apart from this crate.
    const REFERENCE: [u64; 3] = [
        0x0e2c_1a00_2aae_913d,
        0x2c0f_c8dd_fa4e_9e14,
        0xb7b3_11b3_b0d4_5872,
    ];

    #[test]
    fn odds_draw_in_proportion_to_their_weights() {
        let odds = Odds::from_ranges(&[(1, 1, 3.0), (5, 8, 1.0)]);
        let mut dice = Dice::new(1);
        let draws: Vec<u32> = (0..40_000).map(|_| odds.draw(&mut dice)).collect();
        let ones = draws.iter().filter(|value| **value == 1).count();
        assert!((29_500..30_500).contains(&ones), "{ones} of 40000");
        for value in 5..=8 {
            let count = draws.iter().filter(|drawn| **drawn == value).count();
            assert!((2_250..2_750).contains(&count), "{count} of value {value}");
        }
    }

    #[test]
    fn the_bell_has_mean_zero_and_variance_one() {
        let mut dice = Dice::new(3);
        let draws: Vec<f64> = (0..100_000).map(|_| dice.bell()).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((variance - 1.0).abs() < 0.03, "{variance}");
    }
}
