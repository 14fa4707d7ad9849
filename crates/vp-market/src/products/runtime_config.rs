//! The message that every client receives before the first grid: the instrument in numbers.
//!
//! Sending it is left to the transport; only the version is computed here, because every part of
//! the system must name one configuration alike.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Instrument;
use crate::{Price, ProductType, QtyUnit, TickSize};

/// The configuration of one instrument's grid.
///
/// # Units
/// `_int` fields are 1e-9 of the currency unit. The `f64` fields are for display only: nothing is
/// computed from them.
#[derive(Clone, Debug, PartialEq)]
pub struct RuntimeConfig {
    /// The kind of instrument.
    pub product_type: ProductType,
    /// The contract (ESH6) or the ticker.
    pub symbol: String,
    /// The contract's root (ES); for an equity the ticker again.
    pub symbol_root: String,
    /// The smallest price increment.
    pub tick_int: i64,
    /// The width of a grid bucket.
    pub bucket_int: i64,
    /// Buckets to either side of the spot.
    pub half_width: u32,
    /// Ticks to either side of the spot that the velocity pipeline keeps.
    pub grid_max_ticks: u32,
    /// What one unit of size is.
    pub qty_unit: QtyUnit,
    /// How many decimals a price is shown with.
    pub price_decimals: u32,
    /// The currency value of one price unit: 1e-9.
    pub price_scale: f64,
    /// `tick_int` in currency units.
    pub tick_size: f64,
    /// `bucket_int` in currency units.
    pub bucket_size_dollars: f64,
    /// `bucket_int` in currency units again: the distance between two rows of the grid.
    pub rel_tick_size: f64,
    /// The currency value of one point of one contract or share.
    pub contract_multiplier: f64,
}

impl RuntimeConfig {
    /// Returns the configuration of an instrument's grid of `2 * half_width + 1` buckets.
    pub fn new(instrument: &Instrument, half_width: u32) -> Self {
        let product = &instrument.product;
        let bucket_size = increment_for_display(product.bucket);
        Self {
            product_type: instrument.product_type,
            symbol: instrument.symbol.clone(),
            symbol_root: instrument.root.clone(),
            tick_int: product.tick.nanos(),
            bucket_int: product.bucket.nanos(),
            half_width,
            grid_max_ticks: product.grid_max_ticks,
            qty_unit: instrument.product_type.qty_unit(),
            price_decimals: product.price_decimals(),
            price_scale: 1e-9,
            tick_size: increment_for_display(product.tick),
            bucket_size_dollars: bucket_size,
            rel_tick_size: bucket_size,
            contract_multiplier: for_display(product.multiplier),
        }
    }

    /// Returns the version of this configuration: the first 12 hex digits of the SHA-256 of its
    /// fields as JSON, keys sorted, without spaces.
    ///
    /// A float is written as the shortest decimal that reads back as the same float, with at least
    /// one decimal where it has no exponent: `0.25`, `50.0`, `1e-9`.
    pub fn config_version(&self) -> String {
        let digest = Sha256::digest(self.canonical_json());
        let leading = digest[..6]
            .iter()
            .fold(0, |number, &byte| number << 8 | u64::from(byte));
        format!("{leading:012x}")
    }

    fn canonical_json(&self) -> String {
        // An ordered map of its own: the order of `serde_json`'s depends on its features.
        let fields: BTreeMap<&str, Value> = BTreeMap::from([
            ("bucket_int", self.bucket_int.into()),
            ("bucket_size_dollars", self.bucket_size_dollars.into()),
            ("contract_multiplier", self.contract_multiplier.into()),
            ("grid_max_ticks", self.grid_max_ticks.into()),
            ("half_width", self.half_width.into()),
            ("price_decimals", self.price_decimals.into()),
            ("price_scale", self.price_scale.into()),
            ("product_type", self.product_type.name().into()),
            ("qty_unit", self.qty_unit.name().into()),
            ("rel_tick_size", self.rel_tick_size.into()),
            ("symbol", self.symbol.as_str().into()),
            ("symbol_root", self.symbol_root.as_str().into()),
            ("tick_int", self.tick_int.into()),
            ("tick_size", self.tick_size.into()),
        ]);
        serde_json::to_string(&fields).expect("texts and numbers are always JSON")
    }
}

fn increment_for_display(increment: TickSize) -> f64 {
    Price::from_nanos(increment.nanos()).map_or(f64::MAX, for_display)
}

/// Returns the float nearest to the decimal, by way of its text: a division by 1e9 would round
/// twice.
fn for_display(price: Price) -> f64 {
    let text = price.to_string();
    text.parse().expect("a price is written as a plain decimal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProductTable;

    fn config(product_type: ProductType, symbol: &str) -> RuntimeConfig {
        let instrument = ProductTable::embedded().instrument(product_type, symbol);
        RuntimeConfig::new(&instrument.unwrap(), 50)
    }

    #[test]
    fn a_future_is_configured_from_its_root() {
        let config = config(ProductType::FutureMbo, "MYMH6");
        assert_eq!(config.symbol_root, "MYM");
        assert_eq!(
            (config.tick_int, config.bucket_int),
            (1_000_000_000, 1_000_000_000)
        );
        assert_eq!(config.contract_multiplier.to_bits(), 0.5f64.to_bits());
        assert_eq!(config.qty_unit, QtyUnit::Contracts);
    }

    #[test]
    fn the_hashed_text_has_sorted_keys_and_no_spaces() {
        assert_eq!(
            config(ProductType::FutureMbo, "6EH6").canonical_json(),
            concat!(
                r#"{"bucket_int":50000,"bucket_size_dollars":0.00005,"contract_multiplier":125000.0,"#,
                r#""grid_max_ticks":200,"half_width":50,"price_decimals":5,"price_scale":1e-9,"#,
                r#""product_type":"future_mbo","qty_unit":"contracts","rel_tick_size":0.00005,"#,
                r#""symbol":"6EH6","symbol_root":"6E","tick_int":50000,"tick_size":0.00005}"#,
            )
        );
    }

    #[test]
    fn the_version_is_twelve_hex_digits_and_follows_every_field() {
        let config = config(ProductType::EquityMbo, "ARL");
        let version = config.config_version();
        assert_eq!(version.len(), 12);
        assert!(version.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let wider = RuntimeConfig {
            half_width: 51,
            ..config.clone()
        };
        assert_ne!(wider.config_version(), version);
        assert_eq!(config.clone().config_version(), version);
    }
}
