//! How good forecasts were: signs hit, ticks missed, and whether confidence means anything.

use std::collections::BTreeMap;

use vp_market::{Price, TickSize};

use crate::Forecast;
use crate::forecast::{MAX_DISPLACEMENT, ticks_between, whole_ticks};

/// The horizons that are judged, in seconds.
pub const HORIZONS_S: [u32; 6] = [1, 2, 5, 10, 20, 30];

/// How many bins of equal count the confidences are put in.
pub const CONFIDENCE_BINS: usize = 10;

const HORIZONS: usize = HORIZONS_S.len();
const NS_PER_SECOND: i64 = 1_000_000_000;

/// How good one forecaster was at one horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HorizonScore {
    /// How many windows were judged.
    pub samples: u64,
    /// How many of them had the sign of the spot's change right, no change being a sign too.
    pub sign_hits: u64,
    /// The sum of the misses, in ticks.
    pub missed_ticks: f64,
}

impl HorizonScore {
    /// Returns the part of signs that were right; `None` without a sample.
    pub fn sign_hit_rate(&self) -> Option<f64> {
        (self.samples > 0).then(|| count(self.sign_hits) / count(self.samples))
    }

    /// Returns the mean absolute error, in ticks; `None` without a sample.
    pub fn mae_ticks(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.missed_ticks / count(self.samples))
    }

    fn add(&mut self, predicted: i64, actual: f64) -> bool {
        let predicted = ticks(predicted);
        let is_hit = sign(predicted) == sign(actual);
        self.samples += 1;
        self.sign_hits += u64::from(is_hit);
        self.missed_ticks += (predicted - actual).abs();
        is_hit
    }
}

/// The scores of one forecaster, by horizon in the order of [`HORIZONS_S`].
pub type Scores = [HorizonScore; HORIZONS];

/// One bin of confidences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidenceBin {
    /// The least confidence in it.
    pub min: f64,
    /// The greatest confidence in it.
    pub max: f64,
    /// Their mean.
    pub mean: f64,
    /// The part of its samples with the sign of the change right.
    pub hit_rate: f64,
    /// How many samples it holds, of all horizons.
    pub count: u64,
}

/// Whether more confidence means more hits.
#[derive(Clone, Debug, PartialEq)]
pub struct Confidence {
    /// The bins in order of confidence; fewer than ten only where there are fewer samples.
    pub bins: Vec<ConfidenceBin>,
    /// Whether the hit rate never falls from one bin to the next.
    pub is_monotonic: bool,
}

/// One window of a day under evaluation.
#[derive(Clone, Copy, Debug)]
struct Window {
    end_ns: i64,
    spot: Price,
    speed: f64,
    tick_deltas: [i64; HORIZONS],
    confidences: [f64; HORIZONS],
}

/// The forecasts of one day, in time order, to be judged once the day is over.
#[derive(Clone, Debug, Default)]
pub struct EvaluatedDay {
    windows: Vec<Window>,
}

impl EvaluatedDay {
    /// Takes in the next window: its end, its spot and its forecast, which reaches at least as far
    /// as the last of [`HORIZONS_S`].
    ///
    /// # Panics
    /// If it does not reach that far.
    pub fn push(&mut self, window_end_ts_ns: i64, spot: Price, forecast: &Forecast) {
        let at = HORIZONS_S.map(|horizon_s| &forecast.predictions[horizon_s as usize - 1]);
        self.windows.push(Window {
            end_ns: window_end_ts_ns,
            spot,
            speed: forecast.initial_speed(),
            tick_deltas: at.map(|prediction| prediction.tick_delta),
            confidences: at.map(|prediction| prediction.confidence),
        });
    }

    /// Returns the spot's change from a window to the one that many seconds later, in ticks, if
    /// there is one: windows without gold are not in the day.
    fn change(&self, index: usize, horizon_s: u32, tick: TickSize) -> Option<f64> {
        let window = &self.windows[index];
        let end_ns = window
            .end_ns
            .checked_add(i64::from(horizon_s) * NS_PER_SECOND)?;
        // Windows are seconds: the one looked for is at most that many places ahead.
        let ahead = &self.windows[index..];
        let ahead = &ahead[..ahead.len().min(horizon_s as usize + 1)];
        let found = ahead.binary_search_by_key(&end_ns, |later| later.end_ns);
        let later = &ahead[found.ok()?];
        Some(ticks_between(window.spot, later.spot, tick))
    }
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    confidence: f64,
    horizon: usize,
    is_hit: bool,
}

/// What came after the windows of one horizon that had one prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcomes {
    /// The predicted change, in ticks.
    pub predicted: f64,
    /// The mean of the changes that came, in ticks.
    pub mean_actual: f64,
    /// How many windows there were.
    pub count: u64,
}

/// The judgement of forecasts on the days held out, beside that of two baselines.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// By horizon and prediction, how many changes came, and their sum.
    outcomes: [BTreeMap<i64, (u64, f64)>; HORIZONS],
    forecast: Scores,
    no_change: Scores,
    last_velocity: Scores,
    samples: Vec<Sample>,
}

impl Evaluation {
    /// Adds a day; days come in date order. `tick` is that of the forecasts.
    pub fn add(&mut self, day: &EvaluatedDay, tick: TickSize) {
        for (index, window) in day.windows.iter().enumerate() {
            for (horizon, horizon_s) in HORIZONS_S.into_iter().enumerate() {
                let Some(actual) = day.change(index, horizon_s, tick) else {
                    continue;
                };
                let is_hit = self.forecast[horizon].add(window.tick_deltas[horizon], actual);
                let outcomes = &mut self.outcomes[horizon];
                let (seen, sum) = outcomes.entry(window.tick_deltas[horizon]).or_default();
                *seen += 1;
                *sum += actual;
                self.no_change[horizon].add(0, actual);
                let carried = f64::from(horizon_s) * window.speed;
                let carried = carried.clamp(-MAX_DISPLACEMENT, MAX_DISPLACEMENT);
                self.last_velocity[horizon].add(whole_ticks(carried), actual);
                self.samples.push(Sample {
                    confidence: window.confidences[horizon],
                    horizon,
                    is_hit,
                });
            }
        }
    }

    /// Returns the forecast's scores.
    pub fn forecast(&self) -> &Scores {
        &self.forecast
    }

    /// Returns the scores of always saying that nothing changes.
    pub fn no_change(&self) -> &Scores {
        &self.no_change
    }

    /// Returns the scores of saying that the spot goes on as it last moved.
    pub fn last_velocity(&self) -> &Scores {
        &self.last_velocity
    }

    /// Returns what came after each prediction of a horizon, by its place in [`HORIZONS_S`].
    ///
    /// # Panics
    /// If there is no such horizon.
    pub fn predicted(&self, horizon: usize) -> impl Iterator<Item = Outcomes> {
        self.outcomes[horizon]
            .iter()
            .map(|(predicted, (seen, sum))| Outcomes {
                predicted: ticks(*predicted),
                mean_actual: sum / count(*seen),
                count: *seen,
            })
    }

    /// Returns the bins of the forecast's confidences.
    pub fn confidence(&self) -> Confidence {
        let mut samples = self.samples.clone();
        // Samples came in by date and window; a stable sort leaves ties that way.
        samples.sort_by(|a, b| {
            let by_confidence = a.confidence.total_cmp(&b.confidence);
            by_confidence.then(a.horizon.cmp(&b.horizon))
        });
        let (size, larger) = (
            samples.len() / CONFIDENCE_BINS,
            samples.len() % CONFIDENCE_BINS,
        );
        let mut rest = samples.as_slice();
        let mut bins = Vec::with_capacity(CONFIDENCE_BINS);
        for index in 0..CONFIDENCE_BINS {
            let (bin, after) = rest.split_at(size + usize::from(index < larger));
            rest = after;
            bins.extend(ConfidenceBin::of(bin));
        }
        let is_monotonic = bins.is_sorted_by(|a, b| a.hit_rate <= b.hit_rate);
        Confidence { bins, is_monotonic }
    }
}

impl ConfidenceBin {
    fn of(samples: &[Sample]) -> Option<Self> {
        let (first, last) = (samples.first()?, samples.last()?);
        let total = count(samples.len() as u64);
        let hits = samples.iter().filter(|sample| sample.is_hit).count();
        let sum: f64 = samples.iter().map(|sample| sample.confidence).sum();
        Some(Self {
            min: first.confidence,
            max: last.confidence,
            mean: sum / total,
            hit_rate: count(hits as u64) / total,
            count: samples.len() as u64,
        })
    }
}

/// Returns −1, 0 or 1: `f64::signum` has no 0.
fn sign(value: f64) -> i8 {
    i8::from(value > 0.0) - i8::from(value < 0.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn count(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "predictions lie within ±80")]
fn ticks(ticks: i64) -> f64 {
    ticks as f64
}

#[cfg(test)]
mod tests;
