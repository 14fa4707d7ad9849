//! When the next event happens: a self-exciting point process with several time scales.
//!
//! Each event raises the intensity of those that follow, and the excitement of each scale dies away
//! exponentially. Gaps so range from hundreds of nanoseconds inside a cluster to seconds between
//! clusters. It knows nothing of what an event does.
//!
//! # Source
//! Hawkes (1971); the exact simulation of Dassios and Zhao (2013): with exponential kernels the next
//! event is the earliest of one candidate per scale and one of the base rate.

use crate::dice::Dice;

/// One time scale of excitement.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// Time constant.
    seconds: f64,
    /// Its inverse, per second.
    decay: f64,
    /// Expected direct offspring of an event on this scale.
    offspring: f64,
    /// Present contribution to the intensity, events per second.
    intensity: f64,
}

/// The market's clockwork.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    /// Spontaneous events per second.
    base: f64,
    scales: [Scale; 4],
    /// Mean of the time that the venue needs for an event, in nanoseconds.
    service_ns: f64,
}

/// Time constants of clusters in a liquid market, in seconds, and direct offspring on each.
const SCALES: [(f64, f64); 4] = [(10e-6, 0.28), (120e-6, 0.26), (3e-3, 0.17), (0.4, 0.12)];

/// At high rates the constants shrink to these multiples of the mean gap, so that clusters stay
/// clusters.
const SCALES_IN_GAPS: [f64; 4] = [0.05, 0.5, 5.0, 100.0];

/// Longest mean service time, in nanoseconds, and its largest share of the mean gap.
const SERVICE_NS: f64 = 400.0;
const SERVICE_SHARE: f64 = 0.1;

/// Time constants after which excitement counts as gone.
const FORGOTTEN: f64 = 40.0;

impl Arrivals {
    /// Creates a process with `rate` events per second in the long run.
    pub(crate) fn new(rate: f64) -> Self {
        let gap = 1.0 / rate;
        let service = (SERVICE_NS * 1e-9).min(gap * SERVICE_SHARE);
        let free_rate = 1.0 / (gap - service);
        let branching: f64 = SCALES.iter().map(|scale| scale.1).sum();
        let mut scales = [Scale {
            seconds: 0.0,
            decay: 0.0,
            offspring: 0.0,
            intensity: 0.0,
        }; 4];
        for (index, scale) in scales.iter_mut().enumerate() {
            let (longest, offspring) = SCALES[index];
            let seconds = longest.min(SCALES_IN_GAPS[index] * gap);
            *scale = Scale {
                seconds,
                decay: 1.0 / seconds,
                offspring,
                // The stationary mean, so that the opening is no different from what follows.
                intensity: offspring * free_rate,
            };
        }
        Self {
            base: (1.0 - branching) * free_rate,
            scales,
            service_ns: service * 1e9,
        }
    }

    /// Draws the time to the next event in nanoseconds, while the base rate is multiplied by
    /// `activity`.
    pub(crate) fn next_gap(&mut self, dice: &mut Dice, activity: f64) -> u64 {
        let mut gap = f64::INFINITY;
        for scale in &self.scales {
            let draw = dice.unit();
            // -ln(1 - x) >= x bounds a candidate from below: most are out before a logarithm.
            if draw >= (gap * scale.intensity).min(scale.intensity * scale.seconds) {
                continue;
            }
            let spent = -libm::log(1.0 - draw) / (scale.intensity * scale.seconds);
            if spent < (gap * scale.decay).min(1.0) {
                gap = gap.min(-libm::log(1.0 - spent) * scale.seconds);
            }
        }
        let base = self.base * activity;
        let draw = dice.unit();
        if draw < gap * base {
            gap = gap.min(-libm::log(1.0 - draw) / base);
        }
        for scale in &mut self.scales {
            let faded = scale.decay * gap;
            scale.intensity *= if faded < FORGOTTEN {
                libm::exp(-faded)
            } else {
                0.0
            };
            scale.intensity += scale.offspring * scale.decay;
        }
        whole_ns(gap * 1e9 + self.service_ns * (0.5 + dice.unit()))
    }
}

/// Rounds a time down to whole nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "gaps are positive; the cast saturates, and centuries are no gap"
)]
fn whole_ns(ns: f64) -> u64 {
    ns as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(rate: f64, count: usize) -> Vec<u64> {
        let (mut arrivals, mut dice) = (Arrivals::new(rate), Dice::new(11));
        (0..count)
            .map(|_| arrivals.next_gap(&mut dice, 1.0))
            .collect()
    }

    #[test]
    fn the_long_run_rate_is_the_one_asked_for() {
        for rate in [15.0, 1e3, 8e5] {
            let total: u64 = gaps(rate, 1_000_000).iter().sum();
            let found = 1e6 / std::time::Duration::from_nanos(total).as_secs_f64();
            assert!((found / rate - 1.0).abs() < 0.05, "{found} for {rate}");
        }
    }

    #[test]
    fn events_come_in_clusters() {
        // A Poisson process has half of its gaps below 0.69 of the mean.
        let mut gaps = gaps(1e3, 100_000);
        gaps.sort_unstable();
        let mean = gaps.iter().sum::<u64>() / 100_000;
        assert!(gaps[50_000] < mean / 5, "{} of {mean}", gaps[50_000]);
    }
}
