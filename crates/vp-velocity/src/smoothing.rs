//! Smoothing along a dense axis.

/// Neighbouring cells that are computed together: eight running sums fill the vector registers of
/// any x86-64 without leaving them.
const BLOCK: usize = 8;

/// A normalized Gaussian kernel of finite radius.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// The weights at distances 0 … radius, in cells; with both sides they add up to 1.
    weights: Vec<f64>,
}

impl Gaussian {
    /// Returns the kernel of that standard deviation and radius, both in cells.
    pub fn new(sigma: f64, radius: usize) -> Self {
        let raw: Vec<f64> = (0..=radius)
            .map(|distance| {
                #[expect(clippy::cast_precision_loss, reason = "a radius is far below 2^52")]
                let scaled = distance as f64 / sigma;
                libm::exp(-0.5 * scaled * scaled)
            })
            .collect();
        let sum = raw[0] + 2.0 * raw[1..].iter().sum::<f64>();
        Self {
            weights: raw.iter().map(|weight| weight / sum).collect(),
        }
    }

    /// Returns how far the kernel reaches to each side, in cells.
    pub fn radius(&self) -> usize {
        self.weights.len() - 1
    }

    /// Writes the smoothed `values` into `smoothed`, cell by cell; outside the axis all is zero.
    ///
    /// Cells are added from the nearest pair outwards, so that equal input gives equal bits.
    ///
    /// # Panics
    /// If the two differ in length.
    pub fn smooth(&self, values: &[f64], smoothed: &mut [f64]) {
        self.smooth_inside(values, smoothed);
        let radius = self.radius();
        let cell_count = values.len();
        let is_inside = |cell: usize| radius <= cell && cell + radius < cell_count;
        for cell in (0..cell_count).filter(|&cell| !is_inside(cell)) {
            let mut sum = values[cell] * self.weights[0];
            let at = |cell: Option<usize>| cell.and_then(|cell| values.get(cell)).copied();
            for (distance, weight) in self.weights.iter().enumerate().skip(1) {
                let pair = at(cell.checked_sub(distance)).unwrap_or(0.0)
                    + at(cell.checked_add(distance)).unwrap_or(0.0);
                sum += weight * pair;
            }
            smoothed[cell] = sum;
        }
    }

    /// Does the same where the whole kernel lies on the axis; the cells nearer to its ends than
    /// the radius become zero.
    ///
    /// # Panics
    /// If the two differ in length.
    pub fn smooth_inside(&self, values: &[f64], smoothed: &mut [f64]) {
        assert_eq!(values.len(), smoothed.len(), "one axis");
        smoothed.fill(0.0);
        let Some(first) = values.iter().position(|value| *value != 0.0) else {
            return;
        };
        let last = values
            .iter()
            .rposition(|value| *value != 0.0)
            .unwrap_or(first);
        let radius = self.radius();
        // What lies farther from every value than the kernel reaches stays zero.
        let begin = first.saturating_sub(radius).max(radius);
        let end = (last + radius + 1).min(values.len().saturating_sub(radius));
        let mut cell = begin;
        while cell + BLOCK <= end {
            let sums: [f64; BLOCK] = self.block(values, cell, first, last);
            smoothed[cell..cell + BLOCK].copy_from_slice(&sums);
            cell += BLOCK;
        }
        while cell < end {
            let [sum] = self.block(values, cell, first, last);
            smoothed[cell] = sum;
            cell += 1;
        }
    }

    /// Returns the sums of neighbouring cells, given that only `first..=last` holds values.
    ///
    /// Leaving out zeros changes no bit of a sum.
    #[inline]
    fn block<const N: usize>(
        &self,
        values: &[f64],
        cell: usize,
        first: usize,
        last: usize,
    ) -> [f64; N] {
        let end = cell + N;
        // The distances at which any cell of the block meets a value.
        let nearest = cell
            .saturating_sub(last)
            .max((first + 1).saturating_sub(end));
        let farthest = (end - 1)
            .abs_diff(first)
            .max(last.abs_diff(cell))
            .min(self.radius());
        let mut sums = [0.0; N];
        if nearest == 0 {
            for (sum, value) in sums.iter_mut().zip(&values[cell..end]) {
                *sum = value * self.weights[0];
            }
        }
        for distance in nearest.max(1)..=farthest {
            let weight = self.weights[distance];
            let left: &[f64; N] = lanes(values, cell - distance);
            let right: &[f64; N] = lanes(values, cell + distance);
            for lane in 0..N {
                sums[lane] += weight * (left[lane] + right[lane]);
            }
        }
        sums
    }
}

#[inline]
fn lanes<const N: usize>(values: &[f64], from: usize) -> &[f64; N] {
    values[from..from + N]
        .try_into()
        .expect("the slice has N cells")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same sums in the plainest way.
    fn plain(kernel: &Gaussian, values: &[f64]) -> Vec<f64> {
        let at = |cell: Option<usize>| cell.and_then(|c| values.get(c)).copied().unwrap_or(0.0);
        let sum = |cell: usize| {
            let mut sum = values[cell] * kernel.weights[0];
            for (distance, weight) in kernel.weights.iter().enumerate().skip(1) {
                sum += weight * (at(cell.checked_sub(distance)) + at(Some(cell + distance)));
            }
            sum
        };
        (0..values.len()).map(sum).collect()
    }

    fn any_values() -> impl Strategy<Value = Vec<f64>> {
        let value = prop_oneof![2 => Just(0.0), 1 => Just(-0.0), 3 => -1e3..1e3f64];
        let stretch = (
            0..60usize,
            proptest::collection::vec(value, 0..160),
            0..60usize,
        );
        stretch.prop_map(|(before, values, after)| {
            let zeros = |count| std::iter::repeat_n(0.0, count);
            zeros(before).chain(values).chain(zeros(after)).collect()
        })
    }

    proptest! {
        #[test]
        fn the_fast_sums_have_the_bits_of_the_plain_ones(values in any_values(), radius in 0..70usize) {
            let kernel = Gaussian::new(6.0, radius);
            let expected = plain(&kernel, &values);
            let mut smoothed = vec![f64::NAN; values.len()];
            kernel.smooth(&values, &mut smoothed);
            for (found, expected) in smoothed.iter().zip(&expected) {
                // The sign of a zero is not worth an instruction.
                prop_assert_eq!((found + 0.0).to_bits(), (expected + 0.0).to_bits());
            }
            kernel.smooth_inside(&values, &mut smoothed);
            for (cell, found) in smoothed.into_iter().enumerate() {
                let is_inside = cell >= radius && cell + radius < values.len();
                let expected = if is_inside { expected[cell] } else { 0.0 };
                prop_assert_eq!((found + 0.0).to_bits(), (expected + 0.0).to_bits());
            }
        }
    }

    #[test]
    fn a_unit_impulse_becomes_the_kernel() {
        let kernel = Gaussian::new(6.0, 16);
        let mut impulse = [0.0; 41];
        impulse[20] = 1.0;
        let mut smoothed = [0.0; 41];
        kernel.smooth(&impulse, &mut smoothed);
        assert!((smoothed.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((smoothed[26] / smoothed[20] - libm::exp(-0.5)).abs() < 1e-12);
        assert!(smoothed[4] > 0.0 && smoothed[3].abs() < f64::MIN_POSITIVE);
        assert_eq!(kernel.radius(), 16);
    }

    #[test]
    fn beyond_the_axis_there_is_nothing() {
        let mut smoothed = [0.0; 5];
        Gaussian::new(6.0, 16).smooth(&[1.0; 5], &mut smoothed);
        assert!(smoothed.iter().all(|&value| value > 0.0 && value < 0.5));
    }
}
