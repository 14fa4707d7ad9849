//! The dense surface of one window: a column a field, a row a distance from the spot.

use vp_market::Side;

use crate::smoothing::Gaussian;

macro_rules! fields {
    ($($field:ident = $name:literal),* $(,)?) => {
        /// A column of gold, in the order of the table `physics_surface_1s`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names and their meaning are those of the table's columns")]
        pub enum Field {
            $($field),*
        }

        impl Field {
            /// Every field, in the order of the table.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$field),*];

            /// Returns the name of the column.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name),*
                }
            }
        }
    };
}

fields! {
    AddIntensity = "add_intensity",
    FillIntensity = "fill_intensity",
    PullIntensity = "pull_intensity",
    LiquidityVelocity = "liquidity_velocity",
    UEma2 = "u_ema_2",
    UEma8 = "u_ema_8",
    UEma32 = "u_ema_32",
    UEma128 = "u_ema_128",
    UBandFast = "u_band_fast",
    UBandMid = "u_band_mid",
    UBandSlow = "u_band_slow",
    UWaveEnergy = "u_wave_energy",
    DuDt = "du_dt",
    D2uDt2 = "d2u_dt2",
    UNear = "u_near",
    UFar = "u_far",
    UProm = "u_prom",
    DuDx = "du_dx",
    D2uDx2 = "d2u_dx2",
    Rho = "rho",
    PhiRest = "phi_rest",
    UP = "u_p",
    UPSlow = "u_p_slow",
    Omega = "Omega",
    OmegaNear = "Omega_near",
    OmegaFar = "Omega_far",
    OmegaProm = "Omega_prom",
    Nu = "nu",
    Kappa = "kappa",
    PressureGrad = "pressure_grad",
}

impl Field {
    /// Returns the field of that column.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Returns whether the field is computed along the axis, and so is there in every cell; the
    /// others are 0 in a cell without a silver row.
    pub const fn is_smoothed(self) -> bool {
        matches!(
            self,
            Self::UNear
                | Self::UFar
                | Self::UProm
                | Self::DuDx
                | Self::D2uDx2
                | Self::OmegaNear
                | Self::OmegaFar
                | Self::OmegaProm
                | Self::Nu
                | Self::Kappa
        )
    }
}

/// How a surface is smoothed along its axis.
#[derive(Clone, Debug)]
pub(crate) struct Smoothing {
    pub(crate) near: Gaussian,
    pub(crate) far: Gaussian,
    /// How many cells at each end do not belong to the axis.
    pub(crate) margin: usize,
    /// The distance between two cells, in ticks or buckets.
    pub(crate) spacing: f64,
}

/// The surface of one side.
///
/// # Shape
/// `2 * half_width + 1` rows in every column; row `half_width` is the spot.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface {
    rel_ticks_side: Vec<i32>,
    columns: [Vec<f64>; Field::ALL.len()],
    /// The cells from the first to the last that has a silver row.
    rows: Option<(usize, usize)>,
}

/// One second of gold.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldWindow {
    pub(super) window_end_ts_ns: i64,
    pub(super) spot_ref_price_int: i64,
    /// Bids and asks.
    surfaces: [Surface; 2],
}

impl GoldWindow {
    pub(super) fn new(half_width: u32) -> Self {
        Self {
            window_end_ts_ns: 0,
            spot_ref_price_int: 0,
            surfaces: [Surface::new(half_width), Surface::new(half_width)],
        }
    }

    /// Returns when the window ended, nanoseconds since the epoch.
    pub const fn window_end_ts_ns(&self) -> i64 {
        self.window_end_ts_ns
    }

    /// Returns the price that the rows count from, in units of 1e-9.
    pub const fn spot_ref_price_int(&self) -> i64 {
        self.spot_ref_price_int
    }

    /// Returns the surface of a side, if that has a silver row in this window.
    pub fn surface(&self, side: Side) -> Option<&Surface> {
        let surface = &self.surfaces[usize::from(side == Side::Ask)];
        (!surface.is_empty()).then_some(surface)
    }

    pub(super) fn surface_mut(&mut self, side: Side) -> &mut Surface {
        &mut self.surfaces[usize::from(side == Side::Ask)]
    }
}

impl Surface {
    pub(crate) fn new(half_width: u32) -> Self {
        let cell_count = 2 * half_width as usize + 1;
        Self {
            rel_ticks_side: vec![0; cell_count],
            columns: std::array::from_fn(|_| vec![0.0; cell_count]),
            rows: None,
        }
    }

    /// Returns how far each cell lies from the side's best price at the window's start, 0 in
    /// cells without a silver row.
    pub fn rel_ticks_side(&self) -> &[i32] {
        &self.rel_ticks_side
    }

    /// Returns a field of every cell.
    pub fn column(&self, field: Field) -> &[f64] {
        &self.columns[field as usize]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_none()
    }

    /// Makes every cell one without a silver row.
    pub(crate) fn clear(&mut self) {
        let Some((first, last)) = self.rows.take() else {
            return;
        };
        self.rel_ticks_side[first..=last].fill(0);
        for field in Field::ALL.into_iter().filter(|field| !field.is_smoothed()) {
            self.columns[field as usize][first..=last].fill(0.0);
        }
    }

    /// Opens a stretch of cells to be written, one for each of its silver rows.
    pub(super) fn stretch(&mut self, first: usize, count: usize) -> Stretch<'_> {
        let last = first + count - 1;
        let (old_first, old_last) = self.rows.unwrap_or((first, last));
        self.rows = Some((old_first.min(first), old_last.max(last)));
        Stretch {
            rel_ticks_side: &mut self.rel_ticks_side[first..=last],
            columns: self
                .columns
                .each_mut()
                .map(|column| &mut column[first..=last]),
        }
    }

    /// Computes what lies along the axis from what is in the cells.
    pub(crate) fn smooth(&mut self, smoothing: &Smoothing) {
        use Field::{
            D2uDx2, DuDx, Kappa, Nu, Omega, OmegaFar, OmegaNear, OmegaProm, UEma8, UEma32, UFar,
            UNear, UProm,
        };
        let Smoothing { near, far, .. } = smoothing;
        let axis = smoothing.margin..self.rel_ticks_side.len() - smoothing.margin;
        for (field, kernel, smoothed) in [
            (UEma8, near, UNear),
            (UEma32, far, UFar),
            (Omega, near, OmegaNear),
            (Omega, far, OmegaFar),
        ] {
            let [values, smoothed] = self.columns([field, smoothed]);
            kernel.smooth_inside(&values[axis.clone()], &mut smoothed[axis.clone()]);
        }
        let [u_near, u_far, u_prom, du_dx, d2u_dx2] =
            self.columns([UNear, UFar, UProm, DuDx, D2uDx2]);
        difference(u_near, u_far, u_prom);
        slopes(
            &u_near[axis.clone()],
            smoothing.spacing,
            &mut du_dx[axis.clone()],
            &mut d2u_dx2[axis],
        );
        let [near, far, prominence, nu, kappa] =
            self.columns([OmegaNear, OmegaFar, OmegaProm, Nu, Kappa]);
        difference(near, far, prominence);
        for (((near, prominence), nu), kappa) in near.iter().zip(&*prominence).zip(nu).zip(kappa) {
            *nu = 1.0 + near + 2.0 * positive(*prominence);
            *kappa = 1.0 / *nu;
        }
    }

    fn columns<const N: usize>(&mut self, fields: [Field; N]) -> [&mut [f64]; N] {
        self.columns
            .get_disjoint_mut(fields.map(|field| field as usize))
            .expect("the fields differ")
            .map(Vec::as_mut_slice)
    }
}

/// Neighbouring cells that are being written.
#[derive(Debug)]
pub(super) struct Stretch<'a> {
    pub(super) rel_ticks_side: &'a mut [i32],
    columns: [&'a mut [f64]; Field::ALL.len()],
}

impl Stretch<'_> {
    /// Returns some fields of the stretch.
    pub(super) fn columns<const N: usize>(&mut self, fields: [Field; N]) -> [&mut [f64]; N] {
        self.columns
            .get_disjoint_mut(fields.map(|field| field as usize))
            .expect("the fields differ")
            .map(|column| &mut **column)
    }
}

/// Returns the value, or 0 where it is negative.
#[inline]
pub(super) fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
}

fn difference(a: &[f64], b: &[f64], out: &mut [f64]) {
    for ((a, b), out) in a.iter().zip(b).zip(out) {
        *out = a - b;
    }
}

/// First and second difference along the axis, 0 at its ends.
fn slopes(values: &[f64], spacing: f64, first: &mut [f64], second: &mut [f64]) {
    let (twice, squared) = (2.0 * spacing, spacing * spacing);
    let inner = values.len() - 1;
    for ((window, first), second) in values
        .windows(3)
        .zip(&mut first[1..inner])
        .zip(&mut second[1..inner])
    {
        *first = (window[2] - window[0]) / twice;
        *second = (window[2] - 2.0 * window[1] + window[0]) / squared;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_where_their_order_says() {
        for (place, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, place);
            assert_eq!(Field::from_name(field.name()), Some(field));
        }
        assert_eq!(Field::from_name("price"), None);
    }
}
