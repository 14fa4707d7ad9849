//! The rows of a window: the book's levels and the window's flows, merged by price.

use vp_book::Book;
use vp_market::Side;

use super::flows::{CellFlow, SideFlows};
use super::lattice::CellRange;
use super::window::DepthAndFlow;

/// Merges levels and flows into rows, and keeps the room that it needs for that.
#[derive(Clone, Debug, Default)]
pub(super) struct RowWriter {
    /// Cells of one side with their depth, by price.
    depths: Vec<(i64, u64)>,
}

impl RowWriter {
    /// Appends the rows of both sides.
    pub(super) fn write(
        &mut self,
        book: &Book,
        flows: &mut [SideFlows; 2],
        range: CellRange,
        rows: &mut DepthAndFlow,
    ) {
        for (side, flows) in Side::BOTH.into_iter().zip(flows) {
            self.take_depths(book, side, range);
            let flows = flows.close();
            let first = flows.partition_point(|(cell, _)| *cell < range.lowest);
            let end = flows.partition_point(|(cell, _)| *cell <= range.highest);
            self.merge(&flows[first..end], |cell, depth, flow| {
                push(rows, range, side, cell, depth, flow);
            });
            if side == Side::Bid {
                rows.bid_count = rows.len();
            }
        }
    }

    /// Sums the book's levels into the cells of the range, by price.
    fn take_depths(&mut self, book: &Book, side: Side, range: CellRange) {
        self.depths.clear();
        for level in book.levels(side) {
            let cell = range.cell(level.price);
            let (is_before, is_beyond) = match side {
                Side::Bid => (cell > range.highest, cell < range.lowest),
                Side::Ask => (cell < range.lowest, cell > range.highest),
            };
            if is_beyond {
                break;
            }
            if is_before {
                continue;
            }
            match self.depths.last_mut() {
                Some((last, depth)) if *last == cell => *depth += level.depth,
                _ => self.depths.push((cell, level.depth)),
            }
        }
        if side == Side::Bid {
            self.depths.reverse();
        }
    }

    fn merge(&self, flows: &[(i64, CellFlow)], mut each: impl FnMut(i64, u64, CellFlow)) {
        let mut depths = self.depths.iter().copied().peekable();
        for &(cell, flow) in flows {
            while let Some((lower, depth)) = depths.next_if(|(lower, _)| *lower < cell) {
                each(lower, depth, CellFlow::default());
            }
            let depth = depths.next_if(|(same, _)| *same == cell);
            let depth = depth.map_or(0, |(_, depth)| depth);
            if depth > 0 || flow.is_flow() {
                each(cell, depth, flow);
            }
        }
        depths.for_each(|(cell, depth)| each(cell, depth, CellFlow::default()));
    }
}

fn push(
    rows: &mut DepthAndFlow,
    range: CellRange,
    side: Side,
    cell: i64,
    depth: u64,
    flow: CellFlow,
) {
    let price = range.price_of(cell);
    rows.price_int.push(price);
    rows.rel_ticks.push(range.rel_ticks(cell));
    rows.rel_ticks_side.push(range.rel_ticks_side(price, side));
    let start = (depth + flow.pull + flow.fill).saturating_sub(flow.add);
    rows.depth_qty_start.push(quantity(start));
    rows.depth_qty_end.push(quantity(depth));
    rows.add_qty.push(quantity(flow.add));
    rows.pull_qty.push(quantity(flow.pull));
    rows.depth_qty_rest.push(quantity(depth - flow.young));
    rows.pull_qty_rest.push(quantity(flow.pull_rest));
    rows.fill_qty.push(quantity(flow.fill));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the table's quantities are floats; exact below 2^53"
)]
fn quantity(size: u64) -> f64 {
    size as f64
}
