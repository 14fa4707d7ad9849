//! A synthetic market: order flow that looks like a liquid venue's, made from a seed.
//!
//! [`SyntheticMarket`] yields exchange events of [`Record`](vp_market::Record)s for ever;
//! [`write_dbn`] writes them as a DBN file; an [`OptionChain`] lists options on a market, whose
//! files go with its own; [`FlowStatistics`] describes any flow, so that the
//! synthetic one can be laid beside a real one. The same [`SynthConfig`] gives the same bytes on
//! every machine. It uses no order book but its own, and reads no files.

#![expect(
    clippy::similar_names,
    reason = "side and size are the words of the trade and stand side by side everywhere"
)]

mod arrivals;
mod chain;
mod character;
mod climate;
mod config;
mod dbn_file;
mod dice;
mod market;
mod newcomers;
mod resting;
pub mod statistics;

pub use chain::{
    OptionChain, OptionChainError, write_option_definitions, write_option_orders,
    write_option_quotes,
};
pub use character::Character;
pub use config::{MAX_RATE, SynthConfig, SynthConfigError};
pub use dbn_file::{Compression, WriteDbnError, write_dbn};
pub use market::{Records, SyntheticMarket};
pub use statistics::FlowStatistics;
