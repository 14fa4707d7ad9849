//! From the depth and flow of options to their partition of gold.

use vp_lake::Lake;
use vp_lake::tables::{Layer, Partition};
use vp_market::{Instrument, SessionDate};

use super::flow_gold::OptionFlowGold;
use crate::derived;
use crate::stage::{OnAdvance, Outcome, StageError, Task};
use crate::tables::GOLD_OPTION_SURFACE;

/// Returns the gold partition of the options on a contract or ticker.
pub fn gold_partition(lake: &Lake, options: &Instrument, date: SessionDate) -> Partition {
    let (product_type, symbol) = (options.product_type, &options.symbol);
    let table = GOLD_OPTION_SURFACE.name;
    lake.partition(Layer::Gold, product_type, symbol, table, date)
}

/// Makes the gold partition of the options on a contract or ticker from their silver.
///
/// # Errors
/// [`StageError`] if the product table follows no strikes, there is no silver or silver of another
/// grid or schema version, a complete partition was made otherwise, or one cannot be read or written. Nothing has
/// been published then.
pub fn build_gold(
    task: &Task,
    options: &Instrument,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    derived::build_gold::<OptionFlowGold>(task, options, on_advance)
}
