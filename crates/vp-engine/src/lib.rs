//! A dense grid of liquidity around the spot, updated at every event of an order book.
//!
//! The engine is a pure state machine: [`Record`]s in, [`Grid`] out. It keeps the limit order book,
//! attributes every change of depth to an add, a pull or a fill, and holds for each of 2K+1 price
//! buckets around the spot the decayed flow, its velocity, acceleration and jerk, and the depth at
//! rest. It has no clock, no file, no socket and no thread, and allocates nothing per record once
//! its tables have grown: the same records give the same bits, on every machine.
//!
//! # Examples
//! ```
//! use vp_engine::{Action, Engine, Flags, GridConfig, Record, Side, TickSize};
//!
//! let tick = TickSize::from_nanos(250_000_000)?;
//! let mut engine = Engine::new(GridConfig::new(tick));
//! let add = |order_id, side, price: &str, size| Record {
//!     ts_event: 1_700_000_000_000_000_000,
//!     order_id,
//!     price: price.parse().ok(),
//!     size,
//!     action: Action::Add,
//!     side: Some(side),
//!     flags: Flags::LAST,
//! };
//! engine.apply(&add(1, Side::Bid, "4800.00", 12));
//! engine.apply(&add(2, Side::Ask, "4800.25", 7));
//!
//! let grid = engine.grid();
//! assert_eq!(grid.spot_price(), "4800.25".parse().ok());
//! assert_eq!(grid.bucket(-1).unwrap().rest_depth, 12);
//! assert_eq!(grid.bucket(0).unwrap().rest_depth, 7);
//! # Ok::<(), vp_engine::TickSizeError>(())
//! ```

#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod buckets;
mod column;
mod config;
mod decay;
mod engine;
mod follower;
mod frame;
mod grid;
mod lineage;
mod open_event;
mod snapshot;
mod state;

pub use buckets::Bucket;
pub use column::Column;
pub use config::{GridConfig, GridConfigError};
pub use engine::{Applied, Engine};
pub use follower::{Follower, GridCopy, Row};
pub use grid::Grid;
pub use snapshot::GridSnapshot;
pub use vp_book::{
    Anomalies, Anomaly, Bbo, Book, Change, Keep, Level, LevelFlow, Phase, QueuedLevel, QueuedOrder,
    Queues, RestingOrder,
};
pub use vp_market::{
    Action, Aggressor, Flags, ParsePriceError, Price, Record, Side, TickSize, TickSizeError,
};
