//! Options: the depth and flow of all contracts on one underlying, put together by strike.
//!
//! Two kinds of feed lead to the same surface: order books of futures options, and best quotes of
//! equity options. What an option is worth is not asked.

mod books;
#[cfg(feature = "lake")]
mod columns;
#[cfg(feature = "lake")]
mod flow_gold;
#[cfg(feature = "lake")]
mod flow_windows;
mod flows;
mod gold;
#[cfg(feature = "lake")]
mod gold_stage;
mod quotes;
#[cfg(feature = "lake")]
mod raw_rows;
mod silver;
#[cfg(feature = "lake")]
mod silver_stage;
mod strikes;
mod surface;

pub use books::OptionBook;
#[cfg(feature = "lake")]
pub(crate) use flow_gold::OptionFlowGold;
pub use flows::{InstrumentWindow, SideSums};
pub use gold::{OPTION_FIELDS, OptionGold, OptionGoldWindow};
#[cfg(feature = "lake")]
pub use gold_stage::{build_gold, gold_partition};
pub use quotes::{OptionQuote, Quote};
pub use silver::{
    OptionContract, OptionInstrument, OptionSilver, OptionSnapshot, OptionWindow, SpotWindow,
};
#[cfg(feature = "lake")]
pub use silver_stage::{build_silver, silver_partition};
pub use strikes::StrikeGrid;
pub use surface::StrikeFlow;
