//! Windows of gold as rows of its table.

use vp_lake::tables::{Text, Values};
use vp_market::Side;

use super::surface::{Field, GoldWindow};

/// Rows that are gathered before they are handed on: columns of this length come from memory that
/// was given back before, longer ones from fresh pages.
const ENOUGH_ROWS: usize = 4_096;

/// Rows that are not yet written.
#[derive(Debug)]
pub(super) struct GoldColumns {
    half_width: i32,
    window_end_ts_ns: Vec<i64>,
    spot_ref_price_int: Vec<i64>,
    rel_ticks: Vec<i32>,
    rel_ticks_side: Vec<i32>,
    side: Text,
    fields: [Vec<f64>; Field::ALL.len()],
}

impl GoldColumns {
    /// Returns no rows of an axis of `2 * half_width + 1` cells.
    pub(super) fn new(half_width: u32) -> Self {
        Self {
            half_width: i32::try_from(half_width).expect("an axis is far shorter"),
            window_end_ts_ns: Vec::new(),
            spot_ref_price_int: Vec::new(),
            rel_ticks: Vec::new(),
            rel_ticks_side: Vec::new(),
            side: Text::default(),
            fields: std::array::from_fn(|_| Vec::new()),
        }
    }

    /// Appends a window, asks first, and returns whether there is enough to be written.
    pub(super) fn push(&mut self, window: &GoldWindow) -> bool {
        for side in [Side::Ask, Side::Bid] {
            let Some(surface) = window.surface(side) else {
                continue;
            };
            self.rel_ticks.extend(-self.half_width..=self.half_width);
            self.rel_ticks_side
                .extend_from_slice(surface.rel_ticks_side());
            for (field, column) in Field::ALL.into_iter().zip(&mut self.fields) {
                column.extend_from_slice(surface.column(field));
            }
            let letter = side.letter().to_string();
            surface
                .rel_ticks_side()
                .iter()
                .for_each(|_| self.side.push(&letter));
        }
        let count = self.rel_ticks.len();
        self.window_end_ts_ns
            .resize(count, window.window_end_ts_ns());
        self.spot_ref_price_int
            .resize(count, window.spot_ref_price_int());
        count >= ENOUGH_ROWS
    }

    /// Returns the rows column by column, and forgets them.
    pub(super) fn take(&mut self) -> Vec<Values> {
        let rows = std::mem::replace(self, Self::new(self.half_width.unsigned_abs()));
        let mut values = vec![
            Values::I64(rows.window_end_ts_ns.clone()),
            Values::I64(rows.window_end_ts_ns),
            Values::I64(rows.spot_ref_price_int),
            Values::I32(rows.rel_ticks),
            Values::I32(rows.rel_ticks_side),
            Values::Text(rows.side),
        ];
        values.extend(rows.fields.into_iter().map(Values::F64));
        values
    }
}
