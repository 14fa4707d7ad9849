//! The coefficients that a stream's forecasts are made with: fitted ones, or none.

use vp_lake::Lake;
use vp_velocity::Dynamics;

use crate::forecast;

/// How the spot is taken to move.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Calibration {
    pub(super) dynamics: Dynamics,
    /// Why it was not fitted; `None` if it was.
    pub(super) lack: Option<String>,
}

impl Calibration {
    /// Returns the calibration of a root. Without a file that can be used the spot drifts on, and a
    /// warning is logged.
    pub(super) fn load(lake: &Lake, root: &str) -> Self {
        let found = forecast::parameters(lake, root)
            .and_then(|found| Ok(found.map(|parameters| parameters.dynamics()).transpose()?));
        let lack = match found {
            Ok(Some(dynamics)) => {
                return Self {
                    dynamics,
                    lack: None,
                };
            }
            Ok(None) => format!("{root} is not calibrated"),
            Err(error) => format!("{error:#}"),
        };
        let lack = format!(
            "{lack}: the spot drifts on as it moved; to calibrate it: velocity calibrate --root \
             {root}"
        );
        tracing::warn!("{lack}");
        Self {
            dynamics: Dynamics::DRIFT_ONLY,
            lack: Some(lack),
        }
    }

    pub(super) const fn is_fitted(&self) -> bool {
        self.lack.is_none()
    }
}
