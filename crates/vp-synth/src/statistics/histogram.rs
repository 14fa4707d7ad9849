//! A histogram of integers with a bounded relative error and a bounded size.
//!
//! Values below 128 are counted exactly, greater ones to 1/64 of themselves. It keeps no values.

/// Binary orders of magnitude above the exact range, each divided into 64.
const BUCKETS: usize = EXACT + 57 * STEPS;
const EXACT: usize = 128;
const STEPS: usize = 64;

/// Counts of values.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    sum: u128,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: vec![0; BUCKETS],
            count: 0,
            sum: 0,
        }
    }
}

impl Histogram {
    /// Counts a value.
    pub fn record(&mut self, value: u64) {
        self.buckets[bucket(value)] += 1;
        self.count += 1;
        self.sum += u128::from(value);
    }

    /// Returns the number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the mean; `None` without values.
    #[expect(clippy::cast_precision_loss, reason = "a mean for people to read")]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// Returns the share of values that are exactly `value`; `None` without values.
    ///
    /// Exact below 128; above, neighbours within 1/64 count as the same value.
    #[expect(clippy::cast_precision_loss, reason = "a share for people to read")]
    pub fn share(&self, value: u64) -> Option<f64> {
        (self.count > 0).then(|| self.buckets[bucket(value)] as f64 / self.count as f64)
    }

    /// Returns the smallest value that at least the share `q` of the values does not exceed, within
    /// 1/64 of itself; `None` without values. `q` is taken into [0, 1].
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank between one and the count"
    )]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let rank = ((q.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).max(1);
        let mut reached = 0;
        let found = self.buckets.iter().position(|count| {
            reached += count;
            reached >= rank
        });
        found.map(lowest)
    }
}

fn bucket(value: u64) -> usize {
    let magnitude = 63 - (value | 1).leading_zeros() as usize;
    if magnitude < 7 {
        return usize::try_from(value).expect("below 128");
    }
    let step = usize::try_from(value >> (magnitude - 6)).expect("seven bits") - STEPS;
    EXACT + (magnitude - 7) * STEPS + step
}

/// Returns the least value of a bucket.
fn lowest(bucket: usize) -> u64 {
    if bucket < EXACT {
        return bucket as u64;
    }
    let (magnitude, step) = ((bucket - EXACT) / STEPS + 7, (bucket - EXACT) % STEPS);
    ((STEPS + step) as u64) << (magnitude - 6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_of_small_values_are_exact() {
        let mut histogram = Histogram::default();
        (1..=100).for_each(|value| histogram.record(value));
        assert_eq!(histogram.quantile(0.5), Some(50));
        assert_eq!(histogram.quantile(0.0), Some(1));
        assert_eq!(histogram.quantile(1.0), Some(100));
        assert_eq!(histogram.mean(), Some(50.5));
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(Histogram::default().mean(), None);
    }

    proptest! {
        #[test]
        fn every_value_falls_within_a_64th_of_its_bucket(value: u64) {
            let found = lowest(bucket(value));
            prop_assert!(found <= value);
            prop_assert!(value - found <= value / 64);
        }
    }
}
