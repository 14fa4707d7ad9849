//! Listed options on a synthetic market: which there are, and what each is worth about.
//!
//! The values only look like a market's: they follow the underlying, and what is far from the money
//! is worth little. Nothing is priced here.

mod files;
mod maker;

use thiserror::Error;
use vp_market::{Price, Right, TickSize};

use crate::character::Character;
use crate::config::SynthConfig;

pub use files::{write_option_definitions, write_option_orders, write_option_quotes};

/// Most strikes to each side of the opening price.
const MOST_STRIKES: u32 = 500;

/// From the opening in New York to the close, nanoseconds.
const SESSION_NS: u64 = 23_400_000_000_000;

/// What an option at the money is worth, as a part of the step between two strikes.
const TIME_VALUE: f64 = 0.7;

/// Over how many strikes the time value falls to a third.
const TIME_VALUE_REACH: f64 = 3.0;

/// Why options cannot be listed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OptionChainError {
    /// None or too many strikes.
    #[error("{strikes} strikes to each side must lie between 1 and {MOST_STRIKES}")]
    Strikes {
        /// The refused number.
        strikes: u32,
    },
    /// The step is no whole number of ticks.
    #[error("a strike step of {step} is no whole number of the underlying's ticks of {tick}")]
    Step {
        /// The refused step.
        step: TickSize,
        /// The underlying's tick.
        tick: TickSize,
    },
    /// The lowest strike would not be above zero.
    #[error("{strikes} strikes of {step} below {opening} reach down to zero; ask for fewer")]
    BelowZero {
        /// The number of strikes.
        strikes: u32,
        /// Their step.
        step: TickSize,
        /// The underlying's opening price.
        opening: Price,
    },
    /// The rate is zero or too high.
    #[error(
        "rate of {rate} records per second must lie between 1 and {}",
        crate::MAX_RATE
    )]
    Rate {
        /// The refused rate.
        rate: u32,
    },
}

/// The options on a synthetic market that expire on its day.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use vp_market::TickSize;
/// use vp_synth::{Compression, OptionChain, SynthConfig, write_option_orders};
///
/// let step = TickSize::from_nanos(5_000_000_000).unwrap();
/// let chain = OptionChain::new(SynthConfig::preset("ESH6")?, step, 15, 200)?;
/// let mut file = Vec::new();
/// let length = Duration::from_secs(2);
/// assert!(write_option_orders(&mut file, &chain, length, Compression::None)? > 300);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionChain {
    underlying: SynthConfig,
    step: TickSize,
    premium_tick: TickSize,
    lowest: i64,
    strike_count: u32,
    rate: u32,
}

/// One listed option.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) instrument_id: u32,
    pub(crate) right: Right,
    pub(crate) strike: i64,
}

impl OptionChain {
    /// Lists calls and puts at strikes every `step`, so many to each side of the opening price,
    /// that together have `rate` records a second.
    ///
    /// # Errors
    /// [`OptionChainError`] for a chain that no market could list.
    pub fn new(
        underlying: SynthConfig,
        step: TickSize,
        strikes: u32,
        rate: u32,
    ) -> Result<Self, OptionChainError> {
        let (tick, opening) = (underlying.tick(), underlying.opening());
        if strikes == 0 || strikes > MOST_STRIKES {
            return Err(OptionChainError::Strikes { strikes });
        }
        if step.nanos() % tick.nanos() != 0 {
            return Err(OptionChainError::Step { step, tick });
        }
        if rate == 0 || rate > crate::MAX_RATE {
            return Err(OptionChainError::Rate { rate });
        }
        let lowest = step.nearest(opening) - i64::from(strikes);
        let highest = step.nearest(opening) + i64::from(strikes);
        let is_in_range = lowest > 0 && highest.checked_mul(step.nanos()).is_some();
        if !is_in_range {
            return Err(OptionChainError::BelowZero {
                strikes,
                step,
                opening,
            });
        }
        let fifth = tick.nanos() / 5;
        let is_future = underlying.character() != Character::Equity;
        let finer = if is_future && fifth * 5 == tick.nanos() {
            fifth
        } else {
            tick.nanos()
        };
        Ok(Self {
            premium_tick: TickSize::from_nanos(finer).unwrap_or(tick),
            lowest: lowest * step.nanos(),
            strike_count: 2 * strikes + 1,
            underlying,
            step,
            rate,
        })
    }

    /// Returns the market that the options are on.
    pub fn underlying(&self) -> &SynthConfig {
        &self.underlying
    }

    /// Returns when the options expire: at 16:00 in New York, if the market begins at 09:30.
    pub fn expiration_ns(&self) -> u64 {
        self.underlying.start_ns() + SESSION_NS
    }

    /// Returns how many options there are.
    pub fn option_count(&self) -> u32 {
        2 * self.strike_count
    }

    /// Returns the option with that number, calls and puts in turn from the lowest strike.
    pub(crate) fn listed(&self, number: u32) -> Listed {
        let strike = i64::from(number / 2) * self.step.nanos();
        Listed {
            instrument_id: self.underlying.instrument_id().wrapping_add(1 + number),
            right: Right::BOTH[usize::from(number % 2 == 1)],
            strike: self.lowest + strike,
        }
    }

    /// Returns what an option is worth about while the underlying is at that price, in ticks of
    /// its premium.
    pub(crate) fn value(&self, option: Listed, spot: i64) -> i64 {
        let in_the_money = match option.right {
            Right::Call => spot - option.strike,
            Right::Put => option.strike - spot,
        };
        let tick = self.premium_tick.nanos();
        let step_ticks = count(self.step.nanos() / tick);
        let distance = count(in_the_money.abs() / tick) / step_ticks;
        let time_value = TIME_VALUE * step_ticks * libm::exp(-distance / TIME_VALUE_REACH);
        in_the_money.max(0) / tick + whole(time_value)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count of ticks is far below 2^53"
)]
fn count(ticks: i64) -> f64 {
    ticks as f64
}

#[expect(clippy::cast_possible_truncation, reason = "less than a step")]
fn whole(ticks: f64) -> i64 {
    libm::round(ticks) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(strikes: u32, step: i64, rate: u32) -> Result<OptionChain, OptionChainError> {
        let step = TickSize::from_nanos(step).unwrap();
        OptionChain::new(SynthConfig::preset("ESH6").unwrap(), step, strikes, rate)
    }

    #[test]
    fn calls_and_puts_are_listed_around_the_opening() {
        let chain = chain(15, 5_000_000_000, 100).unwrap();
        assert_eq!(chain.option_count(), 62);
        let (first, last) = (chain.listed(0), chain.listed(61));
        assert_eq!(
            (first.right, first.strike),
            (Right::Call, 6_830_000_000_000)
        );
        assert_eq!((last.right, last.strike), (Right::Put, 6_980_000_000_000));
        assert_ne!(first.instrument_id, chain.underlying().instrument_id());
    }

    #[test]
    fn an_option_is_worth_more_the_deeper_it_is_in_the_money() {
        let chain = chain(15, 5_000_000_000, 100).unwrap();
        let spot = 6_905_000_000_000;
        let calls: Vec<_> = (0..31)
            .map(|n| chain.value(chain.listed(2 * n), spot))
            .collect();
        assert!(calls.is_sorted_by(|a, b| a >= b), "{calls:?}");
        // At the money it is time value alone: 3.50 points, in ticks of 0.05.
        assert_eq!(calls[15], 70);
    }

    #[test]
    fn unusable_chains_are_refused() {
        let error = |strikes, step, rate| chain(strikes, step, rate).unwrap_err();
        let step = 5_000_000_000;
        assert!(matches!(
            error(0, step, 1),
            OptionChainError::Strikes { .. }
        ));
        assert!(matches!(
            error(15, 300_000_000, 1),
            OptionChainError::Step { .. }
        ));
        assert!(matches!(error(15, step, 0), OptionChainError::Rate { .. }));
        assert!(matches!(
            error(300, 50 * step, 1),
            OptionChainError::BelowZero { .. }
        ));
    }
}
