//! Rows of `depth_and_flow_1s` put together into windows again.

use vp_lake::tables::Batch;
use vp_market::Side;

use super::DepthAndFlow;

/// The windows of a table, in the order of its rows.
///
/// Batches come from a closure, so that a window may lie across two of them, and a file be read as
/// a partition is. Only the current batch and window are held.
#[derive(Debug)]
pub struct FlowWindows<S> {
    next_batch: S,
    batch: Option<Current>,
    window: DepthAndFlow,
}

/// A batch that is being taken apart.
#[derive(Debug)]
struct Current {
    batch: Batch,
    is_bid: Vec<bool>,
    /// The first row that has not been taken.
    row: usize,
}

impl<S, E> FlowWindows<S>
where
    S: FnMut() -> Result<Option<Batch>, E>,
{
    /// Returns the windows of the rows that `next_batch` yields, which have all columns of the
    /// table.
    pub fn new(next_batch: S) -> Self {
        Self {
            next_batch,
            batch: None,
            window: DepthAndFlow::default(),
        }
    }

    /// Returns the next window that has rows, or `None` after the last.
    ///
    /// # Errors
    /// What `next_batch` returns.
    pub fn next_window(&mut self) -> Result<Option<&DepthAndFlow>, E> {
        self.window.clear();
        loop {
            let current = match self.batch.as_mut().filter(|current| !current.is_empty()) {
                Some(current) => current,
                None => match (self.next_batch)()? {
                    Some(batch) => self.batch.insert(Current::new(batch)),
                    None => break,
                },
            };
            if current.add_to(&mut self.window) == Continues::No {
                break;
            }
        }
        Ok((!self.window.is_empty()).then_some(&self.window))
    }
}

/// Whether the next batch may hold more of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Continues {
    Perhaps,
    No,
}

impl Current {
    fn new(batch: Batch) -> Self {
        let bid = Side::Bid.letter();
        let is_bid = batch
            .text("side")
            .map(|side| side.starts_with(bid))
            .collect();
        Self {
            batch,
            is_bid,
            row: 0,
        }
    }

    fn is_empty(&self) -> bool {
        self.row == self.is_bid.len()
    }

    /// Moves the rows of one window over: the window's, or those of any if it is empty.
    fn add_to(&mut self, window: &mut DepthAndFlow) -> Continues {
        let (batch, first) = (&self.batch, self.row);
        let ends = batch.i64("window_end_ts_ns");
        if window.is_empty() {
            window.window_start_ts_ns = batch.i64("window_start_ts_ns")[first];
            window.window_end_ts_ns = ends[first];
            window.spot_ref_price_int = Some(batch.i64("spot_ref_price_int")[first]);
            window.window_valid = batch.bool("window_valid")[first];
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
        if self.is_empty() {
            Continues::Perhaps
        } else {
            Continues::No
        }
    }
}
