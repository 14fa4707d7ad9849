//! The forecast: from the gold of one window to where the spot may be in the next seconds.
//!
//! A pure state machine: windows come in in time order, predictions go out; it knows no table and
//! no clock, and of the past nothing but the spot of the window before.

#[cfg(feature = "lake")]
mod gold_reader;
mod landscape;
mod run;
mod surface;

use vp_market::{Price, TickSize};

#[cfg(feature = "lake")]
pub use gold_reader::{SurfaceReader, SurfaceWindow, axis_tick};
pub use landscape::Force;
pub use run::Run;
pub use surface::{AXIS_TICKS, ForecastCell, ForecastSurface};

#[cfg(feature = "lake")]
pub(crate) use gold_reader::{Rows, add_options, options_input, put_gold};
pub(crate) use landscape::MAX_DISPLACEMENT;

use landscape::Landscape;
use run::{Direction, Fading};

/// The greatest speed, in ticks per second.
const MAX_SPEED: f64 = 8.0;

/// How the spot moves under a push: what calibration fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dynamics {
    beta: f64,
    gamma: f64,
}

/// Coefficients that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("beta {beta} and gamma {gamma} must be numbers, beta not negative, gamma within 0 and 1")]
pub struct DynamicsError {
    /// The beta that was given.
    pub beta: f64,
    /// The gamma that was given.
    pub gamma: f64,
}

impl Dynamics {
    /// What is used where nothing has been calibrated: the forecast continues the last move.
    pub const DRIFT_ONLY: Self = Self {
        beta: 0.0,
        gamma: 0.0,
    };

    /// Returns the dynamics with these coefficients.
    ///
    /// # Errors
    /// [`DynamicsError`] unless `beta` is finite and not negative and `gamma` lies within 0 … 1.
    pub fn new(beta: f64, gamma: f64) -> Result<Self, DynamicsError> {
        if beta.is_finite() && beta >= 0.0 && (0.0..=1.0).contains(&gamma) {
            Ok(Self { beta, gamma })
        } else {
            Err(DynamicsError { beta, gamma })
        }
    }

    /// Returns how strongly the push accelerates.
    pub fn beta(self) -> f64 {
        self.beta
    }

    /// Returns which part of the speed is lost in a second.
    pub fn gamma(self) -> f64 {
        self.gamma
    }

    /// Returns the speed a second later, in ticks per second.
    fn accelerate(self, speed: f64, push: Force) -> f64 {
        let speed = (1.0 - self.gamma) * speed + self.beta * push.drift();
        speed.clamp(-MAX_SPEED, MAX_SPEED)
    }
}

/// Where the spot may be at one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// How far ahead, in seconds, from 1.
    pub horizon_s: u32,
    /// The predicted spot, in ticks.
    pub spot_tick: i64,
    /// The predicted change of the spot, in ticks, within ±80.
    pub tick_delta: i64,
    /// How much the landscape speaks for it, 0 … 1.
    pub confidence: f64,
}

/// The forecast of one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The run upwards.
    pub up: Run,
    /// The run downwards.
    pub down: Run,
    /// The push at the spot.
    pub push: Force,
    /// How the spot moved since the window before, in ticks, not clipped; `None` in the first.
    pub velocity: Option<f64>,
    /// One for each horizon, 1 … H seconds.
    pub predictions: Vec<Prediction>,
}

impl Forecast {
    /// Returns v0, the speed at which the spot sets out: its velocity within ±8 ticks a second.
    pub fn initial_speed(&self) -> f64 {
        self.velocity
            .map_or(0.0, |velocity| velocity.clamp(-MAX_SPEED, MAX_SPEED))
    }
}

/// Makes the forecasts of one contract's or ticker's day, window by window.
///
/// # Examples
/// ```
/// use vp_market::{Side, TickSize};
/// use vp_velocity::{Dynamics, ForecastCell, ForecastSurface, Forecaster};
///
/// let tick = TickSize::from_nanos(250_000_000).unwrap();
/// let mut forecaster = Forecaster::new(Dynamics::new(120.0, 0.35).unwrap(), tick, 30);
/// let mut surface = ForecastSurface::default();
/// surface.put(Side::Ask, 3, ForecastCell { pressure_grad: 0.8, ..ForecastCell::default() });
/// let forecast = forecaster.forecast("4800.25".parse().unwrap(), &surface);
/// assert_eq!(forecast.predictions.len(), 30);
/// assert!(forecast.predictions[29].tick_delta > 0);
/// ```
#[derive(Clone, Debug)]
pub struct Forecaster {
    dynamics: Dynamics,
    tick: TickSize,
    landscape: Landscape,
    fading: Fading,
    previous_spot: Option<Price>,
    forecast: Forecast,
}

impl Forecaster {
    /// Returns a forecaster before the first window of a day. `tick` is the width of the axis'
    /// cells (equities: the bucket), `horizon_s` the farthest horizon, in seconds.
    pub fn new(dynamics: Dynamics, tick: TickSize, horizon_s: u32) -> Self {
        let nowhere = Run {
            score: 0.0,
            wall_ticks: 1,
        };
        let prediction = |horizon_s| Prediction {
            horizon_s,
            spot_tick: 0,
            tick_delta: 0,
            confidence: 0.0,
        };
        Self {
            dynamics,
            tick,
            landscape: Landscape::new(),
            fading: Fading::new(),
            previous_spot: None,
            forecast: Forecast {
                up: nowhere,
                down: nowhere,
                push: Force {
                    force: 0.0,
                    damping: 0.0,
                },
                velocity: None,
                predictions: (1..=horizon_s).map(prediction).collect(),
            },
        }
    }

    /// Moves to another place in the day: the next window follows one whose spot was
    /// `previous_spot`, or is the first.
    pub fn seek(&mut self, previous_spot: Option<Price>) {
        self.previous_spot = previous_spot;
    }

    /// Takes in the next window that has gold, and returns its forecast.
    pub fn forecast(&mut self, spot: Price, surface: &ForecastSurface) -> &Forecast {
        let previous = self.previous_spot.replace(spot);
        let velocity = previous.map(|previous| ticks_between(previous, spot, self.tick));
        self.forecast.velocity = velocity;
        self.landscape.shape(surface);
        let run = |direction| self.fading.run(direction, surface, &self.landscape);
        let (up, down) = (run(Direction::Up), run(Direction::Down));
        let push = self.landscape.force_at(0.0);

        let certainty = libm::tanh(push.force.abs() / (1.0 + push.damping));
        let confidence = |run: Run| certainty * libm::tanh(run.score.max(0.0));
        let (confidence_up, confidence_down) = (confidence(up), confidence(down));
        let spot_tick = self.tick.nearest(spot);
        let mut speed = self.forecast.initial_speed();
        let mut displacement = 0.0;
        let mut felt = push;
        for prediction in &mut self.forecast.predictions {
            speed = self.dynamics.accelerate(speed, felt);
            displacement = f64::clamp(displacement + speed, -MAX_DISPLACEMENT, MAX_DISPLACEMENT);
            felt = self.landscape.force_at(displacement);
            let tick_delta = whole_ticks(displacement);
            prediction.tick_delta = tick_delta;
            prediction.spot_tick = spot_tick.saturating_add(tick_delta);
            prediction.confidence = match tick_delta.signum() {
                1 => confidence_up,
                -1 => confidence_down,
                _ => 0.0,
            };
        }
        self.forecast.up = up;
        self.forecast.down = down;
        self.forecast.push = push;
        &self.forecast
    }
}

/// Returns by how many ticks the price changed. Whole ticks are split off first: they are exact.
#[expect(
    clippy::cast_precision_loss,
    reason = "a change is no price; below 2^53 ticks it is exact"
)]
pub(crate) fn ticks_between(from: Price, to: Price, tick: TickSize) -> f64 {
    let change = i128::from(to.nanos()) - i128::from(from.nanos());
    let tick = i128::from(tick.nanos());
    (change / tick) as f64 + (change % tick) as f64 / tick as f64
}

/// Rounds a displacement to whole ticks, halves to even.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a displacement lies within ±80"
)]
pub(crate) fn whole_ticks(displacement: f64) -> i64 {
    displacement.round_ties_even() as i64
}
