//! What each cell of one side remembers, and the fields that follow from its own rows.
//!
//! Rows of neighbouring cells are worked on together, in loops without branches, so that a plain
//! compiler turns them into vector instructions; each cell's own sequence of operations is fixed.

use vp_market::Side;

use super::surface::{Field, Stretch, Surface, positive};
use crate::silver::DepthAndFlow;

/// The spans of the moving averages, in windows.
const SPANS: [f64; 4] = [2.0, 8.0, 32.0, 128.0];

/// Averages below this are zero. What a cell remembers of a flow long past would else end in
/// numbers so small that some processors take a hundred times as long for them, and stay there.
const NOTHING: f64 = 1e-300;

/// What the cells of one side remember.
///
/// # Shape
/// `2 * half_width + 1` in every vector.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    half_width: i64,
    /// `1 − exp(−1/n)` of each span.
    gains: [f64; 4],
    /// The cell has had a row.
    is_known: Vec<bool>,
    emas: [Vec<f64>; 4],
    du_dt: Vec<f64>,
    /// The last depth at the end, and its logarithm.
    depth: Vec<f64>,
    rho: Vec<f64>,
}

/// What one cell remembers, to be kept while it is off the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Memory {
    emas: [f64; 4],
    du_dt: f64,
    depth: f64,
    rho: f64,
}

impl Cells {
    pub(crate) fn new(half_width: u32) -> Self {
        let column = || vec![0.0; 2 * half_width as usize + 1];
        Self {
            half_width: half_width.into(),
            gains: SPANS.map(|span| -libm::expm1(-1.0 / span)),
            is_known: vec![false; 2 * half_width as usize + 1],
            emas: std::array::from_fn(|_| column()),
            du_dt: column(),
            depth: column(),
            rho: column(),
        }
    }

    /// Takes out what a cell remembers, if it has had a row, and leaves one without a past.
    pub(crate) fn take(&mut self, cell: usize) -> Option<Memory> {
        let was_known = std::mem::take(&mut self.is_known[cell]);
        let memory = Memory {
            emas: self
                .emas
                .each_mut()
                .map(|ema| std::mem::take(&mut ema[cell])),
            du_dt: std::mem::take(&mut self.du_dt[cell]),
            depth: std::mem::take(&mut self.depth[cell]),
            rho: std::mem::take(&mut self.rho[cell]),
        };
        was_known.then_some(memory)
    }

    /// Gives a cell a past.
    pub(crate) fn put(&mut self, cell: usize, memory: Memory) {
        self.is_known[cell] = true;
        for (ema, value) in self.emas.iter_mut().zip(memory.emas) {
            ema[cell] = value;
        }
        self.du_dt[cell] = memory.du_dt;
        self.depth[cell] = memory.depth;
        self.rho[cell] = memory.rho;
    }

    /// Takes one side's rows of a window in and writes the fields that are the cells' own.
    pub(crate) fn advance(&mut self, side: Side, rows: &DepthAndFlow, surface: &mut Surface) {
        let mut rows_left = rows.rows_of(side);
        while let Some(first) = rows_left.next() {
            let Some(cell) = self.cell(rows.rel_ticks[first]) else {
                continue;
            };
            let mut end = first + 1;
            while end < rows_left.end
                && i64::from(rows.rel_ticks[end]) == i64::from(rows.rel_ticks[end - 1]) + 1
                && self.cell(rows.rel_ticks[end]).is_some()
            {
                end += 1;
            }
            rows_left.start = end;
            let mut stretch = surface.stretch(cell, end - first);
            self.advance_stretch(side, rows, first..end, cell, &mut stretch);
        }
    }

    fn cell(&self, rel_ticks: i32) -> Option<usize> {
        let cell = usize::try_from(i64::from(rel_ticks) + self.half_width).ok()?;
        (cell < self.rho.len()).then_some(cell)
    }

    /// Takes in rows of neighbouring cells, of which the first is `cell`.
    fn advance_stretch(
        &mut self,
        side: Side,
        rows: &DepthAndFlow,
        range: std::ops::Range<usize>,
        cell: usize,
        stretch: &mut Stretch<'_>,
    ) {
        let cells = cell..cell + range.len();
        stretch
            .rel_ticks_side
            .copy_from_slice(&rows.rel_ticks_side[range.clone()]);
        intensities(rows, range.clone(), stretch);
        self.start_unknown(cells.clone(), stretch);
        self.average(cells.clone(), stretch);
        bands(stretch);
        self.depths(rows, range, cells, stretch);
        pressures(side, stretch);
    }

    /// Lets cells without a past begin as if their first velocity had always been.
    fn start_unknown(&mut self, cells: std::ops::Range<usize>, stretch: &mut Stretch<'_>) {
        let [velocity] = stretch.columns([Field::LiquidityVelocity]);
        for (cell, velocity) in cells.zip(velocity) {
            if !self.is_known[cell] {
                self.is_known[cell] = true;
                self.emas.iter_mut().for_each(|ema| ema[cell] = *velocity);
            }
        }
    }

    fn average(&mut self, cells: std::ops::Range<usize>, stretch: &mut Stretch<'_>) {
        let [u, ema_2, ema_8, ema_32, ema_128, du_dt, d2u_dt2] = stretch.columns([
            Field::LiquidityVelocity,
            Field::UEma2,
            Field::UEma8,
            Field::UEma32,
            Field::UEma128,
            Field::DuDt,
            Field::D2uDt2,
        ]);
        let before = &self.emas[0][cells.clone()];
        let slopes = &mut self.du_dt[cells.clone()];
        for ((((&u, before), slope), du_dt), d2u_dt2) in
            u.iter().zip(before).zip(slopes).zip(du_dt).zip(d2u_dt2)
        {
            let moved = before + self.gains[0] * (u - before);
            *du_dt = moved - before;
            *d2u_dt2 = *du_dt - *slope;
            *slope = *du_dt;
        }
        let columns = [ema_2, ema_8, ema_32, ema_128];
        for ((emas, gain), column) in self.emas.iter_mut().zip(self.gains).zip(columns) {
            for ((ema, u), out) in emas[cells.clone()].iter_mut().zip(&*u).zip(column) {
                let moved = *ema + gain * (u - *ema);
                *ema = if moved.abs() < NOTHING { 0.0 } else { moved };
                *out = *ema;
            }
        }
    }

    fn depths(
        &mut self,
        rows: &DepthAndFlow,
        range: std::ops::Range<usize>,
        cells: std::ops::Range<usize>,
        stretch: &mut Stretch<'_>,
    ) {
        let end = &rows.depth_qty_end[range.clone()];
        let rest = &rows.depth_qty_rest[range];
        let [rho, phi_rest] = stretch.columns([Field::Rho, Field::PhiRest]);
        for ((end, rest), phi_rest) in end.iter().zip(rest).zip(phi_rest) {
            *phi_rest = rest / (end + 1.0);
        }
        // Most depths are what they were a second ago, and a logarithm is dear.
        let known = self.depth[cells.clone()]
            .iter_mut()
            .zip(&mut self.rho[cells]);
        for ((end, (depth, known)), rho) in end.iter().zip(known).zip(rho) {
            if depth.to_bits() != end.to_bits() {
                *depth = *end;
                *known = libm::log(1.0 + end);
            }
            *rho = *known;
        }
    }
}

fn intensities(rows: &DepthAndFlow, range: std::ops::Range<usize>, stretch: &mut Stretch<'_>) {
    let [add, fill, pull, velocity] = stretch.columns([
        Field::AddIntensity,
        Field::FillIntensity,
        Field::PullIntensity,
        Field::LiquidityVelocity,
    ]);
    let start = &rows.depth_qty_start[range.clone()];
    for (column, out) in [
        (&rows.add_qty, &mut *add),
        (&rows.fill_qty, &mut *fill),
        (&rows.pull_qty, &mut *pull),
    ] {
        for ((quantity, start), out) in column[range.clone()].iter().zip(start).zip(out) {
            *out = quantity / (start + 1.0);
        }
    }
    for (((add, pull), fill), velocity) in add.iter().zip(pull).zip(fill).zip(velocity) {
        *velocity = add - *pull - *fill;
    }
}

fn bands(stretch: &mut Stretch<'_>) {
    let [ema_2, ema_8, ema_32, ema_128, fast, mid, slow, energy] = stretch.columns([
        Field::UEma2,
        Field::UEma8,
        Field::UEma32,
        Field::UEma128,
        Field::UBandFast,
        Field::UBandMid,
        Field::UBandSlow,
        Field::UWaveEnergy,
    ]);
    let emas = ema_2.iter().zip(ema_8).zip(ema_32).zip(ema_128);
    let outs = fast.iter_mut().zip(mid).zip(slow).zip(energy);
    for ((((ema_2, ema_8), ema_32), ema_128), (((fast, mid), slow), energy)) in emas.zip(outs) {
        *fast = *ema_2 - *ema_8;
        *mid = *ema_8 - *ema_32;
        *slow = *ema_32 - *ema_128;
        *energy = (*fast * *fast + *mid * *mid + *slow * *slow).sqrt();
    }
}

fn pressures(side: Side, stretch: &mut Stretch<'_>) {
    let [ema_8, ema_32, rho, phi_rest, u_p, u_p_slow, omega, pressure] = stretch.columns([
        Field::UEma8,
        Field::UEma32,
        Field::Rho,
        Field::PhiRest,
        Field::UP,
        Field::UPSlow,
        Field::Omega,
        Field::PressureGrad,
    ]);
    let sign = match side {
        Side::Bid => 1.0,
        Side::Ask => -1.0,
    };
    let ins = ema_8.iter().zip(ema_32).zip(rho).zip(phi_rest);
    let outs = u_p.iter_mut().zip(u_p_slow).zip(omega).zip(pressure);
    for ((((ema_8, ema_32), rho), phi_rest), (((u_p, u_p_slow), omega), pressure)) in ins.zip(outs)
    {
        *u_p = *phi_rest * *ema_8;
        *u_p_slow = *phi_rest * *ema_32;
        *omega = *rho * (0.5 + 0.5 * *phi_rest) * (1.0 + positive(*u_p_slow));
        *pressure = sign * *u_p;
    }
}

#[cfg(test)]
mod tests {
    use crate::gold::Gold;

    use super::*;

    #[test]
    fn what_is_long_past_is_forgotten_for_good() {
        let window = |add_qty: f64| DepthAndFlow {
            window_end_ts_ns: 1_000_000_000,
            spot_ref_price_int: Some(1),
            bid_count: 1,
            price_int: vec![1],
            rel_ticks: vec![0],
            rel_ticks_side: vec![0],
            depth_qty_start: vec![9.0],
            depth_qty_end: vec![9.0],
            add_qty: vec![add_qty],
            pull_qty: vec![0.0],
            depth_qty_rest: vec![9.0],
            pull_qty_rest: vec![0.0],
            fill_qty: vec![0.0],
            ..DepthAndFlow::default()
        };
        let mut gold = Gold::new(64);
        let mut ema_8 = |add_qty: f64| {
            let found = gold
                .apply(&window(add_qty))
                .and_then(|gold| gold.surface(Side::Bid));
            found.map(|surface| surface.column(Field::UEma8)[64])
        };
        assert_eq!(ema_8(5.0), Some(0.5));
        let decayed: Vec<_> = (0..6_000).filter_map(|_| ema_8(0.0)).collect();
        assert!(
            decayed
                .iter()
                .all(|value| *value <= 0.0 || value.is_normal())
        );
        assert_eq!(decayed.last(), Some(&0.0));
    }
}
