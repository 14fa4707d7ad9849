//! A log line for each step, and the list of failures. Nothing is printed here.

use std::fmt;

/// Something that failed and stopped nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What: a job's key, or a symbol and a date.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Failure {
    pub(crate) fn new(what: &dyn fmt::Display, why: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            why: why.to_string(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// Logs a step: what is done, to what, and what is worth knowing about it.
pub(crate) fn step(verb: &str, key: &dyn fmt::Display, detail: impl fmt::Display) {
    tracing::info!("{verb} {key} {detail}");
}
