//! What an app plugs into the server: sessions, products, and feeds that replay them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use bytes::Bytes;
use serde::Serialize;
use vp_market::ProductTable;
use vp_replay::Step;

use super::coding::ContentCoding;
use super::flight::{Cancellation, Cancelled};
use super::query::Query;
use vp_wire::{ClientMessage, Error, RuntimeConfig};

/// The app behind a server. Its methods may block: none is called on a thread that moves bytes.
pub trait Backend: Send + Sync + 'static {
    /// Returns what the app is.
    fn service(&self) -> Service;

    /// Returns whether the app can serve.
    ///
    /// # Errors
    /// The reason why it cannot.
    fn health(&self) -> Result<(), String>;

    /// Returns what can be streamed, in order. Called at most once at a time.
    ///
    /// # Errors
    /// [`Cancelled`] if `cancellation`, which is checked for each file, says so.
    fn sessions(&self, cancellation: &Cancellation) -> Result<Vec<SessionEntry>, Cancelled>;

    /// Returns the folders whose place on the server is not shown to clients: in texts for them,
    /// paths below one are relative to it. The log shows whole paths.
    fn private_folders(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Returns the product table.
    fn products(&self) -> &ProductTable;

    /// Reads a query: validates every name and value.
    ///
    /// # Errors
    /// What is wrong with it. The client receives it and the connection is closed.
    fn open(&self, query: Query) -> Result<StreamPlan, Error>;
}

/// What an app is to those who connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name, as `/health` gives it.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The path of its websocket.
    pub stream_path: &'static str,
}

/// A session that can be streamed, or could be if what is missing were there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionEntry {
    /// The kind of instrument.
    pub product_type: String,
    /// The contract or ticker.
    pub symbol: String,
    /// The date, `YYYY-MM-DD`.
    pub dt: String,
    /// `file` or `synthetic`.
    pub source: String,
    /// Whether it can be streamed.
    pub ready: bool,
    /// What is missing for that.
    pub missing: Vec<String>,
}

/// Builds a feed, on the thread that will run it.
pub type OpenFeed = Box<dyn FnOnce() -> Result<Box<dyn Feed>, Error> + Send>;

/// A valid query, ready to become a replay.
pub struct StreamPlan {
    /// Whether other clients may watch the same replay, which then accepts no commands.
    pub shared: bool,
    /// Whether the replay waits for its client instead of leaving grids out.
    pub lossless: bool,
    /// Equal for queries that mean the same replay. It is shown to people: write it with
    /// [`QueryText`](super::QueryText).
    pub key: String,
    /// Opens the source. Not called where a shared replay of that key is running.
    pub open: OpenFeed,
}

impl fmt::Debug for StreamPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamPlan")
            .field("shared", &self.shared)
            .field("lossless", &self.lossless)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// A replay together with its encoder. It lives on a thread of its own.
pub trait Feed {
    /// Returns the message that comes before the next grid.
    fn runtime_config(&self) -> RuntimeConfig;

    /// Does what is due at `now`; an output is a whole encoded message.
    ///
    /// # Errors
    /// If the input broke off. Everything before that has been returned.
    fn poll(&mut self, now: Instant) -> Result<Step<Bytes>, Error>;

    /// Carries a command out.
    ///
    /// # Errors
    /// `bad_message` if it asks for what cannot be; the replay goes on. Any code that closes with
    /// 1011 ends it.
    fn command(&mut self, command: &ClientMessage) -> Result<(), Error>;

    /// Returns the position of the replay. Asked for after every step.
    fn status(&self) -> vp_replay::Status;

    /// Returns the other details of a status. Called each second, and when the phase changes.
    fn details(&self) -> FeedDetails;
}

/// The details of a status beside the position of the replay.
#[derive(Clone, Debug, Default)]
pub struct FeedDetails {
    /// What was wrong with the records so far, by kind.
    pub anomalies: BTreeMap<String, u64>,
    /// How much of the session is done, from 0 to 1, if that is known.
    pub progress: Option<f64>,
    /// A notice for the viewers; shortened gaps are reported without it.
    pub notice: Option<String>,
}

/// Something that a browser can load.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where, from `/` on.
    pub path: String,
    /// What it is, as HTTP names it.
    pub content_type: &'static str,
    /// The bytes themselves.
    pub bytes: Bytes,
    /// The same bytes compressed, the preferred form first.
    pub compressed: Vec<(ContentCoding, Bytes)>,
    /// Whether the bytes at that path never change, so that browsers need not ask again.
    pub is_immutable: bool,
}
