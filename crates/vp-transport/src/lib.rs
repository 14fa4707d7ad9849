//! How replays reach the world: a server for viewers, and a client. The messages between them are those
//! of [`vp_wire`].
//!
//! The server (feature `server`) runs each replay on a thread of its own, and moves its bytes to
//! viewers; what is replayed, and what a grid is computed from, it does not know. The client (feature
//! `client`) reads what any such server sends.

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "server")]
pub mod server;

#[cfg(feature = "client")]
pub use client::{Client, ClientError};
