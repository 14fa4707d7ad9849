//! From the depth and flow of an instrument to its partition of gold.

use vp_lake::Lake;
use vp_lake::tables::{Layer, Partition};
use vp_market::{Instrument, SessionDate};

use super::flow::FlowGold;
use crate::derived::build_gold;
use crate::stage::{OnAdvance, Outcome, StageError, Task};
use crate::tables::GOLD_SURFACE;

/// Returns an instrument's partition of gold.
pub fn partition(lake: &Lake, instrument: &Instrument, date: SessionDate) -> Partition {
    let (product_type, symbol) = (instrument.product_type, &instrument.symbol);
    lake.partition(Layer::Gold, product_type, symbol, GOLD_SURFACE.name, date)
}

/// Makes the gold partition of an instrument on a date from its silver, for the session of that.
///
/// # Errors
/// [`StageError`] if there is no silver, or silver of another tick, grid or schema version; if a
/// complete partition was made otherwise, or one cannot be read or written. Nothing has been published then.
pub fn build(
    task: &Task,
    instrument: &Instrument,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    build_gold::<FlowGold>(task, instrument, on_advance)
}
