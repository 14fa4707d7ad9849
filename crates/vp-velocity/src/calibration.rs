//! Calibration: the coefficients of the forecast from days that are past, and how good it is on
//! days that it has not seen, beside baselines that know nothing.
//!
//! Days come in as forecasts, window by window; which dates and tables they are from is the
//! caller's business.

mod metrics;
mod parameters;
mod sums;

pub use metrics::{
    CONFIDENCE_BINS, Confidence, ConfidenceBin, EvaluatedDay, Evaluation, HORIZONS_S, HorizonScore,
    Scores,
};
pub use parameters::{
    Baselines, BinMetrics, ConfidenceMetrics, HorizonMetrics, LineageEntry, Metrics, Parameters,
    ParametersError,
};
pub use sums::{Coefficients, Sums, TrainingDay};
