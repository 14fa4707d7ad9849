//! The golden vectors of the forecast and of its calibration, from the gold of the silver vectors.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Failed;
use serde::Deserialize;
use serde_json::Value;
use vp_lake::tables::{Column, Table};
use vp_market::{Price, TickSize};
use vp_testkit::golden::is_close;
use vp_velocity::calibration::{Baselines, EvaluatedDay, Evaluation, Metrics, TrainingDay};
use vp_velocity::gold::Gold;
use vp_velocity::{Dynamics, Forecast, ForecastSurface, Forecaster};

use super::flow_vectors;
use super::table::Vector;

#[derive(Deserialize)]
struct Vectors {
    tick_int: i64,
    beta: f64,
    gamma: f64,
    horizon_s: u32,
    without_options: Vec<Window>,
    with_options: Vec<Window>,
    calibration: Calibration,
}

#[derive(Deserialize)]
#[expect(non_snake_case, reason = "the names are those of the vectors")]
struct Window {
    #[serde(rename = "window_end_ts_ns")]
    end_ts_ns: i64,
    v0: f64,
    spot_tick: f64,
    force_0: f64,
    damping_0: f64,
    D_up: u8,
    D_down: u8,
    RunScore_up: f64,
    RunScore_down: f64,
    predicted_tick_delta: Vec<i64>,
    predicted_spot_tick: Vec<i64>,
    confidence: Vec<f64>,
}

#[derive(Deserialize)]
struct Calibration {
    s11: f64,
    s12: f64,
    s22: f64,
    t1: f64,
    t2: f64,
    samples: u64,
    a: f64,
    b: f64,
    beta: f64,
    gamma: f64,
    metrics_on_the_same_day: Value,
}

/// The columns of the vectors' options.
const OPTIONS_OMEGA: Table = Table {
    name: "options_omega",
    columns: &[
        Column::i64("window_end_ts_ns"),
        Column::i64("spot_ref_price_int"),
        Column::i64("strike_price_int"),
        Column::text("right"),
        Column::text("side"),
        Column::i32("rel_ticks"),
        Column::f64("Omega_opt"),
    ],
    earlier: &[],
    time: "window_end_ts_ns",
    row_group_rows: 1,
};

/// Omega of the options by window, each with its distance from the spot.
type Options = BTreeMap<i64, Vec<(i32, f64)>>;

fn vectors(shared: &Path) -> Vectors {
    let path = shared.join("golden/velocity/es.forecast.json");
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).expect("the vectors are of the form")
}

/// Forecasts all windows of the silver vectors, and hands out each with its end and spot.
fn each_forecast(
    shared: &Path,
    mut forecaster: Forecaster,
    options: &Options,
    mut each: impl FnMut(i64, Price, &Forecast) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let mut gold = Gold::new(200);
    let mut surface = ForecastSurface::default();
    for silver in &flow_vectors(shared)? {
        let window = gold.apply(silver).ok_or("a window without a surface")?;
        let end_ns = window.window_end_ts_ns();
        surface.take(window);
        for &(rel_ticks, omega) in options.get(&end_ns).into_iter().flatten() {
            surface.add_option(rel_ticks, omega);
        }
        let spot = Price::from_nanos(window.spot_ref_price_int()).ok_or("no spot")?;
        each(end_ns, spot, forecaster.forecast(spot, &surface))?;
    }
    if surface.mended() > 0 {
        return Err("gold was mended".into());
    }
    Ok(())
}

fn forecaster(vectors: &Vectors, dynamics: Dynamics) -> Result<Forecaster, Failed> {
    let tick = TickSize::from_nanos(vectors.tick_int)?;
    Ok(Forecaster::new(dynamics, tick, vectors.horizon_s))
}

pub(crate) fn without_options(shared: &Path) -> Result<(), Failed> {
    let vectors = vectors(shared);
    check(shared, &vectors, &vectors.without_options, &Options::new())
}

pub(crate) fn with_options(shared: &Path) -> Result<(), Failed> {
    let vectors = vectors(shared);
    let path = shared.join("golden/velocity/es.options_omega.parquet");
    let vector = Vector::read(&path, &OPTIONS_OMEGA)?;
    let mut options = Options::new();
    let cells = vector
        .i32("rel_ticks")
        .into_iter()
        .zip(vector.f64("Omega_opt"));
    for (end_ns, cell) in vector.i64("window_end_ts_ns").into_iter().zip(cells) {
        options.entry(end_ns).or_default().push(cell);
    }
    check(shared, &vectors, &vectors.with_options, &options)
}

fn check(
    shared: &Path,
    vectors: &Vectors,
    expected: &[Window],
    options: &Options,
) -> Result<(), Failed> {
    let dynamics = Dynamics::new(vectors.beta, vectors.gamma)?;
    let mut expected = expected.iter().peekable();
    each_forecast(
        shared,
        forecaster(vectors, dynamics)?,
        options,
        |end_ns, _, found| match expected.next_if(|next| next.end_ts_ns == end_ns) {
            Some(expected) => check_window(found, expected),
            None => Ok(()),
        },
    )?;
    match expected.next() {
        Some(left) => Err(format!("no window ends at {}", left.end_ts_ns).into()),
        None => Ok(()),
    }
}

fn check_window(found: &Forecast, expected: &Window) -> Result<(), Failed> {
    let at = expected.end_ts_ns;
    let walls = [found.up.wall_ticks, found.down.wall_ticks];
    if walls != [expected.D_up, expected.D_down] {
        return Err(format!("{at}: walls {walls:?}").into());
    }
    for (name, found, expected) in [
        ("v0", found.initial_speed(), expected.v0),
        ("force", found.push.force, expected.force_0),
        ("damping", found.push.damping, expected.damping_0),
        ("RunScore_up", found.up.score, expected.RunScore_up),
        ("RunScore_down", found.down.score, expected.RunScore_down),
    ] {
        if !is_close(found, expected) {
            return Err(format!("{at}: {name} {found}, expected {expected}").into());
        }
    }
    let found = &found.predictions;
    let deltas: Vec<_> = found
        .iter()
        .map(|prediction| prediction.tick_delta)
        .collect();
    let ticks: Vec<_> = found
        .iter()
        .map(|prediction| prediction.spot_tick)
        .collect();
    if deltas != expected.predicted_tick_delta || ticks != expected.predicted_spot_tick {
        return Err(format!("{at}: {deltas:?} from {}", expected.spot_tick).into());
    }
    if found.len() != expected.confidence.len() {
        return Err(format!("{at}: {} horizons", found.len()).into());
    }
    for (prediction, &confidence) in found.iter().zip(&expected.confidence) {
        check_confidence(prediction.confidence, confidence)?;
    }
    Ok(())
}

/// Confidences are small: only their relative error counts.
fn check_confidence(found: f64, expected: f64) -> Result<(), Failed> {
    if (found - expected).abs() <= 1e-6 * expected.abs() {
        return Ok(());
    }
    Err(format!("confidence {found}, expected {expected}").into())
}

pub(crate) fn calibration(shared: &Path) -> Result<(), Failed> {
    let vectors = vectors(shared);
    let expected = &vectors.calibration;
    let none = Options::new();
    let mut day = TrainingDay::default();
    let any = forecaster(&vectors, Dynamics::DRIFT_ONLY)?;
    each_forecast(shared, any, &none, |_, _, forecast| {
        day.push(forecast);
        Ok(())
    })?;
    let sums = day.sums();
    let coefficients = sums.solve();
    let dynamics = coefficients.dynamics();
    if sums.samples != expected.samples {
        return Err(format!("{} samples", sums.samples).into());
    }
    for (name, found, expected) in [
        ("s11", sums.s11, expected.s11),
        ("s12", sums.s12, expected.s12),
        ("s22", sums.s22, expected.s22),
        ("t1", sums.t1, expected.t1),
        ("t2", sums.t2, expected.t2),
        ("a", coefficients.a, expected.a),
        ("b", coefficients.b, expected.b),
        ("beta", dynamics.beta(), expected.beta),
        ("gamma", dynamics.gamma(), expected.gamma),
    ] {
        if !is_close(found, expected) {
            return Err(format!("{name} {found}, expected {expected}").into());
        }
    }

    let mut evaluated = EvaluatedDay::default();
    let fitted = forecaster(&vectors, dynamics)?;
    each_forecast(shared, fitted, &none, |end_ns, spot, forecast| {
        evaluated.push(end_ns, spot, forecast);
        Ok(())
    })?;
    let mut evaluation = Evaluation::default();
    evaluation.add(&evaluated, TickSize::from_nanos(vectors.tick_int)?);
    let mut found = serde_json::to_value(Metrics::of(&evaluation))?;
    found["baselines"] = serde_json::to_value(Baselines::of(&evaluation))?;
    check_value("metrics", &found, &expected.metrics_on_the_same_day)
}

/// Compares two trees of numbers: keys and counts exactly, floats as the vectors ask.
fn check_value(path: &str, found: &Value, expected: &Value) -> Result<(), Failed> {
    match (found, expected) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            b.iter().try_for_each(|(key, expected)| {
                check_value(&format!("{path}.{key}"), &found[key], expected)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let places = a.iter().zip(b).enumerate();
            places
                .into_iter()
                .try_for_each(|(index, (found, expected))| {
                    check_value(&format!("{path}[{index}]"), found, expected)
                })
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().ok_or("a float")?, b.as_f64().ok_or("a float")?);
            if path.ends_with("_conf") {
                return check_confidence(a, b).map_err(|_| format!("{path}: {a}, {b}").into());
            }
            if is_close(a, b) {
                return Ok(());
            }
            Err(format!("{path}: {a}, expected {b}").into())
        }
        (a, b) if a == b => Ok(()),
        (a, b) => Err(format!("{path}: {a}, expected {b}").into()),
    }
}
