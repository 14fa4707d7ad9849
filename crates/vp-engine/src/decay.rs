//! How much of a decaying quantity is lost over a span of time: the only exponentials of the
//! engine.

/// What a nanosecond adds to the exponent of the flow masses, whose time constant is 30 s.
const PER_NS: f64 = -1.0 / 30e9;

/// The smoothing weights of one span of time.
///
/// # Units
/// Unitless, 0 to 1, but for the rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decay {
    /// exp(−dt/30) − 1: what a mass gains (it is negative).
    pub(crate) mass_gain: f64,
    /// exp(−dt/30): what is left of a mass.
    pub(crate) mass_kept: f64,
    /// 1/dt, in 1/s.
    pub(crate) rate: f64,
    /// α(2) = 1 − exp(−dt/2), the weight of a new velocity.
    pub(crate) velocity: f64,
    /// α(5), the weight of a new acceleration.
    pub(crate) acceleration: f64,
    /// α(10), the weight of a new jerk.
    pub(crate) jerk: f64,
    /// α(5)/dt: what a gain of velocity adds to the acceleration.
    pub(crate) acceleration_rate: f64,
    /// α(10)/dt: what a gain of acceleration adds to the jerk.
    pub(crate) jerk_rate: f64,
}

impl Decay {
    /// Returns the weights for a span, or `None` for no time at all, where the limits of the
    /// formulas apply.
    ///
    /// The four time constants 30, 10, 5, 2 s are whole fractions of the first, so the powers 3, 6
    /// and 15 of one exponential give the others. They are taken on exp − 1, in a form that adds
    /// terms of one sign only: no digits are lost where dt is a nanosecond.
    #[inline]
    pub(crate) fn over(dt_ns: u64) -> Option<Self> {
        if dt_ns == 0 {
            return None;
        }
        let span = count(dt_ns);
        // A product, and the rate straight from the nanoseconds: no division waits for another.
        let x = span * PER_NS;
        let m1 = exp_m1(x);
        let m3 = 3.0 * m1 + (m1 * m1) * (3.0 + m1);
        let m6 = m3 * (2.0 + m3);
        let m15 = m6 * (2.0 + m6) * (1.0 + m3) + m3;
        let rate = 1e9 / span;
        Some(Self {
            mass_gain: m1,
            // Where little is left, 1 + m1 has lost its digits.
            mass_kept: if m1 < -0.5 { libm::exp(x) } else { 1.0 + m1 },
            rate,
            velocity: -m15,
            acceleration: -m6,
            jerk: -m3,
            acceleration_rate: -m6 * rate,
            jerk_rate: -m3 * rate,
        })
    }
}

/// Returns exp(x) − 1 for x that is not positive.
///
/// Near zero, where nearly all spans lie, it is its Taylor series up to x¹³/13!, whose rest is below
/// a tenth of the last bit. Summed pairwise it is ready in half the time of the general function,
/// and everything in an update waits for it.
#[inline]
fn exp_m1(x: f64) -> f64 {
    const NEAR: f64 = -0.35;
    if x < NEAR {
        return libm::expm1(x);
    }
    let (x2, x4) = (x * x, (x * x) * (x * x));
    let pair = |n: usize| INVERSE_FACTORIALS[n] + INVERSE_FACTORIALS[n + 1] * x;
    let low = pair(0) + pair(2) * x2;
    let middle = pair(4) + pair(6) * x2;
    let high = pair(8) + pair(10) * x2;
    x + x2 * ((low + middle * x4) + high * (x4 * x4))
}

/// 1/2!, 1/3!, … 1/13!
const INVERSE_FACTORIALS: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// A count of contracts or shares as a float.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "depth is delivered as f64; exact below 2^53"
)]
pub(crate) fn count(size: u64) -> f64 {
    size as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-14 * expected.abs(),
            "{found} is not {expected}"
        );
    }

    proptest! {
        #[test]
        fn the_series_is_the_function(x in prop_oneof![-0.4..0.0f64, -1e-3..0.0f64, -1e-9..0.0f64]) {
            let (found, expected) = (exp_m1(x), libm::expm1(x));
            prop_assert!((found - expected).abs() <= 4e-16 * expected.abs(), "{found} {expected}");
        }

        #[test]
        fn weights_equal_their_own_exponentials(bits in any::<u64>(), shift in 0..64u32) {
            let dt_ns = (bits >> shift).max(1);
            let dt = count(dt_ns) / 1e9;
            let decay = Decay::over(dt_ns).unwrap();
            check(decay.mass_gain, libm::expm1(-dt / 30.0));
            check(decay.velocity, -libm::expm1(-dt / 2.0));
            check(decay.acceleration, -libm::expm1(-dt / 5.0));
            check(decay.jerk, -libm::expm1(-dt / 10.0));
        }
    }
}
