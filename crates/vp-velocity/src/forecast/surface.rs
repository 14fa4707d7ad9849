//! What the forecast reads of one window's gold: a few fields along the axis around the spot.
//!
//! It is filled cell by cell in any order, or from a window as gold computes it. Where tables come
//! from is not known here.

use vp_market::Side;

use crate::gold::{Field, GoldWindow};

/// How many ticks (equities: buckets) the axis reaches to either side of the spot.
pub const AXIS_TICKS: usize = 200;

/// How many cells the axis has.
pub(super) const CELLS: usize = 2 * AXIS_TICKS + 1;

/// The cell of the spot.
pub(super) const CENTER: usize = AXIS_TICKS;

/// The greatest magnitude that a field is taken at. Real fields stay far below; sums of fields at
/// this bound stay finite.
const BOUND: f64 = 1e100;

/// The fields of a gold row that the forecast reads.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ForecastCell {
    /// `pressure_grad`.
    pub pressure_grad: f64,
    /// `u_near`.
    pub u_near: f64,
    /// `u_p_slow`.
    pub u_p_slow: f64,
    /// `Omega`.
    pub omega: f64,
}

/// The gold of one window along the axis, each field directional: that of the ask side above the
/// spot, that of the bid side below it, 0 at the spot and where nothing was put.
///
/// # Shape
/// 401 cells a field, `rel_ticks` −200 … +200.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastSurface {
    pub(super) pressure_grad: [f64; CELLS],
    pub(super) u_near: [f64; CELLS],
    pub(super) u_p_slow: [f64; CELLS],
    pub(super) omega: [f64; CELLS],
    pub(super) option_omega: [f64; CELLS],
    pub(super) has_options: bool,
    mended: u64,
}

impl Default for ForecastSurface {
    fn default() -> Self {
        Self {
            pressure_grad: [0.0; CELLS],
            u_near: [0.0; CELLS],
            u_p_slow: [0.0; CELLS],
            omega: [0.0; CELLS],
            option_omega: [0.0; CELLS],
            has_options: false,
            mended: 0,
        }
    }
}

impl ForecastSurface {
    /// Empties the surface for the next window. What was counted stays.
    pub fn clear(&mut self) {
        let mended = self.mended;
        *self = Self {
            mended,
            ..Self::default()
        };
    }

    /// Empties the surface and takes a window of gold for it.
    pub fn take(&mut self, window: &GoldWindow) {
        self.clear();
        for side in Side::BOTH {
            let Some(surface) = window.surface(side) else {
                continue;
            };
            let [pressure_grad, u_near, u_p_slow, omega] = [
                Field::PressureGrad,
                Field::UNear,
                Field::UPSlow,
                Field::Omega,
            ]
            .map(|field| surface.column(field));
            // Both axes have the spot in their middle.
            let half_width = i32::try_from(omega.len() / 2).unwrap_or(i32::MAX);
            for (cell, rel_ticks) in (-half_width..=half_width).enumerate() {
                let cell = ForecastCell {
                    pressure_grad: pressure_grad[cell],
                    u_near: u_near[cell],
                    u_p_slow: u_p_slow[cell],
                    omega: omega[cell],
                };
                self.put(side, rel_ticks, cell);
            }
        }
    }

    /// Puts a gold row of the future or equity in its cell. Rows behind the spot as seen from their
    /// side, at the spot, or off the axis do not count and are dropped.
    pub fn put(&mut self, side: Side, rel_ticks: i32, cell: ForecastCell) {
        let is_ahead = match side {
            Side::Ask => rel_ticks > 0,
            Side::Bid => rel_ticks < 0,
        };
        let Some(index) = index_of(rel_ticks).filter(|_| is_ahead) else {
            return;
        };
        self.pressure_grad[index] = self.bounded(cell.pressure_grad);
        self.u_near[index] = self.bounded(cell.u_near);
        self.u_p_slow[index] = self.bounded(cell.u_p_slow);
        self.omega[index] = self.bounded_mass(cell.omega);
    }

    /// Adds the `Omega_opt` of a gold row of the options; rights and sides add up. Rows off the
    /// axis are dropped.
    pub fn add_option(&mut self, rel_ticks: i32, omega_opt: f64) {
        if let Some(index) = index_of(rel_ticks) {
            let omega_opt = self.bounded_mass(omega_opt);
            self.option_omega[index] = (self.option_omega[index] + omega_opt).min(BOUND);
            self.has_options = true;
        }
    }

    /// Returns how many values so far were no number, beyond ±1e100, or a negative Omega, and were
    /// taken as the nearest one that is allowed (no number: 0). No gold holds any.
    pub fn mended(&self) -> u64 {
        self.mended
    }

    fn bounded(&mut self, value: f64) -> f64 {
        self.within(value, -BOUND)
    }

    fn bounded_mass(&mut self, value: f64) -> f64 {
        self.within(value, 0.0)
    }

    fn within(&mut self, value: f64, least: f64) -> f64 {
        if (least..=BOUND).contains(&value) {
            return value;
        }
        self.mended += 1;
        if value.is_nan() {
            return 0.0;
        }
        value.clamp(least, BOUND)
    }
}

fn index_of(rel_ticks: i32) -> Option<usize> {
    let rel_ticks = isize::try_from(rel_ticks).ok()?;
    CENTER
        .checked_add_signed(rel_ticks)
        .filter(|&index| index < CELLS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: ForecastCell = ForecastCell {
        pressure_grad: 1.0,
        u_near: 2.0,
        u_p_slow: 3.0,
        omega: 4.0,
    };

    #[test]
    fn a_field_is_the_asks_above_the_spot_and_the_bids_below() {
        let mut surface = ForecastSurface::default();
        for side in Side::BOTH {
            for rel_ticks in [-200, -1, 0, 1, 200] {
                surface.put(side, rel_ticks, CELL);
            }
        }
        let filled: Vec<usize> = (0..CELLS).filter(|&i| surface.u_near[i] > 0.0).collect();
        assert_eq!(filled, [0, CENTER - 1, CENTER + 1, CELLS - 1]);
        surface.clear();
        assert_eq!(surface, ForecastSurface::default());
    }

    #[test]
    fn rights_and_sides_of_options_add_up_and_what_is_off_the_axis_is_dropped() {
        let mut surface = ForecastSurface::default();
        for rel_ticks in [i32::MIN, -201, 0, 0, 201, i32::MAX] {
            surface.put(Side::Bid, rel_ticks, CELL);
            surface.add_option(rel_ticks, 1.5);
        }
        let mut expected = [0.0; CELLS];
        expected[CENTER] = 3.0;
        let expected = ForecastSurface {
            option_omega: expected,
            has_options: true,
            ..ForecastSurface::default()
        };
        assert_eq!(surface, expected);
    }

    #[test]
    fn values_that_no_gold_holds_are_mended_and_counted() {
        let mut surface = ForecastSurface::default();
        let odd = ForecastCell {
            pressure_grad: f64::NAN,
            u_near: f64::NEG_INFINITY,
            u_p_slow: -1e100,
            omega: -0.5,
        };
        surface.put(Side::Ask, 1, odd);
        surface.add_option(1, f64::INFINITY);
        assert_eq!(surface.mended(), 4);
        let mut expected = ForecastSurface::default();
        let mended = ForecastCell {
            u_near: -1e100,
            u_p_slow: -1e100,
            ..ForecastCell::default()
        };
        expected.put(Side::Ask, 1, mended);
        expected.add_option(1, 1e100);
        expected.mended = 4;
        assert_eq!(surface, expected);
    }
}
