//! What holds for every forecast, whatever the gold.

use proptest::collection::vec;
use proptest::prelude::*;
use vp_market::{Price, Side, TickSize};
use vp_testkit::naive::forecast::{NaiveFields, forecast as naive};
use vp_velocity::{Dynamics, Forecast, ForecastCell, ForecastSurface, Forecaster};

const TICK: i64 = 250_000_000;
const HORIZON: u32 = 30;

/// One window: its spot in nanos, its gold rows, its options.
#[derive(Clone, Debug)]
struct Window {
    spot: i64,
    rows: Vec<(Side, i32, ForecastCell)>,
    options: Vec<(i32, f64)>,
}

impl Window {
    fn spot(&self) -> Price {
        Price::from_nanos(self.spot).unwrap_or(Price::from_nanos(0).expect("a price"))
    }

    fn surface(&self) -> ForecastSurface {
        let mut surface = ForecastSurface::default();
        self.fill(&mut surface);
        surface
    }

    fn fill(&self, surface: &mut ForecastSurface) {
        surface.clear();
        for &(side, rel_ticks, cell) in &self.rows {
            surface.put(side, rel_ticks, cell);
        }
        for &(rel_ticks, omega) in &self.options {
            surface.add_option(rel_ticks, omega);
        }
    }

    /// The same window seen in a mirror: sides swapped, and pressure with them.
    fn mirrored(&self) -> Self {
        let row = |&(side, rel_ticks, cell): &(Side, i32, ForecastCell)| {
            let pressure_grad = -cell.pressure_grad;
            let cell = ForecastCell {
                pressure_grad,
                ..cell
            };
            (side.opposite(), -rel_ticks, cell)
        };
        Self {
            spot: -self.spot,
            rows: self.rows.iter().map(row).collect(),
            options: self.options.iter().map(|&(t, o)| (-t, o)).collect(),
        }
    }
}

/// A value as gold has them: mostly small, often zero.
fn plausible(range: std::ops::Range<f64>) -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 4 => range]
}

fn plausible_cell() -> impl Strategy<Value = ForecastCell> {
    (
        plausible(-3.0..3.0),
        plausible(-2.0..2.0),
        plausible(-1.0..1.0),
        plausible(0.0..9.0),
    )
        .prop_map(|(pressure_grad, u_near, u_p_slow, omega)| ForecastCell {
            pressure_grad,
            u_near,
            u_p_slow,
            omega,
        })
}

fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

fn plausible_window() -> impl Strategy<Value = Window> {
    let row = (any_side(), -210..210i32, plausible_cell());
    (
        -40..40i64,
        vec(row, 0..300),
        vec((-210..210i32, plausible(0.0..9.0)), 0..40),
    )
        .prop_map(|(ticks, rows, options)| Window {
            spot: ticks * TICK,
            rows,
            options,
        })
}

fn any_float() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), Just(f64::MAX), Just(f64::NAN), Just(-1e308)]
}

fn any_window() -> impl Strategy<Value = Window> {
    let cell = (any_float(), any_float(), any_float(), any_float()).prop_map(
        |(pressure_grad, u_near, u_p_slow, omega)| ForecastCell {
            pressure_grad,
            u_near,
            u_p_slow,
            omega,
        },
    );
    let rel_ticks = || prop_oneof![9 => -210..210i32, 1 => any::<i32>()];
    (
        any::<i64>(),
        vec((any_side(), rel_ticks(), cell), 0..200),
        vec((rel_ticks(), any_float()), 0..200),
    )
        .prop_map(|(spot, rows, options)| Window {
            spot,
            rows,
            options,
        })
}

fn any_dynamics() -> impl Strategy<Value = Dynamics> {
    let beta = prop_oneof![0.0..300.0, Just(0.0), Just(f64::MAX)];
    (beta, 0.0..=1.0).prop_map(|(beta, gamma)| Dynamics::new(beta, gamma).expect("in range"))
}

fn forecaster(dynamics: Dynamics) -> Forecaster {
    let tick = TickSize::from_nanos(TICK).expect("positive");
    Forecaster::new(dynamics, tick, HORIZON)
}

fn forecasts(dynamics: Dynamics, windows: &[Window]) -> Vec<Forecast> {
    let mut forecaster = forecaster(dynamics);
    let each = |window: &Window| {
        forecaster
            .forecast(window.spot(), &window.surface())
            .clone()
    };
    windows.iter().map(each).collect()
}

/// Every bit of a forecast that is no list.
fn bits(forecast: &Forecast) -> Vec<u64> {
    let run = [forecast.up, forecast.down];
    let mut bits: Vec<u64> = run.iter().map(|run| run.score.to_bits()).collect();
    bits.extend(run.iter().map(|run| u64::from(run.wall_ticks)));
    bits.extend([forecast.push.force, forecast.push.damping].map(f64::to_bits));
    for prediction in &forecast.predictions {
        bits.extend([
            prediction.tick_delta.cast_unsigned(),
            prediction.spot_tick.cast_unsigned(),
            prediction.confidence.to_bits(),
        ]);
    }
    bits
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_forecast_equals_the_naive_model(
        window in plausible_window(), before in -60..60i64, beta in 0.0..300.0, gamma in 0.0..1.0,
    ) {
        let mut forecaster = forecaster(Dynamics::new(beta, gamma).expect("in range"));
        forecaster.seek(Price::from_nanos(window.spot - before * TICK));
        let found = forecaster.forecast(window.spot(), &window.surface());

        let mut fields = NaiveFields {
            g: vec![0.0; 401], un: vec![0.0; 401], us: vec![0.0; 401], o_fut: vec![0.0; 401],
            o_opt: vec![0.0; 401],
        };
        let index = |t: i32| usize::try_from(t + 200).ok().filter(|&index| index < 401);
        for &(side, t, cell) in &window.rows {
            let Some(at) = index(t) else { continue };
            if (side == Side::Ask && t > 0) || (side == Side::Bid && t < 0) {
                fields.g[at] = cell.pressure_grad;
                fields.un[at] = cell.u_near;
                fields.us[at] = cell.u_p_slow;
                fields.o_fut[at] = cell.omega;
            }
        }
        for &(t, omega) in &window.options {
            if let Some(at) = index(t) { fields.o_opt[at] += omega; }
        }
        #[expect(clippy::cast_precision_loss, reason = "a few ticks")]
        let [expected, shaken] = [beta, beta * (1.0 + 1e-12)]
            .map(|beta| naive(&fields, before as f64, beta, gamma, HORIZON));

        prop_assert!(close(found.push.force, expected.f0));
        prop_assert!(close(found.push.damping, expected.n0));
        prop_assert_eq!(i32::from(found.up.wall_ticks), expected.d_up);
        prop_assert_eq!(i32::from(found.down.wall_ticks), expected.d_down);
        prop_assert!(close(found.up.score, expected.run_score_up));
        prop_assert!(close(found.down.score, expected.run_score_down));
        let displacements = expected.displacements.iter().zip(shaken.displacements);
        for (prediction, (&displacement, shaken)) in found.predictions.iter().zip(displacements) {
            // A strong push multiplies any difference second by second: once it makes this much of a
            // change in the twelfth digit, the order of additions decides, and both models are right.
            let doubt = (displacement - shaken).abs();
            if doubt > 0.25 { break }
            #[expect(clippy::cast_precision_loss, reason = "within 80 ticks")]
            let delta = prediction.tick_delta as f64;
            // Where the two models fall on different sides of a half, both are right.
            prop_assert!((delta - displacement).abs() < 0.5 + 1e-6 + doubt);
            prop_assert_eq!(prediction.spot_tick, window.spot / TICK + prediction.tick_delta);
            let run_score = match prediction.tick_delta {
                0 => { prop_assert!(prediction.confidence.abs() < 1e-300); continue }
                1.. => expected.run_score_up,
                _ => expected.run_score_down,
            };
            let confidence = expected.c0 * run_score.max(0.0).tanh();
            prop_assert!(close(prediction.confidence, confidence));
        }
    }

    #[test]
    fn a_forecast_knows_nothing_of_what_comes_after(
        windows in vec(plausible_window(), 2..6), dynamics in any_dynamics(), cut in 1..5usize,
    ) {
        let cut = cut.min(windows.len());
        let whole = forecasts(dynamics, &windows);
        prop_assert_eq!(&whole[..cut], &forecasts(dynamics, &windows[..cut])[..]);
        // And of the past nothing but the spot before.
        let mut late = forecaster(dynamics);
        late.seek(Some(windows[cut - 1].spot()));
        if let Some(next) = windows.get(cut) {
            prop_assert_eq!(late.forecast(next.spot(), &next.surface()), &whole[cut]);
        }
    }

    #[test]
    fn every_number_is_finite_whatever_the_gold(
        windows in vec(any_window(), 1..4), dynamics in any_dynamics(),
    ) {
        for forecast in forecasts(dynamics, &windows) {
            let push = forecast.push;
            for value in [push.force, push.damping, forecast.up.score, forecast.down.score] {
                prop_assert!(value.is_finite(), "{forecast:?}");
            }
            prop_assert!(forecast.velocity.is_none_or(f64::is_finite));
            for prediction in forecast.predictions {
                prop_assert!(prediction.tick_delta.abs() <= 80);
                prop_assert!((0.0..=1.0).contains(&prediction.confidence), "{prediction:?}");
            }
        }
    }

    #[test]
    fn a_mirrored_market_has_the_mirrored_forecast(
        windows in vec(plausible_window(), 1..4), dynamics in any_dynamics(),
    ) {
        let mirrored: Vec<_> = windows.iter().map(Window::mirrored).collect();
        let pairs = forecasts(dynamics, &windows).into_iter().zip(forecasts(dynamics, &mirrored));
        for (forecast, mirrored) in pairs {
            let expected = Forecast {
                up: mirrored.down,
                down: mirrored.up,
                push: vp_velocity::Force { force: -mirrored.push.force, ..mirrored.push },
                velocity: mirrored.velocity.map(|velocity| -velocity),
                predictions: mirrored.predictions.into_iter().map(|prediction| {
                    vp_velocity::Prediction {
                        spot_tick: -prediction.spot_tick,
                        tick_delta: -prediction.tick_delta,
                        ..prediction
                    }
                }).collect(),
            };
            prop_assert_eq!(forecast, expected);
        }
    }

    #[test]
    fn equal_gold_gives_equal_bits_whatever_the_buffers_held(
        windows in vec(plausible_window(), 1..4), dynamics in any_dynamics(),
    ) {
        let mut forecaster = forecaster(dynamics);
        let mut surface = ForecastSurface::default();
        for (window, expected) in windows.iter().zip(forecasts(dynamics, &windows)) {
            window.fill(&mut surface);
            let found = forecaster.forecast(window.spot(), &surface);
            prop_assert_eq!(bits(found), bits(&expected));
        }
    }
}

#[test]
fn a_window_allocates_nothing() {
    let mut forecaster = forecaster(Dynamics::new(120.0, 0.35).expect("in range"));
    let mut surface = ForecastSurface::default();
    let spot = Price::from_nanos(19_230 * TICK).expect("a price");
    let cell = ForecastCell {
        pressure_grad: 0.2,
        u_near: -0.1,
        u_p_slow: 0.05,
        omega: 3.0,
    };
    let counted = allocation_counter::measure(|| {
        for window in 0..100 {
            surface.clear();
            for rel_ticks in -200..=200 {
                surface.put(Side::Bid, rel_ticks, cell);
                surface.put(Side::Ask, rel_ticks, cell);
                surface.add_option(rel_ticks + window, 0.5);
            }
            forecaster.forecast(spot, &surface);
        }
    });
    assert_eq!(counted.count_total, 0);
}
