//! Paths and dates of the lake: where raw files lie and which of them belong to a session.
//!
//! Nothing here opens a file, and nothing knows what a table's columns mean.

mod raw;
mod root;

pub use raw::{LayoutError, RawFolder};
pub use root::{LAKE_VARIABLE, Lake};
