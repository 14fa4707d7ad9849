//! The velocity pipeline: how raw records become bronze, silver and gold tables, and how gold
//! becomes a forecast.

pub mod bronze;
mod smoothing;
pub mod stage;
pub mod tables;

pub use smoothing::Gaussian;
