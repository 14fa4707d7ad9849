//! Least squares of the spot's next step on its last one and on the push it felt.

use crate::{Dynamics, Forecast};

/// The determinant's part of s11·s22 below which the two regressors count as one.
const SINGULAR: f64 = 1e-12;

/// The sums of least squares y ≈ a·x1 + b·x2, without intercept: x1 is the spot's velocity in a
/// window, x2 the drift F(0)/(1 + N(0)) there, y the velocity in the window after.
///
/// # Units
/// Velocities in ticks per second; the drift is unitless.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Σ x1².
    pub s11: f64,
    /// Σ x1·x2.
    pub s12: f64,
    /// Σ x2².
    pub s22: f64,
    /// Σ x1·y.
    pub t1: f64,
    /// Σ x2·y.
    pub t2: f64,
    /// How many windows they are of.
    pub samples: u64,
}

/// The solution of least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficients {
    /// That of the velocity.
    pub a: f64,
    /// That of the drift.
    pub b: f64,
}

impl Sums {
    /// Adds another day's sums.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            s11: self.s11 + other.s11,
            s12: self.s12 + other.s12,
            s22: self.s22 + other.s22,
            t1: self.t1 + other.t1,
            t2: self.t2 + other.t2,
            samples: self.samples + other.samples,
        }
    }

    /// Returns the coefficients with the least squared error, and of those the smallest: where the
    /// regressors cannot be told apart, the solution of least norm.
    pub fn solve(&self) -> Coefficients {
        let Self {
            s11, s12, s22, t1, ..
        } = *self;
        let t2 = self.t2;
        let determinant = s11 * s22 - s12 * s12;
        if determinant > SINGULAR * s11 * s22 {
            return Coefficients {
                a: (s22 * t1 - s12 * t2) / determinant,
                b: (s11 * t2 - s12 * t1) / determinant,
            };
        }
        // The matrix is its trace times the projection on one direction, so its pseudo-inverse is
        // itself over the trace's square. Without any sample that moved there is no direction.
        let trace = s11 + s22;
        if trace <= 0.0 {
            return Coefficients { a: 0.0, b: 0.0 };
        }
        let (t1, t2) = (t1 / trace, t2 / trace);
        Coefficients {
            a: s11 / trace * t1 + s12 / trace * t2,
            b: s12 / trace * t1 + s22 / trace * t2,
        }
    }

    fn add(&mut self, x1: f64, x2: f64, y: f64) {
        self.s11 += x1 * x1;
        self.s12 += x1 * x2;
        self.s22 += x2 * x2;
        self.t1 += x1 * y;
        self.t2 += x2 * y;
        self.samples += 1;
    }
}

impl Coefficients {
    /// Returns the dynamics that they mean: γ = 1 − a within 0 … 1, β = b, never negative.
    pub fn dynamics(self) -> Dynamics {
        let (beta, gamma) = (self.b.max(0.0), 1.0 - self.a.clamp(0.0, 1.0));
        // Sums of finite regressors can still overflow; what they say then is nothing.
        Dynamics::new(beta, gamma).unwrap_or(Dynamics::DRIFT_ONLY)
    }
}

/// The sums of one day, from its forecasts in time order; the coefficients that those were made
/// with do not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrainingDay {
    sums: Sums,
    /// Velocity and drift of the window before.
    before: Option<(f64, f64)>,
}

impl TrainingDay {
    /// Takes in the forecast of the day's next window.
    pub fn push(&mut self, forecast: &Forecast) {
        let Some(velocity) = forecast.velocity else {
            return;
        };
        if let Some((x1, x2)) = self.before.replace((velocity, forecast.push.drift())) {
            self.sums.add(x1, x2, velocity);
        }
    }

    /// Returns the day's sums: of n windows n − 2 samples.
    pub fn sums(&self) -> Sums {
        self.sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(samples: &[(f64, f64, f64)]) -> Sums {
        let mut sums = Sums::default();
        for &(x1, x2, y) in samples {
            sums.add(x1, x2, y);
        }
        sums
    }

    fn check(samples: &[(f64, f64, f64)], a: f64, b: f64) {
        let found = sums(samples).solve();
        assert!(
            (found.a - a).abs() < 1e-9 && (found.b - b).abs() < 1e-9,
            "{found:?}"
        );
    }

    #[test]
    fn an_exact_relation_is_found() {
        let relation = |x1: f64, x2: f64| (x1, x2, 0.4 * x1 + 25.0 * x2);
        check(
            &[
                relation(1.0, 0.01),
                relation(-2.0, 0.03),
                relation(0.0, -0.02),
            ],
            0.4,
            25.0,
        );
    }

    #[test]
    fn regressors_that_cannot_be_told_apart_share_by_least_norm() {
        // x2 = 2·x1 and y = 10·x1: of all a + 2·b = 10 the shortest is (2, 4).
        check(&[(1.0, 2.0, 10.0), (3.0, 6.0, 30.0)], 2.0, 4.0);
        // A spot that never moved does not determine a.
        check(&[(0.0, 2.0, 8.0), (0.0, 1.0, 4.0)], 0.0, 4.0);
        check(&[(0.0, 0.0, 1.0)], 0.0, 0.0);
        check(&[], 0.0, 0.0);
    }

    #[test]
    fn dynamics_stay_within_their_bounds() {
        let dynamics = |a, b| {
            let found = Coefficients { a, b }.dynamics();
            (found.beta(), found.gamma())
        };
        assert_eq!(dynamics(0.25, 3.0), (3.0, 0.75));
        assert_eq!(dynamics(-0.5, -3.0), (0.0, 1.0));
        assert_eq!(dynamics(1.5, 0.0), (0.0, 0.0));
        assert_eq!(dynamics(0.5, f64::INFINITY), (0.0, 0.0));
    }
}
