//! The content of a calibration's file, as JSON. Its path and how it is written are not known
//! here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::metrics::{Confidence, Evaluation, HORIZONS_S, Scores};
use crate::{Dynamics, DynamicsError};

/// What a calibration found, and from what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The root or ticker it holds for.
    pub root: String,
    /// β.
    pub beta: f64,
    /// γ.
    pub gamma: f64,
    /// The dates it was fitted on, YYYY-MM-DD.
    pub train_dates: Vec<String>,
    /// The dates it was judged on.
    pub holdout_dates: Vec<String>,
    /// How many windows it was fitted on.
    pub train_samples: u64,
    /// How good the forecast was on the dates held out.
    pub metrics: Metrics,
    /// How good forecasts that know nothing were there.
    pub baselines: Baselines,
    /// The partitions that were read.
    pub lineage: Vec<LineageEntry>,
    /// When it was made, as a UTC text.
    pub created_at: String,
}

/// How good the forecast was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// By horizon in seconds.
    pub horizons: BTreeMap<u32, HorizonMetrics>,
    /// The reliability of the confidence.
    pub confidence: ConfidenceMetrics,
}

/// How good the forecasts are that have to be beaten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baselines {
    /// Always 0, by horizon in seconds.
    pub no_change: BTreeMap<u32, HorizonMetrics>,
    /// The last velocity carried on, by horizon in seconds.
    pub last_velocity: BTreeMap<u32, HorizonMetrics>,
}

/// How good one forecast was at one horizon; null where no window has one that far ahead.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub struct HorizonMetrics {
    pub samples: u64,
    pub sign_hit_rate: Option<f64>,
    pub mae_ticks: Option<f64>,
}

/// The bins of the confidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceMetrics {
    /// In order of confidence.
    pub bins: Vec<BinMetrics>,
    /// Whether the hit rate never falls from one bin to the next.
    pub monotonic: bool,
}

/// One bin of the confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub struct BinMetrics {
    pub min_conf: f64,
    pub max_conf: f64,
    pub mean_conf: f64,
    pub hit_rate: f64,
    pub count: u64,
}

/// A partition that a calibration read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineageEntry {
    /// The partition's dataset: its folder within the lake, without the date.
    pub dataset: String,
    /// The date.
    pub dt: String,
    /// The content hash of its manifest.
    pub content_sha256: String,
}

/// A text that is no calibration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParametersError {
    /// It is not of the form.
    #[error("this is not the content of a calibration; run the calibration again")]
    Form(#[from] serde_json::Error),
    /// Its coefficients cannot be used.
    #[error("its coefficients cannot be used; run the calibration again")]
    Coefficients(#[from] DynamicsError),
}

impl Parameters {
    /// Reads the content of a file.
    ///
    /// # Errors
    /// [`ParametersError`] for a text that is no calibration, or one with impossible coefficients.
    pub fn from_json(text: &str) -> Result<Self, ParametersError> {
        let parameters: Self = serde_json::from_str(text)?;
        parameters.dynamics()?;
        Ok(parameters)
    }

    /// Returns the content of a file.
    #[expect(
        clippy::missing_panics_doc,
        reason = "nothing in it can fail to be JSON"
    )]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("every key is a number or a text");
        text.push('\n');
        text
    }

    /// Returns the dynamics to forecast with.
    ///
    /// # Errors
    /// [`DynamicsError`] for coefficients that cannot be used.
    pub fn dynamics(&self) -> Result<Dynamics, DynamicsError> {
        Dynamics::new(self.beta, self.gamma)
    }
}

impl Metrics {
    /// Returns an evaluation's judgement of the forecast.
    pub fn of(evaluation: &Evaluation) -> Self {
        Self {
            horizons: by_horizon(evaluation.forecast()),
            confidence: ConfidenceMetrics::of(&evaluation.confidence()),
        }
    }
}

impl Baselines {
    /// Returns an evaluation's judgement of the baselines.
    pub fn of(evaluation: &Evaluation) -> Self {
        Self {
            no_change: by_horizon(evaluation.no_change()),
            last_velocity: by_horizon(evaluation.last_velocity()),
        }
    }
}

impl ConfidenceMetrics {
    fn of(confidence: &Confidence) -> Self {
        let bins = confidence.bins.iter().map(|bin| BinMetrics {
            min_conf: bin.min,
            max_conf: bin.max,
            mean_conf: bin.mean,
            hit_rate: bin.hit_rate,
            count: bin.count,
        });
        Self {
            bins: bins.collect(),
            monotonic: confidence.is_monotonic,
        }
    }
}

fn by_horizon(scores: &Scores) -> BTreeMap<u32, HorizonMetrics> {
    let metrics = scores.iter().map(|score| HorizonMetrics {
        samples: score.samples,
        sign_hit_rate: score.sign_hit_rate(),
        mae_ticks: score.mae_ticks(),
    });
    HORIZONS_S.into_iter().zip(metrics).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Parameters {
        let evaluation = Evaluation::default();
        Parameters {
            root: "ES".into(),
            beta: 0.1 + 0.2,
            gamma: 1.0 / 3.0,
            train_dates: vec!["2026-02-05".into()],
            holdout_dates: vec!["2026-02-06".into()],
            train_samples: 10_798,
            metrics: Metrics::of(&evaluation),
            baselines: Baselines::of(&evaluation),
            lineage: vec![LineageEntry {
                dataset: "gold/product_type=future_mbo/symbol=ESH6/table=physics_surface_1s".into(),
                dt: "2026-02-05".into(),
                content_sha256: "00".repeat(32),
            }],
            created_at: "2026-02-07T00:00:00Z".into(),
        }
    }

    #[test]
    fn what_is_written_is_read_back_to_the_last_bit() {
        let parameters = parameters();
        let text = parameters.to_json();
        assert_eq!(Parameters::from_json(&text).unwrap(), parameters);
        assert!(text.contains(r#""30": {"#) && text.contains(r#""monotonic": true"#));
    }

    #[test]
    fn a_text_that_is_no_calibration_is_refused() {
        let good = parameters().to_json();
        for bad in [
            String::new(),
            good[..good.len() / 2].to_owned(),
            good.replace("beta", "betta"),
            good.replace("\"gamma\": 0.33", "\"gamma\": 1.33"),
        ] {
            assert!(Parameters::from_json(&bad).is_err(), "{bad}");
        }
    }
}
