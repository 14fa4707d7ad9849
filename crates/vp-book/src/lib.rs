//! One instrument's limit order book, order by order.
//!
//! [`Book::apply`] takes one [`Record`](vp_market::Record) and says what it did to the depth at
//! each price: added, pulled or filled ([`Change`]). The book never fails: contradictory records
//! are counted ([`Anomaly`]) and handled as documented. It knows neither feeds nor grids, and no
//! time of day.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod anomaly;
mod book;
mod change;
mod ladder;
mod order_table;
mod phase;
mod queues;

pub use anomaly::{Anomalies, Anomaly};
pub use book::{Bbo, Book, Level};
pub use change::{Change, LevelFlow};
pub use order_table::RestingOrder;
pub use phase::{Phase, PhaseInput};
pub use queues::{Keep, QueuedLevel, QueuedOrder, Queues};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
