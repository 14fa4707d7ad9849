//! Rows of the options' `depth_and_flow_1s` put together into windows again.

use vp_lake::tables::{Batch, SchemaError, SchemaFault};
use vp_market::{Right, Side};

use super::flows::SideSums;
use super::silver::SpotWindow;
use super::surface::StrikeFlow;

/// Gathers rows into windows, however the batches fall.
#[derive(Clone, Debug, Default)]
pub(super) struct FlowWindows {
    open: Option<SpotWindow>,
    flow: StrikeFlow,
}

impl FlowWindows {
    /// Takes a batch in, and hands out every window that it ends.
    pub(super) fn push(
        &mut self,
        batch: &Batch,
        mut each: impl FnMut(SpotWindow, &StrikeFlow),
    ) -> Result<(), SchemaError> {
        let integers = |name| batch.i64(name);
        let (ends, strikes) = (integers("window_end_ts_ns"), integers("strike_price_int"));
        let spots = integers("spot_ref_price_int");
        let rel_ticks = batch.i32("rel_ticks");
        let is_valid = batch.bool("window_valid");
        let quantities = [
            "depth_qty_start",
            "depth_qty_end",
            "add_qty",
            "pull_qty",
            "fill_qty",
            "depth_qty_rest",
        ]
        .map(|name| (name, batch.f64(name)));
        let texts = batch.text("right").zip(batch.text("side"));
        for (row, (right, side)) in texts.enumerate() {
            let spot = SpotWindow {
                window_end_ts_ns: ends[row],
                spot_ref_price_int: Some(spots[row]),
                book_valid: is_valid[row],
            };
            let is_other = |open: &SpotWindow| open.window_end_ts_ns != spot.window_end_ts_ns;
            if self.open.as_ref().is_some_and(is_other) {
                self.finish(&mut each);
            }
            self.open = Some(spot);
            self.flow.strike_price_int.push(strikes[row]);
            self.flow.rel_ticks.push(rel_ticks[row]);
            let quantities = quantities.map(|(name, values)| (name, values[row]));
            self.push_row((right, side), quantities)?;
        }
        Ok(())
    }

    /// Hands out the window that is open.
    pub(super) fn finish(&mut self, mut each: impl FnMut(SpotWindow, &StrikeFlow)) {
        if let Some(spot) = self.open.take() {
            each(spot, &self.flow);
        }
        self.flow.clear();
    }

    fn push_row(
        &mut self,
        (right, side): (&str, &str),
        quantities: [(&str, f64); 6],
    ) -> Result<(), SchemaError> {
        let [start, end, add, pull, fill, rest] =
            quantities.map(|(name, value)| whole(name, value));
        self.flow
            .right
            .push(letter("right", right, Right::from_letter)?);
        self.flow
            .side
            .push(letter("side", side, Side::from_letter)?);
        self.flow.sums.push(SideSums {
            start: start?,
            end: end?,
            add: add?,
            pull: pull?,
            fill: fill?,
            rest: rest?,
        });
        Ok(())
    }
}

fn letter<T>(column: &str, text: &str, read: impl Fn(u8) -> Option<T>) -> Result<T, SchemaError> {
    let found = match text.as_bytes() {
        &[letter] => read(letter),
        _ => None,
    };
    found.ok_or_else(|| impossible(column, text))
}

/// Returns a quantity as the whole number that it is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no whole number within 2^53 is refused"
)]
fn whole(column: &str, value: f64) -> Result<u64, SchemaError> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    if (0.0..=MOST).contains(&value) && value.fract() == 0.0 {
        Ok(value as u64)
    } else {
        Err(impossible(column, &value.to_string()))
    }
}

fn impossible(column: &str, found: &str) -> SchemaError {
    let found = format!("{found:?}");
    SchemaError::new(column, SchemaFault::Value { found })
}
