//! How much of a decaying quantity is lost over a span of time: the only exponentials of the
//! engine.

/// Time constant of the flow masses, in seconds.
const TAU_MASS: f64 = 30.0;

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
        let dt = seconds(dt_ns);
        let m1 = libm::expm1(-dt / TAU_MASS);
        let m3 = m1 * (3.0 + m1 * (3.0 + m1));
        let m6 = m3 * (2.0 + m3);
        let m15 = m6 * (2.0 + m6) * (1.0 + m3) + m3;
        Some(Self {
            mass_gain: m1,
            // Where little is left, 1 + m1 has lost its digits.
            mass_kept: if m1 < -0.5 {
                libm::exp(-dt / TAU_MASS)
            } else {
                1.0 + m1
            },
            rate: 1.0 / dt,
            velocity: -m15,
            acceleration: -m6,
            jerk: -m3,
        })
    }
}

/// Nanoseconds as seconds.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "spans above 104 days round to a nanosecond or so"
)]
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
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
        fn weights_equal_their_own_exponentials(bits in any::<u64>(), shift in 0..64u32) {
            let dt_ns = (bits >> shift).max(1);
            let dt = seconds(dt_ns);
            let decay = Decay::over(dt_ns).unwrap();
            check(decay.mass_gain, libm::expm1(-dt / 30.0));
            check(decay.velocity, -libm::expm1(-dt / 2.0));
            check(decay.acceleration, -libm::expm1(-dt / 5.0));
            check(decay.jerk, -libm::expm1(-dt / 10.0));
        }
    }
}
