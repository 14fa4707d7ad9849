//! Windows of gold as rows of its table.

use vp_lake::tables::{Column, Text, Values};
use vp_market::Side;

use super::surface::{Field, GoldWindow};
use crate::derived::{chosen, columns_of};
use crate::tables::GOLD_SURFACE;

/// How many columns of the table come before the fields.
const KEYS: usize = 6;

/// Rows that are not yet written, of the columns that are wanted.
#[derive(Clone, Debug)]
pub(super) struct GoldColumns {
    half_width: i32,
    /// Of each column of the table, whether it is wanted.
    wanted: Vec<bool>,
    window_end_ts_ns: Vec<i64>,
    spot_ref_price_int: Vec<i64>,
    rel_ticks: Vec<i32>,
    rel_ticks_side: Vec<i32>,
    side: Text,
    fields: [Vec<f64>; Field::ALL.len()],
}

impl GoldColumns {
    /// Returns no rows of an axis of `2 * half_width + 1` cells: of the columns `wanted`, of all if
    /// none is named.
    pub(super) fn new(half_width: u32, wanted: &[&str]) -> Self {
        Self::wanting(
            i32::try_from(half_width).expect("an axis is far shorter"),
            chosen(&GOLD_SURFACE, wanted),
        )
    }

    /// Returns no rows of the same axis, of other columns.
    pub(super) fn with(&self, wanted: &[&str]) -> Self {
        Self::wanting(self.half_width, chosen(&GOLD_SURFACE, wanted))
    }

    fn wanting(half_width: i32, wanted: Vec<bool>) -> Self {
        Self {
            half_width,
            wanted,
            window_end_ts_ns: Vec::new(),
            spot_ref_price_int: Vec::new(),
            rel_ticks: Vec::new(),
            rel_ticks_side: Vec::new(),
            side: Text::default(),
            fields: std::array::from_fn(|_| Vec::new()),
        }
    }

    /// Appends a window, if there is one, asks first.
    pub(super) fn extend(&mut self, window: Option<&GoldWindow>) {
        let Some(window) = window else { return };
        for side in [Side::Ask, Side::Bid] {
            let Some(surface) = window.surface(side) else {
                continue;
            };
            self.rel_ticks.extend(-self.half_width..=self.half_width);
            self.rel_ticks_side
                .extend_from_slice(surface.rel_ticks_side());
            let fields = Field::ALL.into_iter().zip(&mut self.fields);
            for ((field, column), wanted) in fields.zip(&self.wanted[KEYS..]) {
                if *wanted {
                    column.extend_from_slice(surface.column(field));
                }
            }
            let letter = match side {
                Side::Ask => "A",
                Side::Bid => "B",
            };
            for _ in surface.rel_ticks_side() {
                self.side.push(letter);
            }
        }
        let count = self.rel_ticks.len();
        self.window_end_ts_ns
            .resize(count, window.window_end_ts_ns());
        self.spot_ref_price_int
            .resize(count, window.spot_ref_price_int());
    }

    /// Returns how many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rel_ticks.len()
    }

    /// Returns the columns that are wanted, in the order of the table.
    pub(super) fn columns(&self) -> Vec<Column> {
        columns_of(&GOLD_SURFACE, &self.wanted)
    }

    /// Returns the rows column by column, and forgets them.
    pub(super) fn take(&mut self) -> Vec<Values> {
        let none = Self::wanting(self.half_width, self.wanted.clone());
        let rows = std::mem::replace(self, none);
        let keys = [
            Values::I64(rows.window_end_ts_ns.clone()),
            Values::I64(rows.window_end_ts_ns),
            Values::I64(rows.spot_ref_price_int),
            Values::I32(rows.rel_ticks),
            Values::I32(rows.rel_ticks_side),
            Values::Text(rows.side),
        ];
        let fields = rows.fields.into_iter().map(Values::F64);
        let all = keys.into_iter().chain(fields).zip(rows.wanted);
        all.filter(|(_, wanted)| *wanted)
            .map(|(values, _)| values)
            .collect()
    }
}
