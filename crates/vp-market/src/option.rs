//! Options: the right they give, when they expire, and the symbols of listed options on shares.
//!
//! Options are not priced here.

#[cfg(feature = "calendar")]
mod expiration;
#[cfg(feature = "calendar")]
mod occ;

#[cfg(feature = "calendar")]
pub use expiration::Expiration;
#[cfg(feature = "calendar")]
pub use occ::{OccSymbol, OccSymbolError};

/// The right that an option gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Right {
    /// `C`: to buy.
    Call = b'C',
    /// `P`: to sell.
    Put = b'P',
}

impl Right {
    /// Both rights, calls first.
    pub const BOTH: [Self; 2] = [Self::Call, Self::Put];

    /// Returns the right with that letter: the feed's instrument class, or that of a symbol.
    pub const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'C' => Some(Self::Call),
            b'P' => Some(Self::Put),
            _ => None,
        }
    }

    /// Returns the letter.
    pub const fn letter(self) -> char {
        self as u8 as char
    }
}
