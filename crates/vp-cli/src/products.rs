//! The product table that a program works with.

use std::path::Path;

use anyhow::Context;
use vp_lake::read_regular_text;
use vp_market::ProductTable;

/// A product table is never longer.
const MAX_BYTES: u64 = 16 << 20;

/// Returns the product table of a file, or the built-in one.
///
/// # Errors
/// If the file cannot be read or is not a product table.
pub fn products(path: Option<&Path>) -> anyhow::Result<ProductTable> {
    let Some(path) = path else {
        return Ok(ProductTable::embedded());
    };
    let text = read_regular_text(path, MAX_BYTES)
        .with_context(|| format!("the product table {} cannot be read", path.display()))?;
    ProductTable::parse(&text).with_context(|| format!("{} is not a product table", path.display()))
}
