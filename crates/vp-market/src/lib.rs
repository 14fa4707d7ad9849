//! The words of the trade, as types: [`Price`], [`TickSize`], [`Side`], [`Record`].
//!
//! Every other crate speaks in these terms. Nothing here knows a file format, a wire format or a
//! clock; what needs a dependency (the product table, Eastern time) sits behind a feature, so that
//! the engine pulls in none.

#![cfg_attr(not(any(test, feature = "calendar", feature = "products")), no_std)]

extern crate alloc;

#[cfg(feature = "calendar")]
mod calendar;
#[cfg(feature = "dbn")]
mod feed;
mod marks;
mod option;
mod price;
mod product_type;
#[cfg(feature = "products")]
mod products;
mod record;
#[cfg(feature = "serde")]
mod serialized;
mod tick;

#[cfg(feature = "calendar")]
pub use calendar::{
    Closed, DateError, EasternTime, OutsideWindow, SessionDate, SessionWindow, Stretch,
    StretchError, Utc, WallClock, WallClockError,
};
pub use marks::MarkThresholds;
pub use option::Right;
#[cfg(feature = "calendar")]
pub use option::{Expiration, OccSymbol, OccSymbolError};
pub use price::{ParsePriceError, Price};
pub use product_type::{ProductType, QtyUnit, UnknownProductType};
#[cfg(feature = "products")]
pub use products::{
    Contract, Instrument, Product, ProductError, ProductTable, RuntimeConfig, Strikes,
    is_equity_symbol, symbol_as_typed,
};
pub use record::{Action, Aggressor, Flags, Record, Side};
pub use tick::{TickSize, TickSizeError};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
