//! What to order from Databento, how far each order is, and its verified transfer.
//!
//! [`Service`] makes the calls, [`Tracker`] remembers the orders, [`futures`] and [`equities`] say
//! what is wanted, [`plan`](missing) what of it has to be ordered and what that costs, [`order`]
//! orders it, [`Poll`] fetches it. What the data mean is not known here, nor is anybody asked
//! whether they may be paid for: that is the caller's.

mod decompress;
mod definitions;
pub mod equities;
pub mod futures;
mod instant;
mod job;
mod key;
mod limits;
mod order;
mod parents;
mod place;
mod plan;
mod poll;
mod report;
mod selection;
mod service;
mod tracker;
mod transfer;
mod usd;

pub use decompress::{Compressed, DecompressError, Decompressed, compressed_files, decompress};
pub use instant::Instant;
pub use job::{JobKey, JobRequest, MOST_SYMBOLS};
pub use key::{ApiKey, ApiKeyError};
pub use order::{OrderError, OrderSettings, find_unanswered, order};
pub use parents::{Candidate, Reason, candidates, parents};
pub use plan::{Missing, Plan, Priced, missing, price};
pub use poll::Poll;
pub use report::Failure;
pub use selection::{Market, SchemaTexts, Selection, SelectionError, Skipped};
pub use service::{
    BASE_URL, Backoff, ConnectError, JobDetails, ListedJob, RemoteFile, Resolution, Service,
    ServiceError, ServiceSettings,
};
pub use tracker::{
    Decision, Entry, FileEntry, JobLock, JobState, LockError, NextStep, Tracker, TrackerError,
};
pub use transfer::{Progress, TransferError};
pub use usd::{Usd, UsdError};
