//! A session as records, and as grids: where ingest, book, engine and replay meet.
//!
//! A [`Session`] can be opened as often as wanted: one of files ([`vp_ingest::SessionSpec`]), one made
//! from a seed ([`SyntheticSession`]), or your own. [`play`] runs it and shows every grid that is
//! emitted. [`GridProducer`] is the same as a [`vp_replay::Producer`], for a replay that is paced,
//! paused or sought. How a grid is shown or sent is not known here.
//!
//! # Examples
//! The grids of ten seconds of a synthetic market, one every 100 ms of event time:
//! ```
//! use std::ops::ControlFlow;
//!
//! use vp_market::{ProductTable, ProductType};
//! use vp_replay::{ReplaySettings, Speed};
//! use vp_session::{SyntheticSession, grid_config, play};
//! use vp_synth::SynthConfig;
//!
//! let market = SynthConfig::preset("ESH6")?.with_seed(7);
//! let instrument = ProductTable::embedded().instrument(ProductType::FutureMbo, "ESH6")?;
//! let end_ns = market.start_ns() + 10_000_000_000;
//! let settings = ReplaySettings {
//!     throttle_ns: 100_000_000,
//!     speed: Speed::UNPACED,
//!     ..ReplaySettings::default()
//! };
//! let mut grids = 0;
//! play(SyntheticSession::new(market, end_ns), grid_config(&instrument), settings, |moment| {
//!     let grid = moment.engine.grid();
//!     assert!(grid.best_bid() < grid.best_ask());
//!     grids += 1;
//!     ControlFlow::Continue(())
//! })?;
//! assert!(grids > 50);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod play;
mod producer;
mod session;
mod synthetic;
mod tape;

pub use play::play;
pub use producer::{Checkpoint, GridProducer, Moment, View};
pub use session::{AnyRecords, AnySession, Records, Session, SessionError, grid_config};
pub use synthetic::{SyntheticRecords, SyntheticSession};
pub use tape::{Tape, Trade};
