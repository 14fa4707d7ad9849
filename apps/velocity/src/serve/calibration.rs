//! The coefficients that a stream's forecasts are made with: fitted ones, or none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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
    /// Returns the calibration of a root. Without a file that can be used, forecasts continue the
    /// last move.
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
            "{lack}: its forecasts continue the last move; to calibrate it: velocity calibrate \
             --root {root}"
        );
        Self {
            dynamics: Dynamics::DRIFT_ONLY,
            lack: Some(lack),
        }
    }

    pub(super) const fn is_fitted(&self) -> bool {
        self.lack.is_none()
    }
}

/// Which roots the log says are not calibrated: each once, and again when the reason is another.
#[derive(Clone, Debug, Default)]
pub(super) struct Warnings {
    lacks: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Warnings {
    /// Takes note of the calibration of a root that is streamed, and logs it if it is lacking and the
    /// log does not say so yet.
    pub(super) fn note(&self, root: &str, calibration: &Calibration) {
        let mut lacks = self.lacks.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lack) = &calibration.lack else {
            lacks.remove(root);
            return;
        };
        if lacks.get(root) != Some(lack) {
            lacks.insert(root.to_owned(), lack.clone());
            tracing::warn!("{lack}");
        }
    }
}
