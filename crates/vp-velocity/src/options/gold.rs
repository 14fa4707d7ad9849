//! Gold of options: how liquidity moves at each strike, second by second.
//!
//! The fields are those of the underlying's gold, by the same code; what differs is the axis. A
//! cell is a strike, a right and a side: it keeps its past while the spot moves away and back.

use std::collections::BTreeMap;

use vp_market::{Price, Right, Side, TickSize};

use super::silver::SpotWindow;
use super::strikes::StrikeGrid;
use super::surface::{ROWS, StrikeFlow};
use crate::gold::{Cells, Field, Memory, Smoothing, Surface};
use crate::silver::DepthAndFlow;
use crate::smoothing::Gaussian;

/// The columns of the options' gold: each field with its name, in the order of the table.
pub const OPTION_FIELDS: [(Field, &str); 30] = [
    (Field::AddIntensity, "add_intensity"),
    (Field::FillIntensity, "fill_intensity"),
    (Field::PullIntensity, "pull_intensity"),
    (Field::LiquidityVelocity, "liquidity_velocity"),
    (Field::Rho, "rho_opt"),
    (Field::PhiRest, "phi_rest_opt"),
    (Field::UEma2, "u_opt_ema_2"),
    (Field::UEma8, "u_opt_ema_8"),
    (Field::UEma32, "u_opt_ema_32"),
    (Field::UEma128, "u_opt_ema_128"),
    (Field::UBandFast, "u_opt_band_fast"),
    (Field::UBandMid, "u_opt_band_mid"),
    (Field::UBandSlow, "u_opt_band_slow"),
    (Field::UWaveEnergy, "u_opt_wave_energy"),
    (Field::DuDt, "du_opt_dt"),
    (Field::D2uDt2, "d2u_opt_dt2"),
    (Field::UP, "u_opt_p"),
    (Field::UPSlow, "u_opt_p_slow"),
    (Field::UNear, "u_opt_near"),
    (Field::UFar, "u_opt_far"),
    (Field::UProm, "u_opt_prom"),
    (Field::DuDx, "du_opt_dx"),
    (Field::D2uDx2, "d2u_opt_dx2"),
    (Field::Omega, "Omega_opt"),
    (Field::OmegaNear, "Omega_opt_near"),
    (Field::OmegaFar, "Omega_opt_far"),
    (Field::OmegaProm, "Omega_opt_prom"),
    (Field::Nu, "nu_opt"),
    (Field::Kappa, "kappa_opt"),
    (Field::PressureGrad, "pressure_grad_opt"),
];

/// One second of the options' gold.
#[derive(Clone, Debug)]
pub struct OptionGoldWindow {
    spot: SpotWindow,
    grid: StrikeGrid,
    lowest: i64,
    /// In the order of a strike's rows.
    surfaces: [Surface; ROWS.len()],
    /// The cells of the followed strikes.
    first_cell: usize,
}

impl OptionGoldWindow {
    /// Returns the underlying's window.
    pub fn spot(&self) -> SpotWindow {
        self.spot
    }

    /// Returns the strikes in units of 1e-9, the lowest first, each with how many ticks it lies
    /// from the spot.
    pub fn strikes(&self) -> impl Iterator<Item = (i64, i32)> + '_ {
        let spot = self.spot.price();
        (self.lowest..)
            .take(self.grid.strike_count())
            .map(move |number| {
                let strike = self.grid.strike(number);
                (
                    strike,
                    spot.map_or(0, |spot| self.grid.rel_ticks(strike, spot)),
                )
            })
    }

    /// Returns a field of every strike, the lowest first, for one right and side.
    pub fn column(&self, field: Field, right: Right, side: Side) -> &[f64] {
        let row = match (right, side) {
            (Right::Call, Side::Ask) => 0,
            (Right::Call, Side::Bid) => 1,
            (Right::Put, Side::Ask) => 2,
            (Right::Put, Side::Bid) => 3,
        };
        let surface = &self.surfaces[row];
        &surface.column(field)[self.first_cell..][..self.grid.strike_count()]
    }
}

/// The transform from silver to gold.
#[derive(Clone, Debug)]
pub struct OptionGold {
    half_width: u32,
    smoothing: Smoothing,
    /// In the order of a strike's rows.
    cells: [Cells; ROWS.len()],
    /// What the strikes remember that are off the axis, by number.
    parked: [BTreeMap<i64, Memory>; ROWS.len()],
    /// The number of the strike in the middle of the axis.
    center: Option<i64>,
    rows: DepthAndFlow,
    window: OptionGoldWindow,
}

impl OptionGold {
    /// Returns the transform before the first window. `reach` is how many ticks or buckets the
    /// underlying's axis has to each side.
    pub fn new(grid: StrikeGrid, reach: u32) -> Self {
        let strike_ticks = ratio(grid.step, grid.tick);
        let axis = scaled(reach, strike_ticks);
        let half_width = axis.max(grid.max_offsets);
        let kernel = |sigma: f64, radius: u32| {
            let radius = scaled(radius, strike_ticks).max(1);
            Gaussian::new((sigma / strike_ticks).max(1.0), radius as usize)
        };
        Self {
            half_width,
            smoothing: Smoothing {
                near: kernel(6.0, 16),
                far: kernel(24.0, 64),
                margin: (half_width - axis) as usize,
                spacing: strike_ticks,
            },
            cells: ROWS.map(|_| Cells::new(half_width)),
            parked: ROWS.map(|_| BTreeMap::new()),
            center: None,
            rows: DepthAndFlow::default(),
            window: OptionGoldWindow {
                spot: SpotWindow {
                    window_end_ts_ns: 0,
                    spot_ref_price_int: None,
                    book_valid: false,
                },
                grid,
                lowest: 0,
                surfaces: ROWS.map(|_| Surface::new(half_width)),
                first_cell: (half_width - grid.max_offsets) as usize,
            },
        }
    }

    /// Takes a window in and returns its gold; nothing where it has no row. Windows come in the
    /// order of time.
    pub fn apply(&mut self, spot: SpotWindow, flow: &StrikeFlow) -> Option<&OptionGoldWindow> {
        let price = spot.price()?;
        if flow.is_empty() {
            return None;
        }
        let grid = self.window.grid;
        let center = grid.nearest(price);
        self.move_to(center);
        self.window.spot = spot;
        self.window.lowest = center - i64::from(grid.max_offsets);
        for (index, (right, side)) in ROWS.into_iter().enumerate() {
            self.take_rows(flow, right, side);
            let surface = &mut self.window.surfaces[index];
            surface.clear();
            self.cells[index].advance(side, &self.rows, surface);
            surface.smooth(&self.smoothing);
        }
        Some(&self.window)
    }

    /// Moves the axis: strikes that leave it are parked with what they remember.
    fn move_to(&mut self, center: i64) {
        let Some(old) = self.center.replace(center).filter(|old| *old != center) else {
            return;
        };
        let reach = i64::from(self.half_width);
        for (cells, parked) in self.cells.iter_mut().zip(&mut self.parked) {
            for (cell, number) in
                (old.saturating_sub(reach)..=old.saturating_add(reach)).enumerate()
            {
                if let Some(memory) = cells.take(cell) {
                    parked.insert(number, memory);
                }
            }
            let axis = center.saturating_sub(reach)..=center.saturating_add(reach);
            for (cell, number) in axis.enumerate() {
                if let Some(memory) = parked.remove(&number) {
                    cells.put(cell, memory);
                }
            }
        }
    }

    /// Gathers the rows of one right and side, counted in strikes from the middle of the axis.
    fn take_rows(&mut self, flow: &StrikeFlow, right: Right, side: Side) {
        let (grid, center) = (self.window.grid, self.center.unwrap_or(0));
        let rows = &mut self.rows;
        rows.clear();
        for row in (0..flow.len()).filter(|&r| (flow.right[r], flow.side[r]) == (right, side)) {
            let number = Price::from_nanos(flow.strike_price_int[row])
                .and_then(|strike| grid.number(strike))
                .and_then(|number| i32::try_from(number.checked_sub(center)?).ok());
            let Some(rel_strike) = number else { continue };
            let sums = &flow.sums[row];
            rows.price_int.push(flow.strike_price_int[row]);
            rows.rel_ticks.push(rel_strike);
            rows.rel_ticks_side.push(0);
            rows.depth_qty_start.push(quantity(sums.start));
            rows.depth_qty_end.push(quantity(sums.end));
            rows.add_qty.push(quantity(sums.add));
            rows.pull_qty.push(quantity(sums.pull));
            rows.depth_qty_rest.push(quantity(sums.rest));
            rows.pull_qty_rest.push(0.0);
            rows.fill_qty.push(quantity(sums.fill));
        }
        rows.bid_count = if side == Side::Bid { rows.len() } else { 0 };
    }
}

/// Returns how many ticks lie between two strikes.
#[expect(clippy::cast_precision_loss, reason = "steps are a few hundred ticks")]
fn ratio(step: TickSize, tick: TickSize) -> f64 {
    step.nanos() as f64 / tick.nanos() as f64
}

/// Returns a distance in strikes, halves up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the ticks it came from, or saturated where a step is no tick wide"
)]
fn scaled(ticks: u32, strike_ticks: f64) -> u32 {
    (f64::from(ticks) / strike_ticks + 0.5).floor() as u32
}

/// Returns a sum as the tables hold it.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
pub(crate) fn quantity(sum: u64) -> f64 {
    sum as f64
}
