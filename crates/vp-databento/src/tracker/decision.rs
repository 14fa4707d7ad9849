//! Whether a wanted job has to be ordered, or has been.

use super::entry::Entry;
use super::state::JobState;
use crate::job::JobRequest;

/// What is to be done about a job that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It has never been ordered, or not successfully, or as something else.
    Order,
    /// An order of it was begun, and it is not known yet whether it arrived.
    Ask,
    /// It is on order.
    Reuse,
    /// It was downloaded, and its files are gone. Fetching them again is free.
    FetchAgain,
    /// It is done or downloaded.
    Skip,
    /// It was ordered, and the service no longer keeps it. Ordering it again costs again.
    Expired,
}

impl Decision {
    /// Returns what is to be done about a job that is wanted, by what is known of it. `is_on_disk`
    /// says whether its files are where they belong.
    pub fn new(
        entry: Option<&Entry>,
        request: &JobRequest,
        is_on_disk: impl Fn(&Entry) -> bool,
    ) -> Self {
        let Some(entry) = entry.filter(|entry| entry.has_payload_of(request)) else {
            return Self::Order;
        };
        match &entry.state {
            JobState::Submitting => Self::Ask,
            JobState::Downloaded if !is_on_disk(entry) => Self::FetchAgain,
            JobState::Done | JobState::Downloaded => Self::Skip,
            JobState::Submitted
            | JobState::Queued
            | JobState::Processing
            | JobState::Unknown(_) => Self::Reuse,
            JobState::Expired => Self::Expired,
            JobState::Error => Self::Order,
        }
    }
}
