//! The messages between server and viewer, as MessagePack and as JSON.
//!
//! A server message is one map with string keys, `type` first; arrays of numbers are `bin`,
//! little-endian. In JSON the same keys hold arrays of numbers. Nothing here knows a socket, a thread or
//! a clock, so that it compiles to `wasm32-unknown-unknown`, too.
//!
//! A server encodes: [`GridFrame`] brings the frame of one grid to the next. A client decodes:
//! [`Decoder`] turns each frame into a [`ServerMessage`]. [`write_frame`] and [`read_frame`] put frames
//! one behind the other into a file.

mod client;
mod config;
mod decode;
mod error;
mod field;
mod frames;
mod grid;
mod grid_frame;
mod numbers;
mod status;
mod surfaces;

pub use client::{ClientMessage, MAX_CLIENT_MESSAGE, ParseError};
pub use config::{BatchContent, Content, GridContent, RuntimeConfig, StreamConfig};
pub use decode::{DecodeError, Decoder};
pub use error::{Error, ErrorCode};
pub use field::{DType, Field, Float, SelectError};
pub use frames::{FrameError, read_frame, write_frame};
pub use grid::{Column, GridUpdate, MAX_TRADES, Trade};
pub use grid_frame::GridFrame;
pub use numbers::Numbers;
pub use status::Status;
pub use surfaces::{Batch, Surfaces, Table};

/// The version of the messages. A client that meets a higher one stops.
pub const PROTOCOL: u32 = 1;

/// A message of a server.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum ServerMessage {
    /// What is streamed, before the first grid or batch and after every restart and seek.
    RuntimeConfig(Box<RuntimeConfig>),
    /// One emission of the dense grid.
    GridUpdate(GridUpdate<'static>),
    /// One window of the velocity stream.
    Batch(Batch<'static>),
    /// Where the replay stands.
    Status(Status),
    /// What went wrong.
    Error(Error),
}

impl ServerMessage {
    /// Returns the message as one line of JSON, without the line's end.
    #[expect(clippy::missing_panics_doc, reason = "it cannot happen")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("keys are texts, and numbers are JSON or null")
    }
}

/// Encodes a message as a map with string keys.
fn named_map(message: &impl serde::Serialize) -> Vec<u8> {
    rmp_serde::to_vec_named(message).expect("a message has a known shape, and memory takes it")
}
