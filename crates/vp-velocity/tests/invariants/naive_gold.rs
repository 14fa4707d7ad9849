//! Gold once more, as plainly as the specification reads: a map of cells, and every sum in the
//! order in which it is written there. It shares no code with the real one.

use std::collections::BTreeMap;

use vp_market::Side;
use vp_velocity::silver::DepthAndFlow;

/// What a cell remembers.
#[derive(Clone, Copy, Debug)]
struct Memory {
    emas: [f64; 4],
    du_dt: f64,
}

/// The naive gold.
#[derive(Clone, Debug)]
pub(crate) struct NaiveGold {
    half_width: i32,
    cells: BTreeMap<(Side, i32), Memory>,
}

/// The fields of a row by name.
pub(crate) type Fields = BTreeMap<&'static str, f64>;

impl NaiveGold {
    pub(crate) fn new(half_width: i32) -> Self {
        Self {
            half_width,
            cells: BTreeMap::new(),
        }
    }

    /// Returns the rows of each side that has any, by their distance from the spot.
    pub(crate) fn apply(&mut self, silver: &DepthAndFlow) -> BTreeMap<Side, BTreeMap<i32, Fields>> {
        let mut sides = BTreeMap::new();
        if silver.spot_ref_price_int.is_none() {
            return sides;
        }
        for side in Side::BOTH {
            let rows: Vec<_> = silver.rows_of(side).collect();
            let mut axis: BTreeMap<i32, Fields> = BTreeMap::new();
            for row in rows {
                let rel_ticks = silver.rel_ticks[row];
                if rel_ticks.abs() <= self.half_width {
                    axis.insert(rel_ticks, self.own_fields(side, silver, row));
                }
            }
            if !axis.is_empty() {
                let axis = (-self.half_width..=self.half_width)
                    .map(|k| (k, self.along_the_axis(&axis, k)))
                    .collect();
                sides.insert(side, axis);
            }
        }
        sides
    }

    fn own_fields(&mut self, side: Side, silver: &DepthAndFlow, row: usize) -> Fields {
        let rows = silver;
        let start = rows.depth_qty_start[row];
        let end = rows.depth_qty_end[row];
        let intensity = |quantity: f64| quantity / (start + 1.0);
        let add = intensity(rows.add_qty[row]);
        let fill = intensity(rows.fill_qty[row]);
        let pull = intensity(rows.pull_qty[row]);
        let u = add - pull - fill;
        let key = (side, rows.rel_ticks[row]);
        let before = self.cells.get(&key).copied();
        let memory = before.unwrap_or(Memory {
            emas: [u; 4],
            du_dt: 0.0,
        });
        let mut emas = memory.emas;
        for (ema, n) in emas.iter_mut().zip([2.0, 8.0, 32.0, 128.0]) {
            let alpha = 1.0 - f64::exp(-1.0 / n);
            *ema += alpha * (u - *ema);
        }
        let du_dt = emas[0] - memory.emas[0];
        let d2u_dt2 = if before.is_some() {
            du_dt - memory.du_dt
        } else {
            0.0
        };
        self.cells.insert(key, Memory { emas, du_dt });
        let [ema_2, ema_8, ema_32, ema_128] = emas;
        let (fast, mid, slow) = (ema_2 - ema_8, ema_8 - ema_32, ema_32 - ema_128);
        let rho = (1.0 + end).ln();
        let phi_rest = rows.depth_qty_rest[row] / (end + 1.0);
        let (u_p, u_p_slow) = (phi_rest * ema_8, phi_rest * ema_32);
        Fields::from([
            ("add_intensity", add),
            ("fill_intensity", fill),
            ("pull_intensity", pull),
            ("liquidity_velocity", u),
            ("u_ema_2", ema_2),
            ("u_ema_8", ema_8),
            ("u_ema_32", ema_32),
            ("u_ema_128", ema_128),
            ("u_band_fast", fast),
            ("u_band_mid", mid),
            ("u_band_slow", slow),
            (
                "u_wave_energy",
                (fast * fast + mid * mid + slow * slow).sqrt(),
            ),
            ("du_dt", du_dt),
            ("d2u_dt2", d2u_dt2),
            ("rho", rho),
            ("phi_rest", phi_rest),
            ("u_p", u_p),
            ("u_p_slow", u_p_slow),
            (
                "Omega",
                rho * (0.5 + 0.5 * phi_rest) * (1.0 + u_p_slow.max(0.0)),
            ),
            ("pressure_grad", if side == Side::Bid { u_p } else { -u_p }),
        ])
    }

    fn along_the_axis(&self, axis: &BTreeMap<i32, Fields>, k: i32) -> Fields {
        let mut fields = axis.get(&k).cloned().unwrap_or_default();
        let near = |name, k| self.smoothed(axis, name, k, 6.0, 16);
        let far = |name, k| self.smoothed(axis, name, k, 24.0, 64);
        let (u_near, u_far) = (near("u_ema_8", k), far("u_ema_32", k));
        let (omega_near, omega_far) = (near("Omega", k), far("Omega", k));
        let (lower, upper) = (near("u_ema_8", k - 1), near("u_ema_8", k + 1));
        let is_end = k.abs() == self.half_width;
        let inside = |value: f64| if is_end { 0.0 } else { value };
        let omega_prom = omega_near - omega_far;
        let nu = 1.0 + omega_near + 2.0 * omega_prom.max(0.0);
        fields.extend([
            ("u_near", u_near),
            ("u_far", u_far),
            ("u_prom", u_near - u_far),
            ("du_dx", inside((upper - lower) / 2.0)),
            ("d2u_dx2", inside(upper - 2.0 * u_near + lower)),
            ("Omega_near", omega_near),
            ("Omega_far", omega_far),
            ("Omega_prom", omega_prom),
            ("nu", nu),
            ("kappa", 1.0 / nu),
        ]);
        fields
    }

    fn smoothed(
        &self,
        axis: &BTreeMap<i32, Fields>,
        name: &str,
        k: i32,
        sigma: f64,
        radius: i32,
    ) -> f64 {
        if k.abs() > self.half_width - radius {
            return 0.0;
        }
        let weight = |n: i32| (-0.5 * (f64::from(n) / sigma).powi(2)).exp();
        let total: f64 = (-radius..=radius).map(weight).sum();
        let value = |n: i32| axis.get(&(k + n)).map_or(0.0, |fields| fields[name]);
        (-radius..=radius)
            .map(|n| weight(n) * value(n))
            .sum::<f64>()
            / total
    }
}
