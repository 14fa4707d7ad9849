//! The velocity pipeline: how raw records become bronze, silver and gold tables, and how gold
//! becomes a forecast.

pub mod bronze;
pub mod calibration;
mod forecast;
pub mod gold;
mod hashing;
pub mod options;
mod session;
mod settings;
pub mod silver;
mod smoothing;
pub mod stage;
pub mod tables;
pub mod view;

pub use forecast::{
    AXIS_TICKS, Dynamics, DynamicsError, Force, Forecast, ForecastCell, ForecastSurface,
    Forecaster, Prediction, Run, SurfaceReader, SurfaceWindow, axis_tick,
};
pub use session::{Session, SessionHours, SessionHoursError};
pub use smoothing::Gaussian;
