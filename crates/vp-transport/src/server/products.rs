//! The product table as `/v1/products` shows it: decimals as text, so that they stay exact.

use serde_json::{Map, Value, json};
use vp_market::{Product, ProductTable};

/// Returns the table as JSON.
pub(super) fn table(table: &ProductTable) -> Value {
    let futures: Map<String, Value> = table
        .roots()
        .filter_map(|root| Some((root.to_owned(), product(table.future(root).ok()?))))
        .collect();
    json!({ "futures": futures, "equities": product(table.equity("")) })
}

fn product(product: &Product) -> Value {
    let strikes = product.strikes.map(
        |strikes| json!({ "step_int": strikes.step.nanos(), "max_offsets": strikes.max_offsets }),
    );
    json!({
        "tick_int": product.tick.nanos(),
        "bucket_int": product.bucket.nanos(),
        "grid_max_ticks": product.grid_max_ticks,
        "price_decimals": product.price_decimals(),
        "contract_multiplier": product.multiplier.to_string(),
        "strikes": strikes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_is_listed() {
        let table = ProductTable::embedded();
        let json = super::table(&table);
        assert_eq!(
            json["futures"].as_object().unwrap().len(),
            table.roots().count()
        );
        assert_eq!(json["futures"]["ES"]["tick_int"], 250_000_000);
        assert_eq!(json["equities"]["strikes"], Value::Null);
    }
}
