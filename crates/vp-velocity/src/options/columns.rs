//! Windows of options as rows of their tables.

use vp_lake::tables::{Column, Text, Values};
use vp_market::{Right, Side};

use super::gold::{OPTION_FIELDS, OptionGoldWindow, quantity};
use super::silver::{OptionSnapshot, OptionWindow, SpotWindow};
use super::surface::ROWS;
use crate::derived::{chosen, columns_of};
use crate::tables::GOLD_OPTION_SURFACE;

/// Rows that are gathered before they are handed on.
const ENOUGH_ROWS: usize = 16_384;

const SECOND_NS: i64 = 1_000_000_000;

/// Rows of both silver tables that are not yet written.
#[derive(Debug, Default)]
pub(super) struct SilverColumns {
    books: Vec<(SpotWindow, OptionSnapshot)>,
    flows: Vec<OptionWindow>,
    flow_rows: usize,
}

impl SilverColumns {
    /// Appends a window and returns whether there is enough to be written.
    pub(super) fn push(&mut self, window: &OptionWindow) -> bool {
        let books = window.snapshots.iter();
        self.books.extend(books.map(|book| (window.spot, *book)));
        if !window.flow.is_empty() {
            self.flow_rows += window.flow.len();
            self.flows.push(OptionWindow {
                spot: window.spot,
                snapshots: Vec::new(),
                flow: window.flow.clone(),
            });
        }
        self.flow_rows.max(self.books.len()) >= ENOUGH_ROWS
    }

    /// Returns the rows of `book_snapshot_1s`, column by column, and forgets them.
    pub(super) fn take_books(&mut self) -> Vec<Values> {
        let books = std::mem::take(&mut self.books);
        let i64 = |of: fn(&SpotWindow, &OptionSnapshot) -> i64| {
            Values::I64(books.iter().map(|(spot, book)| of(spot, book)).collect())
        };
        let rights = books
            .iter()
            .map(|(_, book)| right_text(book.contract.right));
        let spots = books.iter().map(|(spot, _)| spot.spot_ref_price_int);
        vec![
            i64(|spot, _| spot.window_end_ts_ns - SECOND_NS),
            i64(|spot, _| spot.window_end_ts_ns),
            i64(|_, book| book.instrument_id.into()),
            Values::Text(rights.collect()),
            i64(|_, book| book.contract.strike.nanos()),
            i64(|_, book| book.bid.nanos()),
            i64(|_, book| book.ask.nanos()),
            Values::F64(books.iter().map(|(_, book)| book.mid_price()).collect()),
            i64(|_, book| book.mid_price_int()),
            Values::OptionI64(spots.collect()),
            Values::Bool(books.iter().map(|(spot, _)| spot.book_valid).collect()),
        ]
    }

    /// Returns the rows of `depth_and_flow_1s`, column by column, and forgets them.
    pub(super) fn take_flows(&mut self) -> Vec<Values> {
        self.flow_rows = 0;
        let windows = std::mem::take(&mut self.flows);
        let rows = || {
            windows
                .iter()
                .flat_map(|window| (0..window.flow.len()).map(move |row| (window, row)))
        };
        let i64 = |of: fn(&OptionWindow, usize) -> i64| {
            Values::I64(rows().map(|(window, row)| of(window, row)).collect())
        };
        let f64 = |of: fn(&OptionWindow, usize) -> f64| {
            Values::F64(rows().map(|(window, row)| of(window, row)).collect())
        };
        let sums = |of: fn(&super::SideSums) -> u64| {
            let sum = |(window, row): (&OptionWindow, usize)| quantity(of(&window.flow.sums[row]));
            Values::F64(rows().map(sum).collect())
        };
        let rights = rows().map(|(window, row)| right_text(window.flow.right[row]));
        let sides = rows().map(|(window, row)| side_text(window.flow.side[row]));
        let rel_ticks = rows().map(|(window, row)| window.flow.rel_ticks[row]);
        let is_valid = rows().map(|(window, _)| window.spot.book_valid);
        // Without a spot there are no rows.
        let spots = rows().filter_map(|(window, _)| window.spot.spot_ref_price_int);
        let is_balanced = rows().map(|(window, row)| window.flow.is_balanced(row));
        vec![
            i64(|window, _| window.spot.window_end_ts_ns - SECOND_NS),
            i64(|window, _| window.spot.window_end_ts_ns),
            i64(|window, row| window.flow.strike_price_int[row]),
            f64(|window, row| points(window.flow.strike_price_int[row])),
            Values::Text(rights.collect()),
            Values::Text(sides.collect()),
            Values::I64(spots.collect()),
            Values::I32(rel_ticks.collect()),
            sums(|sums| sums.start),
            sums(|sums| sums.end),
            sums(|sums| sums.add),
            sums(|sums| sums.pull),
            f64(|_, _| 0.0),
            sums(|sums| sums.fill),
            sums(|sums| sums.rest),
            Values::Bool(is_valid.collect()),
            Values::Bool(is_balanced.collect()),
        ]
    }
}

/// How many columns of the table come before the fields.
const KEYS: usize = 8;

/// Rows of gold that are not yet written, of the columns that are wanted.
#[derive(Clone, Debug)]
pub(super) struct GoldColumns {
    /// Of each column of the table, whether it is wanted.
    wanted: Vec<bool>,
    window_end_ts_ns: Vec<i64>,
    spot_ref_price_int: Vec<i64>,
    strike_price_int: Vec<i64>,
    rel_ticks: Vec<i32>,
    right: Text,
    side: Text,
    fields: [Vec<f64>; OPTION_FIELDS.len()],
}

impl GoldColumns {
    /// Returns no rows of the columns `wanted`, of all if none is named.
    pub(super) fn new(wanted: &[&str]) -> Self {
        Self::wanting(chosen(&GOLD_OPTION_SURFACE, wanted))
    }

    fn wanting(wanted: Vec<bool>) -> Self {
        Self {
            wanted,
            window_end_ts_ns: Vec::new(),
            spot_ref_price_int: Vec::new(),
            strike_price_int: Vec::new(),
            rel_ticks: Vec::new(),
            right: Text::default(),
            side: Text::default(),
            fields: std::array::from_fn(|_| Vec::new()),
        }
    }

    /// Appends a window, if there is one. Without a spot there is no gold.
    pub(super) fn extend(&mut self, window: Option<&OptionGoldWindow>) {
        let Some(window) = window else { return };
        let spot = window.spot();
        let Some(spot_ref) = spot.spot_ref_price_int else {
            return;
        };
        for (strike, rel_ticks) in window.strikes() {
            for (right, side) in ROWS {
                self.window_end_ts_ns.push(spot.window_end_ts_ns);
                self.spot_ref_price_int.push(spot_ref);
                self.strike_price_int.push(strike);
                self.rel_ticks.push(rel_ticks);
                self.right.push(right_text(right));
                self.side.push(side_text(side));
            }
        }
        let fields = OPTION_FIELDS.into_iter().zip(&mut self.fields);
        for (((field, _), column), wanted) in fields.zip(&self.wanted[KEYS..]) {
            if !wanted {
                continue;
            }
            let sides = ROWS.map(|(right, side)| window.column(field, right, side));
            for place in 0..sides[0].len() {
                column.extend(sides.map(|values| values[place]));
            }
        }
    }

    /// Returns how many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rel_ticks.len()
    }

    /// Returns the columns that are wanted, in the order of the table.
    pub(super) fn columns(&self) -> Vec<Column> {
        columns_of(&GOLD_OPTION_SURFACE, &self.wanted)
    }

    /// Returns the rows column by column, and forgets them.
    pub(super) fn take(&mut self) -> Vec<Values> {
        let none = Self::wanting(self.wanted.clone());
        let rows = std::mem::replace(self, none);
        let strikes = rows.strike_price_int.iter();
        let strike_points = strikes.map(|&strike| points(strike)).collect();
        let keys = [
            Values::I64(rows.window_end_ts_ns.clone()),
            Values::I64(rows.window_end_ts_ns),
            Values::I64(rows.spot_ref_price_int),
            Values::I64(rows.strike_price_int),
            Values::F64(strike_points),
            Values::I32(rows.rel_ticks),
            Values::Text(rows.right),
            Values::Text(rows.side),
        ];
        let fields = rows.fields.into_iter().map(Values::F64);
        let all = keys.into_iter().chain(fields).zip(rows.wanted);
        all.filter(|(_, wanted)| *wanted)
            .map(|(values, _)| values)
            .collect()
    }
}

fn right_text(right: Right) -> &'static str {
    match right {
        Right::Call => "C",
        Right::Put => "P",
    }
}

fn side_text(side: Side) -> &'static str {
    match side {
        Side::Bid => "B",
        Side::Ask => "A",
    }
}

/// Returns a strike in currency units: a column for people, from which nothing is computed.
#[expect(clippy::cast_precision_loss, reason = "for display")]
fn points(strike: i64) -> f64 {
    strike as f64 / 1e9
}
