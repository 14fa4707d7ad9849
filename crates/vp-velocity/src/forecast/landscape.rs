//! The landscape around the spot: where liquidity stands in the way, how easily price passes, and
//! how hard it is pushed at a displacement. Nothing here moves.

use super::surface::{CELLS, CENTER, ForecastSurface};
use crate::Gaussian;

/// The greatest displacement, in ticks. The widest stencil fits the axis at it, so the axis' end
/// values are never asked for.
pub(crate) const MAX_DISPLACEMENT: f64 = 80.0;

/// How much an option's Omega counts beside a future's.
const OPTION_WEIGHT: f64 = 0.70;

const FORCE_RADIUS: usize = 64;
const FORCE_SIGMA: f64 = 12.0;
const DAMPING_RADIUS: usize = 16;
const DAMPING_SIGMA: f64 = 6.0;
const STENCIL: usize = 2 * FORCE_RADIUS + 1;

/// The push at one displacement from the spot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Force {
    /// F: the weighted sum of pressure, each cell's as far as the cell lets it pass.
    pub force: f64,
    /// N: the weighted sum of viscosity.
    pub damping: f64,
}

impl Force {
    /// Returns F/(1 + N).
    pub fn drift(self) -> f64 {
        self.force / (1.0 + self.damping)
    }
}

/// The fields that follow from one surface. Made once and shaped anew for each window.
#[derive(Clone, Debug)]
pub(super) struct Landscape {
    near: Gaussian,
    far: Gaussian,
    options: Gaussian,
    force_weights: [f64; FORCE_RADIUS],
    damping_weights: [f64; DAMPING_RADIUS],
    pressure: [f64; CELLS],
    /// P: how much more liquidity stands here than around here.
    pub(super) prominence: [f64; CELLS],
    nu: [f64; CELLS],
    kappa: [f64; CELLS],
    omega: [f64; CELLS],
    smooth_near: [f64; CELLS],
    smooth_far: [f64; CELLS],
}

impl Landscape {
    pub(super) fn new() -> Self {
        Self {
            near: Gaussian::new(6.0, 16),
            far: Gaussian::new(24.0, 64),
            options: Gaussian::new(8.0, 24),
            force_weights: half_gaussian(FORCE_SIGMA),
            damping_weights: half_gaussian(DAMPING_SIGMA),
            pressure: [0.0; CELLS],
            prominence: [0.0; CELLS],
            nu: [1.0; CELLS],
            kappa: [1.0; CELLS],
            omega: [0.0; CELLS],
            smooth_near: [0.0; CELLS],
            smooth_far: [0.0; CELLS],
        }
    }

    /// Takes the shape of a window.
    pub(super) fn shape(&mut self, surface: &ForecastSurface) {
        self.pressure = surface.pressure_grad;
        self.omega = surface.omega;
        if surface.has_options {
            self.options
                .smooth(&surface.option_omega, &mut self.smooth_near);
            for (omega, smooth) in self.omega.iter_mut().zip(&self.smooth_near) {
                *omega += OPTION_WEIGHT * smooth;
            }
        }
        self.near.smooth(&self.omega, &mut self.smooth_near);
        self.far.smooth(&self.omega, &mut self.smooth_far);
        for cell in 0..CELLS {
            let near = self.smooth_near[cell];
            let prominence = near - self.smooth_far[cell];
            let nu = 1.0 + near + 2.0 * prominence.max(0.0);
            self.prominence[cell] = prominence;
            self.nu[cell] = nu;
            self.kappa[cell] = 1.0 / nu;
        }
    }

    /// Returns the push that is felt `displacement` ticks from the spot, within ±80.
    ///
    /// Pairs of cells at the same distance are added first, and a position is split by magnitude:
    /// a mirrored landscape pushes with the same bits the other way.
    pub(super) fn force_at(&self, displacement: f64) -> Force {
        let stencil = Stencil::at(displacement);
        let (kappa, pressure) = (stencil.of(&self.kappa), stencil.of(&self.pressure));
        let mut flow = [0.0; STENCIL];
        for (flow, (kappa, pressure)) in flow.iter_mut().zip(kappa.zip(pressure)) {
            *flow = kappa * pressure;
        }
        let mut viscosity = [0.0; STENCIL];
        for (viscosity, nu) in viscosity.iter_mut().zip(stencil.of(&self.nu)) {
            *viscosity = nu;
        }
        Force {
            force: weighted_pairs(&self.force_weights, &flow),
            damping: weighted_pairs(&self.damping_weights, &viscosity),
        }
    }
}

/// The cells around a displaced spot, read between the axis' cells. All of them lie at the same
/// fraction between two.
#[derive(Clone, Copy)]
struct Stencil {
    /// The first of the nearer cells.
    start: usize,
    /// The first of the farther cells, one beside.
    beside: usize,
    fraction: f64,
}

impl Stencil {
    fn at(displacement: f64) -> Self {
        let distance = displacement.abs().min(MAX_DISPLACEMENT);
        let whole = distance.floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number between 0 and 80; no number becomes 0"
        )]
        let cells = whole as usize;
        let first = CENTER - FORCE_RADIUS;
        // Cell n of the stencil is read at n − displacement.
        let (start, beside) = if displacement > 0.0 {
            (first - cells, first - cells - 1)
        } else {
            (first + cells, first + cells + 1)
        };
        Self {
            start,
            beside,
            fraction: distance - whole,
        }
    }

    fn of(self, field: &[f64; CELLS]) -> impl Iterator<Item = f64> {
        let here = &field[self.start..self.start + STENCIL];
        let beside = &field[self.beside..self.beside + STENCIL];
        let (near_share, far_share) = (1.0 - self.fraction, self.fraction);
        here.iter()
            .zip(beside)
            .map(move |(here, beside)| here * near_share + beside * far_share)
    }
}

/// Returns `Σ w[n]·(values[n] + values[−n])` around the middle of `values`, n from 1.
fn weighted_pairs(weights: &[f64], values: &[f64; STENCIL]) -> f64 {
    let above = values[FORCE_RADIUS + 1..].iter();
    let below = values[..FORCE_RADIUS].iter().rev();
    let pairs = above.zip(below).map(|(above, below)| above + below);
    weights.iter().zip(pairs).map(|(w, pair)| w * pair).sum()
}

/// Returns weights at distances 1 … N that fall like a Gaussian and add up to 1.
fn half_gaussian<const N: usize>(sigma: f64) -> [f64; N] {
    let mut distance = 0.0;
    let mut weights = [0.0; N];
    for weight in &mut weights {
        distance += 1.0;
        *weight = libm::exp(-0.5 * (distance / sigma) * (distance / sigma));
    }
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

#[cfg(test)]
mod tests {
    use vp_market::Side;

    use super::super::ForecastCell;
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn an_even_landscape_pushes_with_its_pressure_wherever_one_stands() {
        let mut landscape = Landscape::new();
        landscape.pressure = [3.0; CELLS];
        for displacement in [0.0, 0.25, -7.5, 80.0, -80.0] {
            let force = landscape.force_at(displacement);
            // Both sides' weights add up to 1 each.
            close(force.force, 6.0);
            close(force.damping, 2.0);
            close(force.drift(), 2.0);
        }
    }

    #[test]
    fn a_single_cell_is_felt_by_distance_and_between_cells_in_parts() {
        let mut landscape = Landscape::new();
        landscape.pressure[CENTER + 10] = 1.0;
        let weight = |n: usize| landscape.force_weights[n - 1];
        // Cell n is read at n − displacement: the pushing cell appears displacement farther away.
        close(landscape.force_at(0.0).force, weight(10));
        close(landscape.force_at(4.0).force, weight(14));
        close(landscape.force_at(-4.0).force, weight(6));
        close(
            landscape.force_at(4.25).force,
            0.75 * weight(14) + 0.25 * weight(15),
        );
    }

    #[test]
    fn a_wall_of_liquidity_is_thick_and_hard_to_pass() {
        let mut surface = ForecastSurface::default();
        let wall = ForecastCell {
            omega: 40.0,
            ..ForecastCell::default()
        };
        surface.put(Side::Ask, 20, wall);
        let mut landscape = Landscape::new();
        landscape.shape(&surface);
        assert!(landscape.prominence[CENTER + 20] > 0.0 && landscape.prominence[CENTER + 50] < 0.0);
        assert!(landscape.nu[CENTER + 20] > landscape.nu[CENTER - 20]);
        assert!(landscape.kappa[CENTER + 20] < landscape.kappa[CENTER - 20]);
        let without = landscape.nu;

        surface.add_option(-100, 10.0);
        landscape.shape(&surface);
        close(landscape.nu[CENTER + 20], without[CENTER + 20]);
        assert!(landscape.nu[CENTER - 100] > without[CENTER - 100]);
    }
}
