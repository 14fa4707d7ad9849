//! Windows of silver as rows of its two tables.

use vp_lake::tables::{Text, Values};
use vp_market::Side;

use super::window::{BookSnapshot, DepthAndFlow, SilverWindow};

/// Rows that are gathered before they are handed on: columns of this length come from memory that
/// was given back before, longer ones from fresh pages.
const ENOUGH_ROWS: usize = 4_096;

/// Rows of both tables, not yet written.
#[derive(Debug, Default)]
pub(super) struct SilverColumns {
    books: Vec<BookSnapshot>,
    flows: FlowColumns,
}

#[derive(Debug, Default)]
struct FlowColumns {
    window_start_ts_ns: Vec<i64>,
    window_end_ts_ns: Vec<i64>,
    side: Text,
    spot_ref_price_int: Vec<i64>,
    window_valid: Vec<bool>,
    rows: DepthAndFlow,
}

impl SilverColumns {
    /// Appends a window and returns whether there is enough to be written.
    pub(super) fn push(&mut self, window: &SilverWindow) -> bool {
        self.books.push(window.snapshot);
        self.flows.push(&window.rows);
        self.flows.rows.len().max(self.books.len()) >= ENOUGH_ROWS
    }

    /// Returns the rows of `book_snapshot_1s`, column by column, and forgets them.
    pub(super) fn take_books(&mut self) -> Vec<Values> {
        let books = std::mem::take(&mut self.books);
        let i64 = |of: fn(&BookSnapshot) -> i64| Values::I64(books.iter().map(of).collect());
        let price = |of: fn(&BookSnapshot) -> Option<i64>| {
            Values::OptionI64(books.iter().map(of).collect())
        };
        vec![
            i64(|book| book.window_start_ts_ns),
            i64(|book| book.window_end_ts_ns),
            price(|book| book.best_bid_price_int),
            i64(|book| book.best_bid_qty),
            price(|book| book.best_ask_price_int),
            i64(|book| book.best_ask_qty),
            Values::OptionF64(books.iter().map(|book| book.mid_price).collect()),
            price(|book| book.mid_price_int),
            price(|book| book.last_trade_price_int),
            price(|book| book.spot_ref_price_int),
            Values::Bool(books.iter().map(|book| book.book_valid).collect()),
        ]
    }

    /// Returns the rows of `depth_and_flow_1s`, column by column, and forgets them.
    pub(super) fn take_flows(&mut self) -> Vec<Values> {
        let flows = std::mem::take(&mut self.flows);
        let rows = flows.rows;
        vec![
            Values::I64(flows.window_start_ts_ns),
            Values::I64(flows.window_end_ts_ns),
            Values::I64(rows.price_int),
            Values::Text(flows.side),
            Values::I64(flows.spot_ref_price_int),
            Values::I32(rows.rel_ticks),
            Values::I32(rows.rel_ticks_side),
            Values::F64(rows.depth_qty_start),
            Values::F64(rows.depth_qty_end),
            Values::F64(rows.add_qty),
            Values::F64(rows.pull_qty),
            Values::F64(rows.depth_qty_rest),
            Values::F64(rows.pull_qty_rest),
            Values::F64(rows.fill_qty),
            Values::Bool(flows.window_valid),
        ]
    }
}

impl FlowColumns {
    fn push(&mut self, window: &DepthAndFlow) {
        // Without a spot there are no rows.
        let Some(spot_ref) = window.spot_ref_price_int else {
            return;
        };
        let all = &mut self.rows;
        all.price_int.extend_from_slice(&window.price_int);
        all.rel_ticks.extend_from_slice(&window.rel_ticks);
        all.rel_ticks_side.extend_from_slice(&window.rel_ticks_side);
        for (all, some) in [
            (&mut all.depth_qty_start, &window.depth_qty_start),
            (&mut all.depth_qty_end, &window.depth_qty_end),
            (&mut all.add_qty, &window.add_qty),
            (&mut all.pull_qty, &window.pull_qty),
            (&mut all.depth_qty_rest, &window.depth_qty_rest),
            (&mut all.pull_qty_rest, &window.pull_qty_rest),
            (&mut all.fill_qty, &window.fill_qty),
        ] {
            all.extend_from_slice(some);
        }
        let count = all.len();
        self.window_start_ts_ns
            .resize(count, window.window_start_ts_ns);
        self.window_end_ts_ns.resize(count, window.window_end_ts_ns);
        self.spot_ref_price_int.resize(count, spot_ref);
        self.window_valid.resize(count, window.window_valid);
        for side in Side::BOTH {
            let letter = side.letter().to_string();
            (0..window.rows_of(side).len()).for_each(|_| self.side.push(&letter));
        }
    }
}
