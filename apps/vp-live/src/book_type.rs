//! The product types that can be streamed: those of one instrument with an order book of its own.

use anyhow::bail;
use vp_market::ProductType;

/// Reads the name of a product type that can be streamed.
///
/// # Errors
/// For any other text: which ones can be.
pub fn parse(name: &str) -> anyhow::Result<ProductType> {
    let known = ProductType::BOOKS.map(ProductType::name).join(", ");
    match name.parse::<ProductType>() {
        Ok(product_type) if ProductType::BOOKS.contains(&product_type) => Ok(product_type),
        Ok(options) => bail!(
            "{options} is many instruments and has no book of its own to stream, known are: \
             {known}; velocity shows options beside their underlying"
        ),
        Err(unknown) => bail!(
            "unknown product type {:?}, known are: {known}",
            unknown.name
        ),
    }
}
