//! The 21 characters that name a listed option on a share.

use std::fmt;

use super::Right;
use crate::{Price, SessionDate};

/// Nanos in a thousandth, the unit of a symbol's strike.
const THOUSANDTH: i64 = Price::SCALE / 1000;

/// The greatest strike that eight digits hold, in thousandths.
const MAX_STRIKE: i64 = 99_999_999;

/// The parts of a listed option's symbol.
///
/// # Source
/// The OCC's Options Symbology Initiative (2010): root in six characters, expiration as YYMMDD, C
/// or P, strike in thousandths in eight digits.
///
/// # Examples
/// ```
/// use vp_market::{OccSymbol, Right};
///
/// let option = OccSymbol::parse("QQQ   260105P00626000").unwrap();
/// assert_eq!((option.root, option.right), ("QQQ", Right::Put));
/// assert_eq!(option.strike.to_string(), "626");
/// assert_eq!(option.expiration.to_string(), "2026-01-05");
/// assert_eq!(option.to_string(), "QQQ   260105P00626000");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OccSymbol<'a> {
    /// The root: the ticker of the underlying, for an adjusted option with a digit behind it.
    pub root: &'a str,
    /// The day on which it expires, in Eastern time.
    pub expiration: SessionDate,
    /// What it gives.
    pub right: Right,
    /// At which price.
    pub strike: Price,
}

/// A text that is not the symbol of a listed option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not the symbol of a listed option: expected a root in 6 characters, YYMMDD, C or \
     P, and a strike in thousandths in 8 digits, such as \"QQQ   260105P00626000\""
)]
pub struct OccSymbolError {
    /// The refused text.
    pub text: String,
}

impl<'a> OccSymbol<'a> {
    /// Reads a symbol.
    ///
    /// # Errors
    /// [`OccSymbolError`] for any other text.
    pub fn parse(text: &'a str) -> Result<Self, OccSymbolError> {
        Self::read(text).ok_or_else(|| OccSymbolError { text: text.into() })
    }

    fn read(text: &'a str) -> Option<Self> {
        if text.len() != 21 || !text.is_ascii() {
            return None;
        }
        let (root, rest) = text.split_at(6);
        let root = root.trim_end_matches(' ');
        let is_root = !root.is_empty() && root.bytes().all(|byte| byte.is_ascii_graphic());
        let expiration = SessionDate::from_compact(&format!("20{}", &rest[..6]))?;
        let right = Right::from_letter(rest.as_bytes()[6])?;
        let digits = &rest[7..];
        let is_strike = digits.bytes().all(|byte| byte.is_ascii_digit());
        let thousandths: i64 = digits.parse().ok().filter(|_| is_root && is_strike)?;
        Some(Self {
            root,
            expiration,
            right,
            strike: Price::from_nanos(thousandths * THOUSANDTH)?,
        })
    }
}

impl fmt::Display for OccSymbol<'_> {
    /// Writes the 21 characters; more where the root or the strike does not fit them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = self.strike.nanos() / THOUSANDTH;
        debug_assert!((0..=MAX_STRIKE).contains(&thousandths), "{self:?}");
        let text = format!(
            "{:6}{}{}{thousandths:08}",
            self.root,
            &self.expiration.compact()[2..],
            self.right.letter(),
        );
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "QQQ 260105P00626000",
            "QQQ   260105P0062600",
            "QQQ   260105P006260000",
            "      260105P00626000",
            " QQQ  260105P00626000",
            "QQQ   260105X00626000",
            "QQQ   261305P00626000",
            "QQQ   260230P00626000",
            "QQQ   260105P+0626000",
            "QQQ   +60105P00626000",
            "QQQ   260105P00626 00",
            "QQÉ  260105P00626000",
        ] {
            let error = OccSymbol::parse(text).unwrap_err();
            assert!(error.to_string().contains("such as"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn symbols_and_their_texts_are_inverse(
            root in "[A-Z0-9.]{1,6}", days in (2000..2100i16, 1..=12i8, 1..=28i8),
            is_call in any::<bool>(), thousandths in 0..=MAX_STRIKE,
        ) {
            let option = OccSymbol {
                root: &root,
                expiration: SessionDate::from_ymd(days.0, days.1, days.2).unwrap(),
                right: if is_call { Right::Call } else { Right::Put },
                strike: Price::from_nanos(thousandths * THOUSANDTH).unwrap(),
            };
            let text = option.to_string();
            prop_assert_eq!(text.len(), 21);
            prop_assert_eq!(OccSymbol::parse(&text), Ok(option));
        }

        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,24}", near in "[A-Z ]{6}[0-9 ]{6}[CPX][0-9+ ]{8}") {
            for text in [text, near] {
                if let Ok(option) = OccSymbol::parse(&text) {
                    prop_assert_eq!(option.to_string(), text);
                }
            }
        }
    }
}
