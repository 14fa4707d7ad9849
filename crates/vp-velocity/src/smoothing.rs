//! Smoothing along a dense axis.

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
        assert_eq!(values.len(), smoothed.len(), "one axis");
        let at = |cell: Option<usize>| cell.and_then(|cell| values.get(cell)).copied();
        for (cell, out) in smoothed.iter_mut().enumerate() {
            *out = values[cell] * self.weights[0];
            for (distance, weight) in self.weights.iter().enumerate().skip(1) {
                let pair = at(cell.checked_sub(distance)).unwrap_or(0.0)
                    + at(cell.checked_add(distance)).unwrap_or(0.0);
                *out += weight * pair;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
