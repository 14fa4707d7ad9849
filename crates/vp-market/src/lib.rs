//! The words of the trade, as types: [`Price`], [`TickSize`], [`Side`], [`Record`].
//!
//! Every other crate speaks in these terms. Nothing here knows a file format, a wire format or a
//! clock; what needs a dependency (the product table, Eastern time) sits behind a feature, so that
//! the engine pulls in none.

mod price;
mod record;
mod tick;

pub use price::{ParsePriceError, Price};
pub use record::{Action, Aggressor, Flags, Record, Side};
pub use tick::{TickSize, TickSizeError};
