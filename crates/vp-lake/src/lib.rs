//! Paths and dates of the lake: where raw files lie and which of them belong to a session; and, with
//! the feature `tables`, Parquet files.
//!
//! Nothing here knows what a table's columns mean.

mod abandoned;
mod definitions;
mod raw;
mod raw_table;
mod regular;
mod root;
#[cfg(feature = "tables")]
pub mod tables;
mod whole_file;

pub use raw::{LayoutError, RawFile, RawFolder};
pub use raw_table::RawTable;
pub use regular::{irregular, open_regular, read_regular, read_regular_text};
pub use root::{LAKE_VARIABLE, Lake};
pub use whole_file::WholeFile;
