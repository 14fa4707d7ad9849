//! A schedule over event time: where a replay starts and ends, what it emits and when.
//!
//! A [`Replay`] drives a [`Producer`], which an app implements, and knows nothing of what is
//! produced. It holds no thread and reads no clock: [`Replay::poll`] takes the time as an argument and
//! says what to do next, so that pacing can be tested to the nanosecond. The sequence of outputs
//! is the same at every speed.

mod checkpoints;
mod pace;
mod producer;
mod replay;
mod throttle;

pub use pace::{Speed, SpeedError};
pub use producer::{Commit, Producer, Stamp};
pub use replay::{Command, Phase, Replay, ReplaySettings, Status, Step};
pub use throttle::Throttle;
