//! The smallest price increment, and exact division by it.
//!
//! A grid asks for the bucket of a price at every record. A hardware division by a number that is
//! only known at run time costs more than the rest of that question, so [`TickSize`] carries its
//! own reciprocal.

use core::fmt;

use crate::Price;

/// A price increment: a product's tick, or the width of a grid's bucket.
///
/// # Units
/// 1e-9 of the currency unit; always positive.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TickSize {
    nanos: i64,
    /// `floor(2^64 / nanos)`, at most `u64::MAX`: its high product with x is floor(x / nanos) or
    /// one less, for every x below 2^64.
    reciprocal: u64,
}

/// A tick size that is zero or negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickSizeError {
    /// The refused increment, in units of 1e-9.
    pub nanos: i64,
}

impl fmt::Display for TickSizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a tick size must be positive, found {} (in units of 1e-9)",
            self.nanos
        )
    }
}

impl core::error::Error for TickSizeError {}

impl TickSize {
    /// Returns the tick size of that many 1e-9 units.
    ///
    /// # Errors
    /// [`TickSizeError`] if `nanos` is not positive.
    pub const fn from_nanos(nanos: i64) -> Result<Self, TickSizeError> {
        if nanos <= 0 {
            return Err(TickSizeError { nanos });
        }
        let divisor = nanos.unsigned_abs();
        let reciprocal = match divisor {
            1 => u64::MAX,
            // 2^64 / d, without 128-bit arithmetic: (2^64 - 1 - r) / d + (r + 1) / d for the
            // remainder r of 2^64 - 1.
            _ => u64::MAX / divisor + (u64::MAX % divisor + 1) / divisor,
        };
        Ok(Self { nanos, reciprocal })
    }

    /// Returns the increment in units of 1e-9.
    #[inline]
    pub const fn nanos(self) -> i64 {
        self.nanos
    }

    /// Returns `floor(nanos / self)`.
    #[inline]
    pub const fn floor_div(self, nanos: i64) -> i64 {
        // floor(x / d) = !floor(!x / d) for negative x, and !x = x ^ -1 is not negative.
        let sign = nanos >> 63;
        (self.divide((nanos ^ sign).unsigned_abs()).cast_signed()) ^ sign
    }

    /// Returns the tick nearest to `price`, halves up: `floor((2·price + tick) / (2·tick))`.
    #[inline]
    pub fn nearest(self, price: Price) -> i64 {
        // For odd ticks the dropped half cannot carry floor() past a multiple.
        match price.nanos().checked_add(self.nanos / 2) {
            Some(shifted) => self.floor_div(shifted),
            None => self.nearest_wide(price),
        }
    }

    /// Returns whether `price` is a whole multiple of this tick.
    #[inline]
    pub const fn divides(self, price: Price) -> bool {
        self.floor_div(price.nanos()).wrapping_mul(self.nanos) == price.nanos()
    }

    #[cold]
    fn nearest_wide(self, price: Price) -> i64 {
        let shifted = i128::from(price.nanos()) + i128::from(self.nanos / 2);
        i64::try_from(shifted / i128::from(self.nanos))
            .expect("the tick is at least two nanos wide, or nothing would have been added")
    }

    #[inline]
    const fn divide(self, value: u64) -> u64 {
        let estimate = ((value as u128 * self.reciprocal as u128) >> 64) as u64;
        let remainder = value - estimate * self.nanos.unsigned_abs();
        estimate + (remainder >= self.nanos.unsigned_abs()) as u64
    }
}

impl fmt::Debug for TickSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TickSize({self})")
    }
}

impl fmt::Display for TickSize {
    /// Writes the exact decimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Price::from_nanos(self.nanos) {
            Some(price) => fmt::Display::fmt(&price, f),
            None => write!(f, "{}e-9", self.nanos),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_tick() -> impl Strategy<Value = i64> {
        prop_oneof![
            Just(1),
            Just(2),
            Just(3),
            Just(i64::MAX),
            1..1000i64,
            1..i64::MAX,
            (0..62u32).prop_map(|bit| 1i64 << bit),
        ]
    }

    fn any_nanos() -> impl Strategy<Value = i64> {
        prop_oneof![
            Just(i64::MIN),
            Just(i64::MAX - 1),
            Just(0),
            -1000..1000i64,
            i64::MIN..i64::MAX,
        ]
    }

    #[test]
    fn increments_that_are_not_positive_are_refused() {
        assert_eq!(TickSize::from_nanos(0), Err(TickSizeError { nanos: 0 }));
        assert_eq!(TickSize::from_nanos(-5), Err(TickSizeError { nanos: -5 }));
    }

    proptest! {
        #[test]
        fn floor_div_is_exact(tick in any_tick(), nanos in any_nanos()) {
            let found = TickSize::from_nanos(tick).unwrap().floor_div(nanos);
            prop_assert_eq!(found, nanos.div_euclid(tick));
        }

        #[test]
        fn nearest_follows_its_formula(tick in any_tick(), nanos in any_nanos()) {
            let (wide, t) = (i128::from(nanos), i128::from(tick));
            let expected = (2 * wide + t).div_euclid(2 * t);
            let price = Price::from_nanos(nanos).unwrap();
            let found = TickSize::from_nanos(tick).unwrap().nearest(price);
            prop_assert_eq!(i128::from(found), expected);
        }

        #[test]
        fn multiples_are_recognised(tick in 1..1_000_000_000i64, count in -1000..1000i64) {
            let size = TickSize::from_nanos(tick).unwrap();
            prop_assert!(size.divides(Price::from_nanos(tick * count).unwrap()));
            if tick > 1 {
                prop_assert!(!size.divides(Price::from_nanos(tick * count + 1).unwrap()));
            }
        }
    }
}
