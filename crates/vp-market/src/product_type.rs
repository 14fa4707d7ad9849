//! The product types: what kind of instrument a session is of, and so which folder of the lake,
//! which session window and which unit of size belong to it.
//!
//! A type is added here when a pipeline for it exists, not before.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// A kind of instrument together with its feed schema, as the lake's folders name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProductType {
    /// `future_mbo`: futures contracts, market by order.
    FutureMbo,
    /// `equity_mbo`: shares, market by order.
    EquityMbo,
    /// `future_option_mbo`: the options on a futures contract, market by order. Its symbol is the
    /// underlying contract's.
    FutureOptionMbo,
    /// `equity_option_cmbp_1`: the options on a share, consolidated best bid and ask. Its symbol is
    /// the underlying ticker.
    EquityOptionCmbp1,
}

impl ProductType {
    /// Every product type.
    pub const ALL: [Self; 4] = [
        Self::FutureMbo,
        Self::EquityMbo,
        Self::FutureOptionMbo,
        Self::EquityOptionCmbp1,
    ];

    /// Those of a single instrument with an order book of its own.
    pub const BOOKS: [Self; 2] = [Self::FutureMbo, Self::EquityMbo];

    /// Returns the name that folders, parameters and messages use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FutureMbo => "future_mbo",
            Self::EquityMbo => "equity_mbo",
            Self::FutureOptionMbo => "future_option_mbo",
            Self::EquityOptionCmbp1 => "equity_option_cmbp_1",
        }
    }

    /// Returns the type of what the options are on; `None` for what is no option.
    pub const fn underlying(self) -> Option<Self> {
        match self {
            Self::FutureMbo | Self::EquityMbo => None,
            Self::FutureOptionMbo => Some(Self::FutureMbo),
            Self::EquityOptionCmbp1 => Some(Self::EquityMbo),
        }
    }

    /// Returns the type of the options on it; `None` for options.
    pub const fn options(self) -> Option<Self> {
        match self {
            Self::FutureMbo => Some(Self::FutureOptionMbo),
            Self::EquityMbo => Some(Self::EquityOptionCmbp1),
            Self::FutureOptionMbo | Self::EquityOptionCmbp1 => None,
        }
    }

    /// Returns what one unit of size is.
    pub const fn qty_unit(self) -> QtyUnit {
        match self {
            Self::FutureMbo | Self::FutureOptionMbo | Self::EquityOptionCmbp1 => QtyUnit::Contracts,
            Self::EquityMbo => QtyUnit::Shares,
        }
    }
}

impl fmt::Display for ProductType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ProductType {
    type Err = UnknownProductType;

    fn from_str(name: &str) -> Result<Self, UnknownProductType> {
        let found = Self::ALL.into_iter().find(|known| known.name() == name);
        found.ok_or_else(|| UnknownProductType { name: name.into() })
    }
}

/// A name that is no product type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProductType {
    /// The refused name.
    pub name: String,
}

impl fmt::Display for UnknownProductType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = ProductType::ALL.map(ProductType::name).join(", ");
        write!(
            f,
            "unknown product type {:?}, known are: {known}",
            self.name
        )
    }
}

impl core::error::Error for UnknownProductType {}

/// What one unit of size is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QtyUnit {
    /// Contracts, of futures or of options.
    Contracts,
    /// Shares.
    Shares,
}

impl QtyUnit {
    /// Returns the name that messages use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contracts => "contracts",
            Self::Shares => "shares",
        }
    }
}

impl fmt::Display for QtyUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_product_types_are_inverse() {
        for product_type in ProductType::ALL {
            assert_eq!(product_type.name().parse(), Ok(product_type));
        }
    }

    #[test]
    fn options_are_on_what_has_a_book() {
        for product_type in ProductType::ALL {
            let has_book = ProductType::BOOKS.contains(&product_type);
            assert_eq!(product_type.underlying().is_none(), has_book);
            let options = product_type.options();
            assert!(options.is_none_or(|of| of.underlying() == Some(product_type)));
            assert_eq!(options.is_some(), has_book);
        }
    }

    #[test]
    fn an_unknown_product_type_lists_the_known_ones() {
        let error = "futures".parse::<ProductType>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown product type \"futures\", known are: future_mbo, equity_mbo, \
             future_option_mbo, equity_option_cmbp_1"
        );
    }
}
