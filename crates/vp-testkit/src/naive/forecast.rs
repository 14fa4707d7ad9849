//! The forecast once more, sum by sum as the specification writes it, with a look-up for each term
//! and no kernel made beforehand.

#![expect(
    clippy::many_single_char_names,
    reason = "the names are those of the specification"
)]

/// How far the axis reaches to either side.
const REACH: i32 = 200;

/// The directional fields of one window, by `rel_ticks` from −200 to +200.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub struct NaiveFields {
    pub g: Vec<f64>,
    pub un: Vec<f64>,
    pub us: Vec<f64>,
    pub o_fut: Vec<f64>,
    pub o_opt: Vec<f64>,
}

/// What follows from them.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub struct NaiveForecast {
    pub f0: f64,
    pub n0: f64,
    pub run_score_up: f64,
    pub run_score_down: f64,
    pub d_up: i32,
    pub d_down: i32,
    /// δ after each second.
    pub displacements: Vec<f64>,
    pub c0: f64,
}

fn cell(field: &[f64], t: i32) -> f64 {
    usize::try_from(t + REACH)
        .ok()
        .and_then(|index| field.get(index))
        .copied()
        .unwrap_or(0.0)
}

fn gauss(n: i32, sigma: f64) -> f64 {
    (-f64::from(n * n) / (2.0 * sigma * sigma)).exp()
}

fn smooth(field: &[f64], sigma: f64, radius: i32) -> Vec<f64> {
    let norm: f64 = (-radius..=radius).map(|n| gauss(n, sigma)).sum();
    let at = |t: i32| {
        let terms = (-radius..=radius).map(|n| gauss(n, sigma) / norm * cell(field, t + n));
        terms.sum()
    };
    (-REACH..=REACH).map(at).collect()
}

/// Linear interpolation, with the end values beyond the axis.
fn between(field: &[f64], x: f64) -> f64 {
    let x = x.clamp(f64::from(-REACH), f64::from(REACH));
    #[expect(clippy::cast_possible_truncation, reason = "within the axis")]
    let low = (x.floor() as i32).min(REACH - 1);
    let part = x - f64::from(low);
    cell(field, low) * (1.0 - part) + cell(field, low + 1) * part
}

fn push(kappa: &[f64], g: &[f64], nu: &[f64], delta: f64) -> (f64, f64) {
    let weighted = |reach: i32, sigma: f64, value: &dyn Fn(f64) -> f64| -> f64 {
        let norm: f64 = (1..=reach).map(|n| gauss(n, sigma)).sum();
        let terms = (-reach..=reach).filter(|&n| n != 0);
        terms
            .map(|n| gauss(n, sigma) / norm * value(f64::from(n) - delta))
            .sum()
    };
    (
        weighted(64, 12.0, &|x| between(kappa, x) * between(g, x)),
        weighted(16, 6.0, &|x| between(nu, x)),
    )
}

fn run(sign: i32, p: &[f64], un: &[f64], us: &[f64]) -> (f64, i32) {
    let wall = (1..=64)
        .map(|t| cell(p, sign * t))
        .fold(f64::NEG_INFINITY, f64::max);
    let d = (1..=64)
        .find(|&t| cell(p, sign * t) >= 0.60 * wall)
        .unwrap_or(64);
    let c = |k: i32| (-f64::from(k) / 16.0).exp();
    let norm: f64 = (1..d).map(c).sum();
    let vacuum: f64 = (1..d)
        .map(|k| c(k) / norm * (-cell(un, sign * k)).max(0.0))
        .sum();
    (vacuum - cell(us, sign * d).max(0.0), d)
}

/// Forecasts one window; `v0` is the spot's change since the one before, in ticks.
pub fn forecast(
    fields: &NaiveFields,
    v0: f64,
    beta: f64,
    gamma: f64,
    horizon: u32,
) -> NaiveForecast {
    let smooth_options = smooth(&fields.o_opt, 8.0, 24);
    let both = fields.o_fut.iter().zip(&smooth_options);
    let o: Vec<f64> = both.map(|(fut, opt)| fut + 0.70 * opt).collect();
    let near = smooth(&o, 6.0, 16);
    let far = smooth(&o, 24.0, 64);
    let p: Vec<f64> = near
        .iter()
        .zip(&far)
        .map(|(near, far)| near - far)
        .collect();
    let nu: Vec<f64> = near
        .iter()
        .zip(&p)
        .map(|(near, p)| 1.0 + near + 2.0 * p.max(0.0))
        .collect();
    let kappa: Vec<f64> = nu.iter().map(|nu| 1.0 / nu).collect();

    let (f0, n0) = push(&kappa, &fields.g, &nu, 0.0);
    let (run_score_up, d_up) = run(1, &p, &fields.un, &fields.us);
    let (run_score_down, d_down) = run(-1, &p, &fields.un, &fields.us);
    let (mut v, mut delta) = (v0.clamp(-8.0, 8.0), 0.0);
    let mut displacements = Vec::new();
    for _ in 0..horizon {
        let (f, n) = push(&kappa, &fields.g, &nu, delta);
        v = ((1.0 - gamma) * v + beta * f / (1.0 + n)).clamp(-8.0, 8.0);
        delta = f64::clamp(delta + v, -80.0, 80.0);
        displacements.push(delta);
    }
    NaiveForecast {
        f0,
        n0,
        run_score_up,
        run_score_down,
        d_up,
        d_down,
        displacements,
        c0: (f0.abs() / (1.0 + n0)).tanh(),
    }
}
