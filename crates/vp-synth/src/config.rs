//! What to synthesise: a product, a seed, a rate and a beginning.
//!
//! Holds checked values only; how a market behaves is the business of [`Character`].

use thiserror::Error;
use vp_market::{Price, TickSize};

use crate::character::Character;

/// Highest rate that can be asked for, in records per second.
pub const MAX_RATE: u32 = 1_000_000;

/// Ticks that prices may need on either side of the opening price: the fair value's range and the
/// farthest orders.
const RANGE_TICKS: i64 = 8_192;

/// 2100-01-01, so that centuries of flow still fit the clock.
const LATEST_START_NS: u64 = 4_102_444_800_000_000_000;

/// 2026-02-06 09:30 in New York.
const DEFAULT_START_NS: u64 = 1_770_388_200_000_000_000;

/// Seed of the session that is offered where none is asked for.
const DEFAULT_SEED: u64 = 7;

/// Longest symbol, in bytes: what a DBN file can hold.
const LONGEST_SYMBOL: usize = 70;

/// Symbol, character, tick and opening price in nanos, rate, instrument id.
const PRESETS: [(&str, Character, i64, i64, u32, u32); 3] = [
    (
        "MNQH6",
        Character::FastFuture,
        250_000_000,
        25_100_000_000_000,
        1_000,
        42_004_880,
    ),
    (
        "ESH6",
        Character::DeepFuture,
        250_000_000,
        6_905_000_000_000,
        1_000,
        42_140_864,
    ),
    (
        "QQQ",
        Character::Equity,
        10_000_000,
        611_250_000_000,
        400,
        13_340,
    ),
];

/// Why a synthetic market cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SynthConfigError {
    /// No preset has that name.
    #[error("no synthetic preset is called {symbol:?}; there are MNQH6, ESH6 and QQQ")]
    UnknownPreset {
        /// The name asked for.
        symbol: String,
    },
    /// The symbol does not fit a DBN file.
    #[error("symbol {symbol:?} must be 1 to 70 visible ASCII characters")]
    Symbol {
        /// The refused symbol.
        symbol: String,
    },
    /// The rate is zero or too high.
    #[error("rate of {rate} records per second must lie between 1 and {MAX_RATE}")]
    Rate {
        /// The refused rate.
        rate: u32,
    },
    /// The opening price is between two ticks.
    #[error("opening price {opening} is not a whole multiple of the tick {tick}")]
    OffTick {
        /// The refused price.
        opening: Price,
        /// The tick it was held against.
        tick: TickSize,
    },
    /// Prices could become negative or overflow on the way.
    #[error(
        "opening price {opening} must be at least {RANGE_TICKS} ticks of {tick} from both ends of the price range"
    )]
    OpeningRange {
        /// The refused price.
        opening: Price,
        /// The tick it was held against.
        tick: TickSize,
    },
    /// The session would begin after the year 2100.
    #[error("start at {start_ns} ns must not lie beyond 2100 ({LATEST_START_NS} ns)")]
    Start {
        /// The refused start.
        start_ns: u64,
    },
}

/// A checked description of one synthetic session.
///
/// # Examples
/// ```
/// use vp_synth::SynthConfig;
///
/// let config = SynthConfig::preset("ESH6")?.with_seed(11).with_rate(50_000)?;
/// assert_eq!(config.tick().to_string(), "0.25");
/// # Ok::<(), vp_synth::SynthConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SynthConfig {
    symbol: String,
    character: Character,
    tick: TickSize,
    opening: Price,
    instrument_id: u32,
    start_ns: u64,
    seed: u64,
    rate: u32,
}

impl Default for SynthConfig {
    /// Returns the synthetic session: MNQH6 on 2026-02-06, seed 7.
    fn default() -> Self {
        Self::preset("MNQH6").expect("the first preset")
    }
}

impl SynthConfig {
    /// Describes a market of its own, beginning on 2026-02-06 at 09:30 in New York with seed 7 and
    /// a thousand records a second.
    ///
    /// # Errors
    /// [`SynthConfigError`] if the symbol or the opening price cannot be used.
    pub fn new(
        symbol: &str,
        character: Character,
        tick: TickSize,
        opening: Price,
    ) -> Result<Self, SynthConfigError> {
        let is_visible = symbol.bytes().all(|byte| byte.is_ascii_graphic());
        if symbol.is_empty() || symbol.len() > LONGEST_SYMBOL || !is_visible {
            return Err(SynthConfigError::Symbol {
                symbol: symbol.to_owned(),
            });
        }
        if !tick.divides(opening) {
            return Err(SynthConfigError::OffTick { opening, tick });
        }
        let range = tick.nanos().checked_mul(RANGE_TICKS);
        let fits = range.is_some_and(|range| {
            opening.nanos() > range && opening.nanos().checked_add(range).is_some()
        });
        if !fits {
            return Err(SynthConfigError::OpeningRange { opening, tick });
        }
        Ok(Self {
            symbol: symbol.to_owned(),
            character,
            tick,
            opening,
            instrument_id: 1,
            start_ns: DEFAULT_START_NS,
            seed: DEFAULT_SEED,
            rate: 1_000,
        })
    }

    /// Returns the description of a known product: `MNQH6`, `ESH6` or `QQQ`.
    ///
    /// # Errors
    /// [`SynthConfigError::UnknownPreset`] for any other name.
    #[expect(clippy::missing_panics_doc, reason = "a test builds every preset")]
    pub fn preset(symbol: &str) -> Result<Self, SynthConfigError> {
        let Some((_, character, tick, opening, rate, instrument_id)) =
            PRESETS.into_iter().find(|preset| preset.0 == symbol)
        else {
            return Err(SynthConfigError::UnknownPreset {
                symbol: symbol.to_owned(),
            });
        };
        let tick = TickSize::from_nanos(tick).expect("presets have positive ticks");
        let opening = Price::from_nanos(opening).expect("presets have defined prices");
        let config = Self::new(symbol, character, tick, opening)?;
        Ok(Self {
            instrument_id,
            rate,
            ..config
        })
    }

    /// Returns the names of the presets.
    pub fn presets() -> impl Iterator<Item = &'static str> {
        PRESETS.into_iter().map(|preset| preset.0)
    }

    /// Takes another seed.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Takes another instrument id.
    #[must_use]
    pub fn with_instrument_id(self, instrument_id: u32) -> Self {
        Self {
            instrument_id,
            ..self
        }
    }

    /// Takes another average number of records per second.
    ///
    /// # Errors
    /// [`SynthConfigError::Rate`] if it is zero or above [`MAX_RATE`].
    pub fn with_rate(self, rate: u32) -> Result<Self, SynthConfigError> {
        if rate == 0 || rate > MAX_RATE {
            return Err(SynthConfigError::Rate { rate });
        }
        Ok(Self { rate, ..self })
    }

    /// Takes another beginning, in nanoseconds since the Unix epoch, UTC.
    ///
    /// # Errors
    /// [`SynthConfigError::Start`] if it lies beyond the year 2100.
    pub fn with_start_ns(self, start_ns: u64) -> Result<Self, SynthConfigError> {
        if start_ns > LATEST_START_NS {
            return Err(SynthConfigError::Start { start_ns });
        }
        Ok(Self { start_ns, ..self })
    }

    /// Returns the product's symbol.
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Returns the kind of market.
    pub fn character(&self) -> Character {
        self.character
    }

    /// Returns the smallest price increment.
    pub fn tick(&self) -> TickSize {
        self.tick
    }

    /// Returns the price around which the session opens.
    pub fn opening(&self) -> Price {
        self.opening
    }

    /// Returns the instrument id that files map the symbol to.
    pub fn instrument_id(&self) -> u32 {
        self.instrument_id
    }

    /// Returns when the snapshot is made, in nanoseconds since the Unix epoch, UTC.
    pub fn start_ns(&self) -> u64 {
        self.start_ns
    }

    /// Returns the seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the average number of records per second.
    pub fn rate(&self) -> u32 {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(symbol: &str, tick: i64, opening: i64) -> Result<SynthConfig, SynthConfigError> {
        let tick = TickSize::from_nanos(tick).unwrap();
        let opening = Price::from_nanos(opening).unwrap();
        SynthConfig::new(symbol, Character::DeepFuture, tick, opening)
    }

    #[test]
    fn every_preset_is_sound() {
        for symbol in SynthConfig::presets() {
            assert_eq!(SynthConfig::preset(symbol).unwrap().symbol(), symbol);
        }
    }

    #[test]
    fn unusable_values_are_refused() {
        let config = SynthConfig::default();
        assert!(matches!(
            config.clone().with_rate(0),
            Err(SynthConfigError::Rate { rate: 0 })
        ));
        assert!(config.clone().with_rate(MAX_RATE + 1).is_err());
        assert!(matches!(
            config.with_start_ns(u64::MAX),
            Err(SynthConfigError::Start { .. })
        ));
        assert!(matches!(
            SynthConfig::preset("CL"),
            Err(SynthConfigError::UnknownPreset { .. })
        ));
    }

    #[test]
    fn unusable_markets_are_refused() {
        assert!(market("A", 10, 1_000_000).is_ok());
        assert!(matches!(
            market("", 10, 1_000_000),
            Err(SynthConfigError::Symbol { .. })
        ));
        assert!(matches!(
            market("a b", 10, 1_000_000),
            Err(SynthConfigError::Symbol { .. })
        ));
        assert!(matches!(
            market("A", 10, 1_000_001),
            Err(SynthConfigError::OffTick { .. })
        ));
        for (tick, opening) in [(10, 1_000), (1, i64::MAX - 1), (i64::MAX / 2, 0)] {
            let found = market("A", tick, opening);
            assert!(
                matches!(found, Err(SynthConfigError::OpeningRange { .. })),
                "{found:?}"
            );
        }
    }
}
