//! The columns of gold that viewers see.

use std::ops::Range;

use vp_lake::tables::Batch;
use vp_market::Side;

/// The fields of a row of gold that viewers see, in order.
pub const VELOCITY_FIELDS: [&str; 7] = [
    "liquidity_velocity",
    "rho",
    "nu",
    "kappa",
    "pressure_grad",
    "u_wave_energy",
    "Omega",
];

/// The fields of a strike that viewers see, in order, without the suffixes that tables have.
pub const STRIKE_FIELDS: [&str; 5] = [
    "liquidity_velocity",
    "pressure_grad",
    "u_wave_energy",
    "nu",
    "Omega",
];

/// The same fields as the gold of options calls them. The last is taken at its maximum, the others
/// are summed.
const OPTION_COLUMNS: [&str; 5] = [
    "liquidity_velocity",
    "pressure_grad_opt",
    "u_opt_wave_energy",
    "nu_opt",
    "Omega_opt",
];

/// What is read of gold.
pub(super) const GOLD_WANTED: [&str; 13] = [
    "window_end_ts_ns",
    "spot_ref_price_int",
    "rel_ticks",
    "side",
    "u_near",
    "u_p_slow",
    "liquidity_velocity",
    "rho",
    "nu",
    "kappa",
    "pressure_grad",
    "u_wave_energy",
    "Omega",
];

/// What is read of the options' gold.
pub(super) const OPTIONS_WANTED: [&str; 9] = [
    "window_end_ts_ns",
    "spot_ref_price_int",
    "strike_price_int",
    "rel_ticks",
    "liquidity_velocity",
    "pressure_grad_opt",
    "u_opt_wave_energy",
    "nu_opt",
    "Omega_opt",
];

/// The rows of a window's gold, in its order: side A before B, `rel_ticks` rising.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VelocityColumns {
    /// How many ticks or buckets from the spot.
    pub rel_ticks: Vec<i32>,
    /// The letter of the side: `A` or `B`.
    pub side: Vec<u8>,
    /// The [`VELOCITY_FIELDS`].
    pub fields: [Vec<f64>; 7],
}

impl VelocityColumns {
    pub(super) fn clear(&mut self) {
        self.rel_ticks.clear();
        self.side.clear();
        self.fields.iter_mut().for_each(Vec::clear);
    }

    pub(super) fn extend(&mut self, batch: &Batch, sides: &[Side], rows: Range<usize>) {
        let letter = |side: &Side| match side {
            Side::Bid => b'B',
            Side::Ask => b'A',
        };
        self.side.extend(sides[rows.clone()].iter().map(letter));
        self.rel_ticks
            .extend_from_slice(&batch.i32("rel_ticks")[rows.clone()]);
        for (column, name) in self.fields.iter_mut().zip(VELOCITY_FIELDS) {
            column.extend_from_slice(&batch.f64(name)[rows.clone()]);
        }
    }
}

/// The strikes of a window, rising, both rights and sides of each taken together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrikeColumns {
    /// How many ticks or buckets from the spot.
    pub rel_ticks: Vec<i32>,
    /// The strike, in 1e-9.
    pub strike_price_int: Vec<i64>,
    /// The [`STRIKE_FIELDS`].
    pub fields: [Vec<f64>; 5],
}

impl StrikeColumns {
    pub(super) fn clear(&mut self) {
        self.rel_ticks.clear();
        self.strike_price_int.clear();
        self.fields.iter_mut().for_each(Vec::clear);
    }

    pub(super) fn extend(&mut self, batch: &Batch, rows: Range<usize>) {
        let (rel_ticks, strikes) = (batch.i32("rel_ticks"), batch.i64("strike_price_int"));
        let values = OPTION_COLUMNS.map(|name| batch.f64(name));
        for row in rows {
            let values = values.map(|column| column[row]);
            let [sums @ .., omega] = &mut self.fields;
            if self.strike_price_int.last() == Some(&strikes[row]) {
                let last = self.strike_price_int.len() - 1;
                for (sum, value) in sums.iter_mut().zip(values) {
                    sum[last] += value;
                }
                omega[last] = omega[last].max(values[sums.len()]);
            } else {
                self.rel_ticks.push(rel_ticks[row]);
                self.strike_price_int.push(strikes[row]);
                for (column, value) in self.fields.iter_mut().zip(values) {
                    column.push(value);
                }
            }
        }
    }
}
