//! Rows of `depth_and_flow_1s` put together into windows again.

use vp_lake::tables::Batch;
use vp_market::Side;

use super::DepthAndFlow;

/// Gathers rows into windows, however the batches fall. Only the current window is held.
#[derive(Clone, Debug, Default)]
pub struct FlowWindows {
    window: DepthAndFlow,
}

/// A batch that is being taken apart.
#[derive(Debug)]
struct Current<'a> {
    batch: &'a Batch,
    is_bid: Vec<bool>,
    is_valid: Vec<bool>,
    /// The first row that has not been taken.
    row: usize,
}

impl FlowWindows {
    /// Takes in a batch that has all columns of the table, and hands out every window that it ends.
    pub fn push(&mut self, batch: &Batch, mut each: impl FnMut(&DepthAndFlow)) {
        let mut current = Current::new(batch);
        while !current.is_empty() {
            if !self.window.is_empty() && self.window.window_end_ts_ns != current.window_end() {
                self.finish(&mut each);
            }
            current.add_to(&mut self.window);
        }
    }

    /// Hands out the window that is open.
    pub fn finish(&mut self, mut each: impl FnMut(&DepthAndFlow)) {
        if !self.window.is_empty() {
            each(&self.window);
            self.window.clear();
        }
    }
}

impl<'a> Current<'a> {
    fn new(batch: &'a Batch) -> Self {
        let bid = Side::Bid.letter();
        let is_bid = batch
            .text("side")
            .map(|side| side.starts_with(bid))
            .collect();
        Self {
            batch,
            is_bid,
            is_valid: batch.bool("window_valid"),
            row: 0,
        }
    }

    fn is_empty(&self) -> bool {
        self.row == self.is_bid.len()
    }

    /// Returns the end of the window that the next row is of.
    fn window_end(&self) -> i64 {
        self.batch.i64("window_end_ts_ns")[self.row]
    }

    /// Adds the next rows of one window to it; an empty one becomes the window of the next row.
    fn add_to(&mut self, window: &mut DepthAndFlow) {
        let (batch, first) = (self.batch, self.row);
        let ends = batch.i64("window_end_ts_ns");
        if window.is_empty() {
            window.window_start_ts_ns = batch.i64("window_start_ts_ns")[first];
            window.window_end_ts_ns = ends[first];
            window.spot_ref_price_int = Some(batch.i64("spot_ref_price_int")[first]);
            window.window_valid = self.is_valid[first];
        }
        let is_other = |end: &i64| *end != window.window_end_ts_ns;
        let count = ends[first..].iter().position(is_other);
        let end = count.map_or(ends.len(), |count| first + count);
        let rows = first..end;
        window.bid_count += self.is_bid[rows.clone()].iter().filter(|bid| **bid).count();
        window
            .price_int
            .extend_from_slice(&batch.i64("price_int")[rows.clone()]);
        for (column, name) in [
            (&mut window.rel_ticks, "rel_ticks"),
            (&mut window.rel_ticks_side, "rel_ticks_side"),
        ] {
            column.extend_from_slice(&batch.i32(name)[rows.clone()]);
        }
        for (column, name) in [
            (&mut window.depth_qty_start, "depth_qty_start"),
            (&mut window.depth_qty_end, "depth_qty_end"),
            (&mut window.add_qty, "add_qty"),
            (&mut window.pull_qty, "pull_qty"),
            (&mut window.depth_qty_rest, "depth_qty_rest"),
            (&mut window.pull_qty_rest, "pull_qty_rest"),
            (&mut window.fill_qty, "fill_qty"),
        ] {
            column.extend_from_slice(&batch.f64(name)[rows.clone()]);
        }
        self.row = end;
    }
}
