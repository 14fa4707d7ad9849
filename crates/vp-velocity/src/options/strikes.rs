//! The grid of strikes around the spot.

use vp_market::{Instrument, Price, ProductType, TickSize};

/// The strikes of equity options that are followed: one for each point.
const EQUITY_STEP_NANOS: i64 = Price::SCALE;

/// How many strikes of equity options are followed to either side.
const EQUITY_OFFSETS: u32 = 25;

/// The strikes that are followed: those nearest to the spot on a grid of even steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrikeGrid {
    /// The distance between two strikes.
    pub step: TickSize,
    /// How many strikes to either side of the one nearest to the spot.
    pub max_offsets: u32,
    /// The underlying's tick or bucket, the unit of distances from the spot.
    pub tick: TickSize,
}

impl StrikeGrid {
    /// Returns the grid of the options on an instrument, or `None` where the product table follows
    /// none.
    #[expect(clippy::missing_panics_doc, reason = "a point is positive")]
    pub fn of(underlying: &Instrument) -> Option<Self> {
        let product = &underlying.product;
        match underlying.product_type {
            ProductType::FutureMbo | ProductType::FutureOptionMbo => {
                product.strikes.map(|strikes| Self {
                    step: strikes.step,
                    max_offsets: strikes.max_offsets,
                    tick: product.tick,
                })
            }
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => Some(Self {
                step: TickSize::from_nanos(EQUITY_STEP_NANOS).expect("a point is positive"),
                max_offsets: EQUITY_OFFSETS,
                tick: product.bucket,
            }),
        }
    }

    /// Returns how many ticks or buckets lie between two strikes, if it is a whole number of them.
    pub fn strike_ticks(self) -> Option<u32> {
        let (step, tick) = (self.step.nanos(), self.tick.nanos());
        let is_whole = step % tick == 0;
        u32::try_from(step / tick).ok().filter(|_| is_whole)
    }

    /// Returns how many strikes are followed.
    pub fn strike_count(self) -> usize {
        2 * self.max_offsets as usize + 1
    }

    /// Returns the number of the strike nearest to a spot, halves up.
    pub(crate) fn nearest(self, spot: Price) -> i64 {
        self.step.nearest(spot)
    }

    /// Returns the number of a strike, or `None` off the grid.
    pub(crate) fn number(self, strike: Price) -> Option<i64> {
        self.step
            .divides(strike)
            .then(|| self.step.floor_div(strike.nanos()))
    }

    /// Returns the price of a strike by its number, in units of 1e-9.
    pub(crate) fn strike(self, number: i64) -> i64 {
        number.saturating_mul(self.step.nanos())
    }

    /// Returns how many ticks a strike lies from the spot, halves up.
    pub(crate) fn rel_ticks(self, strike: i64, spot: Price) -> i32 {
        let distance = i128::from(strike) - i128::from(spot.nanos());
        let tick = i128::from(self.tick.nanos());
        let ticks = (2 * distance + tick).div_euclid(2 * tick);
        i32::try_from(ticks).unwrap_or(if ticks < 0 { i32::MIN } else { i32::MAX })
    }
}

#[cfg(test)]
mod tests {
    use vp_market::ProductTable;

    use super::*;

    fn grid(product_type: ProductType, symbol: &str) -> Option<StrikeGrid> {
        let instrument = ProductTable::embedded().instrument(product_type, symbol);
        StrikeGrid::of(&instrument.unwrap())
    }

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn strikes_are_counted_from_the_one_nearest_to_the_spot() {
        let grid = grid(ProductType::FutureMbo, "ESH4").unwrap();
        assert_eq!(grid.strike_count(), 21);
        assert_eq!(grid.nearest(price("4797.25")), 959);
        assert_eq!(grid.nearest(price("4797.5")), 960);
        assert_eq!(grid.number(price("4805")), Some(961));
        assert_eq!(grid.number(price("4802.5")), None);
        assert_eq!(grid.rel_ticks(4_805_000_000_000, price("4797.25")), 31);
        assert_eq!(grid.rel_ticks(i64::MAX, price("0")), i32::MAX);
    }

    #[test]
    fn equities_count_in_points_and_buckets() {
        let grid = grid(ProductType::EquityOptionCmbp1, "QQQ").unwrap();
        assert_eq!(grid.strike_count(), 51);
        assert_eq!(grid.nearest(price("611.5")), 612);
        assert_eq!(grid.rel_ticks(612_000_000_000, price("611.5")), 1);
    }

    #[test]
    fn ticks_between_strikes_are_told_where_they_are_whole() {
        let nanos = |nanos| TickSize::from_nanos(nanos).unwrap();
        let grid = |step, tick| StrikeGrid {
            step: nanos(step),
            max_offsets: 1,
            tick: nanos(tick),
        };
        assert_eq!(grid(5_000_000_000, 250_000_000).strike_ticks(), Some(20));
        assert_eq!(grid(1_000_000_000, 300_000_000).strike_ticks(), None);
    }

    #[test]
    fn a_product_without_followed_strikes_has_no_grid() {
        assert_eq!(grid(ProductType::FutureMbo, "RTYH6"), None);
    }
}
