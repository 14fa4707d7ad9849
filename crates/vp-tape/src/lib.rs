//! The tape of a session: its trades, the volume at each price, and marks of what stands out.
//!
//! [`Volumes`] sums trades in integers: volume, cumulative delta, VWAP, point of control and value
//! area. [`Marker`] finds large trades, sweeps, icebergs, large orders, pulled orders and absorbing
//! levels, the records of one event taken together. Both are pure: records and the book in, numbers
//! out. No mark names an intent; it says what happened.

mod marker;
mod memory;
mod volumes;

pub use marker::{Mark, MarkKind, Marker};
pub use volumes::{PriceVolume, ValueArea, Volumes, Vwap};
