//! Calibration: the coefficients of the forecast from days that are past, and how good it is on
//! days that it has not seen, beside baselines that know nothing.
//!
//! Days come in as forecasts, window by window; [`calibrate`] reads them from the lake. Where the
//! coefficients are kept is the caller's business.

#[cfg(feature = "lake")]
mod fit;
mod metrics;
mod parameters;
mod sums;

#[cfg(feature = "lake")]
pub use fit::{Calibration, CalibrationError, CalibrationSpec, calibrate};
pub use metrics::{
    CONFIDENCE_BINS, Confidence, ConfidenceBin, EvaluatedDay, Evaluation, HORIZONS_S, HorizonScore,
    Outcomes, Scores,
};
pub use parameters::{
    Baselines, BinMetrics, ConfidenceMetrics, HorizonMetrics, LineageEntry, Metrics, Parameters,
    ParametersError,
};
pub use sums::{Coefficients, Sums, TrainingDay};
