//! Days small enough to judge by hand.

use super::*;
use crate::{Dynamics, ForecastSurface, Forecaster};

const SECOND: i64 = 1_000_000_000;

fn tick() -> TickSize {
    TickSize::from_nanos(250_000_000).unwrap()
}

/// A day whose windows end at these seconds with the spot at these ticks, forecast as drifting on.
fn day(windows: &[(i64, i64)]) -> EvaluatedDay {
    let mut forecaster = Forecaster::new(Dynamics::DRIFT_ONLY, tick(), 30);
    let mut day = EvaluatedDay::default();
    for &(second, ticks) in windows {
        let spot = Price::from_nanos(ticks * tick().nanos()).unwrap();
        let forecast = forecaster.forecast(spot, &ForecastSurface::default());
        day.push(second * SECOND, spot, forecast);
    }
    day
}

fn evaluate(windows: &[(i64, i64)]) -> Evaluation {
    let mut evaluation = Evaluation::default();
    evaluation.add(&day(windows), tick());
    evaluation
}

#[test]
fn a_steady_climb_is_hit_by_drift_and_missed_by_no_change() {
    let climb: Vec<_> = (0..40).map(|t| (t, 3 * t)).collect();
    let evaluation = evaluate(&climb);
    // The first window has no velocity yet and says "no change".
    for (found, horizon_s) in evaluation.forecast().iter().zip(HORIZONS_S) {
        assert_eq!(found.samples, 40 - u64::from(horizon_s));
        assert_eq!(found.sign_hits, found.samples - 1);
    }
    assert_eq!(evaluation.forecast()[0].mae_ticks(), Some(3.0 / 39.0));
    assert_eq!(evaluation.no_change()[1].mae_ticks(), Some(6.0));
    assert_eq!(evaluation.no_change()[1].sign_hit_rate(), Some(0.0));
    // 30 seconds at 3 ticks would be 90; no prediction goes beyond 80.
    assert_eq!(
        evaluation.last_velocity()[5].mae_ticks(),
        Some((9.0 * 10.0 + 90.0) / 10.0)
    );
}

#[test]
fn a_horizon_is_time_and_not_a_count_of_windows() {
    // No window ends at second 1: there is no outcome one second after 0.
    let evaluation = evaluate(&[(0, 10), (2, 11), (3, 11)]);
    let samples = evaluation.forecast().map(|score| score.samples);
    assert_eq!(samples, [1, 1, 0, 0, 0, 0]);
    assert_eq!(evaluation.forecast()[2].mae_ticks(), None);
    assert_eq!(evaluation.forecast()[2].sign_hit_rate(), None);
}

#[test]
fn windows_that_are_not_in_order_or_repeat_are_survived() {
    let evaluation = evaluate(&[(5, 1), (5, 1), (4, 2), (i64::MAX / SECOND, 7)]);
    assert!(evaluation.forecast().iter().all(|score| score.samples <= 4));
}

fn confidence_of(samples: &[(f64, bool)]) -> Confidence {
    let samples = samples.iter().map(|&(confidence, is_hit)| Sample {
        confidence,
        horizon: 0,
        is_hit,
    });
    let evaluation = Evaluation {
        samples: samples.collect(),
        ..Evaluation::default()
    };
    evaluation.confidence()
}

#[test]
fn bins_are_equal_but_for_the_first_that_hold_one_more() {
    let samples: Vec<_> = (0..23).map(|n| (f64::from(n) / 100.0, n >= 12)).collect();
    let found = confidence_of(&samples);
    let counts: Vec<_> = found.bins.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
    assert_eq!((found.bins[0].min, found.bins[0].max), (0.0, 0.02));
    assert!(found.is_monotonic);
    let reversed: Vec<_> = samples.iter().map(|&(c, hit)| (c, !hit)).collect();
    assert!(!confidence_of(&reversed).is_monotonic);
}

#[test]
fn fewer_samples_than_bins_leave_no_bin_empty() {
    assert_eq!(confidence_of(&[(0.5, true), (0.1, false)]).bins.len(), 2);
    let nothing = confidence_of(&[]);
    assert!(nothing.bins.is_empty() && nothing.is_monotonic);
}

#[test]
fn ties_are_ordered_by_horizon_then_time() {
    // All confidences are 0: the bins hold all of the first horizon before any of the second.
    let mut evaluation = Evaluation::default();
    for _ in 0..5 {
        for horizon in 0..2 {
            evaluation.samples.push(Sample {
                confidence: 0.0,
                horizon,
                is_hit: horizon == 1,
            });
        }
    }
    let rates: Vec<_> = evaluation
        .confidence()
        .bins
        .iter()
        .map(|bin| bin.hit_rate)
        .collect();
    assert_eq!(rates, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
}
