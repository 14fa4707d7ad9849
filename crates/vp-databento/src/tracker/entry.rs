//! What is known of one job.

use serde::{Deserialize, Serialize};

use super::state::JobState;
use crate::instant::Instant;
use crate::job::JobRequest;
use crate::usd::Usd;

/// What is known of one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The service's name of the job, once it has answered.
    pub job_id: Option<String>,
    /// How many symbols were ordered.
    pub symbols_count: u64,
    /// SHA-256 of the sorted symbols, one a line, in hexadecimal.
    pub symbols_digest: String,
    /// What kind of symbols they are.
    pub stype_in: String,
    /// How far the job is.
    pub state: JobState,
    /// When the order was sent, by the service's clock.
    pub submitted_at: Instant,
    /// When this entry last changed, by the service's clock.
    pub updated_at: Instant,
    /// When its last file was in the lake.
    pub downloaded_at: Option<Instant>,
    /// Its data files, as the service lists them.
    pub files: Vec<FileEntry>,
    /// What it costs: estimated, and once it is done as charged.
    pub cost: Option<Usd>,
    /// What last went wrong with it.
    pub error: Option<String>,
    /// The job that this one was ordered in place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// A data file of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Entry {
    /// Returns the entry of an order that is about to be sent.
    pub fn submitting(
        request: &JobRequest,
        now: Instant,
        cost: Option<Usd>,
        replaces: Option<String>,
    ) -> Self {
        Self {
            job_id: None,
            symbols_count: request.symbols.len() as u64,
            symbols_digest: request.symbols_digest(),
            stype_in: request.stype_in.to_string(),
            state: JobState::Submitting,
            submitted_at: now,
            updated_at: now,
            downloaded_at: None,
            files: Vec::new(),
            cost,
            error: None,
            replaces,
        }
    }

    /// Returns whether this is of what `request` asks for. Dataset, schema and date are in the key.
    pub fn has_payload_of(&self, request: &JobRequest) -> bool {
        self.symbols_digest == request.symbols_digest()
            && self.stype_in == request.stype_in.as_str()
    }

    /// Returns how many bytes its files have.
    pub fn bytes(&self) -> u64 {
        self.files
            .iter()
            .fold(0, |sum, file| sum.saturating_add(file.size))
    }
}
