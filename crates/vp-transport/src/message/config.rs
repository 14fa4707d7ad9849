//! What a viewer is told before the first grid.

use serde::{Deserialize, Serialize};

use super::PROTOCOL;
use super::field::Field;

/// The instrument in numbers, and how the replay was set up.
///
/// # Units
/// `_int` fields are 1e-9 of the currency unit. The `f64` fields are for display only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "runtime_config")]
pub struct RuntimeConfig {
    /// The version of the messages.
    pub protocol: u32,
    /// The kind of instrument.
    pub product_type: String,
    /// The contract or the ticker.
    pub symbol: String,
    /// The contract's root; for an equity the ticker again.
    pub symbol_root: String,
    /// The smallest price increment.
    pub tick_int: i64,
    /// The width of a grid bucket.
    pub bucket_int: i64,
    /// Buckets to either side of the spot.
    pub half_width: u32,
    /// Ticks to either side of the spot that the velocity pipeline keeps.
    pub grid_max_ticks: u32,
    /// What one unit of size is: `contracts` or `shares`.
    pub qty_unit: String,
    /// How many decimals a price is shown with.
    pub price_decimals: u32,
    /// The version of the instrument's configuration: 12 hex digits.
    pub config_version: String,
    /// The currency value of one price unit.
    pub price_scale: f64,
    /// `tick_int` in currency units.
    pub tick_size: f64,
    /// `bucket_int` in currency units.
    pub bucket_size_dollars: f64,
    /// The distance between two rows of the grid, in currency units.
    pub rel_tick_size: f64,
    /// The currency value of one point of one contract or share.
    pub contract_multiplier: f64,
    /// `live`.
    pub mode: String,
    /// `dense_grid`.
    pub stream_format: String,
    /// How this replay was set up.
    #[serde(flatten)]
    pub stream: StreamConfig,
    /// How many rows a grid has.
    pub grid_rows: u32,
    /// The columns of the grids to come, in order.
    pub fields: Vec<Field>,
}

/// How a replay was set up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamConfig {
    /// `file` or `synthetic`.
    pub source: String,
    /// The session's date, `YYYY-MM-DD`.
    pub dt: String,
    /// How fast event time runs; 0 is as fast as it goes.
    pub speed: f64,
    /// From when on grids are emitted, Eastern Time.
    pub start_time: Option<String>,
    /// When the input ends, Eastern Time.
    pub end_time: Option<String>,
    /// At least this much event time lies between two grids.
    pub throttle_ms: u64,
    /// `frozen` or `decayed`.
    pub view: String,
    /// Whether others may watch the same replay.
    pub shared: bool,
}

impl RuntimeConfig {
    /// Returns the message for a dense grid of an instrument.
    pub fn dense_grid(
        instrument: &vp_market::RuntimeConfig,
        stream: StreamConfig,
        fields: Vec<Field>,
    ) -> Self {
        Self {
            protocol: PROTOCOL,
            product_type: instrument.product_type.name().into(),
            symbol: instrument.symbol.clone(),
            symbol_root: instrument.symbol_root.clone(),
            tick_int: instrument.tick_int,
            bucket_int: instrument.bucket_int,
            half_width: instrument.half_width,
            grid_max_ticks: instrument.grid_max_ticks,
            qty_unit: instrument.qty_unit.name().into(),
            price_decimals: instrument.price_decimals,
            config_version: instrument.config_version(),
            price_scale: instrument.price_scale,
            tick_size: instrument.tick_size,
            bucket_size_dollars: instrument.bucket_size_dollars,
            rel_tick_size: instrument.rel_tick_size,
            contract_multiplier: instrument.contract_multiplier,
            mode: "live".into(),
            stream_format: "dense_grid".into(),
            stream,
            grid_rows: 2 * instrument.half_width + 1,
            fields,
        }
    }

    /// Encodes the message.
    pub fn encode(&self) -> Vec<u8> {
        super::named_map(self)
    }
}
