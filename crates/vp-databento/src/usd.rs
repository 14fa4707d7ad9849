//! Amounts of money: what a job costs.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Millionths of a dollar in one dollar.
const MICROS: u64 = 1_000_000;

/// An amount of US dollars, exact to the millionth.
///
/// The service states costs as binary floating point; they are rounded up to the next millionth,
/// so that no sum is less than what will be charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Usd(u64);

/// What is no amount of money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an amount of US dollars, such as 12.50")]
pub struct UsdError {
    /// The refused text.
    pub text: String,
}

impl TryFrom<f64> for Usd {
    type Error = UsdError;

    fn try_from(dollars: f64) -> Result<Self, UsdError> {
        // 2^53 millionths, nine thousand million dollars, are exact.
        const MOST: f64 = 9_007_199_254.0;
        if !(0.0..MOST).contains(&dollars) {
            return Err(UsdError {
                text: dollars.to_string(),
            });
        }
        // What is a millionth but for its last binary digit is not pushed up to the next.
        let micros = dollars * 1e6;
        let near = micros.round();
        let micros = if (micros - near).abs() < 1e-6 {
            near
        } else {
            micros.ceil()
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be a whole number in the range"
        )]
        Ok(Self(micros as u64))
    }
}

impl From<Usd> for f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts lie below 2^53 millionths"
    )]
    fn from(usd: Usd) -> Self {
        usd.0 as Self / 1e6
    }
}

impl FromStr for Usd {
    type Err = UsdError;

    fn from_str(text: &str) -> Result<Self, UsdError> {
        let parse = || {
            let digits = text.strip_prefix('$').unwrap_or(text);
            let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
            let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if !are_digits(whole) || !are_digits(part) || whole.is_empty() || part.len() > 6 {
                return None;
            }
            let part: u64 = format!("{part:0<6}").parse().ok()?;
            let micros = whole
                .parse::<u64>()
                .ok()?
                .checked_mul(MICROS)?
                .checked_add(part)?;
            Some(Self(micros))
        };
        parse().ok_or_else(|| UsdError { text: text.into() })
    }
}

impl fmt::Display for Usd {
    /// Writes dollars and cents, cents rounded up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.div_ceil(MICROS / 100);
        f.pad(&format!("${}.{:02}", cents / 100, cents % 100))
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, shown) in [
            ("12.5", "$12.50"),
            ("0", "$0.00"),
            ("0.000001", "$0.01"),
            ("$3", "$3.00"),
        ] {
            assert_eq!(text.parse::<Usd>().unwrap().to_string(), shown);
        }
        assert_eq!(Usd::try_from(0.1 + 0.2).unwrap(), "0.3".parse().unwrap());
        assert_eq!(
            Usd::try_from(0.000_000_1).unwrap(),
            "0.000001".parse().unwrap()
        );
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".5", "-1", "1e3", "1.0000001", "99999999999999999999"] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
        for number in [-0.01, f64::NAN, f64::INFINITY] {
            assert!(Usd::try_from(number).is_err());
        }
    }
}
