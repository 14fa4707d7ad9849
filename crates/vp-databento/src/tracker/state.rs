//! How far a job is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The state of a job: the service's as it names it, and this program's own before and after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum JobState {
    /// The order is being sent; whether it arrived is not known.
    Submitting,
    /// The service has taken the order.
    Submitted,
    /// It waits its turn.
    Queued,
    /// It is being worked on.
    Processing,
    /// Its files can be downloaded.
    Done,
    /// Its files are in the lake.
    Downloaded,
    /// The service no longer keeps its files.
    Expired,
    /// The service refused the order: nothing was ordered.
    Error,
    /// A state that the service knows and this program does not.
    Unknown(String),
}

/// What a user does about a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing.
    Nothing,
    /// Poll until it is done, then download it.
    Poll,
    /// Submit again: it is found at the service, or ordered.
    Submit,
    /// Decide whether it is worth paying for again.
    Reorder,
}

impl JobState {
    /// Returns the name that the tracker has.
    pub fn name(&self) -> &str {
        match self {
            Self::Submitting => "submitting",
            Self::Submitted => "submitted",
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Downloaded => "downloaded",
            Self::Expired => "expired",
            Self::Error => "error",
            Self::Unknown(name) => name,
        }
    }

    /// Returns the state that the service gives a job by this name. Its words for what only this
    /// program can know are foreign to it.
    pub(crate) fn from_service(name: &str) -> Self {
        match name {
            // The service's word for a job between order and queue.
            "received" | "submitted" => Self::Submitted,
            "queued" => Self::Queued,
            "processing" => Self::Processing,
            "done" => Self::Done,
            "expired" => Self::Expired,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Returns whether the job is at the service and not in the lake yet.
    pub fn is_open(&self) -> bool {
        self.next_step() == NextStep::Poll
    }

    /// Returns what a user does about a job in this state.
    pub fn next_step(&self) -> NextStep {
        match self {
            Self::Downloaded => NextStep::Nothing,
            Self::Submitting | Self::Error => NextStep::Submit,
            Self::Expired => NextStep::Reorder,
            Self::Submitted | Self::Queued | Self::Processing | Self::Done | Self::Unknown(_) => {
                NextStep::Poll
            }
        }
    }
}

impl From<String> for JobState {
    fn from(name: String) -> Self {
        match name.as_str() {
            "submitting" => Self::Submitting,
            "downloaded" => Self::Downloaded,
            "error" => Self::Error,
            other => Self::from_service(other),
        }
    }
}

impl From<JobState> for String {
    fn from(state: JobState) -> Self {
        state.name().to_owned()
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
