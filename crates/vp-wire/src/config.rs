//! The message that a client receives before the first grid or batch.

use serde::{Deserialize, Serialize};

use super::PROTOCOL;
use super::field::Field;
use super::surfaces::Surfaces;

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
    /// `live` or `velocity`.
    pub mode: String,
    /// `dense_grid` or `surfaces`.
    pub stream_format: String,
    /// How this replay was set up.
    #[serde(flatten)]
    pub stream: StreamConfig,
    /// What the messages to come hold.
    #[serde(flatten)]
    pub content: Content,
}

/// What the messages of a stream hold, which depends on its mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// Mode `live`: grids.
    Grids(GridContent),
    /// Mode `velocity`: batches.
    Batches(BatchContent),
}

/// What the grids of a stream look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridContent {
    /// How many rows a grid has.
    pub grid_rows: u32,
    /// The columns of the grids to come, in order.
    pub fields: Vec<Field>,
}

/// What the batches of a stream look like, and how their forecasts are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchContent {
    /// The columns of each surface, in order.
    pub surfaces: Surfaces<Vec<Field>>,
    /// How many ticks or buckets lie between two strikes, where options are followed.
    pub strike_ticks: Option<u32>,
    /// Whether the coefficients were fitted.
    pub calibrated: bool,
    /// How strongly the forecast's force pushes the spot.
    pub beta: f64,
    /// How fast the spot's velocity wears off.
    pub gamma: f64,
    /// How many seconds ahead is forecast.
    pub horizon_s: u32,
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
    /// At least this much event time lies between two grids; 0 for batches, of which none is left
    /// out.
    pub throttle_ms: u64,
    /// `frozen` or `decayed`; batches are frozen.
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
        let content = Content::Grids(GridContent {
            grid_rows: 2 * instrument.half_width + 1,
            fields,
        });
        Self::new(instrument, ["live", "dense_grid"], stream, content)
    }

    /// Returns the message for batches of an instrument.
    pub fn surfaces(
        instrument: &vp_market::RuntimeConfig,
        stream: StreamConfig,
        content: BatchContent,
    ) -> Self {
        let content = Content::Batches(content);
        Self::new(instrument, ["velocity", "surfaces"], stream, content)
    }

    fn new(
        instrument: &vp_market::RuntimeConfig,
        [mode, stream_format]: [&str; 2],
        stream: StreamConfig,
        content: Content,
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
            mode: mode.into(),
            stream_format: stream_format.into(),
            stream,
            content,
        }
    }

    /// Returns what the grids look like, if grids are streamed.
    pub const fn grids(&self) -> Option<&GridContent> {
        match &self.content {
            Content::Grids(content) => Some(content),
            Content::Batches(_) => None,
        }
    }

    /// Returns what the batches look like, if batches are streamed.
    pub const fn batches(&self) -> Option<&BatchContent> {
        match &self.content {
            Content::Batches(content) => Some(content),
            Content::Grids(_) => None,
        }
    }

    /// Encodes the message.
    pub fn encode(&self) -> Vec<u8> {
        super::named_map(self)
    }
}
