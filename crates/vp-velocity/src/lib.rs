//! The velocity pipeline: how raw records become bronze, silver and gold tables, and how gold
//! becomes a forecast.
//!
//! Without features the crate is the pure transforms: records to windows of silver
//! ([`silver::Silver`], [`options::OptionSilver`]), windows to surfaces of gold ([`gold::Gold`],
//! [`options::OptionGold`]), surfaces to forecasts ([`Forecaster`]) and forecasts to parameters
//! ([`calibration::Sums`], [`calibration::Evaluation`]). They read no file and no clock.
//!
//! The feature `lake` adds the stages: the same over partitions of the lake.

#[cfg(feature = "lake")]
pub mod bronze;
pub mod calibration;
#[cfg(feature = "lake")]
mod derived;
mod forecast;
pub mod gold;
#[cfg(feature = "lake")]
mod gold_input;
mod hashing;
pub mod options;
#[cfg(feature = "lake")]
mod origin;
mod session;
#[cfg(feature = "lake")]
mod settings;
pub mod silver;
mod smoothing;
#[cfg(feature = "lake")]
pub mod stage;
#[cfg(feature = "lake")]
pub mod tables;
#[cfg(feature = "lake")]
pub mod view;
#[cfg(feature = "lake")]
mod writer;

pub use forecast::{
    AXIS_TICKS, Dynamics, DynamicsError, Force, Forecast, ForecastCell, ForecastSurface,
    Forecaster, Prediction, Run,
};
#[cfg(feature = "lake")]
pub use forecast::{SurfaceReader, SurfaceWindow, axis_tick};
pub use session::{Session, SessionHours, SessionHoursError};
pub use smoothing::Gaussian;
