//! Prices as exact integers of 1e-9. No price here ever passes through a binary float.

use alloc::format;
use core::cmp::Ordering;
use core::fmt;
use core::num::NonZeroI64;
use core::str::FromStr;

/// A defined price.
///
/// `Option<Price>` takes eight bytes: the one bit pattern that the feed reserves for "undefined"
/// (`i64::MAX`) is the one a `Price` cannot hold. Zero and negative prices are prices.
///
/// # Units
/// 1e-9 of the currency unit, Databento's fixed point.
///
/// # Examples
/// ```
/// use vp_market::Price;
///
/// let price: Price = "4800.25".parse().unwrap();
/// assert_eq!(price.nanos(), 4_800_250_000_000);
/// assert_eq!(price.to_string(), "4800.25");
/// assert_eq!(Price::from_nanos(i64::MAX), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Price(
    /// The price, exclusive-or'ed with the undefined pattern: never zero for a defined price.
    NonZeroI64,
);

impl Price {
    /// Nanos in one currency unit.
    pub const SCALE: i64 = 1_000_000_000;

    /// Returns the price of that many 1e-9 units, or `None` for the feed's undefined price.
    #[inline]
    pub const fn from_nanos(nanos: i64) -> Option<Self> {
        match NonZeroI64::new(nanos ^ i64::MAX) {
            Some(encoded) => Some(Self(encoded)),
            None => None,
        }
    }

    /// Returns the price in units of 1e-9.
    #[inline]
    pub const fn nanos(self) -> i64 {
        self.0.get() ^ i64::MAX
    }

    /// Returns `price` in units of 1e-9, with the feed's undefined pattern for `None`.
    #[inline]
    pub const fn to_feed(price: Option<Self>) -> i64 {
        match price {
            Some(price) => price.nanos(),
            None => i64::MAX,
        }
    }
}

impl PartialOrd for Price {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Price {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos().cmp(&other.nanos())
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Price({self})")
    }
}

impl fmt::Display for Price {
    /// Writes the exact decimal: as many decimals as the price needs, or `{:.N}` for at least N.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.nanos();
        let sign = if nanos < 0 { "-" } else { "" };
        let (whole, rest) = (
            nanos.unsigned_abs() / 1_000_000_000,
            nanos.unsigned_abs() % 1_000_000_000,
        );
        let digits = format!("{rest:09}");
        let needed = digits
            .trim_end_matches('0')
            .len()
            .max(f.precision().unwrap_or(0).min(9));
        let text = if needed == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{}", &digits[..needed])
        };
        match f.width() {
            Some(width) => write!(f, "{text:>width$}"),
            None => f.write_str(&text),
        }
    }
}

/// Why a text is not a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParsePriceError {
    /// Not a plain decimal such as `-12.25`.
    NotDecimal,
    /// More than nine decimals, which the fixed point cannot hold.
    TooFine,
    /// Outside the range of the fixed point.
    OutOfRange,
}

impl fmt::Display for ParsePriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDecimal => "not a plain decimal number such as 4800.25",
            Self::TooFine => "more than nine decimals",
            Self::OutOfRange => "outside the range of prices",
        })
    }
}

impl core::error::Error for ParsePriceError {}

impl FromStr for Price {
    type Err = ParsePriceError;

    fn from_str(text: &str) -> Result<Self, ParsePriceError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) || digits.ends_with('.') {
            return Err(ParsePriceError::NotDecimal);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 9 {
            return Err(ParsePriceError::TooFine);
        }
        let magnitude: i128 = format!("{whole}{fraction:0<9}")
            .parse()
            .map_err(|_| ParsePriceError::OutOfRange)?;
        i64::try_from(if negative { -magnitude } else { magnitude })
            .ok()
            .and_then(Self::from_nanos)
            .ok_or(ParsePriceError::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_absent_price_costs_no_space() {
        assert_eq!(size_of::<Option<Price>>(), 8);
    }

    #[test]
    fn texts_that_are_no_prices_are_refused() {
        for (text, error) in [
            ("", ParsePriceError::NotDecimal),
            ("1e3", ParsePriceError::NotDecimal),
            ("1.", ParsePriceError::NotDecimal),
            (".5", ParsePriceError::NotDecimal),
            ("--1", ParsePriceError::NotDecimal),
            ("0.0000000001", ParsePriceError::TooFine),
            ("9223372036.854775807", ParsePriceError::OutOfRange),
            (
                "99999999999999999999999999999999999999999999",
                ParsePriceError::OutOfRange,
            ),
        ] {
            assert_eq!(text.parse::<Price>(), Err(error), "{text}");
        }
    }

    #[test]
    fn precision_pads_but_never_cuts() {
        let price: Price = "0.015625".parse().unwrap();
        assert_eq!(format!("{price:.2}"), "0.015625");
        assert_eq!(format!("{:.2}", "5".parse::<Price>().unwrap()), "5.00");
    }

    proptest! {
        #[test]
        fn text_and_price_are_inverse(nanos in i64::MIN..i64::MAX) {
            let price = Price::from_nanos(nanos).unwrap();
            prop_assert_eq!(price.nanos(), nanos);
            prop_assert_eq!(price.to_string().parse::<Price>().unwrap(), price);
        }

        #[test]
        fn prices_order_as_their_nanos(a in i64::MIN..i64::MAX, b in i64::MIN..i64::MAX) {
            let (left, right) = (Price::from_nanos(a).unwrap(), Price::from_nanos(b).unwrap());
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        }
    }
}
